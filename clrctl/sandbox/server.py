"""Serves a sandbox: in the foreground for people, by a thread for tests and single commands.

It owns sockets, threads and signals, and the one look that finds a sandbox already running. The
web packages are imported when something is served, and not before.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from clrctl.errors import UsageError
from clrctl.sandbox.contract import MARKER, STORE, TOKEN_PATH, Check, is_loopback
from clrctl.sandbox.faults import Faults
from clrctl.sandbox.store import Store
from clrctl.standard import DISCOVERY_PATH

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from clrctl.sandbox.app import Recorded
    from clrctl.sandbox.uvicorn_server import LoopbackServer

_FIND_SECONDS: Final = 0.5
_FIND_BYTES: Final = 1024 * 1024
_ID: Final = re.compile(r"[0-9a-f]{32}")
_RECORDED_REQUESTS: Final = 1000


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox served by a background thread; `close` it or use it as a context manager.

    Attributes:
        url: base URL without a slash at its end; the interface is below `/ims/clr/v2p0/`.
        token_url: URL of the token endpoint.
        store: what it keeps.
        faults: what is made to go wrong; may be changed at any time.
        requests: the last thousand requests, the oldest first.
    """

    url: str
    token_url: str
    store: Store
    faults: Faults
    requests: deque[Recorded]
    _server: LoopbackServer = field(repr=False)
    _thread: threading.Thread = field(repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving, cut what is still open after a second, and close the store."""
        self._server.should_exit = True
        self._thread.join()
        self.store.close()


def start(
    database: Path,
    *,
    check: Check,
    port: int = 0,
    host: str = "127.0.0.1",
    faults: Faults | None = None,
    clock: Callable[[], datetime] | None = None,
    answers_304: bool = False,
) -> Running:
    """Serve a sandbox by a background thread; return when it takes connections.

    Args:
        database: file to keep the credentials in; created where needed.
        check: judges each credential before it is stored.
        port: TCP port; 0 is any that is free.
        host: address of this machine.
        faults: what is made to go wrong; by default nothing, until something is added.
        clock: returns the time, with a time zone; by default the real one.
        answers_304: answer a credential that is stored already, byte for byte, with 304.

    Raises:
        UsageError: a package is missing, the host is another machine, or the port is taken.
        InputError: the file cannot be used.
    """
    faults = Faults() if faults is None else faults
    requests: deque[Recorded] = deque(maxlen=_RECORDED_REQUESTS)
    with contextlib.ExitStack() as on_error:
        create_app, server_class = _web()
        listener = on_error.enter_context(_listen(host, port))
        store = on_error.enter_context(Store(database))
        app = create_app(
            store,
            check=check,
            clock=clock or _now,
            faults=faults,
            answers_304=answers_304,
            requests=requests,
        )
        ready = threading.Event()
        server = server_class(app, on_ready=ready.set)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        url = _url(listener)
        thread.start()
        on_error.pop_all()
    ready.wait()
    return Running(url, url + TOKEN_PATH, store, faults, requests, server, thread)


def serve(
    database: Path,
    *,
    check: Check,
    port: int,
    host: str = "127.0.0.1",
    faults: Faults | None = None,
    on_ready: Callable[[str], None],
) -> None:
    """Serve a sandbox until SIGINT or SIGTERM, then return; only for the main thread.

    Args:
        database: file to keep the credentials in; created where needed.
        check: judges each credential before it is stored.
        port: TCP port; 0 is any that is free.
        host: address of this machine.
        faults: what is made to go wrong; by default nothing.
        on_ready: called with the base URL when connections are taken.

    Raises:
        UsageError: a package is missing, the host is another machine, or the port is taken.
        InputError: the file cannot be used.
    """
    create_app, server_class = _web()
    with _listen(host, port) as listener, Store(database) as store:
        url = _url(listener)
        app = create_app(store, check=check, clock=_now, faults=faults)
        server_class(app, on_ready=lambda: on_ready(url)).run([listener])


@dataclass(frozen=True, slots=True)
class Found:
    """A sandbox that runs.

    Attributes:
        store: id of what it keeps (`Store.id`); empty where another version of clrctl has none.
    """

    store: str


def find(host: str, port: int, *, seconds: float = _FIND_SECONDS) -> Found | None:
    """Return the clrctl sandbox that listens at an address of this machine; never raises.

    Whatever keeps silent for so many seconds, or answers anything else, is not one.
    """
    try:
        return ask(host, port, seconds=seconds)
    except TimeoutError:
        return None


def ask(host: str, port: int, *, seconds: float) -> Found | None:
    """Return the sandbox at an address, as `find` does, and wait for its answer.

    Raises:
        TimeoutError: something listens there, and did not answer in so many seconds.
    """
    if not is_loopback(host):
        return None
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", DISCOVERY_PATH)
        description = json.loads(connection.getresponse().read(_FIND_BYTES))
    except TimeoutError:
        raise
    except (OSError, http.client.HTTPException, ValueError, RecursionError):
        return None
    finally:
        connection.close()
    if not isinstance(description, dict) or description.get(MARKER) is not True:
        return None
    store = description.get(STORE)
    return Found(store if isinstance(store, str) and _ID.fullmatch(store) else "")


def _web() -> tuple[Callable[..., Starlette], type[LoopbackServer]]:
    try:
        from clrctl.sandbox.app import create_app
        from clrctl.sandbox.uvicorn_server import LoopbackServer
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("starlette", "uvicorn"):
            raise
        raise UsageError(
            "the sandbox needs the packages starlette and uvicorn",
            fix="pip install 'clrctl[sandbox]'",
        ) from None
    return create_app, LoopbackServer


def _listen(host: str, port: int) -> socket.socket:
    if not is_loopback(host):
        raise UsageError(
            "the sandbox serves this machine only",
            where=f"host {host}",
            fix="use 127.0.0.1, ::1 or localhost",
        )
    address = "127.0.0.1" if host == "localhost" else host
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # Not by default: only where the protocol is named does asyncio switch Nagle's delay off.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":  # there it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        raise UsageError(
            "the sandbox cannot listen here",
            where=f"{host} port {port}",
            why=str(error),
            fix="choose another port",
        ) from error
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _now() -> datetime:
    return datetime.now(UTC)
