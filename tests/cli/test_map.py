"""A guessed mapping: good enough to build on once the gaps are filled, and never silently wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.schooling import SAMPLE, build

Clrctl = Callable[..., Any]
GAPS = {
    "timezone: CHANGE-ME": "timezone: America/Denver",
    "id: CHANGE-ME": "id: https://oakmere.example/issuer",
    "name: CHANGE-ME": "name: Oakmere",
    "as_of: CHANGE-ME": "as_of: 2026-06-12",
}


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the sample without its mapping, as the working directory."""
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "school"))
    (folder / "mapping.yaml").unlink()
    monkeypatch.chdir(folder)
    return folder


def test_with_the_gaps_filled_the_guess_builds(school: Path, clrctl: Clrctl) -> None:
    done = clrctl("map", *sorted(school.glob("*.csv")), "-o", "mapping.yaml")

    assert done.code == 0, done.err
    assert done.out == ""
    guess = Path("mapping.yaml").read_text(encoding="utf-8")
    for gap, filled in GAPS.items():
        assert gap in guess
        guess = guess.replace(gap, filled)
    assert "CHANGE-ME" not in guess.partition("\n")[2]
    Path("mapping.yaml").write_text(guess, encoding="utf-8")
    outcome = build(school)
    assert outcome.problems == []
    assert list(outcome.built) == ["0052114", "0052207", "0052350"]
    assert b'"Ioana Br\xc3\xa2nz\xc4\x83"' in outcome.built["0052207"]
    assert b'"status": "Withdrew"' in outcome.built["0052207"]


def test_nothing_is_built_on_the_guess_alone(school: Path, clrctl: Clrctl) -> None:
    clrctl("map", *sorted(school.glob("*.csv")), "-o", "mapping.yaml")

    outcome = build(school)

    assert outcome.built == {}
    assert "timezone is not filled in yet" in outcome.said(school)


def test_the_first_rows_are_shown_as_they_are_read(school: Path, clrctl: Clrctl) -> None:
    done = clrctl("map", "grades.csv")

    assert done.out.startswith("# A guess from headers and first rows")
    lines = done.err.splitlines()
    assert lines[0] == "grades.csv looks like the table of awards"
    assert "learner '0052114'  achievement '0102'  on '06/09/2023'" in lines[1]
    assert len(lines) == 4


def guess(clrctl: Clrctl, text: str) -> str:
    Path("t.csv").write_text(text, encoding="utf-8")
    done = clrctl("map", "t.csv", "--quiet")
    assert done.code == 0, done.err
    return str(done.out)


def test_days_that_two_formats_read_are_left_to_the_school(school: Path, clrctl: Clrctl) -> None:
    said = guess(clrctl, "STUDENT_ID,COURSE_CODE,DATE,GRADE\n1,2,06/05/2026,A\n")

    assert 'dates: ["CHANGE-ME"]   # all days fit %m/%d/%Y and %d/%m/%Y alike' in said


def test_words_of_the_school_are_left_to_it(school: Path, clrctl: Clrctl) -> None:
    said = guess(clrctl, "STUDENT_ID,COURSE_CODE,DATE,FLAG\n1,2,2026-06-05,P\n1,3,2026-06-05,AU\n")

    assert "    P: Completed\n    AU: CHANGE-ME\n" in said


def test_grades_are_put_from_low_to_high(school: Path, clrctl: Clrctl) -> None:
    rows = "".join(f"1,{n},2026-06-05,{grade}\n" for n, grade in enumerate(["A", "NC", "C+", "F"]))
    said = guess(clrctl, f"STUDENT_ID,COURSE_CODE,DATE,GRADE\n{rows}")

    assert "values: [NC, F, C+, A]}   # low to high? NC: no letters; are there more?" in said


def test_odd_headers_are_quoted(school: Path, clrctl: Clrctl) -> None:
    said = guess(clrctl, "Student ID,Course Code,Date,Mark,#1\n1,2,2026-06-05,A,x\n")
    odd = guess(clrctl, "STUDENT_ID,COURSE_CODE,DATE,FLAG\n1,2,2026-06-05,no: maybe\n")

    assert "Final grade: Mark" in said
    assert '"no: maybe": CHANGE-ME' in odd


def test_personal_columns_are_not_even_named(school: Path, clrctl: Clrctl) -> None:
    said = guess(clrctl, "STUDENT_ID,FULL_NAME,SSN,SHOE\n1,Ada,123-45-6789,9\n")

    assert "# not used: SHOE" in said
    assert "SSN" not in said
    assert "123-45" not in said


def test_a_mapping_that_is_there_stays(school: Path, clrctl: Clrctl) -> None:
    Path("mapping.yaml").write_text("mine")

    assert clrctl("map", "grades.csv", "-o", "mapping.yaml").code == 3
    assert Path("mapping.yaml").read_text() == "mine"
    assert clrctl("map", "grades.csv", "-o", "mapping.yaml", "--force").code == 0


@pytest.mark.parametrize(
    ("name", "raw", "told"),
    [
        ("x.csv", b"\xff\xfeA\xd8", "the text is not utf-16"),
        ("x.csv", b"", "the table is empty"),
        ("nope.csv", None, "there is no such file"),
    ],
)
def test_a_table_that_cannot_be_read_is_told(
    name: str, raw: bytes | None, told: str, school: Path, clrctl: Clrctl
) -> None:
    if raw is not None:
        Path(name).write_bytes(raw)

    done = clrctl("map", name)

    assert done.code == 3
    assert told in done.err


def test_two_tables_of_one_kind_are_told(school: Path, clrctl: Clrctl) -> None:
    shutil.copy("grades.csv", "more.csv")

    done = clrctl("map", "grades.csv", "more.csv")

    assert done.code == 2
    assert "two tables look like that of awards" in done.err
    assert "where: grades.csv, more.csv" in done.err


def test_the_sheets_of_a_workbook_are_looked_at_one_by_one(school: Path, clrctl: Clrctl) -> None:
    openpyxl: Any = pytest.importorskip("openpyxl", reason="needs: pip install 'clrctl[xlsx]'")
    book = openpyxl.Workbook()
    book.active.title = "Kids"
    for row in (["STUDENT_ID", "FULL_NAME"], ["007", "Ada"]):
        book.active.append(row)
    marks = book.create_sheet("Marks")
    for row in (["STUDENT_ID", "COURSE_CODE", "DATE", "GRADE"], ["007", "0102", "2026-06-05", "A"]):
        marks.append(row)
    book.create_sheet("Empty")
    book.save("school.xlsx")

    both, one = clrctl("map", "school.xlsx"), clrctl("map", "school.xlsx", "--sheet", "Marks")

    assert "learners:\n  file: school.xlsx\n  sheet: Kids\n" in both.out
    assert "awards:\n  file: school.xlsx\n  sheet: Marks\n" in both.out
    assert "Kids" not in one.out


ONE_FILE = (
    "Student ID,First Name,Last Name,Course Code,Course Title,Final Mark,Date Completed\r\n"
    "0000017,Ana,Lake,0102,Algebra I,A-,05/25/2026\r\n"
    "0000017,Ana,Lake,0203,Biology,NC,05/25/2026\r\n"
)


def test_an_export_in_one_file_builds_with_the_gaps_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clrctl: Clrctl
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("grades.csv").write_bytes(ONE_FILE.encode())

    done = clrctl("map", "grades.csv", "-o", "mapping.yaml")

    assert done.err.endswith("clrctl build mapping.yaml -o records --secret-file id-secret\n")
    guess = Path("mapping.yaml").read_text(encoding="utf-8")
    assert "defaults: {achievement_type: Course}" in guess
    for gap, filled in GAPS.items():
        guess = guess.replace(gap, filled)
    Path("mapping.yaml").write_text(guess, encoding="utf-8")
    outcome = build(tmp_path)
    assert outcome.problems == []
    record = outcome.built["0000017"]
    for told in (b'"Ana Lake"', b'"Course"', b'"NC"', b'"Pass Algebra I."'):
        assert told in record


def test_every_gap_is_told_at_once_and_none_is_published(school: Path, clrctl: Clrctl) -> None:
    clrctl("map", *sorted(school.glob("*.csv")), "-o", "mapping.yaml")

    said = build(school).said(school)

    for key in ("timezone", "issuer.id", "issuer.name", "record.as_of"):
        assert f"{key} is not filled in yet\n  fix: write what it is in place of CHANGE-ME" in said
    guess = Path("mapping.yaml").read_text(encoding="utf-8")
    for gap, filled in GAPS.items():
        guess = guess.replace(gap, filled) if gap != "name: CHANGE-ME" else guess
    Path("mapping.yaml").write_text(guess, encoding="utf-8")
    assert build(school).built == {}


def test_what_a_table_lacks_is_asked_for(school: Path, clrctl: Clrctl) -> None:
    text = guess(clrctl, "Student ID,Course,Grade\n017,0102,A\n")

    for field in ("learner_name", "achievement_name", "on"):
        assert f"    {field}: CHANGE-ME" in text


def test_an_export_of_a_german_spreadsheet_is_understood(school: Path, clrctl: Clrctl) -> None:
    text = guess(
        clrctl, "Schüler-Nr;Kurs-Nr;Kurs;Credits;Datum;Note\n017;0102;Physik;1,0;12.06.2026;A\n"
    )

    assert 'decimal: ","' in text
    assert 'dates: ["%d.%m.%Y"]' in text
    assert 'learner: "Schüler-Nr"' in text
    assert "decimal" not in guess(clrctl, "Student ID,Course,Credits\n017,0102,1.0\n")
