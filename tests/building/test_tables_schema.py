"""The schema of mappings says what the reader reads, so that editors complete it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clrctl.building.problems import Refused
from clrctl.building.tables import mapping_file
from clrctl.building.tables.csv_grid import DELIMITERS, ENCODINGS
from clrctl.building.tables.fields import FIELDS
from clrctl.checking import validation
from clrctl.document.parsing import parse
from clrctl.standard import schemas
from tests.schooling import ROOT, SAMPLE

SCHEMA = "build/mapping.json"
STARTER = ROOT / "clrctl" / "building" / "starters" / "tables"


def as_data(raw: bytes) -> Any:
    document = parse(raw, syntax="yaml")
    assert document.faults == (), document.faults
    return document.data


@pytest.mark.parametrize("folder", [SAMPLE, STARTER], ids=["sample", "starter"])
def test_a_good_mapping_fits_the_schema(folder: Path) -> None:
    raw = (folder / "mapping.yaml").read_bytes()

    assert validation.schema_findings(as_data(raw), SCHEMA) == []


def test_the_worked_example_fits_the_schema(reference: Path) -> None:
    raw = (reference / "build-examples" / "b-tables" / "mapping.yaml").read_bytes()

    assert validation.schema_findings(as_data(raw), SCHEMA) == []


@pytest.mark.parametrize("table", FIELDS)
def test_the_schema_knows_the_fields_that_are_read(table: str) -> None:
    schema = schemas.schema(SCHEMA)
    known = schema["$defs"][f"{table.capitalize()}Fields"]["properties"]

    assert list(known) == [field.name for field in FIELDS[table]]  # type: ignore[index]


def test_the_schema_knows_the_forms_of_files_that_are_read() -> None:
    table = schemas.schema(SCHEMA)["$defs"]["Awards"]["properties"]

    assert set(table["delimiter"]["enum"]) == {*DELIMITERS, "\\t"}
    assert set(table["encoding"]["enum"]) == set(ENCODINGS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("timezone:", "timezoen:"),
        ("tables: 1", "tables: 2"),
        ("as_of: 2026-06-08", "as_of: 06/08/2026"),
        ("    key: STUDENT_ID", "    kee: STUDENT_ID"),
        ("type_values:", "typ_values:"),
        ("status_values: {P: Completed", "status_values: {P: [Completed]"),
        ("  skip: {POSTED: [", "  skipp: {POSTED: ["),
        ("learners:\n", "learners:\n  encoding: utf8\n"),
        ("learners:\n", "decimal: x\nlearners:\n"),
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(old: str, new: str) -> None:
    text = (SAMPLE / "mapping.yaml").read_text(encoding="utf-8")
    assert old in text
    broken = text.replace(old, new, 1).encode()

    with pytest.raises(Refused):
        mapping_file.load("mapping.yaml", broken)
    assert validation.schema_findings(as_data(broken), SCHEMA) != []
