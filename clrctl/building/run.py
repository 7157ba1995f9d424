"""A build, one record at a time: what doors yield is written, checked, and handed on.

Every record is parsed and validated as the bytes it will be, before anybody writes it anywhere.
Nothing is kept of a record that was handed on, so that a build of any size needs little memory.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from clrctl.building.emitter import Emitted, Emitter
from clrctl.building.model import Record, When
from clrctl.building.problems import (
    Note,
    Problem,
    Skipped,
    Unbuilt,
)
from clrctl.building.sources import Item
from clrctl.checking import Policy, validation
from clrctl.document import Document, parse
from clrctl.finding import Finding, Json, Severity

RULESETS = ("standard", "timeback")
"""What every record is held to before it is written."""

_POLICY = Policy(ignore=frozenset({"proof/missing", "timeback/unlisted"}))
"""Leaves out warnings that say nothing of the source: nothing is signed yet, and the endpoint's
page lists only some of the standard's members."""


@dataclass(frozen=True, slots=True)
class Built:
    """A record that was built and is valid.

    Attributes:
        emitted: what is to be written.
        document: the same, parsed.
        warnings: what validation warned of, but for what is expected.
    """

    emitted: Emitted
    document: Document
    warnings: tuple[Finding, ...] = ()


BuildOutcome: TypeAlias = "Built | Unbuilt | Skipped | Note"


def build(
    items: Iterable[Item],
    emitter: Emitter,
    *,
    now: datetime,
    as_of: When | None = None,
    rulesets: Sequence[str] = RULESETS,
) -> Iterator[BuildOutcome]:
    """Build what doors yield.

    Args:
        items: records, learners whose record the source does not give, and what it left out.
        emitter: writes the records.
        now: the moment that counts as today, for warnings alone.
        as_of: the day or moment that all records tell of, in the place of their own.
        rulesets: what they are held to.

    Returns:
        An iterator of what became of them, in their order.
    """
    for item in items:
        if not isinstance(item, Record):
            yield item
            continue
        record = item if as_of is None else dataclasses.replace(item, as_of=as_of)
        if any(not one.decided for one in record.wrapped):
            record, problems = _included(record, emitter, now)
            if problems:
                yield Unbuilt(record.learner.key, problems)
                continue
        emitted = emitter.emit(record)
        yield emitted if isinstance(emitted, Unbuilt) else _checked(emitted, now, rulesets)


def _included(
    record: Record, emitter: Emitter, now: datetime
) -> tuple[Record, tuple[Problem, ...]]:
    # Few records include credentials, and what verifies them takes time to import.
    from clrctl.building.wrap import including

    return including.decided(record, emitter.secret, now)


def _checked(emitted: Emitted, now: datetime, rulesets: Sequence[str]) -> BuildOutcome:
    document = parse(emitted.text, source=emitted.record.learner.key, syntax="json")
    found = document.faults or validation.check_data(
        document.data, rulesets, policy=_POLICY, now=now
    )
    errors = [one for one in found if one.severity is Severity.ERROR]
    if errors:
        problems = tuple(_problem(finding, emitted, document) for finding in errors)
        return Unbuilt(emitted.record.learner.key, problems)
    return Built(emitted, document, tuple(found))


def _problem(finding: Finding, emitted: Emitted, document: Document) -> Problem:
    """Return a finding on what was built as a problem of its source."""
    fix = " ".join(filter(None, [finding.fix, f"({finding.code} {finding.pointer})"]))
    message = f"{_named(finding.pointer, document.data)}{finding.message}"
    return Problem(message, emitted.origin(finding.pointer), fix)


def _named(pointer: str, data: Json) -> str:
    """Return the member that a finding is about, and its value where that is a text."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    for step in steps:
        # A finding may be about a member that is missing.
        if isinstance(data, list):
            data = data[int(step)]
        else:
            data = data.get(step) if isinstance(data, dict) else None
    name = next((step for step in reversed(steps) if not step.isdigit()), "")
    value = f' "{data}"' if isinstance(data, str) else ""
    return f"{name}{value}: " if name else ""
