"""`--output`: a file that is written whole or not at all, and never over an input."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "minimal.clr.json"
Run = Callable[..., Any]

needs_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files or modes")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "report.json"


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "github", "sarif", "junit"])
def test_the_file_holds_what_standard_output_would(clrctl: Run, target: Path, form: str) -> None:
    plain = clrctl("validate", "--format", form, "--output", "-", SAMPLE)
    told = clrctl("validate", "--format", form, "-o", target, SAMPLE)
    assert told.code == plain.code == 0
    assert plain.out
    assert told.out == ""
    assert target.read_bytes() == plain.out.encode()
    assert told.err == plain.err
    assert list(target.parent.iterdir()) == [target]


def test_an_invalid_credential_is_an_answer_too(clrctl: Run, target: Path) -> None:
    broken = ROOT / "samples" / "broken" / "id.uri.json"
    assert clrctl("validate", "--json", "-o", target, broken).code == 1
    assert json.loads(target.read_bytes())["ok"] is False


PLACES = [
    ("missing/report.json", "No such file or directory"),
    (".", "Is a directory"),
    ("file/report.json", "Not a directory"),
]


@needs_posix
@pytest.mark.parametrize(("place", "why"), PLACES)
def test_a_place_that_cannot_be_written_is_told_before_anything_is_checked(
    clrctl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, why: str
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr("clrctl.checking.validation.check", lambda *_, **__: pytest.fail("checked"))
    result = clrctl("validate", "-o", tmp_path / place, SAMPLE)
    assert (result.code, result.out) == (3, "")
    assert f"where: {tmp_path / place} (--output)" in result.err
    assert why in result.err
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_with_json_that_error_is_json_on_standard_output(clrctl: Run, tmp_path: Path) -> None:
    result = clrctl("validate", "--json", "-o", tmp_path / "missing" / "x.json", SAMPLE)
    assert result.json["error"]["exit_code"] == result.code == 3


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="the superuser may write everything"
)
def test_a_file_that_is_read_only_is_not_replaced(clrctl: Run, target: Path) -> None:
    target.write_text("mine")
    target.chmod(0o444)
    assert clrctl("validate", "-o", target, SAMPLE).code == 3
    assert target.read_text() == "mine"


@pytest.mark.parametrize("problem", [RuntimeError, KeyboardInterrupt])
def test_a_run_cut_short_leaves_the_older_file(
    clrctl: Run, target: Path, monkeypatch: pytest.MonkeyPatch, problem: type[BaseException]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise problem

    target.write_text("older")
    monkeypatch.setattr("clrctl.checking.validation.check", fail)
    assert clrctl("validate", "-o", target, SAMPLE).code in (70, 130)
    assert target.read_text() == "older"
    assert list(target.parent.iterdir()) == [target]


def test_a_file_that_became_a_folder_meanwhile_is_an_error(
    clrctl: Run, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clrctl.checking import validation

    check = validation.check

    def meddle(*args: Any, **kwargs: Any) -> Any:
        target.mkdir()
        (target / "x").write_text("")
        return check(*args, **kwargs)

    monkeypatch.setattr("clrctl.checking.validation.check", meddle)
    result = clrctl("validate", "-o", target, SAMPLE)
    assert result.code == 3
    assert "(--output)" in result.err
    assert list(target.parent.iterdir()) == [target]


@needs_posix
def test_mode_and_links_of_an_older_file_stay(clrctl: Run, target: Path) -> None:
    target.write_text("older")
    target.chmod(0o640)
    link = target.with_name("link")
    link.symlink_to(target)
    assert clrctl("validate", "-o", link, SAMPLE).code == 0
    assert link.is_symlink()
    assert "proof/missing" in target.read_text()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@needs_posix
def test_a_new_file_has_the_mode_that_the_user_asks_for(clrctl: Run, target: Path) -> None:
    before = os.umask(0o027)
    try:
        clrctl("validate", "-o", target, SAMPLE)
    finally:
        os.umask(before)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


@needs_posix
def test_a_device_is_written_and_not_replaced() -> None:
    command = [sys.executable, "-m", "clrctl", "validate", "-o", "/dev/stdout", str(SAMPLE)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "proof/missing" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_full_disk_is_told(clrctl: Run, form: str) -> None:
    result = clrctl("validate", "--format", form, "-o", "/dev/full", SAMPLE)
    assert result.code == 3
    assert "No space left on device" in result.err


@pytest.mark.parametrize("as_folder", [False, True])
def test_an_input_is_never_replaced(clrctl: Run, tmp_path: Path, as_folder: bool) -> None:
    file = tmp_path / "x.clr.json"
    file.write_bytes(SAMPLE.read_bytes())
    other = tmp_path / "sub" / ".." / "x.clr.json"
    (tmp_path / "sub").mkdir()
    result = clrctl("validate", "-o", other, tmp_path if as_folder else file)
    assert result.code == 2
    assert "--output would replace an input" in result.err
    assert file.read_bytes() == SAMPLE.read_bytes()
