"""The bundled schemas: sound in themselves, and with every class of the standard."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest

from clrctl.finding import Json
from clrctl.standard import classes as tree
from clrctl.standard import schemas
from tests.explained import CLR, COMPLETE, found
from tests.mutations import at

SCHEMAS = Path(__file__).parents[2] / "schemas"
FILES = sorted(path.relative_to(SCHEMAS).as_posix() for path in SCHEMAS.glob("*/*.json"))
REFERENCE = os.environ.get("CLRCTL_REFERENCE", "")
needs_reference = pytest.mark.skipif(
    not REFERENCE, reason="CLRCTL_REFERENCE names no folder with the published schemas"
)


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


EVERY_SUBSCHEMA = [(file, part) for file in FILES for part in subschemas(schemas.schema(file))]


@pytest.mark.parametrize("file", FILES)
def test_a_schema_obeys_json_schema_2020_12_and_stands_under_its_own_address(file: str) -> None:
    schema = schemas.schema(file)

    jsonschema_rs.meta.validate(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"https://schemas.clrctl.invalid/{file}"


@pytest.mark.parametrize("file", FILES)
def test_every_reference_leads_to_a_bundled_definition(file: str) -> None:
    for part in subschemas(schemas.schema(file)):
        place, _, fragment = part.get("$ref", "#").partition("#")
        target = (SCHEMAS / file).parent.joinpath(place).resolve().relative_to(SCHEMAS.resolve())
        steps = [step for step in fragment.split("/") if step]
        assert at(schemas.schema(target.as_posix() if place else file), tuple(steps))


def test_no_schema_offers_alternatives_that_could_all_fail_at_once() -> None:
    used = {keyword for _, part in EVERY_SUBSCHEMA for keyword in part}

    assert used.isdisjoint({"oneOf", "anyOf", "not", "dependentSchemas", "unevaluatedProperties"})


def test_only_formats_that_are_judged_are_used() -> None:
    formats = {part["format"] for _, part in EVERY_SUBSCHEMA if "format" in part}

    assert formats == {"uri", "date-time", "date", "idn-email"}


def test_every_rule_named_is_described_and_every_rule_described_is_named() -> None:
    named = {code for _, part in EVERY_SUBSCHEMA for code in part.get("x-rule", {}).values()}

    assert named == set(schemas.schema_rules())
    assert all(
        rule["title"] and rule["why"] and rule["source"] for rule in schemas.schema_rules().values()
    )


def test_a_rule_stands_beside_the_keyword_that_it_names() -> None:
    astray = [
        (file, part)
        for file, part in EVERY_SUBSCHEMA
        if not set(part.get("x-rule", {})) <= set(part)
        or ("x-pattern" in part) > ("pattern" in part)
    ]

    assert astray == []


def test_every_class_and_every_set_names_the_rule_that_a_wrong_kind_breaks() -> None:
    """A map of languages or a lone value passes the published schemas, not these."""
    nameless = [
        part
        for file, part in EVERY_SUBSCHEMA
        if part.keys() & {"items", "properties"} and part.get("type") in ("array", "object")
        if "type" not in part.get("x-rule", {})
        and file.startswith(("clr/", "timeback/"))
        and "imsx" not in file
    ]

    assert nameless == []


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
    entries = schemas.entries()

    assert sorted(entry.file for entry in entries) == [f for f in FILES if f != tree.CLASSES]
    assert all(entry.file == f"{entry.id}.json" and entry.section for entry in entries)
    chosen = Counter((entry.ruleset, name) for entry in entries for name in entry.types)
    assert set(chosen.values()) == {1}


def test_no_class_asks_for_a_member_twice() -> None:
    definitions = schemas.schema(tree.CLASSES)["$defs"]
    for name, definition in definitions.items():
        wanted = Counter(required(definition, definitions))
        assert set(wanted.values()) <= {1}, name


def required(schema: Json, definitions: Json) -> Iterator[str]:
    """Yield what a class requires, and what the classes it builds on require."""
    yield from schema.get("required", ())
    for part in schema.get("allOf", ()):
        yield from required(part, definitions)
    if "$ref" in schema:
        yield from required(definitions[schema["$ref"].rpartition("/")[2]], definitions)


def test_the_complete_record_has_every_member_of_every_class_and_is_valid() -> None:
    grown = tree.grow(COMPLETE, "ClrCredential")
    classes = schemas.schema(tree.CLASSES)["$defs"]
    for name in (n for n, d in classes.items() if d.get("type") == "object"):
        seen = {member for node in grown.of(name) for member in node.value}
        if name != "GetClrCredentialsResponse":
            assert seen == set(tree.members(name)), name
    assert found(CLR, COMPLETE) == []


@needs_reference
@pytest.mark.parametrize(
    "cls",
    ["ClrCredential", "AchievementCredential", "Profile", "EndorsementCredential"],
)
def test_every_published_class_has_all_its_members_here(cls: str) -> None:
    file = Path(REFERENCE, "schemas", f"clr_v2p0_{cls.lower()}_schema.json")
    published = orjson.loads(file.read_bytes())
    helpers = {"ProfileRef", "Context"}
    for name, definition in {**published["$defs"], cls: published}.items():
        if name not in helpers:
            assert set(definition["properties"]) <= set(tree.members(name)), name
            assert set(definition.get("required", ())) <= wanted_of(name), name


def wanted_of(cls: str) -> set[str]:
    definitions = schemas.schema(tree.CLASSES)["$defs"]
    return set(required(definitions[cls], definitions))


@needs_reference
def test_the_vocabularies_are_the_published_ones() -> None:
    files = Path(REFERENCE, "schemas").glob("clr_*.json")
    published = {words for file in files for words in vocabularies(orjson.loads(file.read_bytes()))}
    of_the_standard = [file for file in FILES if not file.startswith("build/")]
    ours = {words for file in of_the_standard for words in vocabularies(schemas.schema(file))}

    assert {words for words in ours if len(words) > 2} == published


def vocabularies(schema: Json) -> set[frozenset[str]]:
    return {frozenset(part["enum"]) for part in subschemas(schema) if len(part.get("enum", ())) > 2}
