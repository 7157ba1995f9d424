"""`clrctl diff`: two credentials by meaning, through the real command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import SAMPLES

Run = Callable[..., Any]

# a, b, and the lines told
CASES = [
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
    ({"type": ["A", "B"]}, {"type": ["B", "A"]}, []),
    ({"type": ["A"]}, {"type": "A"}, []),
    ({"a": 1.0}, {"a": 1}, []),
    ({"a": 1}, {"a": True}, ["changed  /a  1 -> true"]),
    ({"a": "x"}, {}, ['removed  /a  "x"']),
    ({}, {"a~/b": None}, ["added    /a~0~1b  null"]),
    ({"@context": ["A", "B"]}, {"@context": ["B", "A"]}, [
        'changed  /@context/0  "A" -> "B"',
        'changed  /@context/1  "B" -> "A"',
    ]),
    (
        {"s": [{"id": "1", "n": "x"}, {"id": "2"}]},
        {"s": [{"id": "2"}, {"id": "1", "n": "y"}]},
        ['changed  /s/0/n  "x" -> "y"'],
    ),
    ({"s": ["p", "q"]}, {"s": ["q", "r", "t"]}, [
        'changed  /s/0  "p" -> "r"',
        'added    /s/2  "t"',
    ]),
    ({"s": []}, {"s": "x"}, ['added    /s  "x"']),
    ({"s": {"id": "1"}}, {"s": [{"id": "1"}, {"id": "2"}]}, ['added    /s/1  {"id": "2"}']),
    ([], {}, ["added    /  {}"]),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b", "lines"), CASES)
def test_differences_of_meaning_are_told(
    clrctl: Run, tmp_path: Path, a: Any, b: Any, lines: list[str]
) -> None:
    for name, value in (("a", a), ("b", b)):
        (tmp_path / f"{name}.json").write_bytes(orjson.dumps(value))
    result = clrctl("diff", tmp_path / "a.json", tmp_path / "b.json")
    assert result.out.splitlines() == lines
    assert result.code == (1 if lines else 0)
    assert ("both mean the same" in result.err) is not bool(lines)
    report = clrctl("diff", tmp_path / "a.json", tmp_path / "b.json", "--json").json
    assert report["ok"] is not bool(lines)
    assert [each["kind"] for each in report["differences"]] == [line.split()[0] for line in lines]


def test_yaml_equals_json(clrctl: Run) -> None:
    result = clrctl("diff", SAMPLES / "workforce.clr.json", SAMPLES / "workforce.clr.yaml")
    assert (result.code, result.out) == (0, "")


def test_the_json_form_has_places_on_both_sides_and_whole_values(
    clrctl: Run, tmp_path: Path
) -> None:
    long = "x" * 1000
    (tmp_path / "a.json").write_bytes(orjson.dumps({"s": [{"id": "1", "n": long}, 5], "gone": 0}))
    (tmp_path / "b.json").write_bytes(orjson.dumps({"s": [5, {"id": "1"}, {"n": None}]}))
    report = clrctl("diff", tmp_path / "a.json", tmp_path / "b.json", "--json").json
    assert report["differences"] == [
        {"kind": "removed", "pointer": "/s/0/n", "there": None, "old": long},
        {"kind": "added", "pointer": "/s/2", "there": "/s/2", "new": {"n": None}},
        {"kind": "removed", "pointer": "/gone", "there": None, "old": 0},
    ]


def test_values_are_short_and_cannot_move_the_terminal(clrctl: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(orjson.dumps({"n": "\x1b[2J\u202e" + "x" * 1000}))
    (tmp_path / "b.json").write_bytes(orjson.dumps({"n": "[bold]", "\u202e": 1}))
    result = clrctl("diff", tmp_path / "a.json", tmp_path / "b.json", "--color", "always")
    assert "\x1b[2J" not in result.out
    assert "\u202e" not in result.out
    assert "[bold]" in result.out
    assert max(map(len, result.out.splitlines())) < 200


def test_a_line_of_ndjson_is_named_by_its_number(clrctl: Run, tmp_path: Path) -> None:
    file = tmp_path / "all.ndjson"
    file.write_bytes(b'{"a":1}\n\n{"a":2}\nrubbish\n')
    assert clrctl("diff", f"{file}:1", f"{file}:3").out == "changed  /a  1 -> 2\n"
    assert clrctl("diff", f"{file}:3", f"{file}:3").code == 0
    for name, words in (
        (f"{file}:2", "no credentials"),
        (f"{file}:4", f"{file}:4:1"),
        (str(file), "cannot be read"),
    ):
        result = clrctl("diff", name, f"{file}:1")
        assert result.code in (2, 3)
        assert words in result.err
    file.write_bytes(b'{"a":1}\n{"a":2}\n')
    several = clrctl("diff", file, f"{file}:1")
    assert several.code == 2
    assert "2 credentials" in several.err
    assert "FILE:LINE" in several.err


def test_a_file_whose_name_ends_in_a_number_is_taken_by_its_name(
    clrctl: Run, tmp_path: Path
) -> None:
    odd = tmp_path / "a.json:2"
    odd.write_bytes(b'{"a":1}')
    assert clrctl("diff", odd, odd).code == 0


def test_standard_input_is_one_of_the_two(clrctl: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b'{"a":1}')
    assert clrctl("diff", file, "-", stdin=b"a: 1").code == 0
    assert clrctl("diff", "-", file, stdin=b'{"a":2}').out == "changed  /a  2 -> 1\n"
    assert clrctl("diff", "-", "-").code == 2


def test_what_cannot_be_read_is_not_taken_for_different(clrctl: Run, tmp_path: Path) -> None:
    good = SAMPLES / "minimal.clr.json"
    bad = tmp_path / "bad.json"
    bad.write_bytes(b'{"a": 1, "a": 2}')
    result = clrctl("diff", good, bad)
    assert result.code == 3
    assert f"{bad}:1:10" in result.err
    assert "parse/duplicate-key" in result.err
    assert clrctl("diff", good, "missing.json").code == 3
