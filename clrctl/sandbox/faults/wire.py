"""Does on the wire what a script of faults says.

Faults that HTTP libraries cannot do (a reset, half an answer, one byte at a time) are written
straight to the connection's transport, past the HTTP layer; they need the server of
`clrctl.sandbox.server`, which leaves the transport in the request's state.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import json
import math
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Final, TypeAlias

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from clrctl.finding import Json
from clrctl.sandbox.answers import JSON, imsx, imsx_standard
from clrctl.sandbox.faults.kinds import (
    Alter,
    Bloat,
    Body,
    Bomb,
    Close,
    CredentialPart,
    Delay,
    Drip,
    Drop,
    Expire,
    FaultTarget,
    Flood,
    Framing,
    Hang,
    Reset,
    Status,
    Truncate,
)
from clrctl.sandbox.faults.player import Faults
from clrctl.sandbox.store import Store

CarryOut: TypeAlias = Callable[[], Awaitable[Response]]
_Spoiling: TypeAlias = Truncate | Drip | Flood | Bomb | Bloat | Drop | Alter

_BOMB_BYTES: Final = 32 * 1024 * 1024
_BLOAT_BYTES: Final = 1024 * 1024
_FLOOD_CHUNK: Final = b" " * 65_536
_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = "content-length"


@dataclass(frozen=True, slots=True)
class Mischief:
    """Plays a script of faults.

    Attributes:
        faults: the script.
        store: whose tokens an `Expire` takes away.
        clock: returns the time, for `Retry-After` as a date.
    """

    faults: Faults
    store: Store
    clock: Callable[[], datetime]

    async def play(
        self,
        on: FaultTarget,
        request: Request,
        carry_out: CarryOut,
        credential_id: Callable[[], str | None],
    ) -> Response:
        """Return the answer to a request: the true one, or what the script makes of it.

        Args:
            on: the kind of request.
            request: the request; its body has been read.
            carry_out: does what is asked for and returns the true answer.
            credential_id: returns the `id` of the credential sent.
        """
        fault = self.faults.take(on, credential_id)
        match fault:
            case None:
                return await carry_out()
            case Delay():
                await asyncio.sleep(fault.seconds)
                return await carry_out()
            case Expire():
                self.store.expire_tokens()
                return await carry_out()
            case Status() | Reset() | Close() | Hang():
                if fault.commit:
                    await carry_out()
                return self._instead(fault)
            case _:
                return _spoiled(fault, await carry_out())

    def _instead(self, fault: Status | Reset | Close | Hang) -> Response:
        match fault:
            case Reset():
                return _OnTheWire(_reset)
            case Close():
                return _OnTheWire(_close)
            case Hang():
                return _OnTheWire(_hang)
            case Status():
                return self._status(fault)

    def _status(self, fault: Status) -> Response:
        content, media_type = _body(fault)
        response = Response(content, fault.status, None, media_type)
        if fault.retry_date is not None:
            when = self.clock() + timedelta(seconds=fault.retry_date)
            response.headers["Retry-After"] = format_datetime(when, usegmt=True)
        if fault.retry_after:
            response.headers["Retry-After"] = fault.retry_after
        if fault.to:
            response.headers["Location"] = fault.to
        return response


def _body(fault: Status) -> tuple[bytes, str | None]:
    if fault.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        return b"", None
    status, text = fault.status, "the sandbox was told to answer like this"
    bodies = {
        Body.IMSX: imsx(status, text),
        Body.IMSX_STANDARD: imsx_standard(status, text),
        Body.MESSAGE: {"message": text},
        Body.NAN: {"id": math.nan},
    }
    if fault.body in bodies:
        return json.dumps(bodies[fault.body]).encode(), JSON
    html = f"<html><body><h1>{status}</h1>{text}</body></html>"
    return (html if fault.body is Body.HTML else "").encode(), "text/html"


def _spoiled(fault: _Spoiling, true: Response) -> Response:
    """Return the true answer after one of the faults that spoil it."""
    match fault:
        case Truncate():
            return _OnTheWire(_sender(_truncated(true, fault.framing)))
        case Drip():
            head, body = _head(true, f"{_LENGTH}: {len(true.body)}"), bytes(true.body)
            at_once, slowly = (
                (b"", head + body) if fault.part is CredentialPart.ALL else (head, body)
            )
            return _OnTheWire(_dripper(at_once, slowly, fault.seconds))
        case Drop() | Alter():
            return _edited(true, fault)
        case Flood() | Bomb() | Bloat():
            return _swollen(true, fault)


def _swollen(true: Response, fault: Flood | Bomb | Bloat) -> Response:
    match fault:
        case Flood():
            endless = itertools.repeat(_FLOOD_CHUNK)
            return StreamingResponse(endless, true.status_code, None, JSON)
        case Bomb():
            packed = gzip.compress(bytes(_BOMB_BYTES))
            return Response(packed, true.status_code, {"Content-Encoding": "gzip"}, JSON)
        case Bloat():
            true.headers["X-Padding"] = "x" * _BLOAT_BYTES
            return true


# --- answers that are JSON, but not the right one ---------------------------------------------


def _edited(true: Response, fault: Drop | Alter) -> Response:
    if not true.body or true.status_code >= HTTPStatus.BAD_REQUEST:
        return true
    document = json.loads(bytes(true.body))
    for pointer in fault.at if isinstance(fault, Drop) else (fault.at,):
        # A pointer that leads nowhere is passed over.
        with contextlib.suppress(KeyError, IndexError, TypeError, ValueError):
            parent, key = _place(document, pointer)
            if isinstance(fault, Drop):
                del parent[key]
            else:
                parent[key] = fault.value
    headers = {name: value for name, value in true.headers.items() if name != _LENGTH}
    return Response(json.dumps(document).encode(), true.status_code, headers)


def _place(document: Json, pointer: str) -> tuple[Json, str | int]:
    """Return the container that a JSON Pointer leads to and the key of its member there."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    for step in steps[:-1]:
        document = document[int(step) if isinstance(document, list) else step]
    return document, int(steps[-1]) if isinstance(document, list) else steps[-1]


# --- answers past the HTTP layer -------------------------------------------------------------

_Play: TypeAlias = Callable[[asyncio.Transport, Receive], Awaitable[None]]


class _OnTheWire(Response):
    """Has the transport do something; over when the connection is."""

    def __init__(self, play: _Play) -> None:
        super().__init__()
        self._play = play

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Play, then wait until the server has seen that the connection is gone."""
        await self._play(scope["state"]["transport"], receive)
        await _gone(receive)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _hang(_transport: asyncio.Transport, _receive: Receive) -> None:
    """Leave the connection open; what waits for its end is the caller."""


async def _close(transport: asyncio.Transport, _receive: Receive) -> None:
    transport.close()


async def _reset(transport: asyncio.Transport, _receive: Receive) -> None:
    """Abort so that the kernel sends RST: a socket that lingers for no time at all."""
    linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()


def _sender(raw: bytes) -> _Play:
    async def send(transport: asyncio.Transport, _receive: Receive) -> None:
        transport.write(raw)
        transport.close()

    return send


def _dripper(at_once: bytes, slowly: bytes, seconds: float) -> _Play:
    async def drip(transport: asyncio.Transport, receive: Receive) -> None:
        transport.write(at_once)
        gone = asyncio.ensure_future(_gone(receive))
        for byte in slowly:
            transport.write(bytes([byte]))
            await asyncio.wait([gone], timeout=seconds)
            if gone.done():
                break
        gone.cancel()
        transport.close()

    return drip


def _truncated(true: Response, framing: Framing) -> bytes:
    body = bytes(true.body)
    half = body[: len(body) // 2]
    match framing:
        case Framing.LENGTH:
            return _head(true, f"{_LENGTH}: {len(body)}") + half
        case Framing.CHUNKED:
            chunk = b"%x\r\n%b\r\n" % (len(half), half)
            return _head(true, "transfer-encoding: chunked") + chunk
        case Framing.NONE:
            return _head(true, "connection: close") + half


def _head(true: Response, framing: str) -> bytes:
    lines = [f"HTTP/1.1 {true.status_code} {HTTPStatus(true.status_code).phrase}", framing]
    lines += [f"{name}: {value}" for name, value in true.headers.items() if name != _LENGTH]
    return "\r\n".join(lines).encode("latin-1") + _HEAD_END
