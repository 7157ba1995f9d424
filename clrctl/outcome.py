"""What can become of one credential of a run; the names are those of every report and journal."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of one credential; every input of a run ends as exactly one of these."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    ALTERED = "altered"
    REFUSED = "refused"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    PENDING = "pending"


STORED = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.ALTERED)
"""The endpoint has it; all others are to be sent again."""
