"""When a failed request is made again: the table of failures, the pauses, and the budget."""

import random

import pytest

from clrctl.sending import retry
from clrctl.sending.retry import (
    BUSY,
    DOUBTFUL,
    THROTTLED,
    TRANSIENT,
    Budget,
    Trial,
    retry_after,
    rule_of,
)

STATUSES = [
    # status, attempts, seconds from which pauses grow, cost; None: it stands
    (400, None),
    (401, None),
    (403, None),
    (404, None),
    (405, None),
    (408, (8, 0.5, 14)),
    (409, (3, 0.5, 14)),
    (412, None),
    (413, None),
    (422, None),
    (425, (8, 0.5, 14)),
    (428, None),
    (429, (20, 1.0, 5)),
    (500, (3, 0.5, 14)),
    (501, (3, 0.5, 14)),
    (502, (8, 0.5, 14)),
    (503, (8, 1.0, 5)),
    (504, (8, 0.5, 14)),
    (599, (3, 0.5, 14)),
]


@pytest.mark.parametrize(("status", "expected"), STATUSES)
def test_how_a_status_is_met(status, expected):
    rule = rule_of(status)
    assert (rule and (rule.attempts, rule.base, rule.cost)) == expected


DATE = "Sun, 01 Mar 2026 12:00:00 GMT"
ASKED = [
    # Retry-After, Date, seconds
    ("0", DATE, 0),
    ("5", "", 5),
    (" 5 ", DATE, 5),
    ("99999999", DATE, 99_999_999),
    ("9" * 40, DATE, None),
    ("-1", DATE, None),
    ("1.5", DATE, None),
    ("5, 7", DATE, None),
    ("٣", DATE, None),
    ("soon", DATE, None),
    ("", DATE, None),
    ("Sun, 01 Mar 2026 12:00:30 GMT", DATE, 30),
    ("Sunday, 01-Mar-26 12:00:30 GMT", DATE, 30),
    ("Sun Mar  1 12:00:30 2026", "Sun Mar  1 12:00:00 2026", 30),
    ("Sun, 01 Mar 2026 14:00:30 +0200", DATE, 30),
    ("Sun, 01 Mar 2026 11:59:00 GMT", DATE, 0),
    ("Sun, 01 Mar 2026 12:00:30 GMT", "", None),
    ("Sun, 01 Mar 2026 12:00:30 GMT", "today", None),
    ("Sun, 01 Mar 2026 12:00:30", DATE, None),
    ("Sun, 01 Mar 99999 12:00:30 GMT", DATE, None),
]


@pytest.mark.parametrize(("asked", "date", "seconds"), ASKED)
def test_for_how_long_a_server_asks_to_be_left_alone(asked, date, seconds):
    assert retry_after({"retry-after": asked, "date": date}) == seconds


LIMITS = [
    # headers of a rate limit, seconds
    ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "7"}, 7),
    ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1772366430"}, 30),
    ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1772366000"}, 0),
    ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "7"}, 7),
    ({"ratelimit-remaining": "0", "ratelimit-reset": "7"}, 7),
    ({"ratelimit-reset": "7"}, 7),
    ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "7"}, None),
    ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, None),
    ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 20}, None),
    ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999999"}, 98_227_633_599),
    ({"x-ratelimit-remaining": "0"}, None),
    ({"retry-after": "5", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "7"}, 5),
]


@pytest.mark.parametrize(("headers", "seconds"), LIMITS)
def test_what_a_rate_limit_says_counts_where_no_request_is_left(headers, seconds):
    assert retry_after({"date": DATE, **headers}) == seconds


def test_a_server_that_asks_for_nothing():
    assert retry_after({}) is None


def pauses(rule, *, random=lambda: 1.0, asked=0.0, retries=None, step=0.0):
    """Return the pauses between the attempts of an item that always fails alike."""
    trial, now, found = Trial(retries), 0.0, []
    while (pause := trial.pause(rule, asked=asked, now=now, random=random)) is not None:
        found.append(pause)
        now += pause + step
    return found


def test_pauses_double_up_to_half_a_minute():
    assert pauses(TRANSIENT) == [0.5, 1, 2, 4, 8, 16, 30]
    assert pauses(BUSY) == [1, 2, 4, 8, 16, 30, 30]
    assert pauses(DOUBTFUL) == [0.5, 1]


def test_being_throttled_does_not_count_until_it_does_not_end():
    assert len(pauses(THROTTLED)) == 19
    trial = Trial()
    kinds = [THROTTLED] * 10 + [TRANSIENT] * 8
    told = [trial.pause(kind, asked=0, now=0, random=lambda: 0) for kind in kinds]
    assert told == [0.0] * 17 + [None]


def test_kinds_of_failures_add_up():
    trial = Trial()
    kinds = [DOUBTFUL, TRANSIENT, DOUBTFUL, TRANSIENT, TRANSIENT, BUSY, BUSY, TRANSIENT]
    told = [trial.pause(kind, asked=0, now=0, random=lambda: 0) for kind in kinds]
    assert told == [0.0] * 7 + [None]


@pytest.mark.parametrize("rule", [TRANSIENT, THROTTLED, DOUBTFUL])
@pytest.mark.parametrize("retries", [0, 1, 2])
def test_fewer_attempts_may_be_wanted(rule, retries):
    assert len(pauses(rule, retries=retries)) == retries


def test_what_the_server_asks_for_is_the_least():
    assert pauses(BUSY, asked=5.0) == [5, 5, 5, 8, 16, 30, 30]


def test_an_item_is_given_up_after_a_quarter_of_an_hour():
    assert len(pauses(TRANSIENT, step=200)) == 5
    assert len(pauses(THROTTLED, asked=299.0)) == 3


def test_pauses_are_spread_evenly():
    chance = random.Random(7)  # noqa: S311 - not a secret
    draws = []
    for _ in range(10_000):
        trial = Trial()
        for _ in range(3):
            pause = trial.pause(TRANSIENT, asked=0, now=0, random=chance.random)
        draws.append(pause)
    assert 0 <= min(draws) < 0.01
    assert 1.99 < max(draws) <= 2
    tenths = [sum(n / 5 <= draw < (n + 1) / 5 for draw in draws) for n in range(10)]
    assert all(900 < tenth < 1100 for tenth in tenths)


def test_the_budget_is_never_overdrawn_and_successes_give_back():
    budget = Budget()
    assert sum(budget.pay(TRANSIENT) for _ in range(100)) == 35
    assert budget.tokens == 10
    assert sum(budget.pay(BUSY) for _ in range(100)) == 2
    assert not budget.pay(BUSY)
    for _ in range(14):
        budget.earn()
    assert (budget.pay(TRANSIENT), budget.tokens) == (True, 0)
    budget.refill()
    budget.earn()
    assert budget.tokens == Budget.FULL


def test_the_limits_are_those_promised():
    assert (retry.LONGEST_PAUSE, retry.MOST_ATTEMPTS, retry.LONGEST_TRIAL) == (30, 8, 900)
