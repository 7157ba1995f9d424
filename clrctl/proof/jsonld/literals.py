"""N-Quads terms: IRIs and literals as canonical N-Quads writes them.

Sources: RDF Dataset Canonicalization 1.0, section A (canonical N-Quads); JSON-LD 1.1 Processing
Algorithms and API, section 8.2 (object to RDF conversion, data round tripping).
"""

from __future__ import annotations

import math
import re
from typing import Final

from clrctl.document import canonical
from clrctl.finding import Json
from clrctl.proof.faults import DataLoss

XSD: Final = "http://www.w3.org/2001/XMLSchema#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

_TO_ESCAPE: Final = re.compile(r'[\x00-\x1f"\\\x7f]')
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ESCAPES: Final = {
    **{chr(code): f"\\u{code:04X}" for code in (*range(0x20), 0x7F)},
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}
_ABSOLUTE: Final = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`\ud800-\udfff]*\Z')
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*\Z")

_MOST = 2**53
_FEWEST = 1e-6  # ECMAScript writes smaller numbers with an exponent, and engines part company


def is_absolute(text: str) -> bool:
    """Return whether a text can stand as an IRI in N-Quads: absolute, no forbidden characters."""
    return _ABSOLUTE.match(text) is not None


def quoted(text: str) -> str:
    """Return a string in quotation marks, escaped as canonical N-Quads asks.

    Raises:
        DataLoss: it holds half a surrogate pair, which no encoding can carry.
    """
    if _TO_ESCAPE.search(text):
        text = _TO_ESCAPE.sub(lambda found: _ESCAPES[found[0]], text)
    if not text.isascii() and _SURROGATE.search(text):
        raise DataLoss("the text holds half of a character (a lone surrogate)", "write it whole")
    return f'"{text}"'


def suffix(datatype: str) -> str:
    """Return what follows a literal of a datatype: nothing for xsd:string."""
    return "" if datatype == f"{XSD}string" else f"^^<{datatype}>"


def language(tag: Json) -> str:
    """Return a language tag in the form in which it is signed: small letters.

    Raises:
        DataLoss: it is not well-formed (BCP 47).
    """
    if not isinstance(tag, str) or not _LANGUAGE.match(tag):
        raise DataLoss(
            f"{canonical.encode(tag).decode()} is not a language tag",
            'write one such as "en" or "en-us"',
        )
    return tag.lower()


def native(value: bool | int | float, datatype: str | None) -> str:
    """Return a boolean or a number as a literal; None as datatype lets its kind decide.

    Raises:
        DataLoss: the number would lose digits, or engines write it differently.
    """
    if isinstance(value, bool):
        return f'"{"true" if value else "false"}"{suffix(datatype or f"{XSD}boolean")}'
    whole = isinstance(value, int) or value.is_integer()
    if abs(value) > _MOST if whole else not math.isfinite(value):
        raise DataLoss(
            "a whole number beyond 2^53 loses digits when it is signed",
            "write it as a string, or smaller",
        )
    double = f"{XSD}double"
    if whole and datatype != double:
        return f'"{int(value)}"{suffix(datatype or f"{XSD}integer")}'
    return f'"{_as_double(float(value))}"{suffix(datatype or double)}'


def _as_double(value: float) -> str:
    """Write a number in canonical xsd:double form, with up to 16 significant digits."""
    mantissa, _, exponent = f"{value:.15E}".partition("E")
    whole, _, fraction = mantissa.partition(".")
    text = f"{whole}.{fraction.rstrip('0') or '0'}E{int(exponent)}"
    if float(text) != value:
        raise DataLoss(
            "a number of more than 15 digits loses some when it is signed",
            "round it, or write it as a string",
        )
    if 0 < abs(value) < _FEWEST:
        raise DataLoss(
            "a number that small is written differently by different software",
            "write it as a string",
        )
    return text


def json_literal(value: Json) -> str:
    """Return any JSON value as a literal of type rdf:JSON, in canonical JSON (RFC 8785)."""
    return f"{quoted(canonical.encode(value).decode())}^^<{RDF}JSON>"
