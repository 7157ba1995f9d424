"""One HTTP exchange: bounded in time and size, never redirected, its failures told in our errors.

This is the only home of httpx. It knows nothing of credentials, tokens or the API.
"""

from __future__ import annotations

import contextlib
import logging
import math
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import urlsplit

import httpcore
import httpx

from clrctl import __version__
from clrctl.errors import ClrctlError, RefusedError, TemporaryError, UsageError

# These log what servers send, which may repeat a token.
for _library in ("httpx", "httpcore"):
    logging.getLogger(_library).setLevel(logging.WARNING)

_HEADERS = {
    "User-Agent": f"clrctl/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}
_BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)


class NoConnection(TemporaryError):
    """Nobody was reached: the request did not arrive."""


class LostAnswer(TemporaryError):
    """The request went out, and no whole answer came back: it may or may not have been done."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds.

    Attributes:
        connect: for a connection to one address, and once more for TLS.
        read: for the next bytes to come or go.
        exchange: for everything from the first byte sent to the last one received.
    """

    connect: float = 10.0
    read: float = 60.0
    exchange: float = 120.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    Attributes:
        status: HTTP status.
        headers: by name in lower case.
        body: its bytes; empty when there is a flaw.
        flaw: why the body was not read, in words; empty when it was.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    flaw: str = ""

    @property
    def is_json(self) -> bool:
        """Whether the server says that the body is JSON (RFC 6839 suffixes included)."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind == "application/json" or kind.endswith("+json")

    @property
    def is_redirect(self) -> bool:
        """Whether the server points elsewhere (RFC 9110 section 15.4)."""
        return self.status in (301, 302, 303, 307, 308)

    @property
    def is_busy(self) -> bool:
        """Whether the same request may succeed later (RFC 9110, RFC 6585, RFC 8470)."""
        return self.status in _BUSY or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR


class Client:
    """Sends requests and reads their answers; not for use by several threads at once.

    It follows no redirects, keeps no cookies, asks for no encoding. Certificate files and, for
    https, proxies are taken from the environment, as everybody expects.

    Args:
        timeouts: how long to wait.
        trust: certificates to trust, from `trusted`; by default loaded for this client alone.

    Raises:
        UsageError: the environment names a certificate file or a proxy that cannot be used.
    """

    def __init__(
        self, timeouts: Timeouts = Timeouts(), *, trust: ssl.SSLContext | None = None
    ) -> None:
        self._timeouts = timeouts
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self._client = _open(trust or trusted())
        self._watchdog = _Watchdog(timeouts.exchange, self.cut)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._watchdog.close()
        self._client.close()

    def post(self, url: str, headers: Mapping[str, str], body: bytes, *, most: int) -> Answer:
        """Send a POST and read its whole answer, whatever its status.

        Args:
            url: where to.
            headers: beside those of every request.
            body: is sent as it is.
            most: bytes of the answer's body to read at the most; a longer one is a flaw.

        Raises:
            UsageError: the URL cannot be used.
            NoConnection: nobody was reached; the request did not arrive.
            LostAnswer: the answer did not arrive whole, or not in time.
            RefusedError: the server's certificate is not trusted.
        """
        return self._send("POST", url, headers, body, most)

    def get(self, url: str, headers: Mapping[str, str], *, most: int) -> Answer:
        """Send a GET and read its whole answer, as `post`.

        Raises:
            ClrctlError: as `post`.
        """
        return self._send("GET", url, headers, None, most)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, most: int
    ) -> Answer:
        where = f"{method} {url}"
        self._watchdog.begin()
        try:
            answer = self._exchange(method, url, headers, body, most)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as problem:
            if not self._watchdog.has_bitten:
                raise _told(problem, where) from None
        finally:
            self._watchdog.end()
        if self._watchdog.has_bitten:
            raise _slow(where, f"not whole after {self._timeouts.exchange:g} seconds")
        return answer

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, most: int
    ) -> Answer:
        timeout = httpx.Timeout(self._timeouts.read, connect=self._timeouts.connect)
        # Not built by the client, which would add cookies.
        request = httpx.Request(
            method,
            url,
            headers={**_HEADERS, **headers},
            content=body,
            extensions={"timeout": timeout.as_dict(), "trace": self._note},
        )
        with contextlib.closing(self._client.send(request, stream=True)) as response:
            content, flaw = _read(response, most)
        received = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status_code, received, content, flaw)

    def _note(self, _: str, info: Mapping[str, Any]) -> None:
        """Remember each connection that is opened (httpcore's `trace` extension)."""
        if isinstance(stream := info.get("return_value"), httpcore.NetworkStream):
            self._sockets.add(stream.get_extra_info("socket"))

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


def origin(url: str) -> str:
    """Return scheme, host and port of an URL: all of it that may be shown."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else "elsewhere"


def trusted() -> ssl.SSLContext:
    """Load the certificates to trust, which takes long enough to be done once for all clients.

    Raises:
        UsageError: the environment names a certificate file that cannot be used.
    """
    try:
        context = httpx.create_ssl_context()
    except OSError as problem:
        raise UsageError(
            "the certificate file cannot be used",
            where="SSL_CERT_FILE or SSL_CERT_DIR",
            why=problem.strerror or "",
            fix="name a file of certificates in PEM form, or unset it",
        ) from None
    # Python would write the keys of every connection to the file that SSLKEYLOGFILE names.
    context.keylog_filename = None  # type: ignore[assignment]
    return context


def _open(trust: ssl.SSLContext) -> httpx.Client:
    try:
        # Only this machine is reached without TLS; that must not pass through a proxy.
        return httpx.Client(verify=trust, mounts={"http://": None})
    except (ValueError, ImportError, httpx.InvalidURL):
        # The text of the error may hold the proxy's password.
        raise UsageError(
            "the proxy cannot be used",
            where="HTTPS_PROXY or ALL_PROXY",
            fix="give it as http://HOST:PORT, or unset it",
        ) from None


def _read(response: httpx.Response, most: int) -> tuple[bytes, str]:
    """Return the body, or why it was not read."""
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        return b"", "it is compressed although that was not asked for"
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > most:
            return b"", f"it is longer than {most:,} bytes"
    return bytes(body), ""


def _told(problem: Exception, where: str) -> ClrctlError:
    """Return an error of httpx in our words; its own text may hold what must not be shown."""
    if (cause := _certificate_problem(problem)) is not None:
        return RefusedError(
            "the server's certificate is not trusted",
            where=where,
            why=cause.verify_message,
            fix="check the URL; for a private authority set SSL_CERT_FILE to its certificate",
        )
    if isinstance(problem, httpx.InvalidURL | UnicodeError | httpx.LocalProtocolError):
        return UsageError("the request cannot be sent", where=where, fix="check the URL")
    if isinstance(problem, httpx.ProxyError):
        return NoConnection("the proxy failed", where=where, fix="check HTTPS_PROXY and NO_PROXY")
    if isinstance(problem, httpx.ConnectError | httpx.ConnectTimeout):
        return NoConnection(
            "no connection to the server",
            where=where,
            why="timed out" if isinstance(problem, httpx.ConnectTimeout) else str(problem),
            fix="check the network, the URL and HTTPS_PROXY, then run the same command again",
        )
    if isinstance(problem, httpx.TimeoutException):
        return _slow(where, "the connection fell silent")
    return LostAnswer(
        "the connection broke before the answer was whole",
        where=where,
        why=f"{type(problem).__name__}: the request may or may not have been carried out",
        fix="run the same command again",
    )


def _slow(where: str, why: str) -> LostAnswer:
    return LostAnswer(
        "the server takes too long to answer",
        where=where,
        why=why,
        fix="run the same command again",
    )


def _certificate_problem(problem: BaseException) -> ssl.SSLCertVerificationError | None:
    link: BaseException | None = problem
    while link is not None:
        if isinstance(link, ssl.SSLCertVerificationError):
            return link
        link = link.__cause__ or link.__context__
    return None
