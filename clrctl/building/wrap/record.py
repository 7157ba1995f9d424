"""From what was decided to the record: built, checked, and held against its sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from clrctl.building.emitter import EmitOptions
from clrctl.building.model import Record
from clrctl.building.problems import NotBuilt, Problem
from clrctl.building.run import BuildOptions, Built, build
from clrctl.building.wrap.fitting import STANDARD
from clrctl.building.wrap.judging import Judged, Terms, goes_in
from clrctl.building.wrap.texts import kept
from clrctl.errors import ClrctlError


def make(
    record: Record,
    judged: Iterable[Judged],
    emit: EmitOptions,
    terms: Terms,
    vouched: Iterable[str] = (),
) -> Built | NotBuilt:
    """Return the record with everything in it that goes in, or why there is none.

    Args:
        record: as its recipe has it; what it includes is among what was judged.
        judged: what was decided about each credential.
        emit: how it is written.
        terms: for what counts as now.
        vouched: ids that somebody says are the learner's; the provenance has them as notes.
    """
    judged = list(judged)
    notes = [f"--same-person: {id} is the learner too" for id in vouched]
    notes += [f"{one.place}: {note}" for one in judged for note in one.notes]
    record = replace(record, wrapped=tuple(goes_in(judged)), notes=(*record.notes, *notes))
    if not record.awards and not record.wrapped:
        problem = Problem("no credential can be wrapped, so there is no record", record.place)
        return NotBuilt(record.learner.key, (problem,))
    options = BuildOptions(terms.now, emit=emit, rulesets=(STANDARD, *terms.rulesets))
    (built,) = build([record], options)
    assert isinstance(built, Built | NotBuilt)  # noqa: S101 - what becomes of a record
    if isinstance(built, Built) and not kept(built.text, [one.text for one in record.wrapped]):
        raise ClrctlError("a wrapped credential would not be in the record as it was read")
    return built
