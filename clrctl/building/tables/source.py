"""A folder or workbook of tables: which file is which table, opened.

A folder holds `mapping.yaml` and the files it names, or `learners.csv`, `achievements.csv`,
`awards.csv` and `associations.csv`; or the same as sheets of one workbook.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from clrctl.building.model import Place
from clrctl.building.problems import Problem, Refused
from clrctl.building.tables import mapping_file
from clrctl.building.tables.fields import TABLES, Table
from clrctl.building.tables.grid import Grid
from clrctl.building.tables.grids import Grids
from clrctl.building.tables.loading import Tables
from clrctl.building.tables.mapping import Mapped, TableMapping
from clrctl.building.tables.opening import TEXTS, WORKBOOKS, Opener
from clrctl.errors import InputError
from clrctl.util import nearest

MAPPINGS = ("mapping.yaml", "mapping.yml")


def mapping_of(source: str) -> str:
    """Return the mapping that belongs to a folder, workbook or mapping; empty: there is none."""
    path = Path(source)
    folder = path if path.is_dir() else path.parent
    if path.suffix.lower() not in WORKBOOKS and not path.is_dir():
        return source
    return next((str(folder / name) for name in MAPPINGS if (folder / name).is_file()), "")


def load(source: str, *, sheet: str = "", mapping: str = "") -> Tables:
    """Return the records of a folder, a workbook, or the mapping beside the tables; to be closed.

    Args:
        source: its path.
        sheet: the sheet of awards, in the place of the one that the mapping names.
        mapping: the mapping, where it is not the one beside the tables.

    Raises:
        Refused: the mapping or a table cannot be used.
        InputError: a file cannot be opened, or a library that reads it is missing.
    """
    mapping = mapping or mapping_of(source)
    if not mapping:
        raise InputError(
            "there is no mapping.yaml beside the tables",
            where=source,
            why="it says who issues the records, and what the columns mean",
            fix="let `clrctl map` guess one from the tables, or `clrctl new tables` write one",
        )
    mapped = mapping_file.load(mapping)
    if sheet:
        form = replace(mapped.awards.form, sheet=sheet)
        mapped = replace(mapped, awards=replace(mapped.awards, form=form))
    # The tables are read to their end before the first record is made.
    with Opener() as opener:
        return Tables(mapped, _grids(source, mapped, opener))


def _grids(source: str, mapped: Mapped, opener: Opener) -> Grids:
    """Open the tables that a mapping is about."""
    finder = _TableFinder(source, mapped, opener)
    found = {table: finder.grid(table) for table in TABLES}
    awards = found["awards"]
    if awards is None:
        raise Refused([finder.no_awards()])
    return Grids(
        awards,
        found["learners"],
        found["achievements"],
        found["associations"],
        finder.others(grid for grid in found.values() if grid),
    )


class _TableFinder:
    def __init__(self, source: str, mapped: Mapped, opener: Opener) -> None:
        self._mapped = mapped
        self._opener = opener
        self._folder = Path(source) if Path(source).is_dir() else Path(source).parent
        self._workbook = self._find_workbook(source)

    def _find_workbook(self, source: str) -> str:
        """Return the workbook whose sheets are tables; empty: there is none."""
        if Path(source).suffix.lower() in WORKBOOKS:
            return source
        if self._mapped.workbook:
            return str(self._folder / self._mapped.workbook)
        books = [
            path
            for path in sorted(self._folder.iterdir())
            if path.suffix.lower() in WORKBOOKS and not path.name.startswith(("~$", "."))
        ]
        return str(books[0]) if len(books) == 1 else ""

    def grid(self, table: Table) -> Grid | None:
        """Return a table, None where there is neither a file nor a sheet for it."""
        mapping: TableMapping = getattr(self._mapped, table)
        if mapping.file:
            return self._opener.table(str(self._folder / mapping.file), mapping.form)
        for suffix in (*TEXTS, *WORKBOOKS):
            path = self._folder / f"{table}{suffix}"
            if path.is_file() and str(path) != self._workbook:
                return self._opener.table(str(path), mapping.form)
        if self._workbook:
            called = self._opener.sheet_called(self._workbook, table)
            if sheet := mapping.form.sheet or called:
                return self._opener.table(self._workbook, replace(mapping.form, sheet=sheet))
        return None

    def others(self, used: Iterable[Grid]) -> tuple[str, ...]:
        """Return the files that look like tables and are none of those used."""
        names = {grid.name.partition("[")[0] for grid in used}
        return tuple(
            str(path)
            for path in sorted(self._folder.iterdir())
            if path.suffix.lower() in (*TEXTS, *WORKBOOKS)
            and str(path) not in names
            and not path.name.startswith(("~$", "."))
        )

    def no_awards(self) -> Problem:
        """Return the problem of a folder without awards, with what may be them."""
        books = [path.name for path in self._folder.iterdir() if path.suffix.lower() in WORKBOOKS]
        if len(books) > 1 and not self._workbook:
            return Problem(
                "there is no table of awards, and which of the workbooks has it is not said",
                Place(str(self._folder)),
                f"name it in the mapping: `workbook: {sorted(books)[0]}`",
            )
        names = [path.name for path in self._folder.iterdir() if path.suffix.lower() in TEXTS]
        hint = nearest("awards.csv", names)
        return Problem(
            "there is no table of awards: a record says what was achieved",
            Place(str(self._folder)),
            (f"is it {hint}? " if hint else "")
            + "call it awards.csv, or name it in the mapping: `awards: {file: grades.csv}`",
        )
