"""Which column of a table is which field: by canonical headers, or as a mapping says.

Whatever a header or a mapping gets wrong concerns the whole table, so all of it is told at once.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from clrctl.building.identities import personal
from clrctl.building.model import Place
from clrctl.building.problems import Problem, Refused, listed
from clrctl.building.tables import guessing, header_lines
from clrctl.building.tables.fields import FIELDS, RESULT, Field, Joint, Table
from clrctl.building.tables.grid import Grid, clean
from clrctl.building.tables.mapping import TableMapping
from clrctl.building.tables.values import Translation
from clrctl.util import nearest

_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """Where the text of a field comes from.

    Attributes:
        label: what messages call it: the column.
        parts: texts, and indices of columns between them.
        indices: the columns alone.
        translation: what its values stand for.
        default: what holds where the cells are empty.
        joins: whose keys it holds, which are taken to the letter; empty: none.
        is_code: whether it holds codes, which spreadsheets take for numbers and days.
    """

    label: str
    parts: tuple[str | int, ...] = ()
    indices: tuple[int, ...] = ()
    translation: Translation | None = None
    default: str = ""
    joins: Joint = ""
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Skip:
    """Rows to leave out: those with one of these values in a column."""

    index: int
    values: frozenset[str]
    column: str


@dataclass(slots=True)
class Binding:
    """The columns of one table.

    Attributes:
        fields: by the name of the field.
        results: by the name of the result.
        skips: which rows are left out.
        unused: headers that nothing is read from, and that are not ignored on purpose.
    """

    fields: dict[str, ColumnSource] = field(default_factory=dict)
    results: dict[str, ColumnSource] = field(default_factory=dict)
    skips: list[Skip] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


Wanted: TypeAlias = tuple[tuple[str, ...], ...]
"""Fields of which a table needs columns: one of each of the choices."""


def bind(grid: Grid, table: Table, mapping: TableMapping, wanted: Wanted = ()) -> Binding:
    """Return which column of a table is which field.

    Raises:
        Refused: columns are missing, unknown, twice there, or must not be read.
    """
    binder = _Binder(grid, table, mapping)
    binding = binder.bound(wanted) if not binder.problems else Binding()
    if binder.problems:
        raise Refused(binder.misplaced() or binder.problems)
    return binding


class _Binder:
    def __init__(self, grid: Grid, table: Table, mapping: TableMapping) -> None:
        self.problems: list[Problem] = []
        self._grid = grid
        self._table = table
        self._mapping = mapping
        self._at = dict(self._headers())

    def _headers(self) -> Iterator[tuple[str, int]]:
        seen = set()
        for index, name in enumerate(self._grid.header):
            if name in seen:
                self._say(
                    f'two columns are called "{name}"',
                    "rename one of them, or take it out of the export",
                )
            elif name:
                seen.add(name)
                yield name, index
        if not seen:
            said = self._mapping.form.header
            fix = (
                "correct `header` in the mapping"
                if said
                else "its first row has to name the columns"
            )
            self._say("the table has no header", fix)

    def misplaced(self) -> list[Problem]:
        """Return that the header stands in another line, where that is why it cannot be used."""
        line = header_lines.named(self._grid, self._asked(), self._table)
        if not line:
            return []
        title = next((row for row in self._grid.top() if row.line < line), None)
        above = next(filter(None, map(clean, title.cells)), "") if title else ""
        place = Place(self._grid.name, line)
        message = "this line looks like the header" + (f'; above it is "{above}"' * bool(above))
        fix = f"say `header: {line}` for {self._table} in the mapping"
        return [Problem(message, place, fix, self._table)]

    def _asked(self) -> set[str]:
        """Return the columns that are looked for."""
        mapping = self._mapping
        if mapping.columns is None:
            return {one.header for one in FIELDS[self._table]}
        wanted = [*mapping.columns.values(), *mapping.results.values()]
        inner = (piece for text in wanted for piece in _BRACES.findall(text))
        return {clean(name) for name in (*wanted, *inner, *mapping.skip)}

    def bound(self, needed: Wanted) -> Binding:
        binding = Binding(
            dict(self._fields()),
            dict(self._results()) if self._table == "awards" else {},
            list(self._skips()),
        )
        ignored = {clean(name) for name in self._mapping.ignored}
        used = {skip.index for skip in binding.skips}
        for source in (*binding.fields.values(), *binding.results.values()):
            used |= set(source.indices)
        binding.unused = [
            name for name, index in self._at.items() if index not in used and name not in ignored
        ]
        absent = [names for names in needed if not any(name in binding.fields for name in names)]
        if absent and not self.problems:
            self._miss(absent)
        elif self._mapping.columns is None:
            self._refuse(binding.unused)
        return binding

    def _miss(self, absent: list[tuple[str, ...]]) -> None:
        """Note which fields have no column, with the columns they may be meant to have."""
        guessed = guessing.fields(self._table, self._at)
        headers = {one.name: one.header for one in FIELDS[self._table]}
        canonical = self._mapping.columns is None
        lacking = ", ".join(
            " or ".join(headers[name] if canonical else name for name in names) for names in absent
        )
        columns = dict(guessed) if canonical else {}
        for names in absent:
            found = next((name for name in names if name in guessed), names[0])
            free = self._at.keys() - columns.values()
            columns[found] = guessed.get(found) or nearest(headers[found], free) or "COLUMN"
        told = ", ".join(f"{field}: {guessing.as_yaml(one)}" for field, one in columns.items())
        name = shlex.quote(self._grid.name)
        self._say(
            f"there is no column for {lacking} among {listed(self._at)}",
            f"say which it is in the mapping, as `{self._table}: {{columns: {{{told}}}}}`"
            + (f"; `clrctl map {name}` guesses more of it" if canonical else ""),
        )

    def _fields(self) -> Iterator[tuple[str, ColumnSource]]:
        mapping = self._mapping
        for one in FIELDS[self._table]:
            default = mapping.defaults.get(one.name, "")
            wanted = self._wanted(one)
            parts = self._parts(wanted, f"columns.{one.name}") if wanted else None
            if parts is not None:
                label = " ".join(self._grid.header[index] for index in _indices(parts))
                translation = mapping.translations.get(one.name)
                yield (
                    one.name,
                    ColumnSource(
                        label or wanted,
                        parts,
                        _indices(parts),
                        translation,
                        default,
                        one.joins,
                        one.is_code,
                    ),
                )
            elif default:
                yield one.name, ColumnSource(one.name, default=default)

    def _wanted(self, one: Field) -> str:
        """Return what a field is to be read from; empty where it is not."""
        if self._mapping.columns is not None:
            return self._mapping.columns.get(one.name, "")
        return one.header if one.header in self._at else ""

    def _results(self) -> Iterator[tuple[str, ColumnSource]]:
        """Yield the results: columns with their canonical header, and those that are mapped."""
        wanted = {
            name.removeprefix(RESULT).strip(): name
            for name in self._at
            if name.startswith(RESULT) and name not in self._mapping.ignored
        }
        wanted.update(self._mapping.results)
        for result, column in wanted.items():
            parts = self._parts(column, f"results.{result}")
            if parts is not None:
                translation = self._mapping.result_translations.get(result)
                yield result, ColumnSource(result, parts, _indices(parts), translation)

    def _skips(self) -> Iterator[Skip]:
        for column, values in self._mapping.skip.items():
            index = self._index(column, f"skip.{column}")
            if index is not None:
                yield Skip(index, values, column)

    def _parts(self, wanted: str, key: str) -> tuple[str | int, ...] | None:
        """Return the parts of a column's name, or of a text with columns in braces."""
        if clean(wanted) in self._at or "{" not in wanted:
            index = self._index(wanted, key)
            return None if index is None else (index,)
        parts: list[str | int] = []
        for position, piece in enumerate(_BRACES.split(wanted)):
            if position % 2 == 0:
                parts += [piece] if piece else []
            elif (index := self._index(piece, key)) is not None:
                parts.append(index)
            else:
                return None
        return tuple(parts)

    def _index(self, column: str, key: str) -> int | None:
        """Return where a column is; note where there is none, or none that may be read."""
        name = clean(column)
        place = self._mapping.places.get(key, self._mapping.place)
        subject = f"{self._table}.{key}"
        if what := personal(name):
            message = f'column "{name}" ({what}) is not read: it has no place in such a record'
            self.problems.append(Problem(message, place, "take it out of the mapping", subject))
            return None
        if name not in self._at:
            hint = nearest(name, self._at.keys() - self._asked(), same_digits=True)
            message = f'{self._grid.name} has no column "{name}"; it has {listed(self._at)}'
            fix = f'did you mean "{hint}"?' if hint else "name one of them"
            self.problems.append(Problem(message, place, fix, subject))
            return None
        return self._at[name]

    def _refuse(self, unused: Iterable[str]) -> None:
        """Note headers that are not canonical: what stands below them would be lost."""
        known = [one.header for one in FIELDS[self._table]]
        known += [RESULT] if self._table == "awards" else []
        for name in unused:
            ignore = f'write `ignore: ["{name}"]` for {self._table} in the mapping'
            if what := personal(name):
                self._say(
                    f'column "{name}" ({what}) is not read: it has no place in such a record',
                    f"take it out of the export, or {ignore}",
                )
            elif hint := nearest(name, set(known) - self._at.keys()):
                self._say(f'column "{name}" is not known', f"did you mean {hint}? or {ignore}")
            else:
                self._say(
                    f'column "{name}" is not known',
                    f"say what it is under `columns` in the mapping, or {ignore}",
                )

    def _say(self, message: str, fix: str) -> None:
        place = Place(self._grid.name, self._grid.header_line)
        self.problems.append(Problem(message, place, fix, self._table))


def _indices(parts: tuple[str | int, ...]) -> tuple[int, ...]:
    return tuple(part for part in parts if isinstance(part, int))
