"""How JSON text looks: where lines break and how far they are indented.

This module knows nothing of credentials; it is given values whose text is already decided.
"""

from __future__ import annotations

import enum
import json
from typing import TypeAlias

WIDTH = 100
"""Columns that a list of plain values may fill before it is broken into lines."""

INDENT = "  "
"""What each level moves the text to the right by."""


class Verbatim(str):
    """The text of a whole object, to be written as it is."""

    __slots__ = ()


Written: TypeAlias = "str | list[Written] | dict[str, Written]"
"""A value ready to be laid out: text stands for itself, names are still plain."""

json_text = json.JSONEncoder(ensure_ascii=False).encode
"""Return the JSON text of a plain value: only what must be escaped is."""


class Style(enum.Enum):
    """The two forms of a document."""

    LINES = "indented by two blanks"
    ONE_LINE = "one line without blanks, as in NDJSON"


def lay_out(value: Written, style: Style, margin: str = "") -> str:
    """Return the JSON text of a value, without a line feed at its end.

    Args:
        value: what is written.
        style: how.
        margin: what the lines after the first begin with.
    """
    return _compact(value) if style is Style.ONE_LINE else _indented(value, margin, len(margin))


def _compact(value: Written) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{json_text(k)}:{_compact(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    return value


def _indented(value: Written, margin: str, column: int) -> str:
    """Return the text of a value that begins at a column of a line with this margin."""
    if isinstance(value, str):
        return value
    inner = margin + INDENT
    if isinstance(value, dict):
        names = [f"{json_text(name)}: " for name in value]
        members = [
            name + _indented(item, inner, len(inner) + len(name))
            for name, item in zip(names, value.values(), strict=True)
        ]
        return _block("{", members, "}", margin)
    plain = [item for item in value if isinstance(item, str) and not isinstance(item, Verbatim)]
    if len(plain) == len(value):
        line = f"[{', '.join(plain)}]"
        if column + len(line) < WIDTH:
            return line
    return _block("[", [_indented(item, inner, len(inner)) for item in value], "]", margin)


def _block(opener: str, lines: list[str], closer: str, margin: str) -> str:
    if not lines:
        return opener + closer
    inner = f",\n{margin}{INDENT}".join(lines)
    return f"{opener}\n{margin}{INDENT}{inner}\n{margin}{closer}"
