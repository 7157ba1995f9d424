"""Whatever a command opens is closed by it, not by the garbage collector."""

from __future__ import annotations

import io
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLES, Run

SAMPLE = SAMPLES / "minimal.clr.json"
ROSTER = SAMPLES / "oneroster"
TABLES = SAMPLES / "highschool-transcript"


def is_open(resource: Any) -> bool:
    if not isinstance(resource, sqlite3.Connection):
        return not getattr(resource, "closed", False) and getattr(resource, "fp", True) is not None
    try:
        return isinstance(resource.total_changes, int)
    except sqlite3.ProgrammingError:
        return False


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a list to which every database, temporary file and zip is added."""
    found: list[Any] = []

    def recording(real: Callable[..., Any]) -> Callable[..., Any]:
        def opening(*args: Any, **given: Any) -> Any:
            found.append(real(*args, **given))
            return found[-1]

        return opening

    for module, name in [
        (sqlite3, "connect"),
        (tempfile, "TemporaryFile"),
        (zipfile, "ZipFile"),
    ]:
        monkeypatch.setattr(module, name, recording(getattr(module, name)))
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with one of each input, which the command is given in."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(TABLES, "tables")
    shutil.copy(ROSTER / "report-card.yaml", ".")
    shutil.make_archive("roster", "zip", ROSTER)
    shutil.copytree("tables", "bad-tables")
    Path("bad-tables", "awards.csv").write_text("learner_id,achievement_id,awarded\n1,2,never\n")
    Path("bad-roster.zip").write_bytes(zip_of({"users.csv": "sourcedId\n", "results.csv": "x\n"}))
    return tmp_path


def zip_of(members: dict[str, str]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return raw.getvalue()


GOOD, BAD = SAMPLE.read_bytes(), b"[]"
COMMANDS = [
    # the command line, standard input, exit code, how much it opens at the least
    ("upsert - --endpoint sandbox", GOOD, 0, 5),
    ("upsert - --endpoint sandbox --keep-going", GOOD, 0, 5),
    ("upsert - --endpoint sandbox --keep-going", GOOD + b"\n" + BAD, 1, 3),
    ("upsert - --endpoint sandbox --dry-run", GOOD, 0, 3),
    ("upsert - --endpoint sandbox --strict", GOOD, 1, 3),
    ("upsert - --endpoint sandbox", BAD, 1, 2),
    ("plan - --endpoint sandbox", GOOD, 0, 3),
    ("plan - --endpoint sandbox", BAD, 1, 2),
    ("build tables -o out", b"", 1, 1),
    ("build bad-tables -o out --fail-fast", b"", 1, 1),
    ("build roster.zip -r report-card.yaml -o out", b"", 0, 2),
    ("build roster.zip -r report-card.yaml -o out --fail-fast", b"", 0, 2),
    ("build bad-roster.zip -r report-card.yaml -o out", b"", 1, 1),
]


@pytest.mark.parametrize(
    ("line", "stdin", "code", "least"), COMMANDS, ids=[f"{at}" for at in range(len(COMMANDS))]
)
def test_a_command_leaves_nothing_open(
    line: str, stdin: bytes, code: int, least: int, folder: Path, clrctl: Run, opened: list[Any]
) -> None:
    result = clrctl(*line.split(), stdin=stdin)

    assert (result.code, len(opened) >= least) == (code, True), (result, opened)
    assert [each for each in opened if is_open(each)] == []
