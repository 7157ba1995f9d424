"""An upload that is killed again and again loses nothing, claims nothing and repeats little."""

import random
import signal
import sys
import time

import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl.sandbox.faults import kinds
from clrctl.sandbox.faults.kinds import FaultStep
from tests.soaking import (
    TOKEN,
    Counting,
    assert_honest,
    assert_stored,
    entries,
    serving,
    started,
    wait_until,
    write,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot kill like this"),
]

CONNECTIONS = 8


@pytest.fixture(autouse=True)
def token(monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)


def killed(process, moment):
    """Kill a process once a condition holds; tell whether it was still running."""
    try:
        wait_until(lambda: moment() or process.poll() is not None)
    finally:
        process.kill()
    return process.wait(10) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("kills", "number"), [(15, 600), pytest.param(50, 1500, marks=pytest.mark.soak)]
)
def test_no_kill_does_harm(clrctl, clean_environment, tmp_path, kills, number):
    rng = random.Random(number)  # noqa: S311 - repeatable
    data, records = clean_environment / "data", write(tmp_path / "in", range(number))
    command = ["upsert", tmp_path / "in", "-e", "", "--connections", CONNECTIONS]
    faults, done, claimed = Counting(), 0, 0
    with serving(tmp_path / "box.db", faults) as box:
        command[3] = box.url
        for turn in range(kills):
            # Most die in the midst of sending, some while they start or read.
            at = faults.seen.total() + rng.randrange(int(1.6 * number / kills))
            late = time.monotonic() + (rng.random() if turn % 4 == 3 else 60)
            process = started(*map(str, command))
            done += killed(
                process,
                lambda at=at, late=late: faults.seen.total() > at or time.monotonic() > late,
            )
            before, claimed = claimed, assert_honest(data, box)
            assert claimed >= before
        last = clrctl(*command)
        assert last.code == 0
        assert_stored(box, records)
        assert assert_honest(data, box) == number
        assert clrctl(*command).code == 0
        assert not any(entry.in_doubt for entry in entries(data, box))
    again = faults.seen.total() - number
    print("kills:", done)  # noqa: T201 - shown by -rP
    print("sent again:", again)  # noqa: T201 - shown by -rP
    assert done > kills / 2
    assert 0 < again <= done * CONNECTIONS


@pytest.mark.parametrize("settle", [1.5])
def test_a_killed_run_does_not_overtake_the_next_one(clrctl, clean_environment, tmp_path, settle):
    """The server is still at the old version while the new one is given to clrctl."""
    numbers = range(4)
    faults = Counting(FaultStep(kinds.Delay(seconds=1.0), times=len(numbers)))
    with serving(tmp_path / "box.db", faults) as box:
        write(tmp_path / "in", numbers, "Old")
        command = ["upsert", tmp_path / "in", "-e", box.url]
        process = started(*command)
        assert killed(process, lambda: faults.seen.total() == len(numbers))
        assert box.store.count() == 0
        records = write(tmp_path / "in", numbers, "New")
        result = clrctl(*command, "--settle", settle)
        assert (result.code, result.out.count("updated")) == (0, len(numbers))
        assert_stored(box, records)
        assert assert_honest(clean_environment / "data", box) == len(numbers)


def test_new_versions_win_over_lost_answers(clrctl, clean_environment, tmp_path):
    numbers = range(60)
    faults = Counting(FaultStep(kinds.Reset(commit=True), times=None, every=7))
    with serving(tmp_path / "box.db", faults) as box:
        for version in ("One", "Two", "Three"):
            records = write(tmp_path / "in", numbers, version)
            command = ["upsert", tmp_path / "in", "-e", box.url, "--settle", "0"]
            result = clrctl(*command, "--retries", "0")
            assert result.code == 5
            assert 0 < result.out.count("unconfirmed") < len(numbers)
        faults.clear()
        assert clrctl(*command).code == 0
        assert_stored(box, records)
        assert assert_honest(clean_environment / "data", box) == len(numbers)
