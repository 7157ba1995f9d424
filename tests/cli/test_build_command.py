"""`clrctl build`: what it writes and where, what it leaves alone, and how it tells."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

CASES = Path(__file__).parents[1] / "data" / "cases" / "build"
SECRET = "a secret for the tests alone"

Run = Callable[..., Any]

RECIPE = """\
recipe: 1
timezone: America/Chicago
issuer: {id: "https://school.example/issuer", name: School}
learner: {key: "KEY", name: Odile}
record: {key: transcript, name: Transcript, as_of: 2026-06-01, partial: true}
achievements:
  math: {name: Mathematics, type: Course, criteria: Pass.}
awards:
  - {of: math, on: 2026-05-29, narrative: Good.}
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLRCTL_ID_SECRET", SECRET)
    return tmp_path


def write(name: str = "r.yaml", key: str = "0042", **changes: str) -> None:
    text = RECIPE.replace("KEY", key)
    for old, new in changes.items():
        assert old.replace("_", " ") in text
        text = text.replace(old.replace("_", " "), new)
    Path(name).write_text(text, encoding="utf-8")


def test_one_record_goes_to_standard_output_or_to_a_file(clrctl: Run) -> None:
    write()
    shown = clrctl("build", "r.yaml")
    assert (shown.code, shown.err) == (0, "built 1 record: 1 new\n")
    assert clrctl("build", "r.yaml", "-o", "o.json").code == 0
    assert Path("o.json").read_text(encoding="utf-8") == shown.out
    piped = clrctl("build", "-", stdin=Path("r.yaml").read_bytes())
    assert piped.out == shown.out


def test_what_is_built_is_what_the_endpoint_takes(clrctl: Run) -> None:
    write()
    clrctl("build", "r.yaml", "-o", "o.json")
    assert clrctl("validate", "--ruleset", "timeback", "--ruleset", "standard", "o.json").code == 0


def test_the_file_of_a_record_takes_its_later_versions(clrctl: Run) -> None:
    write()
    clrctl("build", "r.yaml", "-o", "o.json")
    before = Path("o.json").stat().st_mtime_ns
    assert "1 unchanged" in clrctl("build", "r.yaml", "-o", "o.json").err
    assert Path("o.json").stat().st_mtime_ns == before
    write(Good="Better")
    dry = clrctl("build", "r.yaml", "-o", "o.json", "--dry-run")
    assert "/credentialSubject/verifiableCredential/0/credentialSubject/narrative" in dry.err
    assert b"Good" in Path("o.json").read_bytes()
    changed = clrctl("build", "r.yaml", "-o", "o.json")
    assert "1 changed" in changed.err
    assert "raise as_of" in changed.err
    assert b"Better" in Path("o.json").read_bytes()


def test_a_signed_record_that_says_the_same_stays_signed(clrctl: Run) -> None:
    write()
    clrctl("build", "r.yaml", "-o", "o.json")
    signed = orjson.loads(Path("o.json").read_bytes()) | {"proof": [{"type": "X"}]}
    Path("o.json").write_bytes(orjson.dumps(signed))
    assert "1 unchanged" in clrctl("build", "r.yaml", "-o", "o.json").err
    write(Good="Better")
    assert clrctl("build", "r.yaml", "-o", "o.json", "--as-of", "2026-07-01").code == 0
    told = clrctl("build", "r.yaml", "-o", "o.json", "--as-of", "2026-07-01", "--json")
    assert told.json["records"][0]["state"] == "unchanged"
    assert b"proof" not in Path("o.json").read_bytes()


@pytest.mark.parametrize("there", [b"important", b'{"id": "urn:x:1"}', b""])
def test_nothing_else_is_replaced_unasked(clrctl: Run, there: bytes) -> None:
    write()
    Path("o.json").write_bytes(there)
    result = clrctl("build", "r.yaml", "-o", "o.json")
    assert result.code == 1
    assert "add --force" in result.err
    assert Path("o.json").read_bytes() == there
    assert clrctl("build", "r.yaml", "-o", "o.json", "--force").code == 0
    assert b"Odile" in Path("o.json").read_bytes()


def test_a_learner_that_fails_does_not_stop_the_others(clrctl: Run) -> None:
    write("a.yaml", "1")
    write("b.yaml", "2", math="maths")
    Path("b.yaml").write_text(Path("b.yaml").read_text().replace("of: maths", "of: math"))
    write("c.yaml", "3")
    result = clrctl("build", "a.yaml", "b.yaml", "c.yaml", "-o", "out")
    assert result.code == 1
    assert sorted(file.name for file in Path("out").iterdir()) == [
        "1.clr.json",
        "3.clr.json",
        "clrctl.lock",
    ]
    assert result.err == (
        "b.yaml:9  award 2 / math\n"
        '  no achievement has the key "math"\n'
        '  fix: did you mean "maths"?\n'
        "built 2 records in out: 2 new, 1 not built\n"
    )
    stopped = clrctl("build", "b.yaml", "c.yaml", "-o", "other", "--fail-fast")
    assert stopped.code == 1
    assert not Path("other").exists()


def test_a_nightly_build_writes_only_what_changed(clrctl: Run) -> None:
    write("a.yaml", "1")
    write("b.yaml", "2")
    clrctl("build", "a.yaml", "b.yaml", "-o", "out")
    before = {file.name: file.read_bytes() for file in Path("out").iterdir()}
    write("a.yaml", "1", Good="Better")
    same_day = clrctl("build", "a.yaml", "b.yaml", "-o", "out")
    assert same_day.code == 1
    assert "raise as_of, or give a later day by --as-of" in same_day.err
    assert {file.name: file.read_bytes() for file in Path("out").iterdir()} == before
    next_day = clrctl("build", "a.yaml", "b.yaml", "-o", "out", "--as-of", "2026-06-02")
    assert next_day.err == "built 2 records in out: 1 changed, 1 unchanged\n"
    assert Path("out/2.clr.json").read_bytes() == before["2.clr.json"]
    assert orjson.loads(Path("out/1.clr.json").read_bytes())["validFrom"] == "2026-06-02T05:00:00Z"
    again = clrctl("build", "a.yaml", "b.yaml", "-o", "out", "--as-of", "2026-06-03")
    assert again.err == "built 2 records in out: 2 unchanged\n"
    earlier = clrctl("build", "a.yaml", "b.yaml", "-o", "out", "--as-of", "2026-06-03", "--force")
    assert "2 changed" in earlier.err


def test_what_somebody_changed_in_the_folder_is_not_lost(clrctl: Run) -> None:
    write()
    clrctl("build", "r.yaml", "-o", "out/")
    file = Path("out/0042.clr.json")
    file.write_text(file.read_text().replace("Odile", "Odilia"))
    edited = clrctl("build", "r.yaml", "-o", "out/")
    assert edited.code == 1
    assert "was changed after it was built" in edited.err
    assert "Odilia" in file.read_text()
    file.unlink()
    assert "1 new" in clrctl("build", "r.yaml", "-o", "out/").err


def test_a_file_that_lies_in_the_folder_is_not_replaced(clrctl: Run) -> None:
    write()
    Path("out").mkdir()
    Path("out/0042.clr.json").write_text("mine")
    assert "is no record" in clrctl("build", "r.yaml", "-o", "out").err
    assert Path("out/0042.clr.json").read_text() == "mine"


def test_another_secret_builds_nothing(clrctl: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write()
    clrctl("build", "r.yaml", "-o", "out/")
    lock = Path("out/clrctl.lock").read_bytes()
    assert SECRET.encode() not in lock
    for secret, said in (("another secret of ours", "another secret"), ("", "is missing")):
        monkeypatch.setenv("CLRCTL_ID_SECRET", secret)
        result = clrctl("build", "r.yaml", "-o", "out/")
        assert (result.code, said in result.err) == (2, True)
    Path("secret").write_text(SECRET + "\n")
    Path("secret").chmod(0o600)
    again = clrctl("build", "r.yaml", "-o", "out/", "--secret-file", "secret")
    assert again.err == "built 1 record in out/: 1 unchanged\n"
    assert Path("out/clrctl.lock").read_bytes() == lock


def test_without_secret_there_is_a_warning(clrctl: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    write()
    monkeypatch.delenv("CLRCTL_ID_SECRET")
    result = clrctl("build", "r.yaml")
    assert result.code == 0
    assert "can be guessed" in result.err


@pytest.mark.parametrize("secret", ["short", ""])
def test_a_short_secret_is_refused(clrctl: Run, secret: str) -> None:
    write()
    Path("secret").write_text(secret)
    result = clrctl("build", "r.yaml", "--secret-file", "secret")
    assert result.code == 2
    assert "clrctl new secret" in result.err


def test_a_changed_issuer_or_key_is_not_taken_for_an_update(clrctl: Run) -> None:
    write()
    clrctl("build", "r.yaml", "-o", "out/")
    write(transcript="report")
    result = clrctl("build", "r.yaml", "-o", "out/", "--as-of", "2027-01-01")
    assert "the id would change" in result.err
    assert result.code == 1


@pytest.mark.parametrize("raw", ["{}", "[]", "broken", '{"format": "clrctl.lock/9", "secret": ""}'])
def test_a_broken_lock_is_told(clrctl: Run, raw: str) -> None:
    write()
    Path("out").mkdir()
    Path("out/clrctl.lock").write_text(raw)
    result = clrctl("build", "r.yaml", "-o", "out/")
    assert result.code == 3
    assert "lock is broken" in result.err


def test_two_learners_never_share_a_file(clrctl: Run) -> None:
    write("a.yaml", "ab")
    write("b.yaml", "AB")
    write("c.yaml", "ab", transcript="report")
    result = clrctl("build", "a.yaml", "b.yaml", "c.yaml", "-o", "out")
    assert "the learners ab and AB would have one file" in result.err
    assert "the learner ab has two records" in result.err
    assert result.code == 1


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("0042", "0042"),
        ("did:web:x/y", "did%3Aweb%3Ax%2Fy"),
        ("../up", "_..%2Fup"),
        ("con", "_con"),
        ("Ödön", "Ödön"),
        ("x" * 300, None),
    ],
)
def test_files_are_named_after_learners_safely(clrctl: Run, key: str, name: str | None) -> None:
    write(key=key)
    assert clrctl("build", "r.yaml", "-o", "out/").code == 0
    (found,) = Path("out").glob("*.clr.json")
    assert name is None or found.name == f"{name}.clr.json"


def test_the_report_has_every_record_and_every_problem(clrctl: Run) -> None:
    write("a.yaml", "1")
    write("b.yaml", "2", math="maths")
    Path("b.yaml").write_text(Path("b.yaml").read_text().replace("of: maths", "of: math"))
    result = clrctl("build", "a.yaml", "b.yaml", "-o", "out", "--json", "--report", "report.json")
    assert result.json == orjson.loads(Path("report.json").read_bytes())
    told = result.json
    assert told["format"] == "clrctl.build/1"
    assert told["ok"] is False
    assert told["records"][0]["file"] == os.path.join("out", "1.clr.json")  # noqa: PTH118
    assert told["not_built"][0]["problems"][0]["line"] == 9
    assert told["summary"]["new"] == told["summary"]["not_built"] == 1


def test_problems_that_are_alike_are_told_once(clrctl: Run) -> None:
    names = [f"{number}.yaml" for number in range(3)]
    for name in names:
        write(name, name[0], Course="Curse")
    result = clrctl("build", *names, "-o", "out")
    assert result.err.count('did you mean "Course"?') == 1
    assert "and 2 more like this" in result.err
    told = clrctl("build", *names, "-o", "out", "-v")
    assert "also 1.yaml:7" in told.err


def test_provenance_is_for_its_owner_alone(clrctl: Run) -> None:
    write()
    clrctl("build", "r.yaml", "-o", "o.json", "--provenance", "prov")
    kept = Path("prov/0042.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    told = orjson.loads(kept.read_bytes())
    award = next(p for p in told["parts"] if p["pointer"].endswith("verifiableCredential/0"))
    assert (award["file"], award["line"]) == ("r.yaml", 9)
    assert len(told["sources"][0]["sha256"]) == 64


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["nothing.yaml"], 3, "cannot be read"),
        (["o.json"], 2, "it is a credential already"),
        (["empty"], 2, "nothing can be built from this"),
        (["r.yaml", "r.yaml"], 2, "add -o FOLDER"),
        (["r.yaml", "r.yaml", "-o", "o.json"], 2, "this is a file"),
        (["r.yaml", "--as-of", "06/02/2026"], 2, "write it like 2026-06-05"),
        (["r.yaml", "--dry-run"], 2, "--dry-run needs a place"),
        (["r.yaml", "--json", "-o", "-"], 2, "--json needs a place"),
        (["r.yaml", "-o", "r.yaml", "--force"], 2, "would replace an input"),
        (["r.yaml", "-o", "out", "--provenance", "out/prov"], 2, "among the records"),
        (["r.yaml", "-o", "out", "--report", "out/report.json"], 2, "among the records"),
        (["out", "-o", "out", "--force"], 2, "nothing can be built from this"),
    ],
)
def test_what_cannot_be_done_is_said(clrctl: Run, args: list[str], code: int, said: str) -> None:
    write()
    clrctl("build", "r.yaml", "-o", "o.json")
    Path("empty").mkdir()
    Path("out").mkdir()
    result = clrctl("build", *args)
    assert (result.code, said in result.err) == (code, True), result.err


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("x.yaml", b"", "it is empty"),
        ("x.yaml", RECIPE.encode("utf-16"), "save it as UTF-8"),
        ("x.yaml", b"issuer: {}\n", "begin it with `recipe: 1`"),
        ("x.pdf", b"%PDF-1.7", "a recipe: YAML or JSON"),
        ("x.csv", b"a,b\n1,2\n", "clrctl map"),
    ],
)
def test_what_is_no_source_is_told_what_it_lacks(
    clrctl: Run, name: str, raw: bytes, said: str
) -> None:
    Path(name).write_bytes(raw)
    result = clrctl("build", name)
    assert (result.code, said in result.err) == (2, True), result.err


def test_images_and_mirror_are_left_out_on_request(clrctl: Run, place: Path) -> None:
    shutil.copytree(CASES, place / "cases")
    recipe = "cases/transcript.yaml"
    whole = orjson.loads(clrctl("build", recipe).out)["credentialSubject"]
    assert len(whole["achievement"]) == 2
    bare = clrctl("build", recipe, "--images", "none", "--mirror", "none").out
    assert '"Image"' not in bare
    assert len(orjson.loads(bare)["credentialSubject"]["achievement"]) == 1


def test_what_the_endpoint_may_drop_is_told_once_for_all_places(clrctl: Run, place: Path) -> None:
    shutil.copytree(CASES, place / "cases")
    clrctl("build", "cases/transcript.yaml", "-o", "o.json")
    report = clrctl("validate", "--ruleset", "timeback", "--json", "o.json").json
    told = [f for f in report["files"][0]["findings"] if f["code"] == "timeback/unlisted"]
    humans = [f["message"] for f in told if f["pointer"].endswith("/humanCode")]
    assert humans == [
        '"humanCode" is not a member that the endpoint lists here: it may be dropped',
    ]
    dates = [f["message"] for f in told if '"awardedDate"' in f["message"]]
    assert len(dates) == 2
    assert "nor in 1 more place" in dates[1]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("https://school.example/issuer", "school", 3, 'id "school": '),
        (
            "Pass.}",
            'Pass., align: [{name: A, url: "not an address"}]}',
            7,
            'targetUrl "not an address": ',
        ),
    ],
)
def test_what_only_the_rules_see_is_told_at_its_place_in_the_source(
    clrctl: Run, old: str, new: str, line: int, said: str
) -> None:
    write()
    text = Path("r.yaml").read_text()
    assert old in text
    Path("r.yaml").write_text(text.replace(old, new))
    result = clrctl("build", "r.yaml", "-o", "o.json")
    assert result.code == 1
    assert f"r.yaml:{line}" in result.err
    assert said in result.err
    assert not Path("o.json").exists()


def test_a_record_of_tomorrow_is_warned_of(clrctl: Run) -> None:
    write()
    result = clrctl("build", "r.yaml", "-o", "o.json", "--as-of", "2999-01-01")
    assert result.code == 0
    assert "note: date/" in result.err


@pytest.mark.parametrize(
    ("circle", "said"),
    [
        ("[math isPartOf b, b isPartOf math]", "be above and below itself"),
        ("[math isPartOf b, math isParentOf b]", "closes a circle"),
        ("[math precedes b, b replacedBy math]", "closes a circle"),
    ],
)
def test_circles_of_associations_are_told(clrctl: Run, circle: str, said: str) -> None:
    write()
    text = Path("r.yaml").read_text()
    more = f"  b: {{name: B, criteria: C.}}\nassociations: {circle}\nawards:"
    Path("r.yaml").write_text(text.replace("awards:", more))
    result = clrctl("build", "r.yaml")
    assert result.code == 1
    assert result.err.startswith("r.yaml:9  learner 0042\n")
    assert said in result.err


def test_a_source_that_is_not_there_is_told_with_the_one_that_is(clrctl: Run) -> None:
    Path("recipes").mkdir()
    done = clrctl("build", "recipse", "-o", "out")
    assert done.code == 3
    assert "fix:   did you mean recipes?" in done.err
