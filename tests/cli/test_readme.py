"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(
    r"^```console\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S | re.M
)
# These run until they are ended, or wait for a person.
ENDLESS = ("clrctl sandbox",)
# These need an endpoint of the reader's own.
ELSEWHERE = "--endpoint school"

Run = Callable[..., Any]


def commands() -> list[tuple[str, str]]:
    """Return each command of the README with the output that is shown under it."""
    found = []
    for block in BLOCKS:
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, shown = part.partition("\n")
            command = command.partition("  #")[0].strip()
            found.append((command, shown.strip()))
    return found


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the samples in it, as the working directory."""
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_readme_shows_commands() -> None:
    assert len(commands()) > 10


def test_the_commands_of_the_readme_do_what_it_shows_one_after_the_other(
    clrctl: Run, checkout: Path
) -> None:
    for command, shown in commands():
        program, *words = shlex.split(command)
        assert program == "clrctl"
        if command in ENDLESS or command.endswith(ELSEWHERE):
            assert clrctl(*words, "--help").code == 0
            continue
        words, _, target = (list(part) for part in _partition(words, ">"))
        result = clrctl(*expanded(words))
        fails = "broken" in command and "fmt" not in command
        assert result.code == (1 if fails else 0), f"{command}\n{result.out}{result.err}"
        if target:
            (checkout / target[0]).write_text(result.out)
        if shown:
            assert (result.out + result.err).strip() == shown, command


def expanded(words: list[str]) -> list[str]:
    """Return the words as a shell hands them over."""
    return [
        str(path)
        for word in words
        for path in (sorted(Path().glob(word)) if "*" in word else [word])
    ]


def _partition(words: list[str], mark: str) -> tuple[list[str], list[str], list[str]]:
    if mark not in words:
        return words, [], []
    index = words.index(mark)
    return words[:index], [mark], words[index + 1 :]
