"""Moments as the standard writes them (RFC 3339, XML Schema `dateTimeStamp`)."""

from __future__ import annotations

from datetime import datetime


def instant(text: str | None) -> datetime | None:
    """Return the moment that an RFC 3339 date-time names, or None if it is not one with a zone."""
    if text is None:
        return None
    try:
        # A leap second is the only legal 60; for an order the second before will do.
        moment = datetime.fromisoformat(text.upper().replace(":60", ":59"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
