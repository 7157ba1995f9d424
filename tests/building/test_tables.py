"""From the tables of a school to records: what is read, what is refused, and how that is told."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.schooling import SAMPLE, build

CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "cases" / "tables.yaml").read_text(encoding="utf-8")
)


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
