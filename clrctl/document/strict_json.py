"""Strict JSON (RFC 8259, with the restraint of RFC 7493): a fast tier and an exact one.

`fast` clears the common good document with orjson and a few counts; whatever it does not clear
goes to `scan`, which decides and knows every place. `mark` finds wanted places in a good text.
Neither of the first two recurses. This module knows nothing of files and limits nothing by size.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from clrctl.document import json_hints, scalars
from clrctl.document.events import Event, Halt, ParseFault
from clrctl.document.limits import Limits
from clrctl.document.places import Spot
from clrctl.finding import Json

UNSURE: Final = object()
"""What `fast` returns for a text that needs `scan`."""

_AS_ZEROS = bytes(ord("0") if chr(byte) in "0123456789+-.eE" else byte for byte in range(256))
_LONG_NUMBER = b"0" * (scalars.LONGEST + 1)


def fast(body: bytes, limits: Limits) -> Json:
    """Return the data of a text that is good beyond doubt, otherwise `UNSURE`."""
    if (
        (len(body) > limits.nodes and _most_nodes(body) > limits.nodes)
        or (b"\\" in body and b"\\u0000" in body)
        or _LONG_NUMBER in body.translate(_AS_ZEROS)
    ):
        return UNSURE
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return UNSURE
    # Without its blanks the text has one `":` for each member written, and perhaps more inside
    # strings. So as many as there are members in the data means that none was dropped: no name
    # is there twice, however its letters are escaped.
    written = body.translate(None, b" \t\r\n").count(b'":')
    return data if _members(data, limits.depth) == written else UNSURE


def _most_nodes(body: bytes) -> int:
    """Return a number of values there cannot be more of: all but the first follow a comma."""
    return 1 + body.count(b",") + body.count(b"[") + body.count(b"{")


def _members(data: Json, depth: int) -> int | None:
    """Count the members of all objects; None where depth or a number may be beyond the limits."""
    members = 0
    level = [data]
    for _ in range(depth):
        below: list[Json] = []
        for value in level:
            kind = type(value)
            if kind is dict:
                members += len(value)
                below += value.values()
            elif kind is list:
                below += value
            elif (kind is int or kind is float) and not (
                -scalars.LARGEST <= value <= scalars.LARGEST
            ):
                return None
        if not below:
            return members
        level = below
    return None


def scan(text: str) -> Iterator[Event]:
    """Yield the events of a JSON text; raise `Halt` where it is none."""
    scanner = _Scanner(text)
    event = scanner.value()
    yield event
    while scanner.closers:
        if scanner.closes(fresh=event.kind in {"object", "array"}):
            event = scanner.end()
            yield event
            continue
        if scanner.closers[-1] == "}":
            yield scanner.name()
        event = scanner.value()
        yield event
    scanner.finish()


# Every token takes the blanks behind it. The repeats are possessive, so that long strings need
# little memory: nothing is kept for ways back.
_BLANKS = r"[ \t\r\n]*+"
_PLAIN = r'[^"\\\x00-\x1f]*+'
_BODY = rf'"({_PLAIN}(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{{4}}){_PLAIN})*+)'
_ENDS = r"(?![A-Za-z0-9_.+$])"
_LEADING = re.compile(_BLANKS)
_UNCLOSED = re.compile(_BODY)
_STRING = re.compile(rf'{_BODY}"{_BLANKS}')
_NAME = re.compile(rf'{_BODY}"{_BLANKS}:{_BLANKS}')
_MARK = re.compile(rf"([{{}}\[\],]){_BLANKS}")
_LITERAL = re.compile(rf"(true|false|null){_ENDS}{_BLANKS}")
_NOT_FINITE = re.compile(rf"(NaN|[-+]?Infinity){_ENDS}{_BLANKS}")
_NUMBER = re.compile(rf"({scalars.NUMBER.pattern}){_ENDS}{_BLANKS}")
_LITERALS = {"true": True, "false": False, "null": None}


class _Scanner:
    """A place in a JSON text, moved on by taking what must stand there."""

    def __init__(self, text: str) -> None:
        self.closers: list[str] = []
        self._text = text
        self._at = 0
        self._take(_LEADING)

    def value(self) -> Event:
        """Take a scalar, or the opening of a container."""
        at = self._at
        if string := self._take(_STRING):
            return Event("value", at, *_unescaped(string[1]))
        if self._text.startswith(("{", "["), at):
            is_object = self._text[at] == "{"
            self._take(_MARK)
            self.closers.append("}" if is_object else "]")
            return Event("object" if is_object else "array", at)
        if literal := self._take(_LITERAL):
            return Event("value", at, _LITERALS[literal[1]])
        if number := self._take(_NUMBER):
            return Event("value", at, *scalars.number(number[1]))
        if name := self._take(_NOT_FINITE):
            return Event("value", at, None, (scalars.not_finite(name[1]),))
        raise self._unexpected("a value")

    def name(self) -> Event:
        """Take a member's name and the colon behind it."""
        at = self._at
        if name := self._take(_NAME):
            return Event("key", at, *_unescaped(name[1]))
        raise self._unexpected('":"' if self._take(_STRING) else "a member's name")

    def closes(self, *, fresh: bool) -> bool:
        """Return whether the container ends here; if not, take the comma that must stand there."""
        closer, at = self.closers[-1], self._at
        if fresh or self._text.startswith(closer, at):
            return self._text.startswith(closer, at)
        if not self._text.startswith(",", at):
            raise self._unexpected(f'"," or "{closer}"')
        self._take(_MARK)
        if self._text.startswith(closer, self._at):
            raise Halt(at, json_hints.trailing_comma(closer))
        return False

    def end(self) -> Event:
        """Take what closes the container."""
        at = self._at
        self.closers.pop()
        self._take(_MARK)
        return Event("end", at)

    def finish(self) -> None:
        """Make sure that nothing follows."""
        if self._at < len(self._text):
            raise Halt(self._at, json_hints.more_text(self._text, self._at))

    def _take(self, token: re.Pattern[str]) -> re.Match[str] | None:
        match = token.match(self._text, self._at)
        if match:
            self._at = match.end()
        return match

    def _unexpected(self, expected: str) -> Halt:
        broken = _UNCLOSED.match(self._text, self._at)
        if broken and not self._text.startswith('"', broken.end()):
            return Halt(*json_hints.broken_string(self._text, self._at, broken.end()))
        return Halt(self._at, json_hints.unexpected(self._text, self._at, expected))


def _unescaped(inner: str) -> tuple[str, tuple[ParseFault, ...]]:
    # Only escapes can bring in what is unfit: the text itself was UTF-8.
    return scalars.text(json.loads(f'"{inner}"')) if "\\" in inner else (inner, ())


# In a good text these always match where they are tried.
_PAST_SCALAR: Any = re.compile(rf'{_BODY}"|[^ \t\r\n,\]}}]++')
_PAST_COMMA: Any = re.compile(rf"{_BLANKS},?{_BLANKS}")
_TO_BRACKET: Any = re.compile(rf'(?:[^"{{}}\[\]]++|{_BODY}")*+[{{}}\[\]]')
_GOOD_NAME: Any = _NAME


def mark(root: Spot, text: str) -> None:
    """Note the offsets of the wanted places in a text that has no fault.

    Whatever leads to none of them is passed over from bracket to bracket, so that this takes a
    tenth of the time of `scan`. It recurses no deeper than the deepest wanted place.
    """
    _mark_value(root, text, _PAST_COMMA.match(text).end())


def _mark_value(spot: Spot, text: str, at: int) -> int:
    """Note the place of a value and of what is wanted in it; return where it ends."""
    spot.value_at = at
    if not spot.below or text[at] not in "{[":
        return _past(text, at)
    is_object = text[at] == "{"
    at = _PAST_COMMA.match(text, at + 1).end()
    index = 0
    while text[at] not in "}]":
        step, key_at = str(index), None
        if is_object:
            name = _GOOD_NAME.match(text, at)
            step, key_at, at = _unescaped(name[1])[0], at, name.end()
        below = spot.below.get(step)
        if below is None:
            at = _past(text, at)
        else:
            below.key_at = key_at
            at = _mark_value(below, text, at)
        at = _PAST_COMMA.match(text, at).end()
        index += 1
    return at + 1


def _past(text: str, at: int) -> int:
    """Return where the value that begins here ends."""
    if text[at] not in "{[":
        return int(_PAST_SCALAR.match(text, at).end())
    depth = 0
    while True:
        at = _TO_BRACKET.match(text, at).end()
        depth += 1 if text[at - 1] in "{[" else -1
        if not depth:
            return at
