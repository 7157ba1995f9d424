"""One mistake in a credential gives one finding, at the place of the mistake."""

from __future__ import annotations

import pytest

from clrctl.finding import Json, pointer
from clrctl.standard import classes, schemas
from tests.explained import CLR, COMPLETE, found
from tests.mutations import Path, at, changed, copied, walk, without


@pytest.mark.parametrize("wrong", [None, 7, True, "plain words", [], [7]], ids=repr)
def test_a_wrong_value_anywhere_is_told_at_most_once_and_in_its_place(wrong: Json) -> None:
    validator = schemas.fast_validator(CLR)
    for path in walk(COMPLETE):
        if not path:
            continue
        document = changed(COMPLETE, path, wrong)
        told = [tuple(error.instance_path) for error in validator.iter_errors(document)]
        # A list that lacks a name is at fault as a whole.
        assert told in ([], [path], [(*path, 0)], [path[:-1]]), path


def test_null_is_refused_in_every_member_that_a_class_describes() -> None:
    validator = schemas.fast_validator(CLR)
    allowed = [p for p in walk(COMPLETE) if p and validator.is_valid(changed(COMPLETE, p, None))]

    assert allowed == [("@context", 3, "note")]


def test_a_missing_value_anywhere_is_told_at_most_once() -> None:
    validator = schemas.fast_validator(CLR)
    for path in walk(COMPLETE):
        if path:
            told = list(validator.iter_errors(without(COMPLETE, *path)))
            assert len(told) <= 1, (path, [error.message for error in told])


def test_a_repeated_or_misplaced_item_anywhere_is_told_at_most_once() -> None:
    validator = schemas.fast_validator(CLR)
    for path in walk(COMPLETE):
        if path and isinstance(path[-1], int):
            repeated, swapped = copied(COMPLETE), copied(COMPLETE)
            items = at(repeated, path[:-1])
            items.insert(path[-1], items[path[-1]])
            items = at(swapped, path[:-1])
            items.insert(0, items.pop(path[-1]))
            for document in (repeated, swapped):
                assert len(list(validator.iter_errors(document))) <= 1, path


SUBJECT = ("credentialSubject",)
BADGE = (*SUBJECT, "verifiableCredential", 0)
ENDORSEMENT = (*SUBJECT, "verifiableCredential", 1)
OTHER = (*SUBJECT, "verifiableCredential", 2)


def place_of(cls: str, member: str) -> Path:
    nodes = classes.grow(COMPLETE, "ClrCredential").of(cls)
    return (*next(node.path for node in nodes if member in node.value), member)


ACHIEVEMENT = place_of("Achievement", "achievementType")[:-1]
ISSUER = place_of("Profile", "address")[:-1]
VC = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CLR_CONTEXT = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"

# path of the value, the value put there, path of the finding below it, code of the finding
MISTAKES: list[tuple[Path, Json, Path, str]] = [
    (("@context",), VC, (), "context/order"),
    (("@context",), [], (), "context/order"),
    (("@context",), [VC], (), "context/order"),
    (("@context",), [VC, CLR_CONTEXT], (), "context/order"),
    (("@context",), [VC, OB, CLR_CONTEXT], (1,), "context/order"),
    (("@context",), [CLR_CONTEXT, OB, VC], (0,), "context/order"),
    (("@context",), [VC, VC, CLR_CONTEXT, OB], (1,), "context/order"),
    (("@context",), [VC, CLR_CONTEXT, {"note": "x:y"}], (2,), "context/order"),
    (("@context",), [VC, CLR_CONTEXT, OB, OB], (), "serialization/duplicate"),
    (("@context",), [VC, CLR_CONTEXT, OB, "my.json"], (3,), "context/uri"),
    (("@context",), [VC, CLR_CONTEXT, OB, 7], (3,), "schema/type"),
    (("type",), "ClrCredential", (), "type/class"),
    (("type",), ["VerifiableCredential"], (), "type/class"),
    (("type",), ["ClrCredential"], (), "type/class"),
    (("type",), ["VerifiableCredential", "ClrCredential", 7], (2,), "schema/type"),
    (("type",), ["VerifiableCredential", 7], (1,), "schema/type"),
    (("type",), ["VerifiableCredential", "ClrCredential", "ClrCredential"], (),
     "serialization/duplicate"),
    (("id",), "transcript-7", (), "id/uri"),
    (("name",), {"en": "Transcript"}, (), "serialization/text"),
    (("name",), 7, (), "schema/type"),
    (("issuer",), "school", (), "id/uri"),
    (("issuer",), {"id": "https://school.example/"}, (), "issuer/profile"),
    (("issuer",), ["https://school.example/"], (), "schema/type"),
    (("validFrom",), "2025-06-30", (), "schema/format"),
    (("validFrom",), "2025-06-30T12:00:00", (), "schema/format"),
    (("partial",), "true", (), "schema/type"),
    (("proof",), [], (), "serialization/empty"),
    (("endorsement",), COMPLETE["endorsement"][0], (), "serialization/array"),
    (("endorsementJwt",), ["no.jws"], (0,), "schema/pattern"),
    (("evidence",), [], (), "serialization/empty"),
    (("credentialStatus",), {"type": "1EdTechRevocationList"}, (), "status/id"),
    ((*SUBJECT, "type"), "ClrSubject", (), "serialization/array"),
    ((*SUBJECT, "type"), ["Clrsubject"], (), "type/class"),
    ((*SUBJECT, "verifiableCredential"), COMPLETE["credentialSubject"]["verifiableCredential"][0],
     (), "serialization/array"),
    ((*SUBJECT, "verifiableCredential"), [], (), "schema/minItems"),
    ((*SUBJECT, "association", 0, "note"), "x", (), "schema/additionalProperties"),
    ((*SUBJECT, "association", 0, "associationType"), "leadsTo", (), "schema/enum"),
    ((*SUBJECT, "association", 0, "type"), ["Association"], (), "type/class"),
    ((*SUBJECT, "identifier", 0, "identityType"), "email", (), "schema/enum"),
    ((*SUBJECT, "identifier", 0, "identityType"), "ext:e mail", (), "vocabulary/ext"),
    ((*SUBJECT, "identifier", 0, "identityType"), "text:mail", (), "vocabulary/ext"),
    (BADGE, "ey.J.9", (), "serialization/object"),
    ((*BADGE, "type"), "AchievementCredential", (), "type/class"),
    ((*BADGE, "type"), ["OpenBadgeCredential"], (), "type/class"),
    ((*BADGE, "@context"), [VC], (), "context/order"),
    ((*BADGE, "@context"), [VC, CLR_CONTEXT], (1,), "context/order"),
    ((*BADGE, "credentialSubject", "type"), "Achievement", (), "type/class"),
    ((*ENDORSEMENT, "credentialSubject", "id"), "x", (), "id/uri"),
    ((*OTHER, "@context"), [], (), "context/order"),
    ((*OTHER, "@context"), [VC, VC], (), "serialization/duplicate"),
    ((*OTHER, "type"), "Diploma", (), "type/class"),
    ((*OTHER, "type"), {"en": "VerifiableCredential"}, (), "serialization/array"),
    ((*ACHIEVEMENT, "type"), [7], (0,), "schema/type"),
    ((*ACHIEVEMENT, "criteria"), "https://school.example/", (), "serialization/object"),
    ((*ACHIEVEMENT, "achievementType"), 7, (), "schema/type"),
    ((*ACHIEVEMENT, "achievementType"), "Cours", (), "schema/enum"),
    ((*ACHIEVEMENT, "creditsAvailable"), "3", (), "schema/type"),
    ((*ACHIEVEMENT, "inLanguage"), "English", (), "language/code"),
    ((*ACHIEVEMENT, "tag"), "science", (), "serialization/array"),
    ((*ACHIEVEMENT, "tag"), ["a", "a"], (), "serialization/duplicate"),
    ((*ACHIEVEMENT, "resultDescription", 0, "valueMax"), 100, (), "schema/type"),
    ((*ISSUER, "email"), "registrar", (), "profile/email"),
    ((*ISSUER, "url"), "school.example", (), "id/uri"),
    ((*ISSUER, "dateOfBirth"), "24.5.2007", (), "schema/format"),
    ((*ISSUER, "address", "addressCountryCode"), "USA", (), "profile/country"),
    ((*ISSUER, "address", "geo", "latitude"), 120, (), "geo/range"),
    ((*ISSUER, "address", "geo", "longitude"), -181.5, (), "geo/range"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "below", "code"), MISTAKES, ids=[f"{m[3]}-{pointer(m[0])}" for m in MISTAKES]
)
def test_a_mistake_is_named_and_placed(path: Path, value: Json, below: Path, code: str) -> None:
    expected = [(pointer((*path, *below)), code)]

    assert found(CLR, changed(COMPLETE, path, value)) == expected


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("@context", 1), "https://purl.imsglobal.org/spec/clr/v2p0/context.json"),
        (("issuer",), "https://school.example/"),
        (("issuer",), "did:web:school.example"),
        (("proof",), COMPLETE["proof"][0]),
        (("credentialSchema",), COMPLETE["credentialSchema"][0]),
        (("termsOfUse",), COMPLETE["termsOfUse"][0]),
        ((*BADGE, "type"), ["OpenBadgeCredential", "VerifiableCredential"]),
        (BADGE, COMPLETE),
        ((*OTHER, "type"), "VerifiableCredential"),
        ((*ACHIEVEMENT, "note"), None),
        ((*ISSUER, "image", "id"), "data:image/png;base64,iVBORw0KGgo="),
    ],
    ids=lambda value: pointer(value) if isinstance(value, tuple) else "",
)
def test_what_strict_serialization_permits_is_accepted(path: Path, value: Json) -> None:
    assert found(CLR, changed(COMPLETE, path, value)) == []


COMPACTED = ["Achievement", "AchievementSubject", "Address", "Alignment", "EndorsementSubject"]
COMPACTED += ["Evidence", "Profile", "Related", "Result", "ResultDescription"]


@pytest.mark.parametrize("cls", [*COMPACTED, "RubricCriterionLevel"])
def test_the_type_of_these_classes_may_be_one_name(cls: str) -> None:
    """CLR 2.0, strict serialization: the properties that may be compacted."""
    path = place_of(cls, "type")

    for right in (cls, [cls], ["Other", cls]):
        assert found(CLR, changed(COMPLETE, path, right)) == [], right
    for wrong in ("Other", ["Other"], []):
        told = found(CLR, changed(COMPLETE, path, wrong))
        assert told == [(pointer(path), "type/class")], wrong


@pytest.mark.parametrize(
    "cls", ["Association", "GeoCoordinates", "IdentifierEntry", "IdentityObject", "Image"]
)
def test_the_type_of_these_classes_is_never_a_list(cls: str) -> None:
    path = place_of(cls, "type")

    assert found(CLR, changed(COMPLETE, path, [cls])) == [(pointer(path), "type/class")]


@pytest.mark.parametrize(
    ("cls", "member", "vocabulary"),
    [
        ("Achievement", "achievementType", "AchievementType"),
        ("Alignment", "targetType", "AlignmentTargetType"),
        ("IdentifierEntry", "identifierType", "IdentifierType"),
        ("IdentityObject", "identityType", "IdentifierType"),
        ("ResultDescription", "resultType", "ResultType"),
    ],
)
def test_a_vocabulary_can_be_extended(cls: str, member: str, vocabulary: str) -> None:
    path = place_of(cls, member)
    words = schemas.schema(classes.CLASSES)["$defs"][vocabulary]["else"]["enum"]

    for word in [*words, "ext:My-Own_Word.1"]:
        assert found(CLR, changed(COMPLETE, path, word)) == [], word
    for word, code in {"Other": "schema/enum", "ext:-": "vocabulary/ext"}.items():
        assert found(CLR, changed(COMPLETE, path, word)) == [(pointer(path), code)]


def test_a_nested_credential_is_held_to_the_class_that_its_type_names() -> None:
    subjects = {
        "AchievementCredential": ["achievement", "type"],
        "OpenBadgeCredential": ["achievement", "type"],
        "EndorsementCredential": ["id", "type"],
        "ClrCredential": ["type", "verifiableCredential"],
        "Diploma": [],
    }
    for cls, missing in subjects.items():
        bare = changed(COMPLETE, (*BADGE, "credentialSubject"), {})
        bare = changed(bare, (*BADGE, "type"), ["VerifiableCredential", cls])
        contexts = [VC, CLR_CONTEXT, OB] if cls == "ClrCredential" else [VC, OB]
        bare = changed(bare, (*BADGE, "@context"), contexts)
        told = schemas.explaining_validator(CLR).iter_errors(bare)
        assert sorted(e.message.split("'")[1] for e in told) == missing, cls


STATUS_VALUE = {"imsx_codeMinorFieldName": "Target", "imsx_codeMinorFieldValue": "not_found"}
STATUS = {
    "imsx_codeMajor": "failure",
    "imsx_severity": "error",
    "imsx_description": "no such record",
    "imsx_codeMinor": {"imsx_codeMinorField": [STATUS_VALUE]},
}


@pytest.mark.parametrize(
    ("file", "document", "expected"),
    [
        ("imsx_statusinfo", STATUS, []),
        ("imsx_statusinfo", STATUS | {"extra": 1}, [("/extra", "schema/additionalProperties")]),
        ("imsx_statusinfo", STATUS | {"imsx_severity": "bad"}, [("/imsx_severity", "schema/enum")]),
        ("imsx_statusinfo", STATUS | {"imsx_codeMinor": {}},
         [("/imsx_codeMinor", "schema/required")]),
        ("getclrcredentialsresponse", {}, []),
        ("getclrcredentialsresponse", {"credential": [COMPLETE], "compactJwsString": []}, []),
        ("getclrcredentialsresponse", {"credential": COMPLETE},
         [("/credential", "serialization/array")]),
        ("getclrcredentialsresponse", {"compactJwsStrings": []},
         [("/compactJwsStrings", "schema/additionalProperties")]),
    ],
)  # fmt: skip
def test_answers_of_servers(file: str, document: Json, expected: list[tuple[str, str]]) -> None:
    assert found(f"clr/{file}.json", document) == expected
