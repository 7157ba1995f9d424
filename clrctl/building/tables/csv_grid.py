"""Tables from CSV files (RFC 4180): read strictly, a row at a time.

A byte order mark, either line end, line ends in quotes and rows without text are taken as they
come. What spreadsheets write without saying so (another delimiter, another encoding) is told as
such. Nothing here knows what the columns mean.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import BinaryIO, Literal, NamedTuple, Protocol

from clrctl.building.model import Place
from clrctl.building.problems import Problem, Refused
from clrctl.building.tables.encodings import ENCODINGS, WIDE, guess
from clrctl.building.tables.grid import GridForm, Row, clean
from clrctl.util import count

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

_LONGEST_CELL = 2**20
_HEAD = 64 * 2**10
_COMPARED = 20
_BENT = "\u201c\u201d\u201e"
_AS_UTF8 = 'in Excel: File > Save As > "CSV UTF-8 (Comma delimited)"'


class Dialect(NamedTuple):
    """How the lines of a file are to be split.

    Attributes:
        delimiter: between cells.
        skipped: lines before the header: Excel's `sep=;`, and titles.
    """

    delimiter: str
    skipped: int


class Bytes(Protocol):
    """What can be opened for its bytes again and again: a path, or a member of an archive."""

    def open(self, mode: Literal["rb"]) -> BinaryIO:
        """Open it from the start."""

    def read_bytes(self) -> bytes:
        """Return all of them."""


class CsvGrid:
    """A CSV file.

    Args:
        path: the file.
        name: what messages call it.
        form: how it is written, where that is known.

    Raises:
        Refused: its header cannot be read.
        OSError: the file cannot be opened.
    """

    def __init__(self, path: Bytes, name: str, form: GridForm = GridForm()) -> None:  # noqa: B008 - immutable
        self.name = name
        self._path = path
        self._encoding = form.encoding or "utf-8"
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
        self._refuse_encoding(head)
        self._lines = self._first_lines(head)
        self._dialect = _dialect(self._lines, form, name)
        with closing(self._records()) as records:
            first = next(records, None)
        self.header_line = first.line if first else max(1, form.header)
        self.header = tuple(map(clean, first.cells)) if first else ()

    @property
    def delimiter(self) -> str:
        """What stands between the cells."""
        return self._dialect.delimiter

    def top(self) -> list[Row]:
        """Return the first lines, split by what most of them can be split by."""
        lines = self._lines[:-1][: 2 * _COMPARED] or self._lines
        mark = _common(lines) or self.delimiter
        numbered = enumerate(lines, 1)
        return [Row(number, _split(line, mark)) for number, line in numbered if line.strip()]

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header."""
        width = len(self.header)
        with closing(self._records()) as records:
            next(records, None)
            for row in records:
                cells = row.cells
                if len(cells) == width:
                    yield row
                else:
                    yield row._replace(cells=_fitted(cells, width), fault=_ragged(cells, width))

    def _records(self) -> Generator[Row, None, None]:
        """Yield the records that hold any text, the header among them."""
        skipped = self._dialect.skipped
        line = 1 + skipped
        csv.field_size_limit(_LONGEST_CELL)
        raw = self._path.open("rb")
        with io.TextIOWrapper(raw, encoding=ENCODINGS[self._encoding], newline="") as text:
            try:
                for _ in range(skipped):
                    text.readline()
                reader = csv.reader(text, delimiter=self._dialect.delimiter, strict=True)
                for cells in reader:
                    if any(cell and not cell.isspace() for cell in cells):
                        yield Row(line, cells)
                    line = reader.line_num + 1 + skipped
            except UnicodeError:
                raise Refused([self._not_encoded()]) from None
            except csv.Error as error:
                raise Refused([_broken(Place(self.name, line), str(error))]) from None

    def _refuse_encoding(self, head: bytes) -> None:
        """Raise for a text that is plainly not what it is to be read as."""
        wide = head.startswith(WIDE) or b"\0" in head[:4]
        if wide and self._encoding != "utf-16":
            problem = Problem(
                'the text is UTF-16, what Excel calls "Unicode Text"; UTF-8 is read',
                Place(self.name),
                f"{_AS_UTF8}; or say `encoding: utf-16` for this table in the mapping",
            )
            raise Refused([problem])

    def _first_lines(self, head: bytes) -> list[str]:
        """Return the beginning of the text in lines, the last of which may be cut."""
        decoder = codecs.getincrementaldecoder(ENCODINGS[self._encoding])()
        try:
            return decoder.decode(head).splitlines()
        except UnicodeError:
            raise Refused([self._not_encoded()]) from None

    def _not_encoded(self) -> Problem:
        """Return where the text is not in the encoding it is read as, and which it may be."""
        raw = self._path.read_bytes()
        try:
            raw.decode(ENCODINGS[self._encoding])
            start = 0
        except UnicodeDecodeError as error:
            start = error.start
        place = Place(self.name, raw.count(b"\n", 0, start) + 1)
        if self._encoding != "utf-8":
            fix = f"name another encoding: {', '.join(ENCODINGS)}"
            return Problem(f"the text is not {self._encoding}", place, fix)
        with self._path.open("rb") as stream:
            likely = guess(stream).encoding
        letter = raw[start : start + 1].decode(ENCODINGS[likely], "replace")
        name = likely.replace("windows", "Windows")
        return Problem(
            f'byte 0x{raw[start]:02x} is not UTF-8; in {name} it is "{letter}"',
            place,
            f"{_AS_UTF8}; or say `encoding: {likely}` for this table in the mapping",
        )


def _dialect(lines: list[str], form: GridForm, name: str) -> Dialect:
    """Return the delimiter, by the header: the line that is named, or the first with text.

    Where the header can be split in several ways, or not at all, the lines below it tell.

    Raises:
        Refused: two delimiters are as likely.
    """
    said = lines[0][4] if lines and _SEPARATOR.fullmatch(lines[0]) else ""
    skipped = max(form.header - 1, 1 if said else 0)
    if form.delimiter or said:
        return Dialect(form.delimiter or said, skipped)
    header = next((line for line in lines[skipped:] if line.strip()), "")
    widths = {mark: len(_split(header, mark)) for mark in DELIMITERS}
    likely = [mark for mark, width in widths.items() if width == max(widths.values())]
    if len(likely) > 1:
        below = _common(lines[skipped:-1])
        likely = [below] if below in likely else likely
    if len(likely) > 1 and widths[likely[0]] > 1:
        marks = " and ".join(DELIMITERS[mark] for mark in likely)
        problem = Problem(
            f"the header can be split at {marks} alike",
            Place(name, lines.index(header) + 1),
            'say which, as `delimiter: ";"`, for this table in the mapping, or as --delimiter of '
            "`clrctl map`",
        )
        raise Refused([problem])
    return Dialect(likely[0], skipped)


_SEPARATOR = re.compile("sep=.", re.IGNORECASE)


def _split(line: str, mark: str) -> list[str]:
    return next(csv.reader([line], delimiter=mark), [])


def _common(lines: list[str]) -> str:
    """Return the delimiter that gives most of these lines the same number of cells.

    Empty where none divides them, or two do alike.
    """
    best, mark = (0, 0), ""
    for one in DELIMITERS:
        widths = Counter(len(_split(line, one)) for line in lines[: 2 * _COMPARED] if line.strip())
        width, times = max(widths.items(), key=lambda pair: (pair[0] > 1, pair[1]), default=(1, 0))
        if width > 1 and (times, width) >= best:
            best, mark = (times, width), "" if (times, width) == best else one
    return mark


def _fitted(cells: list[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]


def _ragged(cells: list[str], width: int) -> str:
    """Return what is wrong with a row of another length than the header."""
    found = f"the row has {count(len(cells), 'cell')}, the header {width}"
    if any(cell.strip().startswith(tuple(_BENT)) for cell in cells):
        return f'{found}: typographic quotes (\u201c \u201d) do not enclose a cell, " does'
    if len(cells) < width:
        return f"{found}: is it cut off?"
    if any(cell.strip() for cell in cells[width:]):
        return f"{found}: text with the delimiter in it needs double quotes"
    return f"{found}: text with the delimiter in it needs double quotes, and a line ends without it"


def _broken(place: Place, error: str) -> Problem:
    if "field larger" in error or "unexpected end" in error:
        return Problem(
            "a double quote opens here and is never closed",
            place,
            'close it; a quote within quoted text is written twice: "the ""big"" one"',
        )
    return Problem(
        "text after a closing double quote",
        place,
        'put the whole cell in quotes, and write a quote within it twice: "the ""big"" one"',
    )
