"""The rows of one file of an export, by the names of its columns.

Exports are written by many programs. The case of a column's name, of a status and of a word decides
nothing, nor do blanks around a cell; a word that stands for nothing known is told, for a row that
is left out because of it would be missed by nobody.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from clrctl.building.model import Place
from clrctl.building.oneroster.archive import Archive
from clrctl.building.problems import Problem, Refused
from clrctl.building.tables import CsvGrid, Row
from clrctl.util import nearest

_DELETED = "tobedeleted"
_STATUSES = ("", "active", "inactive", _DELETED)
"""What `status` can say; `inactive` is a word of OneRoster 1.0 and deletes nothing."""

_TRUTHS = {"true": True, "1": True, "yes": True, "": False, "false": False, "0": False, "no": False}
_MARKS = ("score", "textScore")
"""Cells that stay as they are: what a grade is, its scale says to the letter."""

_AGAIN = "export the roster again as OneRoster 1.2 CSV"


class Unusable(Exception):
    """A row that counts, but does not say what is needed; the text says what it lacks."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.fix = fix


@functools.lru_cache(maxsize=256)
def plain(word: str) -> str:
    """Return a word of a vocabulary without what programs write differently: case, blanks, joints.

    `Fully_Graded` and `fully graded` are one word.
    """
    return "".join(char for char in word.casefold() if char.isalnum())


class Table:
    """A file of an export.

    Args:
        archive: the export.
        name: the file, such as `users`.
        needed: columns it cannot do without; of two names in one text, parted by a bar, either.

    Attributes:
        repeated: rows that are there once more to the letter, as far as `by_id` found them.

    Raises:
        Refused: the file or a column is missing.
    """

    def __init__(self, archive: Archive, name: str, needed: tuple[str, ...]) -> None:
        self._grid = archive.grid(name)
        self._index = _indexed(self._grid)
        self.repeated: list[Row] = []
        missing = [names for names in needed if not self._has(names)]
        if missing:
            raise Refused(self._absent(names) for names in missing)

    def _has(self, names: str) -> bool:
        return any(name.casefold() in self._index for name in names.split("|"))

    def _absent(self, names: str) -> Problem:
        name = names.partition("|")[0]
        hint = nearest(name, self._grid.header)
        place = Place(self._grid.name, self._grid.header_line)
        return Problem(
            f"there is no column {name}", place, f"is it {hint}? {_AGAIN}" if hint else _AGAIN
        )

    def rows(self) -> Iterator[Row]:
        """Yield all rows, deleted ones too."""
        return self._grid.rows()

    def get(self, row: Row, *columns: str) -> str:
        """Return the first of these cells that says something, else an empty text.

        Blanks around it are left out, but not around a grade.
        """
        for column in columns:
            index = self._index.get(column.casefold())
            cell = row.cells[index] if index is not None else ""
            if text := cell if column in _MARKS else cell.strip():
                return text
        return ""

    def truth(self, row: Row, column: str) -> bool:
        """Return whether a cell says that something is so; an empty one says that it is not.

        Raises:
            Unusable: it says neither.
        """
        text = self.get(row, column)
        if text.casefold() not in _TRUTHS:
            fix = "write one of the two where the grades are kept, and export again"
            raise Unusable(f'{column} "{text}" is neither true nor false', fix)
        return _TRUTHS[text.casefold()]

    def place(self, row: Row) -> Place:
        """Return where a row stands."""
        return Place(self._grid.name, row.line)

    def is_deleted(self, row: Row) -> bool:
        """Return whether the source asks to forget a row."""
        return plain(self.get(row, "status")) == _DELETED

    def fault(self, row: Row) -> str:
        """Return why a row cannot be trusted: it is cut, or its status is strange; else empty."""
        status = self.get(row, "status")
        if row.fault or plain(status) in _STATUSES:
            return row.fault
        return f'status "{status}" is neither "active" nor "{_DELETED}"'

    def by_id(self) -> dict[str, Row]:
        """Return the rows by their sourcedId; rows that are the same to the letter count once.

        A row that is there twice, the same in every cell, counts once.

        Raises:
            Refused: rows are cut or ragged, two have one id, or one has a strange status.
        """
        found: dict[str, Row] = {}
        problems = []
        for row in self.rows():
            name = self.get(row, "sourcedId")
            if fault := self.fault(row):
                problems.append(Problem(fault, self.place(row), _AGAIN))
            elif name in found and row.cells == found[name].cells:
                self.repeated.append(row)
            elif name in found:
                if row.cells == found[name].cells:
                    continue
                first = self.place(found[name])
                message = f'two rows that differ have the sourcedId "{name}"'
                problems.append(Problem(message, first, _AGAIN, also=(self.place(row),)))
            else:
                found[name] = row
        if problems:
            raise Refused(problems)
        return found


def _indexed(grid: CsvGrid) -> dict[str, int]:
    """Return where the columns are, by their names in small letters.

    Raises:
        Refused: two have one name.
    """
    found: dict[str, int] = {}
    for index, column in enumerate(grid.header):
        name = column.casefold()
        if name and name in found:
            message = f'two columns have the name "{column}"'
            raise Refused([Problem(message, Place(grid.name, grid.header_line), _AGAIN)])
        found[name] = index
    return found
