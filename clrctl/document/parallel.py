"""Looking at many documents: in this process, or spread over several of them.

Pieces of the inputs go out in tasks of about equal size, results come back in the order of the
inputs, and no more is under way than a few tasks for each process. This module knows nothing of
commands, reports or streams.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from clrctl.document.inputs import Piece
from clrctl.document.parsing import Document
from clrctl.errors import ClrctlError, InputError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess


Found = TypeVar("Found")
Look: TypeAlias = Callable[[Document], Found]
"""What is to be done with each document; processes that are not forked have to pickle it."""

Task: TypeAlias = Sequence[Piece | InputError]

TASK = 256 * 2**10
"""What a task costs, in bytes of JSON: some hundredths of a second of work."""

ALONE = 2**20
"""What this process checks by itself, at the same measure, before it starts others."""

AHEAD = 4
"""Tasks for each process that may be under way, or done and not yet taken."""

# Other costs in bytes of JSON: of a file or line whatever its size, and of a byte of YAML.
_EACH = 4 * 2**10
_YAML = 20

_SIGNALS = {signal.SIGINT, signal.SIGTERM}


def available() -> int:
    """Return how many processes can run at once here."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def look_at_all(
    pieces: Iterable[Piece | InputError], look: Look[Found], *, jobs: int = 1
) -> Generator[Found | InputError, None, None]:
    """Look at every document of the pieces; what is found comes in their order.

    Memory stays flat however many there are. Processes are started only when there is more to
    do than starting them takes; they end with the iterator, so close it (`contextlib.closing`)
    where it may be left early.

    Args:
        pieces: what `clrctl.document.find` yields, best with `block=TASK`.
        look: is called with each document, perhaps in another process.
        jobs: processes to spread the work over; with 1 all of it is done here.

    Raises:
        ClrctlError: a process died, such as for lack of memory.
    """
    pieces = iter(pieces)
    done = 0
    for piece in pieces:
        yield from _looked_at(piece, look)
        done += _cost(piece)
        if jobs > 1 and done > ALONE:
            break
    with contextlib.closing(_Team(look, jobs)) as team:
        yield from team.run(_tasks(pieces))


def _looked_at(piece: Piece | InputError, look: Look[Found]) -> Iterator[Found | InputError]:
    if isinstance(piece, InputError):
        yield piece
        return
    for item in piece.documents():
        yield item if isinstance(item, InputError) else look(item)


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


class _Team(Generic[Found]):
    """Processes that are given one task each at a time; they are started as they are needed."""

    def __init__(self, look: Look[Found], size: int) -> None:
        self._look = look
        self._size = size
        self._members: dict[Connection, BaseProcess] = {}
        self._busy: dict[Connection, tuple[int, Task]] = {}
        self._done: dict[int, list[Found | InputError]] = {}

    def run(self, tasks: Iterator[Task]) -> Iterator[Found | InputError]:
        """Yield the results of the tasks in their order."""
        given = told = 0
        while True:
            self._collect(patient=told not in self._done)
            while len(self._busy) < self._size and given - told < AHEAD * self._size:
                task = next(tasks, None)
                if task is None:
                    break
                self._give(given, task)
                given += 1
            if told in self._done:
                yield from self._done.pop(told)
                told += 1
            elif not self._busy:
                return

    def _give(self, number: int, task: Task) -> None:
        idle = next((member for member in self._members if member not in self._busy), None)
        connection = idle or self._start()
        self._busy[connection] = number, task
        try:
            connection.send(task)
        except OSError:
            self._mourn(connection)

    def _collect(self, *, patient: bool) -> None:
        """Take the results that are there; if patient, wait for at least one."""
        if not self._busy:
            return
        from multiprocessing.connection import wait

        for ready in wait(list(self._busy), None if patient else 0):
            connection: Any = ready
            number, task = self._busy.pop(connection)
            try:
                results = connection.recv()
            except (EOFError, OSError):
                self._mourn(connection)
            # Where a task failed by a fault of ours, here the fault shows where it arises.
            self._done[number] = _results(task, self._look) if results is None else results

    def _mourn(self, connection: Connection) -> None:
        process = self._members[connection]
        process.join()
        raise ClrctlError(
            "a process that was checking credentials has died",
            why=f"its exit code is {process.exitcode}",
            fix="if memory ran out, run the same command with --jobs 1",
        ) from None

    def _start(self) -> Connection:
        import multiprocessing

        # A fork is the fastest start, and safe where there is but one thread.
        forks = sys.platform == "linux" and threading.active_count() == 1
        context: Any = multiprocessing.get_context("fork" if forks else "spawn")
        ours, theirs = context.Pipe()
        foreign = [*self._members, ours] if forks else []
        with _signals_held():
            process = context.Process(target=_work, args=(theirs, foreign, self._look), daemon=True)
            process.start()
            self._members[ours] = process
        theirs.close()
        return ours  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the processes, whatever they are at; they hold nothing that could be damaged."""
        for connection, process in self._members.items():
            connection.close()
            process.kill()
            process.join()


def _results(task: Task, look: Look[Found]) -> list[Found | InputError]:
    return [result for piece in task for result in _looked_at(piece, look)]


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Keep Ctrl-C and SIGTERM until a process is started and entered in the list to be ended."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(connection: Connection, foreign: Iterable[Connection], look: Look[Any]) -> None:
    """Be a process of the team. Ctrl-C is for the first process, which ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    # As long as any process holds the other end, this one would not learn of its death.
    for other in foreign:
        other.close()
    _serve(connection, look)


def _serve(connection: Connection, look: Look[Any]) -> None:
    """Answer each task with its results, None for a fault of ours, until nobody asks any more."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            task = connection.recv()
            try:
                results = _results(task, look)
            except Exception:  # told by the process that finds it again
                results = None
            connection.send(results)
