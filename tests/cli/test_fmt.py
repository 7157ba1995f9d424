"""`clrctl fmt`: what it writes, where it writes it, and what it leaves alone."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clrctl.document.parsing import parse
from clrctl.errors import InputError
from clrctl.standard import classes
from clrctl.standard.serialization.layout import Style
from clrctl.standard.serialization.strict import (
    SIGNED,
    SIGNED_AS_TEXT,
    format_document,
    order,
    sets,
)

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parents[1] / "data" / "cases" / "fmt"
NAMES = sorted(path.name.removesuffix(".in.json") for path in CASES.glob("*.in.json"))
MINIMAL = (ROOT / "samples" / "minimal.clr.json").read_bytes()
# One member in the wrong place, one set without its list.
MESSY = b'{"id": "urn:example:p", "type": "Profile"}'
TIDY = b'{\n  "type": ["Profile"],\n  "id": "urn:example:p"\n}\n'
BROKEN = b'{"type": "Profile",}'

Run = Callable[..., Any]


def formatted(text: bytes, **options: Any) -> bytes:
    return format_document(parse(text), **options).text


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    path = tmp_path / "messy.json"
    path.write_bytes(MESSY)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_a_case_is_formatted_as_its_twin_shows(name: str) -> None:
    given, wanted = ((CASES / f"{name}.{way}.json").read_bytes() for way in ("in", "out"))
    assert formatted(given).decode() == wanted.decode()
    assert formatted(wanted) == wanted


def test_there_are_cases() -> None:
    assert len(NAMES) >= 8


@pytest.mark.parametrize("cls", classes.CREDENTIALS)
def test_a_credential_begins_with_what_a_reader_asks_first_and_ends_with_its_proof(
    cls: str,
) -> None:
    members = order(cls)
    assert members[:5] == ("@context", "type", "id", "name", "description")
    assert members[-1] == "proof"
    assert set(classes.members(cls)) <= set(members)
    assert len(set(members)) == len(members)


def test_the_sets_of_a_class_are_those_of_the_standard() -> None:
    assert sets("Achievement") == {
        "type",
        "alignment",
        "endorsement",
        "endorsementJwt",
        "otherIdentifier",
        "related",
        "resultDescription",
        "tag",
    }
    assert sets("ClrCredential") == {
        "@context",
        "type",
        "endorsement",
        "endorsementJwt",
        "proof",
        "credentialSchema",
        "termsOfUse",
        "evidence",
    }
    for single in ("Association", "Image", "IdentityObject", "IdentifierEntry", "GeoCoordinates"):
        assert sets(single) == set()


def proven(**proof: str) -> bytes:
    return json.dumps({"type": "Profile", "proof": proof}).encode()


@pytest.mark.parametrize(
    "proof",
    [
        {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022"},
        {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-rdfc-2019"},
        {"type": "DataIntegrityProof", "cryptosuite": "eddsa-2022"},
        {"type": "Ed25519Signature2020"},
    ],
)
def test_what_is_signed_over_its_meaning_is_rewritten_when_asked(proof: dict[str, str]) -> None:
    kept = format_document(parse(proven(**proof)))
    assert kept.text == proven(**proof)
    assert [(one.pointer, one.why) for one in kept.kept] == [("", SIGNED)]

    result = format_document(parse(proven(**proof)), signed_too=True)
    assert json.loads(result.text)["type"] == ["Profile"]
    assert result.kept == ()


@pytest.mark.parametrize(
    "proof",
    [
        {"type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022"},
        {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023"},
        {"type": "DataIntegrityProof"},
        {"type": "JcsEd25519Signature2022"},
        {"cryptosuite": "eddsa-rdfc-2022"},
    ],
)
def test_what_may_be_signed_as_text_is_never_rewritten(proof: dict[str, str]) -> None:
    result = format_document(parse(proven(**proof)), signed_too=True)
    assert result.text == proven(**proof)
    assert [one.why for one in result.kept] == [SIGNED_AS_TEXT]


def test_one_proof_over_the_text_among_several_is_enough_to_keep_it() -> None:
    proofs = [
        {"type": "DataIntegrityProof", "cryptosuite": suite}
        for suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022")
    ]
    text = json.dumps({"type": "Profile", "proof": proofs}).encode()
    assert format_document(parse(text), signed_too=True).text == text
    text = json.dumps({"type": "Profile", "proof": "in words"}).encode()
    assert format_document(parse(text), signed_too=True).text == text


def test_a_credential_signed_as_text_is_kept_inside_one_that_is_rewritten() -> None:
    inner = b'{ "type":"EndorsementCredential",  "proof":{"type":"Unheard"}}'
    text = b'{"type": "Profile", "endorsement": %b, "proof": {"type": "Ed25519Signature2020"}}' % (
        inner
    )
    result = format_document(parse(text), signed_too=True)
    assert inner in result.text
    assert b'"type": ["Profile"]' in result.text
    assert [one.pointer for one in result.kept] == ["/endorsement"]


def test_one_line_style_has_no_blanks_and_keeps_numbers() -> None:
    text = b'{"type": "AchievementSubject", "creditsEarned": 3.50, "x": [ ], "y": {"a": [1, {}]}}'
    badge = b'{"type": ["OpenBadgeCredential"], "credentialSubject": %b}' % text
    wanted = (
        b'{"type":["OpenBadgeCredential"],"credentialSubject":{"type":["AchievementSubject"],'
        b'"creditsEarned":3.50,"x":[],"y":{"a":[1,{}]}}}\n'
    )
    assert formatted(badge, style=Style.ONE_LINE) == wanted


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        # A line of the list `"tag": [...],` as wide as may be, and one column more.
        ("x" * (100 - len('      "tag": [""],')), 1),
        ("x" * (101 - len('      "tag": [""],')), 3),
    ],
)
def test_a_list_is_broken_where_its_line_would_be_too_long(text: str, lines: int) -> None:
    badge = {
        "type": ["OpenBadgeCredential"],
        "credentialSubject": {"achievement": {"tag": [text]}},
    }
    body = formatted(json.dumps(badge).encode()).decode()
    assert body.count("\n") == 7 + lines
    assert max(map(len, body.splitlines())) <= 100


def test_a_file_is_rewritten_in_place_and_named(clrctl: Run, messy: Path) -> None:
    result = clrctl("fmt", messy)
    assert (result.code, result.out) == (0, f"{messy}\n")
    assert messy.read_bytes() == TIDY
    assert "1 file rewritten" in result.err

    again = clrctl("fmt", messy)
    assert (again.code, again.out) == (0, "")
    assert "0 files rewritten, 1 as they should be" in again.err


def test_a_file_that_is_as_it_should_be_is_not_written(clrctl: Run, tmp_path: Path) -> None:
    path = tmp_path / "minimal.clr.json"
    path.write_bytes(MINIMAL)
    before = path.stat()
    assert clrctl("fmt", path).code == 0
    after = path.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_mode_of_a_file_and_the_link_to_it_stay(clrctl: Run, messy: Path) -> None:
    messy.chmod(0o640)
    link = messy.with_name("link.json")
    link.symlink_to(messy.name)
    assert clrctl("fmt", link).code == 0
    assert link.is_symlink()
    assert messy.read_bytes() == TIDY
    assert stat.S_IMODE(messy.stat().st_mode) == 0o640


def test_a_folder_is_taken_whole_and_nothing_else_is_left_in_it(
    clrctl: Run, messy: Path, tmp_path: Path
) -> None:
    (tmp_path / "tidy.json").write_bytes(TIDY)
    (tmp_path / "package.json").write_bytes(b'{"type": "module"}')
    result = clrctl("fmt", tmp_path)
    assert (result.code, result.out) == (0, f"{messy}\n")
    assert (tmp_path / "package.json").read_bytes() == b'{"type": "module"}'
    assert "package.json: 1 object left as written: not a credential" in result.err
    assert sorted(os.listdir(tmp_path)) == ["messy.json", "package.json", "tidy.json"]  # noqa: PTH208


def test_check_writes_nothing_and_tells_by_its_exit_code(clrctl: Run, messy: Path) -> None:
    result = clrctl("fmt", "--check", messy)
    assert (result.code, result.out) == (1, f"{messy}\n")
    assert "1 file would be rewritten" in result.err
    assert messy.read_bytes() == MESSY
    messy.write_bytes(TIDY)
    assert (clrctl("fmt", "--check", messy).code, clrctl("fmt", "--check", messy).out) == (0, "")


def test_a_diff_can_be_applied_and_writes_nothing(clrctl: Run, messy: Path) -> None:
    result = clrctl("fmt", "--diff", messy)
    assert result.code == 0
    assert messy.read_bytes() == MESSY
    assert result.out == (
        f"--- {messy}\n+++ {messy} (formatted)\n@@ -1 +1,4 @@\n"
        f"-{MESSY.decode()}\n\\ No newline at end of file\n"
        '+{\n+  "type": ["Profile"],\n+  "id": "urn:example:p"\n+}\n'
    )
    assert clrctl("fmt", "--diff", "--check", messy).code == 1
    messy.write_bytes(TIDY)
    assert clrctl("fmt", "--diff", messy).out == ""


def test_colours_do_not_reach_what_is_written_for_programs(clrctl: Run, tmp_path: Path) -> None:
    kept = b'{\t"proof": {"type": "x"}}'
    text = b'{"type": "Profile", "endorsement": [%b]}' % kept
    plain = clrctl("fmt", "-", stdin=text)
    colored = clrctl("fmt", "--color", "always", "-", stdin=text)
    assert colored.out == plain.out
    assert kept.decode() in plain.out


def test_standard_input_becomes_standard_output(clrctl: Run) -> None:
    result = clrctl("fmt", "-", stdin=MESSY)
    assert (result.code, result.out) == (0, TIDY.decode())
    assert clrctl("fmt", "-", stdin=TIDY).out == TIDY.decode()
    assert clrctl("fmt", "--check", "-", stdin=MESSY).out == "-\n"


def test_standard_input_goes_alone(clrctl: Run, messy: Path) -> None:
    assert clrctl("fmt", "-", messy, stdin=MESSY).code == 2
    assert messy.read_bytes() == MESSY


def test_an_output_is_written_instead_of_the_input(
    clrctl: Run, messy: Path, tmp_path: Path
) -> None:
    target = tmp_path / "tidy.json"
    result = clrctl("fmt", messy, "--output", target)
    assert (result.code, result.out) == (0, "")
    assert target.read_bytes() == TIDY
    assert messy.read_bytes() == MESSY
    assert clrctl("fmt", messy, "-o", "-").out == TIDY.decode()
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~umask


@pytest.mark.parametrize("flag", ["--check", "--diff"])
def test_an_output_is_not_for_dry_runs(clrctl: Run, messy: Path, flag: str) -> None:
    assert clrctl("fmt", messy, flag, "-o", "-").code == 2


def test_an_output_takes_one_input(clrctl: Run, messy: Path, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_bytes(MESSY)
    target = tmp_path / "out"
    assert clrctl("fmt", tmp_path, "-o", target).code == 2
    assert not target.exists()


def test_parse_faults_are_told_and_the_file_left_alone(
    clrctl: Run, messy: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.json"
    broken.write_bytes(BROKEN)
    result = clrctl("fmt", tmp_path)
    assert result.code == 1
    assert f"{broken}:1:19: error parse/json" in result.err
    assert "1 with faults" in result.err
    assert result.out == f"{messy}\n"
    assert broken.read_bytes() == BROKEN


def test_what_cannot_be_read_does_not_stop_the_others(clrctl: Run, messy: Path) -> None:
    result = clrctl("fmt", messy.with_name("missing.json"), messy)
    assert result.code == 3
    assert messy.read_bytes() == TIDY
    assert "cannot be read" in result.err


def test_what_cannot_be_written_is_left_as_it_was(
    clrctl: Run, messy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = clrctl("fmt", messy)
    assert (result.code, result.out) == (3, "")
    assert "No space left on device" in result.err
    assert messy.read_bytes() == MESSY
    assert [path.name for path in messy.parent.iterdir()] == [messy.name]


def test_lines_stay_lines(clrctl: Run, tmp_path: Path) -> None:
    path = tmp_path / "records.ndjson"
    signed = b'  {"proof": {"type": "x"}, "type": "Profile"}'
    path.write_bytes(b"\n".join([MESSY, signed, b"", MINIMAL.replace(b"\n", b"")]))
    result = clrctl("fmt", "-v", path)
    assert result.code == 0
    lines = path.read_bytes().split(b"\n")
    assert lines[0] == b'{"type":["Profile"],"id":"urn:example:p"}'
    assert lines[1] == signed
    assert json.loads(lines[2]) == json.loads(MINIMAL)
    assert lines[3:] == [b""]
    assert f"{path}: 1 object left as written: signed" in result.err
    assert f"{path}:2 /" in result.err
    assert clrctl("fmt", "--check", path).code == 0


def test_standard_input_can_be_lines(clrctl: Run) -> None:
    result = clrctl("fmt", "--input-format", "ndjson", "-", stdin=MESSY + b"\r\n" + MESSY)
    assert result.out == '{"type":["Profile"],"id":"urn:example:p"}\n' * 2


def test_a_file_with_one_bad_line_is_left_alone(clrctl: Run, tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(MESSY + b"\n" + BROKEN + b"\n")
    result = clrctl("fmt", path)
    assert result.code == 1
    assert f"{path}:2:19: error" in result.err
    assert path.read_bytes() == MESSY + b"\n" + BROKEN + b"\n"


def test_a_file_that_breaks_off_is_left_alone(
    clrctl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clrctl import document

    path = tmp_path / "records.jsonl"
    path.write_bytes(MESSY + b"\n" + MESSY + b"\n")
    first = parse(MESSY, source=str(path))
    failure = InputError("cannot be read", where=str(path), why="Input/output error")
    monkeypatch.setattr(document, "read", lambda *_, **__: iter([first, failure]))
    result = clrctl("fmt", path)
    assert (result.code, result.out) == (3, "")
    assert path.read_bytes() == MESSY + b"\n" + MESSY + b"\n"


def test_yaml_is_left_to_its_author_but_can_become_json(clrctl: Run, tmp_path: Path) -> None:
    sample = ROOT / "samples" / "workforce.clr.yaml"
    path = tmp_path / "record.yaml"
    path.write_bytes(sample.read_bytes())
    result = clrctl("fmt", path)
    assert (result.code, result.out) == (0, "")
    assert "YAML is not rewritten" in result.err
    assert path.read_bytes() == sample.read_bytes()

    target = tmp_path / "record.json"
    assert clrctl("fmt", path, "--output", target).code == 0
    assert json.loads(target.read_bytes()) == parse(sample.read_bytes(), syntax="yaml").data
    assert clrctl("fmt", "-", stdin=sample.read_bytes()).out.encode() == target.read_bytes()


def test_signed_yaml_becomes_json_as_it_is(clrctl: Run, tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    text = b"type: Profile\nn: 3.50\nproof: {type: x}\n"
    assert clrctl("fmt", "-", "-o", target, stdin=text).code == 0
    assert target.read_text() == '{"type":"Profile","n":3.50,"proof":{"type":"x"}}\n'


def test_quiet_says_only_what_changed(clrctl: Run, messy: Path) -> None:
    result = clrctl("fmt", "-q", messy)
    assert (result.out, result.err) == (f"{messy}\n", "")


def test_after_formatting_no_list_is_missed(clrctl: Run, tmp_path: Path) -> None:
    path = tmp_path / "lists.json"
    given = (CASES / "lists.in.json").read_bytes()
    path.write_bytes(given)

    def missed() -> list[str]:
        findings = clrctl("validate", "--json", path).json["files"][0]["findings"]
        return [one["pointer"] for one in findings if one["code"] == "serialization/array"]

    assert len(missed()) >= 5
    clrctl("fmt", path)
    assert missed() == []
