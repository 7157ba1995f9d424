"""The command line: exit codes, streams, forms, help."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "minimal.clr.json"
BROKEN = ROOT / "samples" / "broken"

Run = Callable[..., Any]


def commands() -> tuple[str, ...]:
    from clrctl.cli.app import COMMANDS

    return tuple(COMMANDS)


@pytest.mark.parametrize("command", commands())
def test_every_command_explains_itself(clrctl: Run, command: str) -> None:
    long, short = clrctl(command, "--help"), clrctl(command, "-h")
    assert long.code == short.code == 0
    assert long.out == short.out
    assert "Examples:" in long.out
    assert f"clrctl {command}" in long.out


@pytest.mark.parametrize("command", commands())
def test_the_examples_of_the_help_are_not_rewrapped(clrctl: Run, command: str) -> None:
    lines = clrctl(command, "--help").out.partition("Examples:\n")[2].splitlines()
    examples = [line.strip() for line in lines[: lines.index("")]]
    assert examples
    assert all(line.startswith("clrctl ") or " | clrctl " in line for line in examples)


@pytest.mark.parametrize("command", commands())
def test_the_help_fits_a_terminal(clrctl: Run, command: str) -> None:
    for line in "".join(helps_of(clrctl, command)).splitlines():
        assert len(line) <= 80


@pytest.mark.parametrize("command", commands())
def test_the_help_says_what_a_command_does_not_what_its_function_returns(
    clrctl: Run, command: str
) -> None:
    for text in helps_of(clrctl, command):
        assert not re.search(r"^  (?:\S+  +)?(?:Return|Yield|Raise)s? ", text, re.M)


def helps_of(clrctl: Run, command: str) -> list[str]:
    """Return the help of a command, and that of each command in it."""
    helps = [clrctl(command, "--help").out]
    inner = re.search(r"^Commands:\n(.+?)\n\n", helps[0], re.M | re.S)
    if inner:
        names = re.findall(r"^  (\S+)", inner[1], re.M)
        helps += [clrctl(command, name, "--help").out for name in names]
    return helps


@pytest.mark.parametrize("command", commands())
def test_every_command_and_exit_code_is_in_the_readme(command: str) -> None:
    from clrctl.errors import ExitCode

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"clrctl {command}" in text
    for code in ExitCode:
        assert f"| {code.value} | {code.__doc__} |" in text


def test_the_help_of_the_program_lists_the_exit_codes(clrctl: Run) -> None:
    result = clrctl("--help")
    assert all(len(line) <= 80 for line in result.out.splitlines())
    text = " ".join(result.out.split())
    assert "5 no connection or a busy server" in text


def test_without_arguments_the_help_is_shown_and_the_exit_code_says_usage(clrctl: Run) -> None:
    result = clrctl()
    assert result.code == 2
    assert "Usage: clrctl" in result.out + result.err


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_one_line(clrctl: Run, flag: str) -> None:
    from clrctl._version import __version__

    result = clrctl(flag)
    assert result.code == 0
    assert result.out.startswith(f"clrctl {__version__} (Python 3.")
    program = subprocess.run(
        [sys.executable, "-m", "clrctl", flag], capture_output=True, text=True, check=True
    )
    assert program.stdout == result.out


def test_a_good_file_is_silent_on_standard_output(clrctl: Run) -> None:
    signed = ROOT / "tests" / "data" / "cases" / "rules.clr.yaml"
    result = clrctl("validate", signed)
    assert (result.code, result.out) == (0, "")
    assert result.err == "1 credential checked, 1 valid\n"


def test_a_finding_is_one_line_with_place_severity_code_pointer_and_message(clrctl: Run) -> None:
    file = BROKEN / "date.order--validity.json"
    result = clrctl("validate", file)
    assert result.code == 1
    (line,) = [line for line in result.out.splitlines() if "date/order" in line]
    assert re.fullmatch(
        rf"{re.escape(str(file))}:17:17: error date/order /validUntil .* -> .*", line
    )


def test_like_findings_are_grouped_unless_all_are_wanted(clrctl: Run) -> None:
    file = ROOT / "samples" / "transcript.clr.json"
    short, whole = clrctl("validate", file), clrctl("validate", "-v", file)
    number = len(whole.out.splitlines())
    assert len(short.out.splitlines()) == 1
    assert f"(and {number - 1} more like it: -v shows all)" in short.out


def test_quiet_leaves_the_findings_and_drops_the_conversation(clrctl: Run) -> None:
    result = clrctl("validate", "-q", BROKEN / "id.uri.json")
    assert "id/uri" in result.out
    assert result.err == ""


def test_warnings_count_as_errors_only_when_asked(clrctl: Run) -> None:
    assert clrctl("validate", SAMPLE).code == 0
    assert clrctl("validate", "--strict", SAMPLE).code == 1


def test_the_json_form_has_everything(clrctl: Run) -> None:
    report = clrctl("validate", "--json", SAMPLE, BROKEN / "id.uri.json").json
    assert report["format"] == "clrctl.report/1"
    assert report["ok"] is False
    assert report["summary"] == {
        "files": 2, "valid": 1, "errors": 1, "warnings": 2, "unread": 0,
    }  # fmt: skip
    good, bad = report["files"]
    assert good["schema"] == "clr/clrcredential"
    assert good["schema_reason"] == "type is ClrCredential"
    (error,) = [found for found in bad["findings"] if found["severity"] == "error"]
    assert set(error) == {"code", "severity", "pointer", "message", "line", "column", "fix"}
    assert (error["code"], error["pointer"], error["line"]) == ("id/uri", "/id", 8)


def test_a_missing_file_is_told_after_the_others_were_checked(clrctl: Run) -> None:
    result = clrctl("validate", "missing.json", BROKEN / "id.uri.json")
    assert result.code == 1
    assert "id/uri" in result.out
    assert "error: " in result.err
    assert "missing.json" in result.err
    assert clrctl("validate", "missing.json", SAMPLE).code == 3


def test_a_missing_file_is_in_the_json_too(clrctl: Run) -> None:
    result = clrctl("validate", "--json", "missing.json")
    assert result.code == 3
    assert result.json["ok"] is False
    assert result.json["error"]["exit_code"] == 3


def test_standard_input_and_its_format(clrctl: Run) -> None:
    body = SAMPLE.read_bytes()
    assert clrctl("validate", "-", stdin=body).code == 0
    lines = orjson.dumps(orjson.loads(body))
    result = clrctl(
        "validate", "--json", "--input-format", "ndjson", "-", stdin=lines + b"\n" + lines
    )
    assert [file["line"] for file in result.json["files"]] == [1, 2]


def test_a_size_limit_names_its_flag(clrctl: Run, tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    file.write_bytes(b'{"a": "' + b"x" * 2**20 + b'"}')
    assert "parse/size" not in clrctl("validate", file).out
    result = clrctl("validate", "--max-size", "1", file)
    assert "parse/size" in result.out
    assert "--max-size" in result.out


@pytest.mark.parametrize(
    "args",
    [
        ("validate",),
        ("validate", "--no-such-flag", "x.json"),
        ("validate", "--ruleset", "unheard", "x.json"),
        ("validate", "-", "-"),
        ("no-such-command",),
    ],
)
def test_a_wrong_command_line_is_exit_code_2_without_a_traceback(
    clrctl: Run, args: tuple[str, ...]
) -> None:
    result = clrctl(*args)
    assert result.code == 2
    assert result.err
    assert "Traceback" not in result.err


def test_a_misspelt_command_is_put_right(clrctl: Run) -> None:
    assert "validate" in clrctl("valdate", "x.json").err


def test_text_of_a_file_cannot_move_the_terminal(clrctl: Run, tmp_path: Path) -> None:
    file = tmp_path / "evil\x1b[2J[red].json"
    name = "\x1b]52;c;ZXZpbA==\x07\u202e[bold red]"
    file.write_bytes(orjson.dumps({name: 1, "type": name, "validFrom": name}))
    for flags in ((), ("--color", "always"), ("--ruleset", "timeback")):
        result = clrctl("validate", *flags, file)
        assert result.code == 1
        assert "\x1b]" not in result.out
        assert "\x1b[2J" not in result.out
        assert "\u202e" not in result.out
        assert "[bold red]" in result.out or "[red]" in result.out


def test_findings_are_not_wrapped_in_a_pipe(clrctl: Run, tmp_path: Path) -> None:
    deep = tmp_path / ("long-" * 30)
    deep.mkdir()
    file = deep / "x.json"
    file.write_text("[]")
    first = clrctl("validate", file).out.splitlines()[0]
    assert first.startswith(str(file) + ":1:1: error document/several / ")


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")
@pytest.mark.parametrize(("name", "code"), [(str(SAMPLE), 0), ("-", 1)])
def test_without_any_standard_input_files_are_read_and_it_is_empty(name: str, code: int) -> None:
    done = subprocess.run(
        ["sh", "-c", '"$0" -P -m clrctl validate "$1" <&-', sys.executable, name],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert ("parse/empty" in done.stdout) is (name == "-")
