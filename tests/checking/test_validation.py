"""Validation as a whole: two tiers that agree, rules and schemas that do not repeat each other."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest

from clrctl.checking import validation
from clrctl.document.parsing import parse
from clrctl.finding import Severity
from clrctl.standard import schemas
from tests.mutations import mutants

ROOT = Path(__file__).parents[2]
SEEDS = [
    *sorted(ROOT.glob("samples/*.clr.json")),
    Path(__file__).parents[1] / "data" / "complete.clr.json",
]
PER_SEED = 150
FILES = [entry.file for entry in schemas.entries()]
MINIMAL = orjson.loads((ROOT / "samples/minimal.clr.json").read_bytes())


def codes(data: Any, *rulesets: str) -> list[str]:
    found = validation.check_data(data, rulesets or ("standard",))
    return sorted(finding.code for finding in found)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.name)
def test_the_fast_and_the_explaining_validator_never_disagree(seed: Path) -> None:
    document = orjson.loads(seed.read_bytes())
    for description, mutant in mutants(document, PER_SEED, seed=7):
        for file in ("clr/clrcredential.json", "timeback/clrcredential.json"):
            fast = schemas.fast_validator(file).is_valid(mutant)
            explained = next(schemas.explaining_validator(file).iter_errors(mutant), None)
            assert fast == (explained is None), f"{file}: {description}: {explained}"


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("value", [None, True, 1, 1.5, "text", [], [1], {}, {"type": 1}])
def test_the_tiers_agree_on_values_that_are_no_credential(file: str, value: Any) -> None:
    fast = schemas.fast_validator(file).is_valid(value)
    assert fast == schemas.explaining_validator(file).is_valid(value)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("2016-12-31T23:59:60Z", False),
        ("2016-12-31t23:59:59Z", False),
        ("2016-12-31T23:59:59z", False),
        ("2016-12-31T23:59:59+14:00", True),
        ("2016-12-31T23:59:59+14:30", False),
        ("2016-12-31T24:00:00Z", False),
        ("2024-01-01T00:00:00.123456789+05:30", True),
        ("2024-01-01T00:00:00", False),
        ("2024-01-01T00:00:00Z\n", False),
        ("2024-02-30T00:00:00Z", False),
    ],
)
def test_the_tiers_agree_on_dates_at_the_edge(text: str, good: bool) -> None:
    data = copy.deepcopy(MINIMAL) | {"validFrom": text}
    file = "clr/clrcredential.json"
    assert schemas.fast_validator(file).is_valid(data) is good
    assert schemas.explaining_validator(file).is_valid(data) is good


def test_a_disagreement_would_not_pass_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    class Content:
        def iter_errors(self, _: Any) -> list[Any]:
            return []

    monkeypatch.setattr(schemas, "explaining_validator", lambda _: Content())
    found = validation.check_data(MINIMAL | {"name": 7})
    assert ("schema/refused", "/name") in [(finding.code, finding.pointer) for finding in found]


def test_a_version_1_1_credential_gets_one_finding_however_much_differs() -> None:
    data = copy.deepcopy(MINIMAL)
    data["@context"][0] = "https://www.w3.org/2018/credentials/v1"
    data["issuanceDate"] = data.pop("validFrom")
    del data["name"]
    assert codes(data) == ["context/vc11"]


def test_a_nested_version_1_1_credential_gets_one_finding() -> None:
    data = copy.deepcopy(MINIMAL)
    nested = data["credentialSubject"]["verifiableCredential"][0]
    nested["@context"] = ["https://www.w3.org/2018/credentials/v1"]
    del nested["validFrom"]
    assert codes(data) == ["context/vc11"]


def test_what_both_rulesets_say_is_said_once() -> None:
    data = copy.deepcopy(MINIMAL)
    del data["name"]
    findings = validation.check_data(data, ("standard", "timeback"))
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    assert [(finding.code, finding.message) for finding in errors] == [
        ("schema/required", '"name" is missing')
    ]


def test_the_class_of_a_nested_credential_decides_what_it_is_held_to() -> None:
    data = copy.deepcopy(MINIMAL)
    nested = data["credentialSubject"]["verifiableCredential"][0]
    del nested["credentialSubject"]["achievement"]
    assert codes(data) == ["proof/missing", "schema/required"]
    nested["type"] = ["VerifiableCredential"]
    assert codes(data) == ["proof/missing"]


@pytest.mark.parametrize("value", [[], ["x"], "text", 7, None, True])
def test_a_document_that_is_no_object_is_an_error(value: Any) -> None:
    (finding, *_) = validation.check_data(value)
    assert (finding.severity, finding.pointer) == (Severity.ERROR, "")


def test_findings_come_in_the_order_of_the_text() -> None:
    text = b'{"name": 1,\n "id": "x",\n "type": ["ClrCredential"]}'
    report = validation.check(parse(text))
    lines = [(finding.line, finding.column) for finding in report.findings]
    assert lines == sorted(lines)
    assert len(lines) > 3


def test_a_report_says_which_schema_and_why() -> None:
    report = validation.check(parse(orjson.dumps(MINIMAL)))
    assert (report.schema, report.schema_reason) == ("clr/clrcredential", "type is ClrCredential")
    other = validation.check(parse(b'{"type": "Unheard"}'))
    assert other.schema == "clr/clrcredential"
    assert other.schema_reason.startswith("assumed")


def test_a_badge_alone_is_held_to_its_own_class_and_is_nothing_for_the_endpoint() -> None:
    badge = MINIMAL["credentialSubject"]["verifiableCredential"][0]
    assert codes(badge) == []
    assert "timeback/class" in codes(badge, "timeback")


def test_an_address_that_cannot_be_taken_apart_stops_no_check() -> None:
    record = orjson.loads((ROOT / "samples" / "minimal.clr.json").read_bytes())
    record["image"] = {"id": "https://[half/crest.jpg?x", "type": "Image"}
    found = {finding.code for finding in validation.check_data(record)}
    assert "image/suffix" in found
