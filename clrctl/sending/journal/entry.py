"""What the journal records of a credential and of a run, as plain data.

It knows nothing of how that is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import orjson

from clrctl.document import canonical
from clrctl.sending.outcome import UploadOutcome

Key: TypeAlias = tuple[str, str]
"""What makes two credentials the same one: issuer id and credential id."""

Noted: TypeAlias = tuple[Key, bytes, str, str]
"""An input of a run: key, digest, source, validFrom."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one credential.

    Attributes:
        key: issuer id and credential id.
        digest: `digest` of the version that `outcome` is about.
        outcome: what became of it; `pending` while it was not sent.
        status: HTTP status of the last answer; 0 where there was none.
        attempts: how many requests it took.
        at: when that was noted, in Unix seconds.
        detail: short reason of a failure; quotes nothing of the record.
        valid_from: `validFrom` of the version last stored; empty where unknown.
        source: the input it last came from.
        inflight_digest: version of a request whose fate is not known; None when there is none.
        inflight_until: until when that request may still arrive, in Unix seconds.
        sent_digest: version last known to be stored; None when none is.
    """

    key: Key
    digest: bytes
    outcome: UploadOutcome
    status: int
    attempts: int
    at: float
    detail: str
    valid_from: str
    source: str
    inflight_digest: bytes | None
    inflight_until: float
    sent_digest: bytes | None = None

    @property
    def in_doubt(self) -> bool:
        """Whether a request was made whose fate is not known."""
        return self.inflight_digest is not None or self.outcome is UploadOutcome.UNCONFIRMED


class JournalRun(NamedTuple):
    """When the last upload began and ended, in Unix seconds; None while it has no end."""

    began: float
    ended: float | None


def digest(body: bytes) -> bytes:
    """Return the SHA-256 of a JSON text's canonical form (RFC 8785).

    Members in another order, white space and other spellings of numbers and characters do not
    change it.
    """
    return hashlib.sha256(canonical.encode(orjson.loads(body))).digest()


def sources(entries: Iterable[Entry]) -> list[str]:
    """Return the inputs that these came from, each once, in order; standard input left out."""
    return [name for name in dict.fromkeys(entry.source for entry in entries) if name.strip("-")]
