"""Rules on ids and identities: who the learner is, and what a name points at.

Sources: CLR 2.0 and Open Badges 3.0 data model; Open Badges 3.0, IdentityObject and IdentityHash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from clrctl.finding import Json, Severity, pointer
from clrctl.rules.registry import Fault, rule
from clrctl.tree import Node, Path, Tree

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
    if "id" not in node.value and not any(True for _ in node.items("identifier")):
        yield Fault(
            node.path,
            "nothing tells who the learner is: neither id nor identifier",
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
    bad={"id": "urn:uuid:taken", "name": "Algebra II"},
)
def conflict(node: Node, tree: Tree) -> Iterator[Fault]:
    """An achievement that stands in several places says the same in each.

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
