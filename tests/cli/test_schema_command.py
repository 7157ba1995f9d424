"""`clrctl schema`: the exported schemas stand alone, and judge as the bundled ones do."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from clrctl.document.parsing import parse
from clrctl.finding import Json
from clrctl.standard import export, schemas
from clrctl.standard.schemas import SchemaEntry
from tests.explained import COMPLETE
from tests.mutations import mutants

SAMPLES = Path(__file__).parents[2] / "samples"
READ = [(path.name, parse(path.read_bytes())) for path in sorted(SAMPLES.rglob("*.*"))]
DOCUMENTS = [
    pytest.param(read.data, id=name)
    for name, read in READ
    if name.endswith((".json", ".yaml")) and not read.faults
]
ENTRIES = {entry.id: entry for entry in schemas.entries()}
EACH = pytest.mark.parametrize("entry", ENTRIES.values(), ids=list(ENTRIES))

Run = Callable[..., Any]


def test_a_schema_is_shown_as_a_page_of_its_keys(clrctl: Run) -> None:
    done = clrctl("schema", "show", "build/mapping", "--format", "markdown")

    assert done.code == 0
    assert done.out.startswith("# Mapping of a school's tables\n")
    assert "| `awards.columns.learner` | Key of the learner. |" in done.out


@functools.cache
def alone(name: str) -> Any:
    """Return the fast validator of an exported schema, without any registry."""
    bundled = export.bundle(ENTRIES[name])
    return jsonschema_rs.validator_for(
        bundled, validate_formats=True, ignore_unknown_formats=False, offline=True
    )


@functools.cache
def slowly(name: str) -> Any:
    checker = schemas.explaining_validator(ENTRIES[name].file).format_checker
    return jsonschema.Draft202012Validator(export.bundle(ENTRIES[name]), format_checker=checker)


def parts(schema: Json) -> Iterator[dict[str, Any]]:
    """Yield every object in a schema."""
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from parts(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from parts(value)


@EACH
def test_an_exported_schema_stands_alone_under_an_id_of_its_own(entry: SchemaEntry) -> None:
    schema = export.bundle(entry)

    jsonschema_rs.meta.validate(schema)
    assert schema["$id"] == f"https://schemas.clrctl.invalid/alone/{entry.file}"
    assert schema["title"] and schema["description"]
    references = {part["$ref"] for part in parts(schema) if isinstance(part.get("$ref"), str)}
    assert references == {f"#/$defs/{name}" for name in schema["$defs"]}


@EACH
def test_it_is_written_for_editors(entry: SchemaEntry) -> None:
    """Beside references stand annotations only, and a member's own are not hidden by its class."""
    schema = export.bundle(entry)
    for definition in schema["$defs"].values():
        assert not {"title", "description", "examples"} & definition.keys()
    for part in parts(schema):
        assert not {"x-rule", "x-pattern"} & part.keys()
        if isinstance(part.get("$ref"), str):
            allowed = {"$ref", "$schema", "$id", "$defs", "title", "description", "examples"}
            assert set(part) <= allowed
        for member in (part.get("properties") or {}).values():
            assert member.keys() & {"title", "description"} or member.keys() <= {
                "type", "if", "then", "else", "const", "enum", "contains",
            }  # fmt: skip


@pytest.mark.parametrize("data", DOCUMENTS)
def test_it_judges_the_samples_as_the_bundled_one_does(data: Json) -> None:
    for entry in ENTRIES.values():
        expected = schemas.fast_validator(entry.file).is_valid(data)
        assert alone(entry.id).is_valid(data) is expected
        assert slowly(entry.id).is_valid(data) is expected


def test_it_judges_mutants_as_the_bundled_one_does() -> None:
    bundled = schemas.fast_validator(ENTRIES["clr/clrcredential"].file)
    verdicts = set()
    for number, (done, mutant) in enumerate(mutants(COMPLETE, 3000, seed=2)):
        expected = bundled.is_valid(mutant)
        verdicts.add(expected)
        assert alone("clr/clrcredential").is_valid(mutant) is expected, done
        if number % 100 == 0:
            assert slowly("clr/clrcredential").is_valid(mutant) is expected, done
    assert verdicts == {True, False}


VOCABULARY = [
    ("emailAddress", True), ("ext:badgeNumber", True), ("email", False), ("ext:", False),
    ("", False), ("ext:a b", False), ("note ext:a", False), (7, False), (None, False), ([], False),
]  # fmt: skip


@pytest.mark.parametrize(("value", "good"), VOCABULARY)
def test_a_vocabulary_that_can_be_extended_is_judged_alike(value: Json, good: bool) -> None:
    identifier = {"type": "IdentifierEntry", "identifier": "x", "identifierType": value}
    data = {"id": "urn:x:1", "type": ["Profile"], "otherIdentifier": [identifier]}
    entry = ENTRIES["clr/profile"]
    assert schemas.fast_validator(entry.file).is_valid(data) is good
    assert alone(entry.id).is_valid(data) is good
    assert slowly(entry.id).is_valid(data) is good


def test_the_list_has_every_schema(clrctl: Run) -> None:
    rows = [line.split("\t") for line in clrctl("schema", "list").out.splitlines()]
    told = clrctl("schema", "list", "--json").json

    assert [row[0] for row in rows] == list(ENTRIES)
    assert rows[0] == ["clr/clrcredential", "Learner record", "standard", "ClrCredential"]
    assert (told["format"], told["ok"]) == ("clrctl.report/1", True)
    assert [(row["id"], tuple(row["types"])) for row in told["schemas"]] == [
        (entry.id, entry.types) for entry in ENTRIES.values()
    ]


@EACH
def test_one_is_shown_as_it_is_exported(clrctl: Run, entry: SchemaEntry, tmp_path: Path) -> None:
    result = clrctl("schema", "show", entry.id)

    assert result.json == export.bundle(entry)
    assert clrctl("schema", "export", tmp_path).code == 0
    assert (tmp_path / f"{entry.id}.json").read_text(encoding="utf-8") == result.out


def test_all_are_exported_and_renewed(clrctl: Run, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "schemas"
    first = clrctl("schema", "export", folder)
    paths = [folder / f"{name}.json" for name in ENTRIES]

    assert first.out.splitlines() == [str(path) for path in paths]
    assert sorted(folder.rglob("*.json")) == sorted(paths)
    old = paths[0].read_bytes()
    paths[0].write_bytes(old.replace(b"title", b"tilte"))
    assert clrctl("schema", "export", folder).code == 0
    assert paths[0].read_bytes() == old


def test_a_file_of_someone_else_is_not_overwritten(clrctl: Run, tmp_path: Path) -> None:
    mine = tmp_path / "clr" / "clrcredential.json"
    mine.parent.mkdir()
    mine.write_text("{}")
    result = clrctl("schema", "export", tmp_path)

    assert result.code == 3
    assert "another file in the way" in result.err
    assert mine.read_text() == "{}"


def test_a_folder_that_cannot_be_made_is_an_input_error(clrctl: Run, tmp_path: Path) -> None:
    (tmp_path / "clr").write_text("a file")
    result = clrctl("schema", "export", tmp_path)
    assert result.code == 3
    assert "cannot write the schema" in result.err


def test_a_misspelt_id_is_put_right(clrctl: Run) -> None:
    result = clrctl("schema", "show", "clr/profil")
    assert (result.code, result.out) == (2, "")
    assert "did you mean clr/profile?" in result.err
    assert "clr/endorsementcredential" in clrctl("schema", "show", "x").err


@pytest.mark.parametrize("name", ["list", "show", "export"])
def test_every_subcommand_explains_itself(clrctl: Run, name: str) -> None:
    result = clrctl("schema", name, "-h")
    assert result.code == 0
    assert f"\n    clrctl schema {name}" in result.out.partition("Examples:")[2]


def test_no_subcommand_shows_the_help(clrctl: Run) -> None:
    result = clrctl("schema")
    assert result.code == 2
    assert "Usage: clrctl schema" in result.out + result.err
