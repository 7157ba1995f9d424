"""What YAML readers disagree about, and how to write it instead.

Only wording and the list of ambiguous scalars live here; where they stand is the scanner's.
"""

from __future__ import annotations

import re

from clrctl.document.events import ParseFault

ALIAS = ParseFault("parse/alias", "an anchor or alias", "write the value out in every place")
MERGE = ParseFault("parse/alias", "a merge key", 'write the members out, or quote the name: "<<"')
TAG = ParseFault("parse/tag", "a tag", "remove it; text that looks like a number goes in quotes")
MANY = ParseFault("parse/many", "a second document after the first", "use one file for each")
NAME_NOT_TEXT = ParseFault("parse/yaml", "a member's name must be text", "write a plain name")
BAD_ESCAPE = ParseFault(
    "parse/text",
    "an escape in double quotes that is no Unicode character",
    "write the character itself; YAML has no surrogate pairs",
)

_SHOWN = 20

# The types of YAML 1.1 (boolean, integer, float, null, value, merge) and of the core schema of
# YAML 1.2, as far as JSON does not have the same spelling. Dates are text everywhere here.
_BOOLEAN = "y|Y|n|N|(?i:yes|no|on|off|true|false)"
_NULL = "~|(?i:null)|"
_SIGN, _DIGITS = "[-+]?", "[0-9][0-9_]*"
_INTEGER = rf"{_SIGN}(?:{_DIGITS}|0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+)"
_SEXAGESIMAL = rf"{_SIGN}{_DIGITS}(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
_FLOAT = (
    rf"{_SIGN}(?:{_DIGITS}(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?"
    rf"|{_SIGN}\.(?i:inf)|\.(?i:nan)"
)
_AMBIGUOUS = re.compile("|".join((_BOOLEAN, _INTEGER, _SEXAGESIMAL, _FLOAT, "=|<<", _NULL)))
_BOOLEAN_ONLY = re.compile(_BOOLEAN)
_NULL_ONLY = re.compile(_NULL)


def is_ambiguous(plain: str) -> bool:
    """Return whether YAML readers may disagree about a scalar without quotes."""
    return _AMBIGUOUS.fullmatch(plain) is not None


def ambiguous(plain: str) -> ParseFault:
    """Return how to write an ambiguous scalar."""
    shown = plain if len(plain) <= _SHOWN else plain[: _SHOWN - 1] + "…"
    if _NULL_ONLY.fullmatch(plain):
        other = "or write null" if plain else "or write null, if nothing is meant"
    elif _BOOLEAN_ONLY.fullmatch(plain):
        other = "or write true or false"
    else:
        other = "or write a number in plain decimal digits"
    what = f"{shown} without quotes" if plain else "an empty value"
    return ParseFault(
        "parse/ambiguous",
        f"{what} is read differently by different YAML readers",
        f'quote it: "{shown}", {other}',
    )


# Newer libyaml looks ahead, and gives up a thousand levels down before the first event.
TOO_DEEP = ParseFault("parse/depth", "nested deeper than YAML is read", "flatten the document")


def unfit(char: str) -> ParseFault:
    """Return that a character cannot stand in YAML."""
    return ParseFault(
        "parse/text",
        f"U+{ord(char):04X} cannot be in YAML as it is",
        f'remove it, or write "\\u{ord(char):04x}" within double quotes',
    )


_TAB = ("a tab where YAML wants spaces", "indent with spaces")
_PROBLEMS = (
    ("escape", ("an escape YAML does not know", "write the character itself")),
    (
        "mapping values are not allowed",
        ('a ":" where no name is allowed', "put the text in quotes, or correct the indentation"),
    ),
    ("expected ':'", ('a line without ":"', "write name: value")),
    ("quoted scalar", ("text without a closing quote", "close it")),
    ("end of stream", ("text without a closing quote", "close it")),
    ("',' or", ("brackets or braces that are not closed, or lack a comma", "correct it")),
    ("expected key", ("a line that does not fit the indentation", "indent like its siblings")),
    ("block", ("a line that does not fit the indentation", "indent like its siblings")),
    ("cannot start", ("a character no plain text may begin with", "put the text in quotes")),
)


def syntax(problem: str, char: str) -> ParseFault:
    """Return what a YAML parser refuses, in the same words for every parser.

    Args:
        problem: the parser's own words.
        char: the character it stands at; empty at the end of the text.
    """
    if "escape code" in problem:
        return BAD_ESCAPE
    if "nesting depth" in problem:
        return TOO_DEEP
    if char == "\t":
        return ParseFault("parse/yaml", *_TAB)
    for part, words in _PROBLEMS:
        if part in problem:
            return ParseFault("parse/yaml", *words)
    return ParseFault("parse/yaml", problem, "correct it")
