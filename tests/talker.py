"""A server on loopback that says exactly what a test wants, and remembers what it was sent."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

CERTIFICATE = Path(__file__).parent / "data" / "cases" / "http" / "loopback.pem"


@dataclass(frozen=True)
class Seen:
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


Reply = bytes | Callable[[Seen], bytes]


@dataclass
class Talker:
    """What the server says, request by request (the last one for ever), and what it has seen."""

    url: str
    replies: list[Reply]
    seen: list[Seen] = field(default_factory=list)

    def answer(self, raw: bytes) -> bytes:
        if raw.startswith(b"GET /ims/clr/v2p0/discovery/ ") and b"User-Agent" not in raw:
            # Whether it is a sandbox is no part of what a test looks at.
            return reply(404)
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (row.partition(":") for row in lines)
        }
        self.seen.append(Seen(first, headers, body))
        said = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return said if isinstance(said, bytes) else said(self.seen[-1])


def reply(
    status: int, body: bytes | str = b"", kind: str = "application/json", **headers: str
) -> bytes:
    """Return a whole HTTP answer; the connection ends with it."""
    raw = body.encode() if isinstance(body, str) else body
    given = {"Content-Type": kind, "Content-Length": str(len(raw)), "Connection": "close"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} As told", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + raw


def echo(status: int = 201, **headers: str) -> Reply:
    """Return a reply that repeats what was sent, as an endpoint that changes nothing does."""
    return lambda seen: reply(status, seen.body, **headers)


@contextlib.contextmanager
def talking(*replies: Reply, tls: bool | ssl.SSLContext = False) -> Iterator[Talker]:
    """Serve on a free port of loopback, with TLS as the context says where one is given."""
    listener = socket.create_server(("127.0.0.1", 0))
    if tls:
        if isinstance(tls, ssl.SSLContext):
            context = tls
        else:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
        listener = context.wrap_socket(listener, server_side=True)
    scheme = "https" if tls else "http"
    talker = Talker(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", list(replies))
    thread = threading.Thread(target=_serve, args=(listener, talker), daemon=True)
    thread.start()
    try:
        yield talker
    finally:
        # Wakes the accepting thread, which closing alone does not.
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


@dataclass
class Tunnel:
    """A proxy on loopback, and the hosts and ports to which it was asked to connect."""

    url: str
    seen: list[str] = field(default_factory=list)


@contextlib.contextmanager
def tunnel(tls: ssl.SSLContext | None = None) -> Iterator[Tunnel]:
    """Run a proxy that connects to whatever it is asked for (RFC 9110 section 9.3.6)."""
    with socket.create_server(("127.0.0.1", 0)) as plain:
        listener = tls.wrap_socket(plain, server_side=True) if tls else plain
        port = listener.getsockname()[1]
        proxy = Tunnel(f"https://127.0.0.1:{port}" if tls else f"http://127.0.0.1:{port}")

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(
                        target=_connect, args=(listener.accept()[0], proxy), daemon=True
                    ).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield proxy
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _connect(client: socket.socket, proxy: Tunnel) -> None:
    with client, contextlib.suppress(OSError):
        target = _request(client).split(b" ")[1].decode()
        proxy.seen.append(target)
        host, _, port = target.rpartition(":")
        with socket.create_connection((host, int(port))) as server:
            client.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
            back.start()
            _pass_on(client, server)
            back.join(5)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while more := source.recv(65_536):
            target.sendall(more)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _serve(listener: socket.socket, talker: Talker) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except (ssl.SSLError, ConnectionError):
            continue
        except OSError:
            return
        with connection, contextlib.suppress(OSError):
            connection.settimeout(5)
            if raw := _request(connection):
                connection.sendall(talker.answer(raw))


def _request(connection: socket.socket) -> bytes:
    raw = b""
    while not _is_whole(raw):
        if not (more := connection.recv(65_536)):
            return b""
        raw += more
    return raw


def _is_whole(raw: bytes) -> bool:
    head, end, body = raw.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return bool(end) and len(body) >= (int(lengths[0].partition(b":")[2]) if lengths else 0)


def free_port() -> int:
    """Return a port at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
