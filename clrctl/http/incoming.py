"""Reads one HTTP/1.1 answer from a stream of bytes (RFC 9112): its head, and a body of any framing.

Whatever a server sends, no more is held than the head's limit and the one for the body. What two
readers might understand differently is malformed. It knows nothing of sockets or time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, NamedTuple

from clrctl.http.answer import COMPRESSED, Answer, too_long

_LONGEST_HEAD: Final = 100_000
_LONGEST_LINE: Final = 4_096
_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n")
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.([0-9]) ([1-9][0-9]{2})(?: .*)?", re.DOTALL)
_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
_CHUNK_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?")

Source = Callable[[], bytes]
"""Returns the next bytes that come, at least one; none at all when there are no more."""


class Malformed(Exception):
    """The answer is no HTTP/1.1, or ends before it is whole; the text says which."""


class _Head(NamedTuple):
    version: int
    status: int
    headers: dict[str, str]

    @property
    def keeps_alive(self) -> bool:
        """Whether the server will take another request on the same connection (section 9.3)."""
        options = _tokens(self.headers.get("connection", ""))
        return "close" not in options and (self.version >= 1 or "keep-alive" in options)


def receive(source: Source, most: int) -> tuple[Answer, bool]:
    """Read an answer to anything but a HEAD request.

    Args:
        source: where the bytes come from.
        most: bytes of the body at the most; a longer one is a flaw, and is not read to its end.

    Returns:
        The answer, and whether another one may come from the same source.

    Raises:
        Malformed: there is no whole answer.
    """
    stream = _Stream(source)
    head = _parsed(stream.head())
    # Interim answers, such as 103; 101 was not asked for, and nothing of ours follows it.
    while head.status < HTTPStatus.OK and head.status != HTTPStatus.SWITCHING_PROTOCOLS:
        head = _parsed(stream.head())
    body, flaw, is_framed = _body(stream, head, most)
    is_reusable = is_framed and not flaw and not stream.held and head.keeps_alive
    return Answer(head.status, head.headers, body, flaw), is_reusable


def _body(stream: _Stream, head: _Head, most: int) -> tuple[bytes, str, bool]:
    """Return the body or its flaw, and whether its end was told beforehand (section 6.3)."""
    if head.status in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        return b"", "", True
    if head.status < HTTPStatus.OK:
        return b"", "", False
    if head.headers.get("content-encoding", "identity").lower() != "identity":
        return b"", COMPRESSED, False
    coding, length = head.headers.get("transfer-encoding"), head.headers.get("content-length")
    if coding is not None:
        if coding.lower() != "chunked" or head.version < 1:
            raise Malformed("the answer has a transfer encoding that nobody asked for")
        body = _chunks(stream, most)
        # Together they are how answers are smuggled (section 6.1): nothing else follows.
        is_framed = length is None
    elif length is not None:
        number = _number(length)
        body = stream.exactly(number) if number <= most else None
        is_framed = True
    else:
        body, is_framed = stream.rest(most), False
    return (b"", too_long(most), False) if body is None else (body, "", is_framed)


def _number(length: str) -> int:
    """Return a Content-Length; one that is there twice must say the same twice (section 6.3)."""
    values = {value.strip() for value in length.split(",")}
    value = values.pop()
    if values or not _LENGTH.fullmatch(value):
        raise Malformed("the answer does not say how long it is")
    return int(value)


def _chunks(stream: _Stream, most: int) -> bytes | None:
    """Return a chunked body (section 7.1); None if it is too long."""
    body = bytearray()
    while True:
        found = _CHUNK_SIZE.fullmatch(stream.line())
        if found is None:
            raise Malformed("the answer's chunks are malformed")
        size = int(found[1], 16)
        if len(body) + size > most:
            return None
        if not size:
            break
        body += stream.exactly(size)
        if stream.line():
            raise Malformed("the answer's chunks are malformed")
    trailer = 0
    while line := stream.line():
        trailer += len(line)
        if trailer > _LONGEST_HEAD:
            raise Malformed("the answer's trailer does not end")
    return bytes(body)


def _parsed(raw: bytes) -> _Head:
    first, *lines = raw.replace(b"\r\n", b"\n").split(b"\n")
    found = _STATUS_LINE.fullmatch(first)
    if found is None:
        raise Malformed("the answer is no HTTP/1.1")
    headers: dict[str, str] = {}
    name = ""
    for line in lines:
        if line[:1] in (b" ", b"\t") and name:
            # Folded, which is obsolete (section 5.2).
            headers[name] += " " + _text(line)
            continue
        raw_name, colon, value = line.partition(b":")
        if not colon or not _NAME.fullmatch(raw_name):
            raise Malformed("the answer's head is malformed")
        name = raw_name.decode("ascii").lower()
        headers[name] = f"{headers[name]}, {_text(value)}" if name in headers else _text(value)
    return _Head(int(found[1]), int(found[2]), headers)


def _text(value: bytes) -> str:
    try:
        return value.strip(b" \t").decode()
    except UnicodeDecodeError:
        return value.strip(b" \t").decode("latin-1")


def _tokens(value: str) -> set[str]:
    return {token.strip().lower() for token in value.split(",")}


class _Stream:
    """What comes from a source, taken in portions.

    Attributes:
        held: bytes that came and were not taken.
    """

    def __init__(self, source: Source) -> None:
        self.held = b""
        self._source = source

    def head(self) -> bytes:
        """Take all up to a blank line."""
        # A server may end a body with a line end of its own (section 2.2).
        while (found := _BLANK_LINE.search(self.held)) is None:
            if len(self.held) > _LONGEST_HEAD:
                raise Malformed("the answer's head does not end")
            self.held += self._more()
        taken = self.held[: found.start()]
        self.held = self.held[found.end() :]
        return taken

    def line(self) -> bytes:
        """Take a line, without its end."""
        while (end := self.held.find(b"\n")) < 0:
            if len(self.held) > _LONGEST_LINE:
                raise Malformed("the answer's chunks are malformed")
            self.held += self._more()
        taken = self.held[:end].removesuffix(b"\r")
        self.held = self.held[end + 1 :]
        return taken

    def exactly(self, number: int) -> bytes:
        """Take so many bytes."""
        missing = number - len(self.held)
        if missing > 0:
            parts = [self.held]
            while missing > 0:
                parts.append(self._more())
                missing -= len(parts[-1])
            self.held = b"".join(parts)
        taken = self.held[:number]
        self.held = self.held[number:]
        return taken

    def rest(self, most: int) -> bytes | None:
        """Take all that comes; None if it is more than so many bytes."""
        parts = [self.held]
        size = len(self.held)
        while size <= most and (more := self._source()):
            parts.append(more)
            size += len(more)
        self.held = b""
        return b"".join(parts) if size <= most else None

    def _more(self) -> bytes:
        if not (more := self._source()):
            raise Malformed("the connection was closed")
        return more
