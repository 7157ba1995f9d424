"""The digest that tells whether content has changed: canonical JSON (RFC 8785)."""

from __future__ import annotations

import hashlib
import json
import struct

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clrctl.document import canonical
from clrctl.sending.journal.entry import digest

# RFC 8785, appendix B: a double in hexadecimal, and how it is written.
NUMBERS = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


@pytest.mark.parametrize(("bits", "text"), NUMBERS)
def test_numbers_are_written_as_ecmascript_does(bits: str, text: str) -> None:
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert canonical.encode([value]) == f"[{text}]".encode()


def test_whole_numbers_are_doubles_too() -> None:
    assert canonical.encode([9007199254740991, 9007199254740993, -(2**60)]) == (
        b"[9007199254740991,9007199254740992,-1152921504606847000]"
    )


def test_the_example_of_section_3_2_2() -> None:
    body = (
        rb'{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],'
        rb' "string": "\u20ac$\u000F\u000aA' + b"'" + rb'\u0042\u0022\u005c\\\"\/",'
        rb' "literals": [null, true, false]}'
    )
    assert canonical.encode(orjson.loads(body)).decode() == (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_names_are_sorted_by_their_utf_16_units() -> None:
    names = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\xf6"]
    written = json.loads(canonical.encode(dict.fromkeys(names, 0)))
    assert list(written) == ["\r", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize("value", [{}, [], {"a": {}, "b": [[]]}, "", None, True, "\x7f\u2028"])
def test_small_values_are_written_alike_by_the_quick_and_the_exact_way(value: object) -> None:
    exact = canonical.encode([value, 0.5]).decode()  # the fraction asks for the exact way
    assert exact == f"[{canonical.encode(value).decode()},0.5]"


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_is_written_says_the_same(value: object) -> None:
    written = canonical.encode(value)
    again = json.loads(written, parse_int=float)
    assert again == value
    assert canonical.encode(again) == written


@given(values)
def test_the_quick_way_is_the_exact_way(value: object) -> None:
    exact = canonical.encode([value, 1.0])
    assert exact == b"[%b,1]" % canonical.encode(value)


@given(values)
def test_neither_order_nor_spelling_changes_the_digest(value: object) -> None:
    def reversed_members(part: object) -> object:
        if isinstance(part, dict):
            return {key: reversed_members(part[key]) for key in reversed(part)}
        return [reversed_members(item) for item in part] if isinstance(part, list) else part

    plain = json.dumps(value, ensure_ascii=False).encode()
    other = json.dumps(reversed_members(value), indent=3).encode()
    assert digest(plain) == digest(other)


def test_the_digest_is_sha_256_of_the_canonical_form() -> None:
    assert digest(b'{ "b": 1.50, "a": [] }') == hashlib.sha256(b'{"a":[],"b":1.5}').digest()
    assert digest(b"[1, 2]") != digest(b"[2, 1]")
