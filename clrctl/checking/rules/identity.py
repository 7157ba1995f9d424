"""Rules on ids and identities: who the learner is, and what a name points at.

Sources: CLR 2.0 and Open Badges 3.0 data model; Open Badges 3.0, IdentityObject and IdentityHash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from clrctl.checking.rules.registry import Fault, rule
from clrctl.finding import Json, Severity, pointer
from clrctl.standard import CREDENTIALS, Node, Path, Tree

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HASH = re.compile(r"(?:sha256\$[0-9a-fA-F]{64}|md5\$[0-9a-fA-F]{32})\Z")
_HASH_PREFIX = re.compile(r"(?:sha256|md5)\$", re.IGNORECASE)


@rule(
    "subject/unidentified",
    on=("ClrSubject", "AchievementSubject"),
    source="CLR 2.0, ClrSubject; Open Badges 3.0, AchievementSubject",
    good={"id": "did:example:learner"},
    bad={"id": None, "identifier": None},
)
def unidentified(node: Node, _: Tree) -> Iterator[Fault]:
    """A subject has an `id` or at least one `identifier`.

    Without either nobody can tell whose record it is.
    """
    known = "id" in node.value or any(True for _ in node.items("identifier"))
    if node.value and not known:
        yield Fault(
            node.path,
            "nothing says who the learner is: neither id nor identifier",
            'add "id", or an "identifier" with an IdentityObject',
        )


@rule(
    "identity/form",
    on=("IdentityObject",),
    source="Open Badges 3.0, IdentityObject, IdentityHash",
    good={"hashed": False, "identityHash": "0041877"},
    bad={"hashed": True, "identityHash": "0041877"},
)
def identity_form(node: Node, _: Tree) -> Iterator[Fault]:
    """`identityHash` has the form that `hashed` announces.

    Hashed: `sha256$` or `md5$` and hexadecimal digits. Not hashed: the plain identifier. A reader
    that compares identities trusts this flag.
    """
    text = node.text("identityHash")
    if text is None:
        return
    path = (*node.path, "identityHash")
    if node.value.get("hashed") is True and not _HASH.match(text):
        yield Fault(
            path,
            "hashed is true, but this is not sha256$ or md5$ and the digest's hexadecimal digits",
            "hash the identifier followed by the salt, or set hashed to false",
        )
    elif node.value.get("hashed") is False and _HASH_PREFIX.match(text):
        yield Fault(path, "hashed is false, but this looks like a digest", "set hashed to true")


@rule(
    "id/duplicate",
    on=("Achievement", "ClrSubject", "ResultDescription"),
    source="Open Badges 3.0: an id is an unambiguous reference",
    good={},
    bad={
        "resultDescription": [
            {
                "id": "urn:uuid:1",
                "type": ["ResultDescription"],
                "name": "Grade",
                "resultType": "Result",
            },
            {
                "id": "urn:uuid:1",
                "type": ["ResultDescription"],
                "name": "Points",
                "resultType": "Result",
            },
        ]
    },
)
def duplicate(node: Node, _: Tree) -> Iterator[Fault]:
    """Ids are given once among nested credentials, result descriptions and rubric levels.

    Others refer to them by id; with two of one id nobody knows which is meant, and a server
    keeps one of two credentials.
    """
    member = {
        "ClrSubject": "verifiableCredential",
        "Achievement": "resultDescription",
        "ResultDescription": "rubricCriterionLevel",
    }[node.cls]
    for path, first in _repeated(node.objects(member)):
        yield Fault(
            (*path, "id"),
            f"this id is already taken by {pointer(first)}",
            "give each its own id, or remove the repetition",
        )


def _repeated(objects: Iterable[tuple[Path, dict[str, Json]]]) -> Iterator[tuple[Path, Path]]:
    first: dict[str, Path] = {}
    for path, item in objects:
        name = item.get("id")
        if isinstance(name, str) and first.setdefault(name, path) != path:
            yield path, first[name]


@rule(
    "id/conflict",
    on=("Achievement",),
    severity=Severity.WARNING,
    source="JSON-LD 1.1: nodes with one @id are one node",
    good={"name": "Algebra I"},
    bad={"id": "urn:example:taken", "name": "Algebra II"},
)
def conflict(node: Node, tree: Tree) -> Iterator[Fault]:
    """An achievement that appears in several places has the same content in each.

    JSON-LD merges objects with one id into one, so that differing members add up to an
    achievement that nobody wrote.
    """
    first = tree.achievements.get(node.text("id") or "")
    if first is not None and first is not node and first.value != node.value:
        yield Fault(
            (*node.path, "id"),
            f"the achievement {pointer(first.path)} has this id too, and other content",
            "give different achievements different ids, and repeat one with the same content",
        )


# The identities that tell who a person is to everybody who reads them.
_PERSONAL = ("emailAddress", "nationalIdentityNumber", "accountId", "userName")


@rule(
    "identity/exposed",
    on=("IdentityObject",),
    severity=Severity.WARNING,
    source="Open Badges 3.0, IdentityObject: hashing; NIST SP 800-131A on MD5",
    good={"hashed": False, "identityType": "sisSourcedId", "identityHash": "0041877"},
    bad={"hashed": False, "identityType": "emailAddress", "identityHash": "a@example.com"},
)
def identity_exposed(node: Node, _: Tree) -> Iterator[Fault]:
    """Personal identities are hashed, with SHA-256 and a salt.

    A CLR is meant to be shown around. An address in plain text, or a hash that a list of
    addresses gives away (no salt, or MD5), shows it to every reader.
    """
    text = node.text("identityHash")
    if text is None or node.text("identityType") not in _PERSONAL:
        return
    path = (*node.path, "identityHash")
    if node.value.get("hashed") is False and not _HASH_PREFIX.match(text):
        yield Fault(
            path,
            f"{node.value['identityType']} is here in plain text",
            "hash it: sha256$ and the digest of the value followed by a salt",
        )
    elif node.value.get("hashed") is True and text.startswith("md5$"):
        yield Fault(path, "MD5 is broken", "use sha256$")
    elif node.value.get("hashed") is True and not node.value.get("salt"):
        yield Fault(
            node.path,
            "a hash without salt is undone by trying out addresses",
            'add "salt" and hash again',
        )


@rule(
    "identifier/form",
    on=("IdentifierEntry", "IdentityObject"),
    severity=Severity.WARNING,
    source="Open Badges 3.0, IdentifierTypeEnum; ISO 2108, ISO 3297",
    good={"identifierType": "isbn", "identifier": "978-3-16-148410-0"},
    bad={"identifierType": "isbn", "identifier": "978-3-16-148410-1"},
)
def identifier_form(node: Node, _: Tree) -> Iterator[Fault]:
    """An identifier has the form of its type: an ISBN or ISSN its check digit, an e-mail its @.

    Otherwise it was mistyped, or is of another type.
    """
    member = "identifier" if node.cls == "IdentifierEntry" else "identityHash"
    text = node.text(member)
    kind = node.text("identifierType") or node.text("identityType") or ""
    if text is None or node.value.get("hashed") is True:
        return
    good = {"isbn": _is_isbn, "issn": _is_issn, "emailAddress": _is_email}.get(kind)
    if good is not None and not good(text):
        yield Fault((*node.path, member), f"this is not an identifier of type {kind}", "check it")


def _is_isbn(text: str) -> bool:
    digits = text.upper().replace("-", "").replace(" ", "")
    if re.fullmatch(r"[0-9]{13}", digits):
        return sum(int(digit) * (1, 3)[n % 2] for n, digit in enumerate(digits)) % 10 == 0
    return bool(re.fullmatch(r"[0-9]{9}[0-9X]", digits)) and _checksum_11(digits)


def _is_issn(text: str) -> bool:
    digits = text.upper().replace("-", "")
    return bool(re.fullmatch(r"[0-9]{7}[0-9X]", digits)) and _checksum_11(digits)


def _checksum_11(digits: str) -> bool:
    values = [10 if digit == "X" else int(digit) for digit in digits]
    return sum(value * weight for weight, value in enumerate(reversed(values), 1)) % 11 == 0


def _is_email(text: str) -> bool:
    return re.fullmatch(r"[^@\s]+@[^@\s]+", text) is not None


@rule(
    "id/uuid",
    on=(*CREDENTIALS, "Profile", "Achievement", "ClrSubject", "AchievementSubject"),
    severity=Severity.WARNING,
    source="RFC 9562, section 4; URN namespace uuid",
    good={"id": "urn:uuid:6f0f1c5e-0000-4000-8000-000000000000"},
    bad={"id": "urn:uuid:transcript-7"},
)
def uuid(node: Node, _: Tree) -> Iterator[Fault]:
    """What begins with `urn:uuid:` goes on with a UUID.

    Another text there names nothing: no UUID can ever be equal to it.
    """
    named = node.text("id")
    if named is None or named[:9].lower() != "urn:uuid:" or _UUID.fullmatch(named[9:]):
        return
    yield Fault(
        (*node.path, "id"),
        f'"{named[9:49]}" is no UUID',
        "write 32 hexadecimal digits as 8-4-4-4-12, or an address of yours instead of urn:uuid:",
    )


@rule(
    "subject/other",
    on=("AchievementSubject",),
    severity=Severity.WARNING,
    source="CLR 2.0, ClrSubject: the publisher vouches that all credentials are about one person",
    good={"id": "did:example:learner"},
    bad={"id": "did:example:somebody-else"},
)
def subject_other(node: Node, tree: Tree) -> Iterator[Fault]:
    """Nested credentials are about the learner of the CLR.

    They may name the learner differently; with another id and no identifier in common it may
    be somebody else's credential.
    """
    learner = _learner(node)
    own, outer = node.text("id"), learner.text("id") if learner else None
    if learner is None or own is None or outer is None or own == outer:
        return
    if ":" not in own or ":" not in outer:
        return  # id/uri
    if not _identities(node) & _identities(learner):
        yield Fault(
            (*node.path, "id"),
            "this credential names another subject than the CLR, and no identifier in common",
            "make sure that it belongs to this learner",
        )


def _learner(node: Node) -> Node | None:
    around = node.parent.parent if node.parent else None
    return around if around is not None and around.cls == "ClrSubject" else None


def _identities(node: Node) -> set[tuple[str, str]]:
    return {
        (str(item.get("identityType")), str(item.get("identityHash")))
        for _, item in node.objects("identifier")
    }
