"""Credentials in signed tokens (VC-JWT): what they hold, and whether their claims agree with it.

Sources: Open Badges 3.0, VC-JWT proof format; Securing Verifiable Credentials using JOSE and COSE;
VC Data Model 1.1, section 6.3.1; RFC 7519, section 4.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from clrctl.document import id_of, text_of
from clrctl.finding import Json
from clrctl.standard import instant
from clrctl.verifying.verdict import Aspect, Check, invalid
from clrctl.verifying.walk import CredentialNode

_REISSUE = "ask the issuer for a new token"


def credential(payload: dict[str, Json]) -> dict[str, Json]:
    """Return the credential of a token's payload.

    That is the payload itself, or the claim `vc` of VC Data Model 1.1, which may leave to other
    claims what they say already.
    """
    inner = payload.get("vc")
    if not isinstance(inner, dict):
        return payload
    found = dict(inner)
    for claim, member in (("iss", "issuer"), ("jti", "id")):
        if member not in found and isinstance(payload.get(claim), str):
            found[member] = payload[claim]
    for claim, member in (("nbf", "issuanceDate"), ("exp", "expirationDate")):
        moment = _moment(payload.get(claim))
        if not {member, _NEWER[member]} & found.keys() and moment is not None:
            found[member] = moment.isoformat()
    return found


_NEWER = {"issuanceDate": "validFrom", "expirationDate": "validUntil"}


def check(held: CredentialNode, payload: dict[str, Json], now: datetime) -> Iterator[Check]:
    """Yield where a token's claims speak against it, or against the credential in it."""
    data = held.data
    subject = data.get("credentialSubject")
    for claim, value, member in (
        ("iss", held.issuer, "issuer"),
        ("jti", held.id, "id"),
        ("sub", id_of(subject), "credentialSubject"),
    ):
        if claim in payload and value and payload[claim] != value:
            yield _disagrees(held, claim, member)
    for claim, names, passed in (
        ("nbf", ("validFrom", "issuanceDate"), False),
        ("exp", ("validUntil", "expirationDate"), True),
    ):
        if claim not in payload:
            continue
        moment = _moment(payload[claim])
        if moment is None:
            message = f"the claim {claim} of the token is no time"
            yield invalid(Aspect.TIME, "unreadable", held.path, message, _REISSUE)
            continue
        said = next((instant(text_of(data[name])) for name in names if name in data), None)
        if said is not None and int(said.timestamp()) != int(moment.timestamp()):
            yield _disagrees(held, claim, next(name for name in names if name in data))
        elif passed and moment < now:
            message = f"the token expired on {moment.isoformat()}"
            yield invalid(Aspect.TIME, "expired", held.path, message, _REISSUE)
        elif not passed and moment > now:
            message = f"the token is not valid before {moment.isoformat()}"
            yield invalid(Aspect.TIME, "future", held.path, message, "wait until then")


def _disagrees(held: CredentialNode, claim: str, member: str) -> Check:
    message = f"the claim {claim} of the token is not the credential's {member}"
    return invalid(Aspect.PROOF, "claims", held.path, message, _REISSUE)


def _moment(value: Json) -> datetime | None:
    """Return the moment of a NumericDate (RFC 7519, section 2)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None
