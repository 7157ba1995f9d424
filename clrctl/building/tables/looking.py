"""Looking at an export: which table it is, what its columns are, and how it is written.

Headers are known by their words, and what stands below them has the last word: `Note` is a grade
in one country and a remark in another. Nothing is built on what is found here: it is written down
for somebody to see.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from clrctl.building import damage
from clrctl.building.identities import personal
from clrctl.building.model import Place
from clrctl.building.problems import Problem, Refused
from clrctl.building.tables import (
    csv_grid,
    encodings,
    guessing,
    header_lines,
    headers,
    profile,
    report_lines,
)
from clrctl.building.tables.fields import FIELDS, SHORTCUTS, Table
from clrctl.building.tables.grid import Grid, GridForm, Row
from clrctl.building.tables.guessing import as_yaml
from clrctl.building.tables.opening import TEXTS, Opener, split
from clrctl.building.tables.profile import Profile
from clrctl.building.tables.values import Forms, forms_of
from clrctl.errors import InputError

ENCODINGS = tuple(encodings.ENCODINGS)
"""Encodings that can be named."""
DELIMITERS = tuple(csv_grid.DELIMITERS)
"""What can stand between cells."""

_LOOKED_AT = 5000
_HUNDRED = 100
_UNASKED = ("state_id", "sourced_id")
"""Numbers of systems, which are published only by somebody's decision."""

_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(slots=True)
class Sketch:
    """What one table probably is.

    Attributes:
        grid: the table.
        table: which one.
        form: how it is written, as far as that is not told by its header.
        columns: by the names of fields: a column, or columns in braces.
        results: columns by the names of results.
        rows: the first rows, without lines that the report program added.
        profiles: what stands in each column, as far as it may be read.
        days: how its days are written.
        doubts: what somebody should see to, each with where and what to do.
        report_line: where the first line stands that the report program added; 0: none.
        repeats: whether it has rows twice.
        number_keys: whether keys are stored as numbers.
    """

    grid: Grid
    table: Table
    form: GridForm
    columns: dict[str, str] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    profiles: dict[str, Profile] = field(default_factory=dict)
    days: Forms = field(default_factory=Forms)
    doubts: list[str] = field(default_factory=list)
    report_line: int = 0
    repeats: bool = False
    number_keys: bool = False

    @property
    def file(self) -> str:
        """The file that it is in."""
        return split(self.grid.name)[0]

    @property
    def used(self) -> set[str]:
        """The columns that are something."""
        return {
            name
            for source in (*self.columns.values(), *self.results.values())
            for name in columns_of(source)
        }

    def values(self, column: str) -> list[str]:
        """Return the values of a column, without the empty one; nothing when there are many."""
        known = self.profiles.get(column)
        filled = known.filled if known else []
        return filled if len(filled) <= _HUNDRED else []

    def has_gaps(self, column: str) -> bool:
        """Return whether a column has empty cells."""
        known = self.profiles.get(column)
        return known is not None and "" in known.lines

    def lines(self, column: str, values: list[str]) -> list[int]:
        """Return where values of a column stand."""
        known = self.profiles[column].lines
        return sorted(line for value in values for line in known.get(value, ()))

    def text(self, row: Row, source: str) -> str:
        """Return what a row says in a column, or in a text with columns in braces."""
        at = {name: index for index, name in enumerate(self.grid.header)}
        if source in at:
            return row.cells[at[source]].strip()
        return _BRACES.sub(lambda match: row.cells[at[match[1]]].strip(), source).strip()

    def examples(self, number: int) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the first rows, each with its line: values by the names of fields and results."""
        wanted = {**self.columns, **self.results}
        for row in self.rows[:number]:
            yield row.line, {name: self.text(row, source) for name, source in wanted.items()}


def columns_of(source: str) -> list[str]:
    """Return the columns that a text names in braces, or the column that it is."""
    return _BRACES.findall(source) or [source]


def look(
    paths: Iterable[str], *, sheet: str = "", encoding: str = "", delimiter: str = ""
) -> list[Sketch]:
    """Return what the tables in files probably are: of a workbook, every sheet that holds one.

    Args:
        paths: the files, or sheets such as `school.xlsx[Marks]`.
        sheet: the only sheet to look at.
        encoding: of texts that are neither UTF-8 nor UTF-16.
        delimiter: between cells, where that cannot be told.

    Raises:
        Refused: a table is empty, or cannot be read.
        InputError: a file cannot be opened, or its encoding has to be named.
    """
    paths = tuple(paths)
    found = []
    with Opener() as opener:
        for path in paths:
            own = _encoding(path, encoding, paths)
            found += _tables(opener, path, GridForm(sheet, delimiter, own))
    return found


def _encoding(path: str, asked: str, paths: tuple[str, ...]) -> str:
    """Return the encoding of a text as a mapping names it; empty where that is not needed."""
    if Path(split(path)[0]).suffix.lower() not in TEXTS or not Path(path).is_file():
        return ""
    with Path(path).open("rb") as stream:
        guess = encodings.guess(stream)
    if guess.certain:
        return "" if guess.encoding == "utf-8" else guess.encoding
    if asked:
        return asked
    raise InputError(
        "the text is not UTF-8",
        where=f"{path}:{guess.line}",
        why=f'it looks like {guess.encoding}; read so, this line has "{guess.sample}"',
        fix=f"if that is right: clrctl map {shlex.join(paths)} --encoding {guess.encoding}; known "
        f"are {', '.join(encodings.ENCODINGS)}",
    )


def _tables(opener: Opener, path: str, form: GridForm) -> list[Sketch]:
    grids = opener.tables(path, form)
    found = []
    for grid in grids:
        if any(grid.header) or len(grids) == 1:
            line = header_lines.usual(grid)
            own = replace(form, sheet=split(grid.name)[1], header=line)
            found.append(_look(opener.table(split(path)[0], own) if line else grid, own))
    return found


def _look(grid: Grid, form: GridForm) -> Sketch:
    if not any(grid.header):
        place = Place(grid.name)
        raise Refused([Problem("the table is empty", place, "its first row names the columns")])
    sketch = Sketch(grid, guessing.table_of(grid.header), form)
    _read(sketch)
    _name(sketch)
    if on := sketch.columns.get("on"):
        known = sketch.profiles[on].lines
        sketch.days = forms_of({text: len(lines) for text, lines in known.items() if text})
    keys = [
        sketch.columns[one.name]
        for one in FIELDS[sketch.table]
        if one.joins and one.name in sketch.columns
    ]
    at = {grid.header.index(name) for key in keys for name in columns_of(key)}
    sketch.number_keys = any(
        row.kinds.get(index) == "number" for row in sketch.rows for index in at
    )
    return sketch


def _read(sketch: Sketch) -> None:
    """Read the rows: the first ones to remember, all of them for what a report adds."""
    header = sketch.grid.header
    wanted = [(name, index) for index, name in enumerate(header) if name and not personal(name)]
    sketch.profiles = {name: Profile() for name, _ in wanted}
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        sketch.doubts.append(f"several columns are called {as_yaml(name)}: rename all but one")
    seen: set[tuple[str, ...]] = set()
    keys = [
        index
        for name, index in wanted
        if guessing.named([name], headers.HEADERS["awards"]["learner"])
    ]
    for row in sketch.grid.rows():
        if report_lines.added(row.cells, header, keys):
            sketch.report_line = sketch.report_line or row.line
        elif len(sketch.rows) < _LOOKED_AT:
            cells = tuple(damage.unguarded(cell, is_key=False) for cell in row.cells)
            sketch.rows.append(row._replace(cells=list(cells)))
            sketch.repeats = sketch.repeats or cells in seen
            seen.add(cells)
            for name, index in wanted:
                sketch.profiles[name].add(cells[index], row.line)


def _name(sketch: Sketch) -> None:
    """Find out what the columns are."""
    profiles = sketch.profiles
    header = [name for name in sketch.grid.header if name]

    def fits(name: str, column: str) -> bool:
        return column not in profiles or profiles[column].can_be(name)

    columns = guessing.fields(sketch.table, header, fits)
    for name in _UNASKED:
        columns.pop(name, None)
    sketch.columns = columns
    if sketch.table == "awards":
        free = [name for name in header if name not in columns.values()]
        sketch.results = guessing.results(free, fits)
    _complete(sketch)
    _join(sketch)
    _code(sketch)
    order = {one.name: place for place, one in enumerate(FIELDS[sketch.table])}
    sketch.columns = dict(sorted(sketch.columns.items(), key=lambda item: order[item[0]]))


def _free(sketch: Sketch) -> dict[str, Profile]:
    return {name: one for name, one in sketch.profiles.items() if name not in sketch.used}


def _complete(sketch: Sketch) -> None:
    """Find columns by what stands in them alone, where only one can be meant."""
    if sketch.table == "associations":
        return
    columns, awards = sketch.columns, sketch.table == "awards"
    mail = "learner_email" if awards else "email"
    if sketch.table != "achievements" and mail not in columns:
        _take(sketch, mail, profile.is_mail)
    if not awards:
        return
    if "on" not in columns:
        _take(sketch, "on", profile.are_days)
    if "Final grade" not in sketch.results:
        found = [name for name, one in _free(sketch).items() if profile.are_letters(one)]
        if name := profile.only(found):
            sketch.results = {"Final grade": name, **sketch.results}
    if "achievement" not in columns and "achievement_name" in columns:
        columns["achievement"] = columns["achievement_name"]


def _take(sketch: Sketch, name: str, is_it: profile.Test) -> None:
    if column := profile.only(column for column, one in _free(sketch).items() if is_it(one)):
        sketch.columns[name] = column


def _join(sketch: Sketch) -> None:
    """Put together what systems split: the code of a course, the year and the term."""
    columns, header = sketch.columns, list(sketch.profiles)
    key = "achievement" if sketch.table == "awards" else "key"
    if sketch.table in ("awards", "achievements"):
        subject = guessing.named(header, headers.SUBJECTS)
        number = guessing.named(header, headers.NUMBERS)
        parts = subject and number and sketch.profiles[subject].are_subjects
        if parts and sketch.profiles[number].are_catalog_numbers:
            for name in [name for name, column in columns.items() if column in (subject, number)]:
                del columns[name]
            columns[key] = f"{{{subject}}} {{{number}}}"
    if sketch.table == "awards":
        year = guessing.named(list(_free(sketch)), headers.YEARS)
        term = columns.get("term", "")
        if year and not term:
            columns["term"] = year
        elif year and not sketch.profiles[term].name_years:
            columns["term"] = f"{{{year}}} {{{term}}}"


def _code(sketch: Sketch) -> None:
    """Give achievements their code: the key that people know, where no column has another."""
    awards = sketch.table == "awards"
    key, code, name = (
        ("achievement", "achievement_code", "achievement_name")
        if awards
        else ("key", "code", "name")
    )
    if sketch.table not in ("awards", "achievements") or key not in sketch.columns:
        return
    if sketch.columns[key] != sketch.columns.get(name):
        sketch.columns.setdefault(code, sketch.columns[key])


def settle(sketch: Sketch) -> None:
    """Leave out what rows of one learner or course do not agree in, for a build would refuse it."""
    for table, shortcuts in SHORTCUTS.items():
        key = "learner" if table == "learners" else "achievement"
        if key not in sketch.columns:
            continue
        for name in [name for name, target in shortcuts.items() if target != "key"]:
            if name in sketch.columns:
                _settle(sketch, key, name)


def _settle(sketch: Sketch, key: str, name: str) -> None:
    first: dict[str, str] = {}
    source = sketch.columns[name]
    for row in sketch.rows:
        about, value = sketch.text(row, sketch.columns[key]), sketch.text(row, source)
        if first.setdefault(about, value) == value:
            continue
        told = f"{source} of one {key} differs, and does so in line {row.line} first"
        if key == "achievement":
            told += f": {as_yaml(about)} is {as_yaml(first[about])} and {as_yaml(value)}"
        if name in _NEEDED:
            sketch.doubts.append(f"{told}; make them agree")
        else:
            sketch.doubts.append(f"{told}; not used")
            del sketch.columns[name]
        return


_NEEDED = ("achievement_name", "learner_name", "learner_given_name", "learner_family_name")


def first_lines(lines: list[int]) -> str:
    """Return lines as a comment tells them: the first of them, and how many more there are."""
    shown = ", ".join(map(str, islice(lines, _SHOWN)))
    more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return f"line{'s' if len(lines) > 1 else ''} {shown}{more}"


_SHOWN = 5
