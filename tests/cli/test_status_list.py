"""`clrctl status-list`: lists made, given out, set and signed, and what verifiers read in them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clrctl.errors import UsageError
from clrctl.util.lock import Lock
from clrctl.verifying.status import lists
from tests.issued import SCHOOL, badge, signed

Run = Callable[..., Any]
URL = "https://brookside.example.edu/status/1"
ISSUER = SCHOOL.public.did
BADGE = badge()["id"]
AT = ("--at", "2026-07-01")


@pytest.fixture
def listing(clrctl: Run, tmp_path: Path) -> Path:
    """Return a new list, of the school."""
    file = tmp_path / "status-1.json"
    result = clrctl("status-list", "new", file, "--url", URL, "--issuer", ISSUER, *VALID)
    assert (result.code, result.out) == (0, "")
    return file


VALID = ("--valid-from", "2026-06-01")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "school.jwk"
    file.write_text(json.dumps(SCHOOL.jwk))
    file.chmod(0o600)
    return file


def data(file: Path) -> dict[str, Any]:
    return json.loads(file.read_bytes())


def entry_of(clrctl: Run, listing: Path, name: str = BADGE) -> Any:
    return clrctl("status-list", "add", listing, name).json["credentialStatus"]


def test_a_credential_is_revoked_and_brought_back(
    clrctl: Run, listing: Path, key: Path, tmp_path: Path
) -> None:
    status = entry_of(clrctl, listing)
    file = tmp_path / "badge.json"
    file.write_text(json.dumps(signed(badge() | {"credentialStatus": status})))
    trust = tmp_path / "trust.yaml"
    trust.write_text(f"documents: {{'{URL}': status-1.json}}")

    def verified() -> tuple[int, str]:
        created = ("--created", "2026-06-02T00:00:00Z")
        assert clrctl("status-list", "sign", listing, "--key", key, *created).code == 0
        result = clrctl("verify", *AT, "--trust", trust, "--json", file)
        (check,) = (
            each
            for each in result.json["files"][0]["credentials"][0]["checks"]
            if each["check"] == "status"
        )
        return result.code, check["reason"]

    assert verified() == (0, "valid")
    assert clrctl("status-list", "set", listing, BADGE).code == 0
    assert "proof" not in data(listing)
    assert verified() == (1, "revoked")
    assert clrctl("status-list", "set", listing, status["statusListIndex"], "--clear").code == 0
    assert verified() == (0, "valid")


def test_the_same_steps_give_the_same_files(
    clrctl: Run, listing: Path, key: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again" / "status-1.json"
    again.parent.mkdir()
    assert clrctl("status-list", "new", again, "--url", URL, "--issuer", ISSUER, *VALID).code == 0
    for file in (listing, again):
        clrctl("status-list", "add", file, BADGE, "urn:x:1")
        clrctl("status-list", "set", file, BADGE)
        clrctl("status-list", "sign", file, "--key", key, "--created", "2026-06-02T00:00:00Z")
    for name in ("status-1.json", "status-1.entries.json"):
        assert (tmp_path / name).read_bytes() == (again.parent / name).read_bytes()


def test_an_entry_once_given_is_kept_and_no_two_are_alike(clrctl: Run, listing: Path) -> None:
    names = [f"urn:x:{number}" for number in range(3_000)]
    lines = "\n".join(names).encode()
    first = clrctl("status-list", "add", listing, "-", stdin=lines).out
    assert clrctl("status-list", "add", listing, "-", stdin=lines).out == first
    told = [json.loads(line) for line in first.splitlines()]
    assert [each["id"] for each in told] == names
    indices = {each["credentialStatus"]["statusListIndex"] for each in told}
    assert len(indices) == len(names)
    neighbours = [int(each["credentialStatus"]["statusListIndex"]) for each in told[:2]]
    assert abs(neighbours[0] - neighbours[1]) > 1


def test_the_ledger_is_for_its_owner_alone(clrctl: Run, listing: Path) -> None:
    entry_of(clrctl, listing)
    assert lists.ledger_of(listing).stat().st_mode & 0o77 == 0
    assert BADGE not in listing.read_text()


def test_a_list_of_several_purposes_gives_an_entry_for_each(clrctl: Run, tmp_path: Path) -> None:
    file = tmp_path / "two.json"
    both = ("--purpose", "revocation", "--purpose", "suspension")
    clrctl("status-list", "new", file, "--url", URL, "--issuer", ISSUER, *both)
    entries = entry_of(clrctl, file)
    assert [each["statusPurpose"] for each in entries] == ["revocation", "suspension"]
    assert len({each["id"] for each in entries}) == 2


def test_what_a_list_holds_is_shown(clrctl: Run, listing: Path, key: Path) -> None:
    index = entry_of(clrctl, listing)["statusListIndex"]
    clrctl("status-list", "set", listing, BADGE, "5")
    told = clrctl("status-list", "show", listing, "--json").json
    assert told["format"] == "clrctl.status-list/1"
    assert told["set"] == [{"index": 5, "id": None}, {"index": int(index), "id": BADGE}]
    assert (told["entries"], told["given"], told["signed"]) == (131_072, 1, False)
    shown = clrctl("status-list", "show", listing).out
    assert f"set\t{index}  {BADGE}" in shown
    assert "131,072, 1 given out, 2 set" in shown
    clrctl("status-list", "set", listing, *map(str, range(30)))
    assert "and 11 more (all: --json)" in clrctl("status-list", "show", listing).out


def test_setting_what_is_set_leaves_the_proof(clrctl: Run, listing: Path, key: Path) -> None:
    clrctl("status-list", "set", listing, "7")
    clrctl("status-list", "sign", listing, "--key", key)
    before = listing.read_bytes()
    result = clrctl("status-list", "set", listing, "7")
    assert "nothing changed" in result.err
    assert listing.read_bytes() == before


def test_members_that_are_not_known_here_are_kept(clrctl: Run, listing: Path) -> None:
    held = data(listing)
    held["name"] = "Revocations"
    held["credentialSubject"]["ttl"] = 300_000
    listing.write_text(json.dumps(held))
    clrctl("status-list", "set", listing, "7")
    after = data(listing)
    after["credentialSubject"]["encodedList"] = held["credentialSubject"]["encodedList"]
    assert after == held


def test_a_list_that_is_there_is_not_overwritten(clrctl: Run, listing: Path) -> None:
    before = listing.read_bytes()
    result = clrctl("status-list", "new", listing, "--url", URL, "--issuer", ISSUER)
    assert result.code == 3
    assert listing.read_bytes() == before


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["set", "{}", "urn:x:unknown"], 2, "has no entry"),
        (["set", "{}", "131072"], 2, "no entry 131072"),
        (["new", "new.json", "--url", "status", "--issuer", ISSUER], 2, "--url"),
        (["new", "new.json", "--url", URL, "--issuer", "us"], 2, "--issuer"),
        (["new", "new.json", "--url", URL, "--issuer", ISSUER, "--entries", "9"], 2, "131072"),
        (["new", "new.json", "--url", URL, "--issuer", ISSUER, "--entries", "131073"], 2, "131072"),
        (["show", "missing.json"], 3, "missing.json"),
        (["sign", "{}", "--key", "missing.jwk"], 3, "missing.jwk"),
    ],
)
def test_a_mistake_says_what_to_type(
    clrctl: Run, listing: Path, args: list[str], code: int, said: str
) -> None:
    result = clrctl("status-list", *(arg.format(listing) for arg in args))
    assert result.code == code
    assert said in result.err
    assert "fix:" in result.err
    assert not Path("new.json").exists()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", json.dumps(badge()), '{"type": "BitstringStatusListCredential"}'],
)
def test_what_is_no_list_is_refused(clrctl: Run, tmp_path: Path, text: str) -> None:
    file = tmp_path / "odd.json"
    file.write_text(text)
    assert clrctl("status-list", "show", file).code == 3


def test_a_damaged_list_or_a_ledger_of_another_is_refused(clrctl: Run, listing: Path) -> None:
    good = data(listing)
    for changed in (
        {"id": 5},
        {"credentialSubject": good["credentialSubject"] | {"encodedList": "uAAAA"}},
    ):
        listing.write_text(json.dumps(good | changed))
        assert clrctl("status-list", "show", listing).code == 3
    listing.write_text(json.dumps(good))
    ledger = lists.ledger_of(listing)
    for entries, url in (({"a": 1, "b": 1}, URL), ({"a": -1}, URL), ({}, "https://x.example/")):
        ledger.write_text(json.dumps({"format": lists.LEDGER, "list": url, "entries": entries}))
        result = clrctl("status-list", "add", listing, BADGE)
        assert (result.code, "ledger" in result.err) == (3, True)


def test_two_processes_do_not_change_a_list_at_once(clrctl: Run, listing: Path) -> None:
    lock = Lock(listing.with_name(f".{listing.name}.lock"))
    result = clrctl("status-list", "set", listing, "7")
    assert (result.code, str(os.getpid()) in result.err) == (5, True)
    lock.release()
    assert clrctl("status-list", "set", listing, "7").code == 0


def test_a_full_list_says_so(listing: Path) -> None:
    found = lists.read(listing)
    given = {f"urn:x:{index}": index for index in range(found.entries)}
    full = lists.StatusList(found.path, found.data, found.bits, given)
    with pytest.raises(UsageError, match="full"):
        full.with_entries(["urn:y:1"])
    assert full.with_entries(["urn:x:1"]).given == given


def test_the_key_of_somebody_else_does_not_sign_it(
    clrctl: Run, listing: Path, tmp_path: Path
) -> None:
    from tests.issued import STRANGER

    other = tmp_path / "other.jwk"
    other.write_text(json.dumps(STRANGER.jwk))
    other.chmod(0o600)
    before = listing.read_bytes()
    assert clrctl("status-list", "sign", listing, "--key", other).code == 1
    assert listing.read_bytes() == before
