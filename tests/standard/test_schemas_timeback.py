"""The schema of the TimeBack endpoint: exactly the members of its page, in arrays."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from clrctl.finding import Json, pointer
from clrctl.standard import classes, schemas
from tests.explained import found
from tests.mutations import Path, at, changed, copied, walk, without

TIMEBACK = "timeback/clrcredential.json"
VC = "https://www.w3.org/ns/credentials/v2"
CLR_CONTEXT = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
SUBJECT = ("credentialSubject",)
NESTED = (*SUBJECT, "verifiableCredential", 0)

# The members that its page lists: class, required ones, optional ones.
LISTED: dict[str, tuple[str, str]] = {
    "ClrCredential": (
        "@context id type issuer name validFrom credentialSubject",
        "description validUntil proof credentialSchema",
    ),
    "Profile": ("id type", "name url phone description email image"),
    "Image": ("id type", "caption"),
    "ClrSubject": ("type verifiableCredential", "id identifier achievement association"),
    "NestedCredential": (
        "@context id type issuer validFrom credentialSubject",
        "validUntil proof",
    ),
    "CredentialSubject": ("", "id"),
    "IdentityObject": ("type identityHash identityType hashed", "salt"),
    "Achievement": ("id type name description criteria", "achievementType image creator"),
    "Criteria": ("", "id narrative"),
    "Association": ("type associationType sourceId targetId", ""),
    "Proof": ("type proofPurpose verificationMethod created proofValue", "cryptosuite"),
    "CredentialSchema": ("id type", ""),
}

IMAGE = {"id": "https://school.example/logo.png", "type": "Image", "caption": "logo"}
PROFILE = {
    "id": "https://school.example/",
    "type": ["Profile"],
    "name": "School",
    "url": "https://school.example/",
    "phone": "+1-555-0100",
    "description": "A school",
    "email": "registrar@school.example",
    "image": IMAGE,
}
PROOF = {
    "type": "DataIntegrityProof",
    "proofPurpose": "assertionMethod",
    "verificationMethod": "did:web:school.example#key-1",
    "created": "2025-06-30T12:00:00Z",
    "proofValue": "z3Fake",
    "cryptosuite": "eddsa-rdfc-2022",
}
LEARNER = "urn:uuid:00000000-0000-4000-8000-000000000001"
BODY = {
    "@context": [VC, CLR_CONTEXT, OB],
    "id": "urn:uuid:00000000-0000-4000-8000-000000000002",
    "type": ["VerifiableCredential", "ClrCredential"],
    "issuer": PROFILE,
    "name": "Transcript",
    "validFrom": "2025-06-30T12:00:00Z",
    "credentialSubject": {
        "type": ["ClrSubject"],
        "verifiableCredential": [
            {
                "@context": [VC, OB],
                "id": "urn:uuid:00000000-0000-4000-8000-000000000003",
                "type": ["VerifiableCredential", "AchievementCredential"],
                "issuer": PROFILE,
                "validFrom": "2025-06-30T12:00:00Z",
                "credentialSubject": {"id": LEARNER},
                "validUntil": "2035-06-30T12:00:00Z",
                "proof": [PROOF],
            }
        ],
        "id": LEARNER,
        "identifier": [
            {
                "type": "IdentityObject",
                "identityHash": "ada@school.example",
                "identityType": "emailAddress",
                "hashed": False,
                "salt": "sea",
            }
        ],
        "achievement": [
            {
                "id": "https://school.example/courses/bio-101",
                "type": ["Achievement"],
                "achievementType": "Course",
                "name": "Biology",
                "description": "Life",
                "criteria": {"id": "https://school.example/bio", "narrative": "Pass."},
                "image": IMAGE,
                "creator": PROFILE,
            }
        ],
        "association": [
            {
                "type": "Association",
                "associationType": "isPartOf",
                "sourceId": "https://school.example/courses/bio-101",
                "targetId": "https://school.example/degrees/bsc",
            }
        ],
    },
    "description": "All courses",
    "validUntil": "2035-06-30T12:00:00Z",
    "proof": [PROOF],
    "credentialSchema": [{"id": "https://x.example/s.json", "type": "JsonSchema"}],
}


def objects(document: Json) -> Iterator[tuple[Path, str]]:
    """Yield the place and the class of every object of a body for the endpoint."""
    waiting: list[tuple[Path, str]] = [((), "ClrCredential")]
    while waiting:
        path, cls = waiting.pop()
        yield path, cls
        for member, target in classes.members(cls, TIMEBACK).items():
            held = at(document, path).get(member)
            if target and isinstance(held, list):
                waiting += [((*path, member, index), target) for index in range(len(held))]
            elif target and held is not None:
                waiting.append(((*path, member), target))


def test_the_endpoint_lists_exactly_the_members_of_its_page() -> None:
    for cls, (wanted, optional) in LISTED.items():
        assert set(classes.members(cls, TIMEBACK)) == {*wanted.split(), *optional.split()}, cls
    assert {cls for _, cls in objects(BODY)} == set(LISTED)


def test_the_endpoint_takes_a_body_with_and_without_each_optional_member() -> None:
    """Every subset of one object's optional members, the other objects whole; then all bare."""
    validator = schemas.fast_validator(TIMEBACK)
    for path, cls in objects(BODY):
        optional = LISTED[cls][1].split()
        for size in range(len(optional) + 1):
            for left_out in itertools.combinations(optional, size):
                body = copied(BODY)
                for member in left_out:
                    del at(body, path)[member]
                assert validator.is_valid(body), (path, left_out)
    bare = copied(BODY)
    for path, cls in reversed(list(objects(BODY))):
        for member in LISTED[cls][1].split():
            del at(bare, path)[member]
    assert validator.is_valid(bare)


def test_the_endpoint_misses_each_required_member_once() -> None:
    for path, cls in objects(BODY):
        for member in LISTED[cls][0].split():
            told = found(TIMEBACK, without(BODY, *path, member))
            assert [place for place, _ in told] == [pointer(path)], (path, member)


def test_the_endpoint_takes_no_null_anywhere() -> None:
    for path in walk(BODY):
        if path:
            told = [place for place, _ in found(TIMEBACK, changed(BODY, path, None))]
            assert told == [pointer(path)], path


def test_the_endpoint_takes_members_that_it_does_not_list() -> None:
    validator = schemas.fast_validator(TIMEBACK)

    for path, _ in objects(BODY):
        assert validator.is_valid(changed(BODY, (*path, "note"), {"any": "thing"})), path


@pytest.mark.parametrize(
    ("path", "value", "below", "code"),
    [
        (("@context",), [VC, CLR_CONTEXT], (), "context/order"),
        (("@context",), VC, (), "context/order"),
        (("@context", 2), {"note": "x:y"}, (), "context/uri"),
        (("@context", 2), "context.json", (), "context/uri"),
        (("type",), "ClrCredential", (), "serialization/array"),
        (("issuer",), "https://school.example/", (), "serialization/object"),
        (("issuer",), {"id": "https://school.example/"}, (), "issuer/profile"),
        (("issuer", "email"), "registrar", (), "profile/email"),
        (("issuer", "url"), "school.example", (), "id/uri"),
        (("validFrom",), "2025-06-30", (), "schema/format"),
        (("proof",), PROOF, (), "serialization/array"),
        (("proof",), [without(PROOF, "created")], (0,), "proof/complete"),
        (("credentialSchema",), BODY["credentialSchema"][0], (), "serialization/array"),
        ((*SUBJECT, "verifiableCredential"), [], (), "schema/minItems"),
        ((*SUBJECT, "association", 0, "type"), ["Association"], (), "type/class"),
        ((*SUBJECT, "association", 0, "associationType"), "Association", (), "schema/enum"),
        ((*SUBJECT, "achievement", 0, "achievementType"), "Kurs", (), "schema/enum"),
        ((*SUBJECT, "achievement", 0, "name"), {"en": "Biology"}, (), "serialization/text"),
        ((*NESTED, "issuer"), "https://school.example/", (), "serialization/object"),
        ((*NESTED, "id"), "badge-1", (), "id/uri"),
    ],
)  # fmt: skip
def test_the_endpoint_refuses(path: Path, value: Json, below: Path, code: str) -> None:
    expected = [(pointer((*path, *below)), code)]

    assert found(TIMEBACK, changed(BODY, path, value)) == expected


def test_the_endpoint_wants_an_id_in_each_nested_credential() -> None:
    assert found(TIMEBACK, without(BODY, *NESTED, "id")) == [(pointer(NESTED), "id/missing")]
