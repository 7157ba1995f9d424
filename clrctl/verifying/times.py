"""Whether a credential is valid at a moment (VC Data Model 2.0, section 4.9; 1.1, section 4.6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from clrctl.finding import Json
from clrctl.standard import instant, is_stamp
from clrctl.verifying.verdict import Aspect, Check, invalid, undecided, valid
from clrctl.verifying.walk import CredentialNode

BEGIN = ("validFrom", "issuanceDate")
"""The members that say from when on a credential is valid, by version."""

END = ("validUntil", "expirationDate")
"""The members that say until when."""

_MAY_LACK_ZONE = ("issuanceDate", "expirationDate")


def check(held: CredentialNode, now: datetime) -> Iterator[Check]:
    """Yield what speaks against a credential's validity now; if nothing does, that it is valid."""
    found = [
        problem
        for names, passed in ((BEGIN, False), (END, True))
        for name in names
        if name in held.data
        for problem in _look(held, name, now, passed=passed)
    ]
    yield from found
    if not found:
        yield valid(Aspect.TIME, held.path, "valid at this time")


def _look(held: CredentialNode, name: str, now: datetime, *, passed: bool) -> Iterator[Check]:
    value = held.data[name]
    path = (*held.path, name)
    found = span(value, name)
    if found is None:
        yield invalid(
            Aspect.TIME,
            "unreadable",
            path,
            f"{name} is no date and time with a zone (dateTimeStamp)",
            "ask the issuer for a corrected credential",
        )
        return
    earliest, latest = found
    if passed and latest < now:
        yield invalid(
            Aspect.TIME, "expired", path, f"expired on {value}", "ask the issuer for a new one"
        )
    elif not passed and earliest > now:
        yield invalid(
            Aspect.TIME,
            "future",
            path,
            f"not valid before {value}",
            "wait until then, or check the clock of this machine",
        )
    elif earliest != latest and earliest <= now <= latest:
        yield undecided(
            Aspect.TIME,
            "zone",
            path,
            f"{name} {value} has no zone: it has come in some of them, and not yet in others",
            "verify it again a day later, or ask the issuer for a zone",
        )


def span(value: Json, name: str) -> tuple[datetime, datetime] | None:
    """Return the first and the last moment that a member can mean, None where it means none.

    They differ where there is no zone: version 1.1 asks for a `dateTime`, which may lack it.
    """
    text = value if isinstance(value, str) else ""
    if is_stamp(text):
        zones = ("", "")
    elif name in _MAY_LACK_ZONE and is_stamp(f"{text}Z"):
        zones = ("+14:00", "-14:00")
    else:
        return None
    first, last = (instant(f"{text}{zone}") for zone in zones)
    return (first, last) if first is not None and last is not None else None
