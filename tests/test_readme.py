"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(
    r"^```console\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S | re.M
)
# These run until they are ended, or wait for a person.
ENDLESS = ("clrctl sandbox",)

Run = Callable[..., Any]


def commands() -> list[Any]:
    """Return each command of the README with the output that is shown under it."""
    found = []
    for block in BLOCKS:
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, shown = part.partition("\n")
            command = command.partition("  #")[0].strip()
            found.append(pytest.param(command, shown.strip(), id=command))
    return found


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the samples in it, as the working directory."""
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_readme_shows_commands() -> None:
    assert len(commands()) > 10


@pytest.mark.parametrize(("command", "shown"), commands())
@pytest.mark.usefixtures("checkout")
def test_a_command_of_the_readme_does_what_it_shows(clrctl: Run, command: str, shown: str) -> None:
    program, *words = shlex.split(command)
    assert program == "clrctl"
    if command in ENDLESS:
        assert clrctl(*words, "--help").code == 0
        return
    args = [
        str(path)
        for word in words
        for path in (sorted(Path().glob(word)) if "*" in word else [word])
    ]
    result = clrctl(*args)
    fails = "broken" in command and "fmt" not in command
    assert result.code == (1 if fails else 0), result.err
    if shown:
        assert (result.out + result.err).strip() == shown
