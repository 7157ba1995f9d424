"""From an export to records: one for each student with final grades.

Source: 1EdTech OneRoster 1.2, CSV binding. The courses are the achievements, final grades the
awards; a student who took a course twice has two awards, for OneRoster does not say which counts.
Demographics are never read.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from typing import Self

from clrctl.building import dates, passing
from clrctl.building.model import (
    Achievement,
    Award,
    Frame,
    Identifier,
    Learner,
    Place,
    Record,
    When,
)
from clrctl.building.oneroster.archive import Archive
from clrctl.building.oneroster.card import Card, filled, placeholders
from clrctl.building.oneroster.gradebook import Grade, Gradebook
from clrctl.building.oneroster.table import Table, Unusable, plain
from clrctl.building.problems import (
    NotBuilt,
    Problem,
    Refused,
    Skipped,
    decimal_comma,
    likely_key,
    listed,
)
from clrctl.building.tables import Gathered, Row
from clrctl.util import quoted

_STUDENT = "student"
_CREDITS = "metadata.credits"
_TWICE = "the same to the letter as an earlier row"
_FILL_IN = "fill it in where the grades are kept, and export again"
NO_CREDITS = "OneRoster has no credits, and the recipe has none for {}: add them to `credits`"
UNEARNED = "credits earned are left out, since no scale of the results says what is required"


class ReportCards:
    """The records of an export; a context that closes the export at its end.

    Args:
        archive: the export; closed where an error is raised, too.
        card: how records are made of it.

    Raises:
        Refused: the export cannot be used, or does not fit the card.
    """

    def __init__(self, archive: Archive, card: Card) -> None:
        self._card = card
        with ExitStack() as stack:
            stack.enter_context(archive)
            self._book = Gradebook(archive, card)
            self._users = Table(archive, "users", ("sourcedId", "givenName", "familyName"))
            self._people = self._users.by_id()
            self._students = self._role_of(archive)
            self._refuse_credits()
            self._loose: list[NotBuilt] = []
            self._grades = stack.enter_context(Gathered(self._final()))
            self.frame = Frame(
                card.issuer,
                zone=card.zone,
                ids=card.ids,
                achievements=self._achievements(),
                hash_email=card.hash_email,
                keeps_order=False,
            )
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the export, and delete what was kept of it; calling it twice does no harm."""
        self._stack.close()

    def records(self) -> Iterator[Record | NotBuilt | Skipped]:
        """Yield what is left out, then each student's record, in the order of `users.csv`."""
        yield from self._skipped()
        for table in (*self._book.tables, self._users):
            yield from (Skipped(table.place(row), _TWICE) for row in table.repeated)
        yield from self._loose
        with_grades = set(self._grades)
        for name, row in self._people.items():
            if name in with_grades:
                yield from self._record(name, row)
            elif name in self._students and not self._users.is_deleted(row):
                yield Skipped(self._users.place(row), "without a final grade", name)
        for name in sorted(with_grades - self._people.keys()):
            yield self._unknown(name)

    def _final(self) -> Iterator[tuple[str, Row]]:
        """Yield the final grades by student; rows that are cut belong to nobody."""
        results = self._book.results
        for row in results.rows():
            if row.fault:
                problem = Problem(row.fault, results.place(row), "export again")
                self._loose.append(NotBuilt("", (problem,)))
            elif not self._left_out(row):
                yield results.get(row, "studentSourcedId"), row

    def _skipped(self) -> Iterator[Skipped]:
        results = self._book.results
        for row in results.rows():
            if not row.fault and (reason := self._left_out(row)):
                yield Skipped(results.place(row), reason, results.get(row, "studentSourcedId"))

    def _left_out(self, row: Row) -> str:
        """Return why a result is no final grade; what cannot be told is kept, to be told later."""
        try:
            return self._book.skipped(row)
        except Unusable:
            return ""

    def _role_of(self, archive: Archive) -> set[str]:
        """Return the ids of the students, as far as the export tells who is one."""
        if "roles" in archive:
            roles = Table(archive, "roles", ("userSourcedId", "role"))
            return {
                roles.get(row, "userSourcedId")
                for row in roles.rows()
                if plain(roles.get(row, "role")) == _STUDENT and not roles.is_deleted(row)
            }
        return {
            name
            for name, row in self._people.items()
            if plain(self._users.get(row, "role")) == _STUDENT
        }

    def _achievements(self) -> dict[str, Achievement]:
        book, card = self._book, self._card
        return {
            name: Achievement(
                key=name,
                name=book.courses.get(row, "title"),
                type="Course",
                description=self._described(row),
                criteria=filled(card.criteria, self._values(card.criteria, row)),
                code=book.courses.get(row, "courseCode"),
                credits=self._credits(row),
                field_of_study=", ".join(
                    filter(None, map(str.strip, book.courses.get(row, "subjects").split(",")))
                ),
                alignments=tuple(card.alignments.get(book.courses.get(row, "courseCode"), ())),
                results=card.results,
                place=book.courses.place(row),
            )
            for name, row in sorted(book.courses_by_id.items())
        }

    def _values(self, template: str, course: Row) -> dict[str, str]:
        return {name: self._book.courses.get(course, name) for name in placeholders(template)}

    def _described(self, course: Row) -> str:
        """Return the description; one that would have a hole is left to be the title."""
        values = self._values(self._card.description, course)
        return filled(self._card.description, values) if all(values.values()) else ""

    def _credits(self, course: Row) -> Decimal | None:
        """Return the credits of a course: from the recipe, else from a column of the export."""
        courses = self._book.courses
        known = self._card.credits.get(courses.get(course, "courseCode"))
        return passing.number(courses.get(course, _CREDITS)) if known is None else known

    def _refuse_credits(self) -> None:
        """Refuse credits of graded courses that are no number, and that the recipe does not say.

        Raises:
            Refused: there are such.
        """
        courses = self._book.courses
        wrong = [
            Problem(
                f'{_CREDITS} "{text}" is no number',
                courses.place(row),
                decimal_comma(text) or "correct it and export again, or say it in `credits`",
            )
            for row in self._book.graded_courses()
            if self._credits(row) is None and (text := courses.get(row, _CREDITS))
        ]
        if wrong:
            raise Refused(wrong)

    @functools.cached_property
    def _no_credits(self) -> str:
        """The note on courses whose credits nobody says."""
        codes = sorted(
            self._book.courses.get(row, "courseCode", "title")
            for row in self._book.graded_courses()
            if self._credits(row) is None
        )
        return NO_CREDITS.format(listed(codes))

    def _record(self, name: str, user: Row) -> Iterator[Record | NotBuilt | Skipped]:
        """Yield the results of a student that are there twice, and what became of the record."""
        learner = self._learner(name, user)
        problems: list[Problem] = []
        awards: list[Award] = []
        notes: dict[str, None] = {}
        seen: set[tuple[str, ...]] = set()
        for row in self._grades.of(name):
            if tuple(row.cells) in seen:
                yield Skipped(self._book.results.place(row), _TWICE, name)
                continue
            seen.add(tuple(row.cells))
            try:
                awards.append(self._award(row, notes))
            except Unusable as error:
                place = self._book.results.place(row)
                problems.append(Problem(str(error), place, error.fix, f"result of {name}"))
        problems += _repeated(awards, name)
        if problems:
            yield NotBuilt(name, tuple(problems))
        else:
            yield self._card.heading.record(
                self.frame, learner, awards, place=learner.place, notes=notes
            )

    def _learner(self, name: str, user: Row) -> Learner:
        get = self._users.get
        if self._card.legal_names:
            given = tuple(get(user, part) for part in ("givenName", "middleName", "familyName"))
        else:
            given = (
                get(user, "preferredGivenName", "givenName"),
                get(user, "preferredMiddleName"),
                get(user, "preferredFamilyName", "familyName"),
            )
        return Learner(
            key=name,
            name=" ".join(filter(None, given)),
            email=get(user, "email"),
            identifiers=(Identifier(name, "sourcedId"),),
            place=self._users.place(user),
        )

    def _award(self, row: Row, notes: dict[str, None]) -> Award:
        """Return the award of a final grade, and note what it cannot say.

        Raises:
            Unusable: it does not say what an award needs.
        """
        book, card = self._book, self._card
        book.skipped(row)
        grade = book.grade(row)
        given = {name: book.results.get(row, column) for name, column in card.columns.items()}
        values = {name: value for name, value in given.items() if value}
        unfinished = book.is_unfinished(row)
        if not values and not unfinished:
            columns = quoted(sorted(set(card.columns.values())))
            raise Unusable(f"there is no grade in {columns}", _FILL_IN)
        mark = next(iter(passing.marked(values, card.results)), "")
        passed = mark == passing.COMPLETED if mark else passing.passed(values, card.results)
        if unfinished:
            passed, mark = None, "InProgress"
        status = mark or _status(passed)
        self._refuse_holes(grade)
        return Award(
            of=book.courses.get(grade.course, "sourcedId"),
            on=self._awarded(row, grade),
            term=book.sessions.get(grade.session, "title"),
            occurrence=self._occurrence(grade),
            start=self._day(grade.session, "startDate"),
            end=self._day(grade.session, "endDate"),
            credits=self._earned(grade, passed, notes, unfinished=unfinished),
            status=status if card.status_name else "",
            results=values,
            place=book.results.place(row),
        )

    def _refuse_holes(self, grade: Grade) -> None:
        """Refuse criteria that speak of something the course does not have."""
        values = self._values(self._card.criteria, grade.course)
        for name, value in values.items():
            if not value:
                title = self._book.courses.get(grade.course, "title")
                raise Unusable(
                    f'criteria use {{{name}}}, which the course "{title}" does not have',
                    f"take {{{name}}} out of criteria, or fill it in and export again",
                )

    def _occurrence(self, grade: Grade) -> str:
        section = self._book.classes.get(grade.section, "sourcedId")
        return f"{section}/{self._book.sessions.get(grade.session, 'sourcedId')}"

    def _awarded(self, row: Row, grade: Grade) -> When:
        text = self._book.results.get(row, "scoreDate")
        if text:
            return _day(text, "scoreDate")
        ends = self._day(grade.session, "endDate")
        if self._card.award_at_term_end and ends is not None:
            return ends
        raise Unusable(
            "scoreDate is empty: an award needs a date",
            f"{_FILL_IN}; or take the end of the term: `award_at: term-end` in the recipe",
        )

    def _day(self, session: Row, column: str) -> When | None:
        text = self._book.sessions.get(session, column)
        return _day(text, column) if text else None

    def _earned(
        self, grade: Grade, passed: bool | None, notes: dict[str, None], *, unfinished: bool
    ) -> Decimal | None:
        available = self._credits(grade.course)
        if available is None:
            notes[self._no_credits] = None
            return None
        if passed is None:
            if not unfinished:
                notes[UNEARNED] = None
            return None
        return available if passed else Decimal(0)

    def _unknown(self, name: str) -> NotBuilt:
        rows = list(self._grades.of(name))
        first = self._book.results.place(rows[0])
        used = frozenset(self._grades)
        fix = likely_key(name, self._people, used) or "export the roster again, whole"
        return NotBuilt(name, (Problem(f'the student "{name}" is not in users.csv', first, fix),))


def _repeated(awards: list[Award], learner: str) -> Iterator[Problem]:
    """Yield the final grades that a student has twice for one class and session."""
    seen: dict[tuple[str, str], Place] = {}
    for award in awards:
        first = seen.setdefault((award.of, award.occurrence), award.place)
        if first is not award.place:
            yield Problem(
                f"two final grades for one class and term: {award.occurrence}",
                first,
                "narrow final_categories down to the one that counts",
                f"results of {learner}",
                also=(award.place,),
            )


def _status(passed: bool | None) -> str:
    return {True: passing.COMPLETED, False: passing.FAILED, None: ""}[passed]


def _day(text: str, column: str) -> When:
    try:
        return dates.read(text)
    except dates.NotADate as error:
        raise Unusable(f'{column} "{text}" {error}', f"{dates.FORM}; export again") from None
