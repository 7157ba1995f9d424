"""Frameworks of competencies: listing their items, and awarding some of them by a recipe."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clrctl.building.case.competencies import choose
from clrctl.building.case.package import read
from clrctl.building.emitter import EmitOptions, Emitted, emit
from clrctl.building.problems import Refused
from clrctl.building.recipe import load
from clrctl.checking.comparison import compare
from clrctl.checking.validation import check, schema_findings
from clrctl.document.parsing import parse
from clrctl.util.secret import Secret

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "samples" / "case" / "package.json"

Clrctl = Callable[..., Any]
Json = Any

HEAD = """
recipe: 1
timezone: America/Chicago
issuer: {id: "https://cedarhollow.example/issuer", name: Cedar Hollow Microschool}
learner: {key: lo, name: Lo Vane}
record: {key: mastery, name: Mastery, as_of: 2026-06-05, partial: true}
include: [part.yaml]
awards:
"""


def built(folder: Path, *awards: str) -> dict[str, Json]:
    """Build a recipe that includes `part.yaml`, and return its CLR, which has to be valid."""
    source = folder / "recipe.yaml"
    source.write_text(HEAD + "".join(f"  - {award}\n" for award in awards), encoding="utf-8")
    made = emit(load.load(str(source)), EmitOptions(Secret("a secret of some length")))
    assert isinstance(made, Emitted), made
    document = parse(made.text, syntax="json")
    found = check(document, ("standard", "timeback")).findings
    assert [one for one in found if one.severity == "error"] == []
    return document.data


def package(**members: Json) -> dict[str, Json]:
    items = [
        {"identifier": "g1", "uri": "https://f.example/1", "fullStatement": "Counts."},
        {
            "identifier": "g2",
            "uri": "https://f.example/2",
            "humanCodingScheme": "N.2",
            "fullStatement": "Adds up columns of numbers " + "of any length " * 8,
        },
        {
            "identifier": "g3",
            "humanCodingScheme": "N.2",
            "fullStatement": "Subtracts.",
            "alternativeLabel": "Taking away",
        },
    ]
    return {"CFDocument": {"title": "Numbers", "identifier": "d"}, "CFItems": items, **members}


def link(kind: str, origin: str, destination: str) -> dict[str, Json]:
    ends = {"originNodeURI": origin, "destinationNodeURI": destination}
    return {
        "associationType": kind,
        **{name: {"identifier": guid} for name, guid in ends.items()},
    }


def test_the_items_are_listed_in_columns(clrctl: Clrctl) -> None:
    rows = [line.split("\t") for line in clrctl("case", "list", PACKAGE).out.splitlines()]
    assert [row[0] for row in rows] == ["MA.6.RP", "MA.6.RP.1", "MA.6.RP.2", "MA.6.NS.1"]
    assert rows[1][1] == "Standard"
    assert {len(row) for row in rows} == {3}
    told = clrctl("case", "list", PACKAGE, "-v").out.splitlines()
    assert told[1].endswith("\tc2d41f66-7b0a-4a55-9e1c-0f6b8a7d1003")


def test_an_item_is_listed_by_what_names_it(clrctl: Clrctl, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(package()), encoding="utf-8")
    rows = clrctl("case", "list", tmp_path / "p.json").out.splitlines()
    assert [row.partition("\t")[0] for row in rows] == ["g1", "g2", "g3"]


def test_a_search_looks_at_codes_and_statements(clrctl: Clrctl) -> None:
    found = clrctl("case", "list", PACKAGE, "--search", "RATE", "--json").json
    assert found["format"] == "clrctl.case/1"
    assert found["framework"]["title"] == "Millrace Mathematics"
    assert [item["code"] for item in found["items"]] == ["MA.6.RP", "MA.6.RP.2"]
    assert found["items"][1]["parents"] == ["c2d41f66-7b0a-4a55-9e1c-0f6b8a7d1002"]
    nothing = clrctl("case", "list", PACKAGE, "--search", "chemistry")
    assert (nothing.code, nothing.out) == (0, "")
    assert "no item of 4" in nothing.err


def test_chosen_items_are_awarded_by_a_recipe_that_includes_them(
    clrctl: Clrctl, tmp_path: Path
) -> None:
    part = tmp_path / "part.yaml"
    done = clrctl(
        *("case", "achievements", PACKAGE, "--item", "MA.6.RP.2", "--with-parents", "-o", part)
    )
    assert done.code == 0
    assert "2 achievements, 1 association, 1 scale" in done.err
    assert "left out: 3 associations with items that are not chosen" in done.err

    clr = built(tmp_path, "{of: MA.6.RP.2, on: 2026-02-13, results: {Mastery: Mastered}}")
    rate, ratios = clr["credentialSubject"]["achievement"]
    assert rate["alignment"][0]["targetCode"] == "MA.6.RP.2"
    assert rate["alignment"][0]["targetType"] == "CFItem"
    assert rate["otherIdentifier"][0]["identifier"] == "c2d41f66-7b0a-4a55-9e1c-0f6b8a7d1004"
    levels = rate["resultDescription"][0]["rubricCriterionLevel"]
    assert [(level["name"], level["points"]) for level in levels] == [
        ("Developing", "1"),
        ("Mastered", "2"),
    ]
    (association,) = clr["credentialSubject"]["association"]
    assert association["associationType"] == "isChildOf"
    assert (association["sourceId"], association["targetId"]) == (rate["id"], ratios["id"])


def test_the_worked_example_comes_out_equal_in_meaning(
    clrctl: Clrctl, reference: Path, tmp_path: Path
) -> None:
    folder = reference / "build-examples" / "e-case"
    issuer = "https://cedarhollow.example/issuer"
    done = clrctl(
        *("case", "achievements", folder / "package.json", "--item", "RP.6.1a", "--with-parents"),
        *("--issuer", issuer, "-o", tmp_path / "part.yaml"),
    )
    assert done.code == 0, done.err
    clr = built(tmp_path, "{of: RP.6.1a, on: 2026-02-13}")

    worked = json.loads((folder / "achievements.json").read_text(encoding="utf-8"))
    subject = {name: clr["credentialSubject"][name] for name in ("achievement", "association")}
    for one in subject["achievement"]:
        # The emitter names a creator, which the example, being no whole CLR, does not.
        assert one.pop("creator")["id"] == issuer
    assert compare(worked, subject) == []


def aligned(folder: Path, *, align: str, frameworks: str = "[package.json]") -> Path:
    """Write a part of a recipe that aligns to items of the sample."""
    (folder / "package.json").write_bytes(PACKAGE.read_bytes())
    (folder / "part.yaml").write_text(
        f"frameworks: {frameworks}\n"
        f"achievements: {{rates: {{name: Rates, criteria: Pass., align: {align}}}}}\n",
        encoding="utf-8",
    )
    return folder


def test_an_achievement_is_aligned_by_code_guid_and_address(tmp_path: Path) -> None:
    guid = "c2d41f66-7b0a-4a55-9e1c-0f6b8a7d1005"
    own = '{name: Own, url: "https://own.example/1"}'
    clr = built(
        aligned(tmp_path, align=f"[MA.6.RP.2, {guid}, {own}]"), "{of: rates, on: 2026-02-13}"
    )
    (rates,) = clr["credentialSubject"]["achievement"]
    recipe_data = parse((tmp_path / "part.yaml").read_bytes(), syntax="yaml").data
    assert schema_findings(recipe_data | {"recipe": 1}, "build/recipe.json") == []
    codes = [one.get("targetCode") for one in rates["alignment"]]
    assert codes == ["MA.6.RP.2", "MA.6.NS.1", None]
    assert rates["alignment"][0]["targetFramework"] == "Millrace Mathematics"
    assert rates["alignment"][0]["targetType"] == "CFItem"


@pytest.mark.parametrize(
    ("align", "frameworks", "said"),
    [
        ("MA.6.RP2", "package.json", "part.yaml:2 no item has the code or GUID MA.6.RP2"),
        ("MA.6.RP.2", "[package.json, package.json]", "is an item of 2 frameworks"),
        ("MA.6.RP.2", "[]", "names an item, and there is no framework"),
        ("[]", "[none.json]", "none.json: cannot be read"),
        ("[]", "[part.yaml]", "part.yaml: this is no CASE package"),
        ("[]", "[{a: b}]", "frameworks has to be a list of files"),
    ],
)
def test_an_alignment_that_leads_nowhere_is_told(
    align: str, frameworks: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(Refused) as refused:
        built(aligned(tmp_path, align=align, frameworks=frameworks), "{of: rates, on: 2026-02-13}")
    problem = refused.value.problems[0]
    told = f"{problem.place} {problem.message}"
    for part in said.split(" ", 1) if said.startswith("part.yaml:2") else [said]:
        assert part in told
    assert problem.fix or "list of files" in problem.message


def test_without_a_code_of_its_own_an_item_goes_by_its_guid() -> None:
    chosen = choose(read(package(), "p.json"), ["g1", "g2"])
    assert list(chosen.achievements) == ["g1", "g2"]
    first, second = chosen.achievements.values()
    assert (first.name, first.alignments[0].code) == ("Counts.", "g1")
    assert second.name.startswith("N.2 Adds up columns")
    assert second.name.endswith("of any…")
    assert len(second.name) < 90


def test_types_that_only_case_has_become_relations_or_are_left_out() -> None:
    links = [
        link("exemplar", "g1", "g2"),
        link("isRelatedTo", "g1", "g2"),
        link("precedes", "g2", "g1"),
        link("isChildOf", "g2", "d"),
        link("isChildOf", "g2", "g3"),
        {"associationType": "isChildOf"},
    ]
    framework = read({"CFPackage": package(CFAssociations=links)}, "p.json")

    chosen = choose(framework, ["g1", "g2"])
    kinds = [(one.source, one.type, one.target) for one in chosen.associations]
    assert kinds == [("g1", "isRelatedTo", "g2"), ("g2", "precedes", "g1")]
    assert chosen.notes == (
        "left out: 1 association with items that are not chosen",
        'now isRelatedTo: 1 association of a type that CLR 2.0 lacks ("exemplar")',
    )
    chosen = choose(framework, ["g1", "g2"], only_shared=True)
    assert len(chosen.associations) == 2
    assert chosen.notes[1].startswith("left out: 1 association of a type")


def test_parents_that_go_in_a_circle_are_taken_once() -> None:
    links = [link("isChildOf", "g1", "g2"), link("isChildOf", "g2", "g1")]
    framework = read(package(CFAssociations=links), "p.json")
    assert list(choose(framework, ["g1"], with_parents=True).achievements) == ["g1", "g2"]


def test_rubrics_of_one_name_that_differ_are_kept_apart() -> None:
    def rubric(item: str, best: str) -> dict[str, Json]:
        levels = [{"description": best, "score": 1.5}]
        criterion = {"CFItemURI": {"identifier": item}, "CFRubricCriterionLevels": levels}
        return {"title": "Skill", "CFRubricCriteria": [criterion, {"category": "other"}]}

    rubrics = [rubric("g1", "Deft"), rubric("g2", "Able"), rubric("gx", "Never")]
    chosen = choose(read(package(CFRubrics=rubrics), "p.json"), ["g1", "g2"])
    assert list(chosen.scales) == ["Skill", "Skill 2"]
    (level,) = chosen.achievements["g2"].results["Skill 2"].levels
    assert (level.name, level.description, level.points) == ("Able", "", "1.5")


@pytest.mark.parametrize(
    ("content", "wanted", "said"),
    [
        ("{", "x", "package.json:1:2"),
        ("[]", "x", "CFPackages/GUID"),
        ('{"CFItems": [{}]}', "x", "/CFItems/0"),
        (json.dumps(package()), "N.2", "name one by its GUID: g2"),
        (json.dumps(package()), "N2", "did you mean N.2?"),
        (json.dumps(package()), "science", "package.json` lists them"),
        (json.dumps(package()), "taking", "--search 'taking'` lists them"),
        (json.dumps(package()), "g3", "the item N.2 has no uri"),
        ('{"CFItems": [{"identifier": "g", "uri": "u"}]}', "g", "the item g says nothing"),
    ],
)
def test_what_cannot_be_used_is_told_with_what_to_do(
    content: str, wanted: str, said: str, clrctl: Clrctl, tmp_path: Path
) -> None:
    (tmp_path / "package.json").write_text(content, encoding="utf-8")
    result = clrctl("case", "achievements", tmp_path / "package.json", "--item", wanted)
    assert result.code == 3
    assert said in result.err
    assert result.out == ""


def test_an_item_has_to_be_named_and_a_file_is_not_replaced(clrctl: Clrctl, tmp_path: Path) -> None:
    assert "clrctl case list" in clrctl("case", "achievements", PACKAGE).err
    part = tmp_path / "part.yaml"
    part.write_text("mine")
    args = ("case", "achievements", PACKAGE, "--item", "MA.6.RP", "-o", part)
    assert clrctl(*args).code == 3
    assert part.read_text() == "mine"
    assert clrctl(*args, "--force").code == 0
    assert "Ratios and rates" in part.read_text(encoding="utf-8")
    assert clrctl("case", "list", tmp_path / "none.json").code == 3
