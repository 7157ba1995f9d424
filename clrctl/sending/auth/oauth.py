"""OAuth 2.0 for a person at this machine: register, agree in the browser, renew, revoke.

It is given URLs that were agreed to, sends secrets nowhere else, and knows neither settings nor
where logins are kept. It is written here, since the libraries for it bring a cryptography package
and more time to start than five small requests are worth.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import quote_plus, urlencode

import orjson

from clrctl import http
from clrctl.errors import AuthError, ClrctlError, RefusedError, TemporaryError
from clrctl.finding import Json
from clrctl.http import AS_USUAL, Answer, Network
from clrctl.sending.auth import advice
from clrctl.sending.auth.credentials import OAuthClient
from clrctl.sending.auth.redirect import Redirect
from clrctl.sending.auth.session import LONGEST_ANSWER, basic, post_form, token_of, without
from clrctl.sending.client import imsx
from clrctl.util import Secret, base64url

PATIENCE: Final = 300.0
_AGAIN: Final = "run clrctl auth login again"


@dataclass(frozen=True, slots=True)
class Provider:
    """The URLs of an authorization server, all of which were agreed to.

    Attributes:
        authorization_url: where a person agrees, in the browser.
        token_url: where codes become tokens.
        registration_url: where clients register themselves; empty without one.
    """

    authorization_url: str
    token_url: str
    registration_url: str = ""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a token endpoint grants: `life` in seconds, a refresh token where there is one."""

    access: Secret
    life: float
    refresh: Secret | None


def sign_in(
    provider: Provider,
    client: OAuthClient | None,
    scope: str,
    show: Callable[[str], None],
    *,
    port: int = 0,
    patience: float = PATIENCE,
    network: Network = AS_USUAL,
) -> tuple[OAuthClient, Tokens]:
    """Have a person agree in the browser, and return what was granted, and to which client.

    Authorization code with PKCE, S256 (RFC 6749 section 4.1, RFC 7636), sent to this machine
    (RFC 8252 section 7.3). Without a client, one is registered (RFC 7591).

    Args:
        provider: the authorization server.
        client: who asks; None to register.
        scope: what for, parted by blanks.
        show: is given the URL to open in a browser.
        port: where on this machine the browser brings the answer; 0 is any that is free.
        patience: seconds to wait for it.
        network: how the server is reached.

    Raises:
        AuthError: it was not granted, or not in time, or the answer is not the one to our question.
        UsageError: the port is taken.
        TemporaryError: the server cannot be reached, or is busy.
        RefusedError: it redirects, or its certificate is not trusted.
    """
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    with Redirect(port) as redirect, _connection(network) as connection:
        client = client or _register(connection, provider.registration_url, redirect.url, scope)
        show(_question(provider, client, scope, redirect.url, state, verifier))
        code = _code(redirect.wait(patience), state, scope)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect.url,
            "code_verifier": verifier,
            "scope": scope,
        }
        return client, _tokens(connection, provider.token_url, client, form)


def refresh(url: str, client: OAuthClient, token: Secret, network: Network = AS_USUAL) -> Tokens:
    """Return new tokens for a refresh token (RFC 6749 section 6).

    Raises:
        AuthError: it is refused: somebody has to agree again.
        TemporaryError: the server cannot be reached, or is busy.
        RefusedError: it redirects, or its certificate is not trusted.
    """
    form = {"grant_type": "refresh_token", "refresh_token": token.reveal()}
    with _connection(network) as connection:
        return _tokens(connection, url, client, form)


def revoke(url: str, client: OAuthClient, token: Secret, network: Network = AS_USUAL) -> None:
    """Have the server forget a token (RFC 7009).

    Raises:
        ClrctlError: it did not, or cannot be reached.
    """
    with _connection(network) as connection:
        _post(connection, url, client, {"token": token.reveal()}, "the token was not revoked")


def _connection(network: Network) -> http.Client:
    return http.Client(link=http.Link(network))


def _register(connection: http.Client, url: str, redirect_uri: str, scope: str) -> OAuthClient:
    """Register this program as a client that lives as long as its login (RFC 7591 section 3)."""
    if not url:
        raise AuthError(
            "this endpoint has to know its clients, and offers no registration",
            fix="ask its owner for a client id; give it as client_id of the endpoint's entry",
        )
    metadata = {
        "client_name": "clrctl",
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "software_id": "clrctl",
        "scope": scope,
    }
    kind = {"Content-Type": "application/json"}
    answer = connection.post(url, kind, orjson.dumps(metadata), most=LONGEST_ANSWER)
    where = f"POST {url}"
    if answer.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
        raise _refusal(answer, where, "the endpoint refused to register clrctl as a client", scope)
    found = _object(answer)
    client_id, secret = found.get("client_id"), found.get("client_secret")
    if not isinstance(client_id, str) or not client_id or not isinstance(secret, str | None):
        raise AuthError("the endpoint registered a client without an id", where=where)
    return OAuthClient(client_id, Secret(secret) if secret else None)


def _question(
    provider: Provider,
    client: OAuthClient,
    scope: str,
    redirect_uri: str,
    state: str,
    verifier: str,
) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": client.id,
        "redirect_uri": redirect_uri,
        "scope": scope,
        "state": state,
        "code_challenge": base64url.encode(digest),
        "code_challenge_method": "S256",
    }
    return f"{provider.authorization_url}?{urlencode(asked)}"


def _code(answer: Mapping[str, str], state: str, scope: str) -> str:
    """Return the code that the browser brought (RFC 6749 sections 4.1.2 and 10.12)."""
    if not hmac.compare_digest(answer.get("state", "").encode(), state.encode()):
        raise AuthError(
            "the browser returned an answer to another request",
            why="its state is not the one that was sent: another page may have forged it",
            fix=_AGAIN,
        )
    if answer.get("error") or not answer.get("code"):
        error = answer.get("error", "no code")
        why = ": ".join(filter(None, (error, answer.get("error_description", ""))))
        raise AuthError(
            "access was not granted",
            why=why[: imsx.LONGEST],
            fix=advice.of_code(error, scope) or _AGAIN,
        )
    return answer["code"]


def _tokens(connection: http.Client, url: str, client: OAuthClient, form: dict[str, str]) -> Tokens:
    answer, where = _post(connection, url, client, form, "the token endpoint refused the login")
    access, life = token_of(answer, where)
    again = _object(answer).get("refresh_token")
    return Tokens(access, life, Secret(again) if isinstance(again, str) and again else None)


def _post(
    connection: http.Client, url: str, client: OAuthClient, form: dict[str, str], refused: str
) -> tuple[Answer, str]:
    """Return the answer to a form that the client sends in its name, and where it was sent."""
    headers: dict[str, str] = {}
    if client.secret is None:
        form = form | {"client_id": client.id}
    else:
        headers = basic(client.id, client.secret.reveal())
    answer, where = post_form(connection, url, headers, form), f"POST {url}"
    if answer.status != HTTPStatus.OK:
        said = without(answer, *_spellings(client, form, headers))
        raise _refusal(said, where, refused, form.get("scope", ""))
    return answer, where


def _spellings(client: OAuthClient, form: dict[str, str], headers: dict[str, str]) -> list[str]:
    """Return every secret of a request as a server may repeat it."""
    said = [form.get(name, "") for name in ("code", "code_verifier", "refresh_token", "token")]
    said += [client.secret.reveal()] if client.secret else []
    said += [header.removeprefix("Basic ") for header in headers.values()]
    return [text for plain in filter(None, said) for text in (plain, quote_plus(plain))]


def _refusal(answer: Answer, where: str, what: str, scope: str) -> ClrctlError:
    why = imsx.told(answer)
    if answer.is_busy:
        return TemporaryError(what, where=where, why=why, fix="run the same command later")
    if answer.is_redirect:
        return RefusedError(f"{what}: it redirects, and secrets do not follow", where=where)
    fix = advice.of_code(imsx.code(answer), scope) or _AGAIN
    return AuthError(what, where=where, why=why, fix=fix)


def _object(answer: Answer) -> dict[str, Json]:
    try:
        found = orjson.loads(answer.text)
    except orjson.JSONDecodeError:
        found = None
    return found if isinstance(found, dict) else {}
