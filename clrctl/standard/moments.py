"""Moments as the standard writes them (RFC 3339, XML Schema `dateTimeStamp`)."""

from __future__ import annotations

import re
from datetime import datetime

_STAMP = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
)
_LEAP_SECOND = re.compile(r"(?<=T[0-9]{2}:[0-9]{2}:)60")
_YEAR_ZERO = "0000-"
_FIRST_LEAP_YEAR = "0004-"  # of those that a datetime knows; the year 0000 was one, too

_FRACTION = re.compile(r"\.([0-9]+)")


def instant(text: str | None) -> datetime | None:
    """Return the moment that an RFC 3339 date-time names, or None if it is not one with a zone."""
    if text is None:
        return None
    # A leap second is the only legal 60; for an order the second before will do.
    plain = _LEAP_SECOND.sub("59", text.upper(), count=1)
    if plain.startswith(_YEAR_ZERO):
        plain = _FIRST_LEAP_YEAR + plain.removeprefix(_YEAR_ZERO)
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def is_stamp(text: str) -> bool:
    """Return whether a text is a `dateTimeStamp` (XML Schema 1.1, section 3.4.28).

    That is what VC Data Model 2.0 asks for: capital `T` and `Z`, no leap second, a zone of at most
    14 hours.
    """
    return _STAMP.fullmatch(text) is not None and instant(text) is not None


def same_moment(one: str, other: str) -> bool:
    """Return whether two texts are the same moment, in whatever zone and with whatever zeros."""
    if not is_stamp(one) or not is_stamp(other) or instant(one) != instant(other):
        return False
    # Beyond microseconds a datetime holds nothing.
    first, second = (_FRACTION.search(text) for text in (one, other))
    return (first[1].rstrip("0") if first else "") == (second[1].rstrip("0") if second else "")
