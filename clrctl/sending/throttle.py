"""How fast requests may follow each other: what the user allows, and what the server bears.

Plain bookkeeping over a clock that is passed in. Nothing here waits, and nothing is locked:
whoever shares it among threads does both.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Clock = Callable[[], float]
"""Returns seconds that only go forward."""


class Pace:
    """How many requests may be under way at once, and when the next may start.

    A server that throttles halves the number; every round of successes adds one again, up to
    what was allowed at first (additive increase, multiplicative decrease, as TCP does).

    Args:
        connections: most requests under way at once.
        rate: most requests started in a second; None for any number.
        clock: returns the time.
    """

    def __init__(self, connections: int, *, rate: float | None = None, clock: Clock) -> None:
        self._most = connections
        self._clock = clock
        self._bucket = Bucket(rate, clock) if rate else None
        self._under_way = 0
        self._successes = 0
        self._round = 0
        self._paused_until = -math.inf
        self.limit = connections

    def pause(self) -> float:
        """Return in how many seconds a request may start; infinity: when another has ended."""
        if self._under_way >= self.limit:
            return math.inf
        wait = self._paused_until - self._clock()
        return max(0.0, wait, self._bucket.pause() if self._bucket else 0.0)

    def paused(self) -> float:
        """Return for how many seconds the server still wants to be left alone."""
        return max(0.0, self._paused_until - self._clock())

    def started(self) -> int:
        """Note that a request starts; return the round in which it does."""
        self._under_way += 1
        if self._bucket:
            self._bucket.take()
        return self._round

    def ended(self) -> None:
        """Note that a request has ended, however it did."""
        self._under_way -= 1

    def succeeded(self) -> None:
        """Note that a server took a request."""
        self._successes += 1
        if self._successes >= self.limit:
            self._successes = 0
            self.limit = min(self._most, self.limit + 1)

    def throttled(self, of_round: int, seconds: float) -> None:
        """Note that a server is busy: all requests pause, and fewer will be under way.

        Args:
            of_round: what `started` returned: of those that were under way together, only one
                halves the number.
            seconds: how long the server asks to be left alone.
        """
        self._paused_until = max(self._paused_until, self._clock() + seconds)
        if of_round == self._round:
            self._round += 1
            self._successes = 0
            self.limit = max(1, self.limit // 2)


class Bucket:
    """Holds requests to a rate; a tenth of a second's worth may be made up for at once."""

    _MADE_UP_FOR = 0.1

    def __init__(self, rate: float, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._most = max(1.0, rate * self._MADE_UP_FOR)
        self._tokens = 1.0
        self._at = clock()

    def pause(self) -> float:
        """Return in how many seconds the next request may start."""
        now = self._clock()
        self._tokens = min(self._most, self._tokens + (now - self._at) * self._rate)
        self._at = now
        return max(0.0, (1.0 - self._tokens) / self._rate)

    def take(self) -> None:
        """Note that a request starts."""
        self._tokens -= 1.0


class Circuit:
    """Stops all requests while nobody answers, but for one now and then to see if that is over.

    Args:
        clock: returns the time.
        max_outage: seconds after which an outage is called one.
    """

    _ENOUGH = 20
    _FIRST_PAUSE = 5.0
    _LONGEST_PAUSE = 60.0

    def __init__(self, clock: Clock, max_outage: float) -> None:
        self._clock = clock
        self._max_outage = max_outage
        self._in_a_row = 0
        self._since = 0.0
        self._interval = 0.0
        self._probe_at = 0.0
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        """Whether only probes are made."""
        return self._interval > 0

    def pause(self) -> float:
        """Return in how many seconds a request may start; infinity: when the probe has ended."""
        if not self.is_open:
            return 0.0
        return math.inf if self._is_probing else max(0.0, self._probe_at - self._clock())

    def started(self) -> bool:
        """Note that a request starts; return whether it is the probe."""
        self._is_probing = self.is_open
        return self._is_probing

    def failed(self, *, probe: bool) -> None:
        """Note that a request met nobody, or nobody well."""
        self._since = self._since if self._in_a_row else self._clock()
        self._in_a_row += 1
        if probe:
            self._is_probing = False
            self._wait(min(self._LONGEST_PAUSE, 2 * self._interval))
        elif self._in_a_row >= self._ENOUGH:
            self.open()

    def open(self) -> None:
        """Let nothing but probes through from now on."""
        if not self.is_open:
            self._since = self._since if self._in_a_row else self._clock()
            self._wait(self._FIRST_PAUSE)

    def close(self) -> None:
        """Begin anew: somebody has answered."""
        self._in_a_row = 0
        self._interval = 0.0
        self._is_probing = False

    def is_over(self) -> bool:
        """Return whether the outage has lasted so long that waiting on makes no sense."""
        return self.is_open and self._clock() - self._since >= self._max_outage

    def _wait(self, seconds: float) -> None:
        self._interval = seconds
        self._probe_at = self._clock() + seconds
