"""A line of a document cut to fit a terminal, and how far in the place that is meant lies.

Bytes in, harmless text out. This module knows neither findings nor streams.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterable

from clrctl.util import safe

_NARROWEST = 20
_CUT = "..."
_TAB = "  "


class SourceText:
    """The lines of one document.

    Args:
        raw: its bytes, with or without a byte order mark; need not be UTF-8.
        first_line: the number of its first line.
    """

    def __init__(self, raw: bytes, first_line: int) -> None:
        text = raw.removeprefix(codecs.BOM_UTF8).decode(errors="replace")
        self._lines = text.split("\n")
        self._first_line = first_line

    def excerpt(self, line: int, column: int, width: int) -> tuple[str, str]:
        """Return what fits of a line around a column, and the blanks that lead to the column.

        Args:
            line: number of the line, as findings have it.
            column: column in code points, counted from 1; it may be one past the last.
            width: cells of the terminal; less than 20 are taken as 20.
        """
        text = self._lines[line - self._first_line].removesuffix("\r")
        return _cut(text, column - 1, max(width, _NARROWEST))


def _cut(text: str, at: int, width: int) -> tuple[str, str]:
    """Keep at least half of the width for what stands before the place, if there is as much."""
    # Only so much can be seen; a minified document is one line of many megabytes.
    before = [_shown(char) for char in text[max(at - width, 0) : at].lstrip()]
    after = [_shown(char) for char in text[at : at + width]] or [" "]
    room = max(width // 2, width - _cells(after))
    if _cells(before) > room:
        kept = _fitting(reversed(before), room - len(_CUT))
        before = [_CUT, *reversed(kept)]
    room = width - _cells(before)
    if _cells(after) > room:
        after = [*_fitting(after, room - len(_CUT)), _CUT]
    return "".join([*before, *after]).rstrip(), " " * _cells(before)


def _fitting(parts: Iterable[str], room: int) -> list[str]:
    kept = []
    for part in parts:
        room -= _cells(part)
        if room < 0:
            break
        kept.append(part)
    return kept


def _shown(char: str) -> str:
    return _TAB if char == "\t" else safe(char)


def _cells(text: Iterable[str]) -> int:
    """Return how many cells of a terminal a text takes."""
    return sum(_width(char) for part in text for char in part)


def _width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
