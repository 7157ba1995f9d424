"""The few forms of CBOR (RFC 8949) that proofs with selective disclosure are written in.

Small whole numbers, byte strings, texts, arrays and maps, each in its shortest form and of known
length; anything else is refused.
"""

from __future__ import annotations

from typing import Any, Final

_NUMBER: Final = 0
_BYTES: Final = 2
_TEXT: Final = 3
_ARRAY: Final = 4
_MAP: Final = 5
_SMALLEST_LONG = 24
_MOST_LEVELS = 4


def encode(value: Any) -> bytes:
    """Return a value of whole numbers, bytes, texts, lists and dicts as CBOR."""
    if isinstance(value, int):
        return _head(_NUMBER, value)
    if isinstance(value, bytes):
        return _head(_BYTES, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return _head(_TEXT, len(text)) + text
    if isinstance(value, list):
        return _head(_ARRAY, len(value)) + b"".join(map(encode, value))
    items = b"".join(encode(key) + encode(item) for key, item in value.items())
    return _head(_MAP, len(value)) + items


def _head(major: int, argument: int) -> bytes:
    first = major << 5
    if argument < _SMALLEST_LONG:
        return bytes([first | argument])
    width = next(width for width in (1, 2, 4, 8) if argument < 1 << 8 * width)
    code = _SMALLEST_LONG + width.bit_length() - 1
    return bytes([first | code]) + argument.to_bytes(width, "big")


def decode(data: bytes) -> Any:
    """Return the one value that some CBOR holds.

    Raises:
        ValueError: it is damaged, of another form, or more follows.
    """
    reader = _Reader(data)
    value = reader.value(0)
    if reader.at != len(data):
        raise ValueError("more follows the CBOR value")
    return value


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def value(self, level: int) -> Any:
        if level > _MOST_LEVELS:
            raise ValueError("the CBOR is nested too deeply")
        major, argument = self._head()
        if major == _NUMBER:
            return argument
        if major == _BYTES:
            return self._take(argument)
        if major == _TEXT:
            return self._take(argument).decode()
        if major == _ARRAY:
            self._expect(argument)
            return [self.value(level + 1) for _ in range(argument)]
        if major == _MAP:
            self._expect(2 * argument)
            return self._map(argument, level + 1)
        raise ValueError("the CBOR holds values of other kinds than expected")

    def _map(self, size: int, level: int) -> dict[int | str, Any]:
        found: dict[int | str, Any] = {}
        for _ in range(size):
            key = self.value(level)
            if not isinstance(key, int | str) or key in found:
                raise ValueError("a CBOR map has a key twice, or one of an odd kind")
            found[key] = self.value(level)
        return found

    def _head(self) -> tuple[int, int]:
        first = self._take(1)[0]
        major, argument = first >> 5, first & 31
        if argument < _SMALLEST_LONG:
            return major, argument
        if argument > _SMALLEST_LONG + 3:
            raise ValueError("the CBOR has lengths of another form than expected")
        width = 1 << argument - _SMALLEST_LONG
        number = int.from_bytes(self._take(width), "big")
        if len(_head(major, number)) != 1 + width:
            raise ValueError("the CBOR is not in its shortest form")
        return major, number

    def _expect(self, items: int) -> None:
        """Refuse a length that the rest cannot hold: each item takes a byte at least."""
        if items > len(self._data) - self.at:
            raise ValueError("the CBOR is cut short")

    def _take(self, size: int) -> bytes:
        self._expect(size)
        start, self.at = self.at, self.at + size
        return self._data[start : self.at]
