"""The learners that tables name, from a table of their own or from the rows of awards."""

from __future__ import annotations

from clrctl.building.model import Learner
from clrctl.building.problems import Problem
from clrctl.building.tables import rows
from clrctl.building.tables.columns import BadCell, Columns
from clrctl.building.tables.fields import Table
from clrctl.building.tables.grid import Row


class People:
    """Learners by key, as rows bring them.

    Args:
        columns: the table.
        table: whether it is `learners`, or `awards` with learners in its rows.

    Attributes:
        learners: by key.
        broken: what is wrong, by key.
    """

    def __init__(self, columns: Columns, table: Table) -> None:
        self.learners: dict[str, Learner] = {}
        self.broken: dict[str, tuple[Problem, ...]] = {}
        self._columns = columns
        self._names = rows.names("learners", within=table)

    def take(self, row: Row) -> None:
        """Take the learner from a row."""
        key = self._columns.raw(row, self._names["key"])
        try:
            self._columns.check(row)
            new = rows.learner(rows.Cells(self._columns, row, self._names))
        except BadCell as error:
            place = self._columns.place(row)
            self.blame(key, Problem(error.message, place, error.fix, f"learner {key}"))
            return
        first = self.learners.setdefault(new.key, new)
        if first is not new and (told := rows.differences(first, new)):
            problem = Problem(
                f"two rows of one learner differ: {', '.join(told)}",
                first.place,
                "make them agree, or take one of them out",
                f"learner {key}",
                also=(new.place,),
            )
            self.blame(key, problem)

    def blame(self, key: str, problem: Problem) -> None:
        """Note what stands in the way of a learner's record."""
        self.broken[key] = (*self.broken.get(key, ()), problem)
