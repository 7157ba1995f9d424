"""Single values: what JSON and YAML documents may hold alike.

Numbers follow RFC 8259, section 6, and keep to what every reader holds exactly (RFC 7493,
section 2.2); texts are Unicode without what cannot be sent or stored. This module knows no
syntax around the values.
"""

from __future__ import annotations

import json
import re

from clrctl.document.events import ParseFault

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
"""A number in the grammar of RFC 8259."""

LARGEST = 2**53 - 1
"""Largest magnitude of a number: beyond it readers round differently."""

LONGEST = 64
"""Most characters of a number."""

_SHOWN = 40
_UNFIT = re.compile("[\0\ud800-\udfff]")


def number(lexeme: str) -> tuple[int | float | None, tuple[ParseFault, ...]]:
    """Return the value of a number in JSON's grammar, or None and why not."""
    if len(lexeme) > LONGEST:
        return None, (_number_fault(f"a number of {len(lexeme)} characters"),)
    value = float(lexeme) if set(lexeme) & set(".eE") else int(lexeme)
    if not -LARGEST <= value <= LARGEST:
        return None, (_number_fault(f"the number {lexeme} is too large to be kept exactly"),)
    return value, ()


def not_finite(lexeme: str) -> ParseFault:
    """Return the fault of NaN and the infinities."""
    return _number_fault(f"{lexeme} is not a number JSON can hold")


def text(value: str) -> tuple[str, tuple[ParseFault, ...]]:
    """Return a text fit to be sent, and what had to be replaced for that."""
    unfit = _UNFIT.search(value)
    if not unfit:
        return value, ()
    return _UNFIT.sub("\ufffd", value), (NUL if unfit[0] == "\0" else LONE_SURROGATE,)


NUL = ParseFault("parse/text", "the text contains U+0000", "remove the \\u0000")
LONE_SURROGATE = ParseFault(
    "parse/text",
    "the text contains half of a surrogate pair, which is no character",
    "write the character itself",
)


def quoted(name: str) -> str:
    """Return a member's name for a message: in quotes, shortened."""
    shown = name if len(name) <= _SHOWN else name[: _SHOWN - 1] + "…"
    return json.dumps(shown, ensure_ascii=False)


def _number_fault(message: str) -> ParseFault:
    return ParseFault("parse/number", message, "write it as text, in double quotes")
