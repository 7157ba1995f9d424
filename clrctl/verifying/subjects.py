"""Whether nested credentials are about whom and what they are filed under.

Sources: CLR 2.0, ClrSubject; Open Badges 3.0, EndorsementSubject, IdentityObject, IdentityHash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from clrctl.document import each, id_of
from clrctl.finding import Json
from clrctl.verifying.verdict import Aspect, Check, invalid, undecided, valid
from clrctl.verifying.walk import CredentialNode

_HASHES = {"sha256": hashlib.sha256, "md5": hashlib.md5}
_DEPTH = 6


def check(held: CredentialNode) -> Iterator[Check]:
    """Yield whether a nested credential is about what it stands in; nothing for others."""
    if held.parent is None or not held.data:
        return
    if held.member == "verifiableCredential" and "credentialSubject" in held.parent.data:
        yield _learner(held, held.parent)
    elif held.member in ("endorsement", "endorsementJwt"):
        yield _endorsed(held)


def _learner(held: CredentialNode, outer: CredentialNode) -> Check:
    path = (*held.path, "credentialSubject")
    inner, around = held.data.get("credentialSubject"), outer.data.get("credentialSubject")
    if is_same(inner, around):
        return valid(Aspect.SUBJECT, path, "about the learner of the record")
    if not id_of(inner) and not _identities(inner):
        message = "it does not say whom it is about"
        return undecided(Aspect.SUBJECT, "unidentified", path, message, "ask its issuer")
    message = f"it is about {_named(inner)}, the record about {_named(around)}"
    return undecided(
        Aspect.SUBJECT,
        "another",
        path,
        message,
        "make sure that both are the same person, or have it issued to the record's learner",
    )


def _named(subject: Json) -> str:
    return id_of(subject) or "somebody with other identifiers"


def is_same(one: Json, other: Json) -> bool:
    """Return whether two subjects are shown to be one: by id, or by an identifier of both.

    A hashed identifier is compared with a plain one by hashing that, and its salt, too.
    """
    if id_of(one) and id_of(one) == id_of(other):
        return True
    return any(_equal(left, right) for left in _identities(one) for right in _identities(other))


def _identities(subject: Json) -> list[dict[str, Json]]:
    found = subject.get("identifier") if isinstance(subject, dict) else None
    return [
        item
        for item in each(found)
        if isinstance(item, dict) and isinstance(item.get("identityHash"), str)
    ]


def _equal(left: dict[str, Json], right: dict[str, Json]) -> bool:
    if left.get("identityType") != right.get("identityType"):
        return False
    if bool(left.get("hashed")) == bool(right.get("hashed")):
        alike: bool = left["identityHash"] == right["identityHash"]
        return alike and (not left.get("hashed") or left.get("salt") == right.get("salt"))
    plain, hashed = (right, left) if left.get("hashed") else (left, right)
    name, _, digest = hashed["identityHash"].partition("$")
    if name not in _HASHES:
        return False
    salted = f"{plain['identityHash']}{hashed.get('salt') or ''}"
    return bool(_HASHES[name](salted.encode()).hexdigest() == digest.lower())


def _endorsed(held: CredentialNode) -> Check:
    """Hold an endorsement to what it stands in: an achievement, a profile, or a credential.

    That of a credential may also be about those who are named in it.
    """
    path = (*held.path, "credentialSubject")
    endorsed = id_of(held.data.get("credentialSubject"))
    if not endorsed:
        message = "it does not say what it endorses"
        return undecided(Aspect.SUBJECT, "unidentified", path, message, "ask the endorser")
    if endorsed in set(_ids(held.holder, _DEPTH)):
        return valid(Aspect.SUBJECT, path, "it endorses what it is in")
    return invalid(
        Aspect.SUBJECT,
        "another",
        path,
        f"it endorses {endorsed}, not what it is in",
        "put it where it belongs, or leave it out",
    )


def _ids(value: Json, depth: int) -> Iterator[str]:
    """Yield the ids in an object, but for those in its endorsements and bundled credentials."""
    if depth and isinstance(value, dict):
        if name := id_of(value):
            yield name
        for member, inner in value.items():
            if member not in ("endorsement", "endorsementJwt", "verifiableCredential", "proof"):
                for item in each(inner):
                    yield from _ids(item, depth - 1)
