"""`clrctl key` as its users meet it."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from clrctl.cli.console import Console
from clrctl.proof.keys import encryption
from clrctl.proof.keys.secret import SecretKey
from tests.conftest import Run
from tests.proof.test_keys import rsa_pem

OTHER = "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
PASSPHRASE = "four plain words here"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take as many rounds as tests can wait for."""
    encrypt = encryption.encrypt

    def quick(jwk: dict[str, str], passphrase: bytes) -> bytes:
        return encrypt(jwk, passphrase, rounds=1000)

    monkeypatch.setattr(encryption, "encrypt", quick)


@pytest.fixture
def passphrase(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CLRCTL_KEY_PASSPHRASE", PASSPHRASE)
    return PASSPHRASE


@pytest.mark.usefixtures("passphrase")
def test_a_new_key_is_encrypted_private_and_named(clrctl: Run, tmp_path: Path) -> None:
    path = tmp_path / "issuer.jwk"
    done = clrctl("key", "new", path, "--controller", "did:web:school.example")
    assert done.code == 0, done.err
    assert "encrypted" in done.err
    assert encryption.is_encrypted(path.read_bytes())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 or sys.platform == "win32"
    shown = clrctl("key", "show", path, "--json").json
    assert shown["format"] == "clrctl.key/1"
    assert shown["verification_method"] == f"did:web:school.example#{shown['multikey']}"
    assert (shown["type"], shown["secret"], shown["encrypted"]) == ("Ed25519", True, True)
    assert f"multikey: {shown['multikey']}" in done.out


def test_a_new_key_needs_a_passphrase_or_the_word_to_go_without(
    clrctl: Run, tmp_path: Path
) -> None:
    done = clrctl("key", "new", tmp_path / "k")
    assert done.code == 2
    assert "--no-passphrase" in done.err
    assert not (tmp_path / "k").exists()


def test_a_short_passphrase_is_refused(clrctl: Run, tmp_path: Path) -> None:
    done = clrctl("key", "new", tmp_path / "k", "--passphrase-file", "-", stdin=b"short\n")
    assert (done.code, (tmp_path / "k").exists()) == (2, False)
    assert "too short" in done.err


def test_a_passphrase_comes_from_a_file_or_standard_input(
    clrctl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text("größer als vorher\n")
    secret.chmod(0o600)
    path = tmp_path / "k"
    assert clrctl("key", "new", path, "--passphrase-file", secret).code == 0
    again = clrctl("key", "show", path, "--passphrase-file", "-", stdin=secret.read_bytes())
    assert again.code == 0
    monkeypatch.setenv("CLRCTL_KEY_PASSPHRASE_FILE", str(secret))
    assert clrctl("key", "show", path).code == 0
    monkeypatch.setenv("CLRCTL_KEY_PASSPHRASE", "another one")
    wrong = clrctl("key", "show", path)
    assert wrong.code == 3
    assert "passphrase is wrong" in wrong.err


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "p-384"])
@pytest.mark.parametrize("form", ["jwk", "multikey", "pem"])
def test_an_unprotected_key_is_written_in_every_form(
    clrctl: Run, tmp_path: Path, kind: str, form: str
) -> None:
    path = tmp_path / "k"
    done = clrctl("key", "new", path, "--type", kind, "--format", form, "--no-passphrase")
    assert done.code == 0, done.err
    assert "not encrypted" in done.err
    shown = clrctl("key", "show", path, "--json").json
    assert shown["type"].lower() == kind.lower()
    for public in ("multikey", "jwk", "pem", "did"):
        answer = clrctl("key", "show", path, "--format", public).out
        other = tmp_path / public
        other.write_text(answer)
        assert clrctl("key", "show", other, "--json").json["jwk"] == shown["jwk"]


def test_a_key_is_never_overwritten(clrctl: Run, tmp_path: Path) -> None:
    path = tmp_path / "k"
    path.write_text("precious")
    done = clrctl("key", "new", path, "--no-passphrase")
    assert (done.code, path.read_text()) == (3, "precious")


@pytest.mark.usefixtures("passphrase")
def test_import_converts_and_protects(clrctl: Run, tmp_path: Path) -> None:
    key = SecretKey.of("P-256", bytes([9]) * 32)
    old = tmp_path / "old.pem"
    old.write_text(key.pem)
    old.chmod(0o600)
    done = clrctl("key", "import", old, tmp_path / "new.jwk", "--controller", "https://a.example/1")
    assert done.code == 0, done.err
    shown = clrctl("key", "show", tmp_path / "new.jwk", "--json").json
    assert shown["multikey"] == key.public.multikey
    assert shown["verification_method"] == f"https://a.example/1#{key.public.multikey}"
    again = tmp_path / "again.pem"
    assert (
        clrctl(
            *("key", "import", tmp_path / "new.jwk", again, "--format", "pem", "--no-passphrase")
        ).code
        == 0
    )
    assert again.read_text() == key.pem


def test_standard_input_holds_the_key_or_its_passphrase(clrctl: Run) -> None:
    key = SecretKey.of("Ed25519", bytes([9]) * 32)
    assert clrctl("key", "show", "-", "--format", "did", stdin=key.pem.encode()).out == (
        key.public.did + "\n"
    )
    both = clrctl("key", "show", "-", "--passphrase-file", "-", stdin=b"x")
    assert (both.code, "give - once" in both.err) == (2, True)


def test_a_public_key_cannot_be_imported(clrctl: Run, tmp_path: Path) -> None:
    did = SecretKey.of("Ed25519", bytes([9]) * 32).public.did
    done = clrctl("key", "import", did, tmp_path / "k", "--no-passphrase")
    assert done.code == 3
    assert "public key" in done.err


@pytest.mark.parametrize(
    "args",
    [
        ("--format", "pem"),
        ("--no-passphrase", "--passphrase-file", "x"),
        ("--no-passphrase", "--controller", "school"),
        (
            "--no-passphrase",
            "--controller",
            OTHER,
        ),
    ],
)
def test_contradictions_are_told_before_anything_is_written(
    clrctl: Run, tmp_path: Path, args: tuple[str, ...]
) -> None:
    done = clrctl("key", "new", tmp_path / "k", *args)
    assert (done.code, (tmp_path / "k").exists()) == (2, False)


def test_the_document_lists_every_key_and_where_to_put_it(clrctl: Run, tmp_path: Path) -> None:
    keys = [tmp_path / "one", tmp_path / "two"]
    for path in keys:
        clrctl("key", "new", path, "--controller", "did:web:a.example", "--no-passphrase")
    done = clrctl("key", "document", "did:web:a.example", *keys)
    assert done.code == 0
    assert "https://a.example/.well-known/did.json" in done.err
    found = json.loads(done.out)
    methods = [clrctl("key", "show", path, "--json").json["verification_method"] for path in keys]
    assert found["assertionMethod"] == methods
    assert "secret" not in done.out
    assert '"d"' not in done.out
    assert clrctl("key", "document", "school", keys[0]).code == 2


def typing(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Sit at the terminal and type; return what is asked."""
    asked: list[str] = []
    waiting = iter(answers)

    def ask(_: Console, question: str) -> str:
        asked.append(question)
        return next(waiting)

    monkeypatch.setattr(Console, "ask_secret", ask)
    return asked


def test_a_person_types_a_new_passphrase_twice_and_an_old_one_once(
    clrctl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "k"
    asked = typing(monkeypatch, PASSPHRASE, PASSPHRASE, PASSPHRASE, PASSPHRASE, "mistyped", "no")
    assert clrctl("key", "new", path).code == 0
    assert len(asked) == 2
    assert clrctl("key", "show", path).code == 0
    assert asked[2] == f"Passphrase of {path}:"
    other = clrctl("key", "new", tmp_path / "other")
    assert (other.code, (tmp_path / "other").exists()) == (2, False)
    assert "differ" in other.err
    wrong = clrctl("key", "show", path)
    assert wrong.code == 3
    assert "try again" in wrong.err


def test_a_key_that_has_no_such_form_is_told(clrctl: Run, tmp_path: Path) -> None:
    rsa = tmp_path / "rsa.pem"
    rsa.write_bytes(rsa_pem())
    rsa.chmod(0o600)
    for args in (("show", rsa, "--format", "multikey"), ("import", rsa, "k", "--no-passphrase")):
        done = clrctl("key", *args)
        assert done.code in (2, 3)
        assert "PEM" in done.err
    assert "multikey" not in clrctl("key", "show", rsa).out
    assert clrctl("key", "show", rsa, "--json").json["multikey"] is None
