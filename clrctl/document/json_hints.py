"""What is meant by text that is not JSON: the habits of other notations, by name.

Only the wording lives here; where a text stops being JSON is decided by the scanner.
"""

from __future__ import annotations

import re

from clrctl.document.events import ParseFault


def _json(message: str, fix: str) -> ParseFault:
    return ParseFault("parse/json", message, fix)


BAD_NUMBER = _json(
    "not a number in JSON's notation",
    "write plain decimal digits, such as 10, 0.5 or 1e3; in double quotes if it is an id",
)

_HABITS = (
    (r"//|/\*|#", _json("a comment: JSON has none", "remove it, or write the file as YAML")),
    (r"'", _json("a single quote", 'JSON writes text in double quotes: "…"')),
    ("[\u2018-\u201f\xab\xbb]", _json("a typographic quote", 'use the plain double quote: "')),
    (
        r"(?i:true|false|null|none|nil|undefined)\b",
        _json("a literal of another notation", "JSON writes true, false and null, all small"),
    ),
    (r"[-+]?(?:\.?[0-9])|[-+]", BAD_NUMBER),
    (r"[^\W\d]|\$", _json("a word without quotes", "put it in double quotes")),
    (r",", _json("a comma too many", "remove it")),
)
_COMPILED = tuple((re.compile(pattern), fault) for pattern, fault in _HABITS)
_VALUE_START = re.compile(r'["{\[0-9tfn-]')


def unexpected(text: str, at: int, expected: str) -> ParseFault:
    """Return what stands at `at` instead of what was expected."""
    if at >= len(text):
        return _json(f"the text ends where {expected} is expected", "is the file complete?")
    if _VALUE_START.match(text, at):
        if "," in expected:
            return _json("a comma is missing before this", 'put "," between the two')
        if expected == '":"':
            return _json("a colon is missing before this", 'put ":" between name and value')
    for pattern, fault in _COMPILED:
        if pattern.match(text, at):
            return fault
    return _json(f"{expected} is expected here, not {_named(text[at])}", "correct it")


def trailing_comma(closer: str) -> ParseFault:
    """Return that a comma stands before a closing bracket."""
    return _json(f'a comma with nothing but "{closer}" behind it', "remove the comma")


def more_text(text: str, at: int) -> ParseFault:
    """Return what follows the end of the document."""
    if _VALUE_START.match(text, at):
        return ParseFault(
            "parse/many",
            "a second value after the first",
            "for one credential a line name the file .ndjson, or give --input-format ndjson",
        )
    return _json(f"{_named(text[at])} after the end of the document", "remove what follows")


def broken_string(text: str, start: int, end: int) -> tuple[int, ParseFault]:
    """Return where and why a string that begins at `start` is good only up to `end`."""
    char = text[end : end + 1]
    if char == "\\":
        return end, _json(
            "an escape JSON does not know", 'known are \\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX'
        )
    if not char or char in "\r\n":
        return start, _json("text without a closing quote", 'close it with "; a line break is \\n')
    return end, _json(f"{_named(char)} inside a text", f"write it as \\u{ord(char):04x}")


def _named(char: str) -> str:
    return f'"{char}"' if char.isprintable() else f"U+{ord(char):04X}"
