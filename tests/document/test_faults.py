"""What is refused, where, and in which words; and what is not."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from unittest import mock

import pytest
import yaml

from clrctl.document import strict_yaml
from clrctl.document.limits import Limits
from clrctl.document.parsing import parse
from clrctl.finding import Severity

_PATH = Path(__file__).parents[1] / "data" / "cases" / "loading" / "faults.py"
_SPEC = importlib.util.spec_from_file_location("loading_faults", _PATH)
assert _SPEC
assert _SPEC.loader
cases = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(cases)

PARSERS = [strict_yaml.PARSER, yaml.SafeLoader]


def rows(table):
    return [pytest.param(raw, expected, id=name) for name, raw, expected in table]


def check(document, expected):
    found = [(f.code, f.pointer, f.line, f.column) for f in document.faults]
    assert found == expected
    assert document.data is None
    assert document.payload == b""
    for fault in document.faults:
        assert fault.severity is Severity.ERROR
        assert fault.fix
        assert not fault.message.endswith(".")
        json.dumps([fault.message, fault.fix, fault.pointer], ensure_ascii=False).encode()


@pytest.mark.parametrize(("raw", "expected"), rows(cases.JSON))
def test_json_fault_has_its_code_and_place(raw, expected):
    document = parse(raw, syntax="json")
    assert document.syntax == "json"
    check(document, expected)


@pytest.mark.parametrize(("raw", "expected"), rows(cases.YAML))
def test_yaml_fault_has_its_code_and_place(raw, expected):
    document = parse(raw, syntax="yaml")
    assert document.syntax == "yaml"
    check(document, expected)


def test_yaml_without_end_is_deep_whichever_parser_gives_up_first():
    (fault,) = parse(b"[" * 100_000, syntax="yaml").faults
    assert fault.code == "parse/depth"


@pytest.mark.parametrize(("raw", "expected"), rows(cases.YAML))
def test_yaml_fault_is_the_same_without_libyaml(raw, expected):
    with mock.patch.object(strict_yaml, "PARSER", yaml.SafeLoader):
        document = parse(raw, syntax="yaml")
    assert [fault.code for fault in document.faults] == [code for code, *_ in expected]


@pytest.mark.parametrize("plain", cases.AMBIGUOUS.split())
def test_ambiguous_scalar_is_refused_and_the_fix_quotes_it(plain):
    document = parse(f"a:\n- {plain}\n".encode())
    check(document, [("parse/ambiguous", "/a/0", 2, 3)])
    assert f'"{plain}"' in document.faults[0].fix
    assert parse(f'a:\n- "{plain}"\n'.encode()).data == {"a": [plain]}
    assert parse(f"{plain} : 1\n".encode() if plain != "<<" else b"{}").faults == ()


@pytest.mark.parametrize("raw", [b"a:\n", b"a: \nb: 1", b"{a: , b: 1}", b"? a\n? b\n"])
def test_empty_value_is_ambiguous(raw):
    assert parse(raw, syntax="yaml").faults[0].code == "parse/ambiguous"
    assert parse(raw, syntax="yaml").faults[0].pointer == "/a"


@pytest.mark.parametrize("plain", cases.PLAIN_TEXT.split())
def test_other_plain_scalars_are_text(plain):
    assert parse(f"a: {plain}".encode()).data == {"a": plain}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b'{"a": 1, // x\n}', "comment"),
        (b"{'a': 1}", "single quote"),
        (b'{"a": 1,}', "comma"),
        ("{“a”: 1}".encode(), "typographic"),
        (b"[None]", "true, false and null"),
        (b"{}\n{}", ".ndjson"),
        (b"{}\n{}", "--input-format ndjson"),
        (b'["a\x01"]', "\\u0001"),
        (b'{"a":\n1,\n"a":2}', '"a" occurs twice in one object (first on line 1)'),
        (b"[12345678901234567890]", "12345678901234567890"),
        (b"[12345678901234567890]", "write it as text"),
        (b'{"a": "\xe9"}', "byte 7"),
        ("{}".encode("utf-16"), "UTF-16"),
        ("{}".encode("utf-32-be"), "UTF-32"),
        (b"a: yes", "true or false"),
        (b"a: ~", "null"),
        (b"a: 010", "decimal"),
        (b"a: |\n x\n\tb: 1\n\t- ", "tab"),
    ],
)
def test_words_name_the_cause_and_the_way_out(raw, said):
    fault = parse(raw).faults[0]
    assert said in f"{fault.message} {fault.fix}"


def test_words_keep_personal_data_to_themselves():
    raw = b'{"name": "Ada Lovelace", "name": "Ada Lovelace", "born": "1815\\ud800" "x"}'
    document = parse(raw)
    assert len(document.faults) == 3
    assert not any(
        word in f"{f.message}{f.fix}" for f in document.faults for word in ("Ada", "1815")
    )


def test_duplicate_name_means_the_key():
    (fault,) = parse(b'{"a": 1, "a": 2}').faults
    assert fault.at_key


def test_long_names_are_shortened_in_messages():
    name = "n" * 1000
    (fault,) = parse(f'{{"{name}": 1, "{name}": 2}}'.encode()).faults
    assert len(fault.message) < 100


def test_faults_are_cut_at_a_hundred():
    document = parse(b"[" + b"NaN," * 200 + b"1]")
    assert len(document.faults) == 100
    assert document.faults[99].pointer == "/99"
    assert len(parse(b"- &a x\n" + b"- &a !t x\n" * 60).faults) == 100


def test_depth_counts_containers():
    exact = b"[" * 100 + b"1" + b"]" * 100
    assert parse(exact).faults == ()
    assert parse(b"[" + exact + b"]").faults[0].code == "parse/depth"
    assert parse(b"[[]]", limits=Limits(depth=2)).faults == ()
    assert parse(b"[[[]]]", limits=Limits(depth=2)).faults[0].column == 3
    assert parse(b"- - x", limits=Limits(depth=2)).faults == ()
    assert parse(b"- - - x", limits=Limits(depth=2)).faults[0].code == "parse/depth"


def test_nodes_count_values_and_containers():
    limits = Limits(nodes=4)
    assert parse(b'{"a": [",", "[{"]}', limits=limits).faults == ()
    assert parse(b'{"a": [",", 1, 2]}', limits=limits).faults[0].code == "parse/size"
    assert parse(b"a: [1, 2, 3]", limits=limits).faults[0].column == 11


def test_size_counts_bytes_and_names_the_flag():
    limits = Limits(bytes=9)
    assert parse('"ééx"   '.encode()[:9], syntax="json", limits=limits).faults == ()
    (fault,) = parse(b'"12345678"', syntax="json", limits=limits).faults
    assert fault.code == "parse/size"
    assert "9 bytes" in fault.message
    assert "--max-size" in fault.fix
    (fault,) = parse(b" " * (2**20 + 1), limits=Limits(bytes=2**20)).faults
    assert "1 MiB" in fault.message


@pytest.mark.parametrize(
    ("raw", "data"),
    [
        (b"\xef\xbb\xbf{}", {}),
        (b' {"a" : [ 1 , -0 , 1E2 , "\\u0041\\/" ] } \r\n', {"a": [1, 0, 100.0, "A/"]}),
        (b"[9007199254740991, -9007199254740991]", [9007199254740991, -9007199254740991]),
        (b'["\\ud83d\\ude00", "\\\\u0000", "\x7f"]', ["😀", "\\u0000", "\x7f"]),
        (b'{"a": "\\":", "b": ":", "c": "\\u0022\\u003a"}', {"a": '":', "b": ":", "c": '":'}),
        (b"[0." + b"1" * 62 + b"]", [float("0." + "1" * 62)]),
        (b'{"": {"": null}}', {"": {"": None}}),
        (b"[1e-400]", [0.0]),
    ],
)
def test_good_json_is_sent_as_it_is(raw, data):
    document = parse(raw)
    assert document.faults == ()
    assert document.data == data
    assert document.raw == raw
    assert document.payload == raw.removeprefix(b"\xef\xbb\xbf")


@pytest.mark.parametrize("parser", PARSERS, ids=["default", "pure"])
@pytest.mark.parametrize(
    ("raw", "payload"),
    [
        (b"b: 3.50\na: 1e3\n", '{"b":3.50,"a":1e3}'),
        (b"\xef\xbb\xbf- - 1\n  - x\n- {}\n- []\n- a: [1,2]\n", '[[1,"x"],{},[],{"a":[1,2]}]'),
        (
            b"%YAML 1.2\n---\ntrue: true\n1: null\nno: 'no'\n...\n",
            '{"true":true,"1":null,"no":"no"}',
        ),
        ("a: Zoë\nb: |\n  x\n  y\n".encode(), '{"a":"Zoë","b":"x\\ny\\n"}'),
        (b'"<<": "\\x41\\/"\r\n', '{"<<":"A/"}'),
        (b"a: 2024-01-01T00:00:00Z # when\n", '{"a":"2024-01-01T00:00:00Z"}'),
        (b"plain text", '"plain text"'),
        (b"- 0." + b"1" * 62, f"[0.{'1' * 62}]"),
        (b"- -9007199254740991", "[-9007199254740991]"),
        (b"a: two\n  lines\n", '{"a":"two lines"}'),
    ],
)
def test_good_yaml_is_sent_as_json(raw, payload, parser):
    with mock.patch.object(strict_yaml, "PARSER", parser):
        document = parse(raw)
    assert document.faults == ()
    assert document.syntax == "yaml"
    assert document.payload.decode() == payload
    assert document.data == json.loads(payload)


def test_json_in_a_yaml_file_is_read_as_json():
    document = parse(b'{"a": "\\ud83d\\ude00 \x7f", "b": ":"}', syntax="yaml")
    assert document.syntax == "json"
    assert document.data == {"a": "😀 \x7f", "b": ":"}


def test_flow_yaml_in_a_yaml_file_is_read_as_yaml():
    document = parse(b"{a: 1, b: [x, 'y']}", syntax="yaml")
    assert (document.syntax, document.data) == ("yaml", {"a": 1, "b": ["x", "y"]})
    assert parse(b"{a: 1}").syntax == "json"
