"""One exchange as plain data: how long to wait, what came back, and what can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from clrctl.errors import TemporaryError, UsageError

_LEFT = ("x-ratelimit-remaining", "x-rate-limit-remaining", "ratelimit-remaining")
_BUSY = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS)

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
        failing = self.status in _BUSY or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        return failing or self.is_rate_limited

    @property
    def is_rate_limited(self) -> bool:
        """Whether there were too many requests: 429, or the 403 that some gateways send for it."""
        if self.status == HTTPStatus.FORBIDDEN:
            left = {self.headers.get(name, "").strip() for name in _LEFT}
            return "0" in left or "retry-after" in self.headers
        return self.status == HTTPStatus.TOO_MANY_REQUESTS


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
    return _slow(where, "the connection fell silent")


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
