"""A mapping to start from, guessed from the headers and the first rows of an export.

What cannot be told is marked `CHANGE-ME`, which no build accepts. Columns that must not be read
are left out without a word of what stands in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePath

from clrctl.building import vocabulary
from clrctl.building.identities import personal
from clrctl.building.model import Place
from clrctl.building.problems import Problem, Refused
from clrctl.building.recipe import UNFILLED
from clrctl.building.tables import guessing
from clrctl.building.tables.fields import FIELDS, SHORTCUTS, Table
from clrctl.building.tables.grid import Grid
from clrctl.building.tables.guessing import as_yaml
from clrctl.building.tables.values import UnreadableValue, formats_of, number

UNKNOWN = UNFILLED

_LOOKED_AT = 5000
_FEW = 15
_HUNDRED = 100
_UNASKED = ("state_id", "sourced_id")
"""Numbers of systems, which are published only by somebody's decision."""

_TYPES = {
    "c": "Course",
    "crs": "Course",
    "d": "SecondarySchoolDiploma",
    "dip": "SecondarySchoolDiploma",
    "diploma": "SecondarySchoolDiploma",
    "competency": "Competency",
}
_STATUSES = {
    "p": "Completed",
    "pass": "Completed",
    "passed": "Completed",
    "complete": "Completed",
    "f": "Failed",
    "n": "Failed",
    "fail": "Failed",
    "w": "Withdrew",
    "wd": "Withdrew",
    "withdrawn": "Withdrew",
    "i": "InProgress",
    "ip": "InProgress",
    "e": "Enrolled",
}
_LETTERS = [f"{letter}{sign}" for letter in "FEDCBA" for sign in ("-", "", "+")]
_COMMA = re.compile(r"\d+,\d{1,2}")
_NOTHING = {"N/A", "NA", "-", "--", "n/a", "NULL", "null", "#N/A"}


@dataclass(slots=True)
class Sketch:
    """What one table probably is.

    Attributes:
        grid: the table.
        table: which one.
        columns: by the names of fields.
        results: by the names of results.
        seen: the values of each column, in the order they came; None where there are too many.
        days: formats of dates that all its days fit.
    """

    grid: Grid
    table: Table
    columns: dict[str, str]
    results: dict[str, str] = field(default_factory=dict)
    seen: dict[str, dict[str, None] | None] = field(default_factory=dict)
    days: tuple[str, ...] = ()

    @property
    def used(self) -> set[str]:
        """The columns that are something."""
        return {*self.columns.values(), *self.results.values()}

    def values(self, column: str) -> list[str]:
        """Return the values of a column, without the empty one; nothing when there are many."""
        return [one for one in self.seen.get(column) or () if one]

    def examples(self, number: int) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the first rows, each with its line: values by the names of fields and results."""
        at = {name: index for index, name in enumerate(self.grid.header)}
        wanted = {name: at[column] for name, column in {**self.columns, **self.results}.items()}
        for row in islice(self.grid.rows(), number):
            yield row.line, {name: row.cells[index] for name, index in wanted.items()}


def look(grid: Grid) -> Sketch:
    """Return what a table probably is.

    Raises:
        Refused: it is empty, or cannot be read.
    """
    if not any(grid.header):
        place = Place(grid.name)
        raise Refused([Problem("the table is empty", place, "its first row names the columns")])
    table = guessing.table_of(grid.header)
    columns = guessing.fields(table, grid.header)
    for name in _UNASKED:
        columns.pop(name, None)
    taken = set(columns.values())
    free = [name for name in grid.header if name not in taken]
    sketch = Sketch(grid, table, columns, guessing.results(free) if table == "awards" else {})
    _see(sketch)
    if on := columns.get("on"):
        sketch.days = formats_of(_all_values(grid, on))
    return sketch


def _see(sketch: Sketch) -> None:
    """Note the values of the columns that have few."""
    header = sketch.grid.header
    sketch.seen = {name: {} for name in header if name in sketch.used}
    indices = [(name, index) for index, name in enumerate(header) if name in sketch.seen]
    for row in islice(sketch.grid.rows(), _LOOKED_AT):
        for name, index in indices:
            values = sketch.seen[name]
            if values is not None:
                values[row.cells[index].strip()] = None
                if len(values) > _HUNDRED:
                    sketch.seen[name] = None


def _all_values(grid: Grid, column: str) -> Iterator[str]:
    index = grid.header.index(column)
    for row in islice(grid.rows(), _LOOKED_AT):
        if value := row.cells[index].strip():
            yield value


def written(sketches: Sequence[Sketch]) -> str:
    """Return the mapping of these tables, as YAML with comments."""
    lines = [
        f"# A guess from headers and first rows: look for {UNKNOWN}, and see that the rest is so.",
        "tables: 1",
        f"timezone: {UNKNOWN}                # such as America/Chicago",
        *_dates(sketches),
        *_empty(sketches),
        *_decimal(sketches),
        "",
        "issuer:",
        f"  id: {UNKNOWN}                    # an address that you control and never change",
        f"  name: {UNKNOWN}",
        "",
        "record:",
        "  key: transcript",
        "  name: Transcript",
        f"  as_of: {UNKNOWN}                 # the day that the tables describe, as 2026-06-12",
        "  partial: true",
        *_scales(sketches),
    ]
    there = {sketch.table for sketch in sketches}
    for sketch in sorted(sketches, key=lambda one: list(FIELDS).index(one.table)):
        lines += ["", *_table(sketch, there)]
        if sketch.table == "achievements":
            lines += _results_of(sketches)
    if not any(sketch.table == "achievements" for sketch in sketches):
        lines += ["", "achievements:", *_results_of(sketches)]
    return "\n".join(lines) + "\n"


def _dates(sketches: Iterable[Sketch]) -> Iterator[str]:
    for sketch in sketches:
        if len(sketch.days) == 1:
            yield f'dates: ["{sketch.days[0]}"]'
        elif sketch.days:
            yield f'dates: ["{UNKNOWN}"]   # all days fit {" and ".join(sketch.days)} alike'


def _empty(sketches: Iterable[Sketch]) -> Iterator[str]:
    found = {
        value
        for sketch in sketches
        for column in sketch.used
        for value in sketch.values(column)
        if value in _NOTHING
    }
    if found:
        yield f"empty: [{', '.join(map(as_yaml, sorted(found)))}]"


def _decimal(sketches: Iterable[Sketch]) -> Iterator[str]:
    credits = [
        one for sketch in sketches for one in sketch.values(sketch.columns.get("credits", ""))
    ]
    if any(_COMMA.fullmatch(one) for one in credits) and not any("." in one for one in credits):
        yield 'decimal: ","                       # 0,5 is half'


def _scales(sketches: Iterable[Sketch]) -> Iterator[str]:
    results = {name: values for sketch in sketches for name, values in _of_results(sketch)}
    statuses = any("status" in sketch.columns for sketch in sketches)
    if not results and not statuses:
        return
    yield from ("", "scales:")
    for name, values in results.items():
        yield f"  {_key(name)}: {_scale(name, values)}"
    if statuses:
        yield "  status: {type: Status}"


def _of_results(sketch: Sketch) -> Iterator[tuple[str, list[str]]]:
    for name, column in sketch.results.items():
        yield name, [one for one in sketch.values(column) if one not in _NOTHING]


def _scale(name: str, values: list[str]) -> str:
    """Return a scale that has these values."""
    if name == "Cumulative GPA":
        return "{type: GradePointAverage, min: 0, max: 4}"
    if _are_numbers(values):
        return "{type: Percent, min: 0, max: 100}" if name != "Score" else "{type: RawScore}"
    known = [letter for letter in _LETTERS if letter in values]
    others = [value for value in values if value not in known]
    told = ", ".join(map(as_yaml, [*others, *known]))
    doubt = (
        f"   # low to high? {', '.join(others)}: no letters; are there more?"
        if others
        else "   # low to high; are there more?"
    )
    return f"{{type: LetterGrade, values: [{told}]}}{doubt}"


def _are_numbers(values: list[str]) -> bool:
    try:
        for value in values:
            number(value)
    except UnreadableValue:
        return False
    return True


def _table(sketch: Sketch, there: set[Table]) -> Iterator[str]:
    """Yield what a table of these holds."""
    if sketch.table == "awards":
        _leave_to(there, sketch.columns)
    yield f"{sketch.table}:"
    file, _, sheet = PurePath(sketch.grid.name).name.removesuffix("]").partition("[")
    yield f"  file: {as_yaml(file)}"
    if sheet:
        yield f"  sheet: {as_yaml(sheet)}"
    yield "  columns:"
    for name, column in sketch.columns.items():
        yield f"    {name}: {as_yaml(column)}"
    yield from _lacking(sketch, there)
    if _are_courses(sketch, there):
        name = "achievement_type" if sketch.table == "awards" else "type"
        yield f"  defaults: {{{name}: Course}}   # what they all are"
    yield from _translation(sketch, "type", _TYPES, vocabulary.words("AchievementType"))
    yield from _translation(sketch, "status", _STATUSES, vocabulary.words("ResultStatus"))
    if sketch.table == "awards" and "" in (sketch.seen.get(sketch.columns.get("on", "")) or ()):
        yield f'  skip: {{{as_yaml(sketch.columns["on"])}: [""]}}   # rows without a date'
    if sketch.results:
        yield "  results:"
        for result, column in sketch.results.items():
            yield f"    {result}: {as_yaml(column)}"
    unused = [
        name for name in sketch.grid.header if name and name not in sketch.used | _personal(sketch)
    ]
    if unused:
        yield f"  # not used: {', '.join(unused)}"


def _leave_to(there: set[Table], columns: dict[str, str]) -> None:
    """Take out of the columns of awards what the tables of their own say."""
    for table, shortcuts in SHORTCUTS.items():
        if table in there:
            for name, field_name in shortcuts.items():
                if field_name != "key":
                    columns.pop(name, None)


def _lacking(sketch: Sketch, there: set[Table]) -> Iterator[str]:
    """Yield the columns that have to be there and were not found."""
    columns, awards = sketch.columns, sketch.table == "awards"
    about = "learner_" if awards else ""
    parts = {f"{about}{name}" for name in ("given_name", "family_name")}
    learners = sketch.table == "learners" or (awards and "learners" not in there)
    if learners and f"{about}name" not in columns and not parts <= columns.keys():
        yield f"    {about}name: {UNKNOWN}"
    if sketch.table == "achievements" or (awards and "achievements" not in there):
        title = "achievement_name" if awards else "name"
        if title not in columns:
            yield f"    {title}: {UNKNOWN}"
        if "criteria" not in columns:
            yield f'    criteria: "Pass {{{columns.get(title, UNKNOWN)}}}."   # what it takes'
    if awards and "on" not in columns:
        yield f"    on: {UNKNOWN}                  # the day of each award"


def _are_courses(sketch: Sketch, there: set[Table]) -> bool:
    """Return whether the table defines achievements, says no type, and its headers say courses."""
    if sketch.table == "awards" and "achievements" not in there:
        key, kind = "achievement", "achievement_type"
    elif sketch.table == "achievements":
        key, kind = "key", "type"
    else:
        return False
    return kind not in sketch.columns and guessing.is_course(sketch.columns.get(key, ""))


def _personal(sketch: Sketch) -> set[str]:
    return {name for name in sketch.grid.header if personal(name)}


def _translation(
    sketch: Sketch, name: str, usual: dict[str, str], words: tuple[str, ...]
) -> Iterator[str]:
    """Yield what the values of a column stand for, unless they are the standard's words."""
    if sketch.table == "associations" or name not in sketch.columns:
        return
    values = [one for one in sketch.values(sketch.columns[name]) if one not in _NOTHING]
    if not values or all(value in words for value in values) or len(values) > _FEW:
        return
    yield f"  {name}_values:"
    for value in values:
        means = value if value in words else usual.get(value.lower(), UNKNOWN)
        yield f"    {as_yaml(value)}: {means}"


def _results_of(sketches: Sequence[Sketch]) -> Iterator[str]:
    """Yield which results achievements have: all of them, for the types are not told apart."""
    names = [name for sketch in sketches for name, _ in _of_results(sketch)]
    entries = [f"{name}: {_key(name)}" for name in names]
    if any("status" in sketch.columns for sketch in sketches):
        entries.append("Status: status")
    yield f"  results: {{{', '.join(entries)}}}   # by type, where types differ in them"


def _key(name: str) -> str:
    return name.lower().replace(" ", "-")
