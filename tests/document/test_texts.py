"""Documents read as texts: every scalar is what stands there, and knows its line."""

from __future__ import annotations

from typing import Any

import pytest

from clrctl.document.limits import Limits
from clrctl.document.texts import TextNode, parse_texts


def plain(node: TextNode | None) -> Any:
    if node is None or not isinstance(node.value, dict | list):
        return node and node.value
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    return {name: plain(item) for name, item in node.value.items()}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0102", "0102"),
        ("NO", "NO"),
        ("1.10", "1.10"),
        ("2026-06-05", "2026-06-05"),
        ("12:30:00", "12:30:00"),
        ("1e400", "1e400"),
        ("true", "true"),
        ('"null"', "null"),
        ('""', ""),
        ("", None),
        ("'a'", "a"),
    ],
)
def test_yaml_scalars_are_texts(written: str, read: str | None) -> None:
    assert plain(parse_texts(f"a: {written}\n".encode()).root) == {"a": read}


def test_json_scalars_are_texts() -> None:
    raw = b'{"a": 1.0, "b": [true, 12345678901234567890, "x"], "c": {}}'
    assert plain(parse_texts(raw).root) == {
        "a": "1.0",
        "b": ["true", "12345678901234567890", "x"],
        "c": {},
    }


def test_values_and_names_know_their_lines() -> None:
    root = parse_texts(b"a:\n  - x\n  -\n    y: z\n").root
    assert root is not None and isinstance(root.value, dict)
    a = root.value["a"]
    assert (a.name_line, a.line) == (1, 2)
    assert isinstance(a.value, list)
    assert [item.line for item in a.value] == [2, 4]


@pytest.mark.parametrize(
    ("raw", "code", "line"),
    [
        (b"a: 1\nb: 2\na: 3\n", "parse/duplicate-key", 3),
        (b"a: &x 1\nb: *x\n", "parse/alias", 1),
        (b"a:\n  b: null\n", "parse/ambiguous", 2),
        (b'{"a":\n null}', "parse/ambiguous", 2),
        (b'{"a": NaN}', "parse/number", 1),
        (b"a: [", "parse/yaml", 1),
        (b'{"a": 1,}', "parse/json", 1),
        (b" \n", "parse/empty", 1),
        (b"a: \xff", "parse/encoding", 1),
        ("a: 1".encode("utf-16"), "parse/encoding", 1),
        (b"a: 1\n" * 300, "parse/size", 1),
    ],
)
def test_what_cannot_be_understood_is_a_fault(raw: bytes, code: str, line: int) -> None:
    parsed = parse_texts(raw, limits=Limits(bytes=1000))
    assert parsed.root is None
    assert (parsed.faults[0].code, parsed.faults[0].line) == (code, line)


def test_a_suffix_decides_what_flow_style_is() -> None:
    assert plain(parse_texts(b"{a: 1}", syntax="yaml").root) == {"a": "1"}
    assert parse_texts(b"{a: 1}", syntax="json").root is None
