"""Bits of status lists: packed and unpacked, one entry changed, and lists made to do harm."""

from __future__ import annotations

import base64
import gzip
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clrctl.verifying.status import bitstring
from clrctl.verifying.status.bitstring import BadList


def encoded(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_the_first_entry_is_the_leftmost_bit() -> None:
    bits = bitstring.with_value(bytes(2), 0, 1)
    assert bits == b"\x80\x00"
    assert bitstring.with_value(bits, 15, 1) == b"\x80\x01"


def test_of_an_entry_of_several_bits_the_first_is_the_most_significant() -> None:
    assert bitstring.with_value(bytes(3), 1, 0b100, 3) == b"\x10\x00\x00"
    assert bitstring.value(b"\x00\x40\x00", 3, 3) == 0b100  # bits 9 to 11


@settings(max_examples=60)
@given(st.integers(1, 12), st.lists(st.integers(0, 4095), min_size=1, max_size=40), st.data())
def test_what_is_written_is_read_and_nothing_beside_it(
    size: int, values: list[int], data: st.DataObject
) -> None:
    values = [value % (1 << size) for value in values]
    bits = bytes(-(-len(values) * size // 8))
    for index in data.draw(st.permutations(range(len(values)))):
        bits = bitstring.with_value(bits, index, values[index], size)
    assert [bitstring.value(bits, index, size) for index in range(len(values))] == values
    assert bitstring.unpack(bitstring.pack(bits)) == bits


def test_the_same_bits_always_give_the_same_text() -> None:
    empty = bitstring.pack(bytes(bitstring.LEAST_ENTRIES // 8))
    assert empty == bitstring.pack(bytes(bitstring.LEAST_ENTRIES // 8))
    # No time, no operating system (RFC 1952, section 2.3).
    head = base64.urlsafe_b64decode(empty[1:] + "==")[:10]
    assert (head[4:8], head[9]) == (bytes(4), 255)


@pytest.mark.parametrize(("index", "size"), [(-1, 1), (16, 1), (15, 2), (10**15, 1)])
def test_there_is_nothing_beyond_the_ends(index: int, size: int) -> None:
    with pytest.raises(IndexError):
        bitstring.value(bytes(2), index, size)


@pytest.mark.parametrize("value", [-1, 2])
def test_a_value_that_does_not_fit_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match=str(value)):
        bitstring.with_value(bytes(2), 0, value)


# Without the time, so that tests have the same names in every process.
GOOD = gzip.compress(bytes(20_000), mtime=0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "multibase"),
        ("AAAA" + encoded(GOOD)[1:], "multibase"),
        ("z" + encoded(GOOD)[1:], "multibase"),
        ("u*", "base64url"),
        ("uabcde", "base64url"),
        ("u" + "é" * 4, "base64url"),
        (encoded(b"plain"), "gzip"),
        (encoded(GOOD[:-12]), "cut off"),
        (encoded(gzip.compress(bytes(bitstring.MOST_BYTES + 1), mtime=0)), "more than 16 MiB"),
    ],
)
def test_what_is_no_list_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(BadList, match=said):
        bitstring.unpack(text)


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("padding", [b"=", b""])
def test_a_list_in_plain_base64_is_read_too(encode: Any, padding: bytes) -> None:
    text = encode(GOOD).rstrip(b"=") + padding * (-len(encode(GOOD).rstrip(b"=")) % 4)
    assert bitstring.unpack(text.decode()) == bytes(20_000)
