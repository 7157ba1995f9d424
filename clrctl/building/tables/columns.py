"""A table with its columns understood: cells by the names of fields, each with its meaning.

What a cell gets wrong is raised as `BadCell`, for its row alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from clrctl.building import damage
from clrctl.building.model import Place, When
from clrctl.building.tables import binding, report_lines, values
from clrctl.building.tables.binding import ColumnSource, Wanted
from clrctl.building.tables.fields import FIELDS, Joint, Table
from clrctl.building.tables.grid import Grid, Kind, Row
from clrctl.building.tables.mapping import Reading, TableMapping
from clrctl.building.tables.values import UnreadableValue

REPORT_LINE = "a line that the report added"
"""Why a line that a report program added is left out."""

_EXACT_DIGITS = 15
"""More of them a spreadsheet does not keep: it writes zeros for the rest."""
_GUARDS = frozenset("='\u2019\t\x1f")
_AS_TEXT = "format the column as text in the spreadsheet, and type the value anew"
_NUMBERS = (
    f"{_AS_TEXT}; or, where ids never begin with a zero, say `numeric_ids: true` in the mapping; "
    "where all have as many digits, `pad: 7`"
)
_TOO_LONG = f"is a number, of which a spreadsheet keeps {_EXACT_DIGITS} digits: the others are lost"
_STORED: dict[Kind, tuple[str, str]] = {
    "number": ("is stored as a number, so that zeros in front of it are lost", _NUMBERS),
    "date": ("was turned into a date by the spreadsheet", _AS_TEXT),
    "truth": ("is stored as true or false", _AS_TEXT),
    "error": ("is the error of a formula", "correct the formula"),
    "stale": (
        "is a formula whose value was never stored",
        "open the workbook in a spreadsheet program and save it",
    ),
}


class BadCell(Exception):
    """A cell, or a whole row, that cannot be used."""

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class Unguarded(NamedTuple):
    """The first text of a column that was guarded from Excel, and was read without that.

    Attributes:
        place: where it stands.
        text: as it stands there.
        plain: how it was read.
    """

    place: Place
    text: str
    plain: str


class Hidden(NamedTuple):
    """The first number of a column that is shown otherwise than it is stored.

    Attributes:
        place: where it stands.
        stored: how it is stored, and was read.
        shown: what is on the screen.
    """

    place: Place
    stored: str
    shown: str


class Columns:
    """The columns of one table.

    Args:
        grid: the table.
        table: which one it is.
        mapping: which of its columns is what.
        reading: how cells are to be understood.
        wanted: fields of which it needs columns.

    Attributes:
        unused: headers that nothing is read from.
        trimmed: how many texts had blanks around them taken off.
        unguarded: where texts were guarded from Excel: places and columns.
        hidden: where numbers are shown otherwise than they are stored: by columns, the first each.
        last_first: whether full names are written `Last, First`.

    Raises:
        Refused: columns are missing, unknown, twice there, or must not be read.
    """

    def __init__(
        self,
        grid: Grid,
        table: Table,
        mapping: TableMapping,
        reading: Reading,
        wanted: Wanted = (),
    ) -> None:
        self.grid = grid
        self.table = table
        self.trimmed = 0
        self.unguarded: dict[str, Unguarded] = {}
        self.hidden: dict[str, Hidden] = {}
        self.last_first = mapping.last_first
        self.drops_identical = mapping.drops_identical
        self._reading = reading
        self._drops_report_lines = mapping.drops_report_lines
        self._bound = binding.bind(grid, table, mapping, wanted)
        self._fields = self._bound.fields
        self._results = self._bound.results
        self.unused = tuple(self._bound.unused)
        self._keys = self.indices(one.name for one in FIELDS[table] if one.joins)

    def __contains__(self, field: str) -> bool:
        """Return whether a field has a column or a default."""
        return field in self._fields

    @property
    def results(self) -> Iterable[str]:
        """The names of the results that have a column."""
        return self._results

    def rows(self) -> Iterator[Row]:
        """Yield the rows of the table."""
        return self.grid.rows()

    def label(self, field: str) -> str:
        """Return what messages call the column of a field."""
        return self._fields[field].label if field in self._fields else field

    def indices(self, fields: Iterable[str]) -> tuple[int, ...]:
        """Return the places in a row that these fields are read from."""
        return tuple(
            sorted({i for name in fields if name in self for i in self._fields[name].indices})
        )

    def place(self, row: Row) -> Place:
        """Return where a row stands."""
        return Place(self.grid.name, row.line)

    def check(self, row: Row) -> None:
        """Refuse a row that is none, or whose cells may not stand under their headers.

        Raises:
            BadCell: it is such a row.
        """
        self.check_kind(row)
        self.check_length(row)

    def check_length(self, row: Row) -> None:
        """Refuse a row whose cells may not stand under their headers.

        Raises:
            BadCell: it is such a row.
        """
        if row.fault:
            raise BadCell(row.fault, "correct the row")

    def check_kind(self, row: Row) -> None:
        """Refuse a line that a report program added.

        Raises:
            BadCell: it is such a line.
        """
        if text := self._added(row):
            raise BadCell(
                f'"{text}" is a line that the report added (a total, a footer, a repeated '
                "header), not a row",
                f"leave such lines out: say `report_lines: drop` for {self.table} in the mapping",
            )

    def skipped(self, row: Row) -> str:
        """Return why a row is to be left out, or an empty text."""
        if self._drops_report_lines and self._added(row):
            return REPORT_LINE
        for skip in self._bound.skips:
            value = row.cells[skip.index].strip()
            if value in skip.values:
                return f'{skip.column} is "{value}"' if value else f"{skip.column} is empty"
        return ""

    def _added(self, row: Row) -> str:
        """Return what shows that a row is a line that the report program added, or nothing."""
        return report_lines.added(row.cells, self.grid.header, self._keys)

    def text(self, row: Row, field: str) -> str:
        """Return the text of a field; empty where it says nothing.

        Raises:
            BadCell: it cannot be used.
        """
        source = self._fields.get(field)
        return self._read(row, source) if source else ""

    def raw(self, row: Row, field: str) -> str:
        """Return what stands in the column of a field, without blanks around it, good or not."""
        return " ".join(row.cells[index] for index in self.indices([field])).strip()

    def day(self, row: Row, field: str) -> When | None:
        """Return the day of a field, or None. Raises as `text`."""
        source = self._fields.get(field)
        if source is None or not (text := self._read(row, source, dated=True)):
            return None
        try:
            return self._reading.days.read(text)
        except UnreadableValue as error:
            raise _bad(source, text, error) from None

    def number(self, row: Row, field: str) -> Decimal | None:
        """Return the number of a field, or None. Raises as `text`."""
        source = self._fields.get(field)
        if source is None or not (text := self._read(row, source)):
            return None
        try:
            return values.number(text, comma=self._reading.comma)
        except UnreadableValue as error:
            raise _bad(source, text, error) from None

    def result(self, row: Row, name: str) -> str:
        """Return the value of a result, to the letter; empty where there is none.

        Raises:
            BadCell: it cannot be used.
        """
        return self._read(row, self._results[name], exact=True)

    def _read(
        self, row: Row, source: ColumnSource, *, dated: bool = False, exact: bool = False
    ) -> str:
        if not source.indices:
            return source.default
        if row.kinds:
            self._accept_kinds(row, source, dated=dated)
        if len(source.parts) == 1:
            text = row.cells[source.indices[0]]
            if text[:1] in _GUARDS:
                text = self._unguarded(text, row, source)
            if text.strip() in self._reading.empty:
                text = ""
        else:
            text = self._joined(row, source)
        if text and (text[0].isspace() or text[-1].isspace()):
            text = self._without_blanks(text, source, exact=exact)
        if text and (source.is_code or not text.isascii() or "#" in text):
            text = self._sound(text, source)
        if source.translation and (text or "" in source.translation.words):
            try:
                text = source.translation.of(text)
            except UnreadableValue as error:
                raise _bad(source, text, error) from None
        return text or source.default

    def _unguarded(self, text: str, row: Row, source: ColumnSource) -> str:
        plain = damage.unguarded(text, is_key=bool(source.joins))
        if plain != text:
            self.unguarded.setdefault(source.label, Unguarded(self.place(row), text, plain))
        return plain

    def _sound(self, text: str, source: ColumnSource) -> str:
        """Return a text with the zeros that its key has to have, if no program has spoilt it."""
        if len(source.parts) > 1 or text.isdigit():
            width = self._reading.pad.get(source.joins, 0) if len(source.parts) == 1 else 0
            return text.zfill(width)
        if not source.joins:
            found = damage.of_key(text) if source.is_code else damage.of_text(text)
        else:
            if self._reading.numeric_ids:
                text = damage.whole(text).zfill(self._reading.pad.get(source.joins, 0))
            found = damage.of_key(text)
        if found:
            raise BadCell(f'{source.label} "{text}" {found.message}', found.fix)
        return text

    def _joined(self, row: Row, source: ColumnSource) -> str:
        """Return the texts and cells of a source; nothing when all cells are empty."""
        cells = {
            index: damage.unguarded(row.cells[index], is_key=bool(source.joins)).strip()
            for index in source.indices
        }
        empty = self._reading.empty
        cells = {index: "" if cell in empty else cell for index, cell in cells.items()}
        if not any(cells.values()):
            return ""
        for index, cell in cells.items():
            if found := damage.of_text(cell):
                raise BadCell(f'{self.grid.header[index]} "{cell}" {found.message}', found.fix)
        joined = "".join(part if isinstance(part, str) else cells[part] for part in source.parts)
        # Without a middle name there would be two blanks.
        return joined if all(cells.values()) else " ".join(joined.split())

    def _without_blanks(self, text: str, source: ColumnSource, *, exact: bool) -> str:
        plain = text.strip()
        if self._reading.trim or not (source.joins or exact):
            self.trimmed += not self._reading.trim
            return plain
        if exact:
            return text  # whether it is allowed is for its scale to say
        odd = next(char for char in (text[-1], text[0]) if char.isspace())
        raise BadCell(
            f'{source.label} "{text}" has a {damage.odd(odd) or "blank"} before or after it',
            f'write "{plain}"; if the export pads its columns, say `trim: true` in the mapping',
        )

    def _accept_kinds(self, row: Row, source: ColumnSource, *, dated: bool) -> None:
        """Refuse what a spreadsheet did to the cells of a source."""
        for index in source.indices:
            kind = row.kinds.get(index)
            if shown := row.hidden.get(index):
                found = Hidden(self.place(row), row.cells[index], shown)
                self.hidden.setdefault(source.label, found)
            if kind is None or (kind == "date" and dated):
                continue
            if kind in ("number", "truth") and not source.joins:
                continue
            if kind == "number" and self._is_id(row.cells[index], source.joins):
                continue
            message, fix = _STORED[kind]
            if kind == "number" and len(row.cells[index]) > _EXACT_DIGITS:
                message, fix = _TOO_LONG, _AS_TEXT
            raise BadCell(f'{source.label} "{row.cells[index]}" {message}', fix)

    def _is_id(self, digits: str, joins: Joint) -> bool:
        """Return whether a number of a workbook may be taken as the id that it was."""
        wanted = self._reading.numeric_ids or joins in self._reading.pad
        return wanted and digits.isdigit() and len(digits) <= _EXACT_DIGITS


def _bad(source: ColumnSource, text: str, error: UnreadableValue) -> BadCell:
    return BadCell(f'{source.label} "{text}" {error.message}', error.fix)
