"""A guessed mapping: good enough to build on once the gaps are filled, and never silently wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.schooling import SAMPLE, build

Clrctl = Callable[..., Any]
GAPS = {
    "timezone: CHANGE-ME": "timezone: America/Denver",
    "id: CHANGE-ME": "id: https://oakmere.example/issuer",
    "name: CHANGE-ME": "name: Oakmere",
    "as_of: CHANGE-ME": "as_of: 2026-06-12",
    "required: CHANGE-ME": "required: B-",
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

    assert "values: [F, C+, A]           # low to high? are there more?\n" in said
    assert "      NC: Failed                 # no credit\n" in said
    strange = said_of(clrctl, ["A", "Q", "F"])
    assert "values: [Q, F, A]            # low to high? Q: no letters; are there more?\n" in strange


@pytest.mark.parametrize(
    ("grades", "scale"),
    [
        (["P", "F", "W"], ["values: [F, P] ", "required: P ", "W: Withdrew "]),
        (["S", "U", "AU"], ["values: [U, S] ", "required: S ", "AU: CHANGE-ME "]),
        (["A", "F", "P"], ["values: [F, A] ", "required: CHANGE-ME ", "P: Completed "]),
        (["88", "71"], ["{type: Percent, min: 0, max: 100, required: CHANGE-ME}   # the least"]),
        (["88", "W"], ["    type: Percent\n    min: 0\n", "    required: CHANGE-ME\n    marks:"]),
    ],
    ids=" ".join,
)
def test_marks_are_no_grades_and_what_passes_is_asked_for(
    grades: list[str], scale: list[str], school: Path, clrctl: Clrctl
) -> None:
    said = said_of(clrctl, grades)

    assert [words for words in scale if words not in said] == []
    assert ("status: {type: Status}" in said) == (grades != ["88", "71"])
    assert yaml.safe_load(said)["scales"]["final-grade"]["type"]


def said_of(clrctl: Clrctl, grades: list[str]) -> str:
    rows = "".join(f"1,{n},2026-06-05,{grade}\n" for n, grade in enumerate(grades))
    return guess(clrctl, f"STUDENT_ID,COURSE_CODE,DATE,GRADE\n{rows}")


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


def test_most_days_decide_and_the_others_are_named(school: Path, clrctl: Clrctl) -> None:
    days = ["06/25/2026", *(f"06/{day:02}/2026" for day in range(1, 13)), "7.6.2026"]
    rows = "".join(f"{n},2,{day},A\n" for n, day in enumerate(days))

    said = guess(clrctl, f"STUDENT_ID,COURSE_CODE,DATE,GRADE\n{rows}")

    assert 'dates: ["%m/%d/%Y"]\n# days in another form in t.csv, line 15: "7.6.2026"\n' in said


def test_days_that_speak_against_each_other_are_left_to_the_school(
    school: Path, clrctl: Clrctl
) -> None:
    days = [
        "06/25/2026",
        "25/06/2026",
        *(f"06/{day:02}/2026" for day in range(1, 13)),
        "06/11/2026",
    ]
    rows = "".join(f"{n},2,{day},A\n" for n, day in enumerate(days))

    said = guess(clrctl, f"STUDENT_ID,COURSE_CODE,DATE,GRADE\n{rows}")

    assert 'dates: ["CHANGE-ME"]' in said


def test_most_numbers_decide_on_the_decimal_mark_and_the_others_are_named(
    school: Path, clrctl: Clrctl
) -> None:
    said = guess(
        clrctl,
        "STUDENT_ID;COURSE_CODE;DATE;CREDITS\n1;2;2026-06-05;0,5\n1;3;2026-06-05;1,5\n"
        "1;4;2026-06-05;2.5\n",
    )

    assert 'decimal: ","' in said
    assert '# another decimal mark in t.csv, line 4: CREDITS "2.5"\n' in said


def test_what_is_said_need_not_be_filled_in(school: Path, clrctl: Clrctl) -> None:
    said = clrctl(
        *("map", "grades.csv", "--issuer-id", "https://oakmere.example/issuer"),
        *("--issuer-name", "Oakmere: the Academy", "--timezone", "Europe/Berlin"),
        *("--as-of", "2026-06-12"),
    ).out

    assert "timezone: Europe/Berlin\n" in said
    assert 'id: "https://oakmere.example/issuer"\n' in said
    assert 'name: "Oakmere: the Academy"\n' in said
    assert 'as_of: "2026-06-12"\n' in said


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--timezone", "Denver", "there is no time zone Denver"),
        ("--as-of", "12.6.2026", "12.6.2026 is neither a day nor a moment"),
        ("--encoding", "mac-romn", "did you mean mac-roman?"),
        ("--encoding", "klingon", "known: utf-8, utf-16, windows-1252"),
        ("--delimiter", "x", "known: ,, ;, \\t, |"),
    ],
)
def test_what_cannot_be_said_is_told(
    option: str, value: str, told: str, school: Path, clrctl: Clrctl
) -> None:
    done = clrctl("map", "grades.csv", option, value)

    assert done.code == 2
    assert told in done.err


def test_the_next_line_names_the_file_that_was_written(school: Path, clrctl: Clrctl) -> None:
    (school / "maps").mkdir()

    beside = clrctl("map", "grades.csv", "-o", "term.yaml").err
    apart = clrctl("map", "grades.csv", "-o", "maps/term.yaml").err

    assert "next: clrctl new secret; clrctl build term.yaml -o records" in beside
    assert "next: clrctl new secret; clrctl build . -r maps/term.yaml -o records" in apart


def test_what_the_next_line_says_works(school: Path, clrctl: Clrctl) -> None:
    (school / "maps").mkdir()
    files = [f"../school/{path.name}" for path in sorted(school.glob("*.csv"))]
    said = ("--timezone", "America/Denver", "--as-of", "2026-06-12", "--issuer-name", "Oakmere")
    said = (*said, "--issuer-id", "https://oakmere.example/issuer")
    done = clrctl("map", *files, *said, "-o", "maps/term.yaml")

    *_, line = done.err.strip().split("next: ")
    mapping = Path("maps/term.yaml")
    guessed = mapping.read_text(encoding="utf-8")
    mapping.write_text(guessed.replace("required: CHANGE-ME", "required: B-"), encoding="utf-8")
    for command in line.split("; "):
        assert clrctl(*command.split()[1:]).code == 0

    assert len(list(Path("records").glob("*.clr.json"))) == 3


def test_tables_of_several_folders_are_named_from_the_first(school: Path, clrctl: Clrctl) -> None:
    Path("more").mkdir()
    shutil.move("students.csv", "more/students.csv")

    said = clrctl("map", "grades.csv", "more/students.csv").out

    assert "  file: grades.csv\n" in said
    assert "  file: more/students.csv\n" in said


def test_what_several_rows_of_a_course_do_not_agree_in_is_told(
    school: Path, clrctl: Clrctl
) -> None:
    said = guess(
        clrctl,
        "STUDENT_ID,STUDENT_NAME,COURSE_CODE,COURSE_TITLE,CREDITS_ATTEMPTED,DATE\n"
        "1,Ada,2,Topics: Bees,3,2026-06-05\n2,Bo,2,Topics: Ants,4,2026-06-05\n",
    )

    assert "achievement_credits:" not in said
    assert (
        "# COURSE_TITLE of one achievement differs, and does so in line 3 first: "
        '"2" is "Topics: Bees" and "Topics: Ants"; make them agree\n' in said
    )
    assert 'in line 3 first: "2" is "3" and "4"; not used\n' in said


def test_what_tables_say_of_learners_is_not_in_the_comments(school: Path, clrctl: Clrctl) -> None:
    said = guess(
        clrctl,
        "STUDENT_ID,STUDENT_NAME,COURSE_CODE,DATE\n"
        "1,Ada Quill,2,2026-06-05\n1,Ada Q.,3,2026-06-05\n",
    )

    assert "# STUDENT_NAME of one learner differs, and does so in line 3 first; make them" in said
    assert "Quill" not in said


def test_no_cell_can_write_into_the_mapping(school: Path, clrctl: Clrctl) -> None:
    odd = '"Topics\nissuer: {id: https://evil.example}\n#"'
    said = guess(
        clrctl,
        "STUDENT_ID,COURSE_CODE,COURSE_TITLE,DATE,FLAG\n"
        f"1,2,{odd},2026-06-05,P\n2,2,Bees,2026-06-05,{odd}\n",
    )

    assert "\nissuer: {" not in said
    assert '"Topics\\nissuer: {id: https://evil.example}\\n#": CHANGE-ME' in said


def test_columns_that_nobody_knows_are_left_to_the_school(school: Path, clrctl: Clrctl) -> None:
    Path("t.csv").write_text("Foo,Bar\n1,2\n", encoding="utf-8")

    done = clrctl("map", "t.csv")

    assert "t.csv: no header is known" in done.err
    assert "    key: CHANGE-ME\n    name: CHANGE-ME\n" in done.out


def test_an_old_workbook_is_no_text_in_another_encoding(school: Path, clrctl: Clrctl) -> None:
    Path("t.xls").write_bytes(b"\xd0\xcf\x11\xe0")

    assert ".xls is not read" in clrctl("map", "t.xls").err


def test_two_columns_of_one_name_are_told(school: Path, clrctl: Clrctl) -> None:
    said = guess(clrctl, "STUDENT_ID,COURSE_CODE,DATE,GRADE,GRADE\n1,2,2026-06-05,A,B\n")

    assert "# several columns are called GRADE: rename all but one" in said


def test_tabs_and_other_delimiters_are_told_by_the_rows(school: Path, clrctl: Clrctl) -> None:
    text = "STUDENT_ID;COURSE_CODE,DATE\n1;2,2026-06-05\n"
    Path("t.csv").write_text(text)
    tied = clrctl("map", "t.csv")
    assert tied.code == 3
    assert "or as --delimiter of `clrctl map`" in tied.err

    said = clrctl("map", "t.csv", "--delimiter", ";").out

    assert '  delimiter: ";"\n' in said


def test_an_encoding_holds_for_what_is_not_utf_8(school: Path, clrctl: Clrctl) -> None:
    Path("t.csv").write_bytes("STUDENT_ID,COURSE_CODE,DATE\n1,Größe,2026-06-05\n".encode("cp1252"))

    said = clrctl("map", "t.csv", "students.csv", "--encoding", "windows-1252").out

    assert said.count("encoding: windows-1252") == 1
    assert "learners:\n  file: students.csv\n  columns:\n" in said


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
    assert clrctl("map", "school.xlsx[Marks]").out == one.out
    wrong = clrctl("map", "school.xlsx[Mark]")
    assert 'did you mean "Marks"?' in wrong.err


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
        guess = guess.replace(gap, filled).replace("required: B-", "required: A-")
    Path("mapping.yaml").write_text(guess, encoding="utf-8")
    outcome = build(tmp_path)
    assert outcome.problems == []
    record = outcome.built["0000017"]
    for told in (b'"Ana Lake"', b'"Course"', b'"status": "Failed"', b'"NC"', b'"Pass Algebra I."'):
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
