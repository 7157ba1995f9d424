"""Access tokens: taken as given, or fetched with OAuth 2.0 client credentials (RFC 6749).

The client secret goes to the token URL and nowhere else, the token to the API and nowhere else.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Generator
from urllib.parse import quote_plus, urlencode

import httpx
import orjson

from clrctl import http, imsx
from clrctl.access import ClientCredentials, Credentials, Secret, StaticToken
from clrctl.errors import AuthError, ClrctlError, RefusedError, TemporaryError

LONGEST_ANSWER = 1_000_000
DEFAULT_LIFE = 3600.0
# AWS, whose identity service stands behind TimeBack, asks to reuse a token for this share.
SHARE_OF_LIFE = 0.75
BUSY = (408, 425, 429)


class BearerAuth(httpx.Auth):
    """Puts the access token on each request (RFC 6750 section 2.1).

    A fetched token is renewed before it expires, and once when the endpoint answers 401 to one
    that has served before.
    """

    def __init__(self, credentials: Credentials, client: httpx.Client) -> None:
        self._credentials = credentials
        self._client = client
        self._token: Secret | None = None
        self._renew_at = 0.0
        self._served = False

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send with the token; after a 401 to a token that has served, once more with a new one."""
        self._put_on(request)
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED and self._served:
            self._token = None
            self._put_on(request)
            response = yield request
        self._served = response.is_success and isinstance(self._credentials, ClientCredentials)

    def _put_on(self, request: httpx.Request) -> None:
        request.headers["Authorization"] = f"Bearer {self.token().reveal()}"

    def token(self) -> Secret:
        """Return the token, fetched anew when there is none or its time is nearly up.

        Raises:
            AuthError: the token endpoint refuses the client credentials.
            TemporaryError: it cannot be reached, or is busy.
        """
        if isinstance(self._credentials, StaticToken):
            return self._credentials.token
        if self._token is None or time.monotonic() >= self._renew_at:
            self._token, life = fetch_token(self._credentials, self._client)
            self._renew_at = time.monotonic() + life * SHARE_OF_LIFE
            self._served = False
        return self._token


def fetch_token(credentials: ClientCredentials, client: httpx.Client) -> tuple[Secret, float]:
    """Fetch an access token by the client credentials grant (RFC 6749 section 4.4).

    Returns:
        The token and its life in seconds.

    Raises:
        AuthError: the credentials are refused, or the answer holds no token.
        TemporaryError: the token endpoint cannot be reached, or is busy.
    """
    answer = http.exchange(client, _token_request(credentials, client), most=LONGEST_ANSWER)
    where = f"POST {credentials.token_url} ({credentials.source})"
    if answer.status != httpx.codes.OK:
        raise _refusal(answer, where)
    try:
        body = orjson.loads(answer.body)
        token = body["access_token"]
        life = float(body.get("expires_in") or DEFAULT_LIFE)
    except (ValueError, TypeError, KeyError, AttributeError):
        token, life = None, 0.0
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise AuthError(
            "the token endpoint answered without an access token",
            where=where,
            fix="check token_url",
        )
    return Secret(token), life


def _token_request(credentials: ClientCredentials, client: httpx.Client) -> httpx.Request:
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
    return client.build_request(
        "POST", credentials.token_url, content=urlencode(form).encode(), headers=headers
    )


def _refusal(answer: http.Answer, where: str) -> ClrctlError:
    why = f"HTTP {answer.status} {imsx.explain(answer.body)}".rstrip()
    if answer.status in BUSY or answer.status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return TemporaryError(
            "the token endpoint is busy", where=where, why=why, fix="run the same command later"
        )
    if httpx.codes.is_redirect(answer.status):
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
