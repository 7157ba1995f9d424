"""One form for each JSON value: canonical JSON (RFC 8785), for hashing.

Neither member order, white space nor the way a number or a character is written counts in it. It
is written here because it takes few lines, and hashing stands between every record and the wire.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Final

import orjson

from clrctl.finding import Json

# Compact, sorted JSON is canonical unless it holds a number with an exponent, with a fraction of
# nothing but one zero, or with more digits than a double keeps, or characters (from U+E000) that
# UTF-16 sorts differently. Text that only looks like such a number does no harm.
# A pattern that begins with one set of characters is searched for five times as fast.
_UNSURE: Final = re.compile(
    rb"[:,\[]-?[0-9]+(?:(?<=[0-9]{16})|\.0|(?:\.[0-9]+)?[eE][-+]?[0-9]+)[,}\]]"
)
_BEYOND: Final = re.compile(rb"[\xee-\xf4]")

_MOST_DIGITS = 21  # ECMA-262, Number::toString: longer numbers have an exponent
_MOST_ZEROS = 6


def encode(value: Json) -> bytes:
    """Return a JSON value, as parsed from strict JSON, in canonical form.

    Numbers are taken as IEEE 754 doubles (RFC 8785, section 3.2.2.3), however they were written.

    Raises:
        RecursionError: it is nested hundreds of levels deep.
    """
    compact = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return compact if _is_canonical(compact) else "".join(_pieces(value)).encode()


def _is_canonical(compact: bytes) -> bool:
    is_number = compact[0] in b"-0123456789"
    is_plain = compact.isascii() or not _BEYOND.search(compact)
    return not is_number and is_plain and not _UNSURE.search(compact)


def _pieces(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        separator = "{"
        for name in sorted(value, key=_in_utf16):
            yield f"{separator}{encode_basestring(name)}:"
            yield from _pieces(value[name])
            separator = ","
        yield "}" if value else "{}"
    elif isinstance(value, list):
        separator = "["
        for item in value:
            yield separator
            yield from _pieces(item)
            separator = ","
        yield "]" if value else "[]"
    elif isinstance(value, str):
        yield encode_basestring(value)
    elif isinstance(value, bool) or value is None:
        yield {True: "true", False: "false", None: "null"}[value]
    else:
        yield number(float(value))


def _in_utf16(name: str) -> bytes:
    return name.encode("utf-16-be")


def number(value: float) -> str:
    """Return a finite number as ECMAScript writes it (ECMA-262, Number::toString)."""
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    if digits == (0,):
        return "0"  # minus zero too
    text = "".join(map(str, digits))
    return "-" * sign + _laid_out(text, len(text) + int(exponent))


def _laid_out(digits: str, point: int) -> str:
    """Write significant digits; `point` is the place of the decimal point among them."""
    if len(digits) <= point <= _MOST_DIGITS:
        return digits.ljust(point, "0")
    if 0 < point <= _MOST_DIGITS:
        return f"{digits[:point]}.{digits[point:]}"
    if -_MOST_ZEROS < point <= 0:
        return f"0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"
