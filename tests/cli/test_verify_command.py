"""`clrctl verify`: what it answers, in which form, and with which exit code."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clrctl.proof import jwt
from tests.conftest import SAMPLES
from tests.issued import ISSUER, NOW, SCHOOL, badge, minimal, record, signed

SIGNED = SAMPLES / "signed"
AT = ("--at", "2026-07-01")
TRUST = ("--trust", str(SIGNED / "trust.yaml"))
Run = Callable[..., Any]


@pytest.fixture
def file(tmp_path: Path) -> Callable[[Any], Path]:
    def write(data: Any) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
        return path

    return write


def test_a_valid_record_is_told_in_a_line(clrctl: Run) -> None:
    result = clrctl("verify", *TRUST, *AT, SIGNED / "workforce.clr.json")
    assert result.code == 0
    assert result.out == (
        f"{SIGNED / 'workforce.clr.json'}: valid (CLR of "
        "https://harborpoint.example.org/profile, 3 credentials in it)\n"
    )
    assert result.err == "1 document verified, 1 valid\n"


def test_what_was_changed_is_told_with_its_place_and_what_to_do(clrctl: Run) -> None:
    changed = SIGNED / "changed.clr.json"
    result = clrctl("verify", *TRUST, *AT, changed)
    assert result.code == 1
    first, second, last = result.out.splitlines()
    place = "/credentialSubject/verifiableCredential/1/proof/0"
    assert f"invalid proof/broken {place} " in second
    assert second.startswith(f"{changed}:")
    assert " -> get the credential again" in first
    assert last.startswith(f"{changed}: invalid (CLR of ")
    assert last.endswith("3 credentials in it, 1 invalid)")


def test_a_key_that_is_not_known_is_exit_code_7_and_how_to_supply_it(clrctl: Run) -> None:
    result = clrctl("verify", *AT, SIGNED / "workforce.clr.json")
    assert result.code == 7
    assert "undecided issuer/key-unknown /proof/0 the key of its issuer is not known" in result.out
    assert "pin the issuer's key in a trust file" in result.out
    assert "1 undecided" in result.err


def test_the_gravest_of_several_documents_gives_the_exit_code(clrctl: Run, file: Any) -> None:
    good, undecided, bad = file(record()), file(signed(badge(ISSUER))), file(minimal())
    assert clrctl("verify", *AT, good).code == 0
    assert clrctl("verify", *AT, good, undecided).code == 7
    assert clrctl("verify", *AT, undecided, bad, good).code == 1
    assert clrctl("verify", *AT, good, "missing.json").code == 3
    assert clrctl("verify", *AT, undecided, "missing.json").code == 3


def test_like_problems_are_told_once_unless_all_are_wanted(clrctl: Run) -> None:
    result = clrctl("verify", *AT, SIGNED / "workforce.clr.json")
    assert "(and 2 more like it: -v shows all)" in result.out
    every = clrctl("verify", *AT, "-v", SIGNED / "workforce.clr.json")
    assert "more like it" not in every.out
    assert every.out.count("issuer/key-unknown") == 4
    assert "valid time/valid" in every.out


def test_on_a_terminal_message_and_advice_stand_on_lines_of_their_own() -> None:
    from clrctl.cli.console import Color, Console
    from clrctl.cli.output import verdicts
    from clrctl.document.parsing import parse
    from clrctl.verifying.engine import Verifier

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    console = Console(color=Color.NEVER, out=out, err=io.StringIO())
    verdict = Verifier(now=NOW).verify(parse(json.dumps(minimal()).encode(), source="a.json"))
    verdicts.VerdictsText(console).document(verdict)
    assert out.getvalue().splitlines()[:3] == [
        "a.json:1:1: invalid proof/unsigned /",
        "    it is not signed: anybody can have written or changed it",
        "    -> sign it: clrctl sign",
    ]


def test_the_answer_for_programs_holds_every_check(clrctl: Run) -> None:
    result = clrctl("verify", *TRUST, *AT, "--json", SIGNED / "changed.clr.json")
    assert result.code == 1
    answer = result.json
    assert (answer["format"], answer["ok"]) == ("clrctl.verify/1", False)
    assert answer["at"] == "2026-07-01T00:00:00+00:00"
    assert answer["summary"] == {
        "documents": 1,
        "valid": 0,
        "invalid": 1,
        "undecided": 0,
        "unread": 0,
    }
    assert answer["fetched"] == []
    (told,) = answer["files"]
    outer, course, certificate, endorsement = told["credentials"]
    outcomes = [each["outcome"] for each in (outer, course, certificate, endorsement)]
    assert outcomes == ["invalid", "valid", "invalid", "valid"]
    assert endorsement["type"] == "EndorsementCredential"
    assert endorsement["issuer"] == "https://coastbuilders.example.org/profile"
    (broken,) = (each for each in certificate["checks"] if each["outcome"] == "invalid")
    assert set(broken) == {
        *("check", "outcome", "reason", "pointer", "message", "line", "column", "fix")
    }
    assert (broken["check"], broken["reason"], broken["line"]) == ("proof", "broken", 202)


def test_what_cannot_be_read_is_in_the_answer_for_programs(clrctl: Run) -> None:
    answer = clrctl("verify", "--json", "missing.json").json
    assert not answer["ok"]
    assert answer["summary"]["unread"] == 1
    assert answer["error"]["exit_code"] == 3


def test_tokens_pictures_lines_and_standard_input_are_read(
    clrctl: Run, tmp_path: Path, file: Any
) -> None:
    data = record()
    method = {"kid": f"{SCHOOL.public.did}#{SCHOOL.public.multikey}"}
    token = jwt.sign(badge(), SCHOOL, header={"typ": "JWT", **method})
    (tmp_path / "badge.jwt").write_text(token)
    baked = tmp_path / "baked.png"
    assert clrctl("bake", file(data), SAMPLES / "crest.png", "-o", baked).code == 0
    (tmp_path / "two.ndjson").write_text(f"{json.dumps(data)}\n{json.dumps(minimal())}\n")
    result = clrctl("verify", *AT, tmp_path / "badge.jwt", baked, tmp_path / "two.ndjson")
    conclusions = [line for line in result.out.splitlines() if "(" in line]
    assert [line.rpartition(" (")[0].rpartition("/")[2] for line in conclusions] == [
        "badge.jwt: valid",
        "baked.png: valid",
        "two.ndjson:2: invalid",
    ] or "two.ndjson: valid" in result.out
    assert result.code == 1
    assert clrctl("verify", *AT, "-", stdin=json.dumps(data).encode()).out.startswith("-: valid")


def test_text_of_a_credential_cannot_steer_the_terminal(clrctl: Run, file: Any) -> None:
    result = clrctl("verify", *AT, file(badge("https://brookside.example.edu/\x1b[31m\u202e")))
    assert "brookside" in result.out
    assert "\x1b" not in result.out + result.err
    assert "\u202e" not in result.out + result.err


def test_the_trust_file_is_that_of_the_flag_then_the_environment_then_the_config(
    clrctl: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = Path(os.environ["CLRCTL_CONFIG"])
    for name in ("trust.yaml", "coastbuilders.pem"):
        (config.parent / name).write_bytes((SIGNED / name).read_bytes())
    config.write_text("trust: trust.yaml\n")
    assert clrctl("verify", *AT, SIGNED / "workforce.clr.json").code == 0
    empty = tmp_path / "empty.yaml"
    empty.write_text("issuers: {}\n")
    monkeypatch.setenv("CLRCTL_TRUST", str(empty))
    assert clrctl("verify", *AT, SIGNED / "workforce.clr.json").code == 7
    assert clrctl("verify", *AT, *TRUST, SIGNED / "workforce.clr.json").code == 0


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--trust", "missing.yaml"], 3, "missing.yaml"),
        (["--context", "terms.json"], 2, "URL=FILE"),
        (["--context", "https://x.example/=missing.json"], 3, "missing.json"),
        (["--at", "yesterday"], 2, "--at"),
    ],
)
def test_a_wrong_command_line_says_what_to_type(
    clrctl: Run, args: list[str], code: int, said: str
) -> None:
    result = clrctl("verify", *args, SIGNED / "workforce.clr.json")
    assert result.code == code
    assert said in result.err
    assert result.out == ""


def test_a_context_can_be_given_by_flag(clrctl: Run, file: Any, tmp_path: Path) -> None:
    from clrctl.proof.jsonld.contexts import Contexts

    url = "https://brookside.example.edu/terms?v=1"
    context = {"@context": {"shoeSize": "https://brookside.example.edu/terms#shoeSize"}}
    data = badge()
    data["@context"].append(url)
    data = signed(data | {"shoeSize": "38"}, contexts=Contexts.built_in().plus({url: context}))
    path = file(data)
    assert clrctl("verify", *AT, path).code == 7
    terms = tmp_path / "terms.json"
    terms.write_text(json.dumps(context))
    assert clrctl("verify", *AT, "--context", f"{url}={terms}", path).code == 0


@pytest.mark.parametrize("command", ["verify", "sign"])
def test_a_context_that_is_built_in_is_not_replaced(
    clrctl: Run, file: Any, tmp_path: Path, command: str
) -> None:
    from clrctl.proof.jsonld.facts import OB_303, context

    args = [*AT, file(signed(badge()))] if command == "verify" else [file(badge())]
    if command == "sign":
        assert clrctl("key", "new", "--no-passphrase", tmp_path / "key.jwk").code == 0
        args += ["--key", tmp_path / "key.jwk"]
    terms = tmp_path / "terms.json"
    for document in (
        {"@context": {"name": "urn:example:other"}},
        {"@context": "https://x.example"},
    ):
        terms.write_text(json.dumps(document))
        result = clrctl(command, *args, "--context", f"{OB_303}={terms}")
        assert result.code == 2
        assert "a context that is built in cannot be replaced" in result.err
    if command == "verify":
        for variant in ("newer", "older"):
            terms.write_text(json.dumps(context(OB_303, variant)))
            assert clrctl(command, *args, "--context", f"{OB_303}={terms}").code == 0


def test_online_names_what_it_fetches_and_takes_no_private_address(clrctl: Run, file: Any) -> None:
    issuer = "https://127.0.0.1:1/profile"
    path = file(signed(badge(issuer), method=f"{issuer}#key-1"))
    result = clrctl("verify", *AT, "--online", "--json", path)
    assert result.code == 7
    assert result.json["fetched"] == [issuer]
    assert f"fetching {issuer}" in result.err
    assert "127.0.0.1 is not a public address" in result.out
    assert "fetching" not in clrctl("verify", *AT, "--online", "-q", path).err


def test_many_are_verified_alike_by_one_process_and_by_several(
    clrctl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clrctl.document import parallel

    monkeypatch.setattr(parallel, "ALONE", 0)
    monkeypatch.setattr(parallel, "TASK", 20_000)
    good, bad, open_ = (json.dumps(each) for each in (record(), minimal(), signed(badge(ISSUER))))
    token = jwt.sign(badge(), SCHOOL, header={"kid": f"{ISSUER}#key-1"})
    lines = [good, bad, open_, "{", token] * 8
    many = tmp_path / "many.ndjson"
    many.write_text("\n".join(lines) + "\n")
    trust = tmp_path / "trust.yaml"
    trust.write_text(f"issuers: {{'{ISSUER}': [{{multikey: {SCHOOL.public.multikey}}}]}}")
    alone, spread = (
        clrctl("verify", *AT, "--trust", trust, "--jobs", number, "--json", many)
        for number in ("1", "3")
    )
    assert alone.code == spread.code == 1
    assert alone.json == spread.json
    outcomes = [each["outcome"] for each in alone.json["files"]]
    assert outcomes == ["valid", "invalid", "valid", "invalid", "undecided"] * 8
    assert [each["line"] for each in alone.json["files"]] == list(range(1, 41))


def test_a_trust_file_that_cannot_be_used_ends_it_before_anything_is_verified(
    clrctl: Run, tmp_path: Path
) -> None:
    trust = tmp_path / "trust.yaml"
    trust.write_text("issuers: 5\n")
    result = clrctl("verify", *AT, "--trust", trust, SIGNED / "workforce.clr.json")
    assert (result.code, result.out) == (2, "")
    assert f"{trust}:1:10" in result.err


def test_a_picture_without_a_credential_and_a_damaged_token_are_told(
    clrctl: Run, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.jwt"
    damaged.write_text("eyJhbGciOiJFZERTQSJ9.abcde.c2ln")
    result = clrctl("verify", *AT, SAMPLES / "crest.png", damaged, SIGNED / "workforce.clr.json")
    assert result.code == 3
    assert "crest.png" in result.err
    assert "damaged.jwt" in result.err
    assert "workforce.clr.json: undecided" in result.out
