"""`mapping.yaml`: reading what it says of tables. The keys are those of `build/mapping.json`."""

from __future__ import annotations

from clrctl.building.model import Association, Scale
from clrctl.building.problems import likely, listed
from clrctl.building.recipe import Mapping, open_mapping, parts, read_file
from clrctl.building.tables.csv_grid import DELIMITERS
from clrctl.building.tables.encodings import ENCODINGS
from clrctl.building.tables.fields import FIELDS, Joint, Table
from clrctl.building.tables.grid import GridForm
from clrctl.building.tables.mapping import EVERY_TYPE, Mapped, Reading, TableMapping
from clrctl.building.tables.values import Days, FormatError, Translation
from clrctl.util import nearest

KEY = "tables"
"""The key whose version number tells that a file is a mapping of tables."""

_DECIMAL_MARKS = {"": False, ".": False, ",": True}
_VALUES = "_values"
_RESULT_VALUES = "result_values"
_LARGEST_NUMBER = 10**6
_NAME_ORDERS = {"": False, "first-last": False, "last-first": True}
_DROPPED = {"": False, "keep": False, "drop": True}
_DUPLICATES = {"": False, "refuse": False, "drop-identical": True}


def load(source: str, raw: bytes | None = None) -> Mapped:
    """Read a mapping.

    Args:
        source: its path.
        raw: what it holds; None: it is read.

    Raises:
        Refused: it cannot be read, or says what it may not say; with all problems and lines.
        InputError: it cannot be opened.
    """
    root = open_mapping(source, read_file(source) if raw is None else raw)
    parts.version(root, KEY)
    scales = parts.scales(root)
    related: tuple[Association, ...] = ()
    associations = TableMapping()
    if root.is_list("associations"):
        related = parts.associations(root)
    else:
        associations = _table(root.mapping("associations"), "associations")
    achievements = root.mapping("achievements")
    mapped = Mapped(
        parts.organization(root.mapping("issuer", needed=True)),
        parts.heading(root),
        zone=parts.zone(root),
        ids=parts.templates(root),
        hash_email=parts.hashes_email(root),
        results=_results(achievements, scales),
        reading=_reading(root),
        learners=_table(root.mapping("learners"), "learners"),
        achievements=_table(achievements, "achievements"),
        awards=_table(root.mapping("awards"), "awards"),
        associations=associations,
        related=related,
        workbook=root.text("workbook"),
        place=root.place,
    )
    root.finish()
    return mapped


def _reading(root: Mapping) -> Reading:
    mark = root.text("decimal")
    if mark not in _DECIMAL_MARKS:
        root.problem(f'decimal "{mark}" is no decimal mark', key="decimal", fix='write "," or "."')
    formats = []
    for form in root.texts("dates"):
        try:
            Days((form,))
        except FormatError as error:
            root.problem(f'dates: "{form}": {error}', key="dates", fix='such as "%m/%d/%Y"')
        else:
            formats.append(form)
    return Reading(
        Days(tuple(dict.fromkeys(formats))),
        empty=frozenset(("", *root.texts("empty"))),
        comma=_DECIMAL_MARKS.get(mark, False),
        trim=bool(root.truth("trim")),
        pad=_pad(root),
        numeric_ids=bool(root.truth("numeric_ids")),
    )


def _table(entry: Mapping, table: Table) -> TableMapping:
    columns, skip = entry.mapping("columns"), entry.mapping("skip")
    named = dict(_of_fields(columns, table)) if "columns" in entry else None
    places = {f"columns.{name}": columns.at(name) for name in columns}
    places |= {f"skip.{column}": skip.at(column) for column in skip}
    results = {}
    if table == "awards":
        given = entry.mapping("results")
        results = dict(given.each_text())
        places |= {f"results.{name}": given.at(name) for name in given}
    return TableMapping(
        file=entry.text("file"),
        form=_form(entry),
        columns=named,
        results=results,
        translations=_translations(entry, table),
        result_translations=_result_translations(entry) if table == "awards" else {},
        defaults=dict(_of_fields(entry.mapping("defaults"), table)),
        skip={column: frozenset(skip.texts(column)) for column in skip},
        ignored=frozenset(entry.texts("ignore")),
        last_first=_choice(entry, "name_order", _NAME_ORDERS) if table in _NAMING else False,
        drops_identical=_choice(entry, "duplicates", _DUPLICATES) if table in _LISTING else False,
        drops_report_lines=_choice(entry, "report_lines", _DROPPED),
        places=places,
        place=entry.place,
    )


_NAMING = ("learners", "awards")
_LISTING = ("awards", "associations")


def _choice(entry: Mapping, key: str, choices: dict[str, bool]) -> bool:
    """Return what a word that is one of several says; what is none is noted."""
    text = entry.text(key)
    if text not in choices:
        words = tuple(filter(None, choices))
        message = f'{entry.path}.{key} "{text}" is not one of {listed(words)}'
        entry.problem(message, key=key, fix=likely(text, words) or "take one of them")
    return choices.get(text, False)


def _form(entry: Mapping) -> GridForm:
    delimiter = entry.text("delimiter").replace("\\t", "\t")
    if delimiter and delimiter not in DELIMITERS:
        entry.problem(
            f'{entry.path}.delimiter "{delimiter}" is not one of {listed(DELIMITERS)}',
            key="delimiter",
            fix='write ",", ";", "|" or "\\t"',
        )
        delimiter = ""
    encoding = entry.text("encoding").lower()
    if encoding and encoding not in ENCODINGS:
        hint = nearest(encoding, ENCODINGS)
        entry.problem(
            f'{entry.path}.encoding "{encoding}" is not one of {listed(ENCODINGS)}',
            key="encoding",
            fix=f"did you mean {hint}?" if hint else "take one of them, or save it as UTF-8",
        )
        encoding = ""
    header = _whole(entry, "header", entry.path) if "header" in entry else 0
    return GridForm(entry.text("sheet"), delimiter, encoding, header)


def _whole(entry: Mapping, key: str, path: str) -> int:
    """Return a whole number from 1 on; 1 where it is none, which is noted."""
    text = entry.text(key)
    if text.isascii() and text.isdigit() and 0 < int(text[:9]) <= _LARGEST_NUMBER:
        return int(text[:9])
    name = ".".join(filter(None, (path, key)))
    entry.problem(f'{name} "{text}" is no line or length', key=key, fix="write a number such as 2")
    return 1


def _pad(root: Mapping) -> dict[Joint, int]:
    """Read how many digits keys have: of learners, or of learners and achievements."""
    if root.is_text("pad"):
        return {"learner": _whole(root, "pad", "")}
    given = root.mapping("pad")
    joints: tuple[Joint, ...] = ("learner", "achievement")
    return {one: _whole(given, one, "pad") for one in joints if given.text(one)}


def _of_fields(entry: Mapping, table: Table) -> list[tuple[str, str]]:
    """Return texts by the names of fields; other keys are problems of the file."""
    return [(one.name, text) for one in FIELDS[table] if (text := entry.text(one.name))]


def _translations(entry: Mapping, table: Table) -> dict[str, Translation]:
    """Return what values stand for: what is written under the name of a field and `_values`."""
    names = {f"{one.name}{_VALUES}": one.name for one in FIELDS[table]}
    found = {}
    for key in entry:
        if key in names:
            words = dict(entry.mapping(key).each_text())
            found[names[key]] = Translation(words, f"{table}.{key}")
        elif key.endswith(_VALUES) and key != _RESULT_VALUES:
            entry.allow([key])
            hint = nearest(key, names)
            entry.problem(
                f"{table}.{key} is not a known key",
                key=key,
                fix=f"did you mean {hint}?" if hint else f"write FIELD{_VALUES}",
            )
    return found


def _result_translations(entry: Mapping) -> dict[str, Translation]:
    given = entry.mapping(_RESULT_VALUES)
    return {
        name: Translation(dict(words.each_text()), f"{words.path}") for name, words in given.each()
    }


def _results(entry: Mapping, scales: dict[str, Scale]) -> dict[str, dict[str, Scale]]:
    """Read the results of achievements: of all, or by type."""
    given = entry.mapping("results")
    found: dict[str, dict[str, Scale]] = {EVERY_TYPE: {}}
    for name in given:
        if given.is_text(name):
            found[EVERY_TYPE] |= _on_scale(given, name, scales)
        else:
            inner = given.mapping(name)
            found[name] = {}
            for result in inner:
                found[name] |= _on_scale(inner, result, scales)
    return found


def _on_scale(entry: Mapping, name: str, scales: dict[str, Scale]) -> dict[str, Scale]:
    """Return a result on the scale that is named for it; nothing where that is none."""
    named = entry.text(name)
    if named in scales:
        return {name: scales[named]}
    entry.problem(
        f'{entry.path}.{name} "{named}" is no scale; there are {listed(scales)}',
        key=name,
        fix=likely(named, scales) or f"add {named or 'it'} to scales",
    )
    return {}
