"""The CLR 2.0 API of an endpoint: send a credential, understand what comes back.

It is given an URL and a session that adds the token, and asks no settings. What it is given to
send is sent byte for byte.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from email.utils import parsedate_tz
from enum import StrEnum
from http import HTTPStatus

import orjson

from clrctl import http, imsx
from clrctl.auth import Session
from clrctl.compare import Change, compare
from clrctl.errors import AuthError, ClrctlError, RefusedError, TemporaryError
from clrctl.finding import Json
from clrctl.http import Answer

_SOON = 5  # digits: a longer number of seconds is days, and no advice


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


STORED = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.ALTERED)


class CredentialRefused(RefusedError):
    """The endpoint refused this credential; it may take others."""


class Forbidden(AuthError):
    """403: the token does not allow this, or does not allow any of it."""


class NoService(RefusedError):
    """404 or 405: the URL is wrong, or the endpoint misses something for this credential."""


class Unconfirmed(RefusedError):
    """The endpoint said yes, but its answer does not confirm that anything was stored."""


class BusyError(TemporaryError):
    """The endpoint answered that it is busy or failing."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The endpoint's confirmation that it stored a credential.

    Attributes:
        outcome: created, updated, unchanged or altered.
        status: HTTP status.
        request_id: sent as `X-Request-ID`, for questions to the server's owner.
        answer: the credential as the endpoint returned it; empty when it sent none.
        changes: how it differs from what was sent.
    """

    outcome: Outcome
    status: int
    request_id: str
    answer: bytes = field(repr=False)
    changes: tuple[Change, ...] = ()

    @property
    def breaks_a_proof(self) -> bool:
        """Whether a signed credential inside was lost, or no longer verifies."""
        return any(change.breaks_a_proof for change in self.changes)


class ClrClient:
    """Talks to one endpoint; not for use by several threads at once."""

    def __init__(self, credentials_url: str, session: Session) -> None:
        self._url = credentials_url
        self._session = session

    def upsert(self, body: bytes) -> Receipt:
        """Create or replace a credential (CLR 2.0 API, upsertCredential).

        Args:
            body: the credential, an object as JSON in UTF-8; it is sent as it is.

        Raises:
            AuthError: 401 or 403, or there is no token to be had.
            TemporaryError: no connection, a busy or failing server; nothing is known to be stored.
            LostAnswer: the answer was cut off or too slow: it may be stored.
            RefusedError: any other refusal, a redirect, or an answer that confirms nothing.
        """
        request_id = str(uuid.uuid4())
        answer = self._session.post(
            self._url,
            {"Content-Type": "application/json", "X-Request-ID": request_id},
            body,
            most=2 * len(body) + 1_000_000,
        )
        where = f"POST {self._url} (request {request_id})"
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return Receipt(Outcome.UNCHANGED, answer.status, request_id, b"")
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise _refusal(answer, where)
        changes = _confirmed(orjson.loads(body), answer, where)
        return Receipt(_outcome(answer, changes), answer.status, request_id, answer.body, changes)


def _outcome(answer: Answer, changes: tuple[Change, ...]) -> Outcome:
    if any(change.kind != "added" for change in changes):
        return Outcome.ALTERED
    return Outcome.CREATED if answer.status == HTTPStatus.CREATED else Outcome.UPDATED


def _confirmed(sent: Json, answer: Answer, where: str) -> tuple[Change, ...]:
    """Return the endpoint's changes, once it is sure that its answer is the credential sent."""
    if answer.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
        raise _unconfirmed("only 200 and 201 say that it is stored", answer, where)
    received = _received(answer, where)
    if received.get("id") != sent.get("id"):
        raise _unconfirmed("it is about another credential", answer, where)
    try:
        return tuple(compare(sent, received))
    except RecursionError:
        raise _unconfirmed("it is nested too deeply", answer, where) from None


def _received(answer: Answer, where: str) -> dict[str, Json]:
    try:
        received = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        received = None
    if imsx.is_failure(received):
        raise _unconfirmed(f"it says: {imsx.explain(answer.body)}", answer, where)
    if received is None or not answer.is_json:
        raise _unconfirmed(answer.flaw or "it is not JSON", answer, where)
    if not isinstance(received, dict):
        raise _unconfirmed("it is not a credential", answer, where)
    return received


def _unconfirmed(why: str, answer: Answer, where: str) -> Unconfirmed:
    # A body that is no status may be a learner's record: none of it is quoted.
    return Unconfirmed(
        "the endpoint's answer does not confirm that the credential is stored",
        where=where,
        why=f"HTTP {answer.status}; {why}",
        fix="ask the endpoint's owner; it is safe to send it again",
    )


def _refusal(answer: Answer, where: str) -> ClrctlError:
    status, why = answer.status, imsx.told(answer)
    if answer.is_redirect:
        return RefusedError(
            "the endpoint redirects; records and tokens do not follow",
            where=where,
            why=f"HTTP {status} to {http.origin(answer.headers.get('location', ''))}",
            fix="correct the endpoint's URL",
        )
    if status == HTTPStatus.UNAUTHORIZED:
        return AuthError(
            "the endpoint refused the token", where=where, why=why, fix="get a new token"
        )
    if status == HTTPStatus.FORBIDDEN:
        return Forbidden(
            "the token does not allow storing this here",
            where=where,
            why=why,
            fix="ask the endpoint's owner for the scope credential.upsert",
        )
    if answer.is_busy:
        return BusyError(
            "the endpoint is busy or failing", where=where, why=why, fix=_advice(answer)
        )
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        return NoService(
            "the endpoint has no such service, or misses something this credential names",
            where=where,
            why=why,
            fix="check the endpoint's base URL; `/ims/clr/v2p0/credentials/` is added to it",
        )
    return CredentialRefused("the endpoint refused the credential", where=where, why=why)


def _advice(answer: Answer) -> str:
    """Say when to come back (RFC 9110, Retry-After: seconds or a date)."""
    wait = answer.headers.get("retry-after", "")
    when = "later"
    if wait.isdecimal() and len(wait) <= _SOON:
        when = f"in {wait} seconds"
    elif parsedate_tz(wait):
        when = f"after {wait}"
    return f"run the same command again {when}"
