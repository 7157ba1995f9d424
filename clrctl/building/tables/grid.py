"""A table as rows of text with their lines, whatever file it comes from.

Readers of files make a `Grid`; everything after them knows no file format. Cells are text as the
file has them, blanks included: what they mean is told by the column they stand in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, TypeAlias

Kind: TypeAlias = Literal["number", "date", "truth", "error", "stale"]
"""What a cell of a workbook is stored as, where that is not text."""

_ALL_TEXT: Mapping[int, Kind] = {}
_ALL_SHOWN: Mapping[int, str] = {}


class Row(NamedTuple):
    """One row.

    Attributes:
        line: the line it begins on, or its number in a sheet; counted from 1.
        cells: as many as the header has.
        kinds: which cells were not stored as text, by index.
        fault: why its cells cannot be trusted to stand under their headers; empty: they can.
        hidden: what is on the screen, for cells that show another number than they store.
    """

    line: int
    cells: list[str]
    kinds: Mapping[int, Kind] = _ALL_TEXT
    fault: str = ""
    hidden: Mapping[int, str] = _ALL_SHOWN


class Grid(Protocol):
    """A table with a header and rows that can be gone through more than once."""

    @property
    def name(self) -> str:
        """What messages call it: `grades.csv`, `school.xlsx[awards]`."""

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns, without blanks around them; empty where there is none."""

    @property
    def header_line(self) -> int:
        """Where the header stands."""

    def top(self) -> list[Row]:
        """Return the first rows that hold anything, titles and the header among them."""

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header; rows without any text are left out.

        Raises:
            Refused: the file breaks off, or is not what it began as.
        """


@dataclass(frozen=True, slots=True)
class GridForm:
    """How a table is written, where its mapping says so.

    Attributes:
        sheet: the sheet of a workbook; empty: the first.
        delimiter: between the cells of a line; empty: told by the header.
        encoding: of text; empty: UTF-8.
        header: the line that names the columns; 0: the first that holds anything.
    """

    sheet: str = ""
    delimiter: str = ""
    encoding: str = ""
    header: int = 0


def clean(name: str) -> str:
    """Return the name of a column without what nobody sees: blanks around it, marks, line ends."""
    return " ".join(name.replace("\ufeff", "").split())
