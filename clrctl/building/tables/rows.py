"""From rows to the parts of the model: learners, achievements, awards, associations.

Each maker takes a row and the names under which its table has the fields, for one file may hold
what is usually in three. A row that cannot be used raises `BadCell`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from clrctl.building.model import (
    Achievement,
    Alignment,
    Association,
    Award,
    Evidence,
    Identifier,
    Learner,
    Picture,
    Scale,
)
from clrctl.building.tables.columns import BadCell, Columns
from clrctl.building.tables.fields import ALIGNMENTS, FIELDS, SHORTCUTS, Table
from clrctl.building.tables.grid import Row
from clrctl.building.tables.mapping import EVERY_TYPE

_SEPARATOR = ";"
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|v|esq|ph\.?d|m\.?d)\.?", re.IGNORECASE)

Names = Mapping[str, str]
"""Under which name a table has a field."""


@functools.cache
def names(table: Table, *, within: Table) -> Names:
    """Return under which names a table has the fields of another, or its own."""
    if within == table:
        return {field.name: field.name for field in FIELDS[table]}
    return {target: name for name, target in SHORTCUTS[table].items()}


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one row, by the names of fields of a table that may be another's."""

    columns: Columns
    row: Row
    names: Names

    def text(self, field: str) -> str:
        """Return the text of a field; empty where it says nothing, or has no column."""
        name = self.names.get(field)
        return self.columns.text(self.row, name) if name else ""

    def wanted(self, field: str, why: str, fix: str) -> str:
        """Return the text of a field that has to be there.

        Raises:
            BadCell: it is not.
        """
        text = self.text(field)
        if not text:
            label = self.columns.label(self.names[field])
            raise BadCell(f"{label} is empty: {why}", fix)
        return text


def learner(cells: Cells) -> Learner:
    """Return the learner of a row."""
    key = cells.wanted("key", "a learner needs a key", "fill it in, or take the row out")
    name = _full_name(cells) or " ".join(
        part for part in (cells.text("given_name"), cells.text("family_name")) if part
    )
    if not name:
        raise BadCell("the learner has no name", "fill it in")
    published = (("sourced_id", "sourcedId"), ("state_id", "ext:stateId"))
    return Learner(
        key,
        name,
        email=cells.text("email"),
        id=cells.text("did"),
        identifiers=tuple(
            Identifier(text, kind) for field, kind in published if (text := cells.text(field))
        ),
        place=cells.columns.place(cells.row),
    )


def _full_name(cells: Cells) -> str:
    """Return the full name with the given name first, however its column has it."""
    name = cells.text("name")
    if not cells.columns.last_first or "," not in name:
        return name
    family, given, *more = (part.strip() for part in name.split(","))
    if not (family and given) or len(more) > 1 or (more and not _SUFFIX.fullmatch(more[0])):
        raise BadCell(
            f'{cells.columns.label(cells.names["name"])} "{name}" is not like "Last, First"',
            "correct it; or take `name_order` out of the mapping",
        )
    if _SUFFIX.fullmatch(given):
        return f"{family} {given}"
    return " ".join([given, family, *more])


def achievement(cells: Cells, scales: Mapping[str, Mapping[str, Scale]]) -> Achievement:
    """Return the achievement of a row.

    Args:
        cells: the row.
        scales: the results of achievements, by type or `EVERY_TYPE`.
    """
    key = cells.wanted("key", "an achievement needs a key", "fill it in, or take the row out")
    name = cells.wanted("name", "an achievement needs a name", "fill it in")
    kind = cells.text("type")
    image = cells.text("image")
    credit = cells.names.get("credits")
    return Achievement(
        key,
        name,
        type=kind,
        description=cells.text("description"),
        criteria=cells.text("criteria"),
        criteria_url=cells.text("criteria_url"),
        code=cells.text("code"),
        credits=cells.columns.number(cells.row, credit) if credit else None,
        field_of_study=cells.text("field"),
        specialization=cells.text("specialization"),
        version=cells.text("version"),
        image=Picture(url=image, place=cells.columns.place(cells.row)) if image else None,
        tags=tuple(filter(None, map(str.strip, cells.text("tags").split(_SEPARATOR)))),
        alignments=tuple(_alignments(cells)),
        results={**scales.get(EVERY_TYPE, {}), **scales.get(kind, {})},
        place=cells.columns.place(cells.row),
    )


def _alignments(cells: Cells) -> list[Alignment]:
    found = []
    for columns in ALIGNMENTS:
        if not any(name in cells.columns for name in columns):
            continue
        code, name, url, framework = (cells.text(column) for column in columns)
        if not any((code, name, url, framework)):
            continue
        if not url:
            raise BadCell(f"{columns[2]} is empty: an alignment needs an address", "fill it in")
        found.append(Alignment(name or code or url, url, code, framework))
    return found


def award(columns: Columns, row: Row) -> Award:
    """Return the award of a row."""
    cells = Cells(columns, row, names("awards", within="awards"))
    of = cells.text("achievement")
    if not of:
        raise BadCell(f"{columns.label('achievement')} is empty", "say what was achieved")
    on = columns.day(row, "on")
    if on is None:
        raise BadCell(
            f"{columns.label('on')} is empty: an award needs a date",
            "fill it in; or leave such rows out: "
            f'`skip: {{{columns.label("on")}: [""]}}` for awards in the mapping',
        )
    url, called = cells.text("evidence_url"), cells.text("evidence_name")
    return Award(
        of,
        on,
        revised=columns.day(row, "revised"),
        term=cells.text("term"),
        occurrence=cells.text("occurrence"),
        start=columns.day(row, "start"),
        end=columns.day(row, "end"),
        expires=columns.day(row, "expires"),
        credits=columns.number(row, "credits"),
        role=cells.text("role"),
        license=cells.text("license"),
        status=cells.text("status"),
        results={name: value for name in columns.results if (value := columns.result(row, name))},
        narrative=cells.text("narrative"),
        evidence=(Evidence(url, called),) if url or called else (),
        place=columns.place(row),
    )


def association(cells: Cells) -> Association:
    """Return the association of a row."""
    fix = "fill it in, or take the row out"
    return Association(
        cells.wanted("source", "an association has two ends", fix),
        cells.wanted("type", "an association has a type", fix),
        cells.wanted("target", "an association has two ends", fix),
        cells.columns.place(cells.row),
    )


def differences(one: Learner | Achievement, other: Learner | Achievement) -> list[str]:
    """Return in which fields two of one key differ, each with both values."""
    told = []
    for field in fields(one):
        first, second = getattr(one, field.name), getattr(other, field.name)
        if field.name not in ("place", "image") and first != second:
            told.append(f'{field.name} "{_shown(first)}" and "{_shown(second)}"')
    return told


def _shown(value: object) -> object:
    return "" if value is None else value
