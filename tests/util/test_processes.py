"""Processes to spread work over: when they start, what they take, how they end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clrctl.util import processes
from clrctl.util.processes import Processes, available, workers


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    yield
    assert multiprocessing.active_children() == []


def test_they_start_with_the_first_task() -> None:
    with Processes(2) as executor:
        assert multiprocessing.active_children() == []
        assert executor.submit(os.getpid).result() != os.getpid()


def test_one_process_is_this_one() -> None:
    with workers(1) as executor:
        assert executor is None
    with workers(3) as executor:
        assert executor is not None
    with workers(0) as executor:
        assert (executor is None) == (available() == 1)


def sleep_long() -> None:
    time.sleep(600)


def test_what_they_are_at_is_not_waited_for_at_the_end() -> None:
    with Processes(2) as executor:
        pending = [executor.submit(sleep_long) for _ in range(9)]
    assert all(one.done() for one in pending)


KINDS = """
import multiprocessing, threading
from clrctl.util.processes import Processes
def kind():
    return type(multiprocessing.current_process()).__name__
if __name__ == "__main__":
    with Processes(1) as executor:
        print(executor.submit(kind).result())
    thread = threading.Thread(target=(done := threading.Event()).wait)
    thread.start()
    with Processes(1) as executor:
        print(executor.submit(kind).result())
    done.set()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only here a fork is safe")
def test_a_process_of_several_threads_is_not_forked(tmp_path: Path) -> None:
    # In a process of its own: that of the tests may have threads already.
    (tmp_path / "kinds.py").write_text(KINDS)
    done = subprocess.run(
        [sys.executable, tmp_path / "kinds.py"], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["ForkProcess", "SpawnProcess"]


def signals() -> tuple[bool, bool, bool]:
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    return (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
        signal.getsignal(signal.SIGTERM) is signal.SIG_DFL,
        bool({signal.SIGINT, signal.SIGTERM} & mask),
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there is no mask of signals")
def test_they_leave_ctrl_c_to_the_first() -> None:
    with Processes(1) as executor:
        assert executor.submit(signals).result() == (True, True, False)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no mask of signals")
def test_ctrl_c_waits_until_a_process_that_is_starting_can_be_ended() -> None:
    started = False
    with pytest.raises(KeyboardInterrupt), processes._signals_held():
        # To this thread: the runner's own threads would take what is sent to the process.
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        started = True
    assert started


def test_there_is_at_least_one_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    assert available() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert available() == 1
