"""Where things stand in a text: offsets become lines and columns, pointers become offsets.

Lines end with a line feed and are counted from 1, columns count code points from 1. This module
knows neither syntax: it walks events, or leaves the walk to a syntax that has a shorter way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from clrctl.document.events import Event, Halt, Located
from clrctl.finding import Finding


def settle(text: str, located: Iterable[Located], first_line: int) -> tuple[Finding, ...]:
    """Return findings of known offset with line and column, in document order."""
    ordered = sorted(located, key=lambda one: one.at)
    offsets = {one.at for one in ordered} | {
        one.earlier for one in ordered if one.earlier is not None
    }
    places = _lines_and_columns(text, offsets, first_line)
    return tuple(_settled(one, places) for one in ordered)


def _settled(one: Located, places: dict[int, tuple[int, int]]) -> Finding:
    line, column = places[one.at]
    message = one.finding.message
    if one.earlier is not None:
        message += f" (first on line {places[one.earlier][0]})"
    return replace(one.finding, message=message, line=line, column=column)


def _lines_and_columns(
    text: str, offsets: Iterable[int], first_line: int
) -> dict[int, tuple[int, int]]:
    places = {}
    line, line_start, last = first_line, 0, 0
    for offset in sorted(offsets):
        if feeds := text.count("\n", last, offset):
            line += feeds
            line_start = text.rindex("\n", last, offset) + 1
        last = offset
        places[offset] = line, offset - line_start + 1
    return places


@dataclass(slots=True)
class Spot:
    """A wanted place, or one on the way to it.

    Attributes:
        key_at: offset of the member's name, as far as it has been seen.
        value_at: offset of the value.
        below: the spots in it by name, or by index as text.
    """

    key_at: int | None = None
    value_at: int | None = None
    below: dict[str, Spot] = field(default_factory=dict)


def locate(
    text: str, mark: Callable[[Spot], None], findings: Iterable[Finding], first_line: int
) -> list[Finding]:
    """Return the findings, in the order given, with line and column filled in.

    A pointer to nothing takes the place of its nearest existing ancestor. Findings that have
    a line keep it.

    Args:
        text: the document.
        mark: notes the offsets of all spots below the one it is given, that of the document.
        findings: what is to be placed.
        first_line: the line of the source on which the document begins.
    """
    findings = list(findings)
    root = Spot()
    wanted = [_spots(root, finding.pointer) for finding in findings]
    mark(root)
    offsets = [
        _best(spots, at_key=finding.at_key) for spots, finding in zip(wanted, findings, strict=True)
    ]
    places = _lines_and_columns(text, set(offsets), first_line)
    return [
        finding
        if finding.line is not None
        else replace(finding, line=places[offset][0], column=places[offset][1])
        for finding, offset in zip(findings, offsets, strict=True)
    ]


def _spots(root: Spot, pointer: str) -> list[Spot]:
    """Return the spots from the root to the one a JSON Pointer (RFC 6901) means."""
    spots = [root]
    for token in pointer.split("/")[1:]:
        step = token.replace("~1", "/").replace("~0", "~")
        spots.append(spots[-1].below.setdefault(step, Spot()))
    return spots


def _best(spots: list[Spot], *, at_key: bool) -> int:
    if at_key and spots[-1].key_at is not None:
        return spots[-1].key_at
    return next((s.value_at for s in reversed(spots) if s.value_at is not None), 0)


def mark(root: Spot, events: Iterable[Event]) -> None:
    """Note the offsets of all wanted places that the events pass."""
    try:
        _walk(root, events)
    except Halt:
        return  # a text that breaks off has no places from there on


def _walk(root: Spot, events: Iterable[Event]) -> None:
    nowhere = Spot()
    open_spots: list[tuple[Spot, int | None]] = []  # with an array's next index
    spot = root
    for event in events:
        if event.kind == "end":
            open_spots.pop()
            continue
        if event.kind == "key":
            spot = open_spots[-1][0].below.get(event.value, nowhere)
            spot.key_at = event.at
            continue
        holder, index = open_spots[-1] if open_spots else (root, None)
        if index is not None:
            spot = holder.below.get(str(index), nowhere)
            open_spots[-1] = holder, index + 1
        spot.value_at = event.at
        if event.kind != "value":
            open_spots.append((spot, 0 if event.kind == "array" else None))
