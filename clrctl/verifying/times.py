"""Whether a credential is valid at a moment (VC Data Model 2.0, section 4.9; 1.1, section 4.6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from clrctl.standard import instant, is_stamp
from clrctl.verifying.verdict import Aspect, Check, invalid, valid
from clrctl.verifying.walk import CredentialNode

_BEGIN = ("validFrom", "issuanceDate")
_END = ("validUntil", "expirationDate")


def check(held: CredentialNode, now: datetime) -> Iterator[Check]:
    """Yield what speaks against a credential's validity now; if nothing does, that it is valid."""
    found = [
        problem
        for names, passed in ((_BEGIN, False), (_END, True))
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
    moment = instant(value) if isinstance(value, str) else None
    if moment is None or not is_stamp(str(value)):
        yield invalid(
            Aspect.TIME,
            "unreadable",
            path,
            f"{name} is no date and time with a zone (dateTimeStamp)",
            "ask the issuer for a corrected credential",
        )
    elif passed and moment < now:
        yield invalid(
            Aspect.TIME, "expired", path, f"expired on {value}", "ask the issuer for a new one"
        )
    elif not passed and moment > now:
        yield invalid(
            Aspect.TIME,
            "future",
            path,
            f"not valid before {value}",
            "wait until then, or check the clock of this machine",
        )
