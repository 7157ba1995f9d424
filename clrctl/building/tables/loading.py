"""From tables and their mapping to records: one for each learner who has awards.

Rows of awards are gathered by learner, whatever order they come in; what is wrong with a row
stops its learner and nobody else. What is wrong with a table as a whole is raised before the
first record is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from typing import Self

from clrctl.building import damage, images, results
from clrctl.building.definitions import Definitions
from clrctl.building.model import Achievement, Association, Award, Frame, Record, Scale
from clrctl.building.problems import (
    LOST_ZEROS,
    NotBuilt,
    Note,
    Problem,
    Refused,
    Skipped,
    likely_key,
)
from clrctl.building.tables import rows, values
from clrctl.building.tables.catalogue import Catalogue
from clrctl.building.tables.columns import REPORT_LINE, BadCell, Columns
from clrctl.building.tables.gathering import Gathered
from clrctl.building.tables.grid import Row
from clrctl.building.tables.grids import Grids, all_columns
from clrctl.building.tables.mapping import Mapped
from clrctl.building.tables.people import People
from clrctl.util import count

_PERCENT = "Percent"


class Tables:
    """The records that tables hold; a context that deletes at its end what was kept of them.

    Args:
        mapped: how they are read.
        grids: the tables.

    Attributes:
        frame: what the records share.

    Raises:
        Refused: a table cannot be used as a whole.
    """

    def __init__(self, mapped: Mapped, grids: Grids) -> None:
        self._mapped = mapped
        self._others = grids.others
        self._columns = all_columns(mapped, grids)
        self._awards = self._columns["awards"]
        self._skipped: list[Skipped] = []
        self._loose: list[Problem] = []
        self._twice: list[Skipped] = []
        self._needed: set[str] = set()
        self._catalogue = self._read_achievements()
        self._people = self._read_learners()
        associations = (*mapped.related, *self._associations())
        with ExitStack() as on_error:
            self._rows = on_error.enter_context(Gathered(self._keyed()))
            self._broken = self._catalogue.broken
            good = self._catalogue.usable()
            self.frame = Frame(
                mapped.issuer,
                zone=mapped.zone,
                ids=mapped.ids,
                achievements=good,
                associations=tuple(
                    one
                    for one in associations
                    if not {one.source, one.target} & self._broken.keys()
                ),
                hash_email=mapped.hash_email,
                keeps_order=False,
            )
            # What leads where, with definitions in it that cannot be used.
            stand_ins = {key: Achievement(key, key) for key in self._broken}
            whole = replace(self.frame, achievements=good | stand_ins, associations=associations)
            self._everything = Definitions(whole, None, images.ImagePolicy.NONE)
            on_error.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Delete what was kept of the tables; calling it twice does no harm."""
        self._rows.close()

    def records(self) -> Iterator[Record | NotBuilt | Skipped | Note]:
        """Yield each learner's record, or why there is none, in the order of the learners.

        What was left out comes as well: rows, and as notes whole columns and blanks around texts.
        """
        if self._others:
            yield Note(f"no table by name or mapping, and not used: {', '.join(self._others)}")
        yield from self._unused()
        yield from self._skipped
        if self._mapped.heading.partial is not True and any(one.learner for one in self._skipped):
            yield Note(_INCOMPLETE)
        if self._loose:
            yield NotBuilt("", tuple(self._loose))
        if "" in self._broken:
            self._needed.add("")
            yield NotBuilt("", self._broken[""])
        for key in self._order():
            yield self._record(key)
        yield from self._twice
        yield from self._trimmed()
        yield from self._unguarded()
        yield from self._hidden()
        yield from self._unneeded()

    def _unused(self) -> Iterator[Note]:
        for columns in self._columns.values():
            if columns.unused:
                names = ", ".join(columns.unused)
                yield Note(f"{columns.grid.name}: not in the mapping, and not used: {names}")

    def _unneeded(self) -> Iterator[Note]:
        """Yield what is wrong with definitions that no record turned out to need."""
        for key, problems in self._broken.items():
            if key not in self._needed:
                for problem in problems:
                    yield Note(f"{problem.where}: {problem.message} (no record needs it)")

    def _trimmed(self) -> Iterator[Note]:
        for columns in self._columns.values():
            if columns.trimmed:
                cells = count(columns.trimmed, "cell")
                yield Note(f"{columns.grid.name}: blanks around the text of {cells} were left out")

    def _hidden(self) -> Iterator[Note]:
        """Yield which columns have numbers that are shown otherwise than they are stored."""
        for columns in self._columns.values():
            for column, found in columns.hidden.items():
                yield Note(
                    f"{found.place}: {column} shows {found.shown} and stores {found.stored}, which "
                    "was read; round it in the spreadsheet if less is meant"
                )

    def _unguarded(self) -> Iterator[Note]:
        for columns in self._columns.values():
            for column, found in columns.unguarded.items():
                yield Note(
                    f"{found.place}: {column} {found.text} is protected against Excel and was "
                    f'read as "{found.plain}", and so are all such cells of this column'
                )

    def _order(self) -> Iterator[str]:
        """Yield the keys of all learners: those of the table, then those it lacks."""
        known = dict.fromkeys((*self._people.learners, *self._people.broken))
        yield from known
        yield from (key for key in self._rows if key not in known)

    def _record(self, key: str) -> Record | NotBuilt | Skipped:
        found, repeated = self._once(key, list(self._rows.of(key)))
        problems = list(self._people.broken.get(key, ()))
        learner = self._people.learners.get(key)
        if learner is None and not problems:
            problems.append(self._unknown_learner(key, found))
        if not found and learner is not None and not problems:
            return Skipped(learner.place, "the learner has no awards", key)
        awards = []
        for row in found:
            try:
                awards.append(self._award(key, row))
            except BadCell as error:
                place, subject = self._awards.place(row), self._subject(key, row)
                problems.append(Problem(error.message, place, error.fix, subject))
        problems += repeated
        for award in awards:
            problems += self._doubts(key, award, awards)
        problems += self._broken_for(awards)
        if problems or learner is None:
            return NotBuilt(key, tuple(dict.fromkeys(problems)))
        return self._mapped.heading.record(self.frame, learner, awards, place=learner.place)

    def _award(self, key: str, row: Row) -> Award:
        self._awards.check_length(row)
        award = rows.award(self._awards, row)
        achievement = self.frame.achievements.get(award.of)
        if achievement is None:
            return award
        plain = {
            name: self._on_scale(value, achievement.results[name])
            for name, value in award.results.items()
            if name in achievement.results
        }
        if all(award.results[name] == value for name, value in plain.items()):
            return award
        return replace(award, results={**award.results, **plain})

    def _on_scale(self, value: str, scale: Scale) -> str:
        """Return a value as its scale has it: numbers with a point, percents without their sign."""
        if scale.type == _PERCENT and value.endswith("%"):
            value = value.removesuffix("%").rstrip()
        if self._mapped.reading.comma and (scale.least or scale.greatest):
            return values.with_point(value)
        return value

    def _once(self, key: str, found: list[Row]) -> tuple[list[Row], list[Problem]]:
        """Return the rows of a learner, and which are the same to the letter.

        Where the mapping lets these count once, they are left out.
        """
        first: dict[tuple[str, ...], Row] = {}
        for row in found:
            first.setdefault(tuple(row.cells), row)
        if len(first) == len(found):
            return found, []
        twice = [(first[tuple(row.cells)], row) for row in found]
        twice = [(earlier, row) for earlier, row in twice if earlier is not row]
        if self._awards.drops_identical:
            self._twice += [Skipped(self._awards.place(row), _TWICE, key) for _, row in twice]
            return list(first.values()), []
        problems = [
            Problem(
                _TWICE,
                self._awards.place(earlier),
                "take one of them out of the export; or, where the export repeats rows, say "
                "`duplicates: drop-identical` for awards in the mapping",
                self._subject(key, row),
                also=(self._awards.place(row),),
            )
            for earlier, row in twice
        ]
        return found, problems

    def _subject(self, key: str, row: Row) -> str:
        """Return which award a row is about, as far as its cells can be trusted."""
        fields = () if row.fault else ("achievement", "term")
        parts = [key, *(self._awards.raw(row, field) for field in fields)]
        return "award " + " / ".join(filter(None, parts))

    def _doubts(self, key: str, award: Award, awards: list[Award]) -> Iterator[Problem]:
        """Yield what is wrong with the results of an award, with what a mapping can do."""
        subject = "award " + " / ".join(filter(None, (key, award.of, award.term)))
        achievement = self.frame.achievements.get(award.of)
        if achievement is None:
            if award.of not in self._broken:
                others = {one.of for one in awards if one is not award}
                yield self._unknown_achievement(award, subject, others)
            return
        for problem in results.problems(achievement, award, subject):
            yield problem if problem.fix else replace(problem, fix=_RESULT_FIX)

    def _unknown_achievement(self, award: Award, subject: str, others: set[str]) -> Problem:
        """Return that an award is of nothing known; never that it is of what its learner has."""
        known = tuple(self.frame.achievements)
        where = self._columns.get("achievements", self._awards).grid.name
        return Problem(
            f'achievement "{award.of}" is not in {where}',
            award.place,
            likely_key(award.of, known, others) or "add it there, or correct the row",
            subject,
        )

    def _unknown_learner(self, key: str, found: list[Row]) -> Problem:
        where = self._columns["learners"].grid.name
        places = [self._awards.place(row) for row in found]
        return Problem(
            f'learner "{key}" is not in {where}',
            places[0],
            self._likely_learner(key) or self._spoilt(where) or _ADD_LEARNER,
            f"{count(len(found), 'award')} of {key}",
            also=tuple(places[1:_MOST_PLACES]),
        )

    @cached_property
    def _used(self) -> frozenset[str]:
        """The keys of learners with awards of their own: whoever has another key is not they."""
        return frozenset(self._rows)

    def _likely_learner(self, key: str) -> str:
        """Return which learner without awards a key may stand for; empty: none can be told."""
        known = self._people.learners
        fix = likely_key(key, known, self._used)
        widths = {len(one) for one in known}
        if fix.endswith(LOST_ZEROS) and len(widths) == 1:
            return f"{fix}; `pad: {widths.pop()}` in the mapping puts them back"
        return fix

    def _spoilt(self, where: str) -> str:
        """Return that the key may be there, spoilt; empty: none is."""
        spoilt = [key for key in self._people.broken if damage.of_key(key)]
        if not spoilt:
            return ""
        line = self._people.broken[spoilt[0]][0].place.line
        first = f'correct "{spoilt[0]}" ({where}:{line}) first'
        return f"{first}: look up in the student system whose it is"

    def _broken_for(self, awards: list[Award]) -> Iterator[Problem]:
        """Yield what is wrong with definitions that these awards need."""
        if not self._broken:
            return
        for key in self._everything.reached(award.of for award in awards):
            self._needed.add(key)
            yield from self._broken.get(key, ())

    def _read_achievements(self) -> Catalogue:
        results_of = self._mapped.results
        columns = self._columns.get("achievements")
        if columns is None:
            return Catalogue(self._awards, "awards", results_of)
        catalogue = Catalogue(columns, "achievements", results_of)
        for row in columns.rows():
            if not (reason := columns.skipped(row)):
                catalogue.take(row)
            else:
                self._skipped.append(Skipped(columns.place(row), reason))
        return catalogue

    def _read_learners(self) -> People:
        columns = self._columns.get("learners")
        if columns is None:
            return People(self._awards, "awards")
        people = People(columns, "learners")
        for row in columns.rows():
            if reason := columns.skipped(row):
                self._skipped.append(Skipped(columns.place(row), reason))
            else:
                people.take(row)
        return people

    def _associations(self) -> Iterator[Association]:
        columns = self._columns.get("associations")
        if columns is None:
            return
        names = rows.names("associations", within="associations")
        problems = []
        found: list[Association] = []
        seen: set[tuple[str, ...]] = set()
        for row in columns.rows():
            reason = columns.skipped(row)
            if not reason and columns.drops_identical and tuple(row.cells) in seen:
                reason = _TWICE
            if reason:
                self._skipped.append(Skipped(columns.place(row), reason))
                continue
            seen.add(tuple(row.cells))
            try:
                columns.check(row)
                found.append(rows.association(rows.Cells(columns, row, names)))
            except BadCell as error:
                problems.append(Problem(error.message, columns.place(row), error.fix))
        if problems:
            raise Refused(problems)
        yield from sorted(found, key=lambda one: (one.source, one.type, one.target))

    def _keyed(self) -> Iterator[tuple[str, Row]]:
        """Yield the rows of awards by the key of their learner."""
        columns = self._awards
        defines = "achievements" not in self._columns
        names = "learners" not in self._columns
        for row in columns.rows():
            if reason := columns.skipped(row):
                key = "" if reason == REPORT_LINE else columns.raw(row, "learner")
                self._skipped.append(Skipped(columns.place(row), reason, key))
                continue
            try:
                columns.check_kind(row)
                key = columns.text(row, "learner")
            except BadCell as error:
                problem = Problem(error.message, columns.place(row), error.fix)
                if spoilt := columns.raw(row, "learner"):
                    self._people.blame(spoilt, problem)
                else:
                    self._loose.append(problem)
                continue
            if not key:
                self._loose.append(_nobodys(columns, row))
                continue
            if defines:
                self._catalogue.take(row)
            if names:
                self._people.take(row)
            yield key, row


_MOST_PLACES = 5
_TWICE = "the same row is there twice"
_ADD_LEARNER = "add the learner there, or correct the row"
_INCOMPLETE = (
    "rows of awards were left out, and partial is not true: the records claim to hold all that "
    "the issuer knows"
)
_RESULT_FIX = (
    "correct it, add it to the values of the scale, say what it means under `result_values`, "
    "or list it under `empty` if it is no result"
)


def _nobodys(columns: Columns, row: Row) -> Problem:
    label = columns.label("learner")
    return Problem(
        f"{label} is empty: whose award is it?",
        columns.place(row),
        "fill it in, or take the row out",
    )
