"""The schema of recipes says what the reader reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clrctl.building.problems import Refused
from clrctl.building.recipe import load
from clrctl.building.recipe.reader import Mapping
from clrctl.checking import validation
from clrctl.document.parsing import parse
from clrctl.standard import schemas

CASES = Path(__file__).parents[1] / "data" / "cases" / "build"
SCHEMA = "build/recipe.json"
# Said in other cases: they would make this record another one.
ELSEWHERE = {"frameworks", "did", "include", "learner", "award", "record"}
# Under these stand keys of the author's own.
OPEN = ("scales", "achievements", "results", "marks")


def said(data: Any) -> set[str]:
    """Return every key that stands anywhere in a recipe."""
    if isinstance(data, dict):
        return set(data) | {key for value in data.values() for key in said(value)}
    return {key for item in data for key in said(item)} if isinstance(data, list) else set()


def known() -> set[str]:
    """Return every key that the schema knows."""
    schema = schemas.schema(SCHEMA)
    parts = [schema, *schema["$defs"].values()]
    return {key for part in parts for key in part.get("properties", {})}


def as_data(path: Path) -> Any:
    # Scalars are typed here, as an editor types them; dates are texts in both.
    document = parse(path.read_bytes(), syntax="yaml")
    assert document.faults == (), document.faults
    return document.data


@pytest.mark.parametrize(
    "path",
    [CASES / "transcript.yaml", CASES.parents[3] / "samples" / "recipe.yaml"],
    ids=lambda path: path.name,
)
def test_a_good_recipe_fits_the_schema(path: Path) -> None:
    assert validation.schema_findings(as_data(path), SCHEMA) == []


def test_every_key_that_is_read_is_in_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: set[str] = set()
    get = Mapping._get

    def noted(self: Mapping, key: str, *, needed: bool = False) -> Any:
        if self.path.rpartition(".")[2] not in OPEN:
            asked.add(key)
        return get(self, key, needed=needed)

    monkeypatch.setattr(Mapping, "_get", noted)
    load.load(str(CASES / "transcript.yaml"))
    assert len(asked) > 60
    assert asked - known() == set()


def test_every_key_of_the_schema_is_read_in_the_recipe_that_says_everything() -> None:
    assert known() - said(as_data(CASES / "transcript.yaml")) <= ELSEWHERE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("timezone:", "timezoen:"),
        ("type: Course", "type: Curse"),
        ("as_of: 2026-06-01", "as_of: 06/01/2026"),
        ("partial: true", "partial: maybe"),
        ("values: [F, D, C, B, A]", "values: {F: 1}"),
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(old: str, new: str) -> None:
    text = (CASES / "transcript.yaml").read_text(encoding="utf-8")
    assert old in text
    broken = text.replace(old, new, 1).encode()
    with pytest.raises(Refused):
        load.load(str(CASES / "transcript.yaml"), broken)
    assert validation.schema_findings(parse(broken, syntax="yaml").data, SCHEMA) != []
