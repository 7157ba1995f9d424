"""Cryptosuites: published vectors byte for byte, vectors of our own, and tampering."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

import pytest

from clrctl.proof.faults import DataLoss, UnknownContext
from clrctl.proof.jsonld.contexts import Contexts
from clrctl.proof.keys import dids, multibase
from clrctl.proof.keys.public import PublicKey
from clrctl.proof.keys.secret import SecretKey
from clrctl.proof.suites import cbor
from clrctl.proof.suites.base import BrokenProof, ProofOptions, UnsupportedProof, proofs_of
from clrctl.proof.suites.disclosure import NoSuchPart, select
from clrctl.proof.suites.ecdsa_sd_2023 import EcdsaSd2023
from clrctl.proof.suites.table import SUITES, suite_of
from clrctl.util import base64url
from tests import published
from tests.signing import BADGE, CASES, changes, key_of

CONTEXTS = Contexts.built_in()
METHOD = "did:web:brookside.example.edu#key"
OPTIONS = ProofOptions(METHOD, "2026-06-13T08:00:00Z")
PROOFS: list[dict[str, Any]] = json.loads((CASES / "proofs.json").read_text())
CAUGHT = (BrokenProof, DataLoss, UnknownContext, UnsupportedProof)


def fixed_sd() -> EcdsaSd2023:
    """Return the suite as our own vector was made."""
    return EcdsaSd2023(lambda: bytes(range(32)), lambda: key_of("P-256", 9))


def options_of(proof: dict[str, Any], **more: Any) -> ProofOptions:
    previous = proof.get("previousProof", [])
    return ProofOptions(
        proof["verificationMethod"],
        proof["created"],
        proof["proofPurpose"],
        proof.get("id"),
        tuple([previous] if isinstance(previous, str) else previous),
        **more,
    )


def without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}


@pytest.mark.parametrize("case", PROOFS, ids=lambda case: f"{case['suite']}-{case['kind']}")
def test_our_own_vectors_are_made_and_hold(case: dict[str, Any]) -> None:
    key, proof = key_of(case["kind"]), case["proof"]
    suite = SUITES[case["suite"]]
    made_by = fixed_sd() if suite.name == "ecdsa-sd-2023" else suite
    mandatory = ("/issuer", "/validFrom") if suite.name == "ecdsa-sd-2023" else ()
    before = copy.deepcopy(BADGE)
    options = options_of(proof, mandatory=mandatory)
    assert made_by.create(BADGE, options, key, CONTEXTS) == proof
    assert before == BADGE
    suite.check({**BADGE, "proof": proof}, proof, key.public, CONTEXTS)
    if "derived" in case:
        whole = {**BADGE, "proof": proof}
        derived = made_by.derive(whole, proof, case["shown"], CONTEXTS)  # type: ignore[attr-defined]
        assert derived == case["derived"]
        suite.check(derived, derived["proof"], key.public, CONTEXTS)


def signed_badges() -> list[Any]:
    found = [(case["kind"], {**BADGE, "proof": case["proof"]}) for case in PROOFS]
    found += [(case["kind"], case["derived"]) for case in PROOFS if "derived" in case]
    return [
        pytest.param(kind, doc, id=f"{doc['proof']['cryptosuite']}-{kind}-{len(doc)}")
        for kind, doc in found
    ]


@pytest.mark.parametrize(("kind", "document"), signed_badges())
def test_every_member_that_is_changed_is_noticed(kind: Any, document: dict[str, Any]) -> None:
    key = key_of(kind).public
    number = 0
    for what, changed in changes(document):
        if what == "proof left out":
            continue
        number += 1
        with pytest.raises(CAUGHT):
            suite = suite_of(changed["proof"])
            suite.check(changed, changed["proof"], key, CONTEXTS)
            pytest.fail(f"not noticed: {what}")
    assert number > 30


@pytest.mark.parametrize(("kind", "document"), signed_badges())
def test_another_key_or_kind_of_key_is_noticed(kind: Any, document: dict[str, Any]) -> None:
    for other in (key_of(kind, 8), key_of("P-384" if kind == "Ed25519" else "Ed25519")):
        with pytest.raises(BrokenProof):
            suite_of(document["proof"]).check(document, document["proof"], other.public, CONTEXTS)


def test_a_member_that_no_context_defines_is_refused_not_left_unsigned() -> None:
    document = {**BADGE, "grade": "A"}
    for name in ("eddsa-rdfc-2022", "ecdsa-rdfc-2019", "ecdsa-sd-2023"):
        suite = SUITES[name]
        with pytest.raises(DataLoss) as told:
            suite.create(document, OPTIONS, key_of(suite.key_kinds[0]), CONTEXTS)
        assert told.value.pointer == "/grade"


def test_json_suites_sign_what_json_ld_does_not_know() -> None:
    document = {"note": ["no context at all"]}
    suite = SUITES["eddsa-jcs-2022"]
    proof = suite.create(document, OPTIONS, key_of(), CONTEXTS)
    assert "@context" not in proof
    suite.check({**document, "proof": proof}, proof, key_of().public, CONTEXTS)


@pytest.mark.parametrize("value", [2**70, "\ud800"])
def test_what_has_no_canonical_json_is_not_signed(value: Any) -> None:
    for name in ("eddsa-jcs-2022", "eddsa-rdfc-2022"):
        with pytest.raises((UnsupportedProof, DataLoss)):
            SUITES[name].create({**BADGE, "name": value}, OPTIONS, key_of(), CONTEXTS)


def test_json_suites_allow_contexts_to_be_appended_but_not_to_be_changed() -> None:
    suite = SUITES["eddsa-jcs-2022"]
    proof = suite.create(BADGE, OPTIONS, key_of(), CONTEXTS)
    longer = {**BADGE, "@context": [*BADGE["@context"], "https://more.example/context"]}
    suite.check(longer, proof, key_of().public, CONTEXTS)
    shorter = {**BADGE, "@context": BADGE["@context"][:1]}
    with pytest.raises(BrokenProof, match="other contexts"):
        suite.check(shorter, proof, key_of().public, CONTEXTS)


# Sets and chains


def chained() -> dict[str, Any]:
    suite = SUITES["eddsa-rdfc-2022"]
    first = suite.create(BADGE, ProofOptions(METHOD, id="urn:p:1"), key_of(), CONTEXTS)
    document = {**BADGE, "proof": [first]}
    options = ProofOptions(METHOD, id="urn:p:2", previous=("urn:p:1",))
    second = suite.create(document, options, key_of("Ed25519", 8), CONTEXTS)
    return {**BADGE, "proof": [first, second]}


def test_a_chain_covers_the_proof_before() -> None:
    document = chained()
    first, second = document["proof"]
    suite = suite_of(second)
    suite.check(document, first, key_of().public, CONTEXTS)
    suite.check(document, second, key_of("Ed25519", 8).public, CONTEXTS)
    forged = {**first, "created": "2020-01-01T00:00:00Z"}
    with pytest.raises(BrokenProof, match="not over this content"):
        suite.check(
            {**BADGE, "proof": [forged, second]}, second, key_of("Ed25519", 8).public, CONTEXTS
        )
    with pytest.raises(BrokenProof, match="previousProof"):
        suite.check({**BADGE, "proof": [second]}, second, key_of("Ed25519", 8).public, CONTEXTS)
    with pytest.raises(BrokenProof, match="previousProof"):
        suite.create(BADGE, ProofOptions(METHOD, previous=("urn:p:1",)), key_of(), CONTEXTS)


@pytest.mark.parametrize("previous", [1, [None], ["urn:p:1", "urn:p:9"], None])
def test_a_strange_previous_proof_is_broken(previous: Any) -> None:
    document = chained()
    second = {**document["proof"][1], "previousProof": previous}
    with pytest.raises(BrokenProof, match="previousProof"):
        suite_of(second).check(document, second, key_of().public, CONTEXTS)


def test_proofs_that_are_no_objects_are_passed_over() -> None:
    assert list(proofs_of({"proof": [1, {"a": 1}, None]})) == [{"a": 1}]
    assert list(proofs_of({})) == []


# What is not known


@pytest.mark.parametrize(
    "proof",
    [
        {},
        {"type": "JsonWebSignature2020"},
        {"type": "DataIntegrityProof"},
        {"type": "DataIntegrityProof", "cryptosuite": "bbs-2023"},
        {"type": "DataIntegrityProof", "cryptosuite": ["eddsa-rdfc-2022"]},
        {"type": "DataIntegrityProof", "cryptosuite": "Ed25519Signature2020"},
        {"type": ["DataIntegrityProof"], "cryptosuite": "eddsa-rdfc-2022"},
    ],
)
def test_a_suite_that_is_not_known_is_told_apart_from_a_broken_proof(proof: Any) -> None:
    with pytest.raises(UnsupportedProof):
        suite_of(proof)


@pytest.mark.parametrize("name", ["eddsa-2022", "Ed25519Signature2020"])
def test_older_kinds_are_not_made_any_more(name: str) -> None:
    with pytest.raises(UnsupportedProof, match="not made"):
        SUITES[name].create(BADGE, OPTIONS, key_of(), CONTEXTS)


@pytest.mark.parametrize(
    ("name", "context"),
    [
        ("eddsa-2022", "https://w3id.org/security/data-integrity/v1"),
        ("Ed25519Signature2020", "https://w3id.org/security/suites/ed25519-2020/v1"),
    ],
)
def test_an_older_proof_is_read_under_its_context_where_the_document_names_none(
    name: str, context: str
) -> None:
    document = {
        "@context": "https://www.w3.org/2018/credentials/v1",
        "type": "VerifiableCredential",
        "issuer": "https://a.example/1",
        "issuanceDate": "2020-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:1"},
    }
    kind = {"type": "DataIntegrityProof", "cryptosuite": name}
    proof: dict[str, Any] = kind if name.islower() else {"type": name}
    proof |= {"proofPurpose": "assertionMethod", "verificationMethod": METHOD}
    for known in (document["@context"], [document["@context"], context]):
        named = {**document, "@context": known}
        data = SUITES[name]._signed_bytes(named, proof, "Ed25519", CONTEXTS)
        signed = {**proof, "proofValue": multibase.encode(key_of().sign(data))}
        suite_of(signed).check(named, signed, key_of().public, CONTEXTS)
        with pytest.raises(BrokenProof):
            changed = {**named, "issuer": "https://b.example/1"}
            suite_of(signed).check(changed, signed, key_of().public, CONTEXTS)


def test_a_suite_needs_its_kind_of_key() -> None:
    with pytest.raises(UnsupportedProof, match="P-256") as told:
        SUITES["eddsa-rdfc-2022"].create(BADGE, OPTIONS, key_of("P-256"), CONTEXTS)
    assert told.value.fix == "use one of Ed25519"


@pytest.mark.parametrize(
    "value", [None, 1, "", "zz0", "u!", "m1234", "z1", "u2V0B", "uAAAA", "u2V0A"]
)
def test_a_damaged_proof_value_is_broken(value: Any) -> None:
    for case in PROOFS:
        proof = {**case["proof"], "proofValue": value}
        with pytest.raises(BrokenProof):
            suite_of(proof).check(BADGE, proof, key_of(case["kind"]).public, CONTEXTS)


# Selective disclosure

SD = next(case for case in PROOFS if "derived" in case)
WHOLE = {**BADGE, "proof": SD["proof"]}


def parts_of(proof: dict[str, Any]) -> tuple[bytes, list[Any]]:
    data = multibase.decode(proof["proofValue"])
    return data[:3], cbor.decode(data[3:])


def with_parts(proof: dict[str, Any], head: bytes, parts: Any) -> dict[str, Any]:
    return {**proof, "proofValue": "u" + base64url.encode(head + cbor.encode(parts))}


@pytest.mark.parametrize("document", [WHOLE, SD["derived"]], ids=["base", "derived"])
@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("other", [0, b"", b"x" * 64, [b"x" * 64], ["/x"], [0], {0: b"x"}, []])
def test_no_part_of_a_proof_with_selective_disclosure_can_be_exchanged(
    document: Any, place: int, other: Any
) -> None:
    head, parts = parts_of(document["proof"])
    parts[place] = other
    proof = with_parts(document["proof"], head, parts)
    with pytest.raises(BrokenProof):
        suite_of(proof).check(document, proof, key_of("P-256").public, CONTEXTS)


def test_statements_are_neither_taken_away_nor_moved() -> None:
    derived = SD["derived"]
    head, parts = parts_of(derived["proof"])
    for edit in (
        lambda p: p[2].pop(),
        lambda p: p[2].reverse(),
        lambda p: p[4].pop(),
        lambda p: p[4].append(p[4][0]),
        lambda p: p[4].append(99),
        lambda p: p[3].update({1: p[3][0]}),
        lambda p: p[3].pop(0),
        lambda p: p.append(1),
        lambda p: p.__setitem__(1, multibase.decode(key_of("P-384").public.multikey)),
        lambda p: p.__setitem__(1, multibase.decode(key_of("Ed25519").public.multikey)),
    ):
        changed = copy.deepcopy(parts)
        edit(changed)  # type: ignore[no-untyped-call]
        proof = with_parts(derived["proof"], head, changed)
        with pytest.raises(BrokenProof):
            suite_of(proof).check(derived, proof, key_of("P-256").public, CONTEXTS)


def test_a_holder_shows_what_the_issuer_wants_shown_and_nothing_else() -> None:
    suite = EcdsaSd2023()
    proof = suite.create(BADGE, OPTIONS, key_of("P-256"), CONTEXTS)
    whole = {**BADGE, "proof": proof}
    assert suite.is_base(proof)
    shown = suite.derive(whole, proof, ["/credentialSubject/creditsEarned"], CONTEXTS)
    assert not suite.is_base(shown["proof"])
    assert shown["issuer"] == BADGE["issuer"]
    assert shown["credentialSubject"]["creditsEarned"] == 1.5
    assert "Ash" not in json.dumps(shown).replace("ash-sample", "")
    assert "name" not in shown
    suite.check(shown, shown["proof"], key_of("P-256").public, CONTEXTS)
    everything = suite.derive(whole, proof, [""], CONTEXTS)
    assert without(everything, "proof") == BADGE
    suite.check(everything, everything["proof"], key_of("P-256").public, CONTEXTS)
    with pytest.raises(BrokenProof, match="no base proof"):
        suite.derive(shown, shown["proof"], [""], CONTEXTS)


def test_two_base_proofs_never_share_their_secrets() -> None:
    one, two = (EcdsaSd2023().create(BADGE, OPTIONS, key_of("P-256"), CONTEXTS) for _ in "12")
    assert parts_of(one)[1][1:3] != parts_of(two)[1][1:3]


@pytest.mark.parametrize("pointer", ["x", "/none", "/type/7", "/type/01", "/type/x", "/name/0"])
def test_a_pointer_to_nothing_is_told(pointer: str) -> None:
    with pytest.raises(UnsupportedProof, match="nothing at"):
        SUITES["ecdsa-sd-2023"].derive(WHOLE, SD["proof"], [pointer], CONTEXTS)  # type: ignore[attr-defined]
    with pytest.raises(UnsupportedProof, match="nothing at"):
        options = ProofOptions(METHOD, mandatory=(pointer,))
        SUITES["ecdsa-sd-2023"].create(BADGE, options, key_of("P-256"), CONTEXTS)


def test_a_proof_does_not_fit_another_document_or_none() -> None:
    suite = fixed_sd()
    with pytest.raises(BrokenProof, match="another number"):
        suite.derive(without(WHOLE, "name"), SD["proof"], [""], CONTEXTS)
    with pytest.raises(BrokenProof, match="always shown"):
        suite.check(without(WHOLE, "validFrom"), SD["proof"], key_of("P-256").public, CONTEXTS)
    assert not suite.is_base({})


def test_lists_and_proofs_inside_are_shown_as_a_whole() -> None:
    suite = EcdsaSd2023()
    badge = copy.deepcopy(BADGE)
    badge["endorsement"] = [
        {**BADGE, "id": f"urn:e:{n}", "proof": PROOFS[n]["proof"]} for n in (0, 1)
    ]
    place = "/credentialSubject/achievement/resultDescription"
    badge["credentialSubject"]["achievement"]["resultDescription"] = [
        {
            "type": ["ResultDescription"],
            "id": f"urn:uuid:6d0b1a52-07c4-4b8e-8f0e-5c6c2a9b1d1{number}",
            "name": "Foam",
            "resultType": "LetterGrade",
            "allowedValue": ["F", "D", "C"],
        }
        for number in (0, 1)
    ]
    proof = suite.create(badge, OPTIONS, key_of("P-256"), CONTEXTS)
    whole = {**badge, "proof": proof}
    suite.check(whole, proof, key_of("P-256").public, CONTEXTS)
    for pointer in (
        f"{place}/1",
        f"{place}/1/allowedValue",
        "/endorsement/1",
        "/endorsement/1/proof",
    ):
        shown = suite.derive(whole, proof, [pointer], CONTEXTS)
        suite.check(shown, shown["proof"], key_of("P-256").public, CONTEXTS)
    with pytest.raises(UnsupportedProof, match="separately"):
        suite.derive(whole, proof, [f"{place}/1/allowedValue/1"], CONTEXTS).clear()
        pytest.fail("part of a list was shown")


def test_literal_json_cannot_be_shown_in_parts() -> None:
    schema = {"id": "urn:x", "type": "JsonSchema", "jsonSchema": {"a": {}}}
    document = {**BADGE, "credentialSchema": schema}
    with pytest.raises((UnsupportedProof, DataLoss)):
        SUITES["ecdsa-sd-2023"].create(document, OPTIONS, key_of("P-256"), CONTEXTS)


def test_parts_are_chosen_with_what_lies_on_the_way() -> None:
    document = {
        "@context": ["c"],
        "id": "urn:1",
        "a/b": [{"id": "_:x", "type": "T", "c~": 1, "d": 2}, 3, {"e": [4, 5]}],
    }
    assert select(document, ["/a~1b/2/e/1", "/a~1b/0/c~0"]) == {
        "@context": ["c"],
        "id": "urn:1",
        "a/b": [{"type": "T", "c~": 1}, {"e": [5]}],
    }
    assert select(document, ["/a~1b", "/a~1b/0/d"]) == document
    assert select(document, []) is None
    with pytest.raises(NoSuchPart):
        select(document, ["/a~1b/-1"])


def readings(suite: Any, document: Any, options: Any) -> list[bytes]:
    """Return what is signed, in every reading that there is of the document."""
    config, found = suite._forms(document, options, "Ed25519", CONTEXTS)
    return [
        b"".join(hashlib.sha256("".join(lines).encode()).digest() for lines in (config, form))
        for form in (found.lines, *found.others.values())
    ]


def test_texts_that_software_sorts_differently_are_not_signed_but_verified() -> None:
    """JavaScript compares UTF-16 code units, which puts an emoji before a full-width letter."""
    document = {**BADGE, "alignment": [], "name": ["\U0001f393", "\uff21"]}
    suite = SUITES["eddsa-rdfc-2022"]
    options = OPTIONS.proof(suite.name)
    data = readings(suite, document, options)
    assert len(data) == 2
    with pytest.raises(UnsupportedProof, match="emoji"):
        suite.create(document, OPTIONS, key_of(), CONTEXTS)
    for each in data:
        proof = {**options, "proofValue": multibase.encode(key_of().sign(each))}
        suite.check(document, proof, key_of().public, CONTEXTS)


def test_the_other_reading_of_repeated_proofs_is_tried_too() -> None:
    """Two camps of software read a document that holds one proof twice differently."""
    case = PROOFS[0]
    badge = {**BADGE, "proof": case["proof"]}
    endorsement = {**badge, "type": ["VerifiableCredential", "EndorsementCredential"]}
    endorsement["id"] = "urn:uuid:6d0b1a52-07c4-4b8e-8f0e-5c6c2a9b1d02"
    document = {**BADGE, "endorsement": [badge, endorsement, badge]}
    suite = SUITES["eddsa-rdfc-2022"]
    options = OPTIONS.proof(suite.name)
    data = readings(suite, document, options)
    assert len(data) == 2
    with pytest.raises(UnsupportedProof, match="twice"):
        suite.create(document, OPTIONS, key_of(), CONTEXTS)
    with pytest.raises(UnsupportedProof, match="twice"):
        SUITES["ecdsa-sd-2023"].create(document, OPTIONS, key_of("P-256"), CONTEXTS)
    for each in data:
        proof = {**options, "proofValue": multibase.encode(key_of().sign(each))}
        suite.check(document, proof, key_of().public, CONTEXTS)


# CBOR

VALUES: list[tuple[Any, str]] = [
    (0, "00"),
    (23, "17"),
    (24, "1818"),
    (256, "190100"),
    (65536, "1a00010000"),
    (2**32, "1b0000000100000000"),
    (b"\1\2", "420102"),
    ("IETF", "6449455446"),
    ([1, [2, b""]], "8201820240"),
    ({0: b"a", 1: b""}, "a20041610140"),
]


@pytest.mark.parametrize(("value", "text"), VALUES)
def test_cbor_is_written_and_read(value: Any, text: str) -> None:
    assert cbor.encode(value).hex() == text
    assert cbor.decode(bytes.fromhex(text)) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", "18", "1817", "20", "c000", "f4", "5f40ff", "1c", "42ff", "0000", "9affffffff"),
        *("a2000000", "a200010001", "a18000", "818181818181", "61ff", "bb" + "ff" * 8),
    ],
)
def test_other_cbor_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        cbor.decode(bytes.fromhex(text))


# Published vectors

EDDSA, ECDSA = "vc-di-eddsa", "vc-di-ecdsa"
TABLE = [
    # folder, end of the file names, key
    (f"{EDDSA}/eddsa-rdfc-2022", "DataInt", f"{EDDSA}/keyPair"),
    (f"{EDDSA}/eddsa-jcs-2022", "JCS", f"{EDDSA}/keyPair"),
    (f"{ECDSA}/ecdsa-rdfc-2019-p256", "ECDSAP256", f"{ECDSA}/p256KeyPair"),
    (f"{ECDSA}/ecdsa-rdfc-2019-p384", "ECDSAP384", f"{ECDSA}/p384KeyPair"),
    (f"{ECDSA}/ecdsa-jcs-2019-p256", "JCSECDSAP256", f"{ECDSA}/p256KeyPair"),
    (f"{ECDSA}/ecdsa-jcs-2019-p384", "JCSECDSAP384", f"{ECDSA}/p384KeyPair"),
]


class Recording:
    """A signer that keeps what it was given."""

    def __init__(self, key: SecretKey) -> None:
        self.key = key
        self.public = key.public
        self.data = b""

    def sign(self, data: bytes) -> bytes:
        self.data = data
        return self.key.sign(data)


def secret(pair: dict[str, str]) -> SecretKey:
    return SecretKey.from_multikey(pair.get("secretKeyMultibase") or pair["privateKeyMultibase"])


def examples() -> Contexts:
    vocabulary = {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}
    return CONTEXTS.plus({published.EXAMPLES: vocabulary})


@pytest.mark.parametrize(("folder", "end", "keys"), TABLE, ids=[row[1] for row in TABLE])
def test_a_published_vector_is_made_byte_for_byte(folder: str, end: str, keys: str) -> None:
    document = published.read("vectors", folder, f"signed{end}.json")
    signer = Recording(secret(published.read("vectors", f"{keys}.json")))
    proof, contexts = document["proof"], examples()
    suite = suite_of(proof)
    made = suite.create(without(document, "proof"), options_of(proof), signer, contexts)
    assert made == proof
    hashes = published.needed() / "vectors" / folder / f"combinedHash{end}.txt"
    assert signer.data.hex() == hashes.read_text().strip()
    suite.check(document, proof, dids.key_of(proof["verificationMethod"]), contexts)


def test_the_published_older_proof_holds() -> None:
    document = published.read("vectors", EDDSA, "Ed25519Signature2020", "signedEdSig.json")
    proof, contexts = document["proof"], examples()
    key = dids.key_of(proof["verificationMethod"])
    suite_of(proof).check(document, proof, key, contexts)
    with pytest.raises(BrokenProof):
        suite_of(proof).check({**document, "name": "x"}, proof, key, contexts)


@pytest.mark.parametrize("name", ["ProofSet1", "ProofSet2", "ProofChain1", "ProofChain2"])
def test_published_sets_and_chains_are_made_byte_for_byte(name: str) -> None:
    folder = ("vectors", EDDSA, "proof-set-chain")
    document = published.read(*folder, f"signed{name}.json")
    pairs = published.read(*folder, "multiKeyPairs.json").values()
    keys = {key.public.multikey: key for key in map(secret, pairs)}
    contexts = examples()
    for proof in proofs_of(document):
        signer = keys[proof["verificationMethod"].partition("#")[2]]
        suite = suite_of(proof)
        assert suite.create(document, options_of(proof), signer, contexts) == proof
        suite.check(document, proof, signer.public, contexts)


def citizenship() -> Contexts:
    """Return the contexts with one from the facts of the vector's canonical form."""
    own, schema = "https://w3id.org/citizenship#", "https://schema.org/"
    date = "http://www.w3.org/2001/XMLSchema#dateTime"
    cards = ("PermanentResidentCardCredential", "PermanentResident", "PermanentResidentCard")
    texts = ("birthCountry", "commuterClassification", "lprCategory", "lprNumber")
    persons = ("Person", "givenName", "familyName", "gender", "identifier")
    terms: dict[str, Any] = {name: own + name for name in (*cards, *texts)}
    terms |= {name: schema + name for name in persons}
    terms |= {
        "image": {"@id": f"{schema}image", "@type": "@id"},
        "birthDate": {"@id": f"{schema}birthDate", "@type": date},
        "residentSince": {"@id": f"{own}residentSince", "@type": date},
        "permanentResidentCard": {"@id": f"{own}permanentResidentCard", "@type": "@id"},
    }
    return CONTEXTS.plus({"https://w3id.org/citizenship/v4rc1": {"@context": terms}})


def test_the_published_selective_disclosure_is_made_byte_for_byte() -> None:
    folder = ("vectors", ECDSA)
    keys = published.read(*folder, "ecdsa-sd-2023", "SDKeyMaterial.json")
    signed = published.read(*folder, "ecdsa-sd-2023", "prc", "addSignedSDBase.json")
    shown = published.read(*folder, "ecdsa-sd-2023", "prc", "derivedRevealDocument.json")
    mandatory = tuple(published.read(*folder, "prCredMandatory.json"))
    selective = published.read(*folder, "prCredSelective.json")
    key, contexts, proof = secret(keys["baseKeyPair"]), citizenship(), signed["proof"]
    suite = EcdsaSd2023(
        lambda: bytes.fromhex(keys["hmacKeyString"]), lambda: secret(keys["proofKeyPair"])
    )
    options = options_of(proof, mandatory=mandatory)
    assert suite.create(without(signed, "proof"), options, key, contexts) == proof
    assert suite.derive(signed, proof, selective, contexts) == shown
    suite.check(signed, proof, key.public, contexts)
    suite.check(shown, shown["proof"], key.public, contexts)


@pytest.mark.parametrize(
    "name", ["clrv2p0/clr-signed-credential-0", "obv3p0/ob-signed-credential-0"]
)
def test_the_implementation_guide_is_made_byte_for_byte(name: str) -> None:
    folder = ("vectors", "implementation-guide")
    document = published.read(*folder, *f"{name}.json".split("/"))
    key = secret(published.read(*folder, "clrv2p0", "key.json"))
    for proof in proofs_of(document):
        suite = suite_of(proof)
        assert suite.create(document, options_of(proof), key, CONTEXTS) == proof
        suite.check(document, proof, key.public, CONTEXTS)


SAMPLES = [
    # file, place of the proof among several, does it hold
    ("clr20/simple.json", 0, True),
    ("clr20/simple_v1.json", 0, True),
    ("ob30/simple.json", 0, True),
    ("ob30/complete.json", 0, True),
    ("ob30/simple-multiple-proofs.json", 1, True),
    ("ob30/simple-err-expired.json", 0, True),
    ("ob30/credential-status-revoked.json", 0, True),
    ("ob30/derivedcredential.json", 0, True),
    ("ob30/simple-err-proof-value.json", 0, False),
    ("ob30/simple-err-issuer-type.json", 0, False),
]


@pytest.mark.parametrize(("file", "place", "holds"), SAMPLES)
def test_samples_of_the_official_validator(file: str, place: int, holds: bool) -> None:
    document = published.read("samples", *file.split("/"))
    if isinstance(document, list):
        (document,) = document
    proof = list(proofs_of(document))[place]
    method = proof["verificationMethod"]
    text = method.partition("#")[2] or method.rpartition(":")[2]
    key, suite = PublicKey.from_multikey(text), suite_of(proof)
    for reading in ("newer", "older"):
        contexts = CONTEXTS.reading(reading)
        if holds:
            suite.check(document, proof, key, contexts)
        else:
            with pytest.raises(CAUGHT):
                suite.check(document, proof, key, contexts)


def test_every_suite_that_signs_has_a_vector_of_our_own() -> None:
    assert {case["suite"] for case in PROOFS} == {n for n, s in SUITES.items() if s.can_sign}
