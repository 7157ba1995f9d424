"""What was not passed earns no credits, wherever its record comes from."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

import clrctl
from clrctl.building import marks, passing
from clrctl.building.model import Achievement, Award, Scale
from tests.conftest import ROOT

Clrctl = Callable[..., Any]
NOW = datetime(2026, 12, 1, tzinfo=UTC)
CASES = Path(__file__).parents[1] / "data" / "cases" / "passing.yaml"
SAID = (
    *("--issuer-id", "https://oakmere.example/issuer", "--issuer-name", "Oakmere"),
    *("--timezone", "America/Denver", "--as-of", "2026-06-12"),
)
HEADER = "Student ID,Student Name,Course Number,Course Title,Term,Credits Earned,Final Grade,Date"


@pytest.mark.parametrize(
    "case", yaml.safe_load(CASES.read_text(encoding="utf-8")), ids=lambda case: case["what"]
)
def test_whether_an_award_earns_its_credits(case: dict[str, Any]) -> None:
    scales = {
        name: Scale(
            type=given.get("type", "LetterGrade"),
            values=tuple(given.get("values", ())),
            required=given.get("required", ""),
            marks=given.get("marks", {}),
        )
        for name, given in case["scales"].items()
    }
    achievement = Achievement("a", "A", results=scales)
    award = Award(
        "a", None, credits=Decimal("3.0"), status=case.get("status", ""), results=case["results"]
    )  # type: ignore[arg-type]
    assert passing.is_earned(achievement, award) is case["earned"]
    assert str(passing.credits_of(achievement, award)) == (
        "0" if case["earned"] is False else "3.0"
    )


def export(grades: list[tuple[str, str]]) -> str:
    rows = [
        f"0000001,Ada Example,C{number:03},Course {number},2025,{credits},{grade},2025-06-06"
        for number, (grade, credits) in enumerate(grades)
    ]
    return "\n".join([HEADER, *rows]) + "\n"


def test_a_transcript_with_every_mark_is_one_that_a_registrar_would_sign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clrctl: Clrctl
) -> None:
    monkeypatch.chdir(tmp_path)
    letters = ["A", "B-", "C", "D", "F"]
    grades = [(grade, "3.0") for grade in (*letters, *(mark.text for mark in marks.MARKS))]
    Path("grades.csv").write_text(export(grades), encoding="utf-8")

    assert clrctl("map", "grades.csv", *SAID, "-o", "mapping.yaml").code == 0
    mapping = Path("mapping.yaml").read_text(encoding="utf-8")
    said = yaml.safe_load(mapping)["scales"]["final-grade"]
    assert said["values"] == ["F", "D", "C", "B-", "A"]
    assert said["marks"] == {mark.text: mark.status or "CHANGE-ME" for mark in marks.MARKS}
    # Nothing is built before the school has said what passes, and what its own marks mean.
    clrctl("new", "secret")
    build = ("build", "mapping.yaml", "-o", "records", "--secret-file", "id-secret")
    refused = clrctl(*build)
    assert refused.code == 1
    assert "scales.final-grade.required is not filled in yet" in refused.err
    assert "scales.final-grade.marks.AU is not filled in yet" in refused.err
    filled = mapping.replace("required: CHANGE-ME", "required: D").replace("CHANGE-ME", "Enrolled")
    Path("mapping.yaml").write_text(filled, encoding="utf-8")
    built = clrctl(*build)
    assert built.code == 0, built.err
    assert f"note: {passing.NOT_EARNED}" in built.err

    record = json.loads(Path("records/0000001.clr.json").read_text(encoding="utf-8"))
    subjects = {}
    for held in record["credentialSubject"]["verifiableCredential"]:
        subject = held["credentialSubject"]
        grade = next(value["value"] for value in subject["result"] if "value" in value)
        (status,) = (one["status"] for one in subject["result"] if "status" in one)
        subjects[grade] = (status, subject["creditsEarned"])
    assert subjects.pop("F") == ("Failed", 0)
    for letter in ("A", "B-", "C", "D"):
        assert subjects.pop(letter) == ("Completed", 3.0)
    assert subjects == {
        mark.text: (mark.status or "Enrolled", 3.0 if mark.status == "Completed" else 0)
        for mark in marks.MARKS
    }
    earned = 3 * (4 + sum(mark.status == "Completed" for mark in marks.MARKS))
    assert f"{earned}.0 credits earned" in clrctl("show", "records").out
    assert clrctl("validate", "records", "--ignore", "proof/*", "--strict").code == 0


def test_credits_for_a_failing_letter_are_asked_about_where_nothing_says_what_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clrctl: Clrctl
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("grades.csv").write_text(export([("A", "3.0"), ("F", "3.0"), ("F", "0")]))
    clrctl("map", "grades.csv", *SAID, "-o", "mapping.yaml")
    mapping = Path("mapping.yaml").read_text(encoding="utf-8")
    lines = [line for line in mapping.splitlines() if "required:" not in line]
    Path("mapping.yaml").write_text("\n".join(lines), encoding="utf-8")

    done = clrctl("build", "mapping.yaml", "-o", "records")

    assert done.code == 1
    assert done.err.count('Final grade "F" earns 3.0 credits, and its scale does not say') == 1
    assert "fix: add `required` to the scale: the lowest value that passes" in done.err


def test_the_sum_of_a_record_made_elsewhere_leaves_out_what_was_not_passed() -> None:
    record = json.loads((ROOT / "samples" / "transcript.clr.json").read_text(encoding="utf-8"))
    before = clrctl.transcript(record, now=NOW).credits
    first = record["credentialSubject"]["verifiableCredential"][0]["credentialSubject"]
    lost = Decimal(str(first["creditsEarned"]))
    first["result"] = [{"type": ["Result"], "status": "Withdrew"}]

    changed = clrctl.transcript(record, now=NOW)

    assert Decimal(changed.credits) == Decimal(before) - lost
    assert "credits not counted" in changed.text()
    found = [one for one in clrctl.validate(record).warnings if one.code == "result/unearned"]
    assert [one.message.partition(", and ")[2] for one in found] == ["its status is Withdrew"]
