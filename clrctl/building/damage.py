"""What programs do to texts on their way from a school's system: recognised by how they look.

Spreadsheets take codes for numbers and days, programs read UTF-8 as something else, word processors
bend quotes. Where the text that was there can be told for certain, it is; where it is lost, no
guess is made.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

_ANEW = (
    "export it again, and open it with an import that reads this column as text "
    "(in Excel: Data > From Text/CSV)"
)
_MONTHS = (
    "jan feb mar apr may jun jul aug sep sept oct nov dec mrz mär mai okt dez "
    "janv févr fév mars avr juin juil août déc ene abr ago dic"
)
_MONTH = rf"(?:{'|'.join(_MONTHS.split())})\.?"
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{1,3}|[0-9][.,][0-9]+E-?[0-9]{1,3}", re.I)
_DAY = re.compile(
    rf"[0-9]{{1,2}}\.?[- ]{_MONTH}(?:[- ][0-9]{{2,4}})?|{_MONTH}[- ][0-9]{{2,4}}", re.I
)
_WHOLE = re.compile(r"[0-9]{5,}\.0+")
_ERROR = re.compile(r"#(?:N/A|NAME\?|REF!|VALUE!|DIV/0!|NUM!|NULL!|NV|WERT!|BEZUG!)|#{3,}")
_GUARDED = re.compile(r'="(?:[^"]|"")*"')
_MARK = re.compile(r"['\u2019\t\x1f](?=[0-9])")

_TWICE = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]"
)
_UNDEFINED = {code: code for code in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
"""Bytes that Windows-1252 leaves open, and that programs take for the control of that number."""

_FOLDED = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", None),
    }
)
_ODD = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060", "typographic quote"),
    **dict.fromkeys("\u201c\u201d\u201e\u2033", "typographic quote"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "typographic dash"),
    **dict.fromkeys("\u00a0\u2007\u2009\u202f", "no-break space"),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", "character that nobody sees"),
    "\t": "tab",
}


@dataclass(frozen=True, slots=True)
class Damage:
    """What was done to a text.

    Attributes:
        message: what it is, to follow the text itself.
        fix: what to do about it.
    """

    message: str
    fix: str


@functools.lru_cache(maxsize=4096)
def of_key(text: str) -> Damage | None:
    """Return what was done to a key, code or id; None: nothing that can be seen."""
    if _SCIENTIFIC.fullmatch(text):
        return Damage(
            "is a number in scientific notation, into which a spreadsheet turned an id: digits "
            "may be lost",
            _ANEW,
        )
    if _DAY.fullmatch(text):
        return Damage(
            "is a day, into which a spreadsheet turned a code such as MAR1 or 1-2: the code is "
            "lost",
            _ANEW,
        )
    if _WHOLE.fullmatch(text):
        return Damage(
            "is a number with decimals, into which a program turned an id",
            f"{_ANEW}; or, where ids never begin with a zero, say `numeric_ids: true` in the "
            "mapping",
        )
    return of_text(text)


def of_text(text: str) -> Damage | None:
    """Return what was done to any text; None: nothing that can be seen."""
    if text.isascii() and "#" not in text:
        return None
    if (once := read_once(text)) != text:
        return Damage(
            f'is UTF-8 that was read as Windows-1252: it was "{once}"',
            "export it again as UTF-8, and open it as UTF-8 (in Excel: Data > From Text/CSV, "
            "65001: Unicode); where the mapping says `encoding`, take that out",
        )
    if "\ufffd" in text:
        return Damage("has lost a letter to another encoding", "export it again as UTF-8")
    if _ERROR.fullmatch(text):
        return Damage(
            "is what a spreadsheet writes in place of a value",
            "correct the cell in the spreadsheet",
        )
    return None


def read_once(text: str) -> str:
    """Return a text whose UTF-8 was read as Windows-1252 as it was; others as they are."""
    if not _TWICE.search(text):
        return text
    try:
        raw = b"".join(_byte(char) for char in text)
        return raw.decode()
    except UnicodeError:
        return text


def _byte(char: str) -> bytes:
    return bytes([ord(char)]) if ord(char) in _UNDEFINED else char.encode("cp1252")


def unguarded(text: str, *, is_key: bool) -> str:
    r"""Return a text without what guards it from Excel: `="0012"`, in keys `'0012` or a tab."""
    if text.startswith('="') and _GUARDED.fullmatch(text):
        return text[2:-1].replace('""', '"')
    if is_key and _MARK.match(text):
        return text[1:]
    return text


def whole(text: str) -> str:
    """Return a whole number that was written with decimals as its digits: `1000001.0`."""
    return text.rstrip("0").removesuffix(".") if re.fullmatch(r"[0-9]+\.0+", text) else text


def folded(text: str) -> str:
    """Return a text as a keyboard would write it: straight quotes, plain blanks."""
    return text if text.isascii() and "\t" not in text else text.translate(_FOLDED).strip()


def odd(text: str) -> str:
    """Return what `folded` changes first in a text, in words; empty: nothing."""
    return next((_ODD[char] for char in text if char in _ODD), "")
