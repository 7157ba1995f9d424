"""Exports of student systems go from `map` to valid records, with nothing typed but the gaps."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Clrctl = Callable[..., Any]
EXPORTS = Path(__file__).parents[1] / "data" / "building" / "exports"
CASES = yaml.safe_load((EXPORTS / "cases.yaml").read_text(encoding="utf-8"))
SAID = (
    *("--issuer-id", "https://oakmere.example/issuer", "--issuer-name", "Oakmere"),
    *("--timezone", "America/Denver", "--as-of", "2026-06-12"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_an_export_becomes_valid_records(
    case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clrctl: Clrctl
) -> None:
    shutil.copytree(EXPORTS / case["name"], tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    files = sorted(path.name for path in tmp_path.iterdir())

    done = clrctl("map", *files, *case.get("options", ()), *SAID, "-o", "mapping.yaml")

    assert done.code == 0, done.err
    mapping = Path("mapping.yaml").read_text(encoding="utf-8")
    for gap, filled in case.get("fill", {}).items():
        assert gap in mapping
        mapping = mapping.replace(gap, filled)
    assert "CHANGE-ME" not in mapping.partition("\n")[2]
    Path("mapping.yaml").write_text(mapping, encoding="utf-8")
    clrctl("new", "secret")
    built = clrctl("build", "mapping.yaml", "-o", "records", "--secret-file", "id-secret")
    assert built.code == 0, built.err
    for words in case.get("says", ()):
        assert words in built.err
    assert clrctl("validate", "records").code == 0
    records = {path.name.removesuffix(".clr.json"): path for path in Path("records").glob("*.json")}
    assert sorted(records) == sorted(case["shows"])
    for learner, told in case["shows"].items():
        shown = " ".join(clrctl("show", records[learner]).out.split())
        assert [words for words in told if words not in shown] == [], shown


@pytest.mark.parametrize("case", [case for case in CASES if "options" in case])
def test_what_map_asks_for_is_told_as_a_command(
    case: dict[str, Any], monkeypatch: pytest.MonkeyPatch, clrctl: Clrctl
) -> None:
    monkeypatch.chdir(EXPORTS / case["name"])
    (file,) = (path.name for path in Path().iterdir())

    done = clrctl("map", file)

    assert done.code == 3
    assert f"clrctl map {file} {' '.join(case['options'])}" in done.err
