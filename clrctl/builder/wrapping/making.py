"""From what was decided to the record: built, checked, and held against its sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from clrctl.builder.building import Built, build
from clrctl.builder.emitter import Emitter, Manner
from clrctl.builder.ids import Ids
from clrctl.builder.model import Record
from clrctl.builder.problem import Problem, Unbuilt
from clrctl.builder.wrapping.judging import Judged, Terms
from clrctl.builder.wrapping.learner import Known
from clrctl.builder.wrapping.texts import kept
from clrctl.errors import ClrctlError


def known_by(record: Record, manner: Manner, others: frozenset[str] = frozenset()) -> Known:
    """Return what the learner of a record is known by.

    Args:
        record: the record.
        manner: how it is to be written, which decides the learner's id.
        others: ids that mean the same person, as somebody vouches.
    """
    learner = record.learner
    ids = Ids(record.frame.issuer.id, manner.secret, record.frame.ids)
    return Known.of(learner, learner.id or ids.learner(learner.key), others)


def make(record: Record, judged: Iterable[Judged], manner: Manner, terms: Terms) -> Built | Unbuilt:
    """Return the record with everything in it that goes in, or why there is none.

    Args:
        record: as its recipe has it.
        judged: what was decided about each credential.
        manner: how it is written.
        terms: for what counts as now.
    """
    wrapped = [one.wrapped for one in judged if one.wrapped is not None]
    record = replace(record, wrapped=(*record.wrapped, *wrapped))
    if not record.awards and not record.wrapped:
        problem = Problem("no credential can be wrapped, so there is no record", record.place)
        return Unbuilt(record.learner.key, (problem,))
    (built,) = build([record], Emitter(manner), now=terms.now)
    assert isinstance(built, Built | Unbuilt)  # noqa: S101 - what becomes of a record
    if isinstance(built, Built) and not kept(
        built.emitted.text, [one.text for one in record.wrapped]
    ):
        raise ClrctlError("a wrapped credential would not stand in the record as it was read")
    return built
