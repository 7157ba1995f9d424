"""A mapping to start from, guessed from the headers and the first rows of an export.

What cannot be told is marked `CHANGE-ME`, which no build accepts. Columns that must not be read
are left out without a word of what stands in them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from clrctl.building import dates, vocabulary
from clrctl.building.identities import personal
from clrctl.building.recipe import UNFILLED
from clrctl.building.tables import guessing, scale_guess
from clrctl.building.tables.fields import FIELDS, SHORTCUTS, Table
from clrctl.building.tables.guessing import as_yaml
from clrctl.building.tables.looking import Sketch, first_lines, settle
from clrctl.building.tables.opening import split
from clrctl.errors import UsageError

UNKNOWN = UNFILLED

_FEW = 15
_FEW_SHOWN = 3

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
_DECIMAL = re.compile(r"-?[0-9]*([.,])[0-9]{1,3}%?")
_NUMBERS = ("credits", "achievement_credits")
_NOTHING = {"N/A", "NA", "-", "--", "n/a", "NULL", "null", "#N/A"}


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says that no table tells.

    Attributes:
        issuer_id: the address that stands for the issuer.
        issuer_name: what the issuer is called.
        timezone: of the days.
        as_of: the day that the tables describe.
    """

    issuer_id: str = UNKNOWN
    issuer_name: str = UNKNOWN
    timezone: str = UNKNOWN
    as_of: str = UNKNOWN


def known(issuer_id: str, issuer_name: str, timezone: str, as_of: str) -> Told:
    """Return what was said, as far as it was: empty texts say nothing.

    Raises:
        UsageError: a time zone or a day is none.
    """
    if timezone and dates.zone(timezone) is None:
        raise UsageError(
            f"there is no time zone {timezone}",
            fix="name one of the IANA database, such as America/Chicago",
        )
    if as_of:
        try:
            dates.read(as_of)
        except dates.NotADate as error:
            raise UsageError(f"{as_of} {error}", fix=dates.FORM) from None
    given = (issuer_id, issuer_name, timezone, as_of)
    return Told(*(text or UNKNOWN for text in given))


def written(sketches: Sequence[Sketch], folder: str = "", known: Told = Told()) -> str:
    """Return the mapping of these tables, as YAML with comments.

    Args:
        sketches: the tables.
        folder: where the tables lie that are to be named without their folder.
        known: what need not be asked for.
    """
    lines = [
        f"# A guess from headers and first rows: look for {UNKNOWN}, and see that the rest is so.",
        "tables: 1",
        _asked("timezone", known.timezone, "such as America/Chicago"),
        *_dates(sketches),
        *_empty(sketches),
        *_decimal(sketches),
        *_keys(sketches),
        "",
        "issuer:",
        _asked("  id", known.issuer_id, "an address that you control and never change"),
        _asked("  name", known.issuer_name, ""),
        "",
        "record:",
        "  key: transcript",
        "  name: Transcript",
        _asked("  as_of", known.as_of, "the day that the tables describe, as 2026-06-12"),
        "  partial: true",
        *_scales(sketches),
    ]
    there = {sketch.table for sketch in sketches}
    for sketch in sorted(sketches, key=lambda one: list(FIELDS).index(one.table)):
        lines += ["", *_table(sketch, there, folder)]
        if sketch.table == "achievements":
            lines += _results_of(sketches)
    if not any(sketch.table == "achievements" for sketch in sketches):
        lines += ["", "achievements:", *_results_of(sketches)]
    return "\n".join(lines) + "\n"


def _asked(key: str, value: str, comment: str) -> str:
    if value != UNKNOWN:
        return f"{key}: {as_yaml(value)}"
    return f"{key}: {UNKNOWN}".ljust(33) + f"# {comment}" if comment else f"{key}: {UNKNOWN}"


def _dates(sketches: Iterable[Sketch]) -> Iterator[str]:
    """Yield the formats of days that most rows have, and which rows have others."""
    told: dict[str, None] = {}
    for sketch in sketches:
        days = sketch.days
        if len(days.formats) > 1:
            yield f'dates: ["{UNKNOWN}"]   # all days fit {" and ".join(days.formats)} alike'
            return
        told.update(dict.fromkeys(days.formats))
    if told:
        yield f"dates: [{', '.join(map(as_yaml, told))}]"
    for sketch in sketches:
        if sketch.days.others:
            others = sketch.days.others
            where = first_lines(sketch.lines(sketch.columns["on"], list(others)))
            shown = ", ".join(map(as_yaml, others[:_FEW_SHOWN]))
            yield f"# days in another form in {sketch.grid.name}, {where}: {shown}"


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
    """Yield the decimal mark that most numbers have, and which rows have another."""
    counts = {",": 0, ".": 0}
    found: list[tuple[Sketch, str, dict[str, list[str]]]] = []
    for sketch in sketches:
        numbers = [sketch.columns.get(name, "") for name in _NUMBERS]
        for column in dict.fromkeys([*numbers, *sketch.results.values()]):
            known = sketch.profiles.get(column)
            by_mark: dict[str, list[str]] = {",": [], ".": []}
            for text, lines in known.lines.items() if known else ():
                if marked := _DECIMAL.fullmatch(text):
                    counts[marked[1]] += len(lines)
                    by_mark[marked[1]].append(text)
            found.append((sketch, column, by_mark))
    comma = counts[","] > counts["."]
    if comma:
        yield 'decimal: ","                       # 0,5 is half'
    for sketch, column, by_mark in found:
        if others := by_mark["." if comma else ","]:
            where = first_lines(sketch.lines(column, others))
            shown = ", ".join(map(as_yaml, others[:_FEW_SHOWN]))
            yield f"# another decimal mark in {sketch.grid.name}, {where}: {column} {shown}"


def _keys(sketches: Sequence[Sketch]) -> Iterator[str]:
    """Yield how ids are mended: those that lost zeros, and those that became numbers."""
    learners = next((one for one in sketches if one.table == "learners"), None)
    awards = next((one for one in sketches if one.table == "awards"), None)
    if learners and awards and (width := _lost_zeros(learners, awards)):
        yield f"pad: {{learner: {width}}}                # zeros in front were lost in some rows"
    if any(sketch.number_keys for sketch in sketches):
        yield "numeric_ids: true                # do ids begin with a zero? then write `pad: 7`"


def _lost_zeros(learners: Sketch, awards: Sketch) -> int:
    """Return how many digits the keys of learners have, where awards have some with fewer."""
    keys = [_keys_of(learners, "key"), _keys_of(awards, "learner")]
    whole = max(keys, key=lambda some: min(map(len, some), default=0))
    widths = {len(key) for key in whole}
    short = [key for some in keys for key in some if key not in whole]
    if len(widths) != 1 or not short:
        return 0
    width = widths.pop()
    return width if all(key.zfill(width) in whole for key in short) else 0


def _keys_of(sketch: Sketch, name: str) -> set[str]:
    known = sketch.profiles.get(sketch.columns.get(name, ""))
    return {key for key in known.filled if key.isdigit()} if known else set()


def _scales(sketches: Sequence[Sketch]) -> Iterator[str]:
    guesses = {
        name: scale_guess.guess(name, values)
        for sketch in sketches
        for name, values in _of_results(sketch)
    }
    statuses = any("status" in sketch.columns for sketch in sketches)
    if not guesses and not statuses:
        return
    ask = not statuses and not any(one.values for one in guesses.values())
    yield from ("", "scales:")
    for name, guess in guesses.items():
        yield from guess.lines(_key(name), ask=ask)
    if _say_status(sketches):
        yield "  status: {type: Status}"


def _say_status(sketches: Sequence[Sketch]) -> bool:
    """Return whether a column or a scale says a status, which a result has to hold."""
    results = (found for sketch in sketches for found in _of_results(sketch))
    return any("status" in sketch.columns for sketch in sketches) or any(
        scale_guess.guess(*found).says_status for found in results
    )


def _of_results(sketch: Sketch) -> Iterator[tuple[str, list[str]]]:
    for name, column in sketch.results.items():
        yield name, [one for one in sketch.values(column) if one not in _NOTHING]


def _table(sketch: Sketch, there: set[Table], folder: str) -> Iterator[str]:
    """Yield what a table of these holds."""
    if sketch.table == "awards":
        _leave_to(there, sketch.columns)
        settle(sketch)
    yield f"{sketch.table}:"
    yield from _form(sketch, folder)
    yield "  columns:"
    for name, column in sketch.columns.items():
        yield f"    {name}: {as_yaml(column)}"
    yield from _lacking(sketch, there)
    if _are_courses(sketch, there):
        name = "achievement_type" if sketch.table == "awards" else "type"
        yield f"  defaults: {{{name}: Course}}   # what they all are"
    yield from _translation(sketch, "type", _TYPES, vocabulary.words("AchievementType"))
    words = guessing.statuses() | _STATUSES
    yield from _translation(sketch, "status", words, vocabulary.words("ResultStatus"))
    if sketch.table == "awards" and sketch.has_gaps(sketch.columns.get("on", "")):
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
    for doubt in sketch.doubts:
        yield f"  # {doubt}"


def _form(sketch: Sketch, folder: str) -> Iterator[str]:
    """Yield the file of a table, how it is written, and what is to be left out of it."""
    file, sheet = split(sketch.grid.name)
    yield f"  file: {as_yaml(_beside(file, folder))}"
    if sheet:
        yield f"  sheet: {as_yaml(sheet)}"
    if sketch.form.encoding:
        yield f"  encoding: {sketch.form.encoding}"
    if sketch.form.delimiter:
        yield f"  delimiter: {as_yaml(sketch.form.delimiter)}"
    if sketch.form.header:
        yield f"  header: {sketch.form.header}".ljust(33) + "# below titles"
    if sketch.report_line:
        yield f"  report_lines: drop             # such as line {sketch.report_line}"
    if sketch.repeats and sketch.table in ("awards", "associations"):
        yield "  duplicates: drop-identical     # some rows are there twice"
    names = [sketch.columns.get(name, "") for name in ("name", "learner_name")]
    if any(name in sketch.profiles and sketch.profiles[name].are_last_first for name in names):
        yield "  name_order: last-first"


def _beside(file: str, folder: str) -> str:
    """Return how a mapping names a file, whatever the system."""
    return PurePath(os.path.relpath(file, folder) if folder else PurePath(file).name).as_posix()


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
    keys = [one.name for one in FIELDS[sketch.table] if one.joins]
    yield from (f"    {name}: {UNKNOWN}" for name in keys if name not in columns)
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
        yield from _no_day(sketch)


def _no_day(sketch: Sketch) -> Iterator[str]:
    """Yield what stands for the day of awards where no column has it: the end of each term."""
    term = sketch.columns.get("term", "")
    terms = list(dict.fromkeys(sketch.text(row, term) for row in sketch.rows)) if term else []
    if not term or "" in terms or len(terms) > _FEW:
        yield f"    on: {UNKNOWN}                  # the day of each award"
        return
    yield f"    on: {as_yaml(term)}"
    yield "  on_values:                     # the day on which each term ended"
    for one in terms:
        yield f"    {as_yaml(one)}: {UNKNOWN}"


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
        means = value if value in words else usual.get(value.lower().replace(" ", ""), UNKNOWN)
        yield f"    {as_yaml(value)}: {means}"


def _results_of(sketches: Sequence[Sketch]) -> Iterator[str]:
    """Yield which results achievements have: all of them, for the types are not told apart."""
    names = [name for sketch in sketches for name, _ in _of_results(sketch)]
    entries = [f"{name}: {_key(name)}" for name in names]
    if _say_status(sketches):
        entries.append("Status: status")
    yield f"  results: {{{', '.join(entries)}}}   # by type, where types differ in them"


def _key(name: str) -> str:
    return name.lower().replace(" ", "-")
