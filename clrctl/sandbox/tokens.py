"""The token endpoint: the client credentials grant of OAuth 2.0 (RFC 6749, section 4.4).

One fixed, public client may ask; it knows nothing of what its tokens open.
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
from clrctl.sandbox.contract import CLIENT_ID, CLIENT_SECRET
from clrctl.sandbox.kinds import Target
from clrctl.sandbox.mischief import Mischief
from clrctl.sandbox.store import Store

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
        clock: tells the time, in UTC.
        mischief: what is made to go wrong.
    """

    store: Store
    clock: Callable[[], datetime]
    mischief: Mischief

    async def issue(self, request: Request) -> Response:
        """Answer a request for a token."""
        body = await read_body(request, _BODY_LIMIT)

        async def carry_out() -> Response:
            return await run_in_threadpool(self._issue, request, body)

        return await self.mischief.play(Target.TOKEN, request, carry_out, lambda: None)

    def _issue(self, request: Request, body: bytes) -> Response:
        try:
            form = _form(request, body)
            _authenticate(request, form)
        except _Denied as denied:
            return denied.response()
        token, now = secrets.token_urlsafe(32), self.clock()
        self.store.add_token(token, now=now, expires=now + _LIFETIME)
        answer = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(_LIFETIME.total_seconds()),
        }
        if "scope" in form:
            answer["scope"] = form["scope"]
        return json_response(answer, 200, _NO_STORE)


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
    if "grant_type" not in form:
        raise _Denied("invalid_request", "grant_type is missing")
    if form["grant_type"] != "client_credentials":
        raise _Denied("unsupported_grant_type", "only client_credentials is offered")
    return form


def _authenticate(request: Request, form: dict[str, str]) -> None:
    """Know the client by HTTP Basic or by the form, not by both (RFC 6749, section 2.3)."""
    header = request.headers.get("authorization")
    if header is None:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    elif "client_secret" in form:
        raise _Denied("invalid_request", "the client authenticates in two ways at once")
    else:
        client_id, secret = _basic(header)
    known = hmac.compare_digest(client_id.encode(), CLIENT_ID.encode())
    if not hmac.compare_digest(secret.encode(), CLIENT_SECRET.encode()) or not known:
        raise _Denied("invalid_client", "the client is unknown or its secret is wrong")


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
