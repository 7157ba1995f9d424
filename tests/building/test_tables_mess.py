"""Tables as schools really export them: titles, totals, repeats, lost zeros, turned names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clrctl.building.problems import Skipped
from tests.building.test_tables_meaning import ACHIEVEMENTS, AWARDS, HEAD, LEARNERS, only, school
from tests.schooling import build, records_of


def built(folder: Path) -> list[str]:
    outcome = build(folder)
    assert outcome.said(folder) == ""
    return list(outcome.built)


def test_the_header_may_stand_below_titles(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        learners=f"Report run 12 June 2026; all\n\n{LEARNERS.replace(',', ';')}",
        mapping="learners: {header: 3}\n",
    )

    record = only(folder)

    assert (record.learner.name, record.learner.place.line) == ("Ada Quill", 4)


def test_a_header_where_there_is_nothing_is_told(tmp_path: Path) -> None:
    folder = school(tmp_path, mapping="learners: {header: 30}\n")

    said = build(folder).said(folder)

    assert "say `header: 1` for learners in the mapping" in said


def test_a_header_that_the_mapping_names_columns_of_is_found(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        learners="Who,is,here\nNr,Wie\n007,Ada\n",
        mapping="learners: {columns: {key: Nr, name: Wie}}\n",
    )

    said = build(folder).said(folder)

    assert said == (
        'learners.csv:2  learners\n  this line looks like the header; above it is "Who"\n'
        "  fix: say `header: 2` for learners in the mapping\n"
    )


REPORT = (
    "learner_id,achievement_id,awarded,credits\n007,0102,2026-06-05,1\n"
    "Page 1 of 2,,,\nlearner_id,achievement_id,awarded,credits\n007,0103,2026-06-05,1\n"
    ",,Total,2\n*** end of report ***\n"
)


def test_lines_of_the_report_are_told_and_can_be_left_out(tmp_path: Path) -> None:
    achievements = f"{ACHIEVEMENTS}0103,English 10,Pass it.\n"
    told = build(school(tmp_path, awards=REPORT, achievements=achievements))
    lines = {problem.place.line: problem.message for problem in told.problems}
    assert set(lines) == {3, 4, 6, 7}
    assert all("is a line that the report added" in message for message in lines.values())
    assert list(told.built) == ["007"]

    folder = school(
        tmp_path, awards=REPORT, achievements=achievements, mapping="awards: {report_lines: drop}\n"
    )

    assert built(folder) == ["007"]
    skipped = [one for one in records_of(folder) if isinstance(one, Skipped)]
    assert [(one.place.line, one.learner) for one in skipped] == [
        (3, ""),
        (4, ""),
        (6, ""),
        (7, ""),
    ]


@pytest.mark.parametrize(
    "row", ["Page,0102,2026-06-05,1", "Total,0102,2026-06-05,1", "007,Report,2026-06-05,1"]
)
def test_rows_that_say_something_are_no_lines_of_the_report(row: str, tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        learners=f"{LEARNERS}Page,Ann Page\nTotal,Al Total\n",
        achievements=f"{ACHIEVEMENTS}Report,Report Writing,Write one.\n",
        awards=f"learner_id,achievement_id,awarded,credits\n{row}\n",
        mapping="awards: {report_lines: drop}\n",
    )

    assert len(built(folder)) == 1


def test_rows_that_are_there_twice_can_count_once(tmp_path: Path) -> None:
    twice = f"{AWARDS}007,0102,2026-06-05\n"
    folder = school(tmp_path, awards=twice, mapping="awards: {duplicates: drop-identical}\n")

    record = only(folder)

    assert len(record.awards) == 1
    (skipped,) = (one for one in records_of(folder) if isinstance(one, Skipped))
    assert (skipped.place.line, skipped.reason) == (3, "the same row is there twice")


def test_only_rows_that_are_the_same_to_the_letter_count_once(tmp_path: Path) -> None:
    twice = f"{AWARDS}007,0102,2026-06-06\n"
    folder = school(tmp_path, awards=twice, mapping="awards: {duplicates: drop-identical}\n")

    assert build(folder).built == {}


def test_associations_that_are_there_twice_can_count_once(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        achievements=f"{ACHIEVEMENTS}D,Diploma,Finish.\n",
        associations="source,type,target\n0102,isPartOf,D\n0102,isPartOf,D\n",
        mapping="associations: {duplicates: drop-identical}\n",
    )

    assert built(folder) == ["007"]


def test_zeros_that_were_lost_are_put_back(tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        awards="learner_id,achievement_id,awarded\n7,102,2026-06-05\n",
        mapping="pad: {learner: 3, achievement: 4}\n",
    )

    assert [one.of for one in only(folder).awards] == ["0102"]


def test_a_lone_number_pads_the_keys_of_learners(tmp_path: Path) -> None:
    awards = AWARDS.replace("007,", "7,")

    assert only(school(tmp_path, awards=awards, mapping="pad: 3\n")).learner.key == "007"


def test_ids_with_decimals_are_told_and_can_be_taken_as_ids(tmp_path: Path) -> None:
    files = {
        "learners": LEARNERS.replace("007", "90012.0"),
        "awards": AWARDS.replace("007", "90012"),
    }
    told = build(school(tmp_path, **files))
    assert "is a number with decimals" in told.said(tmp_path)

    record = only(school(tmp_path, **files, mapping="numeric_ids: true\n"))

    assert record.learner.key == "90012"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Quill, Ada", "Ada Quill"),
        ("Quill,Ada M.", "Ada M. Quill"),
        ("Quill, Ada, Jr.", "Ada Quill Jr."),
        ("Quill, III", "Quill III"),
        ("Teller", "Teller"),
    ],
)
def test_names_can_be_turned(written: str, name: str, tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        learners=f'learner_id,name\n007,"{written}"\n',
        mapping="learners: {name_order: last-first}\n",
    )

    assert only(folder).learner.name == name


@pytest.mark.parametrize("written", ["Quill, Ada, of Oakmere", ", Ada", "Quill,"])
def test_a_name_that_cannot_be_turned_is_told(written: str, tmp_path: Path) -> None:
    folder = school(
        tmp_path,
        learners=f'learner_id,name\n007,"{written}"\n',
        mapping="learners: {name_order: last-first}\n",
    )

    assert f'name "{written}" is not like "Last, First"' in build(folder).said(folder)


def test_guards_from_excel_are_taken_off_and_told(tmp_path: Path) -> None:
    folder = school(tmp_path, awards=AWARDS.replace("007,0102", '="007",\'0102'))

    outcome = build(folder)

    assert list(outcome.built) == ["007"]
    assert [note.replace(f"{folder}/", "") for note in outcome.notes] == [
        'awards.csv:2: learner_id ="007" is protected against Excel and was read as "007", and so '
        "are all such cells of this column",
        'awards.csv:2: achievement_id \'0102 is protected against Excel and was read as "0102", '
        "and so are all such cells of this column",
    ]


def workbook(folder: Path, **sheets: list[list[Any]]) -> str:
    openpyxl: Any = pytest.importorskip("openpyxl", reason="needs: pip install 'clrctl[xlsx]'")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(folder / "school.xlsx")
    return str(folder / "school.xlsx")


SHEETS = {
    "Kids": [["All pupils"], [], ["learner_id", "name"], [7000001, "Ada Quill"]],
    "Courses": [["achievement_id", "name", "criteria"], ["0102", "English 9", "Pass it."]],
    "Marks": [["learner_id", "achievement_id", "awarded"], [7000001, "0102", "2026-06-05"]],
}


def test_sheets_are_named_with_their_file_and_headers_below_titles(tmp_path: Path) -> None:
    workbook(tmp_path, **SHEETS)
    (tmp_path / "mapping.yaml").write_text(
        HEAD + "numeric_ids: true\n"
        "learners: {file: 'school.xlsx[Kids]', header: 3}\n"
        "achievements: {file: school.xlsx, sheet: Courses}\n"
        "awards: {file: 'school.xlsx[Marks]'}\n",
        encoding="utf-8",
    )

    assert built(tmp_path) == ["7000001"]


def test_numbers_are_no_ids_unless_it_is_said(tmp_path: Path) -> None:
    workbook(tmp_path, **SHEETS)
    (tmp_path / "mapping.yaml").write_text(
        HEAD + "learners: {file: 'school.xlsx[Kids]'}\nawards: {file: 'school.xlsx[Marks]'}\n"
        "achievements: {file: 'school.xlsx[Courses]'}\n",
        encoding="utf-8",
    )
    said = build(tmp_path).said(tmp_path)
    assert "school.xlsx[Kids]:3  learners\n  this line looks like the header" in said

    text = (tmp_path / "mapping.yaml").read_text().replace("[Kids]'", "[Kids]', header: 3")
    (tmp_path / "mapping.yaml").write_text(text)

    said = build(tmp_path).said(tmp_path)
    assert "is stored as a number, so that zeros in front of it are lost" in said
    assert "say `numeric_ids: true` in the mapping" in said


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("pad: many\n", 'pad "many" is no line or length'),
        ("pad: {learner: 0}\n", 'pad.learner "0" is no line or length'),
        ("learners: {header: first}\n", 'learners.header "first" is no line'),
        ("awards: {duplicates: drop}\n", 'awards.duplicates "drop" is not one of'),
        ("learners: {duplicates: refuse}\n", "learners.duplicates is not a known key"),
        ("learners: {name_order: last}\n", 'learners.name_order "last" is not one of'),
        ("awards: {report_lines: yes}\n", 'awards.report_lines "yes" is not one of'),
    ],
)
def test_what_cannot_be_said_of_a_mess_is_told(mapping: str, told: str, tmp_path: Path) -> None:
    folder = school(tmp_path, mapping=mapping)

    assert told in build(folder).said(folder)
