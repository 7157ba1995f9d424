"""Checking with several processes: the same results, in order, and a clean end."""

from __future__ import annotations

import functools
import io
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from clrctl.checking.many import ValidateOptions, check_all
from clrctl.checking.policy import Policy
from clrctl.document import parallel
from clrctl.document.inputs import Piece, find
from clrctl.document.limits import Limits
from clrctl.document.parsing import Document
from clrctl.errors import ClrctlError, ExitCode, InputError
from clrctl.finding import Report
from clrctl.util.processes import Processes

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
SAMPLE = SAMPLES / "minimal.clr.json"


def pieces(*names: str | Path, stdin: bytes = b"", block: int = 0) -> Iterator[Any]:
    return find([str(name) for name in names], stdin=io.BytesIO(stdin), block=block)


def told(results: Iterator[Report | InputError]) -> list[tuple[Any, ...]]:
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
    with Processes(2) as executor:
        spread = told(check_all(pieces(*inputs, block=block), executor=executor))
    assert spread == alone
    assert len(alone) > len(list((SAMPLES / "broken").iterdir()))
    assert ("no document in the file", str(tmp_path / "blank.ndjson"), "") in alone


def test_processes_that_are_started_afresh_say_the_same(spawning: None) -> None:
    inputs = [SAMPLES / "broken" / name for name in ("parse.many.json", "id.duplicate.json")]
    alone = told(check_all(pieces(*inputs)))
    with Processes(2) as executor:
        assert told(check_all(pieces(*inputs), executor=executor)) == alone


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
    with Processes(2) as executor:
        results = list(check_all(pieces(tmp_path), executor=executor))
    reports = [item for item in results if isinstance(item, Report)]
    assert [Path(report.source).stem for report in reports] == [f"{n:02}" for n in range(40)]
    assert [Path(report.source).stem for report in reports if report.errors] == ["17"]


def test_the_bytes_come_with_findings_only(tmp_path: Path, eager: None) -> None:
    (tmp_path / "a.json").write_bytes(SAMPLE.read_bytes())
    (tmp_path / "bad.json").write_bytes(b'{"a": }')
    (tmp_path / "good.json").write_bytes(SAMPLE.read_bytes())
    quiet = ValidateOptions(policy=Policy(ignore=frozenset({"proof/missing"})))
    with Processes(2) as processes:
        for executor in (None, processes):
            results = list(check_all(pieces(tmp_path), quiet, executor=executor))
            assert [one.raw for one in results if isinstance(one, Report)] == [b"", b'{"a": }', b""]


def test_rulesets_policy_and_the_day_reach_every_process(tmp_path: Path, eager: None) -> None:
    validity = {"validFrom": "2000-01-01T00:00:00Z", "validUntil": "2001-01-01T00:00:00Z"}
    old = orjson.loads(SAMPLE.read_bytes()) | validity
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.json").write_bytes(orjson.dumps(old))
    options = ValidateOptions(
        ("standard", "timeback"),
        Policy(ignore=frozenset({"proof/missing"})),
        datetime(2100, 1, 1, tzinfo=UTC),
    )
    with Processes(2) as executor:
        results = list(check_all(pieces(tmp_path), options, executor=executor))
    found = [{one.code for one in item} for item in results if isinstance(item, Report)]
    assert found == [{"date/expired", "timeback/unlisted"}] * 3


class Unwanted:
    """An executor that nothing may be given to."""

    def submit(self, *_: Any) -> Any:
        pytest.fail("work was given away")


def test_little_work_is_not_given_away() -> None:
    assert len(list(check_all(pieces(SAMPLES), executor=Unwanted()))) > 1


def test_any_executor_will_do(eager: None) -> None:
    alone = told(check_all(pieces(SAMPLES)))
    with ThreadPoolExecutor(3) as executor:
        assert told(check_all(pieces(SAMPLES), executor=executor)) == alone


def double(number: int) -> int:
    time.sleep(0.2 if number == 0 else 0)
    return 2 * number


def test_no_more_is_under_way_than_the_window_holds() -> None:
    asked = 0

    def endless() -> Iterator[int]:
        nonlocal asked
        while True:
            yield asked
            asked += 1

    with Processes(2) as executor:
        results = parallel.spread(endless(), double, executor)
        for taken in range(40):
            assert next(results) == 2 * taken
            assert asked <= taken + parallel.AHEAD * 2
        results.close()


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


def faulty(_: Document) -> Report:
    raise ZeroDivisionError


def deadly(_: Document) -> Report:
    os._exit(9)


def test_a_fault_in_a_process_shows_where_it_arises(eager: None) -> None:
    with Processes(2) as executor, pytest.raises(ZeroDivisionError) as caught:
        list(parallel.look_at_all(iter_one(), faulty, executor=executor))
    assert caught.traceback[-1].name == "faulty"


def test_the_death_of_a_process_is_told() -> None:
    one = [Piece("a.json", Limits(), "json", 2, b"{}")]
    with Processes(2) as executor, pytest.raises(ClrctlError, match="has died") as caught:
        list(parallel.spread([one], functools.partial(parallel._results, look=deadly), executor))
    assert caught.value.exit_code is ExitCode.INTERNAL
    assert "--jobs 1" in caught.value.fix


def iter_one() -> Iterator[Piece]:
    return iter([Piece("a.json", Limits(), "json", 2, b"{}")])


def test_a_process_that_died_idle_is_told_too(eager: None) -> None:
    with Processes(2) as executor:
        results = check_all(pieces(SAMPLES), executor=executor)
        next(results), next(results)
        children = multiprocessing.active_children()
        assert children
        for child in children:
            child.kill()
            child.join()
        with pytest.raises(ClrctlError, match="has died"):
            list(results)


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
    assert isinstance(good, Report)
    assert isinstance(pipe, InputError)
    assert pipe.what == "not a regular file"


SCRIPT = """
import sys
from clrctl.checking import check_all
from clrctl.document import find, parallel
from clrctl.errors import ExitCode
from clrctl.util import workers
parallel.ALONE, parallel.TASK = -1, 1
def main():
    with workers(2) as executor:
        run(check_all(find(sys.argv[1:], stdin=sys.stdin.buffer), executor=executor))
def run(results):
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
