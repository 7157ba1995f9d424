"""Which inputs are read, in what order, and what is said of the others."""

# The tests speak of paths as the command line does, in text.
# ruff: noqa: PTH100, PTH101, PTH118, PTH119, PTH211

from __future__ import annotations

import io
import os
import sys
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from clrctl.document.inputs import read
from clrctl.document.limits import Limits
from clrctl.document.parsing import Document
from clrctl.errors import InputError, UsageError
from clrctl.finding import Finding, Severity
from tests.conftest import ROOT

posix = pytest.mark.skipif(sys.platform == "win32", reason="there is no such thing on Windows")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def put(name, content=b"{}"):
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return name


def load(*inputs, stdin=b"", **options):
    return list(read(inputs, stdin=io.BytesIO(stdin), **options))


def sources(*inputs, **options):
    return [
        item.source if isinstance(item, Document) else f"! {item.where}"
        for item in load(*inputs, **options)
    ]


def test_no_inputs_is_a_wrong_command_line():
    with pytest.raises(UsageError):
        read([], stdin=io.BytesIO())


def test_standard_input_is_read_once_at_most():
    with pytest.raises(UsageError):
        read(["-", "a", "-"], stdin=io.BytesIO())


def test_inputs_keep_their_order():
    put("b.json"), put("a.json")
    assert sources("b.json", "-", "a.json", stdin=b"[]") == ["b.json", "-", "a.json"]


def test_folder_means_its_credentials_at_any_depth():
    wanted = ["a.json", "b/c/d.yaml", "b/e.JSON", "f.yml", "g.ndjson", "h.jsonl"]
    for name in wanted:
        put(f"in/{name}")
    for name in [".hidden.json", ".git/x.json", "readme.md", "b/x.json.bak"]:
        put(f"in/{name}")
    assert sources("in") == [os.path.join("in", name) for name in wanted]


def test_folder_without_credentials_is_an_error():
    put("in/readme.md")
    (error,) = load("in")
    assert isinstance(error, InputError)
    assert error.where == "in"
    assert ".ndjson" in error.fix


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.json", ["a.json", "b.json"]),
        ("[b-z].json", ["b.json"]),
        ("in/?.json", ["in/c.json"]),
        ("*/c.json", ["in/c.json"]),
        ("**/*.json", ["a.json", "b.json", "in/c.json", "in/deep/er/d.json"]),
        ("in/**/d.json", ["in/deep/er/d.json"]),
        ("in/**", ["in/c.json", "in/deep/er/d.json", "in/notes.txt"]),
        ("**", ["a.json", "b.json", "in/c.json", "in/deep/er/d.json", "in/notes.txt"]),
        ("in/*", ["in/c.json", "in/notes.txt"]),
        (".*/*.json", [".hidden/e.json"]),
    ],
)
def test_pattern_is_expanded(pattern, found):
    names = ["a.json", "b.json", "in/c.json", "in/deep/er/d.json", "in/notes.txt"]
    for name in [*names, ".hidden/e.json"]:
        put(name)
    found = [str(Path(name)) for name in found]
    assert sources(pattern) == found
    assert sources(os.path.abspath(pattern)) == [os.path.abspath(name) for name in found]


@pytest.mark.parametrize("name", ["*.json", "a/**/b*.json", "nothing.json", "no/thing", ""])
def test_nothing_found_is_an_error(name):
    put("a/x.txt")
    (error,) = load(name)
    assert isinstance(error, InputError)
    assert error.where == name


def test_name_with_wild_characters_is_that_file_if_it_is_there():
    put("[a].json", b"[1]"), put("a.json", b"[2]")
    (document,) = load("[a].json")
    assert document.data == [1]


def test_file_is_read_once_by_all_its_names():
    put("in/a.json")
    os.link("in/a.json", "in/b.json")
    assert sources("in/a.json", "in", "in/*.json") == ["in/a.json"]


def test_an_error_does_not_keep_the_others():
    put("a.json"), put("b.json")
    assert sources("a.json", "gone.json", "b.json") == ["a.json", "! gone.json", "b.json"]
    error = load("gone.json")[0]
    assert error.why == "No such file or directory"


@posix
def test_links_to_folders_are_not_followed():
    put("in/a.json")
    os.symlink(".", "in/loop")
    os.symlink("..", "in/up")
    put("out/b.json")
    os.symlink("../out", "in/other")
    assert sources("in") == ["in/a.json"]
    assert sources("in/**/*.json") == ["in/a.json"]


@posix
def test_link_to_a_file_is_read_and_a_broken_one_is_an_error():
    put("x.json")
    put("in/z.json")
    os.symlink("../x.json", "in/a.json")
    os.symlink("nowhere", "in/b.json")
    os.symlink("c.json", "in/c.json")
    assert sources("in") == ["in/a.json", "! in/b.json", "! in/c.json", "in/z.json"]


@posix
@pytest.mark.skipif(not getattr(os, "geteuid", lambda: 0)(), reason="root may read everything")
def test_forbidden_file_and_folder_are_errors():
    put("in/a.json"), put("in/b/c.json"), put("in/d.json")
    os.chmod("in/a.json", 0)
    os.chmod("in/b", 0)
    try:
        assert sources("in") == ["! in/a.json", "in/d.json", "! in/b"]
    finally:
        os.chmod("in/b", 0o700)


def test_folder_that_cannot_be_listed_is_an_error(monkeypatch):
    put("in/a.json"), put("in/b/c.json")
    scandir = os.scandir

    def refusing(path):
        if os.path.basename(path) == "b":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert sources("in") == [os.path.join("in", "a.json"), "! " + os.path.join("in", "b")]


@posix
def test_fifo_device_and_socket_are_refused_at_once():
    os.mkfifo("pipe.json")
    for name in ["pipe.json", "/dev/zero", "/dev/null"]:
        (error,) = load(name)
        assert isinstance(error, InputError)
        assert error.where == name
    assert sources(".") == ["! ./pipe.json"]


@posix
def test_process_substitution_is_read():
    reader, writer = os.pipe()
    late = threading.Timer(0.05, lambda: (os.write(writer, b'{"a": 1}'), os.close(writer)))
    late.start()
    (document,) = load(f"/dev/fd/{reader}")
    late.join()
    os.close(reader)
    assert document.data == {"a": 1}


@posix
@pytest.mark.skipif(sys.platform == "darwin", reason="file names are Unicode there")
def test_name_that_is_not_utf8_is_kept_as_given():
    name = os.fsdecode(b"in/caf\xe9.json")
    put(name)
    assert sources(name) == [name]
    assert sources("in") == [name]
    assert sources("in/c*.json") == [name]


@pytest.mark.parametrize(
    ("name", "content", "syntax"),
    [
        ("a.json", b'{"a": 1}', "json"),
        ("a.JSON", b"a: 1", "json"),
        ("a.yaml", b"a: 1", "yaml"),
        ("a.yml", b'{"a": 1}', "json"),
        ("a.txt", b"\xef\xbb\xbf\n {}", "json"),
        ("a", b"a: 1", "yaml"),
        ("-", b" [1]", "json"),
        ("-", b"- 1", "yaml"),
        ("-", b'"x"', "yaml"),
    ],
)
def test_syntax_is_told_by_suffix_or_first_character(name, content, syntax):
    if name != "-":
        put(name, content)
    (document,) = load(name, stdin=content)
    assert document.syntax == syntax
    assert bool(document.faults) == (name == "a.JSON")


@pytest.mark.parametrize(
    ("input_format", "documents", "faults"),
    [("json", 1, ["parse/many"]), ("yaml", 1, ["parse/yaml"]), ("ndjson", 2, [])],
)
def test_input_format_overrules_the_name(input_format, documents, faults):
    items = load("-", put("a.yaml", b"[1]\n[2]\n"), stdin=b"{}\n{}", input_format=input_format)
    assert len(items) == 2 * documents
    assert [fault.code for fault in items[0].faults] == faults


def test_ndjson_is_one_document_a_line():
    lines = b'\xef\xbb\xbf{"a": 1}\r\n\n  \r\n[1,]\n{"b": [2]} {}\n"\xe9"\n{"c":\n{"d": "\xc3\xa9"}'
    documents = load(put("a.ndjson", lines))
    assert [(d.first_line, [f.code for f in d.faults]) for d in documents] == [
        (1, []),
        (4, ["parse/json"]),
        (5, ["parse/many"]),
        (6, ["parse/encoding"]),
        (7, ["parse/json"]),
        (8, []),
    ]
    assert documents[0].raw == b'\xef\xbb\xbf{"a": 1}'
    assert documents[0].payload == b'{"a": 1}'
    assert [(d.faults[0].line, d.faults[0].column) for d in documents[1:5]] == [
        (4, 3),
        (5, 12),
        (6, 2),
        (7, 6),
    ]
    found = documents[5].locate([Finding("x/y", Severity.ERROR, "/d", "here")])
    assert (found[0].line, found[0].column) == (8, 7)


@pytest.mark.parametrize("content", [b"", b"\n\r\n  \n", b"\xef\xbb\xbf\n"])
def test_ndjson_without_a_line_is_an_error(content):
    assert sources(put("a.jsonl", content)) == ["! a.jsonl"]


def test_empty_file_is_a_fault():
    (document,) = load(put("a.json", b""))
    assert document.faults[0].code == "parse/empty"


def test_too_large_file_is_a_fault_and_not_read_further():
    stdin = io.BytesIO(b" " * 1000)
    (document,) = read(["-"], stdin=stdin, limits=Limits(bytes=10))
    assert document.faults[0].code == "parse/size"
    assert stdin.tell() == 11


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_too_long_line_is_a_fault_and_the_next_is_read(end):
    for extra in range(4):
        line = b"[" + b"1" * (8 + extra) + b"]"
        documents = load(
            "-", stdin=line + end + b"{}", input_format="ndjson", limits=Limits(bytes=10)
        )
        codes = [[fault.code for fault in document.faults] for document in documents]
        assert codes == [["parse/size"] if extra else [], []]
        assert documents[1].first_line == 2


class Endless(io.RawIOBase):
    """Yields as many bytes as asked for, up to a total, without holding them."""

    def __init__(self, piece, times):
        self._piece = piece
        self._left = len(piece) * times
        self.given = 0

    def readable(self):
        return True

    def readinto(self, buffer):
        size = min(len(buffer) // len(self._piece) * len(self._piece), self._left)
        buffer[:size] = self._piece * (size // len(self._piece))
        self._left -= size
        self.given += size
        return size


def peak_of(stream, limits, input_format):
    """Return the codes found, the number of documents, and the most memory held, in bytes."""
    tracemalloc.start()
    try:
        documents = read(["-"], stdin=stream, limits=limits, input_format=input_format)
        faults = [document.faults for document in documents]
        return (
            {f.code for some in faults for f in some},
            len(faults),
            tracemalloc.get_traced_memory()[1],
        )
    finally:
        tracemalloc.stop()


def test_hundred_thousand_lines_are_read_one_by_one():
    line = b'{"id": "urn:uuid:1", "type": ["ClrCredential"], "n": [1, 2.5]}\n'
    endless = Endless(line, 100_000)
    stream = io.BufferedReader(endless)
    blocks = []
    for number, document in enumerate(read(["-"], stdin=stream, input_format="ndjson"), start=1):
        assert document.faults == ()
        assert endless.given <= number * len(line) + 64 * 1024
        if number in {1_000, 100_000}:
            blocks.append(sys.getallocatedblocks())
    assert number == 100_000
    assert blocks[1] - blocks[0] < 1_000


def test_line_of_64_mebibytes_needs_little_more_than_its_limit():
    stream = io.BufferedReader(Endless(b"1" * 64, 2**20))
    codes, count, peak = peak_of(stream, Limits(bytes=2**20), "ndjson")
    assert (codes, count) == ({"parse/size"}, 1)
    assert peak < 4 * 2**20


@pytest.mark.parametrize(
    ("name", "raw", "code", "most"),
    [
        ("objects", b"[" + b"{}," * 400_000 + b"{}]", "parse/size", 20),
        ("lists", b"[" * 1_000_000, "parse/depth", 10),
        ("dashes", b"- " * 500_000, "parse/depth", 10),
        ("commas", b"[" + b"," * 1_000_000, "parse/json", 10),
        ("digits", b"[" + b"1" * 1_000_000 + b"]", "parse/number", 10),
        ("names", b"{" + b'"a":0,' * 200_000 + b'"a":0}', "parse/duplicate-key", 10),
        ("merges", b"a: &a {b: 1}\n" + b"c: {<<: [*a, *a, *a]}\n" * 10_000, "parse/alias", 10),
        ("laughs", b"a: &a [x, x]\n" + b"b: &b [*a, *a, *a]\n" * 10_000, "parse/alias", 10),
        ("escapes", b'["' + b"\\n" * 500_000, "parse/json", 15),
        ("blanks", b" " * 1_000_000 + b"@", "parse/yaml", 10),
    ],
)
def test_bombs_are_refused_in_little_memory(name, raw, code, most):
    codes, _, peak = peak_of(io.BytesIO(raw), Limits(nodes=5_000), None)
    assert code in codes
    assert peak < most * 2**20, name


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("transcipt.json", "did you mean {}/transcript.json?"),
        ("other.json", "check the name"),
        ("gone/transcript.json", "check the folder: {}/gone"),
    ],
)
def test_a_file_that_is_not_there_is_told_with_what_may_be_meant(
    tmp_path: Path, name: str, fix: str
) -> None:
    (tmp_path / "transcript.json").write_text("{}")

    (error,) = read([str(tmp_path / name)], stdin=io.BytesIO())

    assert isinstance(error, InputError)
    assert error.fix == fix.format(tmp_path)


@pytest.mark.parametrize(
    "command",
    [
        ("validate", "https://x.example/a.json"),
        ("show", "https://x.example/a.json?x=1"),
        ("map", "https://x.example/a.csv"),
        ("build", "https://x.example/a.zip"),
        ("key", "show", "https://x.example/a.jwk"),
        ("status-list", "add", "https://x.example/l.json", "urn:x:y"),
        ("case", "list", "https://x.example/f.json"),
        ("context", "compare", "https://x.example/c.json"),
        ("verify", "samples/minimal.clr.json", "--trust", "https://x.example/did.json"),
    ],
    ids=" ".join,
)
def test_an_address_in_the_place_of_a_file_is_told_to_be_none(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, clrctl: Any
) -> None:
    monkeypatch.chdir(ROOT)
    done = clrctl(*command)

    address = next(word for word in command if word.startswith("https://"))
    assert "this is a web address, and nothing is fetched" in done.err
    assert f"where: {address}\n" in done.err
    assert "fix:   download it, and name the file: curl -fLo " in done.err


@pytest.mark.parametrize(
    ("address", "fix"),
    [
        ("file:///nowhere/a%20b.json", "name the file: '/nowhere/a b.json'"),
        ("s3://bucket/a.json", "copy it to this machine, and name the file"),
    ],
)
def test_an_address_of_another_kind_is_told_to_be_one(address: str, fix: str, clrctl: Any) -> None:
    done = clrctl("validate", address)

    assert "this is an address, and files are given by their path" in done.err
    assert f"fix:   {fix}" in done.err
