"""How achievements relate to each other: which end is the whole, and what cannot be true.

Source: CLR 2.0, Association and AssociationType.
"""

from __future__ import annotations

from collections.abc import Iterator

from clrctl.building import vocabulary
from clrctl.building.model import Association, Frame
from clrctl.building.problems import Problem, likely_key, unknown

_DOWNWARD = "isParentOf"
_ORDERS = (("isChildOf", "isPartOf", _DOWNWARD), ("precedes", "replacedBy"))
"""Types that together put achievements into an order, in which nothing comes before itself."""


def upward(one: Association) -> tuple[str, str]:
    """Return the ends of an association: the part, or what comes first, and then the other."""
    return (one.target, one.source) if one.type == _DOWNWARD else (one.source, one.target)


def problems(frame: Frame) -> Iterator[Problem]:
    """Yield what is wrong with the associations of a frame."""
    known = frame.achievements
    first: dict[tuple[str, str, str], Association] = {}
    for one in frame.associations:
        types = vocabulary.words("AssociationType")
        if one.type not in types:
            yield unknown(f"{_label(one)}: the type", one.type, types, one.place)
        for end in (one.source, one.target):
            if end not in known:
                message = f'{_label(one)}: no achievement has the key "{end}"'
                # An achievement is no end of an association with itself.
                fix = likely_key(end, known, (one.source, one.target))
                yield Problem(message, one.place, fix or "define it, or correct the association")
        statement = one.source, one.type, one.target
        if one.source == one.target:
            yield Problem(f"{_label(one)}: both ends are the same", one.place, "remove it")
        if statement in first:
            place = first[statement].place
            yield Problem(f"{_label(one)} is said twice", place, "keep one", also=(one.place,))
        first.setdefault(statement, one)
    for order in _ORDERS:
        yield from _circles([one for one in first.values() if one.type in order])


def _circles(ordered: list[Association]) -> Iterator[Problem]:
    """Yield a problem for each association that closes a circle with those before it."""
    above: dict[str, list[str]] = {}
    for one in ordered:
        low, high = upward(one)
        if low == high:
            continue
        if _leads(above, high, low):
            yield Problem(
                f"{_label(one)} closes a circle: {high} would be above and below itself",
                one.place,
                "turn round or remove the one that is wrong",
            )
        else:
            above.setdefault(low, []).append(high)


def _leads(above: dict[str, list[str]], start: str, goal: str) -> bool:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        key = waiting.pop()
        if key == goal:
            return True
        if key not in seen:
            seen.add(key)
            waiting += above.get(key, ())
    return False


def _label(one: Association) -> str:
    return f'"{one.source}" {one.type} "{one.target}"'
