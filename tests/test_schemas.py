"""The bundled schemas: sound in themselves, complete, and exact about each mistake."""

from __future__ import annotations

import copy
import itertools
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from clrctl import catalog, explain, tree
from clrctl.finding import Json, pointer

from .mutations import at, walk

SCHEMAS = Path(__file__).parent.parent / "schemas"
FILES = sorted(path.relative_to(SCHEMAS).as_posix() for path in SCHEMAS.glob("*/*.json"))
COMPLETE = orjson.loads((Path(__file__).parent / "complete.clr.json").read_bytes())
CLR = "clr/clrcredential.json"
TIMEBACK = "timeback/clrcredential.json"
REFERENCE = os.environ.get("CLRCTL_REFERENCE", "")
needs_reference = pytest.mark.skipif(
    not REFERENCE, reason="CLRCTL_REFERENCE names no folder with the published schemas"
)
Path_ = tuple[str | int, ...]


def subschemas(schema: Json) -> Iterator[dict[str, Any]]:
    """Yield every schema object in a schema, leaving out the data in examples and constants."""
    if isinstance(schema, dict):
        yield schema
        for keyword, value in schema.items():
            if keyword in ("$defs", "properties"):
                for part in value.values():
                    yield from subschemas(part)
            elif keyword not in ("examples", "const", "enum", "x-rule"):
                yield from subschemas(value)
    elif isinstance(schema, list):
        for part in schema:
            yield from subschemas(part)


EVERY_SUBSCHEMA = [(file, part) for file in FILES for part in subschemas(catalog.schema(file))]


def findings(file: str, document: Json) -> list[tuple[str, str]]:
    errors = catalog.explaining_validator(file).iter_errors(document)
    return [(f.pointer, f.code) for error in errors for f in explain.findings(error)]


def changed(document: Json, path: Path_, value: Json) -> Json:
    result = copy.deepcopy(document)
    at(result, path[:-1])[path[-1]] = value
    return result


def without(document: Json, *path: str | int) -> Json:
    result = copy.deepcopy(document)
    del at(result, path[:-1])[path[-1]]
    return result


# --- sound in themselves ------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_a_schema_obeys_json_schema_2020_12_and_stands_under_its_own_address(file: str) -> None:
    schema = catalog.schema(file)

    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"https://schemas.clrctl.invalid/{file}"


@pytest.mark.parametrize("file", FILES)
def test_every_reference_leads_to_a_bundled_definition(file: str) -> None:
    for part in subschemas(catalog.schema(file)):
        place, _, fragment = part.get("$ref", "#").partition("#")
        target = (SCHEMAS / file).parent.joinpath(place).resolve().relative_to(SCHEMAS.resolve())
        steps = [step for step in fragment.split("/") if step]
        assert at(catalog.schema(target.as_posix() if place else file), tuple(steps))


def test_no_schema_offers_alternatives_that_could_all_fail_at_once() -> None:
    used = {keyword for _, part in EVERY_SUBSCHEMA for keyword in part}

    assert used.isdisjoint({"oneOf", "anyOf", "not", "dependentSchemas", "unevaluatedProperties"})


def test_only_formats_that_are_judged_are_used() -> None:
    formats = {part["format"] for _, part in EVERY_SUBSCHEMA if "format" in part}

    assert formats == {"uri", "date-time", "date", "email"}


def test_every_rule_named_is_described_and_every_rule_described_is_named() -> None:
    named = {code for _, part in EVERY_SUBSCHEMA for code in part.get("x-rule", {}).values()}

    assert named == set(catalog.schema_rules())
    assert all(
        rule["title"] and rule["why"] and rule["source"]
        for rule in catalog.schema_rules().values()
    )


def test_a_rule_stands_beside_the_keyword_that_it_names() -> None:
    astray = [
        (file, part)
        for file, part in EVERY_SUBSCHEMA
        if not set(part.get("x-rule", {})) <= set(part) or ("x-pattern" in part) > ("pattern" in part)
    ]

    assert astray == []


def test_every_definition_and_every_member_explains_itself() -> None:
    mute = [
        (file, name)
        for file, part in EVERY_SUBSCHEMA
        for name, value in {**part.get("$defs", {}), **part.get("properties", {})}.items()
        # Conditions look at members without describing them.
        if not value.keys() & {"title", "description"} and part.keys() != {"required", "properties"}
    ]

    assert mute == []


def test_the_catalog_lists_every_document_schema_once() -> None:
    entries = catalog.entries()

    assert sorted(entry.file for entry in entries) == [f for f in FILES if f != tree.CLASSES]
    assert all(entry.file == f"{entry.id}.json" and entry.section for entry in entries)
    chosen = Counter((entry.ruleset, name) for entry in entries for name in entry.types)
    assert set(chosen.values()) == {1}


def test_no_class_asks_for_a_member_twice() -> None:
    definitions = catalog.schema(tree.CLASSES)["$defs"]
    for name, definition in definitions.items():
        wanted = Counter(required(definition, definitions))
        assert set(wanted.values()) <= {1}, name


def required(schema: Json, definitions: Json) -> Iterator[str]:
    yield from schema.get("required", ())
    for base in [schema, *schema.get("allOf", ())]:
        if base is not schema:
            yield from base.get("required", ())
        if "$ref" in base:
            yield from required(definitions[base["$ref"].rpartition("/")[2]], definitions)


# --- complete -----------------------------------------------------------------------------------


def test_the_complete_record_has_every_member_of_every_class_and_is_valid() -> None:
    grown = tree.grow(COMPLETE, "ClrCredential")
    classes = catalog.schema(tree.CLASSES)["$defs"]
    for name in (n for n, d in classes.items() if d.get("type") == "object"):
        seen = {member for node in grown.of(name) for member in node.value}
        if name != "GetClrCredentialsResponse":
            assert seen == set(tree.members(name)), name
    assert findings(CLR, COMPLETE) == []


@needs_reference
@pytest.mark.parametrize("name", ["clrcredential", "achievementcredential", "profile"])
def test_every_published_class_has_all_its_members_here(name: str) -> None:
    file = Path(REFERENCE, "schemas", f"clr_v2p0_{name}_schema.json")
    published = orjson.loads(file.read_bytes())
    helpers = {"ProfileRef", "Context"}
    for cls, definition in published["$defs"].items():
        if cls not in helpers:
            assert set(definition["properties"]) <= set(tree.members(cls)), cls
            assert set(definition.get("required", ())) <= wanted_of(cls), cls


def wanted_of(cls: str) -> set[str]:
    definitions = catalog.schema(tree.CLASSES)["$defs"]
    return set(required(definitions[cls], definitions))


@needs_reference
def test_the_vocabularies_are_the_published_ones() -> None:
    files = Path(REFERENCE, "schemas").glob("clr_*.json")
    published = {words for file in files for words in vocabularies(orjson.loads(file.read_bytes()))}
    ours = {words for file in FILES for words in vocabularies(catalog.schema(file))}

    assert {words for words in ours if len(words) > 2} == published


def vocabularies(schema: Json) -> set[frozenset[str]]:
    return {frozenset(part["enum"]) for part in subschemas(schema) if len(part.get("enum", ())) > 2}


# --- one mistake, one finding, at its place -----------------------------------------------------


@pytest.mark.parametrize("wrong", [None, 7, True, "plain words", [], ["plain words"]], ids=repr)
def test_a_wrong_value_anywhere_is_told_at_most_once_and_in_its_place(wrong: Json) -> None:
    validator = catalog.fast_validator(CLR)
    for path in walk(COMPLETE):
        if not path:
            continue
        told = [tuple(e.instance_path) for e in validator.iter_errors(changed(COMPLETE, path, wrong))]
        assert len(told) <= 1, (path, told)
        assert all(place[: len(path)] == path for place in told), (path, told)


def test_null_is_refused_in_every_member_that_a_class_describes() -> None:
    validator = catalog.fast_validator(CLR)
    allowed = [p for p in walk(COMPLETE) if p and validator.is_valid(changed(COMPLETE, p, None))]

    assert allowed == [("@context", 3, "note")]


def test_a_missing_value_anywhere_is_told_at_most_once() -> None:
    validator = catalog.fast_validator(CLR)
    for path in walk(COMPLETE):
        if path:
            told = list(validator.iter_errors(without(COMPLETE, *path)))
            assert len(told) <= 1, (path, [error.message for error in told])


def test_a_repeated_or_misplaced_item_anywhere_is_told_at_most_once() -> None:
    validator = catalog.fast_validator(CLR)
    for path in walk(COMPLETE):
        if path and isinstance(path[-1], int):
            repeated, swapped = copy.deepcopy(COMPLETE), copy.deepcopy(COMPLETE)
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
ACHIEVEMENT = next(
    node.path
    for node in tree.grow(COMPLETE, "ClrCredential").of("Achievement")
    if "achievementType" in node.value
)
ISSUER = next(
    node.path
    for node in tree.grow(COMPLETE, "ClrCredential").of("Profile")
    if "address" in node.value
)
VC = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CLR_CONTEXT = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"

# path of the value, the value put there, path of the finding below it, code of the finding
MISTAKES: list[tuple[Path_, Json, Path_, str]] = [
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
    ((*OTHER, "type"), "Diploma", (), "type/class"),
    ((*OTHER, "type"), {"en": "VerifiableCredential"}, (), "serialization/array"),
    ((*ACHIEVEMENT, "type"), "Course", (), "type/class"),
    ((*ACHIEVEMENT, "type"), ["Course"], (), "type/class"),
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
def test_a_mistake_is_named_and_placed(path: Path_, value: Json, below: Path_, code: str) -> None:
    expected = [(pointer((*path, *below)), code)]

    assert findings(CLR, changed(COMPLETE, path, value)) == expected


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
        ((*ACHIEVEMENT, "type"), "Achievement"),
        ((*ACHIEVEMENT, "achievementType"), "ext:Evening-Course_1.0"),
        ((*ACHIEVEMENT, "note"), None),
        ((*ISSUER, "type"), "Profile"),
        ((*ISSUER, "image", "id"), "data:image/png;base64,iVBORw0KGgo="),
    ],
    ids=lambda value: pointer(value) if isinstance(value, tuple) else "",
)
def test_what_strict_serialization_permits_is_accepted(path: Path_, value: Json) -> None:
    assert findings(CLR, changed(COMPLETE, path, value)) == []


COMPACTED = ["Achievement", "AchievementSubject", "Address", "Alignment", "EndorsementSubject"]
COMPACTED += ["Evidence", "Profile", "Related", "Result", "ResultDescription"]


@pytest.mark.parametrize("cls", [*COMPACTED, "RubricCriterionLevel"])
def test_the_type_of_these_classes_may_be_one_name(cls: str) -> None:
    """CLR 2.0, strict serialization: the properties that may be compacted."""
    nodes = tree.grow(COMPLETE, "ClrCredential").of(cls)
    path = (*next(nodes).path, "type")

    assert findings(CLR, changed(COMPLETE, path, cls)) == []
    assert findings(CLR, changed(COMPLETE, path, "Other")) == [(pointer(path), "type/class")]


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
        bare = changed(bare, (*BADGE, "@context"), COMPLETE["@context"] if cls == "ClrCredential" else [VC, OB])
        told = catalog.explaining_validator(CLR).iter_errors(bare)
        assert sorted(e.message.split("'")[1] for e in told) == missing, cls


# --- answers of servers -------------------------------------------------------------------------

STATUS = {
    "imsx_codeMajor": "failure",
    "imsx_severity": "error",
    "imsx_description": "no such record",
    "imsx_codeMinor": {
        "imsx_codeMinorField": [
            {
                "imsx_codeMinorFieldName": "TargetEndSystem",
                "imsx_codeMinorFieldValue": "not_found",
            }
        ]
    },
}


@pytest.mark.parametrize(
    ("file", "document", "expected"),
    [
        ("imsx_statusinfo", STATUS, []),
        ("imsx_statusinfo", STATUS | {"extra": 1}, [("", "schema/additionalProperties")]),
        ("imsx_statusinfo", STATUS | {"imsx_severity": "bad"}, [("/imsx_severity", "schema/enum")]),
        ("imsx_statusinfo", STATUS | {"imsx_codeMinor": {}}, [("/imsx_codeMinor", "schema/required")]),
        ("getclrcredentialsresponse", {}, []),
        ("getclrcredentialsresponse", {"credential": [COMPLETE], "compactJwsString": []}, []),
        ("getclrcredentialsresponse", {"credential": COMPLETE},
         [("/credential", "serialization/array")]),
        ("getclrcredentialsresponse", {"compactJwsStrings": []}, [("", "schema/additionalProperties")]),
    ],
)  # fmt: skip
def test_answers_of_servers(file: str, document: Json, expected: list[tuple[str, str]]) -> None:
    found = findings(f"clr/{file}.json", document)

    assert [(place.rpartition("/extra")[0] or place.removesuffix("/compactJwsStrings"), code) for place, code in found] == expected


# --- what the TimeBack endpoint takes -----------------------------------------------------------

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


def objects(document: Json) -> Iterator[tuple[Path_, str]]:
    """Yield the place and the class of every object of a body for the endpoint."""
    waiting: list[tuple[Path_, str]] = [((), "ClrCredential")]
    while waiting:
        path, cls = waiting.pop()
        yield path, cls
        for member, target in tree.members(cls, TIMEBACK).items():
            held = at(document, path).get(member)
            if target and isinstance(held, list):
                waiting += [((*path, member, index), target) for index in range(len(held))]
            elif target and held is not None:
                waiting.append(((*path, member), target))


def test_the_endpoint_lists_exactly_the_members_of_its_page() -> None:
    for cls, (wanted, optional) in LISTED.items():
        assert set(tree.members(cls, TIMEBACK)) == {*wanted.split(), *optional.split()}, cls
    assert {cls for _, cls in objects(BODY)} == set(LISTED)


def test_the_endpoint_takes_a_body_with_and_without_each_optional_member() -> None:
    """Every subset of one object's optional members, the other objects whole; then all bare."""
    validator = catalog.fast_validator(TIMEBACK)
    bare = copy.deepcopy(BODY)
    for path, cls in objects(BODY):
        optional = LISTED[cls][1].split()
        for size in range(len(optional) + 1):
            for left_out in itertools.combinations(optional, size):
                body = copy.deepcopy(BODY)
                for member in left_out:
                    del at(body, path)[member]
                assert validator.is_valid(body), (path, left_out)
    for path, cls in reversed(list(objects(BODY))):
        for member in LISTED[cls][1].split():
            del at(bare, path)[member]
    assert validator.is_valid(bare)


def test_the_endpoint_misses_each_required_member_once() -> None:
    for path, cls in objects(BODY):
        for member in LISTED[cls][0].split():
            found = findings(TIMEBACK, without(BODY, *path, member))
            assert [place for place, _ in found] == [pointer(path)], (path, member)


def test_the_endpoint_takes_members_that_it_does_not_list() -> None:
    validator = catalog.fast_validator(TIMEBACK)

    for path, _ in objects(BODY):
        assert validator.is_valid(changed(BODY, (*path, "note"), {"any": "thing"})), path


NESTED = (*SUBJECT, "verifiableCredential", 0)


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
        (("proof", 0), {"type": "X", **{k: v for k, v in PROOF.items() if k not in ("type", "created")}},
         (), "proof/complete"),
        (("credentialSchema",), BODY["credentialSchema"][0], (), "serialization/array"),
        ((*SUBJECT, "verifiableCredential"), [], (), "schema/minItems"),
        ((*SUBJECT, "association", 0, "associationType"), "Association", (), "schema/enum"),
        ((*SUBJECT, "achievement", 0, "achievementType"), "Kurs", (), "schema/enum"),
        ((*SUBJECT, "achievement", 0, "name"), {"en": "Biology"}, (), "serialization/text"),
        ((*NESTED, "issuer"), "https://school.example/", (), "serialization/object"),
        ((*NESTED, "id"), "badge-1", (), "id/uri"),
    ],
)  # fmt: skip
def test_the_endpoint_refuses(path: Path_, value: Json, below: Path_, code: str) -> None:
    expected = [(pointer((*path, *below)), code)]

    assert findings(TIMEBACK, changed(BODY, path, value)) == expected


def test_the_endpoint_wants_an_id_in_each_nested_credential() -> None:
    assert findings(TIMEBACK, without(BODY, *NESTED, "id")) == [(pointer(NESTED), "id/missing")]
