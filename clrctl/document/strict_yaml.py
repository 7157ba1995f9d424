"""Strict YAML: the part of it that means the same to every reader, from parser events.

There is no constructor here and no resolver: plain `true`, `false`, `null` and numbers in JSON's
grammar have a type, everything else is text, and what YAML 1.1 and JSON read differently is a
fault. This module is the only one that knows `yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import yaml

from clrctl.document import scalars, yaml_hints
from clrctl.document.events import EMPTY, NOTHING, Event, Halt, Kind, ParseFault
from clrctl.finding import Json

PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The parser of events; PyYAML may come without libyaml."""

# U+0085, U+2028 and U+2029 break lines in YAML 1.1 only; the others YAML does not allow.
_UNFIT = re.compile(
    "\\A\ufeff|[^\t\n\r -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)
_NUMBER_START = frozenset("+-.0123456789")
_LONGEST_WORD = len("false")
_TYPED = {"true": True, "false": False, "null": None}


def scan(text: str, *, texts: bool = False) -> Iterator[Event]:
    """Yield the events of a YAML text; raise `Halt` where it is none, or more than one.

    Args:
        text: the document.
        texts: take every scalar as the text that stands there, and an empty one as None.
    """
    if unfit := _UNFIT.search(text):
        raise Halt(unfit.start(), yaml_hints.unfit(unfit[0]))
    try:
        yield from _document(yaml.parse(text, Loader=PARSER), _as_text if texts else _scalar)
    except yaml.MarkedYAMLError as error:
        unclosed = "unexpected end" in str(error.problem)
        mark: Any = error.context_mark if unclosed else error.problem_mark
        at = min(mark.index, len(text))
        raise Halt(at, yaml_hints.syntax(str(error.problem), text[at : at + 1])) from None
    except ValueError:
        # The parser in Python lets chr() fail on escapes beyond Unicode.
        raise Halt(0, yaml_hints.BAD_ESCAPE) from None


_KINDS: dict[type[yaml.Event], Kind] = {
    yaml.ScalarEvent: "value",
    yaml.AliasEvent: "value",
    yaml.MappingStartEvent: "object",
    yaml.SequenceStartEvent: "array",
    yaml.MappingEndEvent: "end",
    yaml.SequenceEndEvent: "end",
}


_Scalar: TypeAlias = tuple[Json, tuple[ParseFault, ...]]


def _document(events: Iterable[Any], scalar: Callable[[Any], _Scalar]) -> Iterator[Event]:
    """Translate the events of the only document, keeping names and values apart."""
    begun = False
    name_is_due: list[bool | None] = [None]  # for each open container; None outside objects
    for event in events:
        at = event.start_mark.index
        kind = _KINDS.get(type(event))
        if kind is None:
            if begun and isinstance(event, yaml.DocumentStartEvent):
                raise Halt(at, yaml_hints.MANY)
            begun = begun or isinstance(event, yaml.DocumentStartEvent)
        elif kind == "end":
            name_is_due.pop()
            yield Event("end", at)
        elif name_is_due[-1]:
            name_is_due[-1] = False
            yield Event("key", at, *_name(event, at))
        else:
            if name_is_due[-1] is False:
                name_is_due[-1] = True
            elif len(name_is_due) == 1 and _is_nothing(event):
                raise Halt(at, EMPTY)
            if kind == "value":
                yield Event("value", at, *scalar(event))
            else:
                yield Event(kind, at, None, _marks(event))
                name_is_due.append(True if kind == "object" else None)
    if not begun:
        raise Halt(0, EMPTY)


def _is_nothing(event: Any) -> bool:
    return isinstance(event, yaml.ScalarEvent) and _plain(event) == ""


def _name(event: Any, at: int) -> tuple[str, tuple[ParseFault, ...]]:
    """Return a member's name, always text as written, and what is wrong with it."""
    if isinstance(event, yaml.AliasEvent):
        return f"*{event.anchor}", (yaml_hints.ALIAS,)
    if not isinstance(event, yaml.ScalarEvent):
        raise Halt(at, yaml_hints.NAME_NOT_TEXT)
    name, faults = _text(event)
    plain = _plain(event)
    if plain == "<<":
        faults += (yaml_hints.MERGE,)
    elif plain == "":
        faults += (yaml_hints.ambiguous(plain),)
    return name, faults


def _scalar(event: Any) -> _Scalar:
    """Return the value of a scalar, and what is wrong with it."""
    if isinstance(event, yaml.AliasEvent):
        return None, (yaml_hints.ALIAS,)
    plain = _plain(event)
    # The words that mean something are short.
    if plain is None or (len(plain) > _LONGEST_WORD and plain[0] not in _NUMBER_START):
        return _text(event)
    if plain in _TYPED:
        return _TYPED[plain], _marks(event)
    if scalars.NUMBER.fullmatch(plain):
        value, faults = scalars.number(plain)
        return value, faults + _marks(event)
    faults = (yaml_hints.ambiguous(plain),) if yaml_hints.is_ambiguous(plain) else ()
    return plain, faults + _marks(event)


def _as_text(event: Any) -> _Scalar:
    """Return a scalar as the text it is written as; of an empty one None."""
    if isinstance(event, yaml.AliasEvent):
        return None, (yaml_hints.ALIAS,)
    plain = _plain(event)
    if plain is None:
        return _text(event)
    faults = (NOTHING,) if plain in ("null", "~") else ()
    return plain or None, faults + _marks(event)


def _text(event: Any) -> tuple[str, tuple[ParseFault, ...]]:
    # Only double quotes have escapes, and only escapes can bring in what is unfit.
    value, faults = scalars.text(event.value) if event.style == '"' else (event.value, ())
    return value, faults + _marks(event)


def _plain(event: Any) -> str | None:
    """Return the text of a scalar without quotes, block indicator or tag."""
    return event.value if event.implicit[0] and event.tag is None else None


def _marks(event: Any) -> tuple[ParseFault, ...]:
    """Return the faults of anchors and tags."""
    if event.anchor is None and event.tag is None:
        return ()
    anchored = (yaml_hints.ALIAS,) if event.anchor is not None else ()
    return anchored if event.tag is None else (*anchored, yaml_hints.TAG)
