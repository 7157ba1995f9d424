"""Signing records as they are built.

The same record and key give the same bytes, as everywhere in a build: each proof is dated with the
`validFrom` of what it signs, not with the moment of the build. So the proof of an award stays the
same when the record around it tells of a later day.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from clrctl import signing
from clrctl.building.problems import Note, Problem, Unbuilt
from clrctl.building.run import BuildOutcome, Built
from clrctl.document import parse

LEFT = "credentials of other issuers are left unsigned: those issuers have to sign them"


def signed(outcomes: Iterable[BuildOutcome], manner: signing.SignOptions) -> Iterator[BuildOutcome]:
    """Sign the records among what was built, those inside of each first.

    Args:
        outcomes: what became of every record.
        manner: with what, and how; dates and `allow_unsigned` are set here.

    Returns:
        An iterator of the same outcomes, with proofs; a record that cannot be signed is not built.
    """
    for outcome in outcomes:
        if isinstance(outcome, Built):
            yield from _signed(outcome, manner)
        else:
            yield outcome


def _signed(built: Built, manner: signing.SignOptions) -> Iterator[BuildOutcome]:
    emitted = built.emitted
    own = dataclasses.replace(
        manner, created=emitted.valid_from, dated_by_content=True, allow_unsigned=True
    )
    learner = emitted.record.learner.key
    try:
        done = signing.sign(built.document, own)
    except signing.NotSigned as problem:
        place = emitted.origin(problem.pointer)
        fix = " ".join(filter(None, [problem.fix, problem.pointer and f"({problem.pointer})"]))
        yield Unbuilt(learner, (Problem(f"cannot be signed: {problem.what}", place, fix),))
        return
    if any(pointer for pointer, _ in done.unsigned):
        yield Note(LEFT)
    yield from map(Note, done.notes)
    document = parse(done.text, source=learner, syntax="json")
    yield Built(dataclasses.replace(emitted, text=done.text), document, built.warnings)
