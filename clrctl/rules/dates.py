"""Rules on dates.

Sources: VC Data Model 2.0 section 4.9; CLR 2.0 and Open Badges 3.0 data model.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from clrctl.rules.registry import Fault, rule
from clrctl.tree import CREDENTIALS, Node, Tree


def instant(text: str | None) -> datetime | None:
    """Return the moment that an RFC 3339 date-time names, or None if it is not one with a zone."""
    if text is None:
        return None
    try:
        # A leap second is the only legal 60; for an order the second before will do.
        moment = datetime.fromisoformat(text.upper().replace(":60", ":59"))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


@rule(
    "date/order",
    on=(*CREDENTIALS, "AchievementSubject"),
    source="VC Data Model 2.0, section 4.9; Open Badges 3.0, AchievementSubject",
    good={"validFrom": "2024-06-01T00:00:00Z", "validUntil": "2025-06-01T00:00:00Z"},
    bad={"validFrom": "2024-06-01T00:00:00Z", "validUntil": "2023-06-01T00:00:00Z"},
)
def date_order(node: Node, _: Tree) -> Iterator[Fault]:
    """A period ends after it begins.

    A credential whose validUntil is not later than its validFrom is never valid; an activity
    cannot end before it starts.
    """
    if node.cls == "AchievementSubject":
        first, last = "activityStartDate", "activityEndDate"
    else:
        first, last = "validFrom", "validUntil"
    begin, end = instant(node.text(first)), instant(node.text(last))
    if begin is None or end is None:
        return
    if end < begin:
        wrong = "is before"
    elif end == begin and last == "validUntil":
        wrong = "is not after"
    else:
        return
    yield Fault(
        (*node.path, last),
        f"{last} {node.value[last]} {wrong} {first} {node.value[first]}",
        "check which of the two is mistyped",
    )
