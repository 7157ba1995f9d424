"""The CLR 2.0 API of an endpoint: send a credential, understand what comes back.

It is given an URL and a session that adds the token, and asks no settings. What it is given to
send is sent byte for byte.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from typing import TypeAlias

import orjson

from clrctl import http
from clrctl.checking import Change, compare
from clrctl.errors import AuthError, ClrctlError, RefusedError, TemporaryError
from clrctl.finding import Json, pointer
from clrctl.http import Answer, Timeouts
from clrctl.sending.auth import Credentials, Session, TokenSource
from clrctl.sending.client import imsx
from clrctl.sending.outcome import Receipt, UploadOutcome
from clrctl.sending.retry import retry_after
from clrctl.util import size

Connect: TypeAlias = Callable[[], AbstractContextManager["ClrClient"]]
"""Opens a client for as long as a context lasts."""

AS_USUAL = Timeouts()
_SORTED = orjson.OPT_SORT_KEYS
_SCOPE = re.compile(r'\bscope="([\x21\x23-\x5B\x5D-\x7E ]{1,500})"')
_SOON = 100_000.0  # seconds: a longer time is days, and no advice


class Answered(ClrctlError):
    """The endpoint answered, but not with a yes.

    Attributes:
        status: HTTP status.
        wait: seconds for which it asks to be left alone (Retry-After); 0 where it does not.
    """

    def __init__(
        self,
        what: str,
        *,
        status: int = 0,
        wait: float = 0.0,
        where: str = "",
        why: str = "",
        fix: str = "",
    ) -> None:
        super().__init__(what, where=where, why=why, fix=fix)
        self.status = status
        self.wait = wait


class CredentialRefused(Answered, RefusedError):
    """The endpoint refused this credential; it may take others."""


class TokenRefused(Answered, AuthError):
    """401: the endpoint does not know the token, or knows it no longer."""


class Forbidden(Answered, AuthError):
    """403: the token does not allow this, or does not allow any of it."""


class NoService(Answered, RefusedError):
    """404 or 405: the URL is wrong, or the endpoint misses something for this credential."""


class Redirected(Answered, RefusedError):
    """The endpoint points elsewhere, where nothing of ours goes."""


class Unconfirmed(Answered, RefusedError):
    """The endpoint said yes, but its answer does not confirm that anything was stored."""


class BusyError(Answered, TemporaryError):
    """The endpoint answered that it is busy or failing."""


class Throttled(BusyError):
    """The endpoint had too many requests: 429, or 403 with the headers of a rate limit."""


def connector(
    credentials_url: str,
    credentials: Credentials,
    timeouts: Timeouts = AS_USUAL,
    *,
    link: http.Link | None = None,
) -> Connect:
    """Return what opens one more client of an endpoint, for a thread of its own.

    The clients share the token and the trusted certificates, which take long to load.

    Args:
        credentials_url: of the endpoint.
        credentials: the token, or what it is fetched with.
        timeouts: how long to wait.
        link: how the endpoint is reached; by default as the environment says.

    Raises:
        UsageError: the environment names a certificate file that cannot be used.
    """
    tokens, shared = TokenSource(credentials), link or http.Link()

    @contextmanager
    def connect() -> Iterator[ClrClient]:
        with http.Client(timeouts, link=shared) as client:
            yield ClrClient(credentials_url, Session(tokens, client))

    return connect


class ClrClient:
    """Talks to one endpoint; but for `cut`, not for use by several threads at once."""

    def __init__(self, credentials_url: str, session: Session) -> None:
        self._url = credentials_url
        self._session = session

    def upsert(self, body: bytes) -> Receipt:
        """Create or replace a credential (CLR 2.0 API, upsertCredential).

        Args:
            body: the credential, an object as JSON in UTF-8; it is sent as it is.

        Raises:
            Answered: the endpoint says no, or nothing that can be understood.
            NoConnection: it was not reached.
            LostAnswer: the answer was cut off or too slow: it may be stored.
            ClrctlError: there is no token to be had, as `auth.fetch_token`.
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
            return Receipt(UploadOutcome.UNCHANGED, answer.status, request_id, b"")
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise _refusal(answer, where, body)
        changes = _confirmed(orjson.loads(body), answer, where)
        return Receipt(_outcome(answer, changes), answer.status, request_id, answer.body, changes)

    def cut(self) -> None:
        """Cut what is under way, from any thread: `upsert` raises LostAnswer."""
        self._session.cut()


def _outcome(answer: Answer, changes: tuple[Change, ...]) -> UploadOutcome:
    if any(change.kind != "added" for change in changes):
        return UploadOutcome.ALTERED
    return UploadOutcome.CREATED if answer.status == HTTPStatus.CREATED else UploadOutcome.UPDATED


def _confirmed(sent: Json, answer: Answer, where: str) -> tuple[Change, ...]:
    """Return the endpoint's changes, once it is sure that its answer is the credential sent."""
    if answer.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
        raise _unconfirmed("only 200 and 201 say that it is stored", answer, where)
    received = _received(answer, where)
    if received.get("id") != sent.get("id"):
        raise _unconfirmed("it is about another credential", answer, where)
    if (added := _only_added(sent, received)) is not None:
        return added
    try:
        return tuple(compare(sent, received, same_moments=True))
    except RecursionError:
        raise _unconfirmed("it is nested too deeply", answer, where) from None


def _only_added(sent: dict[str, Json], received: dict[str, Json]) -> tuple[Change, ...] | None:
    """Return what a good endpoint does, add members such as a proof; None: it must be compared."""
    kept = {name: received[name] for name in sent if name in received}
    try:
        if orjson.dumps(kept, option=_SORTED) != orjson.dumps(sent, option=_SORTED):
            return None
    except orjson.JSONEncodeError:  # nested too deeply
        return None
    added = (pointer((name,)) for name in received if name not in sent)
    return tuple(Change(place, "added", there=place) for place in added)


def _received(answer: Answer, where: str) -> dict[str, Json]:
    try:
        received = orjson.loads(answer.text)
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
        status=answer.status,
        where=where,
        why=f"HTTP {answer.status}; {why}",
        fix="ask the endpoint's owner; it is safe to send it again",
    )


def _refusal(answer: Answer, where: str, body: bytes) -> Answered:
    kind, what, fix = _judged(answer, body)
    wait = retry_after(answer.headers) or 0.0
    why = imsx.told(answer)
    if kind is Redirected:
        why = f"HTTP {answer.status} to {http.origin(answer.headers.get('location', ''))}"
    if issubclass(kind, BusyError):
        fix = f"run the same command again {_when(answer, wait)}"
    return kind(what, status=answer.status, wait=wait, where=where, why=why, fix=fix)


def _judged(answer: Answer, body: bytes) -> tuple[type[Answered], str, str]:
    """Return what kind of no an answer is, in our words, and what to do about it."""
    if answer.is_redirect:
        what = "the endpoint redirects; records and tokens do not follow"
        return Redirected, what, "correct the endpoint's URL"
    if answer.is_throttled:
        return Throttled, "the endpoint takes no more requests for now (rate limit)", ""
    if answer.is_busy:
        return BusyError, "the endpoint is busy or failing", ""
    match answer.status:
        case HTTPStatus.UNAUTHORIZED:
            return TokenRefused, "the endpoint refused the token", "get a new token"
        case HTTPStatus.FORBIDDEN:
            return Forbidden, "the token does not allow storing this here", _allowance(answer)
        case HTTPStatus.NOT_FOUND | HTTPStatus.METHOD_NOT_ALLOWED:
            return (
                NoService,
                "the endpoint has no such service, or misses something this credential names",
                "check the endpoint's base URL; `/ims/clr/v2p0/credentials/` is added to it",
            )
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            what = "the endpoint, or a gateway in front of it, takes no body of this size"
            fix = (
                f"this credential has {size(len(body))}: ask the endpoint's owner to allow that; "
                "images named by address make it smaller (clrctl build --images url)"
            )
            return CredentialRefused, what, fix
    if imsx.is_page(answer) or not imsx.explain(answer.body):
        fix = "it does not say why: ask the endpoint's owner, with the id of the request"
    else:
        fix = "correct what it names, and run the same command again"
    fix = f"{fix}; what is stored is not sent again"
    return CredentialRefused, "the endpoint refused the credential", fix


def _allowance(answer: Answer) -> str:
    """Return how to be allowed to store, as far as a 403 tells (RFC 6750 section 3.1)."""
    needed = _SCOPE.search(answer.headers.get("www-authenticate", ""))
    if needed:
        return f'ask for the scope "{needed[1]}": `scope` in the entry of the endpoint'
    owner = "ask the endpoint's owner for the scope credential.upsert"
    if imsx.is_page(answer):
        return f"{owner}, or whether a firewall in front of it refuses the request"
    return f"{owner}; `scope` in the entry of the endpoint asks for one"


def _when(answer: Answer, wait: float) -> str:
    """Return when to come back, as a person would put it."""
    said = answer.headers.get("retry-after", "")
    if not 0 < wait < _SOON:
        return "later"
    return f"after {said}" if said and not said.isdigit() else f"in {wait:.0f} seconds"
