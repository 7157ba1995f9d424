"""What is wrong with a record in its source, before it is written: dates, keys, results, names.

What the standard asks of every record is asked of the written one; here stands what only the
source can tell, with its place and in its words.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from clrctl.building import dates, identities, images, results, vocabulary
from clrctl.building.definitions import Definitions
from clrctl.building.identities import personal
from clrctl.building.model import Award, Place, Record, When
from clrctl.building.problems import Problem, likely_key
from clrctl.util import Secret


def problems(
    record: Record, definitions: Definitions, held: list[str], secret: Secret | None
) -> Iterator[Problem]:
    """Yield what is wrong with a record.

    Args:
        record: the record.
        definitions: what it shares with others.
        held: keys of the achievements that it is to hold.
        secret: what identities are salted with; None: nothing can be hashed.
    """
    yield from definitions.problems(held)
    yield from _Checks(record, definitions).of_record()
    yield from _of_learner(record, secret)
    yield from _Checks(record, definitions).of_awards()


class _Checks:
    """The checks of one record."""

    def __init__(self, record: Record, definitions: Definitions) -> None:
        self._record = record
        self._frame = record.frame
        self._shared = definitions

    def of_record(self) -> Iterator[Problem]:
        """Yield what is wrong with the record as a whole."""
        record = self._record
        if not record.awards and not record.wrapped:
            yield Problem(
                "no awards: a record says what was achieved, and describing it is not enough",
                record.place,
                "add an award, such as - {of: KEY, on: 2026-06-05}; badges go into it by "
                "clrctl wrap BADGES -r RECIPE",
            )
        yield from self._date_problems("as_of", record.as_of, record.place)
        if record.image and (problem := images.problem(record.image)):
            yield problem

    def of_awards(self) -> Iterator[Problem]:
        """Yield what is wrong with the awards."""
        for award in self._record.awards:
            yield from self._award_problems(award)
        yield from self._repeated()

    def _award_problems(self, award: Award) -> Iterator[Problem]:
        subject = self._subject(award)
        achievement = self._frame.achievements.get(award.of)
        if achievement is None:
            message = f'no achievement has the key "{award.of}"'
            others = {one.of for one in self._record.awards}
            fix = likely_key(award.of, self._frame.achievements, others)
            yield Problem(message, award.place, fix or "define it, or correct the award", subject)
            return
        yield from results.problems(achievement, award, subject)
        given = {
            "on": award.on,
            "revised": award.revised,
            "start": award.start,
            "end": award.end,
            "expires": award.expires,
        }
        undated = False
        for name, when in given.items():
            for problem in self._date_problems(name, when, award.place, subject):
                undated = True
                yield problem
        if not undated:
            yield from self._orders(award, subject)

    def _date_problems(
        self, name: str, when: When | None, place: Place, subject: str = ""
    ) -> Iterator[Problem]:
        if when is not None and when.year not in dates.YEARS:
            fix = "leave it out where there is none"
            yield Problem(f"{name} {when} is a placeholder, not a day", place, fix, subject)
        elif isinstance(when, datetime):
            if when.tzinfo is None:
                yield Problem(f"{name} {when} has no zone", place, dates.FORM, subject)
        elif when is not None and self._frame.zone is None:
            yield Problem(
                f"{name} {when} is a day, and there is no timezone to tell when it begins",
                place,
                "add timezone, such as timezone: America/Chicago",
                subject,
            )

    def _orders(self, award: Award, subject: str) -> Iterator[Problem]:
        for early, late, first, then in (
            ("on", "expires", award.on, award.expires),
            ("start", "end", award.start, award.end),
            ("on", "revised", award.on, award.revised),
        ):
            if first is None or then is None:
                continue
            if dates.instant(then, self._frame.zone) < dates.instant(first, self._frame.zone):
                message = f"{late} {then} is before {early} {first}"
                yield Problem(message, award.place, "correct one of the two", subject)

    def _repeated(self) -> Iterator[Problem]:
        first: dict[str, Award] = {}
        for award in self._record.awards:
            name = self._shared.award_id(self._record.learner, award)
            earlier = first.get(name)
            first.setdefault(name, award)
            if earlier is not None:
                yield Problem(
                    "two awards get the same id: same learner, achievement and term",
                    earlier.place,
                    "give them different terms, or an occurrence each, such as the section",
                    self._subject(award),
                    also=(award.place,) if award.place != earlier.place else (),
                )

    def _subject(self, award: Award) -> str:
        parts = (self._record.learner.key, award.of, award.occurrence or award.term)
        return "award " + " / ".join(filter(None, parts))


def _of_learner(record: Record, secret: Secret | None) -> Iterator[Problem]:
    learner = record.learner
    if learner.email and "@" not in learner.email:
        yield Problem(f'"{learner.email}" is no e-mail address', learner.place)
    for one in learner.identifiers:
        if what := personal(one.kind.removeprefix(vocabulary.OWN)):
            yield Problem(
                f"the identifier {one.kind} is a {what}, which has no place in a record",
                learner.place,
                "leave it out: whoever is shown the record could read it, or guess it from "
                "its hash",
            )
    if secret is None and identities.needs_secret(learner, hash_email=record.frame.hash_email):
        yield Problem(
            "an identity is to be hashed, and there is no secret to salt it with",
            learner.place,
            "set CLRCTL_ID_SECRET or give --secret-file, or write hash_email: false to "
            "publish e-mail addresses plainly",
        )
