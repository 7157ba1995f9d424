"""RDFC-1.0: W3C's suite where it is there, and what the suite does not ask."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clrctl.proof.faults import TooComplex
from clrctl.proof.jsonld.literals import quoted
from clrctl.proof.rdfc import Quad, canonicalize

# The manifest's tests of these numbers are published without their files.
WITHOUT_FILES = {f"#test0{number}" for number in range(60, 70)}
TERM = re.compile(r'<[^>]*>|_:[^\s<"]+|"(?:[^"\\]|\\.)*"(?:\^\^<[^>]*>|@[A-Za-z0-9-]+)?')
CHARACTER = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)")
SIMPLE = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def suite() -> list[Any]:
    folder = os.environ.get("CLRCTL_REFERENCE")
    if not folder:
        reason = "CLRCTL_REFERENCE does not name the folder of published material"
        return [pytest.param(None, marks=pytest.mark.skip(reason))]
    root = Path(folder, "vectors", "rdf-canon")
    entries = json.loads((root / "manifest.jsonld").read_bytes())["entries"]
    return [
        pytest.param({**entry, "root": root}, id=entry["id"])
        for entry in entries
        if entry["id"][:8] not in WITHOUT_FILES
    ]


def parsed(text: str) -> Iterator[Quad]:
    """Read N-Quads, with escapes, into quads as they are here."""
    for line in text.splitlines():
        terms = [canonical_term(term) for term in TERM.findall(line)]
        if terms:
            s, p, o, g = (*terms, "")[:4]
            yield s, p, o, g


def canonical_term(term: str) -> str:
    if term[0] != '"':
        return decoded(term)
    text, _, end = term[1:].rpartition('"')
    end = "" if end == "^^<http://www.w3.org/2001/XMLSchema#string>" else end
    return quoted(decoded(text)) + decoded(end)


def decoded(text: str) -> str:
    def character(found: re.Match[str]) -> str:
        code = found[1]
        return chr(int(code[1:], 16)) if code[0] in "uU" else SIMPLE.get(code, code)

    return CHARACTER.sub(character, text)


@pytest.mark.parametrize("entry", suite())
def test_the_suite_of_w3c(entry: Any) -> None:
    quads = list(parsed((entry["root"] / entry["action"]).read_text(encoding="utf-8")))
    hash_name = entry.get("hashAlgorithm", "SHA256").lower()
    if entry["type"] == "rdfc:RDFC10NegativeEvalTest":
        with pytest.raises(TooComplex):
            canonicalize(quads, hash_name)
        return
    found = canonicalize(quads, hash_name)
    expected = (entry["root"] / entry["result"]).read_text(encoding="utf-8")
    if entry["type"] == "rdfc:RDFC10MapTest":
        labels = {f"_:{old}": f"_:{new}" for old, new in json.loads(expected).items()}
        assert found.labels == labels
    else:
        assert "".join(found.lines) == expected


def test_lines_are_sorted_by_code_points_and_the_other_order_is_told() -> None:
    """Proofs of JavaScript software cover the other order."""
    late, emoji = "\uff21", "\U0001f393"
    quads: list[Quad] = [("<urn:a>", "<urn:b>", f'"{text}"', "") for text in (emoji, "a", late)]
    found = canonicalize(quads)
    assert [line[17] for line in found.lines] == ["a", late, emoji]
    assert [line[17] for line in found.others["order"]] == ["a", emoji, late]
    assert not canonicalize(quads[:2]).ambiguous


def test_the_other_order_counts_inside_the_names_of_blank_nodes() -> None:
    texts = [f"\U0001f393{n}" for n in range(9)] + [f"\uff21{n}" for n in range(9)]
    quads: list[Quad] = [
        (f"_:n{n}", "<urn:b>", f'"{text}"', "") for n in range(9) for text in texts[n : n + 9]
    ]
    found = canonicalize(quads)
    assert sorted(found.others["order"]) != found.lines


def test_many_alike_objects_are_no_poison() -> None:
    """A CLR of thousands of credentials has as many proofs and results without an id."""
    quads: list[Quad] = []
    for number in range(7000):
        quads += [
            (f"<urn:{number % 2}>", "<urn:result>", f"_:g{number}", ""),
            (f"_:r{number}", "<urn:grade>", '"A"', f"_:g{number}"),
        ]
    assert len(canonicalize(quads).labels) == 14000
