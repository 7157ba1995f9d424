"""Signatures in the flow: looked at before a record is sent, and on the one that comes back."""

from __future__ import annotations

import json
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clrctl.checking import validation
from clrctl.document.parsing import parse
from clrctl.sending import prepare
from clrctl.verifying.signatures import Signatures
from clrctl.verifying.trust import PinnedKey, Trust
from tests.conftest import SAMPLES
from tests.issued import ISSUER, NOW, SCHOOL, STRANGER, child, minimal, record, signed, with_child
from tests.talker import reply, talking

Run = Callable[..., Any]
PLACE = "/credentialSubject/verifiableCredential/0/proof/0"
METHOD = f"{ISSUER}#key-1"
SCHOOLS = Trust(keys={ISSUER: (PinnedKey(SCHOOL.public),)})
PINNED = f"issuers: {{'{ISSUER}': [{{multikey: {SCHOOL.public.multikey}}}]}}"


def with_signed_child(key: Any = SCHOOL, **changed: Any) -> dict[str, Any]:
    data = minimal(ISSUER)
    return with_child(data, signed(child(data), key, method=METHOD) | changed)


def found(data: dict[str, Any], trust: Trust | None = SCHOOLS) -> list[tuple[str, str, str]]:
    report = validation.check(parse(json.dumps(data).encode()), also=Signatures(NOW, trust))
    return [(each.code, each.severity.value, each.pointer) for each in report.findings]


def test_a_proof_that_holds_is_nothing_to_speak_of() -> None:
    assert found(with_signed_child()) == []


def test_a_broken_proof_is_an_error_and_an_undecided_one_a_warning() -> None:
    changed = with_signed_child(name="Another")
    assert found(changed) == [("proof/broken", "error", PLACE)]
    assert found(with_signed_child(), None) == [("proof/undecided", "warning", PLACE)]
    forged = signed(child(minimal(ISSUER)), STRANGER, method=f"{ISSUER}#{STRANGER.public.multikey}")
    assert found(with_child(minimal(ISSUER), forged)) == [("proof/broken", "error", PLACE)]


def test_the_records_own_proof_is_looked_at_too() -> None:
    data = record()
    data["name"] = "Another"
    assert [each[0] for each in found(data)] == ["proof/broken"]


def test_what_a_rule_says_already_is_not_said_again() -> None:
    data = with_signed_child()
    child(data)["proof"][0]["proofPurpose"] = "authentication"
    assert [each[0] for each in found(data)] == ["proof/purpose"]
    data = with_signed_child()
    child(data)["proof"][0]["type"] = 5
    assert all(code.startswith("schema/") for code, *_ in found(data))


def test_an_unsigned_record_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.startswith("clrctl.verifying"):
            monkeypatch.setitem(sys.modules, name, None)
    document = parse(json.dumps(minimal()).encode())
    assert Signatures(NOW)(document, []) == []
    assert Signatures(NOW).of_answer(document.raw) is None


def test_it_can_be_handed_to_another_process() -> None:
    again = pickle.loads(pickle.dumps(Signatures(NOW, SCHOOLS)))
    data = parse(json.dumps(with_signed_child(name="Another")).encode())
    assert [each.code for each in again(data, [])] == ["proof/broken"]


@pytest.mark.parametrize("answer", [b"", b"[]", b"nonsense", b'{"proof": 1, "proof": 2}', b"{}"])
def test_an_answer_that_is_no_record_has_no_proof(answer: bytes) -> None:
    assert Signatures(NOW).of_answer(answer) is None


def test_of_the_proofs_on_an_answer_the_worst_is_told() -> None:
    look = Signatures(NOW, SCHOOLS).of_answer
    good = signed(minimal(ISSUER), method=METHOD)
    assert look(json.dumps(good).encode()).outcome == "valid"
    bad = good | {"proof": [*good["proof"], good["proof"][0] | {"proofValue": "z1"}]}
    assert look(json.dumps(bad).encode()).outcome == "invalid"


# --- in upsert and plan -----------------------------------------------------------------------


@pytest.fixture
def trusting() -> None:
    """Name a trust file in the config file."""
    config = Path(os.environ["CLRCTL_CONFIG"])
    (config.parent / "trust.yaml").write_text(PINNED)
    config.write_text("trust: trust.yaml\n")


@pytest.fixture
def put(clrctl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that sends a record to a server which answers as it is told."""
    monkeypatch.setenv("CLRCTL_TOKEN", "a-token-for-tests")

    def send(data: Any, answer: Any = None, *args: str) -> Any:
        file = tmp_path / "record.clr.json"
        file.write_text(json.dumps(data))
        with talking(reply(201, json.dumps(answer or data))) as talker:
            result = clrctl("upsert", file, "--endpoint", talker.url, "--no-journal", *args)
        return result, len(talker.seen)

    return send


def test_a_record_with_a_broken_proof_is_not_sent(put: Any, trusting: None) -> None:
    result, requests = put(with_signed_child(name="Another"))
    assert (result.code, requests) == (1, 0)
    assert f"error proof/broken {PLACE} the eddsa-rdfc-2022 proof does not hold" in result.out
    assert "nothing was sent" in result.err


def test_a_record_with_a_proof_that_cannot_be_checked_is_sent_with_a_warning(put: Any) -> None:
    result, requests = put(with_signed_child(), None, "--json")
    assert (result.code, requests) == (0, 1)
    assert "proof/undecided" in {each["code"] for each in result.json["files"][0]["findings"]}
    result, requests = put(with_signed_child(), None, "--strict")
    assert (result.code, requests) == (1, 0)


def test_plan_looks_at_proofs_as_upsert_does(clrctl: Run, tmp_path: Path, trusting: None) -> None:
    file = tmp_path / "record.clr.json"
    file.write_text(json.dumps(with_signed_child(name="Another")))
    result = clrctl("plan", file, "--endpoint", "sandbox")
    assert result.code == 1
    assert "proof/broken" in result.out


def test_the_proof_that_the_endpoint_puts_on_is_verified(put: Any, trusting: None) -> None:
    sent = with_signed_child()
    good = signed(sent, method=METHOD)
    result, _ = put(sent, good, "--json")
    assert result.code == 0
    (told,) = result.json["files"]
    assert told["receipt"]["proof"]["outcome"] == "valid"

    broken = good | {"proof": [good["proof"][0] | {"created": "2026-06-13T18:00:00Z"}]}
    result, _ = put(sent, broken)
    assert result.code == 6
    assert "error: the endpoint's own proof: the eddsa-rdfc-2022 proof does not hold" in result.out
    assert put(sent, broken, "--no-verify")[0].code == 0


def test_a_proof_of_an_endpoint_that_is_not_known_is_no_error(put: Any) -> None:
    sent = minimal(ISSUER)
    result, _ = put(sent, signed(sent, method=METHOD), "-v")
    assert result.code == 0
    assert "the endpoint's own proof: the key of its issuer is not known" in result.err


def test_a_trust_file_that_cannot_be_read_ends_it_before_anything_is_sent(put: Any) -> None:
    Path(os.environ["CLRCTL_CONFIG"]).write_text("trust: missing.yaml\n")
    result, requests = put(minimal())
    assert (result.code, requests) == (3, 0)
    assert "missing.yaml" in result.err


def test_the_samples_are_still_good_to_send(reference: Path) -> None:
    from clrctl.document.inputs import find

    files = [str(path) for path in sorted(SAMPLES.glob("*.clr.json"))]
    with prepare.prepare(
        find(files, stdin=sys.stdin.buffer), ("standard", "timeback"), also=Signatures(NOW)
    ) as prepared:
        assert [len(report.errors) for report in prepared.reports] == [0] * len(files)
