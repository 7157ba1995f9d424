"""`clrctl status`: what became of everything, from the journal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from clrctl.sending.journal.journal import Journal
from clrctl.sending.outcome import UploadOutcome

BASE = "https://clr.example.org"
TARGET = ("--endpoint", BASE)
DAY = 86_400.0
Run = Callable[..., Any]


@pytest.fixture
def data_folder(clean_environment: Path) -> Path:
    return clean_environment / "data"


@pytest.fixture
def journal(data_folder: Path) -> None:
    """Note one credential of each outcome, a minute after the other."""
    now = 1.7e9

    def clock() -> float:
        return now

    with Journal.open(data_folder, base=BASE, client="", clock=clock) as journal:
        for number, outcome in enumerate(UploadOutcome):
            key = ("https://school.example.org", f"urn:uuid:{number}")
            now += 60
            journal.pending([(key, b"1" * 32, f"in/{outcome}.json", "")])
            if outcome is not UploadOutcome.PENDING:
                journal.finish(key, b"1" * 32, outcome, detail=f"it is {outcome}")


def test_what_became_of_everything_is_counted(clrctl: Run, journal: None) -> None:
    result = clrctl("status", *TARGET)
    assert result.code == 0
    *counts, run = result.out.splitlines()
    assert counts == [f"{outcome:<12}        1" for outcome in UploadOutcome]
    assert run == "last upload: 2023-11-14T22:13:20Z to 2023-11-14T22:21:20Z"


def test_what_is_not_stored_is_listed(clrctl: Run, journal: None) -> None:
    result = clrctl("status", *TARGET, "--failed")
    assert result.code == 0
    assert [line.split("\t") for line in result.out.splitlines()] == [
        ["refused", "2023-11-14T22:18:20Z", "in/refused.json", "urn:uuid:4", "it is refused"],
        ["failed", "2023-11-14T22:19:20Z", "in/failed.json", "urn:uuid:5", "it is failed"],
        [
            "unconfirmed",
            "2023-11-14T22:20:20Z",
            "in/unconfirmed.json",
            "urn:uuid:6",
            "it is unconfirmed",
        ],
        ["pending", "2023-11-14T22:21:20Z", "in/pending.json", "urn:uuid:7", ""],
    ]
    assert "4 of 8 not stored at endpoint clr.example.org" in result.err


def test_the_json_form(clrctl: Run, journal: None) -> None:
    report = clrctl("status", *TARGET, "--json").json
    assert report == {
        "format": "clrctl.report/1",
        "ok": True,
        "endpoint": {"name": "clr.example.org", "url": f"{BASE}/ims/clr/v2p0/credentials/"},
        "outcomes": {outcome.value: 1 for outcome in UploadOutcome},
        "last_run": {"began": "2023-11-14T22:13:20Z", "ended": "2023-11-14T22:21:20Z"},
    }
    failed = clrctl("status", *TARGET, "--json", "--failed").json
    assert [entry["source"] for entry in failed["entries"]][:2] == [
        "in/refused.json",
        "in/failed.json",
    ]


def test_a_line_for_each_and_then_the_rest(clrctl: Run, journal: None) -> None:
    out = clrctl("status", *TARGET, "--failed", "--format", "jsonl").out
    *entries, last = (orjson.loads(line) for line in out.splitlines())
    assert [entry["outcome"] for entry in entries] == [
        "refused",
        "failed",
        "unconfirmed",
        "pending",
    ]
    assert entries[0]["detail"] == "it is refused"
    assert last["outcomes"]["created"] == 1


def test_where_nothing_was_sent_it_says_so(clrctl: Run, data_folder: Path) -> None:
    for flags in ((), ("--failed",)):
        result = clrctl("status", *TARGET, *flags)
        assert (result.code, result.out) == (0, "")
        assert "nothing was sent to endpoint clr.example.org from here" in result.err
    report = clrctl("status", *TARGET, "--json", "--failed").json
    assert (report["outcomes"], report["last_run"], report["entries"]) == ({}, None, [])
    assert clrctl("status", *TARGET, "--purge", "1").err.startswith("0 credentials forgotten")
    assert not data_folder.exists()


def test_a_run_under_way_or_cut_short_has_no_end(clrctl: Run, data_folder: Path) -> None:
    with Journal.open(data_folder, base=BASE, client="", clock=lambda: 0.0):
        text = clrctl("status", *TARGET).out
        report = clrctl("status", *TARGET, "--json").json
    assert text == "last upload: 1970-01-01T00:00:00Z to under way, or cut short\n"
    assert report["last_run"] == {"began": "1970-01-01T00:00:00Z", "ended": None}


def test_purging_forgets_what_is_old_enough(clrctl: Run, journal: None, data_folder: Path) -> None:
    kept = clrctl("status", *TARGET, "--purge", "100000")
    assert kept.err.startswith("0 credentials forgotten")
    assert "created" in kept.out
    gone = clrctl("status", *TARGET, "--purge", "30")
    assert gone.err.startswith("8 credentials forgotten")
    assert "created" not in gone.out
    assert "last upload: 2023-11-14" in gone.out


def test_nothing_is_purged_while_an_upload_runs(clrctl: Run, data_folder: Path) -> None:
    with Journal.open(data_folder, base=BASE, client=""):
        result = clrctl("status", *TARGET, "--purge", "0")
    assert result.code == 5
    assert "another clrctl is uploading to this endpoint" in result.err


@pytest.mark.parametrize(
    "flags", [(), (*TARGET, "--purge", "-1"), (*TARGET, "--json", "--format", "jsonl")]
)
def test_a_wrong_command_line(clrctl: Run, flags: tuple[str, ...]) -> None:
    assert clrctl("status", *flags).code == 2


def test_a_foreign_journal_cannot_move_the_terminal(clrctl: Run, data_folder: Path) -> None:
    key = ("i", "urn:x:\x1b[2J")
    with Journal.open(data_folder, base=BASE, client="") as journal:
        journal.pending(
            [(key, b"1", "a\u202eb\udce9.json".encode("utf-8", "backslashreplace").decode(), "")]
        )
    for form in ("text", "json", "jsonl"):
        result = clrctl("status", *TARGET, "--failed", "--format", form)
        assert result.code == 0
        assert "\x1b" not in result.out
        assert "\u202e" not in result.out
