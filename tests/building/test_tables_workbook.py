"""Tables from workbooks: what a spreadsheet program does to keys, dates and grades is seen."""

from __future__ import annotations

import datetime
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from clrctl.building.model import Record
from clrctl.building.problems import Note, Refused, Skipped
from clrctl.building.tables.workbook import Book
from clrctl.errors import InputError
from tests.schooling import build, records_of

openpyxl: Any = pytest.importorskip("openpyxl", reason="needs: pip install 'clrctl[xlsx]'")

MAPPING = """\
tables: 1
timezone: America/Chicago
issuer: {id: https://oakmere.example/issuer, name: Oakmere Academy}
record: {key: report, name: Report, as_of: 2026-06-12}
hash_email: false
scales: {gpa: {type: GradePointAverage, min: 0, max: 4}, percent: {type: Percent, max: 100}}
achievements: {results: {GPA: gpa, Percent: percent}}
"""
JUNE = datetime.date(2026, 6, 5)
SHEETS: dict[str, list[list[Any]]] = {
    "learners": [["learner_id", "name"], ["007", "Ada Quill"]],
    "Achievements": [["achievement_id", "name", "criteria"], ["0102", "English 9", "Pass it."]],
    "awards": [
        ["learner_id", "achievement_id", "awarded", "credits", "result:GPA", "result:Percent"],
        ["007", "0102", JUNE, 0.5, 3.7, 0.915],
    ],
}


def workbook(folder: Path, change: Any = None, name: str = "school.xlsx") -> Path:
    """Write the school as one workbook, after a change to it."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in SHEETS.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    awards = book["awards"]
    awards["E2"].number_format, awards["F2"].number_format = "0.00", "0.0%"
    if change:
        change(book)
    (folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
    book.save(folder / name)
    return folder / name


def only(path: Path) -> Record:
    (record,) = (one for one in records_of(path) if not isinstance(one, Skipped | Note))
    assert isinstance(record, Record), record
    return record


def test_a_workbook_with_a_sheet_for_each_table_works_as_a_folder_does(tmp_path: Path) -> None:
    book = workbook(tmp_path)

    for path in (book, tmp_path, tmp_path / "mapping.yaml"):
        award = only(path).awards[0]
        assert (award.of, award.on, str(award.credits)) == ("0102", JUNE, "0.5")


def test_of_several_workbooks_the_mapping_names_one(tmp_path: Path) -> None:
    workbook(tmp_path)
    workbook(tmp_path, name="older.xlsx")
    assert "in the mapping: `workbook: older.xlsx`" in build(tmp_path).said(tmp_path)

    (tmp_path / "mapping.yaml").write_text(f"{MAPPING}workbook: school.xlsx\n", encoding="utf-8")
    outcome = build(tmp_path)

    assert list(outcome.built) == ["007"]
    assert outcome.notes[0] == f"no table by name or mapping, and not used: {tmp_path}/older.xlsx"


def test_numbers_are_as_stored_with_the_zeros_that_are_shown(tmp_path: Path) -> None:
    award = only(workbook(tmp_path)).awards[0]

    assert award.results == {"GPA": "3.70", "Percent": "91.5"}


def test_a_number_is_never_rounded_to_what_is_shown(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book["awards"]["E2"] = 3.7249

    assert only(workbook(tmp_path, change)).awards[0].results["GPA"] == "3.7249"


def cell(sheet: str, name: str, value: Any, form: str = "General") -> Any:
    def change(book: Any) -> None:
        book[sheet][name] = value
        book[sheet][name].number_format = form

    return change


def test_that_a_number_is_shown_otherwise_is_told_with_its_place(tmp_path: Path) -> None:
    workbook(tmp_path, cell("awards", "E2", 3.7249, "0.00"))

    (told,) = [note for note in build(tmp_path).notes if " shows " in note]
    assert told.endswith(
        "school.xlsx[awards]:2: GPA shows 3.72 and stores 3.7249, which was read; round it in the "
        "spreadsheet if less is meant"
    )


SPOILT = {
    "a course number made a number": (
        cell("awards", "B2", 102, "0"),
        'achievement_id "102" is stored as a number, so that zeros in front of it are lost\n'
        "  fix: format the column as text in the spreadsheet, and type the value anew",
    ),
    "a key made a date": (
        cell("awards", "B2", datetime.date(2026, 3, 1), "d-mmm"),
        'achievement_id "2026-03-01" was turned into a date by the spreadsheet',
    ),
    "a key made true": (cell("awards", "B2", True), "is stored as true or false"),
    "a grade made a date": (
        cell("awards", "E2", datetime.date(2026, 3, 1), "d-mmm"),
        'GPA "2026-03-01" was turned into a date by the spreadsheet',
    ),
    "a formula that failed": (
        cell("awards", "C2", "#N/A"),
        'awarded "#N/A" is the error of a formula\n  fix: correct the formula',
    ),
    "a formula without a value": (
        cell("awards", "C2", "=TODAY()"),
        'awarded "=TODAY()" is a formula whose value was never stored\n'
        "  fix: open the workbook in a spreadsheet program and save it",
    ),
}


@pytest.mark.parametrize(("change", "told"), SPOILT.values(), ids=SPOILT)
def test_what_the_spreadsheet_spoilt_stops_the_learner(
    change: Any, told: str, tmp_path: Path
) -> None:
    workbook(tmp_path, change)

    outcome = build(tmp_path)

    text = outcome.said(tmp_path)
    assert text.startswith("school.xlsx[awards]:2  award 007")
    assert told in text
    assert outcome.built == {}


def test_a_sheet_can_be_named_and_a_misspelt_one_is_told(tmp_path: Path) -> None:
    book = workbook(tmp_path)

    with Book(book) as opened:
        assert opened.grid("Achievements").header[0] == "achievement_id"
        assert opened.grid("").header[0] == "learner_id"
        with pytest.raises(Refused) as caught:
            opened.grid("achievment")
    assert caught.value.problems[0].fix == 'did you mean "Achievements"?'


def test_short_rows_are_filled_and_empty_ones_left_out(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        book["learners"].append([])
        book["learners"]["A5"] = "008"

    with Book(workbook(tmp_path, change)) as book:
        rows = list(book.grid("learners").rows())

    assert [(row.line, row.cells) for row in rows] == [(2, ["007", "Ada Quill"]), (5, ["008", ""])]


@pytest.mark.parametrize("raw", [b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0 old or locked", b""])
def test_what_is_no_workbook_is_told(raw: bytes, tmp_path: Path) -> None:
    book = workbook(tmp_path)
    book.write_bytes(raw)

    text = build(tmp_path).said(tmp_path)

    assert "this is no Excel workbook" in text
    assert "without a password" in text


def test_a_zip_that_is_no_workbook_is_told(tmp_path: Path) -> None:
    book = workbook(tmp_path)
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("a.txt", "x")

    assert "this is no Excel workbook" in build(tmp_path).said(tmp_path)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    book = workbook(tmp_path)
    with zipfile.ZipFile(book, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * 8 * 2**20)

    assert "unpacks to 8,388,608 bytes" in build(tmp_path).said(tmp_path)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace(b"<row ", b"<row &nbsp; ", 1),
        lambda text: (
            b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
            + b"".join(
                b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 20)
                for letter in b"bcdefghij"
            )
            + b"]>"
            + text.partition(b"?>")[2].replace(b"<v>0</v>", b"<v>&j;</v>", 1)
        ),
    ],
    ids=["cut off", "no XML", "entities that swell"],
)
def test_a_damaged_sheet_is_told(spoil: Any, tmp_path: Path) -> None:
    book = workbook(tmp_path)
    with zipfile.ZipFile(book) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(book, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, spoil(part) if name.endswith("sheet3.xml") else part)

    outcome = build(tmp_path)

    assert outcome.built == {}
    assert "damaged" in outcome.said(tmp_path)
    assert "save it as .xlsx once more" in outcome.said(tmp_path)


def test_without_the_library_it_is_told_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = workbook(tmp_path)
    monkeypatch.setitem(sys.modules, "openpyxl", None)

    with pytest.raises(InputError) as caught:
        records_of(book)

    assert caught.value.what == "reading .xlsx needs openpyxl, which is not installed"
    assert caught.value.fix.startswith("pip install 'clrctl[xlsx]'")
