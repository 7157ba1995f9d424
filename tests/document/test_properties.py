"""What holds for every document: loading is total, both tiers agree, places are exact."""

from __future__ import annotations

import json
import os
from pathlib import Path
from unittest import mock

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clrctl.document import strict_json, strict_yaml
from clrctl.document.limits import Limits
from clrctl.document.parsing import parse
from clrctl.document.tree import build
from clrctl.finding import Finding, Severity, pointer

SAFE = 2**53 - 1
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-SAFE, SAFE)
    | st.floats(-SAFE, SAFE)
    | TEXT
    | st.sampled_from(['":', ":", '\\":', "a:b", "yes", "010", "\u2028", "\x85", "😀"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
# Pieces that make near-JSON and near-YAML far likelier than single bytes would.
PIECES = st.lists(
    st.sampled_from(list(b'{}[],:"\\ \n\r\t')).map(lambda byte: bytes([byte]))
    | st.sampled_from([b'"a"', b'"a":', b'"\\u0061":', b'":', b"\\u0000", b"\\ud800", b"\\u0022"])
    | st.sampled_from([b"1", b"-", b"0", b"1e400", b"9007199254740992", b"1" * 65, b"NaN", b"true"])
    | st.sampled_from(
        [b"- ", b"? ", b": ", b"&a ", b"*a", b"!t ", b"<<", b"|\n ", b">-\n", b"\n  "]
    )
    | st.sampled_from([b"%YAML 1.2\n", b"%TAG ! x\n", b"---\n", b"...\n", b"#", b"@", b"a: ", b"'"])
    | st.sampled_from([b"yes", b"~", b"\\U00110000", b"\\x", b"\xe2\x80\xa8", b"\xc2\x85", b"\xff"])
    | st.sampled_from([b"\xef\xbb\xbf", b"\0", "😀".encode(), b"null"]),
    max_size=25,
).map(b"".join)


@pytest.mark.parametrize("syntax", ["json", "yaml", None])
@pytest.mark.parametrize("parser", [strict_yaml.PARSER, yaml.SafeLoader], ids=["default", "pure"])
@given(raw=PIECES | st.binary(max_size=40))
@settings(deadline=None, max_examples=300)
def test_any_bytes_give_data_that_can_be_sent_or_faults_with_places(syntax, parser, raw):
    with mock.patch.object(strict_yaml, "PARSER", parser):
        document = parse(raw, syntax=syntax, limits=Limits(depth=5, nodes=20))
        located = document.locate([finding("/a/0"), finding("")])
    assert all(f.line and f.column for f in (*document.faults, *located))
    if document.faults:
        assert (document.data, document.payload) == (None, b"")
    else:
        assert same(json.loads(document.payload), document.data)
        json.dumps(document.data, allow_nan=False, ensure_ascii=False).encode()


@given(raw=PIECES | VALUES.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20))
@settings(deadline=None, max_examples=1000)
@example(b'{"a" :1,"a":2}')
@example(b'{"a":{"b":1,"b":":"}}')
@example(b"[[[[[[]]]]]]")
def test_what_the_fast_tier_clears_the_exact_one_accepts_alike(raw):
    limits = Limits(depth=5, nodes=40)
    data = strict_json.fast(raw, limits)
    if data is strict_json.UNSURE:
        return
    tree = build(strict_json.scan(raw.decode()), limits)
    assert not tree.faults
    assert same(tree.data, data)
    assert same(json.loads(raw), data)


@given(value=VALUES, seed=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_good_json_is_accepted_and_means_what_json_loads_says(value, seed):
    raw = spaced(value, seed).encode()
    document = parse(raw, syntax="json")
    assert document.faults == ()
    assert same(document.data, json.loads(raw))
    assert same(build(strict_json.scan(raw.decode()), Limits()).data, document.data)


@given(value=VALUES)
@settings(deadline=None)
def test_fast_tier_clears_what_needs_no_second_look(value):
    plain = json.dumps(value, separators=(",", ":"))
    if '":' in "".join(strings(value)) or any(s.startswith(":") for s in strings(value)):
        return
    assert strict_json.fast(plain.encode(), Limits()) is not strict_json.UNSURE


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@given(value=VALUES, seed=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_every_place_in_json_is_exact(mark, value, seed):
    raw = spaced(value, seed).encode()
    check_places(parse(mark + raw, syntax="json", first_line=7), raw.decode(), 7)


@given(value=VALUES, seed=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_every_place_in_flow_yaml_is_exact(value, seed):
    text = f"# not JSON\n--- {yaml_text(spaced(value, seed, escapes=False, blanks=' '))}"
    document = parse(text.encode(), syntax="yaml")
    assert document.faults == ()
    check_places(document, text, 1)


@given(value=st.dictionaries(TEXT, VALUES, min_size=1, max_size=4))
@settings(deadline=None)
def test_every_place_in_block_yaml_is_exact(value):
    text = block(value, 0)
    document = parse(text.encode(), syntax="yaml")
    assert document.faults == ()
    assert same(document.data, value)
    check_places(document, text, 1)


@pytest.mark.skipif(
    "CLRCTL_REFERENCE" not in os.environ, reason="CLRCTL_REFERENCE names no reference data"
)
def test_published_credentials_are_read_and_every_place_in_them_is_exact():
    samples = sorted(Path(os.environ["CLRCTL_REFERENCE"], "samples").rglob("*.json"))
    assert samples
    for sample in samples:
        raw = sample.read_bytes()
        document = parse(raw)
        assert document.faults == (), sample
        assert same(document.data, json.loads(raw))
        check_places(document, raw.decode(), 1)


def check_places(document, text, first_line):
    paths = list(walk(document.data))
    wanted = [finding(pointer(path), at_key=at_key) for path, at_key, _ in paths]
    wanted.append(finding(pointer((*paths[-1][0], "not", "there"))))
    located = document.locate(wanted)
    lines = text.split("\n")
    for found, (path, at_key, value) in zip(located, paths, strict=False):
        line = lines[found.line - first_line]
        rest = "\n".join([line[found.column - 1 :], *lines[found.line - first_line + 1 :]])
        expected = path[-1] if at_key else value
        if rest.startswith("- "):
            assert isinstance(expected, list)
        elif isinstance(expected, dict) and not rest.startswith("{"):
            assert rest.startswith(yaml_text(json.dumps(next(iter(expected)), ensure_ascii=False)))
        else:
            assert same(json.JSONDecoder().raw_decode(rest)[0], expected)
    assert (located[-1].line, located[-1].column) == (located[-2].line, located[-2].column)


def finding(place, *, at_key=False):
    return Finding("test/place", Severity.ERROR, place, "here", at_key=at_key)


def walk(value, path=()):
    yield path, False, value
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, (*path, index))
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name), True, inner
            yield from walk(inner, (*path, name))


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from strings(inner)


def same(one, other):
    """Tell whether two values are equal to the type: 1 is neither 1.0 nor true."""
    return repr(one) == repr(other)


def spaced(value, seed, *, escapes=True, blanks=" \t\r\n"):
    """Write JSON with blanks wherever they may stand, and perhaps with escapes."""

    def gap():
        return "".join(seed.choice(blanks) for _ in range(seed.choice([0, 0, 0, 1, 3])))

    def text(scalar):
        return json.dumps(scalar, ensure_ascii=escapes and seed.random() < 0.5)

    def inner(one):
        if isinstance(one, list):
            return f"[{gap()}{','.join(gap() + inner(v) + gap() for v in one)}]"
        if isinstance(one, dict):
            members = (f"{gap()}{text(k)}{gap()}:{gap()} {inner(v)}{gap()}" for k, v in one.items())
            return f"{{{gap()}{','.join(members)}}}"
        return text(one)

    return gap() + inner(value) + gap()


def yaml_text(text):
    """Escape what JSON lets stand and YAML does not."""
    return "".join(
        f"\\u{ord(c):04x}" if "\x7f" <= c <= "\x9f" or c in "\u2028\u2029\ufffe\uffff" else c
        for c in text
    )


def block(value, depth):
    """Write a non-empty object as block YAML, its scalars quoted as in JSON."""
    return "".join(
        f"{'  ' * depth}{scalar(name)}:{below(inner, depth + 1)}" for name, inner in value.items()
    )


def below(value, depth):
    if isinstance(value, dict) and value:
        return f"\n{block(value, depth)}"
    if isinstance(value, list) and value:
        return "\n" + "".join(f"{'  ' * depth}- {scalar(item)}\n" for item in value)
    return f"   {scalar(value)}  # é\n"


def scalar(value):
    return yaml_text(json.dumps(value, ensure_ascii=False))
