"""Small helps with words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHORTEST_STEM = 4


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that somebody most likely meant, or an empty text."""
    by_lower = {name.lower(): name for name in sorted(known)}
    lower = word.lower()
    if close := difflib.get_close_matches(lower, by_lower, n=1, cutoff=0.75):
        return by_lower[close[0]]
    longer = [name for name in by_lower if len(lower) >= _SHORTEST_STEM and name.startswith(lower)]
    return by_lower[longer[0]] if len(longer) == 1 else ""


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 error`, `2 errors`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
