"""Days and moments: from how a source writes them to how a credential does.

A day needs the zone of the place where it was one. What holds from a day on begins with it in
that zone, what ends on a day ends with it, and what merely happened on it is told as its noon, so
that readers in no zone see another day. The clock is never asked.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clrctl.building.model import When

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_SECOND = timedelta(seconds=1)
_DAY_LONG = timedelta(days=1)

YEARS = range(1500, 9000)
"""Others stand for "never" or "unknown", and some of their moments UTC cannot tell."""

FORM = "write it like 2026-06-05, or like 2026-06-05T14:30:00-05:00"


class NotADate(ValueError):
    """A text that is no day or moment; the exception's text says why."""


def read(text: str) -> When:
    """Return the day (ISO 8601) or the moment (RFC 3339) that a text names.

    Raises:
        NotADate: it names none, or a moment without a zone.
    """
    moment = _MOMENT.fullmatch(text)
    if moment and moment[1] is None:
        raise NotADate("has no zone")
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if moment:
            return datetime.fromisoformat(text)
    except ValueError:
        raise NotADate("is not in the calendar") from None
    raise NotADate("is neither a day nor a moment")


def zone(name: str) -> ZoneInfo | None:
    """Return the IANA zone of that name, None where there is none."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return None


def starts(when: When, place: ZoneInfo | None) -> str:
    """Return when that begins: the first second of a day.

    Raises:
        NotADate: a day, and no zone.
    """
    return written(_start(when, place))


def ends(when: When, place: ZoneInfo | None) -> str:
    """Return when that ends: the last second of a day. Raises as `starts`."""
    if isinstance(when, datetime):
        return written(when)
    return written(_start(when + _DAY_LONG, place) - _SECOND)


def happened(when: When, place: ZoneInfo | None) -> str:
    """Return when that was, for a reader of any zone: noon of a day. Raises as `starts`."""
    return written(_local(when, place, time(12)))


def written(moment: datetime) -> str:
    """Return a moment in UTC as credentials write it; a fraction of a second is kept."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def instant(when: When, place: ZoneInfo | None) -> datetime:
    """Return the moment at which that begins, to compare it. Raises as `starts`."""
    return _start(when, place)


def _start(when: When, place: ZoneInfo | None) -> datetime:
    return _local(when, place, time())


def _local(when: When, place: ZoneInfo | None, at: time) -> datetime:
    if isinstance(when, datetime):
        return when
    if place is None:
        raise NotADate("is a day, and there is no timezone to tell when it begins")
    return datetime.combine(when, at, place).astimezone(UTC)
