"""Bitstring status lists: packing and unpacking (Bitstring Status List 1.0, section 3).

A list is a string of bits, the first entry leftmost, compressed with gzip and written in
multibase base64url. Nothing here knows credentials.
"""

from __future__ import annotations

import gzip
import zlib

from clrctl.util import base64url

LEAST_ENTRIES = 131_072
"""Entries that a list has at the least, so that one among them tells nothing (section 3.2)."""

MOST_BYTES = 16 * 2**20
"""A longer list is refused: a few bytes of gzip can grow without bound."""

_MULTIBASE = "u"
_GZIP = "H4sI"
_AS_URL = str.maketrans("+/", "-_")


class BadList(ValueError):
    """A list that cannot be used, and why."""


def unpack(encoded: str) -> bytes:
    """Return the bits of an `encodedList`.

    Besides multibase base64url, in which the standard writes it, it is read as plain base64 or
    base64url, as Status List 2021 and many issuers have it: gzip begins as no multibase does.

    Raises:
        BadList: it is in none of these forms, not gzip, cut off, or expands beyond `MOST_BYTES`.
    """
    body = encoded if encoded.startswith(_GZIP) else encoded.removeprefix(_MULTIBASE)
    if body == encoded and not encoded.startswith(_GZIP):
        raise BadList('encodedList is not multibase base64url: it does not begin with "u"')
    try:
        packed = base64url.decode(body.rstrip("=").translate(_AS_URL))
    except ValueError:
        raise BadList("encodedList is not base64url") from None
    expander = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # gzip, RFC 1952
    try:
        bits = expander.decompress(packed, MOST_BYTES + 1)
    except zlib.error:
        raise BadList("encodedList is not compressed with gzip") from None
    if len(bits) > MOST_BYTES:
        raise BadList(f"encodedList expands to more than {MOST_BYTES // 2**20} MiB")
    if not expander.eof:
        raise BadList("encodedList is cut off")
    return bits


def pack(bits: bytes) -> str:
    """Return bits as an `encodedList`: the same bits always give the same text."""
    packed = gzip.compress(bits, compresslevel=9, mtime=0)
    # Python 3.11 to 3.14 write different values into the byte that names the operating system.
    packed = packed[:9] + b"\xff" + packed[10:]
    return _MULTIBASE + base64url.encode(packed)


def value(bits: bytes, index: int, size: int = 1) -> int:
    """Return the entry at an index: of several bits, the first is the most significant.

    Raises:
        IndexError: the list has no such entry.
    """
    first = index * size
    if index < 0 or first + size > len(bits) * 8:
        raise IndexError(index)
    start, end = first // 8, (first + size + 7) // 8
    window = int.from_bytes(bits[start:end])
    return window >> (end * 8 - first - size) & ((1 << size) - 1)


def with_value(bits: bytes, index: int, new: int, size: int = 1) -> bytes:
    """Return the bits with another value for one entry.

    Raises:
        IndexError: the list has no such entry.
        ValueError: the value does not fit into the entry.
    """
    if not 0 <= new < 1 << size:
        raise ValueError(new)
    old = value(bits, index, size)
    first = index * size
    start, end = first // 8, (first + size + 7) // 8
    shift = end * 8 - first - size
    window = int.from_bytes(bits[start:end]) ^ ((old ^ new) << shift)
    return bits[:start] + window.to_bytes(end - start) + bits[end:]
