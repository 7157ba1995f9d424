"""Looking at many documents: in this process, or spread over an executor.

Pieces of the inputs go out in tasks of about equal size, results come back in the order of the
inputs, and no more is under way than a few tasks for each worker. An executor is whatever has the
`submit` of `concurrent.futures.Executor`. This module knows nothing of commands, reports or
streams.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar

from clrctl.document.inputs import Piece
from clrctl.document.parsing import Document
from clrctl.errors import ClrctlError, InputError
from clrctl.util import available

Found = TypeVar("Found")
Given = TypeVar("Given")

Look: TypeAlias = Callable[[Document], Found]
"""What is to be done with each document; it pickles where an executor is to have it."""

Task: TypeAlias = Sequence[Piece | InputError]

TASK = 256 * 2**10
"""What a task costs, in bytes of JSON: some hundredths of a second of work."""

ALONE = 2**20
"""What this process checks by itself, at the same measure, before it gives work away."""

AHEAD = 4
"""Tasks for each worker that may be under way, or done and not yet taken."""

# Other costs in bytes of JSON: of a file or line whatever its size, and of a byte of YAML.
_EACH = 4 * 2**10
_YAML = 20


class Pending(Protocol):
    """A task under way, as `concurrent.futures.Future`."""

    def result(self) -> Any:
        """Return what the task returned, once it is done; raise what it raised."""

    def cancel(self) -> Any:
        """Do not begin the task, where it has not begun."""


class Executor(Protocol):
    """Where work is done: a `concurrent.futures.Executor`, or what has its `submit`."""

    def submit(self, work: Callable[..., Any], /, *given: Any) -> Pending:
        """Let a function be called with some values, perhaps in another process."""


def spread(
    tasks: Iterable[Given], work: Callable[[Given], Found], executor: Executor
) -> Generator[Found, None, None]:
    """Yield what `work` makes of each task, in the order of the tasks.

    Memory stays flat: a new task is taken when the oldest one under way is done. What is under
    way when the iterator is closed is cancelled.

    Args:
        tasks: the tasks; they pickle, and so does what is made of them.
        work: is called with each of them, by a worker.
        executor: has the workers.

    Raises:
        ClrctlError: a worker died, such as for lack of memory.
    """
    tasks = iter(tasks)
    window = AHEAD * int(getattr(executor, "_max_workers", 0) or available())
    under_way: deque[tuple[Pending, Given]] = deque()
    try:
        while True:
            while len(under_way) < window:
                try:
                    task = next(tasks)
                except StopIteration:
                    break
                under_way.append((_submitted(executor, work, task), task))
            if not under_way:
                return
            yield _result(*under_way.popleft(), work)
    finally:
        for pending, _ in under_way:
            pending.cancel()


def _submitted(executor: Executor, work: Callable[[Given], Found], task: Given) -> Pending:
    from concurrent.futures import BrokenExecutor

    try:
        return executor.submit(work, task)
    except BrokenExecutor as problem:
        raise _died(problem) from None


def _result(pending: Pending, task: Given, work: Callable[[Given], Found]) -> Found:
    from concurrent.futures import BrokenExecutor

    try:
        found: Found = pending.result()
    except BrokenExecutor as problem:
        raise _died(problem) from None
    except Exception:
        # Of a fault of ours, here it shows where it arises.
        return work(task)
    return found


def _died(problem: Exception) -> ClrctlError:
    return ClrctlError(
        "a process that was working on credentials has died",
        why=str(problem),
        fix="if memory ran out, run the same command with --jobs 1",
    )


def look_at_all(
    pieces: Iterable[Piece | InputError],
    look: Look[Found],
    *,
    executor: Executor | None = None,
) -> Generator[Found | InputError, None, None]:
    """Look at every document of the pieces; what is found comes in their order.

    Memory stays flat however many there are. The executor gets nothing while there is less to do
    than starting processes takes. Close the iterator (`contextlib.closing`) where it may be left
    early.

    Args:
        pieces: what `clrctl.document.find` yields, best with `block=TASK`.
        look: is called with each document, perhaps in another process.
        executor: spreads the work; without one all of it is done here.

    Raises:
        ClrctlError: as `spread`.
    """
    pieces = iter(pieces)
    done = 0
    for piece in pieces:
        yield from _looked_at(piece, look)
        done += _cost(piece)
        if executor is not None and done > ALONE:
            for results in spread(_tasks(pieces), partial(_results, look=look), executor):
                yield from results


def _looked_at(piece: Piece | InputError, look: Look[Found]) -> Iterator[Found | InputError]:
    if isinstance(piece, InputError):
        yield piece
        return
    for item in piece.documents():
        yield item if isinstance(item, InputError) else look(item)


def _results(task: Task, *, look: Look[Found]) -> list[Found | InputError]:
    return [result for piece in task for result in _looked_at(piece, look)]


def _cost(piece: Piece | InputError) -> int:
    if isinstance(piece, InputError):
        return _EACH
    return _EACH + piece.size * (_YAML if piece.form == "yaml" else 1)


def _tasks(pieces: Iterable[Piece | InputError]) -> Iterator[Task]:
    task: list[Piece | InputError] = []
    cost = 0
    for piece in pieces:
        task.append(piece)
        cost += _cost(piece)
        if cost >= TASK:
            yield task
            task, cost = [], 0
    if task:
        yield task
