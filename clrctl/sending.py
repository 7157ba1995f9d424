"""Publishing, phase two: many requests at once, each credential followed to its end.

Worker threads, each with a client of its own, take jobs from a schedule; the calling thread feeds
it and tells what became of each. What must survive the process is in the journal before anything
depends on it. The decisions are made in `clrctl.schedule`; nothing here knows how it is shown.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Protocol

import orjson

from clrctl import fingerprint
from clrctl.client import ClrClient, Connect
from clrctl.delivery import Delivery
from clrctl.errors import ClrctlError
from clrctl.journal import Journal
from clrctl.outcome import STORED, Outcome
from clrctl.publish import Parcel
from clrctl.schedule import Job, Manner, Schedule

_AHEAD = 2  # jobs that wait for each connection, at the most
_MOST_OPEN = 1000  # jobs whose content is held in memory, at the most
_LOOK = 0.1  # seconds between two looks at whether somebody wants to stop
_LAST_WORD = 2.0  # seconds for threads whose connections were cut


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
AS_USUAL = Manner()


class Sender:
    """Sends parcels, and tells of each exactly once what became of it.

    Attributes:
        is_unwanted: `stop` was called.

    Args:
        connect: opens a client for one thread.
        tell: is called in the thread of `run`; what it raises stops the run.
        journal: what was sent before, and where all is noted; None for no memory.
        manner: how to go about it.
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
        manner: Manner = AS_USUAL,
        time: Time = _REAL_TIME,
        random: Callable[[], float] = random.random,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        self._connect = connect
        self._tell = tell
        self._journal = journal
        self._manner = manner
        self._time = time
        self._tick = tick
        self._began = time.wall()
        lock = threading.RLock()
        self._work = threading.Condition(lock)
        self._news = threading.Condition(lock)
        self._schedule = Schedule(manner, time.monotonic, random)
        self._results: deque[Delivery] = deque()
        self.is_unwanted = False
        self._fault: BaseException | None = None
        self._threads: list[threading.Thread] = []
        self._clients: set[ClrClient] = set()
        self._under_way: set[Job] = set()

    def run(self, parcels: Iterable[Parcel]) -> None:
        """Send all parcels; those of one key one after another, in their order.

        When the run ends early, because all others would meet the same error, nobody answers any
        more or `stop` was called, the rest is `pending`.

        Raises:
            ClrctlError: the journal cannot be written, or `tell` failed.
            OSError: `tell` failed.
        """
        waiting = iter(parcels)
        patience = 0.0
        try:
            self._feed(waiting)
            self._see_through()
            for parcel in waiting:
                self._say(Delivery(parcel, Outcome.PENDING))
            patience = _LAST_WORD
        finally:
            self._dismiss(patience)
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        """Start nothing more, and end soon; takes no lock, so that a signal handler may call it."""
        self.is_unwanted = True

    @property
    def is_stopping(self) -> bool:
        """Whether nothing more is sent."""
        return self._schedule.is_stopping or self.is_unwanted

    def hindrance(self) -> str:
        """Return why hardly anything is sent at the moment, in words; empty when it is."""
        with self._work:
            if self._schedule.circuit.is_open:
                return "the endpoint does not answer; trying again now and then"
            seconds = self._schedule.pace.paused()
        return f"the endpoint asks for a pause, {seconds:.0f} s left" if seconds >= 1 else ""

    # --- the calling thread -------------------------------------------------------------------

    def _feed(self, waiting: Iterator[Parcel]) -> None:
        for parcel in waiting:
            self._tell_news(until=self._has_room)
            if self.is_stopping:
                self._say(Delivery(parcel, Outcome.PENDING))
                return
            try:
                self._admit(parcel)
            except ClrctlError as error:
                self._fail(error)
                self._say(Delivery(parcel, Outcome.PENDING))
                return

    def _has_room(self) -> bool:
        schedule = self._schedule
        is_ahead = schedule.ready >= _AHEAD * self._manner.connections
        is_full = schedule.open + len(self._results) >= _MOST_OPEN
        return self.is_stopping or not (is_ahead or is_full)

    def _admit(self, parcel: Parcel) -> None:
        entry = self._journal.lookup(parcel.key) if self._journal else None
        is_stored = entry and entry.outcome in STORED and not entry.in_doubt
        if entry and is_stored and entry.digest == parcel.digest and not self._manner.force:
            self._say(Delivery(parcel, Outcome.UNCHANGED))
            return
        try:
            body = parcel.body()
        except ClrctlError as error:
            self._say(Delivery(parcel, Outcome.REFUSED, error=error))
            return
        pause = 0.0
        if entry and entry.inflight_digest not in (None, parcel.digest):
            # Who sent that is gone by now, but the server may still be at it.
            last_sent = min(entry.inflight_until, self._began)
            pause = last_sent + self._manner.settle - self._time.wall()
        with self._work:
            self._schedule.add(parcel, body, pause=pause)
            self._work.notify()
        if len(self._threads) < self._manner.connections:
            thread = threading.Thread(target=self._be_a_worker, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _see_through(self) -> None:
        """Tell what becomes of all that was fed; cut what does not end in time."""
        self._tell_news(until=lambda: self._is_done() or self.is_stopping)
        with self._work:
            self._schedule.is_stopping = True
            while (job := self._schedule.drop()) is not None:
                self._settle(job, self._schedule.dropped(job))
            self._work.notify_all()
        self._tell_news(until=self._is_done, limit=self._patience)
        if not self._is_done():
            self._cut()
            self._tell_news(until=self._is_done, limit=lambda: _LAST_WORD)
        with self._work:
            abandoned, self._under_way = self._under_way, set()
        for job in abandoned:
            job.in_doubt = True
            self._say(self._schedule.dropped(job))

    def _patience(self) -> float:
        is_hurried = self.is_unwanted or self._fault is not None
        return self._manner.grace if is_hurried else self._manner.deadline + _LAST_WORD

    def _is_done(self) -> bool:
        return not self._schedule.open and not self._results

    def _tell_news(
        self, *, until: Callable[[], bool], limit: Callable[[], float] = lambda: math.inf
    ) -> None:
        """Tell results as they come, until a condition holds or so many seconds are over."""
        began = time.monotonic()
        while True:
            with self._news:
                if not self._results and not until():
                    self._news.wait(_LOOK)
                results, self._results = self._results, deque()
            for delivery in results:
                self._say(delivery)
            self._guard(self._tick)
            if until() or time.monotonic() - began > limit():
                return

    def _say(self, delivery: Delivery) -> None:
        self._guard(partial(self._tell, delivery))
        if delivery.error is not None and self._manner.fail_fast:
            self._schedule.is_stopping = True

    def _guard(self, tell: Callable[[], None]) -> None:
        """Let a failure to tell something stop the run, but not before all is told."""
        try:
            tell()
        except (ClrctlError, OSError) as problem:
            self._fail(problem)

    def _fail(self, problem: BaseException) -> None:
        """Stop the run; of several problems the first one is raised at its end."""
        with self._work:
            self._fault = self._fault or problem
            self._schedule.is_stopping = True
            self._work.notify_all()

    def _cut(self) -> None:
        with self._work:
            for client in self._clients:
                client.cut()

    def _dismiss(self, patience: float) -> None:
        """Let the threads end; one that does not is left to end with the process."""
        with self._work:
            self._schedule.is_stopping = True
            self._work.notify_all()
        self._cut()
        end = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    # --- the worker threads -------------------------------------------------------------------

    def _be_a_worker(self) -> None:
        try:
            with self._connect() as client:
                with self._work:
                    self._clients.add(client)
                try:
                    while (job := self._next()) is not None:
                        self._send(job, client)
                finally:
                    with self._work:
                        self._clients.discard(client)
        except BaseException as fault:
            self._fail(fault)

    def _next(self) -> Job | None:
        with self._work:
            while not self._schedule.is_stopping:
                job = self._schedule.take()
                if isinstance(job, Job):
                    self._under_way.add(job)
                    return job
                self._time.wait(self._work, None if math.isinf(job) else job)
        return None

    def _send(self, job: Job, client: ClrClient) -> None:
        """Make one request; whatever happens, the job is told of or scheduled again."""
        try:
            self._begin(job)
            delivery = self._requested(job, client)
        except BaseException as fault:
            # What the journal refuses was not sent; of a fault of ours nothing is known.
            job.in_doubt = job.in_doubt or not isinstance(fault, ClrctlError)
            self._fail(fault)
            delivery = self._schedule.dropped(job)
        if delivery is None:
            with self._work:
                self._under_way.discard(job)
        else:
            self._settle(job, delivery)

    def _requested(self, job: Job, client: ClrClient) -> Delivery | None:
        try:
            receipt = client.upsert(job.body)
        except ClrctlError as error:
            with self._work:
                self._work.notify()
                return self._schedule.failed(job, error)
        with self._work:
            return self._schedule.stored(job, receipt)

    def _begin(self, job: Job) -> None:
        if self._journal:
            until = self._time.wall() + self._manner.deadline
            self._journal.begin(job.parcel.key, job.parcel.digest, until)

    def _settle(self, job: Job, delivery: Delivery) -> None:
        """Note in the journal what became of a job, then let its key go."""
        try:
            if self._journal and job.attempts:
                self._note(self._journal, job, delivery)
        except Exception as problem:
            self._fail(problem)
        with self._work:
            self._schedule.close(job, delivery.outcome)
            self._under_way.discard(job)
            self._results.append(delivery)
            self._work.notify()
            self._news.notify()

    def _note(self, journal: Journal, job: Job, delivery: Delivery) -> None:
        is_stored = delivery.outcome in STORED
        journal.finish(
            job.parcel.key,
            job.parcel.digest,
            delivery.outcome,
            status=delivery.status,
            attempts=delivery.attempts,
            detail=delivery.error.what if delivery.error else "",
            fingerprint=fingerprint.of(orjson.loads(job.body)) if is_stored else b"",
        )
