"""Tables as files: encodings, delimiters, quoting, line ends, and the order of rows."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clrctl.building.problems import Refused
from clrctl.building.tables.csv_grid import CsvGrid
from clrctl.building.tables.grid import GridForm, Row
from tests.schooling import SAMPLE, build

CSVS = ("students.csv", "courses.csv", "grades.csv", "requirements.csv")


def grid(folder: Path, raw: bytes, form: GridForm = GridForm()) -> CsvGrid:  # noqa: B008 - immutable
    file = folder / "t.csv"
    file.write_bytes(raw)
    return CsvGrid(file, "t.csv", form)


def told(folder: Path, raw: bytes, form: GridForm = GridForm()) -> str:  # noqa: B008 - immutable
    with pytest.raises(Refused) as caught:
        list(grid(folder, raw, form).rows())
    return "\n".join(line for problem in caught.value.problems for line in problem.lines())


AS_THEY_COME = {
    "byte order mark": b"\xef\xbb\xbfA,B\n1,2\n",
    "Windows line ends": b"A,B\r\n1,2\r\n",
    "old Mac line ends": b"A,B\r1,2\r",
    "no line end": b"A,B\n1,2",
    "semicolons": b"A;B\n1;2\n",
    "tabs": b"A\tB\n1\t2\n",
    "bars": b"A|B\n1|2\n",
    "sep=": b"sep=;\r\nA;B\r\n1;2\r\n",
    "quotes": b'"A","B"\n"1","2"\n',
    "blank headers around": b" A ,B\xc2\xa0\n1,2\n",
    "empty lines": b"\nA,B\n\n1,2\n,\n \n",
}


@pytest.mark.parametrize("raw", AS_THEY_COME.values(), ids=AS_THEY_COME)
def test_a_table_is_read_as_programs_write_it(raw: bytes, tmp_path: Path) -> None:
    table = grid(tmp_path, raw)

    assert table.header == ("A", "B")
    assert [row.cells for row in table.rows()] == [["1", "2"]]


def test_rows_are_told_by_the_line_they_begin_on(tmp_path: Path) -> None:
    table = grid(tmp_path, b'A,B\r\n"two\r\nlines",2\r\n\r\n3,4\r\n')

    assert [(row.line, row.cells) for row in table.rows()] == [
        (2, ["two\r\nlines", "2"]),
        (5, ["3", "4"]),
    ]


def test_a_table_can_be_gone_through_twice(tmp_path: Path) -> None:
    table = grid(tmp_path, b"A,B\n1,2\n")

    assert list(table.rows()) == list(table.rows()) == [Row(2, ["1", "2"])]


def test_the_delimiter_can_be_named(tmp_path: Path) -> None:
    assert grid(tmp_path, b"A;B,C\n", GridForm(delimiter=";")).header == ("A", "B,C")


def test_the_encoding_can_be_named(tmp_path: Path) -> None:
    for encoding, python in (("utf-16", "utf-16"), ("windows-1252", "cp1252")):
        table = grid(tmp_path, "A\tB\nÉlodie\t2\n".encode(python), GridForm(encoding=encoding))

        assert [row.cells for row in table.rows()] == [["Élodie", "2"]]


MISTAKES = {
    "UTF-16": (
        "A,B\n1,2\n".encode("utf-16"),
        't.csv\n  the text is UTF-16, what Excel calls "Unicode Text"; UTF-8 is read\n'
        '  fix: in Excel: File > Save As > "CSV UTF-8 (Comma delimited)"; '
        "or say `encoding: utf-16` for this table in the mapping",
    ),
    "Windows-1252": (
        "A,B\n1,2\nÉlodie,2\n".encode("cp1252"),
        't.csv:3\n  byte 0xc9 is not UTF-8; in Windows-1252 it is "É"\n'
        '  fix: in Excel: File > Save As > "CSV UTF-8 (Comma delimited)"; '
        "or say `encoding: windows-1252` for this table in the mapping",
    ),
    "Mac OS Roman": (
        "A,B\nFísica y química,2\nIñaki,2\n".encode("mac-roman"),
        't.csv:2\n  byte 0x92 is not UTF-8; in mac-roman it is "í"\n'
        '  fix: in Excel: File > Save As > "CSV UTF-8 (Comma delimited)"; '
        "or say `encoding: mac-roman` for this table in the mapping",
    ),
    "the code page of DOS": (
        "A,B\nKöln und München,2\n".encode("cp850"),
        't.csv:2\n  byte 0x94 is not UTF-8; in cp850 it is "ö"\n'
        '  fix: in Excel: File > Save As > "CSV UTF-8 (Comma delimited)"; '
        "or say `encoding: cp850` for this table in the mapping",
    ),
    "two delimiters": (
        b"A;B,C\n",
        "t.csv:1\n  the header can be split at comma and semicolon alike\n"
        '  fix: say which, as `delimiter: ";"`, for this table in the mapping, or as --delimiter '
        "of `clrctl map`",
    ),
    "open quote": (
        b'A,B\n1,2\n"1,2\n3,4\n',
        "t.csv:3\n  a double quote opens here and is never closed\n"
        '  fix: close it; a quote within quoted text is written twice: "the ""big"" one"',
    ),
    "text after a quote": (
        b'A,B\n"1"x,2\n',
        "t.csv:2\n  text after a closing double quote\n"
        "  fix: put the whole cell in quotes, and write a quote within it twice: "
        '"the ""big"" one"',
    ),
}


@pytest.mark.parametrize(("raw", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_file_that_cannot_be_read_is_told_as_what_it_is(
    raw: bytes, said: str, tmp_path: Path
) -> None:
    assert told(tmp_path, raw) == said


def test_an_encoding_that_was_named_in_error_is_told(tmp_path: Path) -> None:
    assert "the text is not utf-16" in told(tmp_path, b"A,B\n", GridForm(encoding="utf-16"))


def test_a_wrong_byte_far_down_is_told_with_its_line(tmp_path: Path) -> None:
    raw = b"A,B\n" + b"1,2\n" * 30_000 + b"\xe9,2\n"

    assert told(tmp_path, raw).startswith("t.csv:30002\n")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("1", "the row has 1 cell, the header 2: is it cut off?"),
        ("1,2,3", "the row has 3 cells, the header 2: text with the delimiter in it needs"),
        ("1,2,", "and a line ends without it"),
    ],
)
def test_a_row_of_another_length_is_no_good(line: str, fault: str, tmp_path: Path) -> None:
    rows = list(grid(tmp_path, f"A,B\n{line}\n1,2\n".encode()).rows())

    assert [fault in row.fault for row in rows] == [True, False]
    assert [len(row.cells) for row in rows] == [2, 2]


# Delimiters and quotes are what a writer has to guard.
CELLS = st.text(alphabet=st.sampled_from('ab ,;\t"|\n\r0é'), max_size=6)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=6), st.sampled_from(",;\t|"))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_a_csv_writer_writes_is_what_is_read(
    tmp_path: Path, rows: list[list[str]], delimiter: str
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([["A", "B", "C"], *rows])

    table = grid(tmp_path, text.getvalue().encode())

    assert [row.cells for row in table.rows()] == [row for row in rows if "".join(row).strip()]


def rewritten(school: Path, seed: int) -> None:
    """Write the tables again as another system, or the same one tomorrow, might."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    mark = rng.choice([b"", b"\xef\xbb\xbf"])
    delimiter, end = rng.choice(",;\t"), rng.choice(["\n", "\r\n"])
    quoting = rng.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
    for name in CSVS:
        with (SAMPLE / name).open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
        rng.shuffle(rows)
        order = rng.sample(range(len(header)), len(header))
        text = io.StringIO()
        writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
        writer.writerows([[row[i] for i in order] for row in (header, *rows)])
        (school / name).write_bytes(mark + text.getvalue().encode())


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_rows_and_the_form_of_the_file_do_not_matter(
    seed: int, tmp_path: Path
) -> None:
    (tmp_path / "mapping.yaml").write_bytes((SAMPLE / "mapping.yaml").read_bytes())
    rewritten(tmp_path, seed)

    outcome = build(tmp_path)

    assert outcome.problems == []
    assert outcome.built == build(SAMPLE).built
