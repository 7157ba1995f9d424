"""Publishing, phase two: many requests at once, each credential followed to its end.

The calling thread decides all that is to be decided: it feeds a schedule, hands its jobs to worker
threads, each with a client of its own, notes in the journal what came of them and tells it. What
must survive the process is in the journal before anything depends on it: a request before it is
made, an outcome before its connection makes the next. Nothing here knows how it is shown.
"""

from __future__ import annotations

import contextlib
import math
import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from typing import Protocol, TypeAlias

from clrctl.errors import ClrctlError
from clrctl.sending.client import ClrClient, Connect
from clrctl.sending.delivery import Delivery
from clrctl.sending.journal import Journal
from clrctl.sending.outcome import STORED, Receipt, UploadOutcome
from clrctl.sending.scheduler import Job, Schedule, SendOptions
from clrctl.sending.spool import QueuedCredential

_AHEAD = 2  # jobs that wait for each connection, at the most
_MOST_OPEN = 1000  # jobs whose content is held in memory, at the most
_LOOK = 0.1  # seconds between two looks at whether somebody wants to stop
_LAST_WORD = 2.0  # seconds for threads whose connections were cut

_Result: TypeAlias = tuple[Job | None, Receipt | BaseException]
"""What a worker met: the job, if it had one, and what came of it."""


class Time(Protocol):
    """The time, and waiting for it to pass; tests let it pass faster."""

    def monotonic(self) -> float:
        """Return seconds that only go forward."""

    def wall(self) -> float:
        """Return Unix seconds."""

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        """Wait to be notified, at most so many seconds."""


class RealTime:
    """The machine's own time."""

    monotonic = staticmethod(time.monotonic)
    wall = staticmethod(time.time)

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        """Wait to be notified, at most so many seconds."""
        condition.wait(seconds)


_REAL_TIME = RealTime()
AS_USUAL = SendOptions()


class Sender:
    """Sends parcels, and reports of each exactly once what became of it.

    Attributes:
        is_unwanted: `stop` was called.

    Args:
        connect: opens a client for one thread.
        tell: is called in the thread of `run`; what it raises stops the run.
        journal: what was sent before, and where all is noted; None for no memory.
        options: how to go about it.
        time: the time, and how to wait.
        random: returns a number from 0 to 1, all equally likely.
        tick: is called in the thread of `run` several times a second, and as `tell` is.
    """

    def __init__(
        self,
        connect: Connect,
        tell: Callable[[Delivery], None],
        *,
        journal: Journal | None = None,
        options: SendOptions = AS_USUAL,
        time: Time = _REAL_TIME,
        random: Callable[[], float] = random.random,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        self._tell = tell
        self._journal = journal
        self._options = options
        self._time = time
        self._tick = tick
        self._began = time.wall()
        self._schedule = Schedule(options, time.monotonic, random)
        self._workers = _Workers(connect, time)
        self.is_unwanted = False
        self._fault: BaseException | None = None

    def run(self, parcels: Iterable[QueuedCredential]) -> None:
        """Send all parcels, as `steps`, without a pause.

        Raises:
            ClrctlError: as `steps`.
            OSError: as `steps`.
        """
        for _ in self.steps(parcels):
            pass

    def steps(self, parcels: Iterable[QueuedCredential]) -> Generator[None, None, None]:
        """Send all parcels; those of one key one after another, in their order.

        After each step, in which something may have been told, it yields. When the run ends early,
        because all others would meet the same error, nobody answers any more or `stop` was called,
        the rest is `pending`. If the iterator is closed, what is under way is cut.

        Raises:
            ClrctlError: the journal cannot be written, or `tell` failed.
            OSError: `tell` failed.
        """
        waiting = iter(parcels)
        patience = 0.0
        try:
            yield from self._send_all(waiting)
            yield from self._see_through()
            for parcel in waiting:
                self._say(Delivery(parcel, UploadOutcome.PENDING))
                yield
            patience = _LAST_WORD
        finally:
            self._schedule.is_stopping = True
            self._workers.dismiss(patience)
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        """Start nothing more, and end soon; takes no lock, so that a signal handler may call it."""
        self.is_unwanted = True

    def fail(self, problem: BaseException) -> None:
        """Stop the run as if `tell` had failed: it is raised at the end, when all is told."""
        self._fail(problem)

    @property
    def is_stopping(self) -> bool:
        """Whether nothing more is sent."""
        return self._schedule.is_stopping or self.is_unwanted

    def hindrance(self) -> str:
        """Return why hardly anything is sent at the moment, in words; empty when it is."""
        if self._schedule.circuit.is_open:
            return "the endpoint does not answer; trying again now and then"
        seconds = self._schedule.pace.paused()
        return f"the endpoint asks for a pause, {seconds:.0f} s left" if seconds >= 1 else ""

    def _send_all(self, waiting: Iterator[QueuedCredential]) -> Generator[None, None, None]:
        has_more = True
        while not self.is_stopping and (has_more or self._schedule.open):
            wants_more = has_more and self._has_room()
            ended = self._ended(0.0 if wants_more else self._schedule.due())
            self._go_on(ended)
            if wants_more:
                # One in the place of each that has ended, so that neither waits for the other.
                has_more = all(self._admitted(waiting) for _ in range(max(1, len(ended))))
            yield

    def _has_room(self) -> bool:
        is_ahead = self._schedule.ready >= _AHEAD * self._options.connections
        return not is_ahead and self._schedule.open < _MOST_OPEN

    def _go_on(self, ended: Sequence[tuple[Job, Delivery]]) -> None:
        """Note what has ended and what is sent next, all at once; send that; then tell."""
        for job, delivery in ended:
            self._schedule.close(job, delivery.outcome)
        taken: list[Job] = []
        if not self.is_stopping:
            while isinstance(job_or_wait := self._schedule.take(), Job):
                taken.append(job_or_wait)
        try:
            self._note(ended, taken)
        except BaseException as problem:
            # What is not noted is not sent.
            self._fail(problem)
            ended = [*ended, *((job, self._schedule.unsent(job)) for job in taken)]
            for job in taken:
                self._schedule.close(job, UploadOutcome.PENDING)
            taken = []
        for job in taken:
            self._workers.give(job)
        for _, delivery in ended:
            self._say(delivery)
        self._guard(self._tick)

    def _admitted(self, waiting: Iterator[QueuedCredential]) -> bool:
        """Take the next parcel in; return whether there was one."""
        parcel = next(waiting, None)
        if parcel is None:
            return False
        if self.is_stopping:
            self._say(Delivery(parcel, UploadOutcome.PENDING))
            return True
        try:
            self._admit(parcel)
        except ClrctlError as error:
            self._fail(error)
            self._say(Delivery(parcel, UploadOutcome.PENDING))
        return True

    def _admit(self, parcel: QueuedCredential) -> None:
        entry = self._journal.lookup(parcel.key) if self._journal else None
        is_stored = entry and entry.outcome in STORED and not entry.in_doubt
        if entry and is_stored and entry.digest == parcel.digest and not self._options.force:
            self._say(Delivery(parcel, UploadOutcome.UNCHANGED))
            return
        try:
            body = parcel.body()
        except ClrctlError as error:
            self._say(Delivery(parcel, UploadOutcome.REFUSED, error=error))
            return
        pause = 0.0
        if entry and entry.inflight_digest not in (None, parcel.digest):
            # Who sent that is gone by now, but the server may still be at it.
            last_sent = min(entry.inflight_until, self._began)
            pause = last_sent + self._options.settle - self._time.wall()
        self._schedule.add(parcel, body, pause=pause)

    def _see_through(self) -> Generator[None, None, None]:
        """Report what becomes of all that was taken in; cut what does not end in time."""
        self._schedule.is_stopping = True
        waiting = [(job, self._schedule.dropped(job)) for job in iter(self._schedule.drop, None)]
        unsent = [(job, self._schedule.unsent(job)) for job in self._workers.take_back()]
        self._go_on([*waiting, *unsent])
        yield from self._await(self._patience)
        if self._workers.under_way:
            self._workers.cut()
            yield from self._await(lambda: _LAST_WORD)
        for job in self._workers.abandon():
            job.in_doubt = True
            self._say(self._schedule.dropped(job))
        yield

    def _await(self, limit: Callable[[], float]) -> Generator[None, None, None]:
        """See requests under way to their end, for so many seconds at the most."""
        began = time.monotonic()
        while self._workers.under_way and time.monotonic() - began <= limit():
            self._go_on(self._ended(math.inf))
            yield

    def _patience(self) -> float:
        is_hurried = self.is_unwanted or self._fault is not None
        return self._options.grace if is_hurried else self._options.deadline + _LAST_WORD

    def _ended(self, seconds: float) -> list[tuple[Job, Delivery]]:
        """Return jobs that have come to their end, waiting for some time if there are none."""
        ended = []
        for job, result in self._workers.results(seconds):
            delivery = self._judged(job, result)
            if job is not None and delivery is not None:
                ended.append((job, delivery))
        return ended

    def _judged(self, job: Job | None, result: Receipt | BaseException) -> Delivery | None:
        """Return what becomes of a job; None: it is sent again."""
        if job is not None and isinstance(result, Receipt):
            return self._schedule.stored(job, result)
        if job is not None and isinstance(result, ClrctlError):
            return self._schedule.failed(job, result)
        if isinstance(result, BaseException):
            self._fail(result)
        if job is None:
            return None
        # Of a fault of ours nothing is known.
        job.in_doubt = True
        return self._schedule.dropped(job)

    def _note(self, ended: Sequence[tuple[Job, Delivery]], taken: Sequence[Job]) -> None:
        journal = self._journal
        if journal is None or not (ended or taken):
            return
        until = self._time.wall() + self._options.deadline
        with journal.together():
            for job, delivery in ended:
                if job.is_noted:
                    _finish(journal, job.parcel, delivery)
            for job in taken:
                journal.begin(job.parcel.key, job.parcel.digest, until)
                job.is_noted = True

    def _say(self, delivery: Delivery) -> None:
        self._guard(partial(self._tell, delivery))
        if delivery.error is not None and self._options.fail_fast:
            self._schedule.is_stopping = True

    def _guard(self, tell: Callable[[], None]) -> None:
        """Let a failure to tell something stop the run, but not before all is told."""
        try:
            tell()
        except (ClrctlError, OSError) as problem:
            self._fail(problem)

    def _fail(self, problem: BaseException) -> None:
        """Stop the run; of several problems the first one is raised at its end."""
        self._fault = self._fault or problem
        self._schedule.is_stopping = True


class _Workers:
    """Threads with a client each: a job in, what came of it out. They are started when needed.

    Attributes:
        under_way: jobs that were given and whose result was not taken.
    """

    def __init__(self, connect: Connect, time: Time) -> None:
        self.under_way: set[Job] = set()
        self._connect = connect
        self._time = time
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._results: deque[_Result] = deque()
        self._news = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._clients: set[ClrClient] = set()

    def give(self, job: Job) -> None:
        """Let one of the threads make a request."""
        self.under_way.add(job)
        self._jobs.put(job)
        if len(self._threads) < len(self.under_way):
            thread = threading.Thread(target=self._work, daemon=True)
            self._threads.append(thread)
            thread.start()

    def results(self, seconds: float) -> deque[_Result]:
        """Take the results that are there; if there are none, wait for some, but not for long."""
        with self._news:
            if not self._results and seconds > 0:
                if math.isinf(seconds):
                    self._news.wait(_LOOK)
                else:
                    self._time.wait(self._news, min(seconds, _LOOK))
            results, self._results = self._results, deque()
        self.under_way.difference_update(job for job, _ in results if job is not None)
        return results

    def take_back(self) -> list[Job]:
        """Return the jobs that no thread has taken."""
        jobs: list[Job] = []
        with contextlib.suppress(queue.Empty):
            while True:
                if (job := self._jobs.get_nowait()) is not None:
                    jobs.append(job)
        self.under_way.difference_update(jobs)
        return jobs

    def abandon(self) -> set[Job]:
        """Return the jobs under way; nobody waits for them any more."""
        with self._news:
            jobs, self.under_way = self.under_way, set()
        return jobs

    def cut(self) -> None:
        """Cut all connections: what is under way comes to an end."""
        with self._news:
            clients = list(self._clients)
        for client in clients:
            client.cut()

    def dismiss(self, patience: float) -> None:
        """Let the threads end; one that does not in so many seconds is left to the process."""
        for _ in self._threads:
            self._jobs.put(None)
        self.cut()
        end = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _work(self) -> None:
        job: Job | None = None
        try:
            with self._connect() as client:
                with self._news:
                    self._clients.add(client)
                try:
                    while (job := self._jobs.get()) is not None:
                        self._answer(job, _requested(job, client))
                finally:
                    with self._news:
                        self._clients.discard(client)
        except BaseException as fault:
            self._answer(job, fault)

    def _answer(self, job: Job | None, result: Receipt | BaseException) -> None:
        with self._news:
            self._results.append((job, result))
            self._news.notify()


def _requested(job: Job, client: ClrClient) -> Receipt | ClrctlError:
    try:
        return client.upsert(job.body)
    except ClrctlError as error:
        return error


def _finish(journal: Journal, parcel: QueuedCredential, delivery: Delivery) -> None:
    journal.finish(
        parcel.key,
        parcel.digest,
        delivery.outcome,
        status=delivery.status,
        attempts=delivery.attempts,
        detail=delivery.error.what if delivery.error else "",
        fingerprint=parcel.fingerprint if delivery.outcome in STORED else b"",
    )
