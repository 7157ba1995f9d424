"""Whether a credential is about the learner of the record.

Source: Open Badges 3.0, IdentityObject and IdentityHash: `sha256$` and the digest of the value
followed by the salt.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from clrctl.building.ids import Ids
from clrctl.building.model import Learner, Record
from clrctl.finding import Json
from clrctl.util import Secret

_EMAIL = "emailAddress"


@dataclass(frozen=True, slots=True)
class Known:
    """What a learner is known by.

    Attributes:
        ids: the subject's id in the record, and others that somebody vouches for.
        identities: pairs of a type and a plain value. Names are not among them: two people may
            have one.
    """

    ids: frozenset[str]
    identities: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, learner: Learner, id: str, others: frozenset[str] = frozenset()) -> Known:
        """Return what the learner of a record is known by.

        Args:
            learner: whom.
            id: the subject's id in the record.
            others: ids that mean the same person, as somebody says.
        """
        pairs = [(_EMAIL, learner.email)] if learner.email else []
        pairs += [(one.kind, one.value) for one in learner.identifiers]
        return cls(frozenset({id, *others}), tuple(pairs))

    def is_about(self, subject: dict[str, Json]) -> bool:
        """Return whether a subject is this learner: by its id, or by one of its identifiers."""
        if subject.get("id") in self.ids:
            return True
        held = subject.get("identifier")
        entries = held if isinstance(held, list) else [held]
        return any(isinstance(one, dict) and self._names(one) for one in entries)

    def _names(self, identity: dict[str, Json]) -> bool:
        text, salt = identity.get("identityHash"), identity.get("salt", "")
        if not isinstance(text, str) or not isinstance(salt, str):
            return False
        for kind, value in self.identities:
            if identity.get("identityType") not in (kind, None):
                continue
            for spelling in _spellings(kind, value):
                plain = spelling.casefold() if kind == _EMAIL else spelling
                if text.lower() == _digest(spelling, salt):
                    return True
                if identity.get("hashed") is not True and plain == (
                    text.strip().casefold() if kind == _EMAIL else text
                ):
                    return True
        return False


def known_by(record: Record, secret: Secret | None, others: frozenset[str] = frozenset()) -> Known:
    """Return what the learner of a record is known by.

    Args:
        record: the record.
        secret: what ids of persons depend on.
        others: ids that mean the same person, as somebody vouches.
    """
    learner = record.learner
    ids = Ids(record.frame.issuer.id, secret, record.frame.ids)
    return Known.of(learner, learner.id or ids.learner(learner.key), others)


def _spellings(kind: str, value: str) -> Iterator[str]:
    """Yield what may have been hashed: addresses as given, and as most verifiers take them."""
    yield value
    if kind == _EMAIL:
        yield value.strip()
        yield value.strip().lower()


def _digest(value: str, salt: str) -> str:
    return "sha256$" + hashlib.sha256((value + salt).encode()).hexdigest()
