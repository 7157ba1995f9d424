"""Opening tables by the names of their files, each workbook once for all its sheets."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from clrctl.building.tables.csv_grid import CsvGrid
from clrctl.building.tables.grid import Grid, GridForm
from clrctl.document import names
from clrctl.errors import InputError
from clrctl.util import nearest

if TYPE_CHECKING:
    from clrctl.building.tables.workbook import Book

WORKBOOKS = (".xlsx", ".xlsm")
TEXTS = (".csv", ".tsv", ".txt")
_OLD_WORKBOOKS = (".xls", ".ods", ".numbers")


class Opener:
    """Opens tables; a context that closes what they are read from.

    Every method raises:
        Refused: the table cannot be used.
        InputError: a file cannot be opened, or the library that reads it is missing.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._books: dict[str, Book] = {}

    def __enter__(self) -> Opener:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def table(self, path: str, form: GridForm) -> Grid:
        """Return the table in a file, or in a sheet of a workbook."""
        path, sheet = split(path)
        form = replace(form, sheet=sheet) if sheet else form
        suffix = Path(path).suffix.lower()
        if suffix in _OLD_WORKBOOKS:
            fix = "save it as .xlsx, or as CSV UTF-8"
            raise InputError(f"{suffix} is not read", where=path, fix=fix)
        if suffix in WORKBOOKS:
            return self._book(path).grid(form.sheet, form.header)
        try:
            return CsvGrid(Path(path), path, form)
        except OSError as error:
            raise _unopened(Path(path), error) from None

    def tables(self, path: str, form: GridForm = GridForm()) -> list[Grid]:  # noqa: B008 - immutable
        """Return all tables in a file: of a workbook every sheet, or the one named."""
        if Path(path).suffix.lower() not in WORKBOOKS or form.sheet:
            return [self.table(path, form)]
        return [self.table(path, replace(form, sheet=name)) for name in self._book(path).sheets]

    def sheet_called(self, path: str, name: str) -> str:
        """Return the sheet of that name, whatever its case; empty where there is none."""
        return self._book(path).called(name)

    def _book(self, path: str) -> Book:
        if path not in self._books:
            from clrctl.building.tables.workbook import Book

            try:
                self._books[path] = self._stack.enter_context(Book(Path(path)))
            except OSError as error:
                raise _unopened(Path(path), error) from None
        return self._books[path]


def split(name: str) -> tuple[str, str]:
    """Return the file and the sheet of a name such as `school.xlsx[Marks]`, as messages tell it.

    The sheet is empty where none is named.
    """
    file, bracket, sheet = name.removesuffix("]").partition("[")
    if name.endswith("]") and bracket and Path(file).suffix.lower() in WORKBOOKS:
        return file, sheet
    return name, ""


def _unopened(path: Path, error: OSError) -> InputError:
    if not isinstance(error, FileNotFoundError):
        return InputError("cannot be read", where=str(path), why=error.strerror or "")
    if problem := names.not_fetched(str(path)):
        return problem
    there = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
    hint = nearest(path.name, there, same_digits=True)
    return InputError(
        "cannot be read",
        where=str(path),
        why="there is no such file",
        fix=f"did you mean {hint}?" if hint else "export it there, or correct the name",
    )
