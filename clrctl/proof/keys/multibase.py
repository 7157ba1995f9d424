"""Multibase: bytes as text that names its own alphabet (`z` base58btc, `u` base64url)."""

from __future__ import annotations

import re

from clrctl.util import base64url

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {character: value for value, character in enumerate(_BASE58)}
# Decoding takes time by the square of the length. Keys and signatures have about 100 characters.
_LONGEST_BASE58 = 2048
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


def base58(data: bytes) -> str:
    """Return bytes in base58, Bitcoin's alphabet, without a prefix."""
    number = int.from_bytes(data, "big")
    digits: list[str] = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(_BASE58[digit])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(digits))


def from_base58(text: str) -> bytes:
    """Return the bytes of a base58 text.

    Raises:
        ValueError: it is longer than any key or signature, or holds other characters.
    """
    if len(text) > _LONGEST_BASE58:
        raise ValueError("too long for a key or signature in base58")
    number = 0
    for character in text:
        value = _VALUES.get(character)
        if value is None:
            raise ValueError("not base58: it holds characters outside of that alphabet")
        number = number * 58 + value
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def from_base64url(text: str) -> bytes:
    """Return the bytes of a base64url text without padding.

    Raises:
        ValueError: it holds other characters, or bits that no byte takes: the same bytes would
            then have several texts.
    """
    if not _BASE64URL.fullmatch(text):
        raise ValueError("not base64url: it holds characters outside of that alphabet")
    try:
        data = base64url.decode(text)
    except ValueError:
        raise ValueError("not base64url: characters are missing") from None
    if base64url.encode(data) != text:
        raise ValueError("not base64url: its last character has bits that belong to no byte")
    return data


def encode(data: bytes) -> str:
    """Return bytes in multibase, base58btc: what keys and most proofs are written in."""
    return "z" + base58(data)


def decode(text: str) -> bytes:
    """Return the bytes of a multibase text in base58btc or base64url.

    Raises:
        ValueError: it is neither.
    """
    if text.startswith("z"):
        return from_base58(text[1:])
    if text.startswith("u"):
        return from_base64url(text[1:])
    raise ValueError("not multibase: it begins neither with z (base58) nor with u (base64url)")
