"""Verdicts: what is valid, what is invalid, and what cannot be decided, with the reason."""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from typing import Any

import pytest

from clrctl.document.parsing import parse
from clrctl.proof import jwt
from clrctl.proof.keys.secret import SecretKey
from clrctl.verifying.engine import Verifier
from clrctl.verifying.trust import PinnedKey, Trust
from clrctl.verifying.verdict import Outcome, Verdict
from tests.issued import (
    CLUB,
    ISSUER,
    NOW,
    SCHOOL,
    STRANGER,
    badge,
    child,
    minimal,
    own_method,
    record,
    signed,
    with_child,
)

URL_KEY = f"{ISSUER}#{SCHOOL.public.multikey}"
NESTED = "/credentialSubject/verifiableCredential/0"


def verified(data: dict[str, Any], trust: Trust | None = None, **when: Any) -> Verdict:
    raw = json.dumps(data, indent=1).encode()
    return Verifier(trust or Trust(), now=when.get("now", NOW)).verify(parse(raw))


def problems(
    data: dict[str, Any], trust: Trust | None = None, **when: Any
) -> list[tuple[str, ...]]:
    """Return outcome, aspect/reason and pointer of each check that did not come out valid."""
    return [
        (each.outcome.value, f"{each.aspect}/{each.reason}", each.pointer)
        for each in verified(data, trust, **when).problems
    ]


def pinned(*keys: SecretKey, issuer: str = ISSUER, id: str = "") -> Trust:
    return Trust(keys={issuer: tuple(PinnedKey(key.public, id) for key in keys)})


def published(document: dict[str, Any], url: str = ISSUER) -> Trust:
    return Trust(documents={url: json.dumps(document).encode()})


def controller(*, asserts: bool = True, **changed: Any) -> dict[str, Any]:
    """Return the document by which the school publishes its key."""
    method = {
        "id": URL_KEY,
        "type": "Multikey",
        "controller": ISSUER,
        "publicKeyMultibase": SCHOOL.public.multikey,
    }
    document = {"id": ISSUER, "verificationMethod": [method | changed]}
    return document | ({"assertionMethod": [URL_KEY]} if asserts else {"authentication": [URL_KEY]})


# --- proofs ----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [SCHOOL, CLUB], ids=lambda key: key.public.kind)
def test_a_record_signed_inside_and_outside_by_its_issuers_did_is_valid(key: SecretKey) -> None:
    verdict = verified(record(key))
    assert verdict.problems == ()
    assert verdict.ok
    assert [(each.pointer, each.kind, each.issuer) for each in verdict.credentials] == [
        ("", "ClrCredential", key.public.did),
        (NESTED, "AchievementCredential", key.public.did),
    ]


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_a_change_anywhere_is_found_and_named_with_its_place(suite: str) -> None:
    data = signed(badge(), suite=suite)
    data["credentialSubject"]["achievement"]["name"] += "!"
    (problem,) = verified(data).problems
    assert (problem.outcome, problem.aspect, problem.reason) == ("invalid", "proof", "broken")
    assert problem.pointer == "/proof/0"
    line = json.dumps(data, indent=1).splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith("{")
    assert "changed after it was signed" in problem.fix


def test_a_change_inside_breaks_the_outer_proof_too() -> None:
    data = record()
    child(data)["name"] = "Another"
    assert problems(data) == [
        ("invalid", "proof/broken", "/proof/0"),
        ("invalid", "proof/broken", f"{NESTED}/proof/0"),
    ]


def test_what_is_not_signed_is_invalid_and_says_so() -> None:
    assert problems(minimal()) == [
        ("invalid", "proof/unsigned", ""),
        ("invalid", "proof/unsigned", NESTED),
    ]


def test_an_unsigned_credential_is_not_covered_by_a_proof_over_rdf() -> None:
    assert problems(signed(minimal())) == [("invalid", "proof/unsigned", NESTED)]


def test_an_unsigned_credential_of_the_same_issuer_is_covered_by_a_proof_over_the_text() -> None:
    verdict = verified(signed(minimal(), suite="eddsa-jcs-2022"))
    assert verdict.ok
    assert verdict.credentials[1].checks[0].reason == "covered"


def test_an_unsigned_credential_of_another_issuer_is_never_covered() -> None:
    data = minimal()
    child(data)["issuer"]["id"] = CLUB.public.did
    found = problems(signed(data, suite="eddsa-jcs-2022"))
    assert found == [("invalid", "proof/unsigned", NESTED)]


def test_what_one_issuer_signed_does_not_cover_what_another_says_inside() -> None:
    """The badge of the club, which it did not sign, holds the club's own endorsement."""
    data = minimal()
    inner = child(data)
    inner["issuer"]["id"] = CLUB.public.did
    inner["endorsement"] = [endorsement(inner["id"])]
    del inner["endorsement"][0]["proof"]
    found = problems(signed(data, suite="eddsa-jcs-2022"))
    assert found == [
        ("invalid", "proof/unsigned", NESTED),
        ("invalid", "proof/unsigned", f"{NESTED}/endorsement/0"),
    ]


def test_a_broken_outer_proof_covers_nothing() -> None:
    data = signed(minimal(), suite="eddsa-jcs-2022")
    data["name"] = "Another"
    assert ("invalid", "proof/unsigned", NESTED) in problems(data)


def test_of_several_proofs_each_is_checked() -> None:
    data = signed(signed(badge()), suite="eddsa-jcs-2022")
    assert verified(data).ok
    data["proof"][1]["proofValue"] = data["proof"][0]["proofValue"]
    assert problems(data) == [("invalid", "proof/broken", "/proof/1")]


def test_another_ones_intact_proof_beside_the_issuers_does_no_harm() -> None:
    verdict = verified(signed(signed(badge()), STRANGER))
    assert verdict.ok
    assert "another proof is shown to be the issuer's" in verdict.checks[1].message


def test_a_proof_of_an_unknown_kind_leaves_it_undecided() -> None:
    data = signed(badge())
    data["proof"].append({"type": "SomeProof", "proofPurpose": "assertionMethod"})
    assert problems(data) == [("undecided", "proof/unsupported", "/proof/1")]


@pytest.mark.parametrize(
    ("changed", "reason", "pointer"),
    [
        ({"proofPurpose": "authentication"}, "proof/purpose", "/proof/0"),
        ({"proofPurpose": None}, "proof/purpose", "/proof/0"),
        ({"created": "2026-07-02T00:00:00Z"}, "proof/future", "/proof/0/created"),
        ({"created": "yesterday"}, "proof/unreadable", "/proof/0/created"),
        ({"created": 5}, "proof/unreadable", "/proof/0/created"),
        ({"created": "2026-06-30T23:59:60Z"}, "proof/unreadable", "/proof/0/created"),
        ({"created": "2026-06-30t17:00:00z"}, "proof/unreadable", "/proof/0/created"),
        ({"expires": "2026-06-30T00:00:00Z"}, "proof/expired", "/proof/0/expires"),
        ({"proofValue": "z1"}, "proof/broken", "/proof/0"),
        ({"proofValue": 7}, "proof/broken", "/proof/0"),
    ],
)
def test_what_a_proof_says_of_itself_is_held_to(
    changed: dict[str, Any], reason: str, pointer: str
) -> None:
    data = signed(badge())
    data["proof"][0] |= changed
    assert problems(data) == [("invalid", reason, pointer)]


def test_a_proof_made_a_moment_ahead_of_this_clock_is_taken() -> None:
    data = signed(badge(), created="2026-07-01T00:04:00Z")
    assert verified(data).ok


@pytest.mark.parametrize("proof", ["z1", 7, [["z"]]])
def test_a_proof_that_is_no_object_is_invalid(proof: Any) -> None:
    data = badge() | {"proof": proof}
    found = problems(data)
    assert [each[:2] for each in found] == [("invalid", "proof/unreadable")]


def test_a_proof_brings_no_contexts_of_its_own() -> None:
    data = signed(badge())
    (proof,) = data["proof"]
    proof["@context"] = data["@context"][:1]
    assert verified(data).ok
    proof["@context"] = {"created": "https://elsewhere.example.org/terms#made"}
    assert problems(data) == [("invalid", "proof/broken", "/proof/0")]


def test_a_proof_that_two_answer_to_is_no_link_of_a_chain() -> None:
    data = signed(badge())
    first = data["proof"][0] | {"id": "urn:x:1"}
    chained = signed(badge())["proof"][0] | {"previousProof": "urn:x:1"}
    data["proof"] = [first, dict(first), chained]
    messages = {each.message for each in verified(data).problems if each.pointer == "/proof/2"}
    assert messages == {
        "the eddsa-rdfc-2022 proof does not hold: previousProof names a proof that the document "
        "has twice"
    }


def test_what_no_proof_covers_is_invalid_at_its_place() -> None:
    data = signed(badge())
    data["credentialSubject"]["achievement"]["grades"] = "A"
    found = problems(data)
    assert found == [
        ("invalid", "proof/lossy", "/credentialSubject/achievement/grades"),
    ]


def test_an_unknown_context_is_undecided_and_can_be_given() -> None:
    from clrctl.proof.jsonld.contexts import Contexts

    url = "https://brookside.example.edu/contexts/v1"
    context = {"@context": {"shoeSize": "https://brookside.example.edu/terms#shoeSize"}}
    data = badge()
    data["@context"].append(url)
    data["shoeSize"] = "38"
    data = signed(data, contexts=Contexts.built_in().plus({url: context}))
    assert problems(data) == [("undecided", "proof/context", "/proof/0")]
    assert f"--context {url}=FILE" in verified(data).problems[0].fix
    assert verified(data, Trust(contexts={url: context})).ok


def test_a_proof_over_the_older_edition_of_a_context_holds_and_says_so() -> None:
    from clrctl.proof.jsonld.contexts import Contexts

    older = Contexts.built_in().reading("older")
    # What only the newer edition defines means nothing under the older one, unless another
    # context gives it a meaning of its own.
    own = {"endorsementJwt": "https://brookside.example.edu/terms#jwt"}
    data = badge()
    data["@context"].append(own)
    data["endorsementJwt"] = "text"
    with pytest.raises(ValueError, match="protected"):
        signed(data)
    verdict = verified(signed(data, contexts=older))
    assert verdict.checks[0].reason == "older-context"


def test_a_nested_credential_without_context_is_read_under_that_around_it() -> None:
    data = minimal()
    inner = child(data)
    outer_context = data["@context"]
    proof = signed({**inner, "@context": outer_context})["proof"]
    del inner["@context"]
    inner["proof"] = proof
    found = verified(signed(data))
    assert found.credentials[1].outcome is Outcome.VALID


# --- keys and issuers -------------------------------------------------------------------------


def test_a_key_in_an_address_proves_nothing_by_itself() -> None:
    data = signed(badge(ISSUER), method=URL_KEY)
    (problem,) = verified(data).problems
    assert (problem.outcome, problem.reason) == ("undecided", "key-unbound")
    assert problem.message.startswith("intact, but the key is not bound to the issuer")
    assert "--online" in problem.fix


def test_a_strangers_key_after_the_issuers_address_is_not_the_issuers() -> None:
    forged = signed(badge(ISSUER), STRANGER, method=f"{ISSUER}#{STRANGER.public.multikey}")
    assert [each[:2] for each in problems(forged)] == [("undecided", "issuer/key-unbound")]
    assert problems(forged, pinned(SCHOOL)) == [("invalid", "issuer/key-not-pinned", "/proof/0")]
    assert problems(forged, published(controller()))[0][:2] == ("undecided", "issuer/key-unbound")


def test_a_did_that_is_not_the_issuer_is_not_bound_to_it() -> None:
    data = signed(badge(SCHOOL.public.did), STRANGER)
    assert problems(data) == [("undecided", "issuer/key-unbound", "/proof/0")]


@pytest.mark.parametrize("method", [URL_KEY, f"{ISSUER}#key-1", own_method(SCHOOL.public)])
def test_a_pinned_key_is_the_issuers_whatever_it_is_called(method: str) -> None:
    data = signed(badge(ISSUER), method=method)
    assert verified(data, pinned(STRANGER, SCHOOL)).ok


def test_a_key_pinned_under_a_name_answers_to_that_name_alone() -> None:
    data = signed(badge(ISSUER), method=f"{ISSUER}#key-1")
    assert verified(data, pinned(SCHOOL, id=f"{ISSUER}#key-1")).ok
    found = problems(data, pinned(SCHOOL, id=f"{ISSUER}#key-2"))
    assert found == [("undecided", "issuer/key-unknown", "/proof/0")]


def test_a_key_is_pinned_for_one_issuer_only() -> None:
    data = signed(badge(ISSUER), method=URL_KEY)
    other = "https://elsewhere.example.org/profile"
    assert problems(data, pinned(SCHOOL, issuer=other))[0][1] == "issuer/key-unbound"


def test_a_changed_credential_under_pinned_keys_is_broken_not_unknown() -> None:
    data = signed(badge(ISSUER), method=f"{ISSUER}#key-1")
    data["name"] = "Another"
    assert problems(data, pinned(SCHOOL, STRANGER)) == [("invalid", "proof/broken", "/proof/0")]


def test_a_key_of_a_kind_that_the_suite_never_uses_does_not_make_it_broken() -> None:
    data = signed(badge(ISSUER), method=f"{ISSUER}#key-1")
    assert problems(data, pinned(CLUB)) == [("undecided", "issuer/key-unknown", "/proof/0")]


@pytest.mark.parametrize("method", [URL_KEY, f"{ISSUER}#key-1"])
def test_a_key_that_the_issuer_publishes_for_assertions_is_bound(method: str) -> None:
    data = signed(badge(ISSUER), method=method)
    document = controller(id=method) | {"assertionMethod": [method]}
    assert verified(data, published(document)).ok
    relative = controller(id=f"#{method.partition('#')[2]}") | {
        "assertionMethod": [f"#{method.partition('#')[2]}"]
    }
    assert verified(data, published(relative)).ok


def test_a_key_embedded_in_the_assertion_methods_is_bound() -> None:
    data = signed(badge(ISSUER), method=URL_KEY)
    (method,) = controller()["verificationMethod"]
    assert verified(data, published({"id": ISSUER, "assertionMethod": [method]})).ok


def test_a_key_that_is_published_for_another_purpose_is_refused() -> None:
    data = signed(badge(ISSUER), method=URL_KEY)
    found = problems(data, published(controller(asserts=False)))
    assert found == [("invalid", "issuer/key-forbidden", "/proof/0")]


def test_a_key_of_another_controller_is_not_the_issuers() -> None:
    data = signed(badge(ISSUER), method=URL_KEY)
    other = "https://elsewhere.example.org/profile"
    trust = published(controller(controller=other))
    assert problems(data, trust) == [("undecided", "issuer/key-unbound", "/proof/0")]


def test_a_document_of_its_own_for_a_key_needs_its_controllers_word() -> None:
    place = f"{ISSUER}/keys/1"
    data = signed(badge(ISSUER), method=place)
    (method,) = controller(id=place)["verificationMethod"]
    alone = published(method, place)
    assert problems(data, alone) == [("undecided", "issuer/key-unbound", "/proof/0")]
    says_so = controller(id=place) | {"assertionMethod": [place]}
    both = Trust(documents={**alone.documents, **published(says_so).documents})
    assert verified(data, both).ok


def test_a_did_web_is_looked_up_at_its_place_and_has_to_name_itself() -> None:
    did = "did:web:brookside.example.edu:club"
    method = f"{did}#key-1"
    place = "https://brookside.example.edu/club/did.json"
    data = signed(badge(did), method=method)
    document = controller(id=method, controller=did) | {"id": did, "assertionMethod": [method]}
    assert problems(data) == [("undecided", "issuer/key-unknown", "/proof/0")]
    assert f"{place} is not at hand" in verified(data).problems[0].message
    assert verified(data, published(document, place)).ok
    stolen = published(document | {"id": "did:web:elsewhere.example.org"}, place)
    assert problems(data, stolen) == [("undecided", "issuer/key-unknown", "/proof/0")]


@pytest.mark.parametrize("raw", [b"<html>", b"[]", b'"x"', b"{}", b'{"verificationMethod": 5}'])
def test_a_document_without_keys_leaves_it_undecided(raw: bytes) -> None:
    data = signed(badge(ISSUER), method=f"{ISSUER}#key-1")
    trust = Trust(documents={ISSUER: raw})
    assert problems(data, trust) == [("undecided", "issuer/key-unknown", "/proof/0")]


@pytest.mark.parametrize("method", ["", "key-1", "did:key:zzz", "did:example:abc#1", "urn:x#y", 5])
def test_a_method_that_leads_nowhere_leaves_it_undecided(method: Any) -> None:
    data = signed(badge(ISSUER), method="urn:x")
    data["proof"][0]["verificationMethod"] = method
    assert problems(data) == [("undecided", "issuer/key-unknown", "/proof/0")]


def test_without_an_issuer_no_key_is_bound() -> None:
    data = badge()
    del data["issuer"]
    assert problems(signed(data))[0] == ("undecided", "issuer/key-unbound", "/proof/0")


# --- dates, subjects, schemas -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "value", "reason"),
    [
        ("validFrom", "2026-07-02T00:00:00Z", "time/future"),
        ("validUntil", "2026-06-30T23:59:59Z", "time/expired"),
        ("validUntil", "soon", "time/unreadable"),
        ("validFrom", 5, "time/unreadable"),
        ("validFrom", "2026-06-30T23:59:60Z", "time/unreadable"),
        ("validFrom", "2026-06-30t23:59:59Z", "time/unreadable"),
        ("validFrom", "2026-06-30T17:60:00Z", "time/unreadable"),
        ("validFrom", "2026-06-30T24:00:00Z", "time/unreadable"),
        ("validFrom", "2026-06-31T00:00:00Z", "time/unreadable"),
        ("validFrom", "2026-06-30T17:00:00", "time/unreadable"),
        ("validUntil", "0000-02-29T00:00:00Z", "time/expired"),
        ("issuanceDate", "2026-06-30T23:59:60Z", "time/unreadable"),
        ("issuanceDate", "2026-07-02T00:00:00", "time/future"),
        ("expirationDate", "2026-06-29T00:00:00", "time/expired"),
    ],
)
def test_a_credential_is_valid_between_its_dates(member: str, value: Any, reason: str) -> None:
    found = problems(badge() | {member: value})
    assert ("invalid", reason, f"/{member}") in found


@pytest.mark.parametrize("member", ["issuanceDate", "expirationDate"])
def test_version_1_may_leave_the_zone_out(member: str) -> None:
    day = {"issuanceDate": "2026-06-01", "expirationDate": "2026-08-01"}[member]
    found = problems(badge() | {member: f"{day}T00:00:00"})
    assert [one for one in found if one[1].startswith("time/")] == []
    close = (NOW + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%S")
    assert ("undecided", "time/zone", f"/{member}") in problems(badge() | {member: close})


def test_the_moment_that_counts_is_given() -> None:
    data = signed(badge() | {"validUntil": "2026-12-31T00:00:00Z"})
    assert verified(data).ok
    assert not verified(data, now=NOW + timedelta(days=365)).ok


def test_a_badge_about_somebody_else_is_told() -> None:
    data = minimal()
    inner = copy.deepcopy(child(data))
    inner["credentialSubject"]["id"] = "did:example:birch"
    found = problems(signed(with_child(data, signed(inner))))
    assert found == [("undecided", "subject/another", f"{NESTED}/credentialSubject")]


IDENTITY = {"type": "IdentityObject", "identityType": "emailAddress", "hashed": False}
PLAIN = IDENTITY | {"identityHash": "a@example.com"}
HASHED = IDENTITY | {
    "hashed": True,
    "salt": "Kosher",
    "identityHash": "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399",
}


@pytest.mark.parametrize(
    ("outer", "inner", "same"),
    [
        (PLAIN, PLAIN, True),
        (PLAIN, HASHED, True),
        (HASHED, PLAIN, True),
        (HASHED, HASHED, True),
        (PLAIN, PLAIN | {"identityType": "name"}, False),
        (PLAIN | {"identityHash": "b@example.com"}, HASHED, False),
        (PLAIN, HASHED | {"identityHash": "crc$12"}, False),
        (HASHED, HASHED | {"salt": "Sea"}, False),
    ],
)
def test_a_learner_is_known_by_an_identifier_plain_or_hashed(
    outer: dict[str, Any], inner: dict[str, Any], same: bool
) -> None:
    from clrctl.verifying import subjects

    assert subjects.is_same({"identifier": outer}, {"identifier": [inner]}) is same


def endorsement(endorsed: str) -> dict[str, Any]:
    return signed(
        {
            "@context": badge()["@context"],
            "id": "urn:uuid:0d8f4a3e-5b1c-4e67-9a42-7c1f2b3d4e09",
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "name": "Well taught",
            "issuer": {"id": CLUB.public.did, "type": ["Profile"], "name": "Ledger Club"},
            "validFrom": "2026-06-12T17:00:00Z",
            "credentialSubject": {
                "id": endorsed,
                "type": ["EndorsementSubject"],
                "endorsementComment": "We were there.",
            },
        },
        CLUB,
    )


def test_an_endorsement_is_verified_and_has_to_endorse_what_it_stands_in() -> None:
    data = badge()
    achievement = data["credentialSubject"]["achievement"]
    achievement["endorsement"] = [endorsement(achievement["id"])]
    verdict = verified(signed(data))
    assert verdict.ok
    assert [each.kind for each in verdict.credentials][1:] == ["EndorsementCredential"]

    achievement["endorsement"] = [endorsement("https://elsewhere.example.org/courses/1")]
    place = "/credentialSubject/achievement/endorsement/0/credentialSubject"
    assert problems(signed(data)) == [("invalid", "subject/another", place)]


STANDARD = {
    "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/"
    "ob_v3p0_achievementcredential_schema.json",
    "type": "1EdTechJsonSchemaValidator2019",
}
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"


def with_schema(entry: dict[str, Any], **changed: Any) -> dict[str, Any]:
    data = badge() | {"credentialSchema": [entry]} | changed
    data["@context"] = [*data["@context"], EXTENSIONS]
    return data


def test_the_standards_schema_is_the_bundled_one() -> None:
    assert verified(signed(with_schema(STANDARD))).ok
    lacking = with_schema(STANDARD)
    del lacking["credentialSubject"]["achievement"]["name"]
    found = problems(signed(lacking))
    assert found == [("invalid", "schema/violated", "/credentialSchema/0")]


def test_what_only_our_schema_refuses_is_valid_and_told() -> None:
    lone = with_schema(STANDARD)
    lone["credentialSubject"]["achievement"]["tag"] = "bookkeeping"
    verdict = verified(signed(lone))
    assert verdict.ok
    (check,) = (each for each in verdict.checks if each.aspect == "schema")
    assert check.reason == "not-strict"
    assert "/credentialSubject/achievement/tag" in check.message


def test_a_schema_of_somebody_else_is_used_when_it_is_at_hand() -> None:
    url = "https://brookside.example.edu/schemas/badge.json"
    data = signed(with_schema({"id": url, "type": "1EdTechJsonSchemaValidator2019"}))
    assert problems(data) == [("undecided", "schema/schema-missing", "/credentialSchema/0")]
    for schema, reason in [
        ({"required": ["name"]}, None),
        ({"required": ["shoeSize"]}, "schema/violated"),
        ({"$ref": "https://elsewhere.example.org/more.json"}, "schema/schema-unusable"),
        ({"type": 7}, "schema/schema-unusable"),
    ]:
        found = problems(data, published(schema, url))
        assert [each[1] for each in found] == ([reason] if reason else [])


# --- tokens ----------------------------------------------------------------------------------


def token(claims: dict[str, Any], key: SecretKey = SCHOOL, **header: Any) -> str:
    return jwt.sign(claims, key, header={"typ": "JWT", **header})


def of_token(text: str, trust: Trust | None = None) -> list[tuple[str, ...]]:
    verdict = Verifier(trust or Trust(), now=NOW).verify(parse(b"{}"), token=text)
    return [
        (each.outcome.value, f"{each.aspect}/{each.reason}", each.pointer)
        for each in verdict.problems
    ]


def claims(**changed: Any) -> dict[str, Any]:
    data = badge(ISSUER)
    told = {"iss": ISSUER, "jti": data["id"], "sub": "did:example:ash-sample", "nbf": 1781283600}
    return data | told | changed


def test_a_token_is_signed_by_its_issuers_key_or_not_known_to_be() -> None:
    named = token(claims(), kid=f"{ISSUER}#key-1")
    assert of_token(named) == [("undecided", "issuer/key-unknown", "")]
    assert of_token(named, pinned(SCHOOL)) == []
    assert of_token(named, pinned(STRANGER)) == [("invalid", "proof/broken", "")]


def test_a_kid_that_is_a_fragment_is_of_the_issuers_document() -> None:
    named = token(claims(), kid=f"#{SCHOOL.public.multikey}")
    assert of_token(named, published(controller())) == []


def test_a_token_that_names_no_key_is_tried_with_all_of_its_issuer() -> None:
    nameless = token(claims())
    assert of_token(nameless, pinned(STRANGER, SCHOOL, id="key-1")) == []
    assert of_token(nameless, published(controller())) == []
    assert of_token(nameless, pinned(STRANGER)) == [("invalid", "proof/broken", "")]
    for lacking in (controller(asserts=False), controller(controller="did:web:other.example")):
        found = of_token(nameless, published(lacking))
        assert found == [("undecided", "issuer/key-unknown", "")]
    own = token(claims(issuer=SCHOOL.public.did, iss=SCHOOL.public.did))
    assert of_token(own) == []


@pytest.mark.parametrize(
    ("issuer", "said"),
    [
        (ISSUER, f"the token names none (kid), and {ISSUER} is not at hand"),
        ("urn:school:7", "the token names none (kid), and its issuer has no address"),
    ],
)
def test_a_token_that_names_no_key_says_so(issuer: str, said: str) -> None:
    text = token(claims(issuer=issuer, iss=issuer))
    (problem,) = Verifier(Trust(), now=NOW).verify(parse(b"{}"), token=text).problems
    assert said in problem.message


def test_a_key_in_a_tokens_header_proves_nothing_by_itself() -> None:
    own = token(claims(), jwk=SCHOOL.public.jwk)
    assert of_token(own) == [("undecided", "issuer/key-unbound", "")]
    assert of_token(own, pinned(SCHOOL)) == []
    assert of_token(own, pinned(STRANGER)) == [("invalid", "issuer/key-not-pinned", "")]


def test_a_token_that_names_the_issuers_key_and_brings_another_is_invalid() -> None:
    for kid, trust in ((own_method(SCHOOL.public), None), (URL_KEY, published(controller()))):
        data = badge(ISSUER) if trust else badge()
        header = {"kid": kid, "jwk": STRANGER.public.jwk}
        token = jwt.sign(data, STRANGER, header=header)
        verdict = Verifier(trust or Trust(), now=NOW).verify(parse(b"{}"), token=token)
        assert [each.reason for each in verdict.problems] == ["key-another"]


def test_a_token_of_the_older_data_model_holds_its_credential_in_vc() -> None:
    data = badge(ISSUER)
    del data["id"]
    old = token({"vc": data, "iss": ISSUER, "jti": "urn:x:1", "nbf": 1781283600}, kid="k")
    assert of_token(old, pinned(SCHOOL)) == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"iss": "https://elsewhere.example.org"}, "proof/claims"),
        ({"jti": "urn:x:1"}, "proof/claims"),
        ({"sub": "did:example:birch"}, "proof/claims"),
        ({"nbf": 1781283601}, "proof/claims"),
        ({"exp": 1782000000}, "time/expired"),
        ({"exp": "soon"}, "time/unreadable"),
        ({"exp": True}, "time/unreadable"),
        ({"exp": 9_000_000_000_000_000}, "time/unreadable"),
    ],
)
def test_a_tokens_claims_have_to_agree_with_its_credential(
    changed: dict[str, Any], reason: str
) -> None:
    assert of_token(token(claims(**changed), kid="k"), pinned(SCHOOL)) == [("invalid", reason, "")]


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "HS256"}, {"alg": None}])
def test_a_token_that_anybody_can_make_is_not_signed(header: dict[str, Any]) -> None:
    text = token(claims(), **header)
    assert of_token(text, pinned(SCHOOL))[0] == ("invalid", "proof/unsigned", "")


@pytest.mark.parametrize("text", ["a.b.c", "eyJ.e30.x", "nothing"])
def test_a_damaged_token_is_invalid(text: str) -> None:
    assert of_token(text) == [("invalid", "proof/unreadable", "")]


def test_tokens_in_endorsement_jwt_are_verified() -> None:
    data = badge()
    achievement = data["credentialSubject"]["achievement"]
    inner = endorsement(achievement["id"])
    del inner["proof"]
    achievement["endorsementJwt"] = [token(inner, CLUB, kid=own_method(CLUB.public))]
    assert verified(signed(data)).ok
    inner["credentialSubject"]["id"] = "https://elsewhere.example.org/courses/1"
    achievement["endorsementJwt"] = [token(inner, CLUB, kid=own_method(CLUB.public))]
    place = "/credentialSubject/achievement/endorsementJwt/0"
    assert problems(signed(data)) == [("invalid", "subject/another", f"{place}/credentialSubject")]


def test_an_unsigned_credential_in_its_issuers_token_is_covered() -> None:
    data = minimal(ISSUER)
    assert of_token(token(data, kid="k"), pinned(SCHOOL)) == []


def test_an_envelope_around_a_token_is_opened() -> None:
    text = token(claims(), kid="k")
    envelope = {
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{text}",
    }
    assert verified(envelope, pinned(SCHOOL)).ok
    nested = minimal(ISSUER)
    nested["credentialSubject"]["verifiableCredential"] = [envelope]
    found = verified(signed(nested, method=URL_KEY), pinned(SCHOOL))
    assert found.credentials[1].id == badge()["id"]
    assert found.credentials[1].outcome is Outcome.VALID


# --- what is no credential --------------------------------------------------------------------


@pytest.mark.parametrize("raw", [b"", b"[]", b"7", b'{"a": 1, "a": 2}', b"\xff", b"{}"])
def test_what_is_no_credential_is_never_valid(raw: bytes) -> None:
    verdict = Verifier(now=NOW).verify(parse(raw))
    assert verdict.outcome is Outcome.INVALID
    assert verdict.problems


# --- what else can come along -----------------------------------------------------------------


def test_a_key_embedded_in_a_proof_proves_nothing_by_itself() -> None:
    method = {"id": f"{ISSUER}#key-1", "publicKeyMultibase": SCHOOL.public.multikey}
    as_jwk = {"id": f"{ISSUER}#key-1", "publicKeyJwk": SCHOOL.public.jwk}
    damaged = {"id": f"{ISSUER}#key-1", "publicKeyMultibase": "z6Mk"}
    # Over JSON, so that the form of the method is of no matter.
    for embedded, reason in (
        (method, "key-unbound"),
        (as_jwk, "key-unbound"),
        (damaged, "key-unknown"),
        ({"id": f"{ISSUER}#key-1"}, "key-unknown"),
    ):
        data = badge(ISSUER)
        data = signed(data, suite="eddsa-jcs-2022", method=embedded)  # type: ignore[arg-type]
        assert [each[:2] for each in problems(data)] == [("undecided", f"issuer/{reason}")]


@pytest.mark.parametrize(
    ("problem", "reason"),
    [("TooComplex", "too-complex"), ("UnsupportedProof", "unsupported")],
)
def test_what_cannot_be_worked_out_is_undecided(
    monkeypatch: pytest.MonkeyPatch, problem: str, reason: str
) -> None:
    from clrctl import proof
    from clrctl.proof import suites

    kinds = {"TooComplex": proof.TooComplex, "UnsupportedProof": suites.UnsupportedProof}

    def refuse(*_: Any) -> None:
        raise kinds[problem]("not here")

    data = signed(badge())
    monkeypatch.setattr(suites.SUITES["eddsa-rdfc-2022"], "check", refuse, raising=False)
    assert problems(data) == [("undecided", f"proof/{reason}", "/proof/0")]


@pytest.mark.parametrize("jwk", [{}, {"kty": "oct", "k": "AA"}, "text", None])
def test_a_token_with_a_damaged_key_in_its_header_is_invalid(jwk: Any) -> None:
    assert of_token(token(claims(), jwk=jwk), pinned(SCHOOL)) == [
        ("invalid", "proof/unreadable", "")
    ]


def test_a_token_of_an_algorithm_that_is_not_known_is_undecided() -> None:
    text = token(claims(), alg="ES256K", kid="k")
    assert of_token(text, pinned(SCHOOL)) == [("undecided", "proof/unsupported", "")]


def test_the_dates_of_a_token_of_the_older_data_model_count() -> None:
    data = badge(ISSUER)
    del data["validFrom"]
    late = token({"vc": data, "iss": ISSUER, "nbf": 1782950400}, kid="k")
    assert [each[:2] for each in of_token(late, pinned(SCHOOL))] == [
        ("invalid", "time/future"),
        ("invalid", "time/future"),
    ]


def test_a_badge_or_an_endorsement_that_names_nobody_is_told() -> None:
    data = minimal()
    inner = child(data)
    del inner["credentialSubject"]["id"]
    found = problems(signed(with_child(data, signed(inner))))
    assert found == [("undecided", "subject/unidentified", f"{NESTED}/credentialSubject")]

    nameless = badge()
    endorsing = endorsement("urn:x:1")
    del endorsing["proof"], endorsing["credentialSubject"]["id"]
    nameless["endorsement"] = [signed(endorsing, CLUB)]
    place = "/endorsement/0/credentialSubject"
    assert problems(signed(nameless)) == [("undecided", "subject/unidentified", place)]


def test_a_credential_outside_of_the_usual_places_is_verified_too() -> None:
    """Whatever has a proof claims something; nobody else would look at it there."""
    data = badge()
    data["@context"].append({"attached": "https://brookside.example.edu/terms#attached"})
    inner = signed(badge())
    inner["name"] = "Another"
    data["attached"] = [inner]
    assert ("invalid", "proof/broken", "/attached/0/proof/0") in problems(signed(data))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        # A set of keys, or one, by which nobody says whose they are.
        ({"keys": [SCHOOL.public.jwk | {"kid": "1"}]}, None),
        (SCHOOL.public.jwk, None),
        ({"keys": [{"kty": "oct", "kid": "1"}]}, "issuer/key-unknown"),
        ({"keys": [SCHOOL.public.jwk | {"kid": "2"}]}, "issuer/key-unknown"),
    ],
)
def test_a_key_set_is_the_issuers_if_the_issuers_own_document_lists_it(
    document: dict[str, Any], reason: str | None
) -> None:
    place = f"{ISSUER}/keys.json"
    method = place if "kty" in document else f"{place}#1"
    data = signed(badge(ISSUER), method=method)
    at_hand = published(document, place).documents
    listed = published({"id": ISSUER, "assertionMethod": [method]}).documents
    found = problems(data, Trust(documents={**at_hand, **listed}))
    assert [each[1] for each in found] == ([reason] if reason else [])


@pytest.mark.parametrize("place", ["/uploads/keys.json", "/../mallory/keys.json", "/%2e%2e/k.json"])
def test_what_lies_below_the_issuers_address_may_be_anybodys(place: str) -> None:
    data = signed(badge(ISSUER), method=f"{ISSUER}{place}#1")
    trust = published({"keys": [SCHOOL.public.jwk | {"kid": "1"}]}, f"{ISSUER}{place}")
    assert problems(data, trust) == [("undecided", "issuer/key-unbound", "/proof/0")]
    other = Trust(documents={**trust.documents, **published(controller()).documents})
    assert problems(data, other) == [("undecided", "issuer/key-unbound", "/proof/0")]


def test_a_key_set_elsewhere_is_not_the_issuers() -> None:
    place = "https://elsewhere.example.org/keys.json"
    data = signed(badge(ISSUER), method=f"{place}#1")
    trust = published({"keys": [SCHOOL.public.jwk | {"kid": "1"}]}, place)
    assert problems(data, trust) == [("undecided", "issuer/key-unbound", "/proof/0")]


@pytest.mark.parametrize("other", ["urn:x:1", "did:web:elsewhere.example.org"])
def test_a_controller_that_cannot_be_asked_confirms_nothing(other: str) -> None:
    data = signed(badge(ISSUER), method=URL_KEY)
    wrong = {"id": "did:web:somebody.example.org", "assertionMethod": [URL_KEY]}
    place = "https://elsewhere.example.org/.well-known/did.json"
    trust = Trust(
        documents={
            **published(controller(controller=other)).documents,
            place: json.dumps(wrong).encode(),
        }
    )
    assert problems(data, trust) == [("undecided", "issuer/key-unbound", "/proof/0")]


def test_a_presentation_is_not_judged_but_what_it_holds_is() -> None:
    presentation = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [signed(badge()), badge()],
    }
    verdict = verified(presentation)
    assert [each.outcome.value for each in verdict.credentials] == ["undecided", "valid", "invalid"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"type": "Assertion", "@context": "https://w3id.org/openbadges/v2"}, "version"),
        ({"credential": [], "compactJwsString": []}, "several"),
        ({"imsx_codeMajor": "failure"}, "kind"),
    ],
)
def test_a_document_of_another_kind_is_called_by_its_name(data: Any, reason: str) -> None:
    assert problems(data) == [("invalid", f"reading/{reason}", "")]
