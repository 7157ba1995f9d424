"""The common tongue of the two syntaxes: a document as a flat stream of events.

The JSON and the YAML scanner turn text into `Event`s; building, locating and rewriting are
written once, over events, without recursion. Offsets are indices into the text, in code points.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from clrctl.finding import Finding, Json, Severity

Kind: TypeAlias = Literal["object", "array", "end", "key", "value"]
"""What an event announces; `value` is a scalar, `end` closes an object or array."""


class ParseFault(NamedTuple):
    """A finding that does not know its place yet."""

    code: str
    message: str
    fix: str = ""

    def at(self, pointer: str, *, at_key: bool = False) -> Finding:
        """Return the finding for a place in the document."""
        return Finding(self.code, Severity.ERROR, pointer, self.message, self.fix, at_key=at_key)


EMPTY = ParseFault("parse/empty", "the document is empty", "was the file saved?")
NOTHING = ParseFault(
    "parse/ambiguous", "null says nothing here", "leave it out; if it is a word, put it in quotes"
)


class Event(NamedTuple):
    """One step through a document, in document order.

    Attributes:
        kind: what it announces; a key is followed by the event of its value.
        at: offset of the key or value; of an end, of what closes it.
        value: the name of a key, the value of a scalar.
        faults: what is wrong with it alone; scanning goes on after them.
    """

    kind: Kind
    at: int
    value: Json = None
    faults: tuple[ParseFault, ...] = ()


class Halt(Exception):
    """A fault after which the rest of the text cannot be understood."""

    def __init__(self, at: int, fault: ParseFault) -> None:
        super().__init__(fault.message)
        self.at = at
        self.fault = fault


class Located(NamedTuple):
    """A finding with its offset, and that of the earlier place its message speaks of."""

    at: int
    finding: Finding
    earlier: int | None = None
