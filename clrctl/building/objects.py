"""Objects of a credential, and their JSON text.

Members stand in the order of the standard's strict form, and what says nothing is left out, so
that `clrctl fmt` finds nothing to do. Numbers keep the digits of their source, and a credential
that was read keeps every byte. This module knows no source.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from clrctl.finding import Json
from clrctl.standard import INDENT, Style, Verbatim, Written, json_text, lay_out, order


class Shared(dict[str, Any]):
    """An object that stands in many places: its text is made once for each depth."""

    def __init__(self, members: dict[str, Json]) -> None:
        super().__init__(members)
        self._texts: dict[str, Verbatim] = {}

    def text(self, margin: str) -> Verbatim:
        """Return its JSON text where lines begin with this margin."""
        if margin not in self._texts:
            written = {name: _written(item, margin + INDENT) for name, item in self.items()}
            self._texts[margin] = Verbatim(lay_out(written, Style.LINES, margin))
        return self._texts[margin]


class AsRead(bytes):
    """The JSON text of an object of somebody else's; it is written as it is."""


def relaid(text: bytes) -> Json:
    """Return an object of somebody else's that is to be laid out anew, with all its digits."""
    return json.loads(text, parse_float=Decimal)


def made(cls: str, /, **members: Json) -> dict[str, Json]:
    """Return an object of a class of the standard.

    Args:
        cls: the class, such as `Achievement`; it decides the order.
        members: by name, `context` for `@context`. None, empty texts and empty lists are left
            out; zero and false say something and stay.
    """
    if "context" in members:
        members["@context"] = members.pop("context")
    return {
        name: members[name]
        for name in order(cls)
        if name in members and members[name] is not None and members[name] not in ("", [], ())
    }


def text(credential: Json) -> bytes:
    """Return the text of a credential: UTF-8, two blanks a level, one final line feed."""
    return f"{lay_out(_written(credential, ''), Style.LINES)}\n".encode()


def _written(value: Json, margin: str) -> Written:
    if isinstance(value, Shared):
        return value.text(margin)
    if isinstance(value, dict):
        return {name: _written(item, margin + INDENT) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_written(item, margin + INDENT) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, AsRead):
        return Verbatim(value.decode())
    return json_text(value)
