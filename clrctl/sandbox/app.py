"""Puts the sandbox together: routes, the guard before them, and errors in one form.

It knows nothing of sockets, threads and signals.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clrctl.sandbox.answers import Refusal
from clrctl.sandbox.authorization import AuthorizationApi
from clrctl.sandbox.contract import (
    AUTHORIZE_PATH,
    REGISTER_PATH,
    REVOKE_PATH,
    TOKEN_PATH,
    Check,
    is_loopback,
)
from clrctl.sandbox.discovery import DiscoveryApi
from clrctl.sandbox.faults import Faults, Mischief
from clrctl.sandbox.grants import Grants
from clrctl.sandbox.page import Pages
from clrctl.sandbox.routes import BODY_LIMIT, CredentialsApi
from clrctl.sandbox.store import Store
from clrctl.sandbox.tokens import TokenApi
from clrctl.standard import CREDENTIALS_PATH, DISCOVERY_PATH

_HOST_PORT: Final = re.compile(r":\d*$")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it came.

    Attributes:
        method: such as `POST`.
        path: the path with its query, as sent.
        headers: by name in small letters; of a header sent twice, the last.
        body: the bytes of the body, as far as they were read.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def create_app(
    store: Store,
    *,
    check: Check,
    clock: Callable[[], datetime],
    faults: Faults | None = None,
    answers_304: bool = False,
    body_limit: int = BODY_LIMIT,
    requests: deque[Recorded] | None = None,
) -> Starlette:
    """Return the sandbox as an ASGI application.

    Args:
        store: where credentials and tokens are kept.
        check: judges each credential before it is stored.
        clock: returns the time; the instants it returns have a time zone.
        faults: what is made to go wrong; may be changed while the application runs.
        answers_304: answer a credential that is stored already, byte for byte, with 304.
        body_limit: the longest credential that is taken, in bytes.
        requests: where to record what comes in; nothing is recorded without it.
    """
    mischief = Mischief(faults or Faults(), store, clock)
    api = CredentialsApi(store, check, clock, mischief, answers_304, body_limit)
    grants = Grants()
    tokens = TokenApi(store, grants, clock, mischief)
    authorization = AuthorizationApi(grants, clock)
    pages = Pages(store)
    discover = DiscoveryApi(store).discover
    slashless = CREDENTIALS_PATH.removesuffix("/")
    routes = [
        Route("/", pages.index),
        Route("/records/{key}", pages.record),
        Route("/logo.svg", pages.logo),
        Route(TOKEN_PATH, tokens.issue, methods=["POST"]),
        Route(REVOKE_PATH, tokens.revoke, methods=["POST"]),
        Route(REGISTER_PATH, authorization.register, methods=["POST"]),
        Route(
            AUTHORIZE_PATH,
            _by_method(authorization.answer, authorization.ask),
            methods=["GET", "POST"],
        ),
        Route(DISCOVERY_PATH, discover),
        Route(DISCOVERY_PATH.removesuffix("/"), discover),
        Route(CREDENTIALS_PATH, _by_method(api.upsert, api.list), methods=["GET", "POST"]),
        Route(slashless, _by_method(api.redirect, api.list), methods=["GET", "POST"]),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(_Guard, requests=requests)],
        exception_handlers=dict.fromkeys((Refusal, HTTPException, Exception), _refuse),
    )
    app.router.redirect_slashes = False
    return app


_Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


def _by_method(post: _Endpoint, get: _Endpoint) -> _Endpoint:
    """Serve both methods by one route, so that a 405 names them both in `Allow`."""

    async def endpoint(request: Request) -> Response:
        return await (post if request.method == "POST" else get)(request)

    return endpoint


async def _refuse(request: Request, error: Exception) -> Response:
    """Answer every error, of ours or of the routing, in one form."""
    match error:
        case Refusal():
            return error.response()
        case HTTPException():
            told = {404: "nothing is served at", 405: f"{request.method} is not served at"}
            description = f"{told.get(error.status_code, error.detail)} {request.url.path}"
            return Refusal(error.status_code, description, headers=error.headers).response()
        case _:
            return Refusal(500, "the sandbox failed; its own output says why").response()


class _Guard:
    """Stands before all routes: lets only this machine in, and records what comes."""

    def __init__(self, app: ASGIApp, requests: deque[Recorded] | None) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on unless its `Host` is foreign.

        A page from elsewhere whose name was made to resolve to this machine (DNS rebinding) would
        otherwise be able to read learners' data.
        """
        headers = Headers(scope=scope)
        send = _with_headers(send, headers.get("x-request-id"))
        if self._requests is not None:
            receive, send = _recorded(scope, receive, send, self._requests)
        if not is_loopback(_HOST_PORT.sub("", headers.get("host", ""))):
            answer = Refusal(421, "only requests to this machine's own address are served")
            await answer.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _with_headers(send: Send, request_id: str | None) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-Content-Type-Options"] = "nosniff"
            if request_id is not None:
                headers["X-Request-ID"] = request_id
        await send(message)

    return send_with_headers


def _recorded(
    scope: Scope, receive: Receive, send: Send, requests: deque[Recorded]
) -> tuple[Receive, Send]:
    """Record a request once: when its body is complete, or else when it is answered."""
    body = bytearray()
    is_recorded = False

    def record() -> None:
        nonlocal is_recorded
        if not is_recorded:
            is_recorded = True
            requests.append(Recorded(scope["method"], _target(scope), _headers(scope), bytes(body)))

    async def receive_and_record() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                record()
        return message

    async def send_and_record(message: Message) -> None:
        record()
        await send(message)

    return receive_and_record, send_and_record


def _target(scope: Scope) -> str:
    path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
