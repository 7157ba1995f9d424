"""Report cards from a OneRoster export: what it says, what it does not, and what breaks it."""

from __future__ import annotations

import hashlib
import json
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clrctl.building import oneroster
from clrctl.building.emitter import EmitOptions, Emitted, Emitter
from clrctl.building.model import Record
from clrctl.building.oneroster import archive
from clrctl.building.problems import NotBuilt, Problem, Refused, Skipped
from clrctl.checking.comparison import compare
from clrctl.checking.validation import check
from clrctl.document.parsing import parse
from clrctl.errors import InputError
from clrctl.util.secret import Secret

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "oneroster"
CARD = "report-card.yaml"
CASES = parse(
    (ROOT / "tests" / "data" / "cases" / "oneroster" / "cases.yaml").read_bytes(), syntax="yaml"
).data
WHOLE = "*"

Clrctl = Callable[..., Any]
Json = Any


def items(export: Path, cards: Path | None = None) -> list[Record | NotBuilt | Skipped]:
    """Return all that an export holds, read by the recipe beside it or in another folder."""
    with oneroster.load(str(export), str((cards or export) / CARD)) as found:
        return list(found.records())


class Built:
    """What became of an export."""

    def __init__(self, folder: Path) -> None:
        self.records: dict[str, Json] = {}
        self.texts: dict[str, bytes] = {}
        self.notes: dict[str, tuple[str, ...]] = {}
        self.unbuilt: dict[str, list[Problem]] = {}
        self.skipped: list[Skipped] = []
        emitter = Emitter(EmitOptions(Secret("a secret of some length")))
        for item in items(folder):
            if isinstance(item, Skipped):
                self.skipped.append(item)
                continue
            made = emitter.emit(item) if isinstance(item, Record) else item
            if isinstance(made, NotBuilt):
                self.unbuilt.setdefault(made.learner, []).extend(made.problems)
            else:
                self._keep(made)

    def _keep(self, made: Emitted) -> None:
        document = parse(made.text, syntax="json")
        found = check(document, ("standard", "timeback")).findings
        assert [one for one in found if one.severity == "error"] == []
        key = made.record.learner.key
        self.records[key], self.notes[key] = document.data, made.notes
        self.texts[key] = made.text


def at(data: Json, pointer: str) -> Json:
    for step in pointer.split("/")[1:]:
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Return a copy of the sample."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "export"))


def change(folder: Path, changes: dict[str, list[list[str]]]) -> None:
    for name, pairs in changes.items():
        path = folder / name
        for old, new in pairs:
            if old == WHOLE:
                path.unlink()
                continue
            text = path.read_text(encoding="utf-8")
            assert old in text, old
            # This letter goes out in Latin-1, as an old program would write it.
            raw = text.replace(old, new, 1).encode().replace("\u00e9".encode(), b"\xe9")
            path.write_bytes(raw)


def fragments_in(fragments: list[str], messages: list[str]) -> None:
    assert len(fragments) == len(messages), messages
    for fragment in fragments:
        assert any(fragment in message for message in messages), (fragment, messages)


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_told_as_it_says(name: str, export: Path) -> None:
    case = CASES[name]
    change(export, case["change"])
    if "refused" in case:
        with pytest.raises(Refused) as refused:
            Built(export)
        fragments_in(case["refused"], [one.message for one in refused.value.problems])
        assert all(case.get("fix", "") in one.fix for one in refused.value.problems)
        assert all(one.fix or "is no number" in one.message for one in refused.value.problems)
        return
    built = Built(export)
    expected = case.get("unbuilt", {})
    assert built.unbuilt.keys() == expected.keys()
    for learner, messages in expected.items():
        fragments_in(messages, [one.message for one in built.unbuilt[learner]])
        assert all(one.place.line > 1 for one in built.unbuilt[learner])
        assert all(case.get("fix", "") in one.fix for one in built.unbuilt[learner])
    for reason in case.get("skipped", []):
        assert reason in [one.reason for one in built.skipped]
    for learner, notes in case.get("notes", {}).items():
        for note in notes:
            assert any(note in one for one in built.notes[learner]), built.notes[learner]
    for learner, held in case.get("holds", {}).items():
        for pointer, value in held.items():
            assert at(built.records[learner], pointer) == value


def test_the_sample_gives_a_record_for_each_student_with_a_final_grade() -> None:
    built = Built(SAMPLE)

    assert list(built.records) == ["S-0412", "S-0419"]
    reasons = {(one.place.line, one.reason, one.learner) for one in built.skipped}
    assert reasons == {
        (8, 'of category "Quiz", not a final grade', "S-0412"),
        (9, 'of category "Homework", not a final grade', "S-0419"),
        (10, 'of score status "not submitted", not "fully graded"', "S-0455"),
        (11, "to be deleted", "S-0455"),
        (4, "without a final grade", "S-0455"),
    }
    awards = built.records["S-0412"]["credentialSubject"]["verifiableCredential"]
    told = [
        (one["name"], subject["term"], subject["creditsEarned"], subject["result"][2]["status"])
        for one in awards
        for subject in [one["credentialSubject"]]
    ]
    # Failed and taken again: both stay, and only one earns credits.
    assert told == [
        ("Algebra I", "Fall 2024", 0, "Failed"),
        ("Earth Science", "Fall 2024", 0.5, "Completed"),
        ("Algebra I", "Spring 2025", 0.5, "Completed"),
    ]
    assert len({one["id"] for one in awards}) == 3
    running = built.records["S-0419"]["credentialSubject"]["verifiableCredential"][2]
    assert running["credentialSubject"]["result"] == [
        {
            "type": ["Result"],
            "resultDescription": running["credentialSubject"]["result"][0]["resultDescription"],
            "status": "InProgress",
        }
    ]
    assert "creditsEarned" not in running["credentialSubject"]


@pytest.mark.parametrize("name", ["academicSessions", "courses", "lineItems", "results"])
def test_whatever_stands_in_a_cell_is_survived(name: str, export: Path) -> None:
    path = export / f"{name}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, column in [(n, c) for n in (0, 1, 2) for c in range(lines[1].count(","))]:
        cells = lines[number].split(",")
        for odd in ("", " ", "NaN", '"'):
            changed = [*cells[:column], odd, *cells[column + 1 :]]
            new = [*lines[:number], ",".join(changed), *lines[number + 1 :]]
            path.write_text("\n".join(new) + "\n", encoding="utf-8")
            try:
                records = items(export)
            except Refused as refused:
                assert refused.problems
            else:
                assert all(one.problems for one in records if isinstance(one, NotBuilt))


def test_a_zip_and_shuffled_rows_with_windows_line_ends_give_the_same_bytes(
    export: Path, tmp_path: Path
) -> None:
    expected = Built(SAMPLE).texts
    results = export / "results.csv"
    results.write_text(results.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    for path in export.glob("*.csv"):
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        lines = [header, *reversed(rows), ""]
        path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert Built(export).texts == expected

    zipped = tmp_path / "roster.zip"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as new:
        for path in export.glob("*.csv"):
            new.write(path, f"an export/{path.name}")
        new.writestr("__MACOSX/._results.csv", "litter")
    emitter = Emitter(EmitOptions(Secret("a secret of some length")))
    made = [emitter.emit(item) for item in items(zipped, SAMPLE) if isinstance(item, Record)]
    texts = {one.record.learner.key: one.text for one in made if isinstance(one, Emitted)}
    assert texts == expected


def test_the_worked_example_comes_out_equal_in_meaning(
    reference: Path, clrctl: Clrctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = reference / "build-examples" / "d-oneroster"
    monkeypatch.setenv("CLRCTL_ID_SECRET", "example-secret-keep-the-real-one-out-of-git")
    done = clrctl(
        "build", folder / "roster.zip", "-r", folder / "recipe.yaml", "-o", tmp_path / "out"
    )
    assert done.code == 0, done.err
    worked, made = (
        json.loads((place / "U-881.clr.json").read_text(encoding="utf-8"))
        for place in (folder, tmp_path / "out")
    )
    # The type of credentialSchema asks for the context that defines it.
    nested = "/credentialSubject/verifiableCredential/0/@context"
    assert {change.pointer for change in compare(worked, made)} <= {"/@context", nested}


def zip_of(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, raw in members.items():
            new.writestr(f"{name}.csv", raw)
    return path


def load(path: Path) -> None:
    items(path, SAMPLE)


def test_an_encrypted_zip_is_told(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "roster.zip", users=b"sourcedId\n")
    raw = bytearray(path.read_bytes())
    central = raw.index(b"PK\x01\x02")
    struct.pack_into("<H", raw, central + 8, 1)
    path.write_bytes(raw)
    with pytest.raises(InputError) as error:
        load(path)
    assert error.value.what == "the zip is encrypted"
    assert "folder" in error.value.fix


def test_a_zip_that_unpacks_to_too_much_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_SMALL", 1000)
    with pytest.raises(InputError, match="unpacks to"):
        load(zip_of(tmp_path / "steep.zip", results=b"0" * 1_000_000))
    monkeypatch.setattr(archive, "LARGEST", 10)
    with pytest.raises(InputError, match="unpacks to"):
        load(zip_of(tmp_path / "large.zip", results=b"01234567890"))
    monkeypatch.setattr(archive, "MOST_MEMBERS", 1)
    with pytest.raises(InputError, match="2 files"):
        load(zip_of(tmp_path / "many.zip", results=b"0", users=b"1"))


@pytest.mark.parametrize("suffix", [".csv", ".CSV"])
def test_the_case_of_the_names_of_files_does_not_count(suffix: str, export: Path) -> None:
    expected = Built(SAMPLE).texts
    for path in export.glob("*.csv"):
        path.rename(export / (path.stem.upper() + suffix))
    assert Built(export).texts == expected

    zipped = export.parent / "roster.zip"
    with zipfile.ZipFile(zipped, "w") as new:
        for path in export.glob(f"*{suffix}"):
            new.write(path, path.name)
    names = [one.learner.key for one in items(zipped, export) if isinstance(one, Record)]
    assert names == list(expected)


def test_a_file_whose_name_is_nearly_right_is_named(export: Path) -> None:
    (export / "lineItems.csv").rename(export / "line_items.csv")
    with pytest.raises(Refused) as refused:
        items(export)
    assert "is it line_items.csv?" in refused.value.problems[0].fix
    (export / "lineItems.csv").touch()
    (export / "LINEITEMS.csv").touch()
    with pytest.raises(InputError, match=r"two files named LINEITEMS\.csv and lineItems\.csv"):
        items(export)


def test_two_exports_in_one_zip_are_told(tmp_path: Path) -> None:
    path = tmp_path / "roster.zip"
    with zipfile.ZipFile(path, "w") as new:
        new.writestr("a/users.csv", "x")
        new.writestr("b/users.csv", "x")
    with pytest.raises(InputError, match=r"two files named users\.csv"):
        load(path)


def test_damage_anywhere_in_a_zip_is_told_as_damage(tmp_path: Path) -> None:
    path = tmp_path / "roster.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for file in sorted(SAMPLE.glob("*.csv")):
            new.write(file, file.name)
    whole = path.read_bytes()
    for position in range(30, len(whole), 97):
        raw = bytearray(whole)
        raw[position] ^= 0xFF
        path.write_bytes(raw)
        try:
            load(path)
        except InputError as error:
            assert error.where.startswith(str(path))
            assert error.fix
        except Refused as refused:
            assert refused.problems
    for raw in (b"PK\x03\x04", whole[:-30], b""):
        path.write_bytes(raw)
        with pytest.raises(InputError) as broken:
            load(path)
        assert broken.value.what == "the zip is damaged"


def test_an_export_is_built_by_the_command(clrctl: Clrctl, export: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    bare = clrctl("build", export, "-o", out)
    assert bare.code == 2
    assert "-r report-card.yaml" in bare.err

    change(export, {CARD: [["oneroster: 1", "oneroster: 1\nroster: ."]]})
    assert clrctl("build", export / CARD, "-o", out).code == 0
    names = sorted(path.name for path in out.glob("*.json"))
    assert names == ["S-0412.clr.json", "S-0419.clr.json"]
    change(export, {CARD: [["roster: .", ""]]})
    fake = tmp_path / "fake.zip"
    fake.write_text("no zip")
    damaged = clrctl("build", fake, "-r", export / CARD, "-o", out)
    assert damaged.code == 3
    assert "the zip is damaged" in damaged.err
    assert "name its folder" in clrctl("build", export / "users.csv", "-o", out).err
    lone = clrctl("build", export / CARD, "-o", out)
    assert lone.code == 2
    assert "roster: FILE" in lone.err

    change(export, {"results.csv": [["77,2024-12-20,,C", "77,2024-12-20,,C "]]})
    done = clrctl("build", export, "-r", export / CARD, "-o", tmp_path / "other")
    assert done.code == 1
    assert "results.csv:5" in done.err
    assert 'did you mean "C"? there is a blank at its end' in done.err
    assert [path.name for path in (tmp_path / "other").glob("*.json")] == ["S-0412.clr.json"]


def test_the_provenance_of_a_record_names_the_rows_and_the_archive(
    clrctl: Clrctl, tmp_path: Path
) -> None:
    zipped = tmp_path / "roster.zip"
    with zipfile.ZipFile(zipped, "w") as new:
        for path in SAMPLE.glob("*.csv"):
            new.write(path, path.name)
    out, kept = tmp_path / "out", tmp_path / "kept"
    done = clrctl("build", zipped, "-r", SAMPLE / CARD, "-o", out, "--provenance", kept)
    assert done.code == 0, done.err
    (told,) = [json.loads(path.read_text("utf-8")) for path in kept.glob("S-0412*")]
    digests = {Path(one["file"]).name: one["sha256"] for one in told["sources"]}
    assert digests["results.csv"] == hashlib.sha256(zipped.read_bytes()).hexdigest()
    assert "roster.zip/results.csv" in json.dumps(told).replace("\\\\", "/")


def test_an_address_is_hashed(clrctl: Clrctl, export: Path, tmp_path: Path) -> None:
    change(export, {"users.csv": [["Quayle,Ash,,", "Quayle,Ash,,Willa@Saltmarsh.example"]]})
    built = Built(export)
    hashed = built.records["S-0412"]["credentialSubject"]["identifier"][1]
    assert hashed["identityType"] == "emailAddress"
    assert hashed["hashed"] is True
    assert "Willa" not in json.dumps(hashed)
    done = clrctl("build", export, "-r", export / CARD, "-o", tmp_path / "out")
    assert done.code == 1
    assert "CLRCTL_ID_SECRET" in done.err
