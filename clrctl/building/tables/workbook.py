"""Tables from Excel workbooks (.xlsx), by what their cells store: text, numbers, dates.

This is the only module that knows openpyxl, which comes with an extra. It gives the numbers and
their formats, and neither its sizes of sheets nor its dates are believed: both are guesses of the
program that wrote the file. (python-calamine is quicker, and gives no formats.) A cell is read as
it is stored, never rounded to what it shows; zeros that its format adds behind the point are kept,
for a grade point average of 3.70 is written so. Formulas count by the value that was stored last.
"""

from __future__ import annotations

import datetime
import warnings
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from clrctl.building.model import Place
from clrctl.building.problems import Problem, Refused, listed
from clrctl.building.tables import number_format
from clrctl.building.tables.grid import Kind, Row, clean
from clrctl.errors import InputError
from clrctl.util import nearest

if TYPE_CHECKING:
    from openpyxl import Workbook

_LARGEST = 512 * 2**20
_RATIO = 200
_SMALL = 2**20
_TOP = 40
_EPOCH_1904 = 1904
_DAMAGE = (SyntaxError, KeyError, ValueError, EOFError, zipfile.BadZipFile, zlib.error)
"""What openpyxl lets through of a damaged file; errors of XML are SyntaxErrors."""


class Book:
    """A workbook, opened once for all its sheets; a context that closes it.

    Args:
        path: the file.

    Raises:
        Refused: it is no workbook, or far too large.
        InputError: openpyxl is not installed.
        OSError: the file cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        _refuse_bombs(path)
        self.path = path
        with ExitStack() as stack:
            self._values = _opened(path, stack)
            # Which cells are formulas is told by a reading of its own only.
            formulas = _has_formulas(path)
            self._formulas = _opened(path, stack, formulas=True) if formulas else None
            self._from_1904 = bool(self._values.epoch.year == _EPOCH_1904)
            self._stack = stack.pop_all()

    def __enter__(self) -> Book:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def sheets(self) -> list[str]:
        """The names of its sheets, in its order."""
        return list(self._values.sheetnames)

    def called(self, name: str) -> str:
        """Return the sheet of that name, whatever its case; empty where there is none."""
        return next((one for one in self.sheets if one.strip().lower() == name), "")

    def grid(self, sheet: str, header: int = 0) -> SheetGrid:
        """Return a sheet, the first one where none is named, with its header in a row.

        Raises:
            Refused: there is no such sheet, or it is damaged.
        """
        if sheet and sheet not in self.sheets:
            hint = nearest(sheet, self.sheets)
            message = f'there is no sheet "{sheet}" among {listed(self.sheets)}'
            one = f"{self.path}[{hint or self.sheets[0]}]"
            fix = f'did you mean "{hint}"?' if hint else f"name one of them, as {one} does"
            raise Refused([Problem(message, Place(str(self.path)), fix)])
        return SheetGrid(self, sheet or self.sheets[0], header)

    def records(self, sheet: str) -> Generator[Row, None, None]:
        """Yield the rows of a sheet that hold anything. Raises as `grid`."""
        values: Any = self._values[sheet]
        try:
            with ExitStack() as stack:
                rows = stack.enter_context(closing(values.iter_rows()))
                formulas: Any = None
                if self._formulas:
                    marks: Any = self._formulas[sheet]
                    formulas = stack.enter_context(closing(marks.iter_rows()))
                for number, cells in enumerate(rows, 1):
                    row = self._row(number, cells, next(formulas) if formulas else None)
                    if any(row.cells):
                        yield row
        except _DAMAGE:
            place = Place(f"{self.path}[{sheet}]")
            fix = "save it as .xlsx once more; or as CSV UTF-8"
            raise Refused([Problem("the sheet is damaged", place, fix)]) from None

    def _row(self, number: int, cells: tuple[Any, ...], formulas: tuple[Any, ...] | None) -> Row:
        texts: list[str] = []
        kinds: dict[int, Kind] = {}
        hidden: dict[int, str] = {}
        for index, cell in enumerate(cells):
            text, kind, shown = self._cell(cell)
            if formulas and not text and formulas[index].data_type == "f":
                text, kind = str(formulas[index].value), "stale"
            texts.append(text)
            if kind:
                kinds[index] = kind
            if shown:
                hidden[index] = shown
        return Row(number, texts, kinds, hidden=hidden)

    def _cell(self, cell: Any) -> tuple[str, Kind | None, str]:
        """Return the text of a cell, what it is where that is not text, and what it shows."""
        value = cell.value
        if value is None:
            return "", None, ""
        if isinstance(value, str):
            return value, "error" if cell.data_type == "e" else None, ""
        if isinstance(value, bool):
            return str(value).upper(), "truth", ""
        if isinstance(value, datetime.datetime):
            is_day = value.time() == datetime.time()
            return (value.date().isoformat() if is_day else value.isoformat()), "date", ""
        if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
            return str(value), "date", ""
        read = number_format.read(value, cell.number_format or "General", from_1904=self._from_1904)
        return read.text, read.kind or None, read.shown


class SheetGrid:
    """A sheet of a workbook, as a table."""

    def __init__(self, book: Book, sheet: str, header: int) -> None:
        self.name = f"{book.path}[{sheet}]"
        self._book = book
        self._sheet = sheet
        self._first = header
        with closing(self._records()) as records:
            first = next(records, None)
        self.header_line = first.line if first else max(1, header)
        self.header = tuple(map(clean, first.cells)) if first else ()

    def top(self) -> list[Row]:
        """Return the first rows that hold anything, titles and the header among them."""
        with closing(self._book.records(self._sheet)) as records:
            return list(islice(records, _TOP))

    def _records(self) -> Generator[Row, None, None]:
        with closing(self._book.records(self._sheet)) as records:
            yield from (row for row in records if row.line >= self._first)

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header that hold anything."""
        width = len(self.header)
        with closing(self._records()) as records:
            next(records, None)
            for row in records:
                cells = row.cells[:width]
                yield row._replace(cells=cells + [""] * (width - len(cells)))


def _opened(path: Path, stack: ExitStack, *, formulas: bool = False) -> Workbook:
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise InputError(
            "reading .xlsx needs openpyxl, which is not installed",
            where=str(path),
            fix="pip install 'clrctl[xlsx]'; or save the sheets as CSV UTF-8",
        ) from None
    try:
        # Of a damaged file openpyxl would leave open what it opened itself.
        stream = stack.enter_context(path.open("rb"))
        with warnings.catch_warnings():
            # Of styles that it misses, and of what has nothing to do with values.
            warnings.simplefilter("ignore")
            book: Any = load_workbook(stream, read_only=True, data_only=not formulas)
        # What is a date is told by `number_format`; openpyxl would look for letters.
        book._date_formats = book._timedelta_formats = frozenset()
        for sheet in book.worksheets:
            # Rows and columns beyond a size that is stated too small would be left out.
            sheet.reset_dimensions()
        return cast("Workbook", stack.enter_context(closing(book)))
    except (*_DAMAGE, TypeError):
        raise Refused([_no_workbook(path)]) from None


def _refuse_bombs(path: Path) -> None:
    """Refuse a file that is no workbook, or unpacks to far more than a school has."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile:
        raise Refused([_no_workbook(path)]) from None
    for entry in entries:
        swollen = entry.file_size > _SMALL and entry.file_size > _RATIO * entry.compress_size
        if swollen or entry.file_size > _LARGEST:
            message = f"{entry.filename} in it unpacks to {entry.file_size:,} bytes"
            raise Refused([Problem(message, Place(str(path)), "save the sheet as CSV UTF-8")])


def _no_workbook(path: Path) -> Problem:
    return Problem(
        "this is no Excel workbook, or a damaged one",
        Place(str(path)),
        "save it as .xlsx once more, without a password; or as CSV UTF-8",
    )


def _has_formulas(path: Path) -> bool:
    """Return whether any sheet has formulas, for reading their marks takes a second pass."""
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                with archive.open(entry) as stream:
                    last = b""
                    while block := stream.read(2**20):
                        if b"<f>" in last + block or b"<f " in last + block:
                            return True
                        last = block[-3:]
    return False
