"""Lines of text in columns: widths as terminals count them, wrapping, tables, trees.

In a pipe there is no width, and nothing is wrapped: what belongs together stays on one line.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence

from clrctl.util import Part, safe

Line = list[Part]
GAP = "  "
_LEAST = 20


def shown(text: str, *, limit: int | None = 200) -> str:
    """Return foreign text on one line, unable to steer a terminal."""
    return safe(" ".join(text.split()), limit=limit)


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Return a text filled up with blanks, at its left if `right`."""
    blanks = " " * (width - width_of(text))
    return blanks + text if right else text + blanks


def wrapped(text: str, width: int | None, *, first: str, rest: str) -> list[str]:
    """Return a text as lines with an indent; one line where there is no width."""
    if width is None or width_of(first + text) <= width:
        return [first + text]
    return textwrap.wrap(
        text,
        max(width, len(rest) + _LEAST),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def columns(rows: Sequence[Sequence[str]], right: frozenset[int]) -> list[str]:
    """Return rows of cells as lines; columns without any text are left out.

    Args:
        rows: each with the same number of cells.
        right: the columns whose cells end below each other.
    """
    widths = [max(map(width_of, cells)) for cells in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            padded(cell, width, right=index in right)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
            if width
        ]
        lines.append(GAP.join(cells).rstrip())
    return lines
