"""What cells mean: days in the formats of an export, numbers, words for nothing.

A value is read in one way or not at all. Each reader raises `Unreadable`, which says what was
expected and what to do; where the cell stands is the caller's to add.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from clrctl.building import dates
from clrctl.building.model import When
from clrctl.building.problems import likely, listed

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NAMED = {name[:length]: number for number, name in enumerate(_MONTHS, 1) for length in (3, 9)}

_DIRECTIVES = {
    "Y": r"(?P<Y>[0-9]{4})",
    "m": r"(?P<m>[0-9]{1,2})",
    "d": r"(?P<d>[0-9]{1,2})",
    "b": r"(?P<b>[A-Za-z]{3})",
    "B": r"(?P<b>[A-Za-z]{3,9})",
    "%": "%",
}
_KNOWN = ", ".join(f"%{letter}" for letter in "YmdbB")

# Formats to suggest, the likelier first.
_COMMON = ("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y", "%m-%d-%Y", "%Y%m%d")
_COMMON_NAMED = ("%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%B %d, %Y", "%b %d, %Y")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[./ -](?:[0-9]{1,2}|[A-Za-z]{3})[./ -][0-9]{2}")
_SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]+)?")
_MIDNIGHT = re.compile(r"[ T](?:0{1,2}:00(?::00(?:\.0+)?)?|12:00(?::00)? AM)$")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T.*)?")
_SHARE = 0.9
"""Which part of the rows decides; the others are told as dissenters."""
_EPOCH = date(1899, 12, 30)  # Excel's day 0, its 1900 being a leap year

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)")
_COMMA_NUMBER = re.compile(r"-?[0-9]+,[0-9]+")


class UnreadableValue(ValueError):
    """A cell that does not hold what its column should.

    Attributes:
        message: what is wrong, to follow the name and value of the cell.
        fix: what to do.
    """

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


class FormatError(ValueError):
    """A date format that cannot be used; the exception's text says why."""


@dataclass(frozen=True, slots=True)
class Days:
    """Reads days, in any of the formats given or as ISO 8601.

    Args:
        formats: such as `%m/%d/%Y`; a value that two of them read differently is refused.

    Raises:
        FormatError: one of them cannot be used.
    """

    formats: tuple[str, ...] = ()
    _patterns: tuple[re.Pattern[str], ...] = field(init=False, repr=False)
    _read: dict[str, When] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_patterns", tuple(map(_pattern, self.formats)))

    def read(self, text: str) -> When:
        """Return the day or moment that a text names; a midnight without a zone is a day.

        Raises:
            Unreadable: it names none, or more than one.
        """
        known = self._read.get(text)
        if known is None:
            # A school has few days and many rows.
            known = self._read[text] = self._parse(_MIDNIGHT.sub("", text))
        return known

    def _parse(self, text: str) -> When:
        fitting = {
            day: form
            for form, pattern in zip(self.formats, self._patterns, strict=True)
            if (day := _day(pattern, text))
        }
        if len(fitting) > 1:
            readings = " or ".join(f"{day} ({form})" for day, form in fitting.items())
            raise UnreadableValue(
                f"is {readings}, by the formats in `dates`",
                "leave only the format of this export in `dates`",
            )
        if fitting:
            return next(iter(fitting))
        try:
            return dates.read(text)
        except dates.NotADate as error:
            raise UnreadableValue(*self._advice(text, str(error))) from None

    def _advice(self, text: str, why: str) -> tuple[str, str]:
        """Return what is wrong with a text that is no date, and what to do."""
        if "T" in text and why != "is neither a day nor a moment":
            return why, dates.FORM
        if _SERIAL.fullmatch(text):
            day = _EPOCH + timedelta(days=int(float(text)))
            return (
                f"is a number: if a spreadsheet made it from a date, that was {day}",
                "format the column as a date such as 2024-06-05, and export it again",
            )
        if _SHORT_YEAR.fullmatch(text):
            return (
                "has a year of two digits",
                "export dates with four digits for the year",
            )
        candidates = (*_COMMON, *_COMMON_NAMED)
        fitting = [form for form in candidates if _day(_pattern(form), text)]
        known = ", ".join(f'"{form}"' for form in self.formats) or "the form 2024-06-05"
        if not fitting:
            return f"is not a date in {known}", "correct it"
        add = " or ".join(f'"{form}"' for form in fitting)
        more = "; which of them, only the school knows" if len(fitting) > 1 else ""
        return f"is not a date in {known}", f"add {add} to `dates` in the mapping{more}"


def _pattern(form: str) -> re.Pattern[str]:
    """Return what matches a date in a format of `strftime`, English names of months included.

    Raises:
        FormatError: it has directives that cannot be used, or tells no day.
    """
    parts = re.split(r"%(.)", form)
    pattern, seen = "", set[str]()
    for index, part in enumerate(parts):
        if index % 2 == 0:
            pattern += re.escape(part)
            continue
        if part in "yg":
            raise FormatError("%y reads years of two digits, which nobody can tell apart: use %Y")
        if part not in _DIRECTIVES:
            raise FormatError(f"%{part} cannot be used; known are {_KNOWN}")
        if part != "%" and ("b" if part == "B" else part) in seen:
            raise FormatError(f"%{part} stands in it twice")
        seen.add("b" if part == "B" else part)
        pattern += _DIRECTIVES[part]
    if not {"Y", "d"} <= seen or not {"m", "b"} & seen:
        raise FormatError("it needs a year (%Y), a month (%m, %b or %B) and a day (%d)")
    if "%Y%m%d" in form:
        pattern = pattern.replace("{1,2}", "{2}")
    return re.compile(pattern)


def _day(pattern: re.Pattern[str], text: str) -> date | None:
    match = pattern.fullmatch(text)
    if not match:
        return None
    found = match.groupdict()
    month = int(found["m"]) if found.get("m") else _NAMED.get(str(found.get("b")).lower(), 0)
    try:
        return date(int(found["Y"]), month, int(found["d"]))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Forms:
    """How the days of a column are written.

    Attributes:
        formats: those that as many of its days fit as any other, the likelier first; none where
            they are as ISO 8601 has them, or fit no format.
        others: the values that do not fit them.
    """

    formats: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def forms_of(texts: Mapping[str, int]) -> Forms:
    """Return how days are written, by the share of rows.

    Args:
        texts: how many rows have a value, by the value.
    """
    plain = {text: _MIDNIGHT.sub("", text) for text in texts}
    others = [text for text in texts if not _ISO.fullmatch(plain[text])]
    fitting = {
        form: {text for text in others if _day(_pattern(form), plain[text])}
        for form in (*_COMMON, *_COMMON_NAMED)
    }

    def rows(some: Iterable[str]) -> int:
        return sum(texts[text] for text in some)

    best = max(fitting, key=lambda form: rows(fitting[form]))
    if not others or rows(fitting[best]) < _SHARE * rows(others):
        return Forms((), tuple(others))

    def rivals(form: str) -> bool:
        """Return whether the days that only one of the two reads do not decide."""
        against, speaking = rows(fitting[best] - fitting[form]), rows(fitting[form] - fitting[best])
        return rows(fitting[form]) >= _SHARE * rows(others) and not (
            against and speaking <= (1 - _SHARE) * against
        )

    formats = tuple(form for form in fitting if form == best or rivals(form))
    return Forms(formats, tuple(text for text in others if text not in fitting[best]))


def is_day_like(text: str) -> bool:
    """Return whether a text is written as days are, in any of the usual forms."""
    plain = _MIDNIGHT.sub("", text)
    if _ISO.fullmatch(plain) or _SHORT_YEAR.fullmatch(plain):
        return True
    return any(_day(pattern, plain) for pattern in _common_patterns())


@functools.cache
def _common_patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(map(_pattern, (*_COMMON, *_COMMON_NAMED)))


def with_point(text: str) -> str:
    """Return a number with a decimal comma as one with a point; other texts as they are."""
    return text.replace(",", ".") if _COMMA_NUMBER.fullmatch(text) else text


def number(text: str, *, comma: bool = False) -> Decimal:
    """Return a number as it is written: 1.0 stays 1.0.

    Args:
        text: digits, and a point between whole and fraction.
        comma: whether a comma stands there instead.

    Raises:
        Unreadable: it is none, or is written the other way.
    """
    if comma:
        text = with_point(text)
    elif _COMMA_NUMBER.fullmatch(text):
        raise UnreadableValue(
            "is not a number with a decimal point",
            'if the comma is the decimal mark of this export, say `decimal: ","` in the mapping',
        )
    if not _NUMBER.fullmatch(text):
        raise UnreadableValue("is not a number", "write digits, as in 1.0")
    return Decimal(f"0{text}" if text.startswith(".") else text)


@dataclass(frozen=True, slots=True)
class Translation:
    """What the values of a column stand for; total: what is not listed is refused.

    Attributes:
        words: from what stands in the cell to what it means.
        name: the key in the mapping, to name it in messages.
    """

    words: dict[str, str]
    name: str

    def of(self, text: str) -> str:
        """Return what a value stands for.

        Raises:
            Unreadable: it is not listed.
        """
        try:
            return self.words[text]
        except KeyError:
            pass
        hint = likely(text, self.words)
        raise UnreadableValue(
            f"is not among {self.name} of the mapping: {listed(self.words)}",
            f'{hint + " or " if hint else ""}add "{text}" there with what it means',
        )
