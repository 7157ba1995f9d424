"""From what was decided to the record: built, checked, and held against its sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from clrctl.builder.building import Built, build
from clrctl.builder.emitter import Emitter, Manner
from clrctl.builder.model import Record
from clrctl.builder.problem import Problem, Unbuilt
from clrctl.builder.wrapping.fitting import STANDARD
from clrctl.builder.wrapping.judging import Judged, Terms, goes_in
from clrctl.builder.wrapping.texts import kept
from clrctl.errors import ClrctlError


def make(
    record: Record,
    judged: Iterable[Judged],
    manner: Manner,
    terms: Terms,
    vouched: Iterable[str] = (),
) -> Built | Unbuilt:
    """Return the record with everything in it that goes in, or why there is none.

    Args:
        record: as its recipe has it; what it includes is among what was judged.
        judged: what was decided about each credential.
        manner: how it is written.
        terms: for what counts as now.
        vouched: ids that somebody says are the learner's; the provenance has them as notes.
    """
    judged = list(judged)
    notes = [f"--same-person: {id} is the learner too" for id in vouched]
    notes += [f"{one.place}: {note}" for one in judged for note in one.notes]
    record = replace(record, wrapped=tuple(goes_in(judged)), notes=(*record.notes, *notes))
    if not record.awards and not record.wrapped:
        problem = Problem("no credential can be wrapped, so there is no record", record.place)
        return Unbuilt(record.learner.key, (problem,))
    (built,) = build([record], Emitter(manner), now=terms.now, rulesets=(STANDARD, *terms.rulesets))
    assert isinstance(built, Built | Unbuilt)  # noqa: S101 - what becomes of a record
    if isinstance(built, Built) and not kept(
        built.emitted.text, [one.text for one in record.wrapped]
    ):
        raise ClrctlError("a wrapped credential would not stand in the record as it was read")
    return built
