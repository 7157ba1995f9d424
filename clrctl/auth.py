"""Access tokens: taken as given, or fetched with OAuth 2.0 client credentials (RFC 6749).

The client secret goes to the token URL and nowhere else, the token to the URL of the API and
nowhere else. This module does not know what is posted.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import quote_plus, urlencode

import orjson

from clrctl import http, imsx
from clrctl.access import ClientCredentials, Credentials, Secret, StaticToken
from clrctl.errors import AuthError, ClrctlError, RefusedError, TemporaryError
from clrctl.finding import Json
from clrctl.http import Answer

LONGEST_ANSWER = 1_000_000
DEFAULT_LIFE = 3600.0
# AWS, whose identity service stands behind TimeBack, asks to reuse a token for this share.
SHARE_OF_LIFE = 0.75


class Session:
    """Posts with an access token (RFC 6750 section 2.1).

    A fetched token is renewed before it expires, and once when the endpoint answers 401 to one
    that has served before.

    Args:
        credentials: the token, or what it is fetched with.
        client: for the token endpoint as well as for what is posted.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        credentials: Credentials,
        client: http.Client,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._credentials = credentials
        self._client = client
        self._clock = clock
        self._token: Secret | None = None
        self._renew_at = 0.0
        self._served = False

    def post(self, url: str, headers: Mapping[str, str], body: bytes, *, most: int) -> Answer:
        """Send a POST with the token, as `http.Client.post`; the answer never repeats the token.

        Raises:
            AuthError: the token endpoint refuses the client credentials.
            TemporaryError: it cannot be reached, or is busy: nothing was posted.
            ClrctlError: as `http.Client.post`.
        """
        answer = self._post(url, headers, body, most)
        if answer.status == HTTPStatus.UNAUTHORIZED and self._served:
            self._token = None
            answer = self._post(url, headers, body, most)
        return answer

    def _post(self, url: str, headers: Mapping[str, str], body: bytes, most: int) -> Answer:
        token = self._current()
        bearer = {"Authorization": f"Bearer {token.reveal()}"}
        answer = self._client.post(url, {**headers, **bearer}, body, most=most)
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            self._served = isinstance(self._credentials, ClientCredentials)
        return _without(answer, token.reveal())

    def _current(self) -> Secret:
        if isinstance(self._credentials, StaticToken):
            return self._credentials.token
        if self._token is None or self._clock() >= self._renew_at:
            self._token, life = fetch_token(self._credentials, self._client)
            self._renew_at = self._clock() + life * SHARE_OF_LIFE
            self._served = False
        return self._token


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
    try:
        answer = client.post(credentials.token_url, headers, form, most=LONGEST_ANSWER)
    except http.LostAnswer as lost:
        # Nothing was stored by what failed here, so there is no doubt to tell of.
        raise TemporaryError(
            "the token endpoint gives no answer", where=lost.where, why=lost.why, fix=lost.fix
        ) from None
    where = f"POST {credentials.token_url} ({credentials.source})"
    if answer.status != HTTPStatus.OK:
        secret = credentials.client_secret.reveal()
        spelled = secret, quote_plus(secret), headers.get("Authorization", secret)
        raise _refusal(_without(answer, *spelled), where)
    return _token(answer, where)


def _grant(credentials: ClientCredentials) -> tuple[dict[str, str], bytes]:
    """Return the headers and the form of a token request."""
    form = {"grant_type": "client_credentials"}
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    secret = credentials.client_secret.reveal()
    if credentials.scope:
        form["scope"] = credentials.scope
    if credentials.auth_style == "body":
        form |= {"client_id": credentials.client_id, "client_secret": secret}
    else:
        # RFC 6749 section 2.3.1: both are form-encoded before they are joined.
        pair = f"{quote_plus(credentials.client_id)}:{quote_plus(secret)}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    return headers, urlencode(form).encode()


def _token(answer: Answer, where: str) -> tuple[Secret, float]:
    try:
        body = orjson.loads(answer.body)
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


def _refusal(answer: Answer, where: str) -> ClrctlError:
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
        fix="check the client id and secret, and that they belong to this endpoint",
    )


def _without(answer: Answer, *secrets: str) -> Answer:
    """Return an answer that does not repeat a secret: what servers say is shown and saved."""
    body = answer.body
    for secret in secrets:
        body = body.replace(secret.encode(), b"...")
    return replace(answer, body=body)
