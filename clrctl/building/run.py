"""A build, one record at a time: what sources yield is written, checked, signed and handed on.

Every record is parsed and validated as the bytes it will be, before anybody writes it anywhere.
Nothing is kept of a record that was handed on, so that a build of any size needs little memory.
An executor spreads the records over its workers; their bytes are those of one process.
"""

from __future__ import annotations

import contextlib
import dataclasses
import pickle
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

from clrctl.building import lockfile
from clrctl.building.emitter import EmitOptions, Emitted, Emitter
from clrctl.building.model import NOWHERE, Frame, Place, Record, When
from clrctl.building.problems import NotBuilt, Note, Problem, Refused, Skipped
from clrctl.building.sources import Item, Source, SourceKind
from clrctl.checking import Policy, validation
from clrctl.document import Document, Executor, parse, spread
from clrctl.finding import Finding, Json, Severity
from clrctl.signing import HandedSignOptions, SignOptions
from clrctl.util import HandedOver, Secret

RULESETS = ("standard", "timeback")
"""What every record is held to before it is written."""

_POLICY = Policy(ignore=frozenset({"proof/missing", "timeback/unlisted"}))
"""Leaves out warnings that say nothing of the source: nothing is signed yet, and the endpoint's
page lists only some of the standard's members."""

TASK = 400
"""Awards of a task for a worker, about: some tenths of a second of work."""

ALONE = 400
"""Awards that this process builds by itself before it gives work away."""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How records are built.

    Attributes:
        now: the moment that counts as today, for warnings alone.
        as_of: the day or moment that all records are about, in the place of their own.
        emit: how they are written.
        sign: with what they are signed, and how; None leaves them unsigned.
        rulesets: what they are held to.
    """

    now: datetime
    as_of: When | None = None
    emit: EmitOptions = field(default_factory=EmitOptions)
    sign: SignOptions | None = None
    rulesets: Sequence[str] = RULESETS

    def handed_over(self) -> HandedBuildOptions:
        """Return what may go to another process; `taken()` are these options there."""
        secret, sign = self.emit.secret, self.sign
        return HandedBuildOptions(
            dataclasses.replace(self, emit=dataclasses.replace(self.emit, secret=None), sign=None),
            secret.handed_over() if secret else None,
            sign.handed_over() if sign else None,
        )


@dataclass(frozen=True, slots=True)
class HandedBuildOptions:
    """`BuildOptions` on their way to another process."""

    options: BuildOptions
    secret: HandedOver | None = field(repr=False)
    sign: HandedSignOptions | None = field(repr=False)

    def taken(self) -> BuildOptions:
        """Return the options, with their secrets."""
        secret: Secret | None = self.secret.taken() if self.secret else None
        return dataclasses.replace(
            self.options,
            emit=dataclasses.replace(self.options.emit, secret=secret),
            sign=self.sign.taken() if self.sign else None,
        )


@dataclass(frozen=True, slots=True)
class Built:
    """A record that was built and is valid.

    Attributes:
        learner: key of the learner.
        id: id of the credential.
        valid_from: its `validFrom`.
        text: the whole document, UTF-8.
        digest: of its content: what it says, whenever it was issued.
        partial: whether it holds only some of what the issuer knows; None: not said.
        place: where the record stands in the source.
        notes: what its author should know, the same words for each record.
        warnings: what validation warned of, but for what is expected.
        origins: JSON Pointers to the parts that come from one place, and those places; what lies
            below a pointer comes from there too.
    """

    learner: str
    id: str
    valid_from: str
    text: bytes = field(repr=False)
    digest: str = ""
    partial: bool | None = None
    place: Place = NOWHERE
    notes: tuple[str, ...] = ()
    warnings: tuple[Finding, ...] = ()
    origins: Mapping[str, Place] = field(default_factory=dict, repr=False)


BuildResult: TypeAlias = "Built | NotBuilt | Skipped | Note"
"""What becomes of a record or a row of a source."""


def build(
    items: Iterable[Item], options: BuildOptions, *, executor: Executor | None = None
) -> Generator[BuildResult, None, None]:
    """Build what sources yield.

    Args:
        items: records, learners whose record the source does not give, and what it left out.
        options: how.
        executor: spreads the work, once there is more of it than starting processes takes; the
            secrets are handed over to its workers.

    Returns:
        An iterator of what became of them, in their order.

    Raises:
        ClrctlError: a worker died.
    """
    builder = Builder(options)
    items = iter(items)
    done = 0
    for item in items:
        yield from builder.build(item)
        done += _cost(item)
        if executor is not None and done >= ALONE:
            for results in spread(_tasks(items, options.handed_over()), _work, executor):
                yield from results


def build_sources(
    found: Iterable[tuple[Source, SourceKind]],
    options: BuildOptions,
    *,
    executor: Executor | None = None,
) -> Generator[BuildResult, None, None]:
    """Yield what becomes of every record of some sources, in their order.

    What is wrong with a whole source is a `NotBuilt` without a learner. What a source is read from
    is closed with the iterator, so close that where it may be left early.

    Args:
        found: the sources, each with its kind.
        options: as for `build`.
        executor: as for `build`.

    Raises:
        ClrctlError: as `build`.
        InputError: a source cannot be read.
    """
    for source, kind in found:
        try:
            with contextlib.closing(kind.records(source)) as items:
                yield from build(items, options, executor=executor)
        except Refused as refused:
            yield NotBuilt("", refused.problems)


class Builder:
    """Builds records, and remembers what those of one frame have in common."""

    def __init__(self, options: BuildOptions) -> None:
        self._options = options
        self._emitter = Emitter(options.emit)

    def build(self, item: Item) -> Iterator[BuildResult]:
        """Yield what becomes of an item: of a record it is built, or why it is not; and notes."""
        if not isinstance(item, Record):
            yield item
            return
        options = self._options
        record = item if options.as_of is None else dataclasses.replace(item, as_of=options.as_of)
        if any(not one.decided for one in record.wrapped):
            record, problems = _included(record, self._emitter, options.now)
            if problems:
                yield NotBuilt(record.learner.key, problems)
                return
        emitted = self._emitter.emit(record)
        if isinstance(emitted, NotBuilt):
            yield emitted
            return
        checked = _checked(emitted, options)
        if isinstance(checked, NotBuilt):
            yield checked
        elif options.sign is None:
            yield _built(emitted, *checked)
        else:
            # Few builds sign, and what signs takes time to import.
            from clrctl.building import signing

            document, warnings = checked
            for result in signing.signed(emitted, document, options.sign):
                yield _built(*result, warnings) if isinstance(result, tuple) else result


def _included(
    record: Record, emitter: Emitter, now: datetime
) -> tuple[Record, tuple[Problem, ...]]:
    # Few records include credentials, and what verifies them takes time to import.
    from clrctl.building.wrap import including

    return including.decided(record, emitter.secret, now)


def _checked(
    emitted: Emitted, options: BuildOptions
) -> tuple[Document, tuple[Finding, ...]] | NotBuilt:
    document = parse(emitted.text, source=emitted.record.learner.key, syntax="json")
    found = document.faults or validation.check_data(
        document.data, options.rulesets, policy=_POLICY, now=options.now
    )
    errors = [one for one in found if one.severity is Severity.ERROR]
    if errors:
        problems = tuple(_problem(finding, emitted, document) for finding in errors)
        return NotBuilt(emitted.record.learner.key, problems)
    return document, tuple(found)


def _built(emitted: Emitted, document: Document, warnings: tuple[Finding, ...]) -> Built:
    record = emitted.record
    return Built(
        record.learner.key,
        emitted.id,
        emitted.valid_from,
        emitted.text,
        lockfile.digest(document.data),
        record.partial,
        record.place,
        emitted.notes,
        warnings,
        emitted.origins,
    )


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


# --- spread over workers ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Task:
    """Some items for a worker.

    Attributes:
        options: how they are built.
        frames: what the records share, pickled once for all tasks.
        items: the items; a record has the index of its frame in the place of the frame.
    """

    options: HandedBuildOptions
    frames: tuple[bytes, ...] = field(repr=False)
    items: tuple[tuple[Item, int], ...] = field(repr=False)


def _cost(item: Item) -> int:
    return 1 + len(item.awards) + len(item.wrapped) if isinstance(item, Record) else 1


def _tasks(items: Iterable[Item], options: HandedBuildOptions) -> Iterator[_Task]:
    frames = _Frames()
    held: list[tuple[Item, int]] = []
    cost = 0
    for item in items:
        held.append(frames.without(item))
        cost += _cost(item)
        if cost >= TASK:
            yield _Task(options, frames.taken(), tuple(held))
            held, cost = [], 0
    if held:
        yield _Task(options, frames.taken(), tuple(held))


class _Frames:
    """Takes the frames out of records: those of one build share a few, which may be large."""

    def __init__(self) -> None:
        self._last: Frame | None = None
        self._pickled = b""
        self._used: list[bytes] = []

    def without(self, item: Item) -> tuple[Item, int]:
        """Return an item without its frame, and the index of the frame among those used."""
        if not isinstance(item, Record):
            return item, -1
        if item.frame is not self._last:
            self._last, self._pickled = item.frame, pickle.dumps(item.frame)
        if not self._used or self._used[-1] is not self._pickled:
            self._used.append(self._pickled)
        return dataclasses.replace(item, frame=_NO_FRAME), len(self._used) - 1

    def taken(self) -> tuple[bytes, ...]:
        """Return the frames used since the last call."""
        used, self._used = tuple(self._used), []
        return used


_NO_FRAME = Frame(issuer=None)  # type: ignore[arg-type]


def _work(task: _Task) -> list[BuildResult]:
    """Build the items of a task."""
    builder = _builder(pickle.dumps(task.options))
    results: list[BuildResult] = []
    for item, index in task.items:
        if isinstance(item, Record):
            item = dataclasses.replace(item, frame=_frame(task.frames[index]))  # noqa: PLW2901
        results += builder.build(item)
    return results


@lru_cache(maxsize=1)
def _builder(options: bytes) -> Builder:
    handed: HandedBuildOptions = pickle.loads(options)  # noqa: S301 - it came with the task
    return Builder(handed.taken())


@lru_cache(maxsize=2)
def _frame(pickled: bytes) -> Frame:
    frame: Frame = pickle.loads(pickled)  # noqa: S301 - it came with the task
    return frame
