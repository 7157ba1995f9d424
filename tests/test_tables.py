"""From the tables of a school to records: what is read, what is refused, and how that is told."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from clrctl.access import Secret
from clrctl.builder.emitter import Emitter, Manner
from clrctl.builder.problem import Problem, Refused, Skipped, Unbuilt
from clrctl.builder.tables import source
from clrctl.errors import InputError

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "highschool-transcript"
CASES = yaml.safe_load((ROOT / "tests" / "cases" / "tables.yaml").read_text(encoding="utf-8"))
SECRET = Secret("for the tests alone")


@dataclass
class Outcome:
    """What became of a folder of tables."""

    built: dict[str, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    error: InputError | None = None

    def said(self, folder: Path, ignoring: Iterable[str] = ()) -> str:
        lines = []
        for problem in dict.fromkeys(self.problems):
            text = "\n".join(problem.lines()).replace(f"{folder}/", "")
            if not text.startswith(tuple(ignoring)):
                lines.append(text)
        if self.error:
            where = self.error.where.replace(f"{folder}/", "")
            lines.append(f"{where}: {self.error.what}: {self.error.why}\n  fix: {self.error.fix}")
        return "".join(f"{line}\n" for line in lines)


def build(folder: Path | str) -> Outcome:
    outcome = Outcome()
    emitter = Emitter(Manner(SECRET))
    try:
        tables = source.load(str(folder))
        for one in tables.records():
            if isinstance(one, Skipped):
                outcome.skipped.append(one)
                continue
            emitted = one if isinstance(one, Unbuilt) else emitter.emit(one)
            if isinstance(emitted, Unbuilt):
                outcome.problems += emitted.problems
            else:
                outcome.built[emitted.record.learner.key] = emitted.text
    except Refused as refused:
        outcome.problems += refused.problems
    except InputError as error:
        outcome.error = error
    return outcome


@pytest.fixture
def school(tmp_path: Path) -> Path:
    """Return a copy of the sample that may be changed."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "school"))


def change(school: Path, name: str, replacements: dict[str, str]) -> None:
    file = school / name
    text = file.read_text(encoding="utf-8")
    for old, new in replacements.items():
        assert old in text, f"{old} is not in {name}"
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def test_the_sample_builds_a_record_for_each_learner() -> None:
    outcome = build(SAMPLE)

    assert outcome.problems == []
    assert list(outcome.built) == ["0052114", "0052207", "0052350"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_what_is_wrong_is_told_with_what_to_do(case: dict[str, Any], school: Path) -> None:
    for name, replacements in case["change"].items():
        change(school, name, replacements)

    outcome = build(school)

    assert outcome.said(school, case.get("ignoring", ())) == case["says"].replace(
        "\\u00a0", "\u00a0"
    )
    assert list(outcome.built) == case["built"]
