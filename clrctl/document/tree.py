"""From events to plain data, held to the limits, and from events to JSON text.

Duplicate names, depth and the number of values are judged here, for both syntaxes alike. This
module knows neither syntax.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from clrctl.document.events import Event, Halt, Located, ParseFault
from clrctl.document.limits import Limits
from clrctl.document.scalars import NUMBER, quoted
from clrctl.finding import Json, pointer

MOST_FAULTS = 100
"""After so many faults a document is read no further."""


_json_text = json.JSONEncoder(ensure_ascii=False).encode


class EventTree(NamedTuple):
    """A document as data, and what is wrong with it; the data is good only without faults."""

    data: Json
    faults: list[Located]


def build(events: Iterable[Event], limits: Limits) -> EventTree:
    """Build the data of a document from its events; a `Halt` becomes its last fault."""
    builder = _Builder(limits)
    try:
        for event in events:
            builder.take(event)
            if len(builder.faults) >= MOST_FAULTS:
                break
    except Halt as halt:
        builder.faults.append(Located(halt.at, halt.fault.at("")))
    return EventTree(builder.root, builder.faults[:MOST_FAULTS])


@dataclass(slots=True)
class _Open:
    """A container still being filled, and the step to its newest member."""

    holder: Json
    step: str | int = ""
    first_places: dict[str, int] = field(default_factory=dict)


class _Builder:
    def __init__(self, limits: Limits) -> None:
        self.root: Json = None
        self.faults: list[Located] = []
        self._limits = limits
        self._open: list[_Open] = []
        self._nodes = 0

    def take(self, event: Event) -> None:
        if event.kind == "end":
            self._open.pop()
        elif event.kind == "key":
            self._name(event)
        else:
            self._add(event)

    def _name(self, event: Event) -> None:
        name: str = event.value
        holder = self._open[-1]
        holder.step = name
        earlier = holder.first_places.setdefault(name, event.at)
        if earlier != event.at:
            fault = ParseFault(
                "parse/duplicate-key",
                f"the name {quoted(name)} occurs twice in one object",
                "keep one of the two",
            )
            self._report(event, fault, earlier)
        for fault in event.faults:
            self._report(event, fault)

    def _add(self, event: Event) -> None:
        self._nodes += 1
        if self._nodes > self._limits.nodes:
            raise Halt(event.at, _too_many(self._limits.nodes))
        value = event.value
        if event.kind == "object":
            value = {}
        elif event.kind == "array":
            value = []
        self._attach(value)
        for fault in event.faults:
            self._report(event, fault)
        if event.kind != "value":
            if len(self._open) >= self._limits.depth:
                raise Halt(event.at, _too_deep(self._limits.depth))
            self._open.append(_Open(value))

    def _attach(self, value: Json) -> None:
        if not self._open:
            self.root = value
            return
        last = self._open[-1]
        if isinstance(last.holder, list):
            last.step = len(last.holder)
            last.holder.append(value)
        else:
            last.holder[last.step] = value

    def _report(self, event: Event, fault: ParseFault, earlier: int | None = None) -> None:
        path = pointer(tuple(container.step for container in self._open))
        finding = fault.at(path, at_key=event.kind == "key")
        self.faults.append(Located(event.at, finding, earlier))


def _too_many(limit: int) -> ParseFault:
    return ParseFault("parse/size", f"more than {limit:,} values", "split the document")


def _too_deep(limit: int) -> ParseFault:
    return ParseFault("parse/depth", f"nested deeper than {limit} levels", "flatten the document")


def written(events: Iterable[Event], text: str, parts: list[str]) -> Iterator[Event]:
    """Pass events on, collecting the same document as pieces of compact JSON text.

    Numbers are taken from `text` as they were written, so that 3.50 stays 3.50.
    """
    separator = ""
    closers: list[str] = []
    for event in events:
        if event.kind == "end":
            parts.append(closers.pop())
            separator = ","
        elif event.kind == "key":
            parts.append(f"{separator}{_json_text(event.value)}:")
            separator = ""
        elif event.kind == "value":
            number = NUMBER.match(text, event.at) if type(event.value) in {int, float} else None
            parts.append(separator + (number[0] if number else _json_text(event.value)))
            separator = ","
        else:
            opener, closer = ("{", "}") if event.kind == "object" else ("[", "]")
            parts.append(separator + opener)
            closers.append(closer)
            separator = ""
        yield event
