"""What an upload would do: which credentials the endpoint does not have as they are now.

It compares checked inputs with the journal of what was sent. It makes no request, so that it
tells nothing of what others have stored.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import orjson

from clrctl.finding import Finding, Report, Severity
from clrctl.sending import fingerprint
from clrctl.sending.endpoints import Endpoint
from clrctl.sending.journal import Entry, Journal
from clrctl.sending.outcome import STORED
from clrctl.sending.prepare import Prepared
from clrctl.sending.spool import QueuedCredential
from clrctl.standard import instant


class PlanState(StrEnum):
    """How a credential stands to what was sent before."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    IN_DOUBT = "in doubt"


@dataclass(frozen=True, slots=True)
class PlanStep:
    """What an upload would do with one credential: it sends all that are not `unchanged`.

    Attributes:
        report: what was found in it.
        id: its id.
        state: how it stands to what was sent before.
        pointers: JSON Pointers to what changed since; `""` where that cannot be said.
        detail: in words, why it is in doubt or was not stored; may be empty.
        warning: that its `validFrom` does not move on with its content.
    """

    report: Report
    id: str
    state: PlanState
    pointers: tuple[str, ...] = ()
    detail: str = ""
    warning: Finding | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What an upload would do.

    Attributes:
        endpoint: where it would send to.
        steps: one for each credential, in the order of the inputs.
        known: whether anything was sent there before, as far as is known here.
    """

    endpoint: Endpoint
    steps: tuple[PlanStep, ...]
    known: bool

    @property
    def counts(self) -> Counter[PlanState]:
        """Number of credentials in each state."""
        return Counter(step.state for step in self.steps)

    @property
    def to_send(self) -> int:
        """Number of credentials that would be sent."""
        return len(self.steps) - self.counts[PlanState.UNCHANGED]


def of(prepared: Prepared, journal: Journal | None, endpoint: Endpoint) -> Plan:
    """Compare what is ready to be sent with what was; without a journal everything is new.

    Raises:
        InputError: the journal, or again one of the files, cannot be read.
    """
    steps = tuple(_step(parcel, journal) for parcel in prepared.queue)
    return Plan(endpoint, steps, known=journal is not None)


def _step(parcel: QueuedCredential, journal: Journal | None) -> PlanStep:
    entry = journal.lookup(parcel.key) if journal else None
    if journal is None or entry is None:
        return PlanStep(parcel.report, parcel.id, PlanState.NEW)
    pointers: tuple[str, ...] = ()
    if entry.sent_digest not in (None, parcel.digest):
        data = orjson.loads(parcel.body())
        pointers = tuple(fingerprint.changed(journal.fingerprint(entry.key), data))
    warning = _stale(entry.valid_from, parcel.valid_from) if pointers else None
    state = _state(entry, parcel.digest)
    return PlanStep(parcel.report, parcel.id, state, pointers, _detail(entry), warning)


def _state(entry: Entry, version: bytes) -> PlanState:
    if entry.in_doubt:
        return PlanState.IN_DOUBT
    if entry.sent_digest is None:
        return PlanState.NEW
    if entry.sent_digest != version:
        return PlanState.CHANGED
    return PlanState.UNCHANGED if _settled(entry) else PlanState.IN_DOUBT


def _settled(entry: Entry) -> bool:
    return entry.outcome in STORED and entry.digest == entry.sent_digest


def _detail(entry: Entry) -> str:
    if entry.in_doubt:
        return "a request was made, and what became of it is not known"
    if entry.outcome in STORED:
        return ""
    reason = f": {entry.detail}" if entry.detail else ""
    return f"{entry.outcome} on {datetime.fromtimestamp(entry.at, UTC):%Y-%m-%d}{reason}"


def _stale(before: str, now: str) -> Finding | None:
    """Return a warning where a newer version does not say that it is newer.

    Of two credentials with the same issuer and id the one with the later `validFrom` is current
    (Open Badges 3.0, equality and comparison).
    """
    old, new = instant(before), instant(now)
    if old is None or new is None or old < new:
        return None
    return Finding(
        code="plan/valid-from",
        severity=Severity.WARNING,
        pointer="/validFrom",
        message=f"the content has changed since it was sent with validFrom {before}, and {now} "
        "is not later",
        fix="raise validFrom: of two versions the later one counts; awardedDate keeps the first",
    )
