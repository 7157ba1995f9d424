"""The CLR 2.0 API of an endpoint: send a credential, understand what comes back.

It is given a base URL and something that adds the token, and asks no settings. What it is given
to send is sent byte for byte.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from enum import StrEnum

import httpx
import orjson

from clrctl import http, imsx
from clrctl.compare import Change, breaks_a_proof, compare
from clrctl.errors import AuthError, ClrctlError, RefusedError, TemporaryError
from clrctl.finding import Json

BUSY = (408, 425, 429)


class Outcome(StrEnum):
    """What became of one credential; every input of a run ends as exactly one of these."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    ALTERED = "altered"
    REFUSED = "refused"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    PENDING = "pending"


class RefusedCredential(RefusedError):
    """The endpoint refused this credential; it may take others."""


class Unconfirmed(RefusedError):
    """The endpoint said yes, but its answer does not confirm that anything was stored."""


class BusyError(TemporaryError):
    """The endpoint answered that it is busy or failing."""


STORED = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.ALTERED)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The endpoint's confirmation that it stored a credential.

    Attributes:
        outcome: created, updated, unchanged or altered.
        status: HTTP status.
        request_id: sent as `X-Request-ID`, for questions to the server's owner.
        answer: the credential as the endpoint returned it; empty when it sent none.
        changes: how it differs from what was sent.
        breaks_a_proof: something inside a signed nested credential was lost or changed.
    """

    outcome: Outcome
    status: int
    request_id: str
    answer: bytes = field(repr=False)
    changes: tuple[Change, ...] = ()
    breaks_a_proof: bool = False


class ClrClient:
    """Talks to one endpoint over one connection; not for use by several threads at once."""

    def __init__(self, credentials_url: str, auth: httpx.Auth, client: httpx.Client) -> None:
        self._url = credentials_url
        self._auth = auth
        self._client = client

    def upsert(self, body: bytes) -> Receipt:
        """Create or replace a credential (CLR 2.0 API, upsertCredential).

        Args:
            body: the credential as UTF-8 JSON; it is sent as it is.

        Raises:
            AuthError: 401 or 403.
            TemporaryError: no connection, a busy or failing server; nothing is known to be stored.
            LostAnswer: the answer was cut off: it may be stored.
            RefusedError: any other refusal, a redirect, or an answer that confirms nothing.
        """
        request_id = str(uuid.uuid4())
        request = self._client.build_request(
            "POST",
            self._url,
            content=body,
            headers={"Content-Type": "application/json", "X-Request-ID": request_id},
        )
        most = 2 * len(body) + 1_000_000
        answer = http.exchange(self._client, request, auth=self._auth, most=most)
        where = f"POST {self._url} (request {request_id})"
        if answer.status == httpx.codes.NOT_MODIFIED:
            return Receipt(Outcome.UNCHANGED, answer.status, request_id, b"")
        if answer.status not in (httpx.codes.OK, httpx.codes.CREATED):
            raise _refusal(answer, where)
        return _confirmed(orjson.loads(body), answer, request_id, where)


def _confirmed(sent: Json, answer: http.Answer, request_id: str, where: str) -> Receipt:
    received = _received(answer, where)
    if received.get("id") != sent.get("id"):
        raise _unconfirmed("the answer is about another credential", answer, where)
    changes = tuple(compare(sent, received))
    if any(change.kind != "added" for change in changes):
        outcome = Outcome.ALTERED
    else:
        created = answer.status == httpx.codes.CREATED
        outcome = Outcome.CREATED if created else Outcome.UPDATED
    broken = breaks_a_proof(sent, list(changes))
    return Receipt(outcome, answer.status, request_id, answer.body, changes, broken)


def _received(answer: http.Answer, where: str) -> dict[str, Json]:
    if not answer.is_json:
        raise _unconfirmed("the answer is not JSON", answer, where)
    try:
        received = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        raise _unconfirmed("the answer is not JSON", answer, where) from None
    if imsx.is_failure(received):
        raise _unconfirmed("the answer says that it failed", answer, where)
    if not isinstance(received, dict):
        raise _unconfirmed("the answer is not a credential", answer, where)
    return received


def _unconfirmed(why: str, answer: http.Answer, where: str) -> Unconfirmed:
    said = imsx.explain(answer.body) if imsx_readable(answer) else ""
    return Unconfirmed(
        "the endpoint's answer does not confirm that the credential is stored",
        where=where,
        why=f"HTTP {answer.status}; {why}" + (f": {said}" if said else ""),
        fix="ask the endpoint's owner; sending it again changes nothing that is stored",
    )


def imsx_readable(answer: http.Answer) -> bool:
    """Tell whether the body may be a status; a credential's text is not to be quoted."""
    try:
        return imsx.is_failure(orjson.loads(answer.body))
    except orjson.JSONDecodeError:
        return True


def _refusal(answer: http.Answer, where: str) -> ClrctlError:
    status = answer.status
    why = f"HTTP {status} {imsx.explain(answer.body)}".rstrip()
    if httpx.codes.is_redirect(status):
        return RefusedError(
            "the endpoint redirects; records and tokens do not follow",
            where=where,
            why=f"HTTP {status} to {http.origin(answer.headers.get('location', 'nowhere'))}",
            fix="correct the endpoint's URL",
        )
    if status == httpx.codes.UNAUTHORIZED:
        return AuthError(
            "the endpoint refused the token", where=where, why=why, fix="get a new token"
        )
    if status == httpx.codes.FORBIDDEN:
        return AuthError(
            "the token does not allow storing CLRs here",
            where=where,
            why=why,
            fix="ask the endpoint's owner for the scope credential.upsert",
        )
    if status in BUSY or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return BusyError(
            "the endpoint is busy or failing",
            where=where,
            why=why,
            fix=_when(answer.headers.get("retry-after", "")),
        )
    if status in (httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED):
        return RefusedError(
            "there is no CLR service at this address",
            where=where,
            why=why,
            fix="check the endpoint's base URL; `/ims/clr/v2p0/credentials/` is added to it",
        )
    return RefusedCredential("the endpoint refused the credential", where=where, why=why)


def _when(retry_after: str) -> str:
    later = f"in {retry_after} seconds" if retry_after.isdecimal() else "later"
    return f"run the same command again {later}"
