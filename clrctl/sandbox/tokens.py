"""The token endpoint of OAuth 2.0 (RFC 6749): tokens for client credentials, codes and refreshes.

It also revokes them (RFC 7009). It knows nothing of what its tokens open.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from clrctl.sandbox.answers import json_response, read_body
from clrctl.sandbox.faults import FaultTarget, Mischief
from clrctl.sandbox.grants import Grant, Grants, RegisteredClient
from clrctl.sandbox.store import Store

_OFFERED: Final = ("client_credentials", "authorization_code", "refresh_token")
_LIFETIME: Final = timedelta(hours=1)
_BODY_LIMIT: Final = 64 * 1024
_NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class _Denied(Exception):
    """An error answer (RFC 6749, section 5.2)."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code

    def response(self) -> Response:
        body = {"error": self.code, "error_description": str(self)}
        if self.code != "invalid_client":
            return json_response(body, 400, _NO_STORE)
        challenge = {"WWW-Authenticate": 'Basic realm="clrctl sandbox"'}
        return json_response(body, 401, _NO_STORE | challenge)


@dataclass(frozen=True, slots=True)
class TokenApi:
    """Issues opaque tokens.

    Attributes:
        store: where the tokens are kept.
        grants: what clients there are, and what people have granted them.
        clock: returns the time, in UTC.
        mischief: what is made to go wrong.
    """

    store: Store
    grants: Grants
    clock: Callable[[], datetime]
    mischief: Mischief

    async def issue(self, request: Request) -> Response:
        """Answer a request for a token."""
        body = await read_body(request, _BODY_LIMIT)

        async def carry_out() -> Response:
            return await run_in_threadpool(self._issue, request, body)

        return await self.mischief.play(FaultTarget.TOKEN, request, carry_out, lambda: None)

    async def revoke(self, request: Request) -> Response:
        """Revoke an access or refresh token; an unknown one is none any more (RFC 7009)."""
        return await run_in_threadpool(self._revoke, request, await read_body(request, _BODY_LIMIT))

    def _issue(self, request: Request, body: bytes) -> Response:
        try:
            form = _form(request, body)
            _check_grant_type(form)
            client = self._authenticated(request, form)
            scope, refresh = self._granted(client, form)
        except _Denied as denied:
            return denied.response()
        token, now = secrets.token_urlsafe(32), self.clock()
        self.store.add_token(token, now=now, expires=now + _LIFETIME)
        answer = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(_LIFETIME.total_seconds()),
        }
        if refresh:
            answer["refresh_token"] = refresh
        if scope:
            answer["scope"] = scope
        return json_response(answer, 200, _NO_STORE)

    def _revoke(self, request: Request, body: bytes) -> Response:
        try:
            form = _form(request, body)
            self._authenticated(request, form)
        except _Denied as denied:
            return denied.response()
        token = form.get("token", "")
        self.grants.revoke(token)
        self.store.forget_token(token)
        return Response(status_code=200, headers=_NO_STORE)

    def _granted(self, client: RegisteredClient, form: dict[str, str]) -> tuple[str, str]:
        """Return the scope that is granted, and a refresh token where there is to be one."""
        if form["grant_type"] == "client_credentials":
            return form.get("scope", ""), ""
        if form["grant_type"] == "refresh_token":
            grant = self.grants.refresh(form.get("refresh_token", ""), client.id)
            if grant is None:
                raise _Denied("invalid_grant", "the refresh token is unknown or was used before")
            return grant.scope, self.grants.add_refresh(grant)
        grant = self.grants.redeem(form.get("code", ""))
        if grant is None or not _belongs(grant, client, form) or grant.expires <= self.clock():
            raise _Denied("invalid_grant", "the code is unknown, has expired, or was used before")
        if not grant.is_proved_by(form.get("code_verifier", "")):
            raise _Denied("invalid_grant", "the code verifier is wrong")
        offline = any(scope.endswith("offline_access") for scope in grant.scope.split())
        return grant.scope, self.grants.add_refresh(grant) if offline else ""

    def _authenticated(self, request: Request, form: dict[str, str]) -> RegisteredClient:
        """Know the client by HTTP Basic or by the form, not by both (RFC 6749, section 2.3)."""
        header = request.headers.get("authorization")
        if header is None:
            client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        elif "client_secret" in form:
            raise _Denied("invalid_request", "the client authenticates in two ways at once")
        else:
            client_id, secret = _basic(header)
        client = self.grants.client(client_id)
        if client is None or not hmac.compare_digest(secret.encode(), client.secret.encode()):
            raise _Denied("invalid_client", "the client is unknown or its secret is wrong")
        return client


def _check_grant_type(form: dict[str, str]) -> None:
    if "grant_type" not in form:
        raise _Denied("invalid_request", "grant_type is missing")
    if form["grant_type"] not in _OFFERED:
        raise _Denied("unsupported_grant_type", f"offered are: {', '.join(_OFFERED)}")


def _belongs(grant: Grant, client: RegisteredClient, form: dict[str, str]) -> bool:
    return grant.client_id == client.id and grant.redirect_uri == form.get("redirect_uri")


def _form(request: Request, body: bytes) -> dict[str, str]:
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        raise _Denied("invalid_request", "the body must be application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(body.decode(), max_num_fields=100)
    except ValueError:
        raise _Denied("invalid_request", "the body cannot be read as a form") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise _Denied("invalid_request", "a parameter is there twice")
    return form


def _basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    try:
        pair = base64.b64decode(encoded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        pair = ""
    if scheme.lower() != "basic":
        pair = ""
    client_id, _, secret = pair.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)
