"""HTTP/1.1 on sockets of our own (RFC 9112): what most uploads use.

An upload is as fast as the processor gets from one request to the next, and httpx takes some five
times as long for that as the few lines that a POST and its answer need. What they do not cover -
proxies, and URLs that are to be put in order first - is left to httpx.
"""

from __future__ import annotations

import contextlib
import functools
import re
import select
import socket
import ssl
import time
from collections.abc import Mapping
from typing import Final, NamedTuple

from clrctl.errors import RefusedError
from clrctl.http import incoming, tls
from clrctl.http.answer import Answer, Timeouts, broken, late, silent, unreached, unsendable
from clrctl.http.link import Link

# Nothing in it has to be encoded, resolved or left out before it is sent.
_URL: Final = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<authority>(?P<host>[a-z0-9.-]+|\[[0-9a-f:]+\])(?::(?P<port>[0-9]{1,5}))?)"
    r"(?P<target>/(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
)
_DOTS: Final = re.compile(r"/\.")
_VALUE: Final = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")
_PORTS: Final = {"http": 80, "https": 443}
_PIECE: Final = 2**18
_READ: Final = 2**16


class Target(NamedTuple):
    """An URL in its parts.

    Attributes:
        scheme: `http` or `https`.
        host: a name or an address, without brackets.
        port: the port.
        authority: host and port as they stand in the URL.
        path: path and query.
        url: all of it.
    """

    scheme: str
    host: str
    port: int
    authority: str
    path: str
    url: str

    @classmethod
    @functools.lru_cache(maxsize=16)
    def of(cls, url: str) -> Target | None:
        """Return the parts of an URL that can be sent as it is; None for all others."""
        found = _URL.fullmatch(url)
        if found is None or _DOTS.search(url):
            return None
        scheme = found["scheme"]
        port = int(found["port"] or _PORTS[scheme])
        return cls(
            scheme, found["host"].strip("[]"), port, found["authority"], found["target"] or "/", url
        )


class Direct:
    """Sends requests to servers that need no proxy; but for `cut`, for one thread at a time.

    To each server one connection stays open.

    Args:
        timeouts: how long to wait.
        link: certificates to trust, and our own.
    """

    def __init__(self, timeouts: Timeouts, link: Link) -> None:
        self._timeouts = timeouts
        self._link = link
        self._trust: ssl.SSLContext | None = None
        self._kept: dict[tuple[str, str, int], _Connection] = {}

    def send(
        self, method: str, target: Target, headers: Mapping[str, str], body: bytes | None, most: int
    ) -> Answer:
        """Send a request and read its whole answer, as `http.Client`.

        Raises:
            ClrctlError: as `http.Client`.
        """
        where = f"{method} {target.url}"
        head = _head(method, target, headers, body, where)
        connection = self._connected(target, where)
        end = time.monotonic() + self._timeouts.exchange
        is_reusable = False
        try:
            connection.end = end
            answer, is_reusable = connection.exchange(head, body or b"", most)
        except TimeoutError:
            if time.monotonic() >= end:
                raise late(where, self._timeouts.exchange) from None
            raise silent(where) from None
        except (OSError, incoming.Malformed) as problem:
            refusal = None if connection.has_answered else self._refusal(problem, where)
            raise refusal or broken(where, _how(problem)) from None
        finally:
            if not is_reusable:
                del self._kept[target[:3]]
                connection.close()
        return answer

    def cut(self) -> None:
        """Cut all connections, from any thread: what is under way raises LostAnswer."""
        for connection in list(self._kept.values()):
            connection.cut()

    def close(self) -> None:
        """Close all connections."""
        for connection in self._kept.values():
            connection.close()
        self._kept.clear()

    def _connected(self, target: Target, where: str) -> _Connection:
        origin = target[:3]
        if (kept := self._kept.get(origin)) is not None:
            if kept.is_idle():
                return kept
            del self._kept[origin]
            kept.close()
        try:
            stream = self._opened(target)
        except UnicodeError:
            raise unsendable(where) from None
        except TimeoutError:
            raise unreached(where, "timed out") from None
        except OSError as problem:
            refusal = self._refusal(problem, where, is_handshake=True)
            raise refusal or unreached(where, str(problem)) from None
        self._kept[origin] = _Connection(stream, self._timeouts.read)
        return self._kept[origin]

    def _refusal(
        self, problem: Exception, where: str, *, is_handshake: bool = False
    ) -> RefusedError | None:
        has = self._link.has_certificate
        return tls.refusal(problem, where, has_certificate=has, is_handshake=is_handshake)

    def _secured(self, stream: socket.socket, host: str) -> socket.socket:
        if self._trust is None:
            self._trust = self._link.context()
        return self._trust.wrap_socket(stream, server_hostname=host)

    def _opened(self, target: Target) -> socket.socket:
        stream = socket.create_connection((target.host, target.port), self._timeouts.connect)
        try:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if target.scheme == "https":
                # It is the time for the whole handshake from here on.
                return self._secured(stream, target.host)
        except BaseException:
            stream.close()
            raise
        return stream


class _Connection:
    """A connection that carries one exchange after another.

    Attributes:
        end: when the exchange under way is to be over, on the monotonic clock.
        has_answered: the server has sent a byte of an answer, so that no handshake is under way.
    """

    def __init__(self, stream: socket.socket, patience: float) -> None:
        self.end = 0.0
        self.has_answered = False
        self._stream = stream
        self._patience = patience

    def is_idle(self) -> bool:
        """Return whether the server still listens, and says nothing that nobody asked for."""
        return not _readable(self._stream)

    def exchange(self, head: bytes, body: bytes, most: int) -> tuple[Answer, bool]:
        """Send a request, and return its answer and whether another may follow.

        Raises:
            TimeoutError: the server fell silent, or time was up.
            OSError: the connection broke.
            Malformed: the answer is no HTTP, or was cut off.
        """
        # A server may answer, and hang up, before it has read everything.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            for piece in _pieces(head, body):
                self._send(piece)
        return incoming.receive(self._more, most)

    def cut(self) -> None:
        # Not the method of an SSL socket, which would change it under the reading thread.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._stream, socket.SHUT_RDWR)

    def close(self) -> None:
        self._stream.close()

    def _send(self, piece: memoryview) -> None:
        while piece:
            self._be_patient()
            piece = piece[self._stream.send(piece) :]

    def _more(self) -> bytes:
        self._be_patient()
        received = self._stream.recv(_READ)
        self.has_answered = self.has_answered or bool(received)
        return received

    def _be_patient(self) -> None:
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._stream.settimeout(min(left, self._patience))


def _head(
    method: str, target: Target, headers: Mapping[str, str], body: bytes | None, where: str
) -> bytes:
    lines = [f"{method} {target.path} HTTP/1.1", f"Host: {target.authority}"]
    for name, value in headers.items():
        if not _VALUE.fullmatch(value):
            raise unsendable(where)
        lines.append(f"{name}: {value}")
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("ascii")


def _pieces(head: bytes, body: bytes) -> list[memoryview]:
    """Return what to send: at once if it is small, in parts whose time is taken if it is not."""
    if len(body) <= _PIECE:
        return [memoryview(head + body)]
    whole = memoryview(body)
    parts = [whole[at : at + _PIECE] for at in range(0, len(body), _PIECE)]
    return [memoryview(head), *parts]


def _how(problem: Exception) -> str:
    if isinstance(problem, ConnectionResetError):
        return "the server cut the connection"
    return str(problem) or type(problem).__name__


def _readable(stream: socket.socket) -> bool:
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(stream, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([stream], [], [], 0)[0])
