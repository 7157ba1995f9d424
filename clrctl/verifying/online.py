"""Fetching public documents for verification: https only, bounded, never from private addresses.

What an URL in a credential leads to is chosen by whoever wrote the credential. So that it leads
neither into this network nor to an endless answer, each name is resolved once, every address it
has must be public, and the connection goes to the very address that was looked at. Redirects are
followed within one origin only. What was fetched is kept for as long as its server allows.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies

import orjson

from clrctl._version import __version__
from clrctl.errors import ClrctlError, RefusedError
from clrctl.standard import instant
from clrctl.util import atomic
from clrctl.verifying.trust import NotAvailable

MOST_BYTES = 16 * 2**20
SECONDS = 20.0
_STEP = 5.0
_HOPS = 3
_PORT = 443
_USUAL = timedelta(minutes=5)
_LONGEST = timedelta(hours=24)
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?([0-9]{1,9})")
_HEADERS = {
    "User-Agent": f"clrctl/{__version__}",
    "Accept": "application/json, application/did+json, application/*+json;q=0.9, */*;q=0.1",
    "Accept-Encoding": "identity",
    "Connection": "close",
}

Addresses = Callable[[str, int], list[str]]
"""Host name and port to its addresses; raises OSError."""


@dataclass
class Fetcher:
    """Fetches public documents, and names each that it fetched.

    Attributes:
        folder: where what was fetched is kept.
        now: the moment that counts as today.
        told: is told each URL before it is fetched.
        fetched: every URL that was asked for, in order.
        addresses: resolves host names.
        trust: certificates to trust; by default those of the system.
        is_allowed: whether an address may be connected to.
    """

    folder: Path
    now: datetime
    told: Callable[[str], None] = lambda _: None
    fetched: list[str] = field(default_factory=list)
    addresses: Addresses = field(default_factory=lambda: _addresses)
    trust: ssl.SSLContext | None = None
    is_allowed: Callable[[str], bool] = field(default_factory=lambda: is_public)

    def __call__(self, url: str) -> bytes:
        """Return what lies at an URL.

        Raises:
            NotAvailable: it cannot be had, or may not be fetched.
        """
        kept = _Kept(self.folder, url)
        if (body := kept.read(self.now)) is not None:
            return body
        answer = self._follow(url)
        kept.write(answer.body, self.now, _lifetime(answer.cache_control))
        return answer.body

    def _follow(self, url: str) -> _Answer:
        first = _FetchTarget.of(url)
        target = first
        for _ in range(_HOPS + 1):
            self.fetched.append(target.url)
            self.told(target.url)
            answer = self._get(target)
            if not answer.location:
                return answer
            target = _FetchTarget.of(urljoin(target.url, answer.location))
            if (target.host, target.port) != (first.host, first.port):
                raise _refused(url, f"it redirects to another server, {target.host}")
        raise _refused(url, "it redirects again and again")

    def _get(self, target: _FetchTarget) -> _Answer:
        try:
            if "https" in getproxies():
                return self._by_proxy(target)
            return self._directly(target)
        except NotAvailable:
            raise
        except RefusedError as problem:
            raise _refused(target.url, f"{problem.what} ({problem.why})") from None
        except ClrctlError as problem:
            raise _unreachable(target.url, problem.why or problem.what) from None
        except ssl.SSLCertVerificationError as problem:
            raise _refused(target.url, f"its certificate: {problem.verify_message}") from None
        except (OSError, http.client.HTTPException, UnicodeError) as problem:
            if refusal := _tls_refusal(problem, target.url):
                raise _refused(target.url, f"{refusal.what} ({refusal.why})") from None
            why = getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
            raise _unreachable(target.url, why) from None

    def _directly(self, target: _FetchTarget) -> _Answer:
        found = self.addresses(target.host, target.port)
        private = [address for address in found if not self.is_allowed(address)]
        if private or not found:
            raise _refused(target.url, f"{target.host} is not a public address")
        live = [_connected(found, target.port)]
        cut = threading.Timer(SECONDS, _cut, [live])
        cut.daemon = True
        cut.start()
        try:
            context = self.trust or _certificates()
            with context.wrap_socket(live[0], server_hostname=target.host) as secured:
                live[0] = secured
                connection = http.client.HTTPSConnection(target.host, target.port)
                connection.sock = secured
                # A server that hangs up has perhaps said why before.
                with suppress(BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
                    connection.request("GET", target.path, headers=_HEADERS)
                with closing(connection.getresponse()) as response:
                    return _answer(target.url, response.status, response.getheader, response.read)
        finally:
            cut.cancel()
            live[0].close()

    def _by_proxy(self, target: _FetchTarget) -> _Answer:
        """Go through the proxy of the environment: it resolves the name, so it has to guard."""
        from clrctl.http import Client, Link, Timeouts

        if (address := _literal(target.host)) and not self.is_allowed(address):
            raise _refused(target.url, f"{target.host} is not a public address")
        timeouts = Timeouts(connect=_STEP, read=_STEP, exchange=SECONDS)
        with Client(timeouts, link=Link(trust=self.trust)) as client:
            found = client.get(target.url, {"Accept": _HEADERS["Accept"]}, most=MOST_BYTES)
        if found.flaw:
            raise _refused(target.url, found.flaw)
        return _answer(target.url, found.status, found.headers.get, lambda most: found.body[:most])


@dataclass(frozen=True, slots=True)
class _FetchTarget:
    url: str
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> _FetchTarget:
        try:
            parts = urlsplit(url)
            port = parts.port or _PORT
        except ValueError:
            raise _refused(url, "it is no URL") from None
        if parts.scheme != "https" or not parts.hostname:
            raise _refused(url, "only https is fetched")
        if "@" in parts.netloc:
            raise _refused(url, "it holds a user name")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not url.isascii() or not url.isprintable() or " " in url:
            raise _refused(url, "it holds blanks or letters that no URL has")
        return cls(url.partition("#")[0], parts.hostname, port, path)


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    location: str
    cache_control: str


def _answer(
    url: str, status: int, header: Callable[[str], Any], read: Callable[[int], bytes]
) -> _Answer:
    if status in (301, 302, 303, 307, 308):
        return _Answer(b"", str(header("location") or ""), "")
    if status != http.HTTPStatus.OK:
        raise _refused(url, f"its server answered {status}")
    if str(header("content-encoding") or "identity").lower() != "identity":
        raise _refused(url, "it came compressed although that was not asked for")
    body = read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise _refused(url, f"it is larger than {MOST_BYTES // 2**20} MiB")
    length = str(header("content-length") or "")
    if length.isdecimal() and len(body) < int(length):
        raise _unreachable(url, "its answer was cut off")
    return _Answer(body, "", str(header("cache-control") or ""))


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        # 64:ff9b::/96 leads to IPv4 addresses (RFC 6052).
        if found in ipaddress.ip_network("64:ff9b::/96"):
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
        if inner is not None and not is_public(str(inner)):
            return False
        # The rest is of other uses, or of none yet (RFC 4291, section 2.4).
        return found.is_global and found in ipaddress.ip_network("2000::/3")
    return found.is_global and not found.is_multicast


def _literal(host: str) -> str:
    """Return the address that a host stands for without being looked up; empty for a name.

    Resolvers also read addresses of IPv4 in older forms, such as `127.1`.
    """
    name = host.removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return "127.0.0.1"
    with suppress(ValueError):
        return str(ipaddress.ip_address(name.partition("%")[0]))
    with suppress(OSError):
        return socket.inet_ntoa(socket.inet_aton(name))
    return ""


def _addresses(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _certificates() -> ssl.SSLContext:
    from clrctl.http import Link

    return Link().context()


def _tls_refusal(problem: Exception, url: str) -> RefusedError | None:
    if not isinstance(problem, ssl.SSLError):
        return None
    from clrctl.http import tls

    # A document that is fetched changes nothing, so that there is no doubt to tell.
    return tls.refusal(problem, url, has_certificate=False, is_handshake=True)


def _connected(addresses: list[str], port: int) -> socket.socket:
    """Return a connection to the first of some addresses that takes one."""
    for address in addresses[:-1]:
        with suppress(OSError):
            return socket.create_connection((address, port), timeout=_STEP)
    return socket.create_connection((addresses[-1], port), timeout=_STEP)


def _cut(live: list[socket.socket]) -> None:
    # Not the method of an SSL socket, which would change it under the reading thread.
    with suppress(OSError):
        socket.socket.shutdown(live[0], socket.SHUT_RDWR)


def _refused(url: str, why: str) -> NotAvailable:
    return NotAvailable(
        f"{url} was not fetched: {why}",
        f'check it, and add "{url}" under documents of the trust file',
    )


def _unreachable(url: str, why: str) -> NotAvailable:
    return NotAvailable(f"{url} cannot be reached: {why}", "run the same command again later")


def _lifetime(cache_control: str) -> timedelta:
    """Return how long an answer may be kept (RFC 9111, section 5.2), within bounds."""
    said = cache_control.lower()
    if "no-store" in said or "no-cache" in said:
        return timedelta(0)
    match = _MAX_AGE.search(said)
    return min(timedelta(seconds=int(match[1])), _LONGEST) if match else _USUAL


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was fetched from an URL before, in a file of its own."""

    folder: Path
    url: str

    @property
    def _path(self) -> Path:
        return self.folder / f"{hashlib.sha256(self.url.encode()).hexdigest()}.json"

    def read(self, now: datetime) -> bytes | None:
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept = orjson.loads(self._path.read_bytes())
            begin, end = instant(kept["fetched"]), instant(kept["until"])
            # A clock that was set back makes what was fetched a thing of the future.
            if kept["url"] == self.url and begin is not None and end is not None:
                return base64.b64decode(kept["body"]) if begin <= now < end else None
        return None

    def write(self, body: bytes, now: datetime, lifetime: timedelta) -> None:
        if not lifetime:
            return
        kept = {
            "url": self.url,
            "fetched": now.isoformat(),
            "until": (now + min(lifetime, _ttl(body))).isoformat(),
            "body": base64.b64encode(body).decode(),
        }
        # Without it the next run fetches again.
        with suppress(ClrctlError, OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            atomic.replace(self._path, orjson.dumps(kept), mode=atomic.PRIVATE)


def _ttl(body: bytes) -> timedelta:
    """Return how long a status list may be kept by its own word; anything else as long as any."""
    from clrctl.verifying.status import ttl

    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _LONGEST
    return ttl(data, _LONGEST) if isinstance(data, dict) else _LONGEST
