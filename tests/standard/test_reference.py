"""The page of a schema: every key is on it, once, with what it says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clrctl.building.tables.fields import FIELDS
from clrctl.finding import Json
from clrctl.standard import reference, schemas

ENTRIES = {entry.id: entry for entry in schemas.entries()}


def properties(schema: Json) -> Iterator[str]:
    """Yield the names of all properties in a schema."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from properties(value)


def test_every_key_of_a_mapping_is_on_its_page() -> None:
    page = reference.markdown(ENTRIES["build/mapping"])
    last = {key.path.rpartition(".")[2] for key in reference.keys(ENTRIES["build/mapping"])}

    assert set(properties(schemas.schema("build/mapping.json"))) <= last
    for table, fields in FIELDS.items():
        for field in fields:
            assert f"| `{table}.columns.{field.name}` | " in page
    assert "| `awards.duplicates` | Whether a row that is there twice" in page
    assert "One of `refuse`, `drop-identical`. |" in page
    assert "| `issuer.id` | **Needed.** " in page
    assert "| `scales.NAME.values` | " in page
    assert "| `awards.FIELD_values` | " in page


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=list(ENTRIES))
def test_every_schema_has_a_page_on_which_every_key_says_something(
    entry: schemas.SchemaEntry,
) -> None:
    keys = list(reference.keys(entry))
    paths = [key.path for key in keys]

    assert keys
    assert len(set(paths)) == len(paths)
    assert [key.path for key in keys if not key.says] == []
