"""What can become of one credential of a run; the names are those of every report and journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from clrctl.checking import Change


class UploadOutcome(StrEnum):
    """What became of one credential; every input of a run ends as exactly one of these."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    ALTERED = "altered"
    REFUSED = "refused"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    PENDING = "pending"


STORED = (
    UploadOutcome.CREATED,
    UploadOutcome.UPDATED,
    UploadOutcome.UNCHANGED,
    UploadOutcome.ALTERED,
)
"""The endpoint has it; all others are to be sent again."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The endpoint's confirmation that it stored a credential.

    Attributes:
        outcome: created, updated, unchanged or altered.
        status: HTTP status.
        request_id: sent as `X-Request-ID`, for questions to the server's owner.
        answer: the credential as the endpoint returned it; empty when it sent none.
        changes: how it differs from what was sent.
    """

    outcome: UploadOutcome
    status: int
    request_id: str
    answer: bytes = field(repr=False)
    changes: tuple[Change, ...] = ()

    @property
    def breaks_a_proof(self) -> bool:
        """Whether a signed credential inside was lost, or no longer verifies."""
        return any(change.breaks_a_proof for change in self.changes)
