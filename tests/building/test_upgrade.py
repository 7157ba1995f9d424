"""Older badges and records in their new form: every fact is carried over, or told."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clrctl.building.upgrade.parts import UpgradeOptions
from clrctl.building.upgrade.pool import Pool
from clrctl.building.upgrade.upgrading import Upgraded, upgrade_all
from clrctl.checking.comparison import compare
from clrctl.checking.validation import check
from clrctl.document import baking
from clrctl.document.parsing import parse

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests" / "data" / "cases" / "upgrade").glob("*.yaml"))
LEGACY = ROOT / "samples" / "legacy"

Clrctl = Callable[..., Any]
Json = Any


def case_of(path: Path) -> dict[str, Json]:
    document = parse(path.read_bytes(), syntax="yaml")
    assert not document.faults, document.faults
    return document.data


def upgraded(case: dict[str, Json]) -> list[Upgraded]:
    pool = Pool()
    for number, data in enumerate(case["given"]):
        pool.add(data, f"{number}.json")
    zone = ZoneInfo(case["timezone"]) if "timezone" in case else None
    return list(upgrade_all(pool, UpgradeOptions(zone, "", case.get("drop_dangling", False))))


def at(data: Json, pointer: str) -> Json:
    for step in pointer.split("/")[1:]:
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_ends_as_it_says(path: Path) -> None:
    case = case_of(path)
    found = upgraded(case)

    problems = [problem for one in found for problem in one.problems]
    told = [f"{problem.pointer}: {problem.message}" for problem in problems]
    assert sorted(told) == sorted(case["problems"])
    assert all(problem.fix for problem in problems if "not an object" not in problem.message)
    notes = [note for one in found for note in one.notes]
    shown = [f"{note.kind} {note.pointer or '/'}" for note in notes]
    assert sorted(shown) == sorted(case["notes"])
    for pointer, value in case.get("holds", {}).items():
        (one,) = found
        assert one.document is not None
        assert at(one.document.data, pointer) == value, pointer


GOOD = [path for path in CASES if not case_of(path)["problems"]]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_what_comes_out_is_valid_and_the_same_every_time(path: Path) -> None:
    (one,) = upgraded(case_of(path))
    assert one.document is not None
    rulesets = ("standard", "timeback") if one.is_record else ("standard",)
    errors = [
        found for found in check(one.document, rulesets).findings if found.severity == "error"
    ]
    assert errors == []
    (again,) = upgraded(case_of(path))
    assert again.document is not None
    assert again.document.raw == one.document.raw


# Said in other words in the new form, or needed only to take the old form apart.
REWORDED = {
    "@context",
    "type",
    "issuedOn",
    "expires",
    "activityStartDate",
    "identityType",
    "identifierType",
    "status",
    "title",
    "badge",
    "issuer",
}


def leaves(value: Json, pointer: str = "") -> Iterator[tuple[str, str, Json]]:
    """Yield each plain value of a document, with its pointer and the member it stands in."""
    if isinstance(value, dict | list):
        for name, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, f"{pointer}/{name}")
    else:
        names = [step for step in pointer.split("/") if not step.isdigit()]
        yield pointer, names[-1], value


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_no_value_of_the_old_form_is_lost_without_a_word(path: Path) -> None:
    case = case_of(path)
    (one,) = upgraded(case)
    assert one.document is not None
    new = {json.dumps(value) for _, _, value in leaves(one.document.data)}
    told = [(note.source, note.pointer) for note in one.notes if note.kind != "made"]
    for number, data in enumerate(case["given"]):
        for pointer, member, value in leaves(data):
            is_told = any(
                source == f"{number}.json" and (pointer + "/").startswith(above + "/")
                for source, above in told
            )
            assert is_told or member in REWORDED or value is False or json.dumps(value) in new, (
                pointer
            )


ODD: tuple[Json, ...] = (None, 5, "x", [], [{}], {"type": 5})


def places(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of everything in a document but the whole."""
    steps = value.items() if isinstance(value, dict) else ()
    for step, item in enumerate(value) if isinstance(value, list) else steps:
        yield (*path, step)
        yield from places(item, (*path, step))


@pytest.mark.parametrize("name", ["badge-signed", "record-everything"])
def test_whatever_stands_in_the_place_of_a_value_is_survived(name: str) -> None:
    given = case_of(ROOT / "tests" / "data" / "cases" / "upgrade" / f"{name}.yaml")["given"]
    for path in list(places(given)):
        *above, last = path
        holder = given
        for step in above:
            holder = holder[step]
        kept = holder[last]
        for odd in ODD:
            holder[last] = odd
            for one in upgraded({"given": given, "timezone": "UTC"}):
                assert (one.document is None) == bool(one.problems), path
        holder[last] = kept


def test_the_new_id_hangs_on_the_old_one_and_its_issuer() -> None:
    case = case_of(ROOT / "tests" / "data" / "cases" / "upgrade" / "badge-embedded.yaml")
    (first,) = upgraded(case)
    case["given"][0]["id"] += "0"
    (second,) = upgraded(case)
    assert first.document is not None
    assert second.document is not None
    assert first.document.data["id"] == "urn:uuid:" + first.document.data["id"][9:]
    assert first.document.data["id"] != second.document.data["id"]
    one, other = (
        each.document.data["credentialSubject"]["achievement"] for each in (first, second)
    )
    assert one == other


@pytest.mark.parametrize(
    ("name", "subject_id"),
    [("ob2", "urn:uuid:281825e2-556d-560f-91aa-75076ac119e5"), ("clr1", "")],
)
def test_the_worked_examples_come_out_equal_in_meaning(
    name: str, subject_id: str, reference: Path
) -> None:
    folder = reference / "build-examples" / "f-upgrade"
    pool = Pool()
    pool.add(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")), name)
    (one,) = upgrade_all(pool, UpgradeOptions(subject_id=subject_id))
    assert one.document is not None
    worked = json.loads((folder / f"{name}.upgraded.json").read_text(encoding="utf-8"))

    different = {change.pointer for change in compare(worked, one.document.data)}
    # Ids are derived from the badge's own issuer here; the type of credentialSchema asks for the
    # context that defines it; the words about the old assertion are our own.
    nested = "/credentialSubject/verifiableCredential/0/@context"
    own = {"/id", "/credentialSubject/achievement/id", "/@context", "/evidence/1/description"}
    assert different <= {*own, nested}


def test_the_samples_are_upgraded_by_the_command(clrctl: Clrctl, tmp_path: Path) -> None:
    result = clrctl("upgrade", LEGACY, "-o", tmp_path / "new", "--json")

    assert result.code == 0, result.err
    assert result.json["format"] == "clrctl.upgrade/1"
    assert result.json["ok"] is True
    assert [one["standard"] for one in result.json["files"]] == ["CLR 1.0", "Open Badges 2.0"]
    record, badge = (Path(one["output"]) for one in result.json["files"])
    assert (record.name, badge.name) == ("record.clr.json", "assertion.ob3.json")
    assert clrctl("validate", record, badge).code == 0
    lost = [note["pointer"] for note in result.json["files"][0]["notes"] if note["kind"] == "lost"]
    assert lost == ["/learner/telephone"]


def test_one_badge_goes_to_standard_output_and_the_talk_does_not(clrctl: Clrctl) -> None:
    parts = [LEGACY / name for name in ("issuer.json", "assertion.json", "badge.json")]
    result = clrctl("upgrade", *parts)

    assert result.code == 0
    assert result.json["credentialSubject"]["achievement"]["name"] == "Band saw, independent user"
    assert "upgraded to standard output" in result.err
    assert "moved" not in result.err
    assert "moved  /verification" in clrctl("upgrade", *parts, "-v").err


def test_a_file_that_exists_is_replaced_only_on_demand(clrctl: Clrctl, tmp_path: Path) -> None:
    target = tmp_path / "record.json"
    target.write_text("mine")
    old = LEGACY / "record.clr1.json"
    refused = clrctl("upgrade", old, "-o", target)
    assert refused.code == 3
    assert "--force" in refused.err
    assert target.read_text() == "mine"
    assert clrctl("upgrade", old, "-o", target, "--force").code == 0
    written = target.read_bytes()
    assert clrctl("upgrade", old, "-o", target).code == 0
    assert target.read_bytes() == written


def test_strict_writes_nothing_of_which_something_is_lost(clrctl: Clrctl, tmp_path: Path) -> None:
    target = tmp_path / "record.json"
    result = clrctl("upgrade", LEGACY / "record.clr1.json", "-o", target, "--strict")
    assert result.code == 1
    assert "--strict allows no loss" in result.err
    assert not target.exists()


def write(folder: Path, **contents: Json) -> list[Path]:
    paths = []
    for name, value in contents.items():
        path = folder / f"{name}.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        paths.append(path)
    return paths


def test_what_cannot_be_upgraded_is_told_and_the_rest_goes_on(
    clrctl: Clrctl, tmp_path: Path
) -> None:
    case = case_of(ROOT / "tests" / "data" / "cases" / "upgrade" / "badge-embedded.yaml")
    files = write(
        tmp_path,
        good=case["given"][0],
        same=case["given"][0],
        broken="{",
        other={"name": "a shopping list"},
        invalid={**case["given"][0], "narrative": 5},
    )
    folder = tmp_path / "new"
    result = clrctl("upgrade", *files, tmp_path / "none.json", "-o", folder, "--json")

    assert result.code == 1
    outputs = {Path(one["source"]).stem: one["output"] for one in result.json["files"]}
    assert outputs == {
        "broken": None,
        "other": None,
        "good": str(folder / "good.ob3.json"),
        "same": str(folder / "same.ob3.json"),
        "invalid": None,
    }
    assert "parse/json" in result.err
    assert "none.json" in result.err
    assert "this is neither Open Badges 2.0 nor CLR 1.0 -> name an assertion" in result.err
    assert "invalid.json, new form: error" in result.err
    assert "/credentialSubject/narrative" in result.err
    assert "2 upgraded, 4 not" in result.err


def token(data: Json) -> bytes:
    parts = (json.dumps(part).encode() for part in ({"alg": "RS256"}, data))
    encoded = [base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts]
    return b".".join([*encoded, b"c2lnbmF0dXJl"])


def test_a_badge_is_taken_out_of_its_picture_and_its_token(clrctl: Clrctl, tmp_path: Path) -> None:
    case = case_of(ROOT / "tests" / "data" / "cases" / "upgrade" / "badge-embedded.yaml")
    crest = ROOT / "samples" / "crest.png"
    for name, text in {
        "plain": json.dumps(case["given"][0]).encode(),
        "signed": token(case["given"][0]),
        "hosted": b"https://badges.example/assertions/1",
    }.items():
        picture = baking.bake(crest.read_bytes(), text, baking.OPEN_BADGES_2)
        (tmp_path / f"{name}.png").write_bytes(picture)

    def run(name: str) -> Any:
        return clrctl("upgrade", tmp_path / f"{name}.png", "-o", tmp_path / f"{name}.json")

    assert run("plain").code == run("signed").code == 0
    folder = clrctl("upgrade", tmp_path, "-o", tmp_path / "all")
    assert "plain.png: Open Badges 2.0, upgraded" in folder.err
    plain, signed = ((tmp_path / f"{name}.json").read_bytes() for name in ("plain", "signed"))
    assert plain == signed
    assert "lost   /  its signature" in run("signed").err
    hosted = run("hosted")
    assert hosted.code == 3
    assert "https://badges.example/assertions/1" in hosted.err
    assert "download the assertion" in hosted.err


def test_what_signed_assertions_say_is_carried_over() -> None:
    (record,) = case_of(ROOT / "tests/data/cases/upgrade/record-dangling-dropped.yaml")["given"]
    (assertion,) = record.pop("assertions")
    del assertion["achievement"]["associations"]
    record["signedAssertions"] = [token(assertion).decode()]
    (one,) = upgraded({"given": [record]})
    assert one.document is not None
    (credential,) = one.document.data["credentialSubject"]["verifiableCredential"]
    assert credential["id"] == assertion["id"]
    assert "proof" not in credential
    notes = [f"{note.kind} {note.pointer}" for note in one.notes]
    assert notes == ["lost /signedAssertions/0", "moved /id"]

    for broken in ("a.b", "a.!.c", "a.Mg.c", 5):
        record["signedAssertions"] = [broken]
        (one,) = upgraded({"given": [record]})
        assert "signedAssertions/0 is no signed token" in [each.message for each in one.problems]


def test_several_records_of_one_file_get_names_of_their_own(clrctl: Clrctl, tmp_path: Path) -> None:
    (record,) = case_of(ROOT / "tests/data/cases/upgrade/record-dangling-dropped.yaml")["given"]
    other = {**record, "id": "urn:uuid:6e2f6f5e-0b0c-4c8e-8c3c-0d8f6f0e9a09"}
    files = write(tmp_path, set={"type": "ClrSet", "clrs": [record, other]})
    assert clrctl("upgrade", *files).code == 2
    done = clrctl("upgrade", *files, "--drop-dangling", "-o", tmp_path / "new")
    assert done.code == 0, done.err
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == ["set-2.clr.json", "set.clr.json"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("badge.json",), "name the assertion too"),
        (("record.clr1.json", "--json"), "-o upgraded"),
        (("record.clr1.json", "--timezone", "Denver"), "America/Denver"),
        (("../minimal.clr.json", "-o", "x"), "clrctl wrap"),
    ],
)
def test_a_command_that_cannot_work_says_what_to_type(
    args: tuple[str, ...], said: str, clrctl: Clrctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(LEGACY)
    result = clrctl("upgrade", *args)
    assert result.code in (1, 2)
    assert said in result.err


def test_the_learner_gets_the_id_that_is_asked_for(clrctl: Clrctl) -> None:
    result = clrctl("upgrade", LEGACY / "record.clr1.json", "--subject-id", "did:example:lo")
    subject = result.json["credentialSubject"]
    assert subject["id"] == "did:example:lo"
    assert subject["verifiableCredential"][0]["credentialSubject"]["id"] == "did:example:lo"
