"""What a recipe includes: held to the rules of wrapping, with no exceptions agreed to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from clrctl.building.model import Record
from clrctl.building.problems import Problem
from clrctl.building.wrap.judging import Judged, Terms, goes_in, judge
from clrctl.building.wrap.learner import known_by
from clrctl.building.wrap.reasons import WrapOutcome
from clrctl.document import Carried, Limits, Piece, carriers
from clrctl.errors import InputError
from clrctl.util import Secret
from clrctl.verifying import Verifier


def carried(record: Record) -> Iterator[Carried | InputError]:
    """Yield what the files that a record includes carry."""
    return carriers.opened(
        Piece(one.place.source, Limits(), None, len(one.text), one.text)
        for one in record.wrapped
        if not one.decided
    )


def decided(
    record: Record, secret: Secret | None, now: datetime
) -> tuple[Record, tuple[Problem, ...]]:
    """Return a record with what it includes decided, and what may not go in.

    Args:
        record: a record that includes files, or credentials that are decided already.
        secret: what ids of persons depend on.
        now: the moment that counts as today.
    """
    judged = judge(carried(record), record, known_by(record, secret), Terms(now), Verifier(now=now))
    already = [one for one in record.wrapped if one.decided]
    problems = tuple(_problem(one) for one in judged if one.outcome is WrapOutcome.REFUSED)
    return replace(record, wrapped=(*already, *goes_in(judged))), problems


def _problem(judged: Judged) -> Problem:
    fix = f"{judged.fix} (see clrctl wrap)" if "--" in judged.fix else judged.fix
    return Problem(f"it cannot be included: {judged.why}", judged.place, fix)
