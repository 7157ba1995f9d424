"""Lines that a report program adds to a table: totals, footers, its header once more."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

from clrctl.building.tables.grid import clean

_ADDED = re.compile(
    r"(?:(?:grand|sub)[ -]?)?totals?\b.*|(?:sum|count|average|mean)\b[^0-9]*"
    r"|(?:end of|printed|generated|report|page|run (?:date|on|at|by)|number of|no\. of)\b.*"
    r"|(?:records?|rows?|students?|learners?)(?: (?:count|total))?[ :=]+[0-9]+"
    r"|[0-9,.]+ (?:records?|rows?|students?|learners?)\b.*"
    r"|(?:summe|gesamt|insgesamt|anzahl|ende|seite|stand|durchschnitt)\b.*"
    r"|(?:suma|total general|número de|fin del?|página|promedio)\b.*"
    r"|(?:somme|total général|nombre de|fin du|moyenne générale|effectif)\b.*"
    r"|[*=_-]{3,}.*",
    re.IGNORECASE,
)


def added(cells: Sequence[str], header: Sequence[str], keys: Iterable[int]) -> str:
    """Return what shows that a row is such a line: the text of a cell; empty: it is none.

    Args:
        cells: the row.
        header: the names of the columns.
        keys: the columns that name whom or what a row is about.
    """
    at = next((index for index, cell in enumerate(cells) if cell and not cell.isspace()), 0)
    first = cells[at]
    if first.isdigit():
        return ""
    if clean(first) == header[at]:
        pairs = [(clean(cell), name) for cell, name in zip(cells, header, strict=False) if cell]
        return first if len(pairs) > 1 and all(cell == name for cell, name in pairs) else ""
    if not _is_added(first):
        return ""
    # A row that names somebody is about them, and one that goes on in words is about something.
    others = [clean(cell) for index, cell in enumerate(cells) if index != at]
    named = any(cells[index] and not cells[index].isspace() for index in keys if index != at)
    wordy = any(any(map(str.isalpha, text)) and not _ADDED.fullmatch(text) for text in others)
    return "" if named or wordy else clean(first)


@functools.lru_cache(maxsize=4096)
def _is_added(text: str) -> bool:
    """Return whether such lines begin so; rows of one learner begin alike."""
    return _ADDED.fullmatch(clean(text)) is not None
