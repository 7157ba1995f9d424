"""The gradebook of an export: what each result refers to, and whether it is a final grade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from clrctl.building.oneroster.archive import Archive
from clrctl.building.oneroster.card import Card
from clrctl.building.oneroster.table import Table, Unusable, plain
from clrctl.building.problems import Problem, Refused, likely, likely_key, listed
from clrctl.building.tables import Row
from clrctl.util import count, quoted

_GRADED = "fully graded"
_UNGRADED = ("exempt", "not submitted", "partially graded", "submitted")
_OWN = "ext:"
"""What a status begins with that is the platform's own: it is no grade's."""

_AGAIN = "export the roster again, whole"


@dataclass(frozen=True, slots=True)
class Grade:
    """A final grade with all that it refers to, as rows of their tables."""

    line_item: Row
    section: Row
    course: Row
    session: Row


class Gradebook:
    """An export with its references.

    Args:
        archive: the export.
        card: how records are made of it.

    Raises:
        Refused: it is no whole export, or the card and the export do not fit.
    """

    def __init__(self, archive: Archive, card: Card) -> None:
        _refuse_deltas(archive)
        self.card = card
        self.results = Table(
            archive, "results", ("sourcedId", "lineItemSourcedId", "studentSourcedId")
        )
        self.line_items = Table(archive, "lineItems", ("sourcedId", "classSourcedId"))
        self.classes = Table(archive, "classes", ("sourcedId", "courseSourcedId"))
        self.courses = Table(archive, "courses", ("sourcedId", "title"))
        self.sessions = Table(archive, "academicSessions", ("sourcedId", "title"))
        self._categories = Table(archive, "categories", ("sourcedId", "title"))
        self._items = self.line_items.by_id()
        self._sections = self.classes.by_id()
        self.courses_by_id = self.courses.by_id()
        self._sessions = self.sessions.by_id()
        self._titles = {
            name: self._categories.get(row, "title")
            for name, row in self._categories.by_id().items()
        }
        self._final = self._final_categories()

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables whose rows results refer to."""
        return self.line_items, self.classes, self.courses, self.sessions, self._categories

    def skipped(self, row: Row) -> str:
        """Return why a result is left out, or an empty text: it is a final grade.

        Raises:
            Unusable: it cannot be told whether it is one.
        """
        results = self.results
        if fault := results.fault(row):
            raise Unusable(fault, _AGAIN)
        if results.is_deleted(row):
            return "to be deleted"
        item = self._items.get(results.get(row, "lineItemSourcedId"))
        if item is None:
            return ""
        if self.line_items.is_deleted(item):
            return "of a line item to be deleted"
        category = self.line_items.get(item, "categorySourcedId")
        if not category:
            return "of no category, not a final grade"
        if category not in self._final:
            _found(self._titles, category, "category", "categories.csv")
            return f'of category "{self._titles[category]}", not a final grade'
        school = self._school(item) if self.card.schools else None
        if school is not None and school not in self.card.schools:
            return f'of school "{school}"'
        if self.is_unfinished(row):
            return "" if self.card.status_name else "in progress"
        return self._ungraded(row)

    def _ungraded(self, row: Row) -> str:
        """Return why a result is no grade as far as its status tells, or an empty text.

        Raises:
            Unusable: it has a grade, and a status that says nothing known.
        """
        status = self.results.get(row, "scoreStatus")
        word = plain(status)
        if word == plain(_GRADED):
            return ""
        known = word in map(plain, _UNGRADED) or status.casefold().startswith(_OWN)
        if not known and self.results.get(row, "score", "textScore"):
            words = (_GRADED, *_UNGRADED)
            fix = likely(status, words) or "correct it where the grades are kept, and export again"
            raise Unusable(f'scoreStatus "{status}" is not one of {listed(words)}', fix)
        return f'of score status "{status}", not "{_GRADED}"'

    def is_unfinished(self, row: Row) -> bool:
        """Return whether a result says that the course still goes on.

        Raises:
            Unusable: what it says is neither yes nor no.
        """
        in_progress = self.results.truth(row, "inProgress")
        return self.results.truth(row, "incomplete") or in_progress

    def graded_courses(self) -> Iterator[Row]:
        """Yield the courses that have final grades, as far as line items tell."""
        seen = set()
        for item in self._items.values():
            if self.line_items.get(item, "categorySourcedId") in self._final:
                section = self._sections.get(self.line_items.get(item, "classSourcedId"))
                name = self.classes.get(section, "courseSourcedId") if section else ""
                if name in self.courses_by_id and name not in seen:
                    seen.add(name)
                    yield self.courses_by_id[name]

    def grade(self, row: Row) -> Grade:
        """Return what a final grade refers to.

        Raises:
            Unusable: something of it is not in the export.
        """
        name = self.results.get(row, "lineItemSourcedId")
        item = _found(self._items, name, "line item", "lineItems.csv")
        name = self.line_items.get(item, "classSourcedId")
        section = _found(self._sections, name, "class", "classes.csv")
        name = self.classes.get(section, "courseSourcedId")
        course = _found(self.courses_by_id, name, "course", "courses.csv")
        name = self.line_items.get(item, "academicSessionSourcedId", "gradingPeriodSourcedId")
        name = name or self.classes.get(section, "termSourcedIds").partition(",")[0].strip()
        session = _found(self._sessions, name, "academic session", "academicSessions.csv")
        return Grade(item, section, course, session)

    def _school(self, item: Row) -> str | None:
        """Return the school of a line item's class; None: the class is not in the export."""
        section = self._sections.get(self.line_items.get(item, "classSourcedId"))
        return self.classes.get(section, "schoolSourcedId") if section else None

    def _final_categories(self) -> set[str]:
        """Return the ids of the categories that the card names.

        Raises:
            Refused: it names none, or one that is not there.
        """
        named, titles = self.card.final_categories, list(dict.fromkeys(self._titles.values()))
        if named is None:
            raise Refused([self._no_categories()])
        problems = [
            Problem(
                f'final_categories: there is no category "{name}"; there are {self._counted()}',
                self.card.categories_place,
                likely(name, titles) or "name those whose results are final grades",
            )
            for name in named
            if name not in titles
        ]
        if problems:
            raise Refused(problems)
        return {name for name, title in self._titles.items() if title in named}

    def _no_categories(self) -> Problem:
        first = next(iter(self._titles.values()), "Final Grade")
        return Problem(
            "final_categories is missing: an export mixes homework with final grades; "
            f"its categories are {self._counted()}",
            self.card.place,
            f'say which are final grades, such as `final_categories: ["{first}"]`',
        )

    def _counted(self) -> str:
        """Return the titles of the categories with how many results each has."""
        numbers: Counter[str] = Counter(dict.fromkeys(self._titles.values(), 0))
        for row in self.results.rows():
            item = self._items.get(self.results.get(row, "lineItemSourcedId"))
            category = self.line_items.get(item, "categorySourcedId") if item else ""
            if category in self._titles:
                numbers[self._titles[category]] += 1
        shown = ", ".join(
            f"{quoted([title])} ({count(number, 'result')})"
            for title, number in numbers.most_common()
        )
        return shown or "none"


_Held = TypeVar("_Held")


def _found(rows: dict[str, _Held], name: str, noun: str, file: str) -> _Held:
    if name in rows:
        return rows[name]
    if not name:
        raise Unusable(f"it names no {noun}", _AGAIN)
    raise Unusable(f'the {noun} "{name}" is not in {file}', likely_key(name, rows) or _AGAIN)


def _refuse_deltas(archive: Archive) -> None:
    """Refuse an export that holds no more than changes: records of it would lack the rest.

    Raises:
        Refused: the manifest says so.
    """
    if "manifest" not in archive:
        return
    manifest = Table(archive, "manifest", ("propertyName", "value"))
    deltas = [
        (manifest.get(row, "propertyName").removeprefix("file."), row)
        for row in manifest.rows()
        if manifest.get(row, "value").lower() == "delta"
    ]
    if deltas:
        names, row = [name for name, _ in deltas], deltas[0][1]
        message = f"{listed(names)} hold changes alone (delta)"
        fix = "export in bulk mode: a record of changes would lack all that did not change"
        raise Refused([Problem(message, manifest.place(row), fix)])
