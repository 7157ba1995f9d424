"""Why a credential does not go into a record, told of the credential alone.

What depends on the record, its learner or what the user agrees to is decided in `judging`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from clrctl.building.wrap.candidates import Candidate
from clrctl.checking import recognise
from clrctl.finding import Finding
from clrctl.standard import instant
from clrctl.util import count

_VC_1 = "https://www.w3.org/2018/credentials/v1"
_WRAPPABLE = ("AchievementCredential", "OpenBadgeCredential")
_STANDARD = "standard"
_BARE_VALUES = "serialization/array"


class WrapOutcome(enum.StrEnum):
    """What became of a credential."""

    WRAPPED = "wrapped"
    REFUSED = "refused"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class No:
    """Why a credential stays out, and what to do about it."""

    why: str
    fix: str = ""
    outcome: WrapOutcome = WrapOutcome.REFUSED


def unreadable(candidate: Candidate) -> No | None:
    """Return the reason for what is no valid JSON."""
    document = candidate.document
    if not isinstance(document.data, dict) and (found := recognise.of_bytes(document.raw)):
        return No(found[1], found[2])
    if document.faults:
        fault = document.faults[0]
        where = "" if candidate.token else f"line {fault.line}: "
        return No(f"{where}{fault.message}", fault.fix)
    if document.syntax != "json":
        return No("this is YAML; a signed credential is JSON", "take the file its issuer gave")
    return None


def something_else(candidate: Candidate) -> No | None:
    """Return the reason for what is no credential of today's standards."""
    found = recognise.of_data(candidate.data)
    if found is None:
        return None
    code, message, fix = found
    if code == "document/version":
        fix = "clrctl upgrade makes a current credential of it; --allow-unsigned wraps that"
    return No(message, fix)


def old(candidate: Candidate) -> No | None:
    """Return the reason for a credential of VC Data Model 1.1."""
    if not is_old(candidate):
        return None
    return No(
        "of VC Data Model 1.1; a CLR 2.0 holds 2.0",
        "ask its issuer for one of 2.0, or --vc1 upgrade rewrites it for 2.0, unsigned",
    )


def is_old(candidate: Candidate) -> bool:
    """Return whether a credential is of VC Data Model 1.1."""
    contexts = candidate.data.get("@context")
    return _VC_1 in (contexts if isinstance(contexts, list) else [contexts])


def other_class(candidate: Candidate) -> No | None:
    """Return the reason for what a record does not bundle."""
    if set(_WRAPPABLE) & set(candidate.types):
        return None
    if "ClrCredential" in candidate.types:
        return No("a CLR does not go into a CLR", "--flatten takes its credentials out of it")
    return No(
        f"its type is {', '.join(candidate.types) or 'missing'}",
        "wrap Open Badges 3.0: credentials of type AchievementCredential",
    )


def differing_claims(candidate: Candidate) -> list[str]:
    """Return the claims of a token that say something else than the credential in it."""
    claims, data = candidate.claims, candidate.data
    wanted = {
        "iss": candidate.issuer_id,
        "jti": data.get("id"),
        "sub": candidate.subject.get("id"),
        "nbf": _seconds(candidate.text_of("validFrom") or candidate.text_of("issuanceDate")),
        "exp": _seconds(candidate.text_of("validUntil") or candidate.text_of("expirationDate")),
    }
    return [
        name
        for name, value in wanted.items()
        if name in claims and value is not None and claims[name] != value
    ]


def _seconds(text: str) -> int | None:
    moment = instant(text)
    return int(moment.timestamp()) if moment else None


def expired_on(candidate: Candidate, now: datetime) -> str:
    """Return the day on which a credential expired, empty if it has not."""
    until = instant(candidate.text_of("validUntil") or candidate.text_of("expirationDate"))
    return f"{until:%Y-%m-%d}" if until and until < now else ""


def invalid(errors: list[Finding], ruleset: str, *, arrays: bool) -> No:
    """Return the reason for a credential with errors.

    Args:
        errors: at least one.
        ruleset: the rules they are against.
        arrays: whether making lists of lone values has not been tried.
    """
    first = errors[0]
    among = "" if ruleset == _STANDARD else f" under the rules of {ruleset}"
    why = f"{count(len(errors), 'error')}{among}: {first.pointer or '/'} {first.message}"
    if arrays and all(one.code == _BARE_VALUES for one in errors):
        return No(why, "--arrays makes lists of lone values, where the proof survives that")
    if among:
        return No(
            why, f"--ruleset {_STANDARD} wraps it for other endpoints; its issuer can correct it"
        )
    return No(why, "clrctl validate lists all; only its issuer can correct a signed credential")
