"""How a signed token (JWS, RFC 7515) is told from other text."""

from __future__ import annotations

import re

from clrctl.finding import Json

JWS = re.compile(r"eyJ[\w-]*\.[\w-]*\.[\w-]*", re.ASCII)
"""A compact JWS (RFC 7515): its header is a JSON object, whose first letters encode to eyJ."""


def is_jws(value: Json) -> bool:
    """Return whether a value is text that looks like a compact JWS."""
    return isinstance(value, str) and JWS.fullmatch(value.strip()) is not None
