"""Numbers of workbooks by their formats, in workbooks that are written byte by byte."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
import yaml

from clrctl.building.tables import number_format
from clrctl.building.tables.workbook import Book

CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "building" / "number-formats.yaml").read_text("utf-8")
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def write(
    path: Path, rows: Sequence[Sequence[tuple[Any, str]]], dimension: str = "", *, mac: bool = False
) -> Path:
    """Write a workbook of one sheet: cells are values with their formats."""
    formats = list(dict.fromkeys(form for row in rows for _, form in row))
    styles = "".join(
        f"<numFmt numFmtId={quoteattr(str(200 + i))} formatCode={quoteattr(form)}/>"
        for i, form in enumerate(formats)
    )
    fonts = "<fonts><font/></fonts><fills><fill><patternFill/></fill></fills>"
    fonts += "<borders><border/></borders>"
    looks = "".join(
        f'<xf numFmtId="{200 + i}" applyNumberFormat="1"/>' for i in range(len(formats))
    )
    cells = "".join(
        f'<row r="{n}">'
        + "".join(
            f'<c r="{chr(65 + c)}{n}" t="inlineStr"><is><t>{value}</t></is></c>'
            if isinstance(value, str)
            else f'<c r="{chr(65 + c)}{n}" s="{formats.index(form)}"><v>{value!r}</v></c>'
            for c, (value, form) in enumerate(row)
        )
        + "</row>"
        for n, row in enumerate(rows, 1)
    )
    size = f'<dimension ref="{dimension}"/>' if dimension else ""
    since = '<workbookPr date1904="1"/>' if mac else ""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{since}<sheets>'
        '<sheet name="one" sheetId="1" r:id="a"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="a" Type="{OFFICE}/worksheet" Target="worksheets/one.xml"/>'
        f'<Relationship Id="b" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><numFmts>{styles}</numFmts>{fonts}'
        f"<cellStyleXfs><xf/></cellStyleXfs><cellXfs>{looks}</cellXfs></styleSheet>",
        "xl/worksheets/one.xml": f'<worksheet xmlns="{MAIN}">{size}<sheetData>{cells}</sheetData>'
        "</worksheet>",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return path


def test_there_are_enough_formats() -> None:
    assert len({case["format"] for case in CASES}) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['value']} {case['format']}")
def test_a_number_is_shown_as_a_spreadsheet_shows_it(case: dict[str, Any]) -> None:
    assert number_format.parsed(case["format"]).shown(case["value"]).text == case["shown"]


def test_a_workbook_is_read_as_written_down(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl", reason="needs: pip install 'clrctl[xlsx]'")
    path = write(tmp_path / "all.xlsx", [[(case["value"], case["format"])] for case in CASES])

    with Book(path) as book:
        rows = {row.line: row for row in book.records("one")}

    for line, case in enumerate(CASES, 1):
        row = rows[line]
        assert row.cells == [case.get("read", case["shown"].strip())], case
        assert bool(row.hidden) == case.get("hides", False), case


def test_what_is_shown_in_a_form_of_its_own_is_text_and_the_rest_is_not() -> None:
    kinds = {
        form: number_format.read(value, form).kind
        for value, form in [(412, "0000000"), (412, "0"), (412, "General"), (1, '[=1]"Yes"')]
    }
    assert kinds == {"0000000": "", "0": "number", "General": "number", '[=1]"Yes"': ""}


def test_days_are_counted_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl", reason="needs: pip install 'clrctl[xlsx]'")
    path = write(tmp_path / "mac.xlsx", [[(44351, "yyyy-mm-dd")]], mac=True)

    with Book(path) as book:
        assert [row.cells for row in book.records("one")] == [["2025-06-05"]]


def test_rows_and_columns_beyond_the_size_that_is_stated_are_read(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl", reason="needs: pip install 'clrctl[xlsx]'")
    rows = [[("a", ""), ("b", ""), ("c", "")], [(1, "0"), (2, "0"), (3, "0")], [(4, "0")]]
    path = write(tmp_path / "small.xlsx", rows, dimension="A1:B2")

    with Book(path) as book:
        cells = [row.cells for row in book.records("one")]
    assert cells == [["a", "b", "c"], ["1", "2", "3"], ["4"]]
