"""What stands in a column, by how its values look: days, numbers, grades, names, codes."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from clrctl.building import vocabulary
from clrctl.building.tables import guessing
from clrctl.building.tables.values import is_day_like

_GRADE = re.compile(r"[A-FSUPWI](?:[+-]|\*)?|[A-Z]{1,3}")
_NUMBER = re.compile(r"-?[0-9]*[.,]?[0-9]+%?")
_LEVEL = re.compile(r"(?:0?[1-9]|1[0-3])(?:th)?|PK|K|KG", re.IGNORECASE)
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_LAST_FIRST = re.compile(r"[^\W\d_][^,\d]*,\s*[^\W\d_][^\d]*")
_SUBJECT = re.compile(r"[A-Z&]{2,6}")
_CATALOG = re.compile(r"[0-9]{2,4}[A-Z]{0,2}")
_YEAR = re.compile(r".*(?:19|20)[0-9]{2}.*|[0-9]{4,6}")
_WORDY = re.compile(
    r".*[^\W\d_]{6}.*|.*[^\W\d_]{3,} (?:.* )?[^\W\d_]{3,}.*|(?=[^\W\d_a-zß-ÿ]|.* ).*[a-zß-ÿ]{3}.*"
)
"""Texts in words, as names of courses are; ENGL 101 and english-9 are codes."""
_MOST = 0.8
_HALF = 0.5
_LONG = 12


@dataclass(slots=True)
class Profile:
    """The values of a column.

    Attributes:
        lines: where each value stands, without blanks around it; the empty one among them.
    """

    lines: dict[str, list[int]] = field(default_factory=dict)

    def add(self, text: str, line: int) -> None:
        """Note a cell."""
        self.lines.setdefault(text.strip(), []).append(line)

    @property
    def filled(self) -> list[str]:
        """The values that are there, each once."""
        return [text for text in self.lines if text]

    def share(self, is_one: Callable[[str], object]) -> float:
        """Return which part of the filled cells has values of a kind; 1 where there is none."""
        counted = {text: len(lines) for text, lines in self.lines.items() if text}
        total = sum(counted.values())
        ones = sum(number for text, number in counted.items() if is_one(text))
        return ones / total if total else 1.0

    def mostly(self, is_one: Callable[[str], object]) -> bool:
        """Return whether most filled cells have values of a kind; true where there is none."""
        return self.share(is_one) >= _MOST

    def can_be(self, name: str) -> bool:
        """Return whether the values can be those of a field or a result of this name."""
        test = _TESTS.get(name)
        return test is None or not self.filled or test(self)

    @property
    def are_last_first(self) -> bool:
        """Whether the values are names such as `Quill, Ada`."""
        return bool(self.filled) and self.mostly(_LAST_FIRST.fullmatch)

    @property
    def are_subjects(self) -> bool:
        """Whether the values are the first half of codes: ENGL."""
        return bool(self.filled) and self.mostly(_SUBJECT.fullmatch)

    @property
    def are_catalog_numbers(self) -> bool:
        """Whether the values are the second half of codes: 101."""
        return bool(self.filled) and self.mostly(_CATALOG.fullmatch)

    @property
    def name_years(self) -> bool:
        """Whether the values are, or hold, years."""
        return bool(self.filled) and self.mostly(_YEAR.fullmatch)


def without(lines: dict[str, list[int]], is_one: Callable[[str], object]) -> list[int]:
    """Return the lines of the filled values that are not of a kind, in order."""
    return sorted(line for text, at in lines.items() if text and not is_one(text) for line in at)


def _are_numbers(profile: Profile) -> bool:
    return profile.share(_NUMBER.fullmatch) >= _HALF


def _are_names(profile: Profile) -> bool:
    return profile.share(_WORDY.match) >= _HALF and not profile.are_last_first


def _are_grades(profile: Profile) -> bool:
    """Return whether these are grades: short, and not the years that pupils are in."""
    levels = all(map(_LEVEL.fullmatch, profile.filled))
    return not levels and profile.mostly(lambda text: len(text) <= _LONG)


def _are_remarks(profile: Profile) -> bool:
    return profile.share(lambda text: _NUMBER.fullmatch(text) or _GRADE.fullmatch(text)) < _HALF


def _are_statuses(profile: Profile) -> bool:
    known = guessing.statuses()
    words = {word.lower() for word in vocabulary.words("ResultStatus")}
    if profile.share(lambda text: text.lower() in words or squeezed(text) in known) >= _HALF:
        return True
    return profile.share(lambda text: _NUMBER.fullmatch(text) or _GRADE.fullmatch(text)) < _HALF


def squeezed(text: str) -> str:
    """Return a word as the vocabulary of statuses has it."""
    return text.lower().replace(" ", "")


def _are_keys(profile: Profile) -> bool:
    return profile.share(_WORDY.match) < _HALF


_TESTS: dict[str, Callable[[Profile], bool]] = {
    "on": lambda profile: profile.share(is_day_like) >= _HALF,
    "email": lambda profile: profile.share(_MAIL.fullmatch) >= _HALF,
    "learner_email": lambda profile: profile.share(_MAIL.fullmatch) >= _HALF,
    "credits": _are_numbers,
    "achievement_credits": _are_numbers,
    "status": _are_statuses,
    "narrative": _are_remarks,
    "achievement": _are_keys,
    "achievement_name": _are_names,
    "learner": lambda profile: not profile.are_last_first and _are_keys(profile),
    "Final grade": _are_grades,
    "Percent": _are_numbers,
    "Score": _are_numbers,
    "Cumulative GPA": _are_numbers,
}
"""By the name of a field or a result, whether a column can be it; the others can be anything."""


Test: TypeAlias = Callable[[Profile], bool]


def is_mail(profile: Profile) -> bool:
    """Return whether the values are e-mail addresses."""
    return bool(profile.filled) and profile.mostly(_MAIL.fullmatch)


def are_days(profile: Profile) -> bool:
    """Return whether the values are days."""
    return bool(profile.filled) and profile.mostly(is_day_like)


def are_letters(profile: Profile) -> bool:
    """Return whether the values are letter grades."""
    return bool(profile.filled) and profile.mostly(_letters().__contains__)


@functools.cache
def _letters() -> frozenset[str]:
    return frozenset(f"{letter}{sign}" for letter in "ABCDEF" for sign in ("", "+", "-"))


def only(found: Iterable[str]) -> str:
    """Return the only one of these; empty where there are more, or none."""
    names = list(found)
    return names[0] if len(names) == 1 else ""
