"""Where the header of a table stands, when a report puts titles above it."""

from __future__ import annotations

from collections.abc import Collection

from clrctl.building.tables import guessing
from clrctl.building.tables.fields import TABLES, Table
from clrctl.building.tables.grid import Grid, clean

_FEWEST = 2


def named(grid: Grid, columns: Collection[str], table: Table) -> int:
    """Return the line that has the most of these columns, or of a table's usual ones.

    0 where no line has more of them than the header.
    """

    def worth(cells: list[str]) -> int:
        exact = sum(cell in columns for cell in cells)
        return max(exact, len(guessing.fields(table, cells)))

    return _best(grid, {row.line: worth(list(map(clean, row.cells))) for row in grid.top()})


def usual(grid: Grid) -> int:
    """Return the line that looks most like the header of any table; 0: none more than the header.

    Only lines whose cells are all different, and none of them a number, can be headers.
    """
    found = {}
    for row in grid.top():
        cells = [cell for cell in map(clean, row.cells) if cell]
        is_header = len(set(cells)) == len(cells) and not any(map(_is_number, cells))
        known = [len(guessing.fields(one, cells)) for one in TABLES] if is_header else [0]
        found[row.line] = max(known)
    return _best(grid, found)


def _best(grid: Grid, worth: dict[int, int]) -> int:
    line = max(worth, key=lambda one: worth[one], default=0)
    enough = max(_FEWEST, 1 + worth.get(grid.header_line, 0))
    return line if worth.get(line, 0) >= enough else 0


def _is_number(cell: str) -> bool:
    return cell.replace(".", "").replace(",", "").isdigit()
