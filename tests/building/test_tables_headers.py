"""What columns are taken for, by their headers and by what stands below them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml

from clrctl.building.identities import personal
from clrctl.building.tables import guessing, headers, looking
from clrctl.building.tables.fields import FIELDS

CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "data" / "building" / "headers.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_columns_are_known(case: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(case["table"][0]))
        writer.writeheader()
        writer.writerows(case["table"])

    (sketch,) = looking.look([str(file)])

    assert sketch.table == "awards"
    assert sketch.columns == case["fields"]
    assert sketch.results == case["results"]


def test_the_vocabulary_speaks_of_fields_that_there_are() -> None:
    for table, words in headers.HEADERS.items():
        assert words.keys() <= {field.name for field in FIELDS[table]}


@pytest.mark.parametrize("table", headers.HEADERS)
def test_every_header_of_the_vocabulary_is_known_by_itself(table: str) -> None:
    for field, phrases in headers.HEADERS[table].items():  # type: ignore[index]
        for phrase in phrases.split(","):
            assert guessing.named([phrase.strip()], phrases), (field, phrase)


@pytest.mark.parametrize(
    "name",
    [
        *("Geburtsdatum", "Fecha de nacimiento", "Date de naissance", "Né(e) le", "DNI", "Sexo"),
        *("Konfession", "Staatsangehörigkeit", "SPBPERS_BIRTH_DATE", "[Students]DOB", "CURP"),
        *("student.birthdate", "Geschlecht", "Nationalité", "identity.gender"),
    ],
)
def test_personal_columns_are_known_in_other_languages_and_systems(name: str) -> None:
    assert personal(name)


@pytest.mark.parametrize("name", ["Nie bestanden", "Sexualkunde", "Nota", "Nombre", "Session"])
def test_columns_of_use_are_read(name: str) -> None:
    assert not personal(name)
