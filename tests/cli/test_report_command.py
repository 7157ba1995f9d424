"""`clrctl validate` and the forms of its answer: flags, streaming, the terminal, the moment."""

from __future__ import annotations

import json
import os
import re
import select
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson
import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "minimal.clr.json"
BROKEN = ROOT / "samples" / "broken" / "date.order--validity.json"
CLRCTL = [sys.executable, "-m", "clrctl"]
Run = Callable[..., Any]


def test_every_form_is_reached_by_its_name(clrctl: Run) -> None:
    def out(form: str) -> str:
        result = clrctl("validate", "--format", form, "--at", "2026-06-13", BROKEN)
        assert result.code == 1
        return str(result.out)

    assert ": error date/order /validUntil " in out("text")
    assert json.loads(out("json"))["files"][0]["source"] == str(BROKEN)
    first, last = map(json.loads, out("jsonl").splitlines())
    assert first["source"] == str(BROKEN)
    assert "summary" in last
    assert out("github").startswith("::error file=")
    assert json.loads(out("sarif"))["version"] == "2.1.0"
    assert ElementTree.fromstring(out("junit")).tag == "testsuites"  # noqa: S314 - ours


@pytest.mark.parametrize("form", ["jsonl", "github", "sarif", "junit"])
def test_json_and_another_form_together_are_refused(clrctl: Run, form: str) -> None:
    result = clrctl("validate", "--json", "--format", form, SAMPLE)
    assert result.code == 2
    assert f"--json and --format {form}" in result.err
    assert clrctl("validate", "--json", "--format", "json", SAMPLE).code == 0


# --- the moment that counts as today -------------------------------------------------------------


@pytest.fixture
def dated(tmp_path: Path) -> Path:
    """Return a credential that is good from midnight of one day to eleven of another."""
    data = orjson.loads(SAMPLE.read_bytes())
    data |= {"validFrom": "2024-06-30T00:00:00Z", "validUntil": "2025-06-30T11:00:00Z"}
    file = tmp_path / "dated.json"
    file.write_bytes(orjson.dumps(data))
    return file


MOMENTS = [
    # --at, which rule of the two speaks
    ("2024-06-29", "date/future"),
    ("2024-06-29T23:59:59Z", "date/future"),
    ("2024-06-30T01:30:00+02:00", "date/future"),
    ("2024-06-30", None),
    ("2025-06-30", None),
    ("2025-06-30t11:00:00z", None),
    ("2025-06-30T11:00:01Z", "date/expired"),
    ("2025-07-01", "date/expired"),
    (None, "date/expired"),
]


@pytest.mark.parametrize(("at", "code"), MOMENTS)
def test_a_credential_is_checked_as_of_a_moment(
    clrctl: Run, dated: Path, at: str | None, code: str | None
) -> None:
    result = clrctl("validate", "--json", *(["--at", at] if at else []), dated)
    own = ("/validFrom", "/validUntil")
    found = result.json["files"][0]["findings"]
    assert [each["code"] for each in found if each["pointer"] in own] == ([code] if code else [])


@pytest.mark.parametrize(
    "at", ["", "yesterday", "2025-06-31", "2025-06-30T12:00:00", "20250630", "2025-06-30 12:00:00Z"]
)
def test_a_moment_that_is_none_is_refused_before_anything_is_checked(clrctl: Run, at: str) -> None:
    result = clrctl("validate", "--at", at, SAMPLE)
    assert (result.code, result.out) == (2, "")
    assert "--at" in result.err
    assert "2025-06-30T12:00:00Z" in result.err


# --- streaming -----------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "jsonl", "github"])
def test_a_document_is_told_before_the_next_one_is_there(form: str) -> None:
    line = orjson.dumps(orjson.loads(BROKEN.read_bytes())) + b"\n"
    command = [*CLRCTL, "validate", "--input-format", "ndjson", "--format", form, "-"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line)
        process.stdin.flush()
        # Without an answer the end of the program is what comes.
        impatience = threading.Timer(60, process.kill)
        impatience.start()
        first = process.stdout.readline()
        impatience.cancel()
        process.stdin.write(line)
        process.stdin.close()
        rest = process.stdout.read()
    assert b"date/order" in first
    assert b"date/order" in rest
    assert process.returncode == 1


def test_a_fatal_error_in_the_lines_form_is_a_line(clrctl: Run) -> None:
    result = clrctl("validate", "--format", "jsonl", "-", "-")
    assert result.code == 2
    assert result.json["error"]["exit_code"] == 2


# --- the terminal --------------------------------------------------------------------------------


def on_a_terminal(*args: str, columns: int = 80) -> str:
    """Return what `clrctl validate` draws on a terminal of so many columns."""
    fcntl = pytest.importorskip("fcntl", reason="this system has no pseudo-terminals")
    termios = pytest.importorskip("termios")
    keyboard, screen = os.openpty()
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("COLUMNS", None)
    process = subprocess.Popen(
        [*CLRCTL, "validate", *args], stdout=screen, stderr=screen, stdin=screen, env=environment
    )
    os.close(screen)
    drawn = b""
    while select.select([keyboard], [], [], 60)[0]:
        try:
            piece = os.read(keyboard, 65536)
        except OSError:
            break
        if not piece:
            break
        drawn += piece
    process.wait()
    os.close(keyboard)
    return drawn.decode().replace("\r\n", "\n")


def plain(drawn: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", drawn)


def test_on_a_terminal_a_finding_has_its_source_a_caret_and_its_fix_on_lines_of_their_own() -> None:
    lines = plain(on_a_terminal("--at", "2026-06-13", str(BROKEN))).splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith(f"{BROKEN}:17:17: error "))
    assert lines[at].endswith(" is before validFrom 2026-06-12T17:00:00Z")
    assert lines[at + 1 : at + 4] == [
        '    "validUntil": "2025-06-12T17:00:00Z",',
        "                  ^",
        "    -> check which of the two is mistyped",
    ]
    assert lines[-1] == "1 credential checked, 0 valid, 1 error, 1 warning"


def test_on_a_terminal_the_source_is_dim_and_the_caret_as_red_as_the_error() -> None:
    drawn = on_a_terminal("--at", "2026-06-13", str(BROKEN))
    assert '\x1b[2m    "validUntil": "2025-06-12T17:00:00Z",\x1b[0m\n' in drawn
    assert " \x1b[1;31m^\x1b[0m\n" in drawn


@pytest.mark.parametrize("columns", [40, 80, 132])
def test_a_minified_document_is_cut_to_the_terminal_around_the_place(
    tmp_path: Path, columns: int
) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(orjson.dumps(orjson.loads(BROKEN.read_bytes())))
    lines = plain(on_a_terminal("--at", "2026-06-13", str(file), columns=columns)).splitlines()
    mark = next(n for n, line in enumerate(lines) if line.strip() == "^")
    shown, caret = lines[mark - 1], lines[mark].index("^")
    assert shown.startswith("    ...")
    assert shown.endswith("...")
    assert len(shown) == columns
    assert shown[caret] in '{"'


def test_in_a_pipe_there_is_one_line_for_a_finding_even_in_colour() -> None:
    command = [*CLRCTL, "validate", "--color", "always", str(BROKEN)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for line in plain(done.stdout).splitlines():
        assert line.startswith(str(BROKEN))
    assert " -> check which of the two is mistyped" in plain(done.stdout)
