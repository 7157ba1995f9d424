"""The rows of one file of an export, by the names of its columns."""

from __future__ import annotations

from collections.abc import Iterator

from clrctl.building.model import Place
from clrctl.building.oneroster.archive import Archive
from clrctl.building.problems import Problem, Refused
from clrctl.building.tables import Row
from clrctl.util import nearest

DELETED = "tobedeleted"
_AGAIN = "export the roster again as OneRoster 1.2 CSV"


class Table:
    """A file of an export.

    Args:
        archive: the export.
        name: the file, such as `users`.
        needed: columns it cannot do without; of two names in one text, parted by a bar, either.

    Raises:
        Refused: the file or a column is missing.
    """

    def __init__(self, archive: Archive, name: str, needed: tuple[str, ...]) -> None:
        self._grid = archive.grid(name)
        self._index = {column: index for index, column in enumerate(self._grid.header)}
        missing = [names for names in needed if not self._has(names)]
        if missing:
            raise Refused(self._absent(names) for names in missing)

    def _has(self, names: str) -> bool:
        return any(name in self._index for name in names.split("|"))

    def _absent(self, names: str) -> Problem:
        name = names.partition("|")[0]
        hint = nearest(name, self._index)
        place = Place(self._grid.name, self._grid.header_line)
        return Problem(
            f"there is no column {name}", place, f"is it {hint}? {_AGAIN}" if hint else _AGAIN
        )

    def rows(self) -> Iterator[Row]:
        """Yield all rows, deleted ones too."""
        return self._grid.rows()

    def get(self, row: Row, *columns: str) -> str:
        """Return the first of these cells that says something, else an empty text."""
        for column in columns:
            index = self._index.get(column)
            if index is not None and row.cells[index]:
                return row.cells[index]
        return ""

    def place(self, row: Row) -> Place:
        """Return where a row stands."""
        return Place(self._grid.name, row.line)

    def is_deleted(self, row: Row) -> bool:
        """Return whether the source asks to forget a row."""
        return self.get(row, "status").lower() == DELETED

    def by_id(self) -> dict[str, Row]:
        """Return the rows by their sourcedId.

        A row that is there twice, the same in every cell, counts once.

        Raises:
            Refused: rows are cut or ragged, or two that differ have one id.
        """
        found: dict[str, Row] = {}
        problems = []
        for row in self.rows():
            name = self.get(row, "sourcedId")
            if row.fault:
                problems.append(Problem(row.fault, self.place(row), _AGAIN))
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
