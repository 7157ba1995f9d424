"""`clrctl context`: which contexts are built in, and whether a file means what one of them does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clrctl.proof.jsonld import facts
from tests.conftest import Run

EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"


def test_the_list_has_every_edition_with_its_digest(clrctl: Run) -> None:
    rows = [line.split("\t") for line in clrctl("context", "list").out.splitlines()]
    whole = clrctl("context", "list", "--json").json

    assert (whole["format"], whole["ok"]) == ("clrctl.contexts/1", True)
    assert [digest for _, digest in rows] == [row["digest"][:12] for row in whole["contexts"]]
    assert [name for name, _ in rows if facts.OB_303 in name] == [
        f"{facts.OB_303} (newer edition)",
        f"{facts.OB_303} (older edition)",
    ]


@pytest.mark.parametrize("edition", facts.editions(), ids=lambda e: f"{e.url}-{e.variant}")
def test_what_is_shown_compares_as_the_same(clrctl: Run, edition: facts.Edition) -> None:
    older = ["--older"] if edition.variant == "older" else []
    shown = clrctl("context", "show", edition.url, *older)
    result = clrctl("context", "compare", "-", stdin=shown.out.encode())

    assert (result.code, result.out) == (0, f"-: means the same as {edition.name}\n")


def test_a_name_that_is_nearly_right_is_put_right(clrctl: Run) -> None:
    result = clrctl("context", "show", "https://www.w3.org/ns/credential/v2")
    assert (result.code, result.out) == (2, "")
    assert "did you mean https://www.w3.org/ns/credentials/v2?" in result.err
    result = clrctl("context", "show", EXTENSIONS, "--older")
    assert result.code == 2
    assert "there is no older edition of" in result.err


def saved(tmp_path: Path, document: Any) -> Path:
    file = tmp_path / "context.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_differences_are_told(clrctl: Run, tmp_path: Path) -> None:
    document = json.loads(clrctl("context", "show", EXTENSIONS).out)
    terms = document["@context"]
    terms["Ash"] = "urn:example:Ash"
    terms["1EdTechRevocationList"] = "urn:example:other"
    del terms["1EdTechCredentialRefresh"]
    file = saved(tmp_path, document)
    result = clrctl("context", "compare", file)

    assert result.code == 1
    assert result.out.splitlines() == [
        f"{file}: nearest is {EXTENSIONS}, but",
        "  1EdTechCredentialRefresh is missing",
        "  1EdTechRevocationList is changed",
        "  Ash is added",
    ]
    (row,) = clrctl("context", "compare", file, "--json").json["contexts"]
    assert row["nearest"] == {"url": EXTENSIONS, "edition": "newer"}
    assert row["differences"][2] == {"term": "Ash", "is": "added"}


def test_a_change_inside_a_type_or_of_protection_is_a_difference(
    clrctl: Run, tmp_path: Path
) -> None:
    for change in ({"@protected": False}, {"phone": "urn:example:phone"}, {"email": None}):
        document = json.loads(clrctl("context", "show", facts.OB_303).out)
        document["@context"]["Profile"]["@context"].update(change)
        result = clrctl("context", "compare", saved(tmp_path, document))
        assert result.code == 1, change
        assert "  Profile/" in result.out


def test_long_differences_are_cut_short(clrctl: Run, tmp_path: Path) -> None:
    terms = {f"term{number:02}": f"urn:example:{number}" for number in range(30)}
    document = {"@context": {"1EdTechRevocationList": "urn:example:list", **terms}}
    lines = clrctl("context", "compare", saved(tmp_path, document)).out.splitlines()
    assert len(lines) == 22
    assert lines[-1] == "  and 15 more; --json has all"


def test_a_context_of_ones_own_is_like_none(clrctl: Run, tmp_path: Path) -> None:
    terms = {"id": "@id", "house": "urn:example:house"}
    file = saved(tmp_path, {"@context": [terms, None, "https://www.w3.org/ns/did/v1", terms]})
    result = clrctl("context", "compare", file)
    assert (result.code, result.out) == (1, f"{file}: like none that is built in\n")
    (row,) = clrctl("context", "compare", file, "--json").json["contexts"]
    assert row == {"file": str(file), "same": False, "nearest": None}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"context": {}}', 'it needs a member "@context"'),
        ('{"@context": {"a": "b"}}', "not an absolute IRI"),
        ('{"@context": "https://school.example/"}', "nothing is fetched"),
        ("{", "cannot be read"),
    ],
)
def test_what_is_no_context_is_told(clrctl: Run, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "context.json"
    file.write_text(text, encoding="utf-8")
    result = clrctl("context", "compare", file)
    assert (result.code, result.out) == (3, "")
    assert said in result.err
    assert clrctl("context", "compare", tmp_path / "nothing.json").code == 3
