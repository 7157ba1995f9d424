"""Processes to spread work over: an executor that starts them when they get their first task."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.process import BaseProcess

_SIGNALS = {signal.SIGINT, signal.SIGTERM}


def available() -> int:
    """Return how many processes can run at once here."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def workers(jobs: int) -> AbstractContextManager[Processes | None]:
    """Return a context with an executor of processes; with None where one process is enough.

    Args:
        jobs: how many processes there are to be; 0: as many as can run at once.
    """
    number = jobs or available()
    return Processes(number) if number > 1 else contextlib.nullcontext()


class Processes:
    """An executor of processes; a context, at whose end they are gone.

    Starting processes takes longer than many a run: they start with the first task. Ctrl-C and
    SIGTERM are left to the first process, which ends the others; if it is killed, they end too.

    Args:
        number: how many there are.
    """

    def __init__(self, number: int) -> None:
        self._max_workers = number
        self._pool: ProcessPoolExecutor | None = None
        self._others: set[BaseProcess] = set()
        self._members: set[BaseProcess] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, work: Callable[..., Any], /, *given: Any) -> Future[Any]:
        """Let a function be called in one of the processes.

        Raises:
            concurrent.futures.BrokenExecutor: a process has died.
        """
        import multiprocessing

        if len(self._members) == self._max_workers and self._pool is not None:
            return self._pool.submit(work, *given)
        with _signals_held():
            if self._pool is None:
                self._others = set(multiprocessing.active_children())
                self._pool = _started(self._max_workers)
            pending = self._pool.submit(work, *given)
            self._members = set(multiprocessing.active_children()) - self._others
        return pending

    def close(self) -> None:
        """End the processes, whatever they are at; they hold nothing that could be damaged."""
        if self._pool is None:
            return
        for process in self._members:
            process.kill()
        self._pool.shutdown(cancel_futures=True)
        self._pool = None
        self._members = set()


def _started(number: int) -> ProcessPoolExecutor:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # A fork is the fastest start, and safe where there is but one thread.
    forks = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if forks else "spawn")
    return ProcessPoolExecutor(number, context, initializer=_begin)


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Keep Ctrl-C and SIGTERM until a process is started that knows what to do with them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
    threading.Thread(target=_end_with_the_first, daemon=True).start()


def _end_with_the_first() -> None:
    """End this process when the one that started it is gone; nobody would take its results."""
    import multiprocessing

    first = multiprocessing.parent_process()
    if first is not None:
        first.join()
        os._exit(1)
