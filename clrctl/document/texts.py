"""Documents whose scalars are all text: what stands there, whatever it looks like.

`0102`, `1.10`, `NO` and `2026-06-05` stay what their author wrote; the reader, who knows what
belongs under a name, gives them a type. Every value knows its line. This module opens nothing.
"""

from __future__ import annotations

import bisect
import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from clrctl.document import places, strict_json
from clrctl.document.events import EMPTY, NOTHING, Event, Located
from clrctl.document.limits import Limits
from clrctl.document.parsing import Syntax, Undecodable, decode, too_large
from clrctl.document.scalars import NUMBER
from clrctl.document.tree import build
from clrctl.finding import Finding

Value: TypeAlias = "str | list[TextNode] | dict[str, TextNode] | None"


@dataclass(slots=True)
class TextNode:
    """A value and its place.

    Attributes:
        value: a text, the items of a list, or the members of an object by name in their order;
            None where nothing is written.
        line: the line it begins on, counted from 1.
        name_line: the line of its name, where it is a member.
    """

    value: Value
    line: int
    name_line: int = 0


class Texts(NamedTuple):
    """A document as texts: its root, or None and its faults with line and column."""

    root: TextNode | None
    faults: tuple[Finding, ...]


_LIKE_JSON = re.compile(r"[ \t\r\n]*+[{\[]")
_WORDS = {True: "true", False: "false"}


def parse_texts(
    raw: bytes,
    *,
    syntax: Syntax | None = None,
    limits: Limits = Limits(),  # noqa: B008 - immutable
) -> Texts:
    """Parse the bytes of one YAML or JSON document, taking every scalar as text.

    Args:
        raw: UTF-8, with or without a byte order mark.
        syntax: what it is; None for JSON when it begins like an object or array, else YAML.
        limits: what is larger has a fault.
    """
    if len(raw) > limits.bytes:
        return _failed("", Located(0, too_large(limits.bytes).at("")))
    try:
        text = decode(raw.removeprefix(codecs.BOM_UTF8))
    except Undecodable as error:
        return _failed(error.good, Located(len(error.good), error.fault.at("")))
    if not text.strip(" \t\r\n"):
        return _failed(text, Located(0, EMPTY.at("")))
    if syntax is None:
        syntax = "json" if _LIKE_JSON.match(text) else "yaml"
    events = _json_texts(text) if syntax == "json" else _yaml_texts(text)
    builder = _Nodes(text)
    tree = build(builder.passing(events), limits)
    if tree.faults:
        return Texts(None, places.settle(text, tree.faults, 1))
    return Texts(builder.root, ())


def _failed(text: str, located: Located) -> Texts:
    return Texts(None, places.settle(text, [located], 1))


def _yaml_texts(text: str) -> Iterator[Event]:
    # PyYAML takes longer to import than most documents take to read.
    from clrctl.document import strict_yaml

    return strict_yaml.scan(text, texts=True)


def _json_texts(text: str) -> Iterator[Event]:
    for event in strict_json.scan(text):
        if event.kind != "value" or isinstance(event.value, str):
            yield event
        elif number := NUMBER.match(text, event.at):
            yield Event("value", event.at, number[0])
        elif isinstance(event.value, bool):
            yield event._replace(value=_WORDS[event.value])
        else:
            yield event._replace(faults=event.faults or (NOTHING,))


class _Nodes:
    """Builds the nodes of the events that pass."""

    def __init__(self, text: str) -> None:
        self.root: TextNode | None = None
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._open: list[TextNode] = []
        self._name = ""
        self._name_line = 0

    def passing(self, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            self._take(event)
            yield event

    def _take(self, event: Event) -> None:
        if event.kind == "end":
            self._open.pop()
            return
        line = bisect.bisect_right(self._starts, event.at)
        if event.kind == "key":
            self._name, self._name_line = event.value, line
            return
        value: Value = event.value
        if event.kind != "value":
            value = {} if event.kind == "object" else []
        self._attach(value, line)

    def _attach(self, value: Value, line: int) -> None:
        node = TextNode(value, line)
        if not self._open:
            self.root = node
        else:
            holder = self._open[-1].value
            if isinstance(holder, dict):
                node.name_line = self._name_line
                holder[self._name] = node
            elif isinstance(holder, list):
                holder.append(node)
        if isinstance(value, dict | list):
            self._open.append(node)
