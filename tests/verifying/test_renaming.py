"""Members under other names: the proof still holds, and what is read is not what was signed.

Each attack takes a credential that its issuer signed, and hides from readers of JSON that it has
expired, or what it says, without a change of the RDF that the proof covers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from clrctl.document.parsing import parse
from clrctl.proof.jsonld.contexts import Contexts
from clrctl.verifying.engine import Verifier
from clrctl.verifying.trust import Trust
from tests.issued import NOW, SCHOOL, badge, child, minimal, signed, with_child

CRED = "https://www.w3.org/2018/credentials#"
DATE = "http://www.w3.org/2001/XMLSchema#dateTime"
ENDED = "2026-06-20T00:00:00Z"
TERM = {"@id": f"{CRED}validUntil", "@type": DATE}
Data = dict[str, Any]


def found(data: Data, trust: Trust | None = None) -> list[tuple[str, str]]:
    verdict = Verifier(trust or Trust(), now=NOW).verify(parse(json.dumps(data).encode()))
    return [(each.outcome.value, each.reason) for each in verdict.problems]


def absolute(data: Data) -> None:
    data[f"{CRED}validUntil"] = {"@value": data.pop("validUntil"), "@type": DATE}


def compact(data: Data) -> None:
    data["@context"].append({"c": CRED})
    data["c:validUntil"] = {"@value": data.pop("validUntil"), "@type": DATE}


def alias(data: Data) -> None:
    data["@context"].append({"until": TERM})
    data["until"] = data.pop("validUntil")


def alias_by_prefix(data: Data) -> None:
    data["@context"].append({"c": CRED, "until": {"@id": "c:validUntil", "@type": DATE}})
    data["until"] = data.pop("validUntil")


def alias_in_a_list_of_contexts(data: Data) -> None:
    data["@context"] += [{"more": "https://brookside.example.edu/terms#more"}, {"until": TERM}]
    data["until"] = data.pop("validUntil")


def vocabulary(data: Data) -> None:
    data["@context"].append({"@vocab": f"{CRED}valid"})
    data["Until"] = {"@value": data.pop("validUntil"), "@type": DATE}


def keyword(data: Data) -> None:
    data["@id"] = data.pop("id")


def alias_of_a_keyword(data: Data) -> None:
    data["@context"].append({"name_of_it": "@id"})
    data["name_of_it"] = data.pop("id")


def alias_by_a_key_that_is_an_iri(data: Data) -> None:
    data["@context"].append({"c": CRED, "c:validUntil": {"@type": DATE}})
    data["c:validUntil"] = data.pop("validUntil")


ATTACKS: list[Callable[[Data], None]] = [
    absolute,
    compact,
    alias,
    alias_by_prefix,
    alias_in_a_list_of_contexts,
    alias_by_a_key_that_is_an_iri,
    vocabulary,
    keyword,
    alias_of_a_keyword,
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_end_hidden_under_another_name_is_found(attack: Callable[[Data], None]) -> None:
    data = signed(badge() | {"validUntil": ENDED})
    assert found(data) == [("invalid", "expired")]
    attack(data)
    reasons = {reason: outcome for outcome, reason in found(data)}
    assert reasons.get("renamed") == "invalid" or reasons.get("lossy") == "invalid"


def test_the_attacks_leave_what_is_signed_as_it_was() -> None:
    """Else they would prove nothing: the proof itself would be found broken."""
    from clrctl.proof import suites

    for attack in (absolute, compact, alias, alias_by_prefix, alias_in_a_list_of_contexts):
        data = signed(badge() | {"validUntil": ENDED})
        attack(data)
        (proof,) = data["proof"]
        suites.suite_of(proof).check(data, proof, SCHOOL.public, Contexts.built_in())


def test_a_scope_slipped_under_a_type_of_the_issuers_own_is_found() -> None:
    own = "https://brookside.example.edu/terms#Own"
    data = badge() | {"validUntil": ENDED}
    data["@context"].append({"Own": own})
    data["type"].append("Own")
    data = signed(data)
    assert found(data) == [("invalid", "expired")]
    data["@context"][-1] = {"Own": {"@id": own, "@context": {"until": TERM}}}
    data["until"] = data.pop("validUntil")
    assert found(data) == [("invalid", "renamed")]


def test_a_renamed_status_is_found() -> None:
    status = {
        "id": "https://brookside.example.edu/status/1#7",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://brookside.example.edu/status/1",
    }
    data = signed(badge() | {"credentialStatus": status})
    assert found(data) == [("undecided", "list-missing")]
    data[f"{CRED}credentialStatus"] = data.pop("credentialStatus")
    assert ("invalid", "renamed") in found(data) or ("invalid", "lossy") in found(data)


def test_a_name_that_decides_nothing_leaves_it_undecided() -> None:
    data = signed(badge())
    data["@context"].append({"title": "https://schema.org/name"})
    data["title"] = data.pop("name")
    assert found(data) == [("undecided", "renamed")]


def test_what_a_context_defines_of_its_own_does_no_harm() -> None:
    data = badge()
    data["@context"] += [
        {"c": CRED, "schema": "https://schema.org/", "until": TERM},
        {"shoeSize": "https://brookside.example.edu/terms#shoeSize"},
    ]
    data["shoeSize"] = "38"
    assert found(signed(data)) == []


def test_a_context_that_was_added_by_hand_is_looked_into() -> None:
    url = "https://brookside.example.edu/contexts/v1"
    context = {"@context": {"until": TERM}}
    data = signed(badge() | {"validUntil": ENDED})
    data["@context"].append(url)
    data["until"] = data.pop("validUntil")
    assert found(data, Trust(contexts={url: context})) == [("invalid", "renamed")]


def test_a_nested_credential_that_borrows_its_context_is_looked_into() -> None:
    data = minimal()
    data["@context"].append({"until": TERM})
    inner = child(data) | {"@context": data["@context"], "validUntil": ENDED}
    inner = signed(inner)
    del inner["@context"]
    inner["until"] = inner.pop("validUntil")
    assert ("invalid", "renamed") in found(with_child(data, inner))


def test_what_is_moved_to_another_object_of_the_same_id_is_found() -> None:
    data = badge() | {"validUntil": ENDED}
    data["evidence"] = [{"id": data["id"], "type": ["Evidence", "VerifiableCredential"]}]
    data = signed(data)
    data["evidence"][0]["validUntil"] = data.pop("validUntil")
    assert ("invalid", "moved") in found(data)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_a_proof_over_the_text_notices_by_itself(attack: Callable[[Data], None]) -> None:
    data = signed(badge() | {"validUntil": ENDED}, suite="eddsa-jcs-2022")
    attack(data)
    assert ("invalid", "broken") in found(data)
