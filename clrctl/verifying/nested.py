"""Verification in the flow: the proofs in a record that is sent, and on the one that comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from clrctl.finding import Finding, Json, Severity
from clrctl.verifying.engine import Verifier
from clrctl.verifying.trust import Trust
from clrctl.verifying.verdict import Aspect, Check, Outcome, worst

BROKEN = "proof/broken"
UNDECIDED = "proof/undecided"
_KEYS = "see clrctl verify; a trust file named in the config file holds for this command, too"
# A rule of the standard says it already.
_TOLD = ("purpose",)


def findings(
    data: dict[str, Json], found: Sequence[Finding], *, trust: Trust, now: datetime
) -> list[Finding]:
    """Return what is to be said of the proofs in a record: of those that hold, nothing.

    A proof that is shown to be wrong is an error, `proof/broken`; one that cannot be checked with
    what is at hand a warning, `proof/undecided`.

    Args:
        data: the record.
        found: what was found in it before; where an error was, it is not said again.
        trust: whose keys are believed.
        now: the moment that counts as today.
    """
    errors = {each.pointer for each in found if each.severity is Severity.ERROR}
    verifier = Verifier(trust, now=now)
    return [
        _finding(check)
        for check in verifier.proofs(data)
        if check.outcome is not Outcome.VALID
        and check.reason not in _TOLD
        and not any(f"{place}/".startswith(f"{check.pointer}/") for place in errors)
    ]


def outermost(data: dict[str, Json], *, trust: Trust, now: datetime) -> Check | None:
    """Return the worst that is to be said of a record's own proofs; None where it has none."""
    found = list(Verifier(trust, now=now).own_proofs(data))
    gravest = worst(check.outcome for check in found)
    return next((check for check in found if check.outcome is gravest), None)


def _finding(check: Check) -> Finding:
    is_wrong = check.outcome is Outcome.INVALID
    return Finding(
        BROKEN if is_wrong else UNDECIDED,
        Severity.ERROR if is_wrong else Severity.WARNING,
        check.pointer,
        check.message,
        _KEYS if check.aspect is Aspect.ISSUER and not is_wrong else check.fix,
    )
