"""How far a run has come, as a terminal and as a log see it."""

import io

import pytest

from clrctl.cli.console import Console
from clrctl.cli.progress import Progress, counting
from clrctl.sending.outcome import UploadOutcome


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def progress(err, clock, total=100, hindrance=str, **flags):
    return Progress(Console(err=err, **flags), total, hindrance=hindrance, clock=clock)


def test_what_is_over_at_once_is_not_drawn(clock):
    err = Terminal()
    shown = progress(err, clock)
    clock.now = 0.4
    shown.tick()
    assert err.getvalue() == ""


def test_a_terminal_sees_one_line_that_is_taken_away(clock):
    err = Terminal()
    console = Console(err=err, out=io.StringIO())
    shown = Progress(console, 100, clock=clock)
    shown.counts.update({UploadOutcome.CREATED: 18, UploadOutcome.REFUSED: 2})
    clock.now = 2.0
    shown.tick()
    line = "20 of 100 done, 2 refused, 10/s, 0:08 left"
    assert err.getvalue() == f"\r{line}"
    clock.now = 2.05
    shown.tick()
    assert err.getvalue() == f"\r{line}"
    console.flush()
    assert err.getvalue() == f"\r{line}"
    console.answer("stored")
    assert err.getvalue() == f"\r{line}\r{' ' * len(line)}\r"


def test_a_line_is_never_wider_than_the_terminal(clock, monkeypatch):
    monkeypatch.setenv("COLUMNS", "10")
    err = Terminal()
    shown = progress(err, clock)
    clock.now = 1.0
    shown.tick()
    assert err.getvalue() == "\r0 of 100 "


def test_a_terminal_that_has_gone_does_no_harm(clock):
    class Gone(Terminal):
        def write(self, _):
            raise BrokenPipeError

    shown = progress(Gone(), clock)
    clock.now = 1.0
    shown.tick()


@pytest.mark.parametrize(("flags", "lines"), [({"verbose": 1}, 3), ({}, 0)])
def test_a_log_gets_a_line_every_ten_seconds_if_wanted(clock, flags, lines):
    err = io.StringIO()
    shown = progress(err, clock, **flags)
    for second in range(31):
        clock.now = float(second)
        shown.tick()
    assert err.getvalue().count("\n") == lines


def test_quiet_draws_nothing(clock):
    err = Terminal()
    shown = progress(err, clock, quiet=True)
    clock.now = 60.0
    shown.tick()
    assert err.getvalue() == ""


def test_what_holds_it_up_stands_in_the_place_of_the_time_left(clock):
    shown = progress(io.StringIO(), clock, total=None, hindrance=lambda: "waiting")
    clock.now = 1.0
    assert shown.line() == "0 done, 0/s, waiting"


def test_long_times_have_hours(clock):
    shown = progress(io.StringIO(), clock, total=7301)
    shown.counts[UploadOutcome.CREATED] = 1
    clock.now = 1.0
    assert shown.line() == "1 of 7,301 done, 1/s, 2:01:40 left"


def test_pieces_count_for_as_many_as_they_hold():
    err = Terminal()
    times = iter([0.0, 1.0, 2.0])
    console = Console(out=io.StringIO(), err=err)
    assert list(counting("ab", console, size=lambda _: 500, clock=lambda: next(times))) == [
        "a",
        "b",
    ]
    assert "500 checked, 500 a second" in err.getvalue()
    assert "1,000 checked, 500 a second" in err.getvalue()
