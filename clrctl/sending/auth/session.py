"""Access tokens: taken as given, or fetched with OAuth 2.0 client credentials (RFC 6749).

The client secret goes to the token URL and nowhere else, the token to the URL of the API and
nowhere else. This module does not know what is posted.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote_plus, urlencode

import orjson

from clrctl import http
from clrctl.errors import AuthError, ClrctlError, RefusedError, TemporaryError
from clrctl.finding import Json
from clrctl.http import Answer
from clrctl.sending.auth import advice
from clrctl.sending.auth.credentials import ClientCredentials, Credentials, StaticToken
from clrctl.sending.client import imsx
from clrctl.util import Secret

LONGEST_ANSWER = 1_000_000
DEFAULT_LIFE = 3600.0
# AWS, whose identity service stands behind TimeBack, asks to reuse a token for this share.
SHARE_OF_LIFE = 0.75
# Characters: a token of so many does not stand in a record by chance.
_BEYOND_CHANCE = 16


class TokenSource:
    """An access token for many threads: whoever finds it old renews it, and the others wait.

    Args:
        credentials: the token, or what it is fetched with.
        clock: seconds that only go forward.
    """

    def __init__(
        self, credentials: Credentials, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._credentials = credentials
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Secret | None = None
        self._renew_at = 0.0
        self._has_served = False

    def current(self, client: http.Client) -> Secret:
        """Return the token to send, fetched where there is none or three quarters are over.

        Raises:
            ClrctlError: as `fetch_token`.
        """
        if isinstance(self._credentials, StaticToken):
            return self._credentials.token
        with self._lock:
            if self._token is None or self._clock() >= self._renew_at:
                self._token, life = fetch_token(self._credentials, client)
                self._renew_at = self._clock() + life * SHARE_OF_LIFE
                self._has_served = False
            return self._token

    def accepted(self, token: Secret) -> None:
        """Note that the endpoint did what this token was sent for."""
        with self._lock:
            self._has_served = self._has_served or token is self._token

    def is_worth_another(self, refused: Secret) -> bool:
        """Return whether to try again after a 401: by now there is, or will be, another token.

        One that has served before is dropped; the next `current` fetches its successor. A fresh
        one that is refused stays: another would be refused as well.
        """
        if isinstance(self._credentials, StaticToken):
            return False
        with self._lock:
            if refused is self._token and not self._has_served:
                return False
            if refused is self._token:
                self._token = None
            return True


class Session:
    """Sends with an access token (RFC 6750 section 2.1).

    A fetched token is renewed before it expires, and once when the endpoint answers 401 to one
    that has served before.

    Args:
        credentials: the token, or what it is fetched with; or a source that sessions share.
        client: for the token endpoint as well as for what is posted.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        credentials: Credentials | TokenSource,
        client: http.Client,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not isinstance(credentials, TokenSource):
            credentials = TokenSource(credentials, clock=clock)
        self._tokens = credentials
        self._client = client

    def post(self, url: str, headers: Mapping[str, str], body: bytes, *, most: int) -> Answer:
        """Send a POST with the token, as `http.Client.post`; the answer never repeats the token.

        Raises:
            AuthError: the token endpoint refuses the client credentials.
            TemporaryError: it cannot be reached, or is busy: nothing was posted.
            ClrctlError: as `http.Client.post`.
        """
        return self._with_token(
            lambda bearer: self._client.post(url, {**headers, **bearer}, body, most=most)
        )

    def get(self, url: str, *, most: int) -> Answer:
        """Send a GET with the token, as `http.Client.get`; the answer never repeats the token.

        Raises:
            ClrctlError: as `post`.
        """
        return self._with_token(lambda bearer: self._client.get(url, bearer, most=most))

    def cut(self) -> None:
        """Cut what is under way, from any thread, as `http.Client.cut`."""
        self._client.cut()

    def _with_token(self, send: Callable[[Mapping[str, str]], Answer]) -> Answer:
        token = self._tokens.current(self._client)
        answer = self._once(send, token)
        if answer.status == HTTPStatus.UNAUTHORIZED and self._tokens.is_worth_another(token):
            answer = self._once(send, self._tokens.current(self._client))
        return answer

    def _once(self, send: Callable[[Mapping[str, str]], Answer], token: Secret) -> Answer:
        answer = send({"Authorization": f"Bearer {token.reveal()}"})
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            self._tokens.accepted(token)
            # Here a short token may stand by chance: a record is not to be changed for that.
            if len(token.reveal()) < _BEYOND_CHANCE:
                return answer
        return without(answer, token.reveal())


def fetch_token(credentials: ClientCredentials, client: http.Client) -> tuple[Secret, float]:
    """Fetch an access token by the client credentials grant (RFC 6749 section 4.4).

    Returns:
        The token and its life in seconds.

    Raises:
        AuthError: the credentials are refused, or the answer holds no token.
        TemporaryError: the token endpoint cannot be reached, or is busy.
        RefusedError: it redirects, or its certificate is not trusted.
    """
    headers, form = _grant(credentials)
    answer = post_form(client, credentials.token_url, headers, form)
    where = f"POST {credentials.token_url} ({credentials.source})"
    if answer.status != HTTPStatus.OK:
        secret = credentials.client_secret.reveal()
        spelled = secret, quote_plus(secret), headers.get("Authorization", secret)
        raise _refusal(without(answer, *spelled), where, credentials)
    return token_of(answer, where)


def post_form(
    client: http.Client, url: str, headers: Mapping[str, str], form: Mapping[str, str]
) -> Answer:
    """Send a form to an OAuth 2.0 endpoint and return its answer.

    Raises:
        ClrctlError: as `http.Client.post`; an answer that was lost is a TemporaryError, since
            nothing was stored by what failed, and there is no doubt to tell of.
    """
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    try:
        return client.post(url, {**kind, **headers}, urlencode(form).encode(), most=LONGEST_ANSWER)
    except http.LostAnswer as lost:
        raise TemporaryError(
            "the token endpoint gives no answer", where=lost.where, why=lost.why, fix=lost.fix
        ) from None


def basic(client_id: str, secret: str) -> dict[str, str]:
    """Return the header by which a client authenticates (RFC 6749 section 2.3.1)."""
    # Both are form-encoded before they are joined.
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


def _grant(credentials: ClientCredentials) -> tuple[dict[str, str], dict[str, str]]:
    """Return the headers and the form of a token request."""
    form = {"grant_type": "client_credentials"}
    secret = credentials.client_secret.reveal()
    if credentials.scope:
        form["scope"] = credentials.scope
    if credentials.auth_style == "basic":
        return basic(credentials.client_id, secret), form
    return {}, form | {"client_id": credentials.client_id, "client_secret": secret}


def token_of(answer: Answer, where: str) -> tuple[Secret, float]:
    """Return the access token that an answer grants, and its life in seconds (section 5.1).

    Raises:
        AuthError: it holds none that a header could carry.
    """
    try:
        body = orjson.loads(answer.text)
        token, life = body["access_token"], _life(body.get("expires_in"))
    except (orjson.JSONDecodeError, TypeError, KeyError):
        token, life = "", DEFAULT_LIFE
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable():
        raise AuthError(
            "the token endpoint answered without an access token",
            where=where,
            why=answer.flaw,
            fix="check token_url",
        )
    return Secret(token), life


def _life(seconds: Json) -> float:
    try:
        life = float(seconds)
    except (TypeError, ValueError):
        life = 0.0
    return life if life > 0 else DEFAULT_LIFE


def _refusal(answer: Answer, where: str, credentials: ClientCredentials) -> ClrctlError:
    why = imsx.told(answer)
    if answer.is_busy:
        return TemporaryError(
            "the token endpoint is busy", where=where, why=why, fix="run the same command later"
        )
    if answer.is_redirect:
        return RefusedError(
            "the token endpoint redirects; secrets do not follow",
            where=where,
            why=f"HTTP {answer.status}",
            fix="correct token_url",
        )
    return AuthError(
        "the token endpoint refused the client credentials",
        where=where,
        why=why,
        fix=advice.of_refusal(answer, credentials.scope, credentials.auth_style),
    )


def without(answer: Answer, *secrets: str) -> Answer:
    """Return an answer that does not repeat a secret: what servers say is shown and saved."""
    body = answer.body
    for secret in secrets:
        body = body.replace(secret.encode(), b"...")
    return replace(answer, body=body)
