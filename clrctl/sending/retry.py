"""When, and how often, a failed request is made again: rules without threads, clocks or sockets.

They are written here because no library has them together: one budget for the whole run beside
the limits of each item, a budget that pauses instead of failing, and the plan of a next attempt
in the place of a sleep inside the call, so that the journal hears of each.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from clrctl import http

LONGEST_PAUSE = 30.0
"""Seconds that back-off alone lets pass between two attempts at the most."""

MOST_ATTEMPTS = 8
"""Requests for one item, those that were throttled not counted."""

LONGEST_TRIAL = 15 * 60.0
"""Seconds after its first failure in which an item is tried again."""

_UNIX_TIMES = 10**9  # from here on, a number of seconds is a time and no pause


@dataclass(frozen=True, slots=True)
class RetryRule:
    """How one kind of failure is met.

    Attributes:
        attempts: requests of one item that may fail like this, the first one included.
        base: seconds from which the pauses grow, doubling with every failure.
        cost: what one more attempt takes from the budget of the run.
    """

    attempts: int = MOST_ATTEMPTS
    base: float = 0.5
    cost: int = 14


TRANSIENT = RetryRule()
"""No connection, a lost answer, a gateway that reaches nobody."""

BUSY = RetryRule(base=1.0, cost=5)
THROTTLED = RetryRule(attempts=20, base=1.0, cost=5)

DOUBTFUL = RetryRule(attempts=3)
"""What may be the credential's own doing: a fault of the server, a conflict, a hollow yes."""

_BY_STATUS: Mapping[int, RetryRule] = {
    HTTPStatus.REQUEST_TIMEOUT: TRANSIENT,
    HTTPStatus.CONFLICT: DOUBTFUL,
    HTTPStatus.TOO_EARLY: TRANSIENT,
    HTTPStatus.TOO_MANY_REQUESTS: THROTTLED,
    HTTPStatus.BAD_GATEWAY: TRANSIENT,
    HTTPStatus.SERVICE_UNAVAILABLE: BUSY,
    HTTPStatus.GATEWAY_TIMEOUT: TRANSIENT,
}


def rule_of(status: int) -> RetryRule | None:
    """Return how an error status is met (RFC 9110, RFC 6585, RFC 8470); None: it stands."""
    fault = DOUBTFUL if status >= HTTPStatus.INTERNAL_SERVER_ERROR else None
    return _BY_STATUS.get(status, fault)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return for how many seconds a server asks to be left alone (RFC 9110 section 10.2.3).

    Without Retry-After, what rate limits say counts, where no request is left. A date is compared
    with the answer's own `Date`, so that no clock needs to be right.

    Args:
        headers: those of an answer, by name in lower case.

    Returns:
        Seconds, never negative; None where nothing is said that can be understood.
    """
    if said := headers.get("retry-after", "").strip():
        is_number = re.fullmatch(r"[0-9]{1,15}", said)
        return float(said) if is_number else _seconds_to(_date(said), headers)
    left = next((headers[name].strip() for name in http.RATE_LEFT if name in headers), "0")
    reset = next((headers[name].strip() for name in http.RATE_RESET if name in headers), "")
    if left != "0" or not re.fullmatch(r"[0-9]{1,11}", reset):
        return None
    if int(reset) < _UNIX_TIMES:
        return float(reset)
    return _seconds_to(datetime.fromtimestamp(int(reset), UTC), headers)


def _seconds_to(until: datetime | None, headers: Mapping[str, str]) -> float | None:
    now = _date(headers.get("date", ""))
    try:
        return max(0.0, (until - now).total_seconds()) if until and now else None
    except TypeError:  # one of them has no zone
        return None


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None


@dataclass(slots=True)
class Trial:
    """The failures of one item so far.

    Attributes:
        retries: attempts after the first, whatever fails; None for the rules' own limits.
    """

    retries: int | None = None
    _failed: Counter[RetryRule] = field(default_factory=Counter)
    _began: float = 0.0

    def pause(
        self, rule: RetryRule, *, asked: float, now: float, random: Callable[[], float]
    ) -> float | None:
        """Note a failure; return the seconds until the next attempt, or None for no other.

        The pause is anything between nothing and a limit that doubles with every failure, so
        that clients that failed together do not come back together; but no less than asked.

        Args:
            rule: the kind of failure.
            asked: seconds that the server asks for.
            now: seconds that only go forward.
            random: returns a number from 0 to 1, all equally likely.
        """
        before = self._failed.total()
        self._began = self._began if before else now
        self._failed[rule] += 1
        pause = max(asked, random() * min(LONGEST_PAUSE, rule.base * 2.0**before))
        if self._is_enough(rule) or now + pause - self._began > LONGEST_TRIAL:
            return None
        return pause

    def _is_enough(self, rule: RetryRule) -> bool:
        total = self._failed.total()
        if self.retries is not None and total > self.retries:
            return True
        counted = total - self._failed[THROTTLED]
        return counted >= MOST_ATTEMPTS or self._failed[rule] >= rule.attempts


class Budget:
    """What a run may spend on attempts after the first, so that trouble is not multiplied."""

    FULL = 500

    def __init__(self) -> None:
        self.tokens = self.FULL

    def pay(self, rule: RetryRule) -> bool:
        """Take the cost of one more attempt; False, and nothing taken, where it is not there."""
        if self.tokens < rule.cost:
            return False
        self.tokens -= rule.cost
        return True

    def earn(self) -> None:
        """Give back a token for a success."""
        self.tokens = min(self.FULL, self.tokens + 1)

    def refill(self) -> None:
        """Begin anew, once the server is known to be well."""
        self.tokens = self.FULL
