"""Putting members into a JSON text without touching anything else of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from clrctl.document import Spot, strict_json
from clrctl.finding import Json
from clrctl.standard import Path

_END_OF = json.JSONDecoder(strict=False).raw_decode
_BLANKS = re.compile(r"[ \t\r\n]*")


def insert(text: str, members: Iterable[tuple[Path, str, Json]]) -> str:
    """Return a good JSON text with more members in some of its objects.

    They come last in their objects and are laid out like what stands there.

    Args:
        text: the text.
        members: the path of an object that is not empty, a name that it does not have yet, and
            a value.
    """
    root = Spot()
    wanted = []
    for path, name, value in members:
        spot = root
        for step in path:
            spot = spot.below.setdefault(str(step), Spot())
        wanted.append((spot, name, value))
    strict_json.mark(root, text)
    edits = sorted(_edit(text, spot.value_at or 0, name, value) for spot, name, value in wanted)
    pieces, last = [], 0
    for at, addition in edits:
        pieces += [text[last:at], addition]
        last = at
    return "".join([*pieces, text[last:]])


def _edit(text: str, start: int, name: str, value: Json) -> tuple[int, str]:
    """Return where in an object's text a member is put, and the member's text."""
    end = _END_OF(text, start)[1] - 1
    last = len(text[start:end].rstrip(" \t\r\n")) + start
    blanks = _BLANKS.match(text, start + 1)
    before = blanks[0] if blanks else ""
    if "\n" not in before:
        blank = " " if _has_blanks(text, start, last) else ""
        return last, f",{blank}{_written({name: value}, (f',{blank}', f':{blank}'))[1:-1]}"
    margin, outer = before.rpartition("\n")[2], text[last:end].rpartition("\n")[2]
    unit = margin.removeprefix(outer) if len(margin) > len(outer) else ""
    lines = _written(value, (",", ": "), unit).splitlines()
    line_end = ("\r\n" if "\r\n" in before else "\n") + margin
    return last, f",{line_end}{json.dumps(name)}: {line_end.join(lines)}"


def _has_blanks(text: str, start: int, end: int) -> bool:
    """Return whether blanks follow the colons of an object that stands on one line."""
    colon = text.find('":', start, end)
    return text[colon + 2 : colon + 3] == " "


def _written(value: Json, separators: tuple[str, str], indent: str | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, separators=separators, indent=indent)
