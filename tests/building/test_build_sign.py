"""`clrctl build --sign`: records come signed, and the same in every build."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from clrctl.building import signing, sources
from clrctl.building.emitter import EmitOptions, Emitted, emit
from clrctl.building.model import Record
from clrctl.building.problems import Note
from clrctl.document.parsing import parse
from clrctl.proof.jsonld.contexts import Contexts
from clrctl.proof.keys import files
from clrctl.proof.suites.base import proofs_of
from clrctl.proof.suites.table import suite_of
from clrctl.signing.binding import IssuerKey
from clrctl.signing.documents import SignOptions
from tests.cli.test_build_command import RECIPE
from tests.signing import key_of

Run = Any
METHOD = "https://school.example/issuer#key-1"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLRCTL_ID_SECRET", "a secret for the tests alone")
    (tmp_path / "r.yaml").write_text(RECIPE)
    files.write_new("issuer.jwk", files.json_text(files.as_jwk(key_of(), METHOD)))
    return tmp_path


def test_a_built_record_is_signed_from_the_inside_out(clrctl: Run) -> None:
    done = clrctl("build", "r.yaml", "--sign", "issuer.jwk")
    assert done.code == 0, done.err
    record = orjson.loads(done.out)
    for one in (record, *record["credentialSubject"]["verifiableCredential"]):
        (proof,) = proofs_of(one)
        assert (proof["created"], proof["verificationMethod"]) == (one["validFrom"], METHOD)
        suite_of(proof).check(one, proof, key_of().public, Contexts.built_in())
    assert clrctl("build", "r.yaml", "--sign", "issuer.jwk").out == done.out
    assert clrctl("validate", "-", "--strict", stdin=done.out.encode()).code == 0


def test_a_second_build_finds_everything_unchanged(clrctl: Run) -> None:
    args = ("build", "r.yaml", "-o", "out/", "--sign", "issuer.jwk", "--children-only")
    assert clrctl(*args).code == 0
    assert "1 unchanged" in clrctl(*args).err
    (path,) = Path("out").glob("*.json")
    record = orjson.loads(path.read_bytes())
    assert "proof" not in record
    assert all("proof" in one for one in record["credentialSubject"]["verifiableCredential"])


def test_a_later_day_alone_signs_nothing_anew(clrctl: Run) -> None:
    args = ("build", "r.yaml", "-o", "out/", "--sign", "issuer.jwk")
    assert clrctl(*args).code == 0
    (path,) = Path("out").glob("*.json")
    before = path.read_bytes()
    assert "1 unchanged" in clrctl(*args, "--as-of", "2026-12-01").err
    assert path.read_bytes() == before


def test_a_key_of_somebody_else_builds_nothing(clrctl: Run) -> None:
    files.write_new("b.jwk", files.json_text(files.as_jwk(key_of(), "did:web:b.example#k")))
    done = clrctl("build", "r.yaml", "-o", "o.json", "--sign", "b.jwk")
    assert done.code == 1
    assert "cannot be signed: the key belongs to did:web:b.example" in done.err
    assert not Path("o.json").exists()


def test_children_only_needs_something_to_sign(clrctl: Run) -> None:
    assert clrctl("build", "r.yaml", "--children-only").code == 2


def test_what_other_issuers_have_to_sign_is_told(place: Path) -> None:
    source = sources.opened("r.yaml", recipe="", sheet="")
    (record,) = sources.kind_of(source).records(source)
    assert isinstance(record, Record)
    emitted = emit(record, EmitOptions())
    assert isinstance(emitted, Emitted)
    data = orjson.loads(emitted.text)
    data["credentialSubject"]["verifiableCredential"][0]["issuer"]["id"] = "did:web:b.example"
    other = parse(orjson.dumps(data))
    keys = SignOptions([IssuerKey(key_of(), METHOD)])
    note, signed = signing.signed(emitted, other, keys)
    assert note == Note(signing.LEFT)
    assert isinstance(signed, tuple)
    text, document = signed
    assert orjson.loads(text.text) == document.data
    assert "proof" in document.data
