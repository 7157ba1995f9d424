"""Checking many documents: in this process, or spread over several."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from clrctl.checking import validation
from clrctl.checking.policy import AS_IS, Policy
from clrctl.document import Document, Piece
from clrctl.errors import InputError
from clrctl.finding import FileReport

if TYPE_CHECKING:
    pass
from clrctl.document import look_at_all

Checked: TypeAlias = tuple[FileReport, bytes] | InputError
"""A report, with the bytes of its document if there are findings; or why an input has none."""


def check_all(
    pieces: Iterable[Piece | InputError],
    rulesets: Sequence[str] = (validation.STANDARD,),
    *,
    policy: Policy = AS_IS,
    now: datetime | None = None,
    jobs: int = 1,
) -> Generator[Checked, None, None]:
    """Check every document of the pieces; the results are in their order.

    Args:
        pieces: as for `look_at_all`.
        rulesets: as for `validation.check`.
        policy: as for `validation.check`.
        now: as for `validation.check`.
        jobs: as for `look_at_all`.

    Raises:
        ClrctlError: as `look_at_all`.
    """
    check = partial(_checked, rulesets=tuple(rulesets), policy=policy, now=now)
    return look_at_all(pieces, check, jobs=jobs)


def _checked(
    document: Document, *, rulesets: Sequence[str], policy: Policy, now: datetime | None
) -> tuple[FileReport, bytes]:
    report = validation.check(document, rulesets, policy=policy, now=now)
    return report, document.raw if report.findings else b""
