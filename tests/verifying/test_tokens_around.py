"""Tokens and lists as people save them: in quotes, in brackets, with a byte order mark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.issued import SCHOOL, badge

SAMPLE = ROOT / "samples" / "minimal.clr.json"


@pytest.fixture
def token(tmp_path: Path, clrctl: Any) -> str:
    key = tmp_path / "key.jwk"
    key.write_text(json.dumps(SCHOOL.jwk))
    key.chmod(0o600)
    file = tmp_path / "badge.json"
    file.write_text(json.dumps(badge()))
    return str(clrctl("sign", file, "--key", key, "--jwt").out.strip())


@pytest.mark.parametrize("form", ["{}", "{}\n", '"{}"\n', "\ufeff{}", ' "{}" '])
def test_a_token_is_verified_whatever_editors_put_around_it(
    form: str, token: str, tmp_path: Path, clrctl: Any
) -> None:
    for name in ("token.jwt", "token.json"):
        (tmp_path / name).write_text(form.format(token), encoding="utf-8")
        done = clrctl("verify", tmp_path / name, "--at", "2026-07-01")
        assert (done.code, "valid" in done.err + done.out) == (0, True), done.out


@pytest.mark.parametrize("command", ["validate", "verify", "show"])
def test_a_list_of_one_is_told_as_that(command: str, tmp_path: Path, clrctl: Any) -> None:
    (tmp_path / "one.json").write_text(json.dumps([json.loads(SAMPLE.read_text())]))

    done = clrctl(command, tmp_path / "one.json")

    assert done.code == 1
    told = done.out + done.err
    assert "this is a list of one value; a document is one credential" in told
    assert "take the brackets around it away" in told


def test_the_name_of_a_file_is_no_id_for_a_status_list(tmp_path: Path, clrctl: Any) -> None:
    listing = tmp_path / "list.json"
    clrctl("status-list", "new", listing, "--url", "https://x.example/1", "--issuer", "did:web:x")

    done = clrctl("status-list", "add", listing, SAMPLE)
    other = clrctl("status-list", "add", listing, "badge-7")

    assert (done.code, other.code) == (2, 2)
    assert "this is the name of a file, not the id of a credential" in done.err
    assert f"its id is {json.loads(SAMPLE.read_text())['id']}: clrctl status-list add" in done.err
    assert "an id is a URI" in other.err
    assert list(tmp_path.glob("*ledger*")) == []


def test_the_name_of_a_file_is_no_id_to_revoke_either(tmp_path: Path, clrctl: Any) -> None:
    listing = tmp_path / "list.json"
    clrctl("status-list", "new", listing, "--url", "https://x.example/1", "--issuer", "did:web:x")

    done = clrctl("status-list", "set", listing, SAMPLE)

    assert done.code == 2
    assert f"its id is {json.loads(SAMPLE.read_text())['id']}: clrctl status-list set" in done.err


def test_ids_on_standard_input_may_begin_with_a_byte_order_mark(
    tmp_path: Path, clrctl: Any
) -> None:
    listing = tmp_path / "list.json"
    clrctl("status-list", "new", listing, "--url", "https://x.example/1", "--issuer", "did:web:x")

    done = clrctl("status-list", "add", listing, "-", stdin=b"\xef\xbb\xbfurn:a:b\r\n")

    assert (done.code, done.json["id"]) == (0, "urn:a:b")
