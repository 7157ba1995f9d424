"""Checking many documents: in this process, or spread over an executor."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from clrctl.checking import validation
from clrctl.checking.policy import AS_IS, Policy
from clrctl.document import Document, Executor, Piece, look_at_all
from clrctl.errors import InputError
from clrctl.finding import Report


@dataclass(frozen=True, slots=True)
class ValidateOptions:
    """What documents are held to.

    Attributes:
        rulesets: `standard`, `timeback`, or both.
        policy: what is ignored, and what has another severity.
        now: the moment that counts as today; None leaves out the rules that depend on it.
    """

    rulesets: Sequence[str] = (validation.STANDARD,)
    policy: Policy = AS_IS
    now: datetime | None = None


def check_all(
    pieces: Iterable[Piece | InputError],
    options: ValidateOptions = ValidateOptions(),
    *,
    executor: Executor | None = None,
) -> Generator[Report | InputError, None, None]:
    """Check every document of the pieces; the reports come in their order.

    Args:
        pieces: as for `look_at_all`.
        options: what the documents are held to.
        executor: as for `look_at_all`.

    Raises:
        ClrctlError: as `look_at_all`.
    """
    return look_at_all(pieces, partial(_checked, options=options), executor=executor)


def _checked(document: Document, *, options: ValidateOptions) -> Report:
    report = validation.check(document, options.rulesets, policy=options.policy, now=options.now)
    return replace(report, raw=document.raw) if report.findings else report
