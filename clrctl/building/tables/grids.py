"""The tables of a school together: which there are, and what each of them has to have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from clrctl.building.model import Place
from clrctl.building.problems import Problem, Refused
from clrctl.building.tables.binding import Wanted
from clrctl.building.tables.columns import Columns
from clrctl.building.tables.fields import TABLES, Table
from clrctl.building.tables.grid import Grid
from clrctl.building.tables.mapping import Mapped, TableMapping


@dataclass(frozen=True, slots=True)
class Grids:
    """The tables of a school; what is None stands in the rows of the awards, or is not there.

    Attributes:
        others: files beside them that are no table by their name or the mapping.
    """

    awards: Grid
    learners: Grid | None = None
    achievements: Grid | None = None
    associations: Grid | None = None
    others: tuple[str, ...] = ()


def all_columns(mapped: Mapped, grids: Grids) -> dict[Table, Columns]:
    """Return the columns of each table.

    Raises:
        Refused: columns are missing or cannot be used; all that is wrong with any table.
    """
    found: dict[Table, Columns] = {}
    problems: list[Problem] = []
    for table in TABLES:
        grid: Grid | None = getattr(grids, table)
        if grid is None:
            continue
        mapping: TableMapping = getattr(mapped, table)
        try:
            found[table] = Columns(grid, table, mapping, mapped.reading, _wanted(table, grids))
        except Refused as refused:
            problems += refused.problems
    if problems:
        raise Refused([*problems, *_overlooked(grids)])
    return found


def _overlooked(grids: Grids) -> Iterator[Problem]:
    """Yield that tables may be there under other names."""
    lacking = [table for table in ("learners", "achievements") if getattr(grids, table) is None]
    if lacking and grids.others:
        yield Problem(
            f"{' and '.join(lacking)} are looked for in {grids.awards.name}, because no other file "
            "is said to hold them",
            Place(grids.awards.name),
            f"is it {' or '.join(grids.others)}? say so in the mapping: "
            f"`{lacking[0]}: {{file: {PurePath(grids.others[0]).name}}}`",
        )


def _wanted(table: Table, grids: Grids) -> Wanted:
    """Return the fields of which a table needs columns; one of each of the choices."""
    if table == "learners":
        return ("key",), ("name", "family_name")
    if table == "achievements":
        return ("key",), ("name",), ("criteria", "criteria_url")
    if table == "associations":
        return ("source",), ("type",), ("target",)
    wanted: Wanted = (("learner",), ("achievement",), ("on",))
    if grids.achievements is None:
        wanted += (("achievement_name",), ("criteria", "criteria_url"))
    if grids.learners is None:
        wanted += (("learner_name", "learner_family_name"),)
    return wanted
