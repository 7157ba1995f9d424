"""`clrctl derive`: parts of a credential that are still signed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clrctl.proof.jsonld.contexts import Contexts
from clrctl.proof.suites.table import suite_of
from tests.signing import BADGE, CASES, key_of

SD = next(case for case in json.loads((CASES / "proofs.json").read_text()) if "derived" in case)
NAME = "/credentialSubject/achievement/name"


@pytest.fixture
def badge(tmp_path: Path) -> Path:
    path = tmp_path / "badge.json"
    path.write_text(json.dumps({**BADGE, "proof": [SD["proof"]]}))
    return path


def test_parts_are_shown_with_a_proof_that_holds(clrctl: Any, badge: Path, tmp_path: Path) -> None:
    done = clrctl("derive", badge, "--show", NAME, "-o", tmp_path / "shown.json")
    assert done.code == 0, done.err
    shown = json.loads((tmp_path / "shown.json").read_text())
    assert shown["credentialSubject"]["achievement"]["name"] == "Latte Art 2"
    assert "criteria" not in shown["credentialSubject"]["achievement"]
    proof = shown["proof"]
    suite_of(proof).check(shown, proof, key_of("P-256").public, Contexts.built_in())
    assert clrctl("derive", badge, "--show", NAME, "-o", tmp_path / "shown.json").code == 0
    (tmp_path / "other.json").write_text("{}")
    assert clrctl("derive", badge, "--show", NAME, "-o", tmp_path / "other.json").code == 3
    again = clrctl("derive", "-", "--show", NAME, stdin=badge.read_bytes())
    assert json.loads(again.out) == shown
    shown_already = clrctl("derive", tmp_path / "shown.json", "--show", "/issuer")
    assert shown_already.code == 1
    assert "shows parts already" in shown_already.err
    assert clrctl("derive", badge, "-o", tmp_path / "shown.json", "--force").code == 0


def changed(**members: Any) -> bytes:
    return json.dumps({**BADGE, "proof": SD["proof"], **members}).encode()


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (json.dumps(BADGE).encode(), 1, "--suite ecdsa-sd-2023"),
        (changed(validUntil="2030-01-01T00:00:00Z"), 1, "another number of statements"),
        (changed(grade="A"), 1, "grade"),
        (b"[]", 3, "object"),
        (b"{", 3, "cannot be read"),
        (b"", 3, "cannot be read"),
    ],
)
def test_what_nothing_can_be_derived_from_is_told(
    clrctl: Any, text: bytes, code: int, said: str
) -> None:
    done = clrctl("derive", "-", "--show", NAME, stdin=text)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_what_cannot_be_shown_is_told(clrctl: Any, badge: Path, tmp_path: Path) -> None:
    wrong = clrctl("derive", badge, "--show", "/name/first")
    assert wrong.code == 2
    assert "nothing at /name/first" in wrong.err
    assert clrctl("derive", tmp_path / "none.json", "--show", "/name").code == 3
    assert clrctl("derive", tmp_path / "*.none", "--show", "/name").code in (2, 3)
    lines = tmp_path / "two.ndjson"
    lines.write_bytes(changed() + b"\n" + changed() + b"\n")
    assert clrctl("derive", lines, "--show", "/name").code == 2
