"""What sockets of our own do not cover, through httpx: proxies, and URLs to be put in order.

This is the only module that imports httpx.
"""

from __future__ import annotations

import contextlib
import logging
import math
import socket
import ssl
import threading
import time
import urllib.request
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from clrctl.errors import ClrctlError, RefusedError, UsageError
from clrctl.http import tls
from clrctl.http.answer import (
    COMPRESSED,
    Answer,
    NoConnection,
    Timeouts,
    broken,
    late,
    silent,
    too_long,
    unreached,
    unsendable,
)
from clrctl.http.link import Link

# These log what servers send, which may repeat a token.
for _library in ("httpx", "httpcore"):
    logging.getLogger(_library).setLevel(logging.WARNING)


def are_wanted() -> bool:
    """Return whether the environment names a proxy for https."""
    named = urllib.request.getproxies()
    return bool(named.get("https") or named.get("all"))


class Proxied:
    """Sends requests as httpx does; but for `cut`, not for use by several threads at once.

    Args:
        timeouts: how long to wait.
        link: certificates to trust, our own, and the proxy.

    Raises:
        UsageError: the settings or the environment name a proxy that cannot be used.
    """

    def __init__(self, timeouts: Timeouts, link: Link) -> None:
        self._timeouts = timeouts
        self._has_certificate = link.has_certificate
        self._has_own_proxy = bool(link.proxy)
        self._is_new = False
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._client = _open(link)
        self._watchdog = _Watchdog(timeouts.exchange, self.cut)

    def close(self) -> None:
        """Close all connections."""
        self._watchdog.close()
        self._client.close()

    def send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, most: int
    ) -> Answer:
        """Send a request and read its whole answer, as `http.Client`.

        Raises:
            ClrctlError: as `http.Client`.
        """
        where = f"{method} {url}"
        self._watchdog.begin()
        try:
            answer = self._exchange(method, url, headers, body, most)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as problem:
            if not self._watchdog.has_bitten:
                raise self._refusal(problem, where) or self._told(problem, where) from None
        finally:
            self._watchdog.end()
        if self._watchdog.has_bitten:
            raise late(where, self._timeouts.exchange)
        return answer

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, most: int
    ) -> Answer:
        timeout = httpx.Timeout(self._timeouts.read, connect=self._timeouts.connect)
        # Not built by the client, which would add cookies.
        request = httpx.Request(
            method,
            url,
            headers=headers,
            content=body,
            extensions={"timeout": timeout.as_dict(), "trace": self._note},
        )
        self._is_new = False
        with contextlib.closing(self._client.send(request, stream=True)) as response:
            self._is_new = False
            content, flaw = _read(response, most)
        received = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, received, content, flaw)

    def _note(self, _: str, info: Mapping[str, Any]) -> None:
        """Remember each connection that is opened (httpx's `trace` extension)."""
        # Of all that is told, a network stream alone has this method.
        if get := getattr(info.get("return_value"), "get_extra_info", None):
            self._sockets.add(get("socket"))
            self._is_new = True

    def _told(self, problem: Exception, where: str) -> ClrctlError:
        error = _told(problem, where)
        if self._has_own_proxy and isinstance(error, NoConnection):
            error.fix = "check the network, the URL, and proxy in the config file"
        return error

    def _refusal(self, problem: Exception, where: str) -> RefusedError | None:
        is_handshake = isinstance(problem, httpx.ConnectError)
        if not (is_handshake or self._is_new):
            return None
        has = self._has_certificate
        return tls.refusal(problem, where, has_certificate=has, is_handshake=is_handshake)

    def cut(self) -> None:
        """Cut all connections, from any thread: what is under way raises LostAnswer."""
        for connection in list(self._sockets):
            # Not the method of an SSL socket, which would change it under the reading thread.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _Watchdog:
    """Bounds the time of whole exchanges: timeouts bound each read, not a server that drips.

    Its thread sleeps through those that end in time; starting one for each would cost more than
    the exchange itself.

    Attributes:
        has_bitten: the last exchange was ended.
    """

    def __init__(self, seconds: float, bite: Callable[[], None]) -> None:
        self.has_bitten = False
        self._seconds = seconds
        self._bite = bite
        self._lock = threading.Lock()
        self._end = math.inf
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """An exchange begins."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        self.has_bitten = False
        self._end = time.monotonic() + self._seconds

    def end(self) -> None:
        """It has ended."""
        with self._lock:
            self._end = math.inf

    def close(self) -> None:
        """No more will begin."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        pause = 0.0
        while not self._closed.wait(pause):
            with self._lock:
                left = self._end - time.monotonic()
                if left <= 0:
                    self.has_bitten = True
                    self._end = math.inf
                    self._bite()
            # None that begins meanwhile ends earlier.
            pause = left if 0 < left < self._seconds else self._seconds


def _open(link: Link) -> httpx.Client:
    trust = link.context()
    try:
        proxy = _proxy(link.proxy, trust) if link.proxy else None
        # Only this machine is reached without TLS; that must not pass through a proxy.
        return httpx.Client(verify=trust, proxy=proxy, mounts={"http://": None})
    except (ValueError, ImportError, httpx.InvalidURL):
        # The text of the error may hold the proxy's password.
        raise UsageError(
            "the proxy cannot be used",
            where="proxy in the config file" if link.proxy else "HTTPS_PROXY or ALL_PROXY",
            fix="give it as http://HOST:PORT, or unset it",
        ) from None


def _proxy(url: str, trust: ssl.SSLContext) -> httpx.Proxy:
    # Without TLS on the way to the proxy itself, it must not be given.
    return httpx.Proxy(url, ssl_context=trust if url.startswith("https:") else None)


def _read(response: httpx.Response, most: int) -> tuple[bytes, str]:
    """Return the body, or why it was not read."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        return b"", COMPRESSED
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > most:
            return b"", too_long(most)
    return bytes(body), ""


def _told(problem: Exception, where: str) -> ClrctlError:
    """Return an error of httpx in our words; its own text may hold what must not be shown."""
    if isinstance(problem, httpx.InvalidURL | UnicodeError | httpx.LocalProtocolError):
        return unsendable(where)
    if isinstance(problem, httpx.ProxyError):
        return NoConnection("the proxy failed", where=where, fix="check HTTPS_PROXY and NO_PROXY")
    if isinstance(problem, httpx.ConnectError | httpx.ConnectTimeout):
        timed_out = isinstance(problem, httpx.ConnectTimeout)
        return unreached(where, "timed out" if timed_out else str(problem))
    if isinstance(problem, httpx.TimeoutException):
        return silent(where)
    return broken(where, type(problem).__name__)
