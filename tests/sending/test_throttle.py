"""How fast requests follow each other: connections, rates, pauses and outages."""

import math

import pytest

from clrctl.sending.throttle import Bucket, Circuit, Pace


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def start(pace, number):
    rounds = []
    for _ in range(number):
        assert pace.pause() == 0
        rounds.append(pace.started())
    return rounds


def test_no_more_are_under_way_than_allowed(clock):
    pace = Pace(2, clock=clock)
    start(pace, 2)
    assert pace.pause() == math.inf
    pace.ended()
    assert pace.pause() == 0


def test_a_busy_server_halves_them_and_successes_add_one_at_a_time(clock):
    pace = Pace(8, clock=clock)
    limits = []
    for _ in range(4):
        pace.throttled(pace.started(), 0)
        pace.ended()
        limits.append(pace.limit)
    for _ in range(5):
        pace.succeeded()
        limits.append(pace.limit)
    assert limits == [4, 2, 1, 1, 2, 2, 3, 3, 3]
    for _ in range(100):
        pace.succeeded()
    assert pace.limit == 8


def test_of_those_under_way_together_only_one_halves(clock):
    pace = Pace(8, clock=clock)
    rounds = start(pace, 8)
    for of_round in rounds:
        pace.throttled(of_round, 0)
        pace.ended()
    assert pace.limit == 4
    pace.throttled(pace.started(), 0)
    assert pace.limit == 2


def test_all_pause_for_as_long_as_the_longest_was_asked_for(clock):
    pace = Pace(8, clock=clock)
    of_round = pace.started()
    pace.throttled(of_round, 30)
    pace.throttled(of_round, 5)
    assert (pace.pause(), pace.paused()) == (30, 30)
    clock.now += 30
    assert (pace.pause(), pace.paused()) == (0, 0)


@pytest.mark.parametrize("rate", [0.5, 3.0, 40.0, 1000.0])
def test_a_rate_is_kept_in_the_long_run_and_never_exceeded_by_a_burst(clock, rate):
    pace = Pace(1, rate=rate, clock=clock)
    started, end = 0, clock.now + 20
    while clock.now < end:
        while pace.pause() <= 0:
            pace.started()
            pace.ended()
            started += 1
        clock.now += max(pace.pause(), 0.001)
    assert 20 * rate - 1 <= started <= 20 * rate * 1.1 + 1


def test_a_tenth_of_a_second_is_made_up_for(clock):
    bucket = Bucket(100, clock)
    clock.now += 60
    allowed = 0
    while bucket.pause() <= 0:
        bucket.take()
        allowed += 1
    assert allowed == 10


# --- outages ----------------------------------------------------------------------------------


def broken(clock, max_outage=600.0):
    circuit = Circuit(clock, max_outage)
    for _ in range(20):
        assert circuit.pause() == 0
        assert not circuit.started()
        circuit.failed(probe=False)
    return circuit


def test_after_twenty_failures_in_a_row_one_probe_at_a_time_is_made(clock):
    circuit = broken(clock)
    waited = []
    for _ in range(7):
        waited.append(circuit.pause())
        clock.now += circuit.pause()
        assert circuit.pause() == 0
        assert circuit.started()
        assert circuit.pause() == math.inf
        circuit.failed(probe=True)
    assert waited == [5, 10, 20, 40, 60, 60, 60]


def test_nineteen_failures_and_an_answer_are_no_outage(clock):
    circuit = Circuit(clock, 600)
    for _ in range(5):
        for _ in range(19):
            circuit.failed(probe=False)
        circuit.close()
    assert not circuit.is_open
    assert not circuit.started()


def test_an_answer_ends_the_outage(clock):
    circuit = broken(clock)
    clock.now += 5
    circuit.started()
    circuit.close()
    assert (circuit.is_open, circuit.pause()) == (False, 0)


def test_those_that_were_under_way_do_not_delay_the_probe(clock):
    circuit = broken(clock)
    circuit.failed(probe=False)
    assert circuit.pause() == 5


def test_an_outage_counts_from_its_first_failure(clock):
    circuit = Circuit(clock, 600)
    circuit.failed(probe=False)
    clock.now += 500
    assert not circuit.is_over()
    for _ in range(19):
        circuit.failed(probe=False)
    assert not circuit.is_over()
    clock.now += 100
    assert circuit.is_over()
    circuit.close()
    assert not circuit.is_over()


def test_it_can_be_opened_for_other_reasons(clock):
    circuit = Circuit(clock, 600)
    circuit.open()
    clock.now += 3
    circuit.open()
    assert (circuit.is_open, circuit.pause(), circuit.is_over()) == (True, 2, False)
    clock.now += 597
    assert circuit.is_over()
