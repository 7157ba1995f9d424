"""Rules on dates.

Sources: VC Data Model 2.0 section 4.9; CLR 2.0 and Open Badges 3.0 data model.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from clrctl.checking.rules.registry import Fault, rule
from clrctl.finding import Severity
from clrctl.standard import CREDENTIALS, Node, Tree, instant

_A_DAY = timedelta(days=1)


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
    path = (*node.path, last)
    message = f"{last} {node.value[last]} {wrong} {first} {node.value[first]}"
    yield Fault(path, message, "check which of the two is mistyped", instead_of=path)


@rule(
    "date/awarded",
    on=CREDENTIALS,
    severity=Severity.WARNING,
    source="CLR 2.0 and Open Badges 3.0, awardedDate",
    good={"awardedDate": "2024-01-01T00:00:00Z", "validFrom": "2024-06-01T00:00:00Z"},
    bad={"awardedDate": "2024-12-01T00:00:00Z", "validFrom": "2024-06-01T00:00:00Z"},
)
def awarded(node: Node, _: Tree) -> Iterator[Fault]:
    """A credential is not awarded after it became valid.

    awardedDate keeps the day of the first award while validFrom moves on with every new issue. Of
    one day, it may be noon where validFrom is its first second.
    """
    given, begin = instant(node.text("awardedDate")), instant(node.text("validFrom"))
    if given is not None and begin is not None and given - begin >= _A_DAY:
        yield Fault(
            (*node.path, "awardedDate"),
            f"awardedDate {node.value['awardedDate']} is after validFrom {node.value['validFrom']}",
            "check which of the two is mistyped",
        )


@rule(
    "date/expired",
    on=CREDENTIALS,
    severity=Severity.WARNING,
    source="VC Data Model 2.0, section 4.9; practice of the 1EdTech validator",
    good={"validUntil": "9999-01-01T00:00:00Z"},
    bad={"validFrom": "2001-01-01T00:00:00Z", "validUntil": "2002-01-01T00:00:00Z"},
)
def expired(node: Node, tree: Tree) -> Iterator[Fault]:
    """A credential that is shown has not expired.

    A record may well hold what has expired since; the official validator refuses it. Which day
    counts is set by --at.
    """
    end = instant(node.text("validUntil"))
    if end is not None and tree.now is not None and end < tree.now:
        yield Fault((*node.path, "validUntil"), f"expired on {node.value['validUntil']}")


@rule(
    "date/future",
    on=CREDENTIALS,
    severity=Severity.WARNING,
    source="VC Data Model 2.0, section 4.9; practice of the 1EdTech validator",
    good={"validFrom": "2001-01-01T00:00:00Z"},
    bad={"validFrom": "9999-01-01T00:00:00Z"},
)
def future(node: Node, tree: Tree) -> Iterator[Fault]:
    """A credential that is shown is already valid.

    The official validator refuses one whose validFrom lies ahead. Which day counts is set by --at.
    """
    begin = instant(node.text("validFrom"))
    if begin is not None and tree.now is not None and begin > tree.now:
        yield Fault(
            (*node.path, "validFrom"),
            f"not valid before {node.value['validFrom']}",
            "check the date; it may be meant as awardedDate or be mistyped",
        )
