"""Checking with several processes: the same results, in order, and a clean end."""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from clrctl.checking.many import Checked, check_all
from clrctl.checking.policy import Policy
from clrctl.document import parallel
from clrctl.document.inputs import Piece, find
from clrctl.document.limits import Limits
from clrctl.document.parsing import Document
from clrctl.errors import ClrctlError, ExitCode, InputError
from clrctl.finding import FileReport

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
SAMPLE = SAMPLES / "minimal.clr.json"


def pieces(*names: str | Path, stdin: bytes = b"", block: int = 0) -> Iterator[Any]:
    return find([str(name) for name in names], stdin=io.BytesIO(stdin), block=block)


def told(results: Iterator[Checked]) -> list[tuple[Any, ...]]:
    """Return results as what can be compared: exceptions have no equality."""
    return [
        (item.what, item.where, item.why) if isinstance(item, InputError) else item
        for item in results
    ]


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start processes from the first piece on, each piece a task."""
    monkeypatch.setattr(parallel, "ALONE", -1)
    monkeypatch.setattr(parallel, "TASK", 1)


@pytest.fixture
def spawning(eager: None) -> Iterator[None]:
    """Be a process of two threads, in which forking is not safe."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    yield
    done.set()
    thread.join()


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    yield
    assert multiprocessing.active_children() == []


def odd_inputs(folder: Path) -> list[str | Path]:
    """Return inputs of every kind: good, broken, missing, empty, many in one."""
    minimal = orjson.dumps(orjson.loads(SAMPLE.read_bytes()))
    records = folder / "records.ndjson"
    records.write_bytes(b"\xef\xbb\xbf" + minimal + b"\n\n{broken\r\n" + minimal + b"\r\n[]")
    (folder / "blank.ndjson").write_bytes(b"\n \r\n")
    return [SAMPLES, folder / "nowhere.json", records, folder / "blank.ndjson", folder, SAMPLE]


@pytest.mark.parametrize("block", [0, 2**20])
def test_several_processes_say_the_same_as_one(tmp_path: Path, eager: None, block: int) -> None:
    inputs = odd_inputs(tmp_path)
    alone = told(check_all(pieces(*inputs, block=block)))
    spread = told(check_all(pieces(*inputs, block=block), jobs=2))
    assert spread == alone
    assert len(alone) > len(list((SAMPLES / "broken").iterdir()))
    assert ("no document in the file", str(tmp_path / "blank.ndjson"), "") in alone


def test_processes_that_are_started_afresh_say_the_same(spawning: None) -> None:
    inputs = [SAMPLES / "broken" / name for name in ("parse.many.json", "id.duplicate.json")]
    alone = told(check_all(pieces(*inputs)))
    assert told(check_all(pieces(*inputs), jobs=2)) == alone


def test_lines_keep_their_numbers_in_blocks_of_any_size() -> None:
    lines = b"".join(b'{"id": "urn:uuid:%d"}\n' % number for number in range(500))

    def places(block: int) -> list[tuple[int, bytes]]:
        found = find(["-"], stdin=io.BytesIO(lines), block=block, input_format="ndjson")
        return [
            (document.first_line, document.raw)
            for piece in found
            if isinstance(piece, Piece)
            for document in piece.documents()
            if isinstance(document, Document)
        ]

    assert [line for line, _ in places(0)] == list(range(1, 501))
    assert places(200) == places(2**20) == places(0)


def test_the_first_lines_of_a_slow_input_are_not_waited_for() -> None:
    class Slow(io.BytesIO):
        lines = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            self.lines += 1
            return super().readline(size)

    stdin = Slow(b"{}\n" * 50)
    found = find(["-"], stdin=stdin, block=2**20, input_format="ndjson")
    next(found)
    assert stdin.lines == 1


def test_one_bad_input_among_many_is_in_its_place(tmp_path: Path, eager: None) -> None:
    text = SAMPLE.read_bytes()
    for number in range(40):
        (tmp_path / f"{number:02}.json").write_bytes(text if number != 17 else b"{")
    results = list(check_all(pieces(tmp_path), jobs=2))
    reports = [item[0] for item in results if not isinstance(item, InputError)]
    assert [Path(report.source).stem for report in reports] == [f"{n:02}" for n in range(40)]
    assert [Path(report.source).stem for report in reports if report.errors] == ["17"]


def test_the_bytes_come_with_findings_only(tmp_path: Path, eager: None) -> None:
    (tmp_path / "a.json").write_bytes(SAMPLE.read_bytes())
    (tmp_path / "bad.json").write_bytes(b'{"a": }')
    (tmp_path / "good.json").write_bytes(SAMPLE.read_bytes())
    quiet = Policy(ignore=frozenset({"proof/missing"}))
    for jobs in (1, 2):
        results = list(check_all(pieces(tmp_path), policy=quiet, jobs=jobs))
        assert [raw for _, raw in results] == [b"", b'{"a": }', b""]


def test_rulesets_policy_and_the_day_reach_every_process(tmp_path: Path, eager: None) -> None:
    validity = {"validFrom": "2000-01-01T00:00:00Z", "validUntil": "2001-01-01T00:00:00Z"}
    old = orjson.loads(SAMPLE.read_bytes()) | validity
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.json").write_bytes(orjson.dumps(old))
    results = check_all(
        pieces(tmp_path),
        ("standard", "timeback"),
        policy=Policy(ignore=frozenset({"proof/missing"})),
        now=datetime(2100, 1, 1, tzinfo=UTC),
        jobs=2,
    )
    found = [{f.code for f in item[0].findings} for item in results if isinstance(item, tuple)]
    assert found == [{"date/expired", "timeback/unlisted"}] * 3


def test_little_work_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel._Team, "_start", lambda self: pytest.fail("a process"))
    assert len(list(check_all(pieces(SAMPLES), jobs=8))) > 1


def slow_first(document: Document) -> FileReport:
    if document.source == "0":
        time.sleep(0.3)
    return FileReport(document.source)


def test_no_more_is_under_way_than_the_window_holds() -> None:
    asked = 0

    def endless() -> Iterator[list[Piece | InputError]]:
        nonlocal asked
        while True:
            yield [Piece(f"{asked}", Limits(), "json", 2, b"{}")]
            asked += 1

    team = parallel._Team(slow_first, 2)
    results = team.run(endless())
    for taken in range(40):
        assert next(results) == FileReport(f"{taken}")
        assert asked <= taken + parallel.AHEAD * 2
    team.close()


@pytest.mark.parametrize(
    ("costs", "sizes"),
    [
        # what each piece costs in tasks of 100, how many pieces each task has
        ([40, 40, 40, 40], [3, 1]),
        ([500, 10, 10], [1, 2]),
        ([], []),
    ],
)
def test_tasks_are_of_about_equal_cost(
    monkeypatch: pytest.MonkeyPatch, costs: list[int], sizes: list[int]
) -> None:
    monkeypatch.setattr(parallel, "TASK", 100)
    monkeypatch.setattr(parallel, "_EACH", 0)
    found = [Piece("a", Limits(), "json", cost) for cost in costs]
    assert [len(task) for task in parallel._tasks(found)] == sizes


def test_yaml_costs_more_than_json_and_an_error_costs_something() -> None:
    json, yaml = (Piece("a", Limits(), form, 1000) for form in ("json", "yaml"))
    assert parallel._cost(yaml) > 3 * parallel._cost(json)
    assert parallel._cost(InputError("gone")) > 0


def faulty(_: Document) -> FileReport:
    raise ZeroDivisionError


def deadly(_: Document) -> FileReport:
    os._exit(9)


@pytest.mark.parametrize(("check", "raised"), [(faulty, ZeroDivisionError), (deadly, ClrctlError)])
def test_a_fault_in_a_process_is_told_here(check: parallel.Check, raised: type[Exception]) -> None:
    team = parallel._Team(check, 2)
    with pytest.raises(raised) as told:
        list(team.run(iter([[Piece("a.json", Limits(), "json", 2, b"{}")]])))
    team.close()
    if isinstance(told.value, ClrctlError):
        assert told.value.exit_code is ExitCode.INTERNAL
        assert told.value.why == "its exit code is 9"
        assert "--jobs 1" in told.value.fix


def test_a_process_that_died_idle_is_told_too(eager: None) -> None:
    results = check_all(pieces(SAMPLES), jobs=2)
    next(results), next(results)
    children = multiprocessing.active_children()
    assert children
    for child in children:
        child.kill()
        child.join()
    with pytest.raises(ClrctlError, match="has died"):
        list(results)


def test_a_process_answers_until_nobody_asks() -> None:
    ours, theirs = multiprocessing.Pipe()
    good, bad = (Piece("a.json", Limits(), "json", 2, raw) for raw in (b"{}", b"[]"))
    reports = {b"{}": FileReport("a.json")}
    ours.send([good])
    ours.send([bad])

    def close_after_two() -> Iterator[Any]:
        yield ours.recv()
        yield ours.recv()
        ours.close()

    thread = threading.Thread(target=parallel._serve, args=(theirs, lambda d: reports[d.raw]))
    thread.start()
    assert list(close_after_two()) == [[FileReport("a.json")], None]
    thread.join()
    theirs.close()


def test_a_task_for_a_process_that_has_died_is_told() -> None:
    team = parallel._Team(faulty, 1)
    connection = team._start()
    (process,) = team._members.values()
    process.kill()
    process.join()
    with pytest.raises(ClrctlError, match="has died"):
        team._give(0, [Piece("a.json", Limits(), "json", 2, b"{}")])
    team.close()
    assert connection.closed


def endless(_: Document) -> FileReport:
    while True:
        time.sleep(1)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals")
def test_what_a_process_is_at_is_not_waited_for_at_the_end() -> None:
    team = parallel._Team(endless, 1)
    team._give(0, [Piece("a.json", Limits(), "json", 2, b"{}")])
    team.close()
    assert [process.exitcode for process in team._members.values()] == [-signal.SIGKILL]


@pytest.mark.skipif(sys.platform != "linux", reason="only here a fork is safe")
def test_a_process_of_several_threads_is_not_forked(request: pytest.FixtureRequest) -> None:
    kinds = []
    for fixture in (None, "spawning"):
        if fixture:
            request.getfixturevalue(fixture)
        team = parallel._Team(faulty, 1)
        team._start()
        kinds += [type(process).__name__ for process in team._members.values()]
        team.close()
    assert kinds == ["ForkProcess", "SpawnProcess"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no mask of signals")
def test_ctrl_c_waits_until_a_process_that_is_starting_can_be_ended() -> None:
    started = False
    with pytest.raises(KeyboardInterrupt), parallel._signals_held():
        # To this thread: the runner's own threads would take what is sent to the process.
        signal.pthread_kill(threading.get_ident(), signal.SIGINT)
        started = True
    assert started


@pytest.mark.skipif(sys.platform == "win32", reason="there is no mask of signals")
def test_a_process_leaves_ctrl_c_to_the_first_and_lets_go_of_its_siblings() -> None:
    before = {number: signal.getsignal(number) for number in parallel._SIGNALS}
    mine, theirs = multiprocessing.Pipe()
    sibling, other = multiprocessing.Pipe()
    mine.close()
    try:
        with parallel._signals_held():
            parallel._work(theirs, [sibling], faulty)
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        assert not parallel._SIGNALS & mask
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert sibling.closed
    theirs.close()
    other.close()


def test_a_file_that_went_away_after_it_was_found_is_an_error_in_its_place(tmp_path: Path) -> None:
    for name in ("gone", "good", "pipe"):
        (tmp_path / f"{name}.json").write_bytes(b"{}")
    found = list(pieces(tmp_path))
    (tmp_path / "gone.json").unlink()
    (tmp_path / "pipe.json").unlink()
    (tmp_path / "pipe.json").mkdir()
    gone, good, pipe = check_all(found)
    assert isinstance(gone, InputError)
    assert gone.what == "cannot be read"
    assert isinstance(good, tuple)
    assert isinstance(pipe, InputError)
    assert pipe.what == "not a regular file"


SCRIPT = """
import sys
from clrctl.checking import check_all
from clrctl.document import find, parallel
from clrctl.errors import ExitCode
parallel.ALONE, parallel.TASK = -1, 1
def main():
    results = check_all(find(sys.argv[1:], stdin=sys.stdin.buffer), jobs=2)
    try:
        for number, _ in enumerate(results):
            if number == 5:
                print("ready", *[p.pid for p in __import__("multiprocessing").active_children()])
                sys.stdout.flush()
    except KeyboardInterrupt:
        results.close()
        sys.exit(ExitCode.CANCELLED)
if __name__ == "__main__":
    main()
"""


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 20
    while any(map(is_there, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(is_there, pids))


@pytest.mark.skipif(sys.platform == "win32", reason="signals go to groups on POSIX only")
@pytest.mark.parametrize(
    ("number", "to_group", "code"),
    [
        (signal.SIGINT, True, ExitCode.CANCELLED),
        (signal.SIGTERM, True, -signal.SIGTERM),
        (signal.SIGKILL, False, -signal.SIGKILL),
    ],
    ids=["Ctrl-C", "SIGTERM", "killed"],
)
def test_no_process_outlives_the_first(
    tmp_path: Path, number: signal.Signals, to_group: bool, code: int
) -> None:
    text = SAMPLE.read_bytes()
    for index in range(3000):
        (tmp_path / f"{index}.json").write_bytes(text)
    program = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert program.stdout is not None
    ready, *pids = program.stdout.readline().split()
    assert ready == "ready"
    assert len(pids) == 2
    (os.killpg if to_group else os.kill)(program.pid, number)
    _, errors = program.communicate(timeout=30)
    assert (program.returncode, errors) == (code, "")
    wait_until_gone([int(pid) for pid in pids])


def test_there_is_at_least_one_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parallel.available() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert parallel.available() == 1
