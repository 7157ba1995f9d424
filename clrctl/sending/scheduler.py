"""Which credential is sent next, when, and what a failure means for it and for the run.

All decisions of a run are here, over a clock that is passed in; nothing waits, nothing is locked
and nothing is sent. `clrctl.sending.sender` does that.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from clrctl.document import Key
from clrctl.errors import ClrctlError, TemporaryError
from clrctl.http import LostAnswer
from clrctl.sending.client import (
    Answered,
    BusyError,
    Forbidden,
    NoService,
    Redirected,
    Throttled,
    TokenRefused,
    Unconfirmed,
)
from clrctl.sending.delivery import Delivery
from clrctl.sending.outcome import Receipt, UploadOutcome
from clrctl.sending.retry import (
    BUSY,
    DOUBTFUL,
    THROTTLED,
    TRANSIENT,
    Budget,
    RetryRule,
    Trial,
    rule_of,
)
from clrctl.sending.spool import QueuedCredential
from clrctl.sending.throttle import Circuit, Clock, Pace

_NOES = 20  # so many 403 or 404 in a row are about the endpoint, not about a credential


@dataclass(frozen=True, slots=True)
class SendOptions:
    """How a run goes about its work; times in seconds.

    Attributes:
        connections: requests under way at once.
        rate: requests started in a second; None for any number.
        retries: attempts after the first, whatever fails; None for the rules of `retry`.
        max_wait: longest pause that the server may ask for.
        max_outage: how long nobody may answer before the run ends.
        settle: how long a request of unknown fate may still be carried out.
        deadline: how long one request may take (`http.Timeouts.exchange`).
        grace: how long requests under way may take once somebody wants the run to stop.
        fail_fast: stop at the first credential that is not stored.
        force: send what is known to be stored, too.
    """

    connections: int = 8
    rate: float | None = None
    retries: int | None = None
    max_wait: float = 300.0
    max_outage: float = 600.0
    settle: float = 60.0
    deadline: float = 120.0
    grace: float = 15.0
    fail_fast: bool = False
    force: bool = False


@dataclass(slots=True, eq=False)
class Job:
    """One parcel on its way.

    Attributes:
        parcel: what is sent.
        body: its bytes.
        trial: its failures so far.
        attempts: requests made for it.
        in_doubt: one of them may have been carried out.
        is_probe: the request under way is to find out whether anybody answers.
        of_round: what `Pace` gave the request under way.
        is_noted: the journal knows that it was about to be sent.
    """

    parcel: QueuedCredential
    body: bytes = field(repr=False)
    trial: Trial
    attempts: int = 0
    in_doubt: bool = False
    is_probe: bool = False
    of_round: int = 0
    is_noted: bool = False


class Schedule:
    """The jobs of one run, from `add` to `close`; of one key only one is taken at a time.

    Attributes:
        open: jobs that were added and are not closed.
        is_stopping: nothing more is to be sent.
        circuit: closed while somebody answers.
        pace: how fast requests follow each other.
    """

    def __init__(self, options: SendOptions, clock: Clock, random: Callable[[], float]) -> None:
        self.open = 0
        self.is_stopping = False
        self.circuit = Circuit(clock, options.max_outage)
        self.pace = Pace(options.connections, rate=options.rate, clock=clock)
        self._options = options
        self._clock = clock
        self._random = random
        self._budget = Budget()
        self._ready: deque[Job] = deque()
        self._later: list[tuple[float, int, Job]] = []
        self._lanes: dict[Key, deque[Job]] = {}
        self._serial = 0
        self._noes = 0
        self._was_reached = False
        self._has_stored = False

    @property
    def ready(self) -> int:
        """Number of jobs that wait for nothing but a connection."""
        return len(self._ready)

    def add(self, parcel: QueuedCredential, body: bytes, *, pause: float = 0.0) -> None:
        """Add a job, to be taken in so many seconds, after all others of its key."""
        job = Job(parcel, body, Trial(self._options.retries))
        self.open += 1
        if (lane := self._lanes.get(parcel.key)) is not None:
            lane.append(job)
            return
        self._lanes[parcel.key] = deque()
        self._put(job, pause)

    def take(self) -> Job | float:
        """Return the job to send now, or in how many seconds to ask again.

        Infinity means: when something has changed.
        """
        if (wait := self.due()) > 0:
            return wait
        job = heappop(self._later)[2] if self._is_due() else self._ready.popleft()
        job.attempts += 1
        job.of_round = self.pace.started()
        job.is_probe = self.circuit.started()
        return job

    def due(self) -> float:
        """Return in how many seconds `take` has a job; infinity: when something has changed."""
        return max(self._wait_for_job(), self.pace.pause(), self.circuit.pause())

    def stored(self, job: Job, receipt: Receipt) -> Delivery:
        """Note that a request was confirmed."""
        self.pace.ended()
        self.pace.succeeded()
        self._budget.earn()
        self._heard()
        self._noes = 0
        self._has_stored = True
        return Delivery(job.parcel, receipt.outcome, receipt, attempts=job.attempts)

    def failed(self, job: Job, error: ClrctlError) -> Delivery | None:
        """Note that a request failed; return what that means, or None: it is made again."""
        self.pace.ended()
        was_reached, self._was_reached = self._was_reached, self._was_reached or _reached(error)
        job.in_doubt = job.in_doubt or isinstance(error, LostAnswer | Unconfirmed)
        rule = _rule(error)
        if rule is None or (_was_not_sent(error) and not was_reached):
            return self._final(job, error)
        was_stopping = self.is_stopping
        self._note(job, error, rule)
        pause = self._pause(job, error, rule)
        if self.is_stopping:
            is_news = not was_stopping or job.in_doubt
            return self.dropped(job, error if is_news else None)
        if pause is None:
            return self._end(job, error)
        self._put(job, pause)
        return None

    def unsent(self, job: Job) -> Delivery:
        """Return what is to be reported of a job that `take` returned, and that was not sent."""
        self.pace.ended()
        job.attempts -= 1
        return self.dropped(job)

    def dropped(self, job: Job, error: ClrctlError | None = None) -> Delivery:
        """Return what is to be reported of a job that is not sent, or not sent again."""
        outcome = UploadOutcome.UNCONFIRMED if job.in_doubt else UploadOutcome.PENDING
        return Delivery(job.parcel, outcome, error=error, attempts=job.attempts)

    def close(self, job: Job, outcome: UploadOutcome) -> None:
        """Forget a job that `stored`, `failed` or `drop` returned; the next of its key is due.

        Nothing newer is sent while the server may still be at a request of unknown fate.
        """
        self.open -= 1
        lane = self._lanes[job.parcel.key]
        if not lane:
            del self._lanes[job.parcel.key]
            return
        follower = lane.popleft()
        is_other = follower.parcel.digest != job.parcel.digest
        is_doubt = outcome is UploadOutcome.UNCONFIRMED and is_other
        self._put(follower, self._options.settle if is_doubt else 0.0)

    def drop(self) -> Job | None:
        """Take a job that waits, to be told and closed without another request."""
        if self._ready:
            return self._ready.popleft()
        return heappop(self._later)[2] if self._later else None

    def _put(self, job: Job, pause: float) -> None:
        if pause <= 0:
            self._ready.append(job)
            return
        self._serial += 1
        heappush(self._later, (self._clock() + pause, self._serial, job))

    def _is_due(self) -> bool:
        return bool(self._later) and self._later[0][0] <= self._clock()

    def _wait_for_job(self) -> float:
        if self._ready:
            return 0.0
        return max(0.0, self._later[0][0] - self._clock()) if self._later else math.inf

    def _heard(self) -> None:
        self._was_reached = True
        if self.circuit.is_open:
            self._budget.refill()
        self.circuit.close()

    def _final(self, job: Job, error: ClrctlError) -> Delivery:
        """Return what an error means that is not tried again; it may stop the run."""
        if isinstance(error, Answered):
            self._heard()
        self._noes = self._noes + 1 if isinstance(error, Forbidden | NoService) else 0
        was_stopping = self.is_stopping
        concerns_all = self._concerns_all(error)
        self.is_stopping = was_stopping or concerns_all
        if _was_not_sent(error) or (was_stopping and concerns_all):
            # The others that were under way meet the same: it is told once.
            return self.dropped(job, None if was_stopping else error)
        return self._end(job, error)

    def _concerns_all(self, error: ClrctlError) -> bool:
        """Return whether the next request would meet the same error."""
        if isinstance(error, Forbidden | NoService):
            return not self._has_stored or self._noes >= _NOES
        return isinstance(error, TokenRefused | Redirected) or not isinstance(error, Answered)

    def _note(self, job: Job, error: ClrctlError, rule: RetryRule) -> None:
        """Let the whole run draw its conclusions from a failure that may pass."""
        if rule in (TRANSIENT, BUSY) or job.is_probe:
            self.circuit.failed(probe=job.is_probe)
        elif not self.circuit.is_open:
            self.circuit.close()
        if rule in (THROTTLED, BUSY) and isinstance(error, Answered):
            self.pace.throttled(job.of_round, error.wait)

    def _pause(self, job: Job, error: ClrctlError, rule: RetryRule) -> float | None:
        asked = error.wait if isinstance(error, Answered) else 0.0
        if asked > self._options.max_wait or self.circuit.is_over():
            self.is_stopping = True
        if self.circuit.is_open and self._options.retries is None:
            # What fails now says nothing about this credential.
            return asked
        pause = job.trial.pause(rule, asked=asked, now=self._clock(), random=self._random)
        if pause is not None and not self._budget.pay(rule):
            self.circuit.open()
        return pause

    def _end(self, job: Job, error: ClrctlError) -> Delivery:
        self.is_stopping = self.is_stopping or self._options.fail_fast
        outcome = _outcome(error, in_doubt=job.in_doubt)
        return Delivery(job.parcel, outcome, error=error, attempts=job.attempts)


def _outcome(error: ClrctlError, *, in_doubt: bool) -> UploadOutcome:
    """Return what becomes of a credential when an error stands."""
    if not isinstance(error, TemporaryError | Unconfirmed):
        return UploadOutcome.REFUSED
    if in_doubt:
        return UploadOutcome.UNCONFIRMED
    return UploadOutcome.FAILED if isinstance(error, BusyError) else UploadOutcome.PENDING


def _rule(error: ClrctlError) -> RetryRule | None:
    """Return how an error is met; None: it stands."""
    if isinstance(error, Unconfirmed):
        return DOUBTFUL
    if isinstance(error, Throttled):
        return THROTTLED
    if isinstance(error, Answered):
        return rule_of(error.status)
    return TRANSIENT if isinstance(error, TemporaryError) else None


def _reached(error: ClrctlError) -> bool:
    return isinstance(error, Answered | LostAnswer)


def _was_not_sent(error: ClrctlError) -> bool:
    """Return whether an error came before the request: no connection, or no token to be had."""
    return isinstance(error, TemporaryError) and not _reached(error)
