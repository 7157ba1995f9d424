"""What a spreadsheet shows for a number: its format codes, read and applied.

Source: ECMA-376, Part 1, section 18.8.31 (numFmt): up to four sections, conditions, literals and
escapes, digit placeholders, percent, thousands and scaling commas, fractions, exponents, dates and
elapsed time. Names of months and days are English, as for the locale en-US. Numbers have the 15
significant digits that a spreadsheet keeps.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias

Role: TypeAlias = Literal[
    "literal", "digit", "point", "comma", "percent", "exponent", "slash", "date", "at"
]

BUILT_IN = {
    **{0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%"},
    **{11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy"},
    **{16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm"},
    **{21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)"},
    **{39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;[Red](#,##0.00)", 45: "mm:ss"},
    **{46: "[h]:mm:ss", 47: "mmss.0", 48: "##0.0E+0", 49: "@"},
}
"""Formats that a workbook names by number alone (section 18.8.30)."""

_EXACT = 15
_PARTS = re.compile(
    r"""
      "(?P<quoted>[^"]*)"? | \\(?P<escaped>.) | _(?P<space>.) | \*(?P<fill>.)
    | \[(?P<elapsed>h+|m+|s+)\] | \[\$(?P<money>[^\-\]]*)(?:-[^\]]*)?\]
    | \[(?P<test><=|>=|<>|<|>|=)(?P<bound>-?[0-9.]+)\] | \[(?P<mark>[^\]]*)\]
    | (?P<general>General) | (?P<noon>AM/PM|A/P)
    | (?P<exponent>E[+-]) | (?P<digit>[0\#?]) | (?P<point>\.) | (?P<comma>,) | (?P<percent>%)
    | (?P<slash>/) | (?P<at>@) | (?P<date>y+|m+|d+|h+|s+(?:\.0+)?|b+|e+|g+) | (?P<other>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TESTS = {"<": (-1,), ">": (1,), "=": (0,), "<=": (-1, 0), ">=": (0, 1), "<>": (-1, 1)}


class Token(NamedTuple):
    """A piece of a section: what it is, and its text or, of a placeholder, its letter."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """How one range of values is shown.

    Attributes:
        tokens: in their order.
        test: which values it is for, as an operator and a bound; None: by its place.
        groups: whether thousands are set apart.
        scale: how many times it divides by 1,000.
        is_general: whether it shows numbers as they are.
    """

    tokens: tuple[Token, ...] = ()
    test: tuple[str, Decimal] | None = None
    groups: bool = False
    scale: int = 0
    is_general: bool = False

    def has(self, role: Role) -> bool:
        """Return whether a token of this kind is in it."""
        return any(token.role == role for token in self.tokens)

    @property
    def percents(self) -> int:
        """How many times it multiplies by 100."""
        return sum(token.role == "percent" for token in self.tokens)

    @property
    def is_date(self) -> bool:
        """Whether it shows a day or a time."""
        return self.has("date")

    @property
    def is_elapsed(self) -> bool:
        """Whether it shows how long something took, in hours beyond 24 and the like."""
        return any(token.role == "date" and token.text.startswith("[") for token in self.tokens)

    @property
    def is_time(self) -> bool:
        """Whether it shows a time of day without the day."""
        texts = [token.text.lower() for token in self.tokens if token.role == "date"]
        return bool(texts) and not any(text[0] in "yd" or text.startswith("mo") for text in texts)

    @property
    def decimals(self) -> tuple[int, int]:
        """How many digits it shows behind the point: at least, and at most."""
        behind = [t.text for t in self._behind() if t.role == "digit"]
        return sum(letter == "0" for letter in behind), len(behind)

    @property
    def whole(self) -> list[str]:
        """The placeholders before the point."""
        found = []
        for token in self.tokens:
            if token.role in ("point", "exponent", "slash"):
                break
            if token.role == "digit":
                found.append(token.text)
        return found

    @property
    def is_pattern(self) -> bool:
        """Whether it shows whole numbers in a form of their own: 0000000, 000-00-0000."""
        plain = not (self.groups or self.scale or self.percents)
        alone = not any(self.has(role) for role in _NO_PATTERN)
        return plain and alone and self.whole.count("0") > 1

    def _behind(self) -> list[Token]:
        found: list[Token] = []
        seen = False
        for token in self.tokens:
            if token.role in ("exponent", "slash"):
                break
            if seen:
                found.append(token)
            seen = seen or token.role == "point"
        return found


_NO_PATTERN: tuple[Role, ...] = ("point", "exponent", "slash", "date", "at")


class Shown(NamedTuple):
    """What a cell shows.

    Attributes:
        text: all of it, as on the screen.
        value: the number that its digits say; None where it shows no digits.
    """

    text: str
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A format code."""

    sections: tuple[Section, ...]

    def section(self, value: Decimal) -> Section:
        """Return the section that a value is shown by."""
        sections = self.sections[:3]
        if any(section.test for section in sections):
            for section in sections:
                if section.test is None or _holds(value, section.test):
                    return section
            return Section(is_general=True)
        if len(sections) == 3 and value == 0:  # noqa: PLR2004 - the third is for zero
            return sections[2]
        return sections[1] if len(sections) > 1 and value < 0 else sections[0]

    def shown(self, value: float, *, from_1904: bool = False) -> Shown:
        """Return what a spreadsheet shows for a number.

        Args:
            value: the number.
            from_1904: whether the workbook counts its days from 1904.
        """
        number = exact(value)
        section = self.section(number)
        own_sign = section in self.sections[1:2] and section.test is None
        sign = "-" if number < 0 and not own_sign else ""
        if section.is_general or section.has("at"):
            return Shown(_around(section, f"{number.normalize():f}"), number)
        if section.is_date:
            return Shown(_as_date(section, value, from_1904=from_1904), None)
        if not section.has("digit"):
            return Shown("".join(t.text for t in section.tokens), None)
        if section.has("slash"):
            return _as_fraction(section, number, sign)
        if section.has("exponent"):
            return _with_exponent(section, number, sign)
        moved = abs(number).scaleb(2 * section.percents - 3 * section.scale)
        least, most = section.decimals
        rounded = moved.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
        whole, _, behind = f"{rounded:f}".partition(".")
        while len(behind) > least and behind.endswith("0"):
            behind = behind[:-1]
        sign = sign if rounded else ""
        text = sign + _filled(section, "" if whole == "0" else whole, behind)
        back = rounded.scaleb(3 * section.scale - 2 * section.percents)
        return Shown(text, back if number >= 0 else -back)


@functools.lru_cache(maxsize=1024)
def parsed(code: str) -> NumberFormat:
    """Return a format code, taken apart."""
    sections: list[list[re.Match[str]]] = [[]]
    for match in _PARTS.finditer(code):
        if match["other"] == ";":
            sections.append([])
        else:
            sections[-1].append(match)
    return NumberFormat(tuple(_section(matches) for matches in sections[:4]))


def exact(value: float) -> Decimal:
    """Return a number with the digits that a spreadsheet keeps."""
    return Decimal(f"{value:.{_EXACT}g}")


class NumberCell(NamedTuple):
    """A cell that stores a number, read.

    Attributes:
        text: what it says: a day as ISO 8601, a number with all its digits and at least the zeros
            that are shown, what a pattern or a word makes of it.
        kind: what it is, to those who want text: a number, a date, or empty for what is shown in a
            form of its own, such as 0000412.
        shown: all of what is on the screen, where that says another number; else empty.
    """

    text: str
    kind: Literal["number", "date", ""]
    shown: str = ""


def read(value: float, code: str, *, from_1904: bool = False) -> NumberCell:
    """Read a number by its format.

    A number is never rounded to what is shown: 3.7249 that is shown as 3.72 stays 3.7249, and the
    result says that it is shown otherwise.
    """
    form, number = parsed(code), exact(value)
    section = form.section(number)
    shown = form.shown(value, from_1904=from_1904)
    if section.is_elapsed:
        return NumberCell(shown.text, "date")
    if section.is_date:
        return NumberCell(_as_iso(section, value, shown.text, from_1904=from_1904), "date")
    if not section.is_general and shown.value is None and shown.text.strip():
        return NumberCell(shown.text.strip(), "")
    if section.is_pattern and number == number.to_integral_value():
        return NumberCell(shown.text.strip(), "")
    percent = section.percents == 1
    text = f"{number.scaleb(2 * section.percents):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    whole, _, behind = text.partition(".")
    least = 0 if section.has("slash") or section.has("exponent") else section.decimals[0]
    if not section.scale:
        behind = behind.ljust(least, "0")
    text = whole + (f".{behind}" if behind else "") + ("%" if percent else "")
    return NumberCell(text, "number", "" if shown.value == number else shown.text or "nothing")


def _as_iso(section: Section, value: float, shown: str, *, from_1904: bool) -> str:
    """Return a day or a moment; a time of day where that is all there is and is shown."""
    try:
        when = day_of(value, from_1904=from_1904)
    except OverflowError:
        return shown
    if section.is_time and 0 <= value < 1:
        return when.time().isoformat()
    return when.date().isoformat() if when.time() == time() else when.isoformat()


def day_of(value: float, *, from_1904: bool = False) -> datetime:
    """Return the moment that a number of days means.

    Raises:
        OverflowError: there is no such day.
    """
    days = exact(value)
    if not from_1904 and days < 60:  # noqa: PLR2004
        # In spreadsheets 1900 has a 29 February, the day 60.
        days += 1
    begin = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)
    milliseconds = (days * 86_400_000).to_integral_value(ROUND_HALF_UP)
    return begin + timedelta(milliseconds=int(milliseconds))


def _holds(value: Decimal, test: tuple[str, Decimal]) -> bool:
    operator, bound = test
    return (value > bound) - (value < bound) in _TESTS[operator]


def _section(matches: list[re.Match[str]]) -> Section:
    dated = any(match["date"] or match["elapsed"] for match in matches)
    tokens = [token for match in matches if (token := _token(match, dated=dated))]
    tests = [(match["test"], Decimal(match["bound"])) for match in matches if match["bound"]]
    commas = [_after_commas(tokens, i) for i, token in enumerate(tokens) if token.role == "comma"]
    first = next((i for i, token in enumerate(tokens) if token.role == "digit"), len(tokens))
    behind = sum(t.role == "comma" for t in tokens[:first])
    commas, tokens = commas[behind:], [token for token in tokens if token.role != "comma"]
    if dated:
        tokens = _dated(tokens)
    elif not any(token.role == "digit" for token in tokens):
        tokens = [Token("literal", t.text) if t.role == "slash" else t for t in tokens]
    return Section(
        tuple(tokens),
        tests[0] if tests else None,
        groups="digit" in commas,
        scale=sum(follows != "digit" for follows in commas),
        is_general=any(match["general"] for match in matches),
    )


def _token(match: re.Match[str], *, dated: bool) -> Token | None:
    """Return what a piece of a format code is; None where it shows nothing."""
    kind = match.lastgroup or "other"
    text = match[kind] or ""
    if kind in ("fill", "mark", "bound"):
        return None
    if kind == "elapsed":
        return Token("date", f"[{text.lower()}]")
    if kind == "comma" and dated:
        kind = "other"
    return Token(_ROLES.get(kind, "literal"), " " if kind == "space" else text)


_ROLES: dict[str, Role] = {
    **{"digit": "digit", "point": "point", "percent": "percent", "exponent": "exponent"},
    **{"slash": "slash", "at": "at", "general": "at", "date": "date", "noon": "date"},
    **{"comma": "comma"},
}


def _after_commas(tokens: list[Token], place: int) -> Role:
    """Return what follows on a comma and those right behind it."""
    return next((t.role for t in tokens[place:] if t.role != "comma"), "literal")


def _dated(tokens: list[Token]) -> list[Token]:
    """Return the tokens of a date: its slashes are literals, and `m` by `h` or `s` is minutes."""
    dates = [i for i, token in enumerate(tokens) if token.role == "date"]
    found = [Token("literal", t.text) if t.role in _IN_DATES else t for t in tokens]
    for place, index in enumerate(dates):
        text = tokens[index].text.lower()
        if set(text) == {"m"}:
            before = tokens[dates[place - 1]].text.lower() if place else ""
            after = tokens[dates[place + 1]].text.lower() if place + 1 < len(dates) else ""
            minutes = before.strip("[]").startswith("h") or after.strip("[]").startswith("s")
            found[index] = Token("date", text if minutes else f"mo{text}")
    return found


_IN_DATES: tuple[Role, ...] = ("slash", "point", "percent")


def _around(section: Section, text: str) -> str:
    """Return a text with the literals of a section before and behind it."""
    if not section.tokens:
        return text
    return "".join(text if t.role == "at" else t.text for t in section.tokens)


def _filled(section: Section, whole: str, behind: str) -> str:
    """Return digits in the places of a section's placeholders."""
    places = len(section.whole)
    zeros = next((i for i, one in enumerate(section.whole) if one == "0"), places)
    padded = whole.rjust(places - zeros, "0")
    first, parts, used = True, [], 0
    seen_point = False
    rest = list(behind)
    for token in section.tokens:
        if token.role == "point":
            seen_point = True
            parts.append(".")
        elif token.role != "digit":
            parts.append("%" if token.role == "percent" else token.text)
        elif seen_point:
            parts.append(rest.pop(0) if rest else (" " if token.text == "?" else ""))
        else:
            used += 1
            left = places - used
            digits = padded[: len(padded) - left] if first else padded[-left - 1 :][:1]
            if len(padded) <= left:
                parts.append(" " if token.text == "?" else "")
                continue
            parts.append(_grouped(digits, left) if section.groups else digits)
            first = False
    return "".join(parts)


def _grouped(digits: str, left: int) -> str:
    """Return digits with commas between thousands, where others follow on their right."""
    found = ""
    for index, digit in enumerate(digits):
        place = len(digits) - 1 - index + left
        found += digit + ("," if place and place % 3 == 0 else "")
    return found


def _as_fraction(section: Section, number: Decimal, sign: str) -> Shown:
    slash = next(i for i, token in enumerate(section.tokens) if token.role == "slash")
    before, after = section.tokens[:slash], section.tokens[slash + 1 :]
    below = "".join(t.text for t in after if t.role == "digit" or t.text.isdigit())
    runs = "".join(t.text if t.role == "digit" else " " for t in before).split()
    value = Fraction(abs(number))
    whole = int(value) if len(runs) > 1 else 0
    part = value - whole
    if below.isdigit() and below.strip("0"):
        under = int(below)
        over = int(part * under + Fraction(1, 2))
    else:
        near = part.limit_denominator(10 ** max(1, len(below)) - 1)
        over, under = near.numerator, near.denominator
    if len(runs) > 1 and over >= under:
        whole, over = whole + over // under, over % under
    meant = Decimal(whole) + Decimal(over) / Decimal(under)
    front = str(whole) if len(runs) > 1 and (whole or not over) else ""
    text = f"{front} {over}/{under}".strip() if over else front or "0"
    return Shown(sign + text, meant if number >= 0 else -meant)


def _with_exponent(section: Section, number: Decimal, sign: str) -> Shown:
    at = next(i for i, token in enumerate(section.tokens) if token.role == "exponent")
    mantissa = Section(section.tokens[:at])
    step = max(1, len(mantissa.whole))
    power = number.adjusted() if number else 0
    power = power // step * step if step > 1 else power
    least, most = mantissa.decimals
    rounded = abs(number).scaleb(-power).quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    if rounded >= Decimal(10) ** step:
        power += step
        rounded = abs(number).scaleb(-power).quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    whole, _, behind = f"{rounded:f}".partition(".")
    while len(behind) > least and behind.endswith("0"):
        behind = behind[:-1]
    digits = sum(token.role == "digit" for token in section.tokens[at:])
    mark = "-" if power < 0 else ("+" if section.tokens[at].text.endswith("+") else "")
    text = f"{_filled(mantissa, whole, behind)}E{mark}{abs(power):0{digits}d}"
    meant = rounded.scaleb(power)
    return Shown(sign + text, meant if number >= 0 else -meant)


def _as_date(section: Section, value: float, *, from_1904: bool) -> str:
    try:
        when = day_of(value, from_1904=from_1904)
    except OverflowError:
        return "#" * 8
    noon = any(token.text.upper() in ("AM/PM", "A/P") for token in section.tokens)
    seconds = (exact(abs(value)) * 86_400).quantize(Decimal("0.001"), ROUND_HALF_UP)
    parts = [
        _date_part(token.text, when, seconds, noon=noon) if token.role == "date" else token.text
        for token in section.tokens
    ]
    sign = "-" if section.is_elapsed and value < 0 else ""
    return sign + "".join(parts)


def _date_part(text: str, when: datetime, seconds: Decimal, *, noon: bool) -> str:
    low = text.lower()
    if low.startswith("["):
        unit = {"h": 3600, "m": 60, "s": 1}[low[1]]
        return str(int(seconds // unit)).rjust(len(low) - 2, "0")
    if low in ("am/pm", "a/p"):
        half = ("AM", "PM")[when.hour >= 12]  # noqa: PLR2004
        return half if low == "am/pm" else half[0]
    width = len(low.partition(".")[0])
    if low.startswith("mo"):
        name = _MONTHS[when.month - 1]
        forms = (str(when.month), f"{when.month:02}", name[:3], name, name[:1])
        return forms[min(width - 2, 5) - 1]
    if low[0] == "y":
        return f"{when.year:04}" if width > 2 else f"{when.year % 100:02}"  # noqa: PLR2004
    if low[0] == "d":
        name = _DAYS[when.weekday()]
        return (str(when.day), f"{when.day:02}", name[:3], name)[min(width, 4) - 1]
    number = {"h": when.hour, "m": when.minute, "s": when.second}.get(low[0], when.year)
    if low[0] == "h" and noon:
        number = number % 12 or 12
    behind = low.partition(".")[2]
    parts = f".{when.microsecond // 1000:03}"[: len(behind) + 1] if behind else ""
    return str(number).rjust(min(width, 2), "0") + parts
