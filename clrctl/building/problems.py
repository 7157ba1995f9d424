"""What is wrong in a source: data about a place in it, never an exception for one learner.

A problem stops the records it concerns and no others. What concerns all records of a source is
raised as `Refused`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass

from clrctl.building import damage as damages
from clrctl.building.model import NOWHERE, Place
from clrctl.util import nearest, nearest_key, quoted

_MOST_SHOWN = 12
_SHOWN_ENDS = 3
LOST_ZEROS = "leading zeros were lost"
_DECIMAL_COMMA = re.compile(r"\s*([+-]?[0-9]+),([0-9]+)\s*%?\s*")
_THOUSANDS = 3
_BLANKS = {" ": "blank", "\t": "tab", "\u00a0": "no-break space"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend in a source.

    Attributes:
        message: what is wrong: no full stop; begins with what it is about.
        place: where.
        fix: what to do about it; may be empty.
        subject: what it concerns, such as `award 0042013 / 07010050 / 2023-24`; may be empty.
        also: further places that it speaks of.
    """

    message: str
    place: Place = NOWHERE
    fix: str = ""
    subject: str = ""
    also: tuple[Place, ...] = ()

    @property
    def where(self) -> str:
        """Where it stands: `grades.csv:5,9`; empty where that is not known."""
        same = [place for place in self.also if place.source == self.place.source and place.line]
        others = [place for place in self.also if place not in same]
        first = ",".join([str(self.place), *(str(place.line) for place in same)])
        return " ".join(filter(None, [first, *map(str, others)]))

    def lines(self) -> tuple[str, ...]:
        """Return it as the lines a person reads: the place, what is wrong, what to do."""
        head = "  ".join(filter(None, [self.where, self.subject]))
        told = (head, f"  {self.message}") if head else (self.message,)
        return (*told, f"  fix: {self.fix}") if self.fix else told


class Refused(Exception):
    """Nothing can be built from a source: what is wrong concerns all of it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.message for problem in self.problems))


def unknown(
    what: str, value: str, known: Iterable[str], place: Place, subject: str = ""
) -> Problem:
    """Return the problem of a value that is not one of those it can be.

    Args:
        what: what has the value, such as `Final grade`.
        value: as the source has it.
        known: what it can be, in the order to tell it.
        place: where it stands.
        subject: what it concerns.
    """
    known = tuple(known)
    message = f'{what} "{value}" is not one of {listed(known)}'
    return Problem(message, place, likely(value, known), subject)


def likely(value: str, known: Iterable[str]) -> str:
    """Return what became of a word or what it was meant to be, or an empty text."""
    known = tuple(known)
    if damage := damages.of_key(value):
        return f"it {damage.message}; {damage.fix}"
    if told := _as_spelt(value, known):
        return told
    hint = nearest(value, known, same_digits=True)
    if hint.rstrip("+-") == value.rstrip("+-"):
        hint = ""  # A- is a grade of its own, not a slip of A
    return f'did you mean "{hint}"?' if hint else ""


def likely_key(key: str, known: Iterable[str], used: Container[str] = ()) -> str:
    """Return what became of a key or what it was meant to be, or an empty text.

    Args:
        key: one that is not known.
        known: those that are.
        used: those that are never offered, because somebody or something else has them.
    """
    if damage := damages.of_key(key):
        return f"it {damage.message}; {damage.fix}"
    free = tuple(name for name in known if name not in used)
    if told := _as_spelt(key, free):
        return told
    hint = nearest_key(key, free)
    return f'did you mean "{hint}"?' if hint else ""


def _as_spelt(value: str, known: tuple[str, ...]) -> str:
    """Return which one this is in another spelling, with what differs; empty: none, or several."""
    plain = value.strip(" \t\u00a0")
    if plain != value and plain in known:
        odd = next(char for char in (value[-1], value[0]) if char in _BLANKS)
        end = "end" if value[-1] == odd else "start"
        return f'did you mean "{plain}"? there is a {_BLANKS[odd]} at its {end}'
    alike = [name for name in known if damages.folded(name) == damages.folded(value)]
    if len(alike) == 1:
        odd = damages.odd(value) or damages.odd(alike[0])
        whose = "it" if damages.odd(value) else "that"
        return f'did you mean "{alike[0]}"? {whose} has a {odd}'
    padded = [name for name in known if name != value and name.lstrip("0") == value.lstrip("0")]
    if plain.isdigit() and len(padded) == 1:
        there = " there" * (len(value) > len(padded[0]))
        return f'did you mean "{padded[0]}"? {LOST_ZEROS}{there}'
    return ""


def decimal_comma(number: str) -> str:
    """Return what to do about a number with a decimal comma, or an empty text: it is none."""
    parts = _DECIMAL_COMMA.fullmatch(number)
    if not parts:
        return ""
    whole, fraction = parts.groups()
    if len(fraction) == _THOUSANDS:
        return f"write {whole}.{fraction} if this is a decimal comma, else {whole}{fraction}"
    return f"write {whole}.{fraction}, with a decimal point"


def listed(words: Iterable[str]) -> str:
    """Return words as a list to read; the middle of a long one is left out."""
    words = tuple(words)
    if len(words) <= _MOST_SHOWN:
        return quoted(words) or "(nothing)"
    return f"{quoted(words[: _MOST_SHOWN - _SHOWN_ENDS])}, … {quoted(words[-_SHOWN_ENDS:])}"


@dataclass(frozen=True, slots=True)
class NotBuilt:
    """A record that cannot be built; the others of its source can.

    Attributes:
        learner: key of the learner; empty where not even that is known.
        problems: why, at least one.
    """

    learner: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row or an entry that was left out on purpose, because of what it says.

    Attributes:
        place: where it stands.
        reason: why, the same words for all that have the same reason.
        learner: key of the learner whom it is about, as far as it is about one.
    """

    place: Place
    reason: str
    learner: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the author should know of a source, though nothing is wrong with it.

    Attributes:
        text: what, the same words for all of its kind.
    """

    text: str
