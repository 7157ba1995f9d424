"""Signing records as they are built.

The same record and key give the same bytes, as everywhere in a build: each proof is dated with the
`validFrom` of what it signs, not with the moment of the build. So the proof of an award stays the
same when the record around it is about a later day.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from clrctl import signing
from clrctl.building.emitter import Emitted
from clrctl.building.problems import NotBuilt, Note, Problem
from clrctl.document import Document, parse

LEFT = "credentials of other issuers are left unsigned: those issuers have to sign them"


def signed(
    emitted: Emitted, document: Document, options: signing.SignOptions
) -> Iterator[tuple[Emitted, Document] | Note | NotBuilt]:
    """Yield notes on a record, and the record with its proofs, those inside of it first.

    Args:
        emitted: the record.
        document: the same, parsed.
        options: with what, and how; dates and `allow_unsigned` are set here.

    Returns:
        An iterator; where the record cannot be signed, of why it is not built.
    """
    own = dataclasses.replace(
        options, created=emitted.valid_from, dated_by_content=True, allow_unsigned=True
    )
    learner = emitted.record.learner.key
    try:
        done = signing.sign(document, own)
    except signing.NotSigned as problem:
        place = emitted.origin(problem.pointer)
        fix = " ".join(filter(None, [problem.fix, problem.pointer and f"({problem.pointer})"]))
        yield NotBuilt(learner, (Problem(f"cannot be signed: {problem.what}", place, fix),))
        return
    if any(pointer for pointer, _ in done.unsigned):
        yield Note(LEFT)
    yield from map(Note, done.notes)
    again = parse(done.text, source=learner, syntax="json")
    yield dataclasses.replace(emitted, text=done.text), again
