"""The achievements that tables define, from a table of their own or from the rows of awards.

A definition that cannot be used stops those who were awarded it, or something that leads to it,
and nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping

from clrctl.building.model import Achievement, Scale
from clrctl.building.problems import Problem
from clrctl.building.tables import rows
from clrctl.building.tables.columns import BadCell, Columns
from clrctl.building.tables.fields import Table
from clrctl.building.tables.grid import Row


class Catalogue:
    """Achievements by key, as rows bring them.

    Args:
        columns: the table.
        table: whether it is `achievements`, or `awards` with definitions in its rows.
        scales: the results of achievements, by type or `EVERY_TYPE`.

    Attributes:
        achievements: by key.
        broken: what is wrong, by the key of what cannot be used; empty text: no key.
    """

    def __init__(
        self, columns: Columns, table: Table, scales: Mapping[str, Mapping[str, Scale]]
    ) -> None:
        self.achievements: dict[str, Achievement] = {}
        self.broken: dict[str, tuple[Problem, ...]] = {}
        self._columns = columns
        self._names = rows.names("achievements", within=table)
        self._scales = scales
        self._seen: dict[str, set[tuple[str, ...]]] = {}
        self._own = columns.indices(self._names.values())

    def take(self, row: Row) -> None:
        """Take the definition from a row."""
        own = tuple(row.cells[index] for index in self._own)
        cells = rows.Cells(self._columns, row, self._names)
        key = ""
        try:
            self._columns.check(row)
            key = cells.text("key")
            seen = self._seen.setdefault(key, set())
            if own in seen:
                return
            seen.add(own)
            self._add(rows.achievement(cells, self._scales))
        except BadCell as error:
            problem = Problem(
                error.message, self._columns.place(row), error.fix, f"achievement {key}".strip()
            )
            self.broken[key] = (*self.broken.get(key, ()), problem)

    def _add(self, new: Achievement) -> None:
        first = self.achievements.setdefault(new.key, new)
        if told := rows.differences(first, new):
            problem = Problem(
                f"two rows of one achievement differ: {', '.join(told)}",
                first.place,
                "make them agree, or give them different keys",
                f"achievement {new.key}",
                also=(new.place,),
            )
            self.broken[new.key] = (*self.broken.get(new.key, ()), problem)

    def usable(self) -> dict[str, Achievement]:
        """Return the good ones, sorted by key: exports come in any order."""
        good = {key: one for key, one in self.achievements.items() if key not in self.broken}
        return dict(sorted(good.items()))
