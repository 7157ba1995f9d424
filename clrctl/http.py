"""One HTTP exchange: bounded in time and size, never redirected, its failures told in our errors.

This is the only home of httpx. It knows nothing of credentials or of the API.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from clrctl import __version__
from clrctl.errors import ClrctlError, RefusedError, TemporaryError, UsageError

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
EXCHANGE_SECONDS = 120.0


class LostAnswer(TemporaryError):
    """The request went out, and no whole answer came back: it may or may not have been done."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: status, headers (names in lower case), body."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_json(self) -> bool:
        """Tell whether the server says that the body is JSON (RFC 6839 suffixes included)."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind == "application/json" or kind.endswith("+json")


def open_client(
    transport: httpx.BaseTransport | None = None, *, read_seconds: float = READ_SECONDS
) -> httpx.Client:
    """Return an HTTP client that follows no redirects, keeps no cookies and asks for no encoding.

    Proxies and certificate files are taken from the environment, as everybody expects.
    """
    return httpx.Client(
        transport=transport,
        follow_redirects=False,
        timeout=httpx.Timeout(read_seconds, connect=CONNECT_SECONDS),
        headers={
            "User-Agent": f"clrctl/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
        },
    )


def exchange(
    client: httpx.Client, request: httpx.Request, *, auth: httpx.Auth | None = None, most: int
) -> Answer:
    """Send a request and read its whole answer.

    Args:
        client: from `open_client`.
        request: what to send.
        auth: adds the token.
        most: bytes of body to read at the most.

    Raises:
        UsageError: the URL cannot be used.
        TemporaryError: no connection; the request did not arrive.
        LostAnswer: the answer did not arrive whole, or not in time.
        RefusedError: the certificate is not trusted, or the answer is too large or encoded.
    """
    deadline = time.monotonic() + EXCHANGE_SECONDS
    where = f"{request.method} {request.url.copy_with(query=None)}"
    try:
        response = client.send(request, auth=auth, stream=True)
        try:
            body = _read(response, most, deadline, where)
        finally:
            response.close()
    except httpx.HTTPError as problem:
        raise _told(problem, where) from None
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, body)


def _read(response: httpx.Response, most: int, deadline: float, where: str) -> bytes:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise RefusedError(
            "the server compressed its answer although it was asked not to", where=where
        )
    body = bytearray()
    for chunk in response.iter_raw():
        body += chunk
        if len(body) > most:
            raise LostAnswer(
                "the server's answer is too long to be one",
                where=where,
                why=f"HTTP {response.status_code}, more than {most:,} bytes",
            )
        if time.monotonic() > deadline:
            raise LostAnswer(
                "the server takes too long to answer",
                where=where,
                why=f"not whole after {EXCHANGE_SECONDS:.0f} seconds",
                fix="run the same command again",
            )
    return bytes(body)


def _told(problem: httpx.HTTPError, where: str) -> ClrctlError:
    """Return an httpx error in our words; its own text may hold what must not be shown."""
    if (cause := _certificate_problem(problem)) is not None:
        return RefusedError(
            "the server's certificate is not trusted",
            where=where,
            why=cause.verify_message,
            fix="check the URL; for a private authority set SSL_CERT_FILE to its certificate",
        )
    if isinstance(problem, httpx.UnsupportedProtocol | httpx.LocalProtocolError):
        return UsageError("the request cannot be sent", where=where, why=type(problem).__name__)
    if isinstance(problem, httpx.ProxyError):
        return TemporaryError(
            "the proxy failed",
            where=where,
            fix="check HTTPS_PROXY and NO_PROXY",
        )
    if isinstance(problem, httpx.ConnectError | httpx.ConnectTimeout):
        return TemporaryError(
            "no connection to the server",
            where=where,
            why=str(problem) if isinstance(problem, httpx.ConnectError) else "timed out",
            fix="check the network and the endpoint's URL, then run the same command again",
        )
    return LostAnswer(
        "the connection broke before the answer was whole",
        where=where,
        why=f"{type(problem).__name__}; the request may or may not have been carried out",
        fix="run the same command again: an upsert repeated changes nothing",
    )


def _certificate_problem(problem: BaseException) -> ssl.SSLCertVerificationError | None:
    link: BaseException | None = problem
    while link is not None:
        if isinstance(link, ssl.SSLCertVerificationError):
            return link
        link = link.__cause__ or link.__context__
    return None


def origin(url: str) -> str:
    """Return scheme, host and port of an URL: all of it that may be shown."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else url[:80]
