"""What a mapping says of tables, as plain data: which column is what, and what its values mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from clrctl.building.model import NOWHERE, Association, IdTemplates, Organization, Place, Scale
from clrctl.building.recipe import Heading
from clrctl.building.tables.fields import Joint
from clrctl.building.tables.grid import GridForm
from clrctl.building.tables.values import Days, Translation

EVERY_TYPE = ""
"""In the place of an `achievementType`: achievements of any type."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How cells are to be understood, in all tables.

    Attributes:
        days: the formats of dates.
        empty: words for nothing; the empty cell is always among them.
        comma: whether numbers have a decimal comma.
        trim: whether blanks around any value mean nothing.
        pad: how many digits the keys of learners and achievements have at least; zeros in front
            are put back.
        numeric_ids: whether keys that are stored as numbers are taken as their digits.
    """

    days: Days = field(default_factory=Days)
    empty: frozenset[str] = frozenset({""})
    comma: bool = False
    trim: bool = False
    pad: Mapping[Joint, int] = field(default_factory=dict)
    numeric_ids: bool = False


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How one table is read.

    Attributes:
        file: its file, relative to the mapping; empty: by the name of the table.
        columns: a column, or a text with columns in braces, by the name of the field; None:
            the table has canonical headers.
        results: columns by the name of the result.
        translations: what values stand for, by the name of the field.
        result_translations: the same by the name of the result.
        defaults: what holds where a cell is empty or there is no column.
        skip: rows to leave out: values by column.
        ignored: headers that are not used on purpose.
        last_first: whether full names are written `Last, First`.
        drops_identical: whether a row that is there twice counts once.
        drops_report_lines: whether totals, footers and repeated headers are left out.
        places: where keys stand, such as `columns.name`, as far as that is known.
    """

    file: str = ""
    form: GridForm = field(default_factory=GridForm)
    columns: Mapping[str, str] | None = None
    results: Mapping[str, str] = field(default_factory=dict)
    translations: Mapping[str, Translation] = field(default_factory=dict)
    result_translations: Mapping[str, Translation] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    skip: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    last_first: bool = False
    drops_identical: bool = False
    drops_report_lines: bool = False
    places: Mapping[str, Place] = field(default_factory=dict)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Mapped:
    """A whole mapping.

    Attributes:
        results: scales by the names of results, by `achievementType` or `EVERY_TYPE`.
        related: associations that the mapping itself holds.
        workbook: the file whose sheets are the tables that name no file.
    """

    issuer: Organization
    heading: Heading
    zone: ZoneInfo | None = None
    ids: IdTemplates = field(default_factory=IdTemplates)
    hash_email: bool = True
    results: Mapping[str, Mapping[str, Scale]] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
    learners: TableMapping = field(default_factory=TableMapping)
    achievements: TableMapping = field(default_factory=TableMapping)
    awards: TableMapping = field(default_factory=TableMapping)
    associations: TableMapping = field(default_factory=TableMapping)
    related: tuple[Association, ...] = ()
    workbook: str = ""
    place: Place = NOWHERE
