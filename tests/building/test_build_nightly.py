"""The nightly run: the same tables give the same bytes, and one changed grade is one request."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

MAPPING = """\
tables: 1
timezone: America/Denver
issuer: {id: "https://school.example/issuer", name: School}
record: {key: transcript, name: Transcript, as_of: 2026-06-01, partial: false}
scales:
  letter: {type: LetterGrade, values: [F, D, C, B, A]}
achievements:
  results:
    Course: {Final grade: letter}
"""
LEARNERS = ["learner_id,name,email", *(f"00{n},Zoë Å{n},Zoe{n}@s.example" for n in range(1, 6))]
COURSES = [
    "achievement_id,name,type,criteria,credits",
    *(f"010{n},Course {n},Course,Pass the final.,1.0" for n in range(4)),
]
AWARDS = [
    "learner_id,achievement_id,awarded,term,credits,result:Final grade",
    *(
        f"00{learner},010{course},2026-05-2{course},2025-26,1.0,{'ABCD'[course]}"
        for learner in range(1, 6)
        for course in range(4)
    ),
]


def write(folder: Path, *, shuffled: int = 0, mark: bytes = b"", end: str = "\n") -> None:
    folder.mkdir(exist_ok=True)
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    for name, (head, *rows) in (
        ("learners", LEARNERS),
        ("achievements", COURSES),
        ("awards", AWARDS),
    ):
        if shuffled and name != "achievements":
            random.Random(shuffled).shuffle(rows)  # noqa: S311 - any order will do
        text = end.join([head, *rows, ""])
        (folder / f"{name}.csv").write_bytes(mark + text.encode())


def built(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLRCTL_ID_SECRET", "a secret for the tests alone")


def test_neither_order_nor_form_of_the_tables_nor_surroundings_change_a_byte(
    clrctl: Run,
) -> None:
    write(Path("one"))
    assert clrctl("build", "one", "-o", "first").code == 0
    first = built(Path("first"))
    assert len(first) == 6
    for number, (zone, locale) in enumerate(
        (("Asia/Tokyo", "C"), ("America/Lima", "tr_TR.UTF-8")), 1
    ):
        source, target = f"source{number}", f"target{number}"
        write(Path(source), shuffled=number, mark=b"\xef\xbb\xbf", end="\r\n")
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": str(number), "LC_ALL": locale}
        subprocess.run(
            [sys.executable, "-m", "clrctl", "build", source, "-o", target],
            check=True,
            env=environment,
            capture_output=True,
        )
        assert built(Path(target)) == first


def test_one_changed_grade_is_one_request(clrctl: Run) -> None:
    write(Path("school"))
    assert clrctl("build", "school", "-o", "out").code == 0
    sent = clrctl("upsert", "out", "--endpoint", "sandbox", "--json")
    assert sent.code == 0, sent.err
    assert outcomes(sent) == {"created": 5}

    awards = Path("school/awards.csv")
    awards.write_text(
        awards.read_text().replace("2026-05-22,2025-26,1.0,C", "2026-05-22,2025-26,1.0,B", 1)
    )
    night = clrctl("build", "school", "-o", "out", "--as-of", "2026-06-02")
    assert "1 changed, 4 unchanged" in night.err
    planned = clrctl("plan", "out", "--endpoint", "sandbox", "--json")
    assert planned.code == 0
    again = clrctl("upsert", "out", "--endpoint", "sandbox", "--json")
    assert outcomes(again) == {"updated": 1, "unchanged": 4}


def outcomes(result: Any) -> dict[str, int]:
    found: dict[str, int] = result.json["summary"]["outcomes"]
    return {name: number for name, number in found.items() if number}


def test_learners_who_are_gone_are_told_and_their_files_stay(clrctl: Run) -> None:
    write(Path("school"))
    clrctl("build", "school", "-o", "out")
    for name in ("learners", "awards"):
        file = Path(f"school/{name}.csv")
        kept = [line for line in file.read_text().splitlines() if not line.startswith("003")]
        file.write_text("\n".join([*kept, ""]))
    result = clrctl("build", "school", "-o", "out", "--json")
    assert result.code == 0
    assert [Path(name).name for name in result.json["gone"]] == ["003.clr.json"]
    assert Path("out/003.clr.json").exists()
    assert "gone from the source, files left as they are: 1" in result.err


def test_a_learner_that_fails_tonight_is_not_gone(clrctl: Run) -> None:
    write(Path("school"))
    clrctl("build", "school", "-o", "out")
    file = Path("school/awards.csv")
    file.write_text(file.read_text().replace("003,0100", "003,0999"))
    result = clrctl("build", "school", "-o", "out", "--json")
    assert result.code == 1
    assert result.json["gone"] == []
    assert result.json["summary"]["unchanged"] == 4
    assert [one["learner"] for one in result.json["not_built"]] == ["003"]


def test_a_changed_key_is_suspected(clrctl: Run) -> None:
    write(Path("school"))
    clrctl("build", "school", "-o", "out")
    for name in ("learners", "awards"):
        file = Path(f"school/{name}.csv")
        file.write_text(file.read_text(encoding="utf-8").replace("003,", "3,"), encoding="utf-8")
    result = clrctl("build", "school", "-o", "out", "--dry-run")
    assert result.code == 0
    assert "whose key changed gets a second record" in result.err
