"""What became of one credential that was to be sent, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clrctl.errors import ClrctlError, ExitCode
from clrctl.sending.outcome import Receipt, UploadOutcome
from clrctl.sending.spool import QueuedCredential

if TYPE_CHECKING:
    from clrctl.verifying import Check


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one credential: a receipt, or the error that stands in its place.

    Attributes:
        credential: what was to be sent.
        outcome: what became of it.
        receipt: the endpoint's confirmation.
        error: why there is none; None also where nothing went wrong with this one.
        attempts: requests made for it.
        endpoint_proof: what is to be said of the proof that the endpoint put on it; None where
            there is none.
    """

    credential: QueuedCredential
    outcome: UploadOutcome
    receipt: Receipt | None = None
    error: ClrctlError | None = None
    attempts: int = 0
    endpoint_proof: Check | None = None

    @property
    def answer(self) -> bytes:
        """The credential as the endpoint returned it; empty when it returned none."""
        return self.receipt.answer if self.receipt else b""

    @property
    def was_known(self) -> bool:
        """Whether it was known to be stored, so that no request was made."""
        return self.outcome is UploadOutcome.UNCHANGED and self.receipt is None

    @property
    def status(self) -> int:
        """HTTP status of the last answer; 0 where there was none."""
        told = self.receipt or self.error
        return int(getattr(told, "status", 0))

    @property
    def has_bad_endpoint_proof(self) -> bool:
        """Whether the proof that the endpoint put on it is shown to be wrong."""
        return self.endpoint_proof is not None and self.endpoint_proof.outcome == "invalid"

    def exit_code(self, *, strict: bool = False) -> ExitCode:
        """Return the exit code of a run that consists of this alone.

        What the endpoint dropped or changed is a warning, unless it breaks a nested proof. A proof
        of its own that does not hold is no warning.
        """
        if self.error is not None:
            return self.error.exit_code
        broken = (
            self.receipt is not None and self.receipt.breaks_a_proof
        ) or self.has_bad_endpoint_proof
        altered = strict and self.outcome is UploadOutcome.ALTERED
        return ExitCode.REFUSED if broken or altered else ExitCode.OK
