"""One exchange as plain data: how long to wait, what came back, and what can go wrong."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from clrctl.errors import TemporaryError, UsageError

_BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)

RATE_LEFT = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")
"""Headers that say how many requests are left."""

RATE_RESET = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset")
"""Headers that say when there are more: in so many seconds, or as Unix time."""

COMPRESSED = "it is compressed although that was not asked for"
"""The flaw of a body that is not read, since it might never end."""


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
    def text(self) -> bytes:
        """The body without a byte order mark, which readers of JSON may ignore (RFC 8259, 8.1)."""
        return self.body.removeprefix(codecs.BOM_UTF8)

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
        is_failing = self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return is_failing or self.status in _BUSY or self.is_throttled

    @property
    def is_throttled(self) -> bool:
        """Whether the server had too many requests; some say so by 403, and only headers tell."""
        if self.status != HTTPStatus.FORBIDDEN:
            return self.status == HTTPStatus.TOO_MANY_REQUESTS
        return "retry-after" in self.headers or self.is_spent

    @property
    def is_spent(self) -> bool:
        """Whether the server says that no request is left before a certain time.

        No standard has these headers yet; these names are what gateways and services send.
        """
        return any(self.headers.get(name, "").strip() == "0" for name in RATE_LEFT)


def too_long(most: int) -> str:
    """Return the flaw of a body of which no more is read."""
    return f"it is longer than {most:,} bytes"


def unsendable(where: str) -> UsageError:
    """Return the error of a request that no protocol carries."""
    return UsageError("the request cannot be sent", where=where, fix="check the URL")


def unreached(where: str, why: str) -> NoConnection:
    """Return the error of a server that is not there."""
    return NoConnection(
        "no connection to the server",
        where=where,
        why=why,
        fix="check the network, the URL and HTTPS_PROXY, then run the same command again",
    )


def silent(where: str) -> LostAnswer:
    """Return the error of a server that stopped in the middle."""
    return _slow(where, "the connection stalled")


def late(where: str, seconds: float) -> LostAnswer:
    """Return the error of a server that had not said all when time was up."""
    return _slow(where, f"not whole after {seconds:g} seconds")


def _slow(where: str, why: str) -> LostAnswer:
    return LostAnswer(
        "the server takes too long to answer",
        where=where,
        why=why,
        fix="run the same command again",
    )


def broken(where: str, how: str) -> LostAnswer:
    """Return the error of an answer that was cut off, or is no HTTP."""
    return LostAnswer(
        "the connection broke before the answer was whole",
        where=where,
        why=f"{how}: the request may or may not have been carried out",
        fix="run the same command again",
    )
