"""`clrctl show`: transcripts for terminals, pipes and programs, of credentials of any shape."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from clrctl.document import baking, carriers
from clrctl.document.inputs import Piece
from clrctl.document.limits import Limits
from clrctl.document.parsing import parse
from clrctl.showing import extract, layout, relations, text
from clrctl.showing.facts import Relation
from clrctl.showing.transcript import Transcript

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
CASES = Path(__file__).parents[1] / "data" / "cases" / "show"
NOW = datetime(2026, 7, 1, tzinfo=UTC)
SOURCES = {
    "record": CASES / "record.json",
    "old-badge": CASES / "old-badge.json",
    "transcript": SAMPLES / "transcript.clr.json",
    "mastery": SAMPLES / "mastery.clr.json",
    "workforce": SAMPLES / "workforce.clr.yaml",
}
GOLDEN = sorted(CASES.glob("*.txt"))

Run = Callable[..., Any]


def carried(raw: bytes) -> carriers.Carried:
    (found,) = carriers.opened([Piece("x", Limits(), None, len(raw), raw)])
    assert isinstance(found, carriers.Carried)
    return found


def transcript(data: Any) -> Transcript:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return extract.transcript_of(carried(raw), now=NOW)


def told(it: Transcript, **options: Any) -> str:
    lines = text.lines(it, text.TextOptions(UTC, "UTC", **options), [])
    return "".join(
        "".join(part if isinstance(part, str) else part[0] for part in line).rstrip() + "\n"
        for line in lines
    )


def test_there_are_golden_files() -> None:
    assert len(GOLDEN) >= 7


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_transcript_looks_like_its_golden_file(path: Path) -> None:
    """`NAME.pipe.txt`, `NAME.80.txt`, `NAME.80-v.txt`: the source, the width, verbose or not."""
    name, form = path.stem.split(".")
    width, _, verbose = form.partition("-")
    shown = told(
        transcript(SOURCES[name].read_bytes()),
        width=None if width == "pipe" else int(width),
        verbose=bool(verbose),
    )
    assert shown == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SOURCES)
def test_what_fits_on_a_terminal_is_cut_nowhere_and_nothing_is_wider(name: str) -> None:
    it = transcript(SOURCES[name].read_bytes())
    for line in told(it, width=80, verbose=True).splitlines():
        assert layout.width_of(line) <= 80 or " " not in line.strip()
    words = told(it, width=None, verbose=True).split()
    assert set(words) <= {*told(it, width=80, verbose=True).split(), "credits"}


def test_in_a_pipe_an_award_is_one_line(clrctl: Run) -> None:
    out = clrctl("show", SAMPLES / "transcript.clr.json").out
    (line,) = [line for line in out.splitlines() if "MAT-410" in line]
    for piece in ("2025-12-19", "Fall 2025", "Precalculus", "Final letter grade B", "·unsigned"):
        assert piece in line


def test_days_are_those_of_the_zone_that_is_asked_for(clrctl: Run) -> None:
    badge = CASES / "old-badge.json"
    assert "issued     2020-03-01," in clrctl("show", badge).out
    there = clrctl("show", badge, "--tz", "America/New_York").out
    assert "issued     2020-02-29," in there
    assert "(days in America/New_York)" in there


def test_a_zone_that_is_none_is_told_with_the_one_that_was_meant(clrctl: Run) -> None:
    result = clrctl("show", CASES / "record.json", "--tz", "America/Chigago")
    assert result.code == 2
    assert "did you mean America/Chicago?" in result.err
    assert "name one like" in clrctl("show", CASES / "record.json", "--tz", "/etc/x").err


def test_what_has_expired_or_begins_later_is_said_by_word(clrctl: Run) -> None:
    assert "until 2021-03-01 EXPIRED" in clrctl("show", CASES / "old-badge.json").out
    out = clrctl("show", CASES / "record.json").out
    assert "·expired 2024-06-30" in out
    assert "·not yet valid" in out
    later = transcript({"type": "ClrCredential", "validFrom": "2999-01-01T00:00:00Z"})
    assert "NOT YET VALID" in told(later)


def test_what_counts_as_now_can_be_said(clrctl: Run) -> None:
    badge = CASES / "old-badge.json"
    assert "EXPIRED" not in clrctl("show", badge, "--at", "2021-01-01").out
    assert "NOT YET VALID" in clrctl("show", badge, "--at", "2020-01-01").out
    assert clrctl("show", badge, "--at", "soon").code == 2


def test_foreign_text_cannot_steer_the_terminal(clrctl: Run) -> None:
    out = clrctl("show", CASES / "old-badge.json").out
    assert "\\x1b[31m\\u202eHands" in out
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_an_invalid_credential_is_shown_and_how_to_see_why(clrctl: Run) -> None:
    file = CASES / "old-badge.json"
    result = clrctl("show", file)
    assert result.code == 0
    assert f"invalid    1 error; clrctl validate {file} tells all" in result.out
    assert "invalid" not in clrctl("show", SAMPLES / "minimal.clr.json").out


def test_credits_of_a_whole_are_not_added_to_those_of_its_parts() -> None:
    it = transcript((SAMPLES / "transcript.clr.json").read_bytes())
    earned = [award.credits for award in it.awards]
    assert "10" in earned
    assert it.credits == "10.0"


def test_only_numbers_are_added(clrctl: Run) -> None:
    def award(credits: Any) -> Any:
        return {"credentialSubject": {"creditsEarned": credits}}

    given = [1, 0.5, "2.25", "1e999999999", "NaN", "x", True, None, {}]
    subject = {"verifiableCredential": [award(one) for one in given]}
    assert transcript({"type": "ClrCredential", "credentialSubject": subject}).credits == "3.75"


TOKEN_11 = {
    "iss": "https://press.example.org/profile",
    "jti": "urn:example:1",
    "sub": "did:example:tamsin",
    "nbf": 1577836800,
    "exp": 1609459200,
    "vc": {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Careful Hands",
        "credentialSubject": {"achievement": {"name": "Careful Hands"}},
    },
}


def token(payload: Any, header: bytes = b'{"alg":"ES256","kid":"k1"}') -> bytes:
    parts = (header, json.dumps(payload).encode(), b"signature")
    return b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)


def test_a_token_of_the_older_manner_is_filled_up_from_its_claims() -> None:
    it = transcript(token(TOKEN_11))
    assert (it.version, it.id, it.learner.id) == ("1.1", "urn:example:1", "did:example:tamsin")
    assert it.issuer.id == "https://press.example.org/profile"
    assert (it.period.valid_from, it.period.expired) == ("2020-01-01T00:00:00Z", True)
    assert [(proof.kind, proof.key) for proof in it.proofs] == [("JWT ES256", "k1")]


@pytest.mark.parametrize("seconds", [1e15, "soon", None, -1e15])
def test_a_claim_that_is_no_moment_is_no_date(seconds: Any) -> None:
    it = transcript(token({**TOKEN_11, "nbf": seconds}))
    assert it.period.valid_from == ""


def test_a_header_that_is_no_json_does_no_harm() -> None:
    odd = carriers.from_token("eyJhb.e30.c", source="x")
    assert extract.unshowable(odd) is not None
    it = transcript(token(TOKEN_11, header=b'{"x'))
    assert it.proofs[0].kind == "JWT"


@pytest.mark.parametrize("picture", ["png", "svg"])
def test_a_baked_picture_is_shown_like_the_file_it_was_made_of(
    clrctl: Run, tmp_path: Path, picture: str
) -> None:
    badge = (CASES / "old-badge.json").read_bytes()
    image = (SAMPLES / f"crest.{picture}").read_bytes()
    (tmp_path / "b").write_bytes(baking.bake(image, badge, baking.OPEN_BADGES))
    (tmp_path / "t").write_bytes(baking.bake(image, token(TOKEN_11), baking.OPEN_BADGES))
    plain, baked, both = (
        clrctl("show", file).out
        for file in (CASES / "old-badge.json", tmp_path / "b", tmp_path / "t")
    )
    assert plain.split("file")[0] == baked.split("file")[0]
    assert "baked into a picture as Open Badges 3.0" in baked
    assert "invalid    1 error: /@context" in baked
    assert "in a signed token (JWT), baked into a picture" in both


def test_a_folder_is_shown_with_its_pictures_and_tokens(clrctl: Run, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes((CASES / "old-badge.json").read_bytes())
    (tmp_path / "b.jwt").write_bytes(token(TOKEN_11))
    (tmp_path / "c.txt").write_bytes(b"not taken")
    (tmp_path / "d.png").write_bytes((SAMPLES / "crest.png").read_bytes())
    result = clrctl("show", tmp_path)
    assert result.code == 3
    assert result.out.count("learner ") == 2
    assert "there is no credential in the picture" in result.err


def test_ndjson_is_shown_line_by_line(clrctl: Run, tmp_path: Path) -> None:
    line = json.dumps(json.loads((CASES / "old-badge.json").read_text()))
    (tmp_path / "two.ndjson").write_text(f"{line}\n{line}\n")
    out = clrctl("show", tmp_path / "two.ndjson").out
    assert "two.ndjson: Open Badge" in out
    assert "two.ndjson:2: Open Badge" in out


UNSHOWABLE = {
    "fault": (b'{"type": ,}', "this cannot be read"),
    "a list": (b"[]", "an empty list"),
    "Open Badges 2.0": (b'{"type": "Assertion", "badge": "x"}', "Open Badges 2.0"),
    "nothing": (b'{"type": "Note", "a": 1}', "there is no credential in this"),
    "token": (b"eyJh.bm90IEpTT04.c", "this cannot be read"),
    "damaged token": (b"eyJh.a.c", "is damaged"),
    "web page": (b"<!doctype html><title>Log in</title>", "this is a web page"),
    "empty": (b"", "this cannot be read"),
}


@pytest.mark.parametrize("name", UNSHOWABLE)
def test_what_is_no_credential_is_told_and_the_others_are_shown(
    clrctl: Run, tmp_path: Path, name: str
) -> None:
    raw, what = UNSHOWABLE[name]
    (tmp_path / "bad").write_bytes(raw)
    result = clrctl("show", tmp_path / "bad", CASES / "old-badge.json")
    assert result.code in (1, 3)
    assert what in result.err
    assert "The Night Press" in result.out


def test_the_json_form_has_the_same_facts(clrctl: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(b"[]")
    result = clrctl("show", "--json", CASES / "record.json", tmp_path / "bad.json")
    answer = result.json
    assert (result.code, answer["format"], answer["ok"]) == (1, "clrctl.show/1", False)
    assert [one["exit_code"] for one in answer["unread"]] == [1]
    (record,) = answer["credentials"]
    assert record["source"] == str(CASES / "record.json")
    assert record["learner"]["name"] == "Tamsin Sample"
    assert record["partial"] is True
    assert record["errors"] > 0
    assert (record["credits"], record["attempted"]) == ("0", "")
    assert record["awards"][1]["unearned"] == "its status is Withdrew"
    assert {"id": "urn:uuid:b1c5b9f0-2f4e-4a52-8d52-6a1f0d100010", "awarded": False,
            "name": "Bookbinder's Certificate"} in record["achievements"]  # fmt: skip
    failed, withdrawn, endorsement = record["awards"]
    assert failed["results"][0] == {
        "name": "Final grade", "value": "F", "status": "Failed", "scale": "",
    }  # fmt: skip
    assert withdrawn["period"]["expired"] is True
    assert withdrawn["period"]["valid_until"] == "2024-06-30T23:59:59Z"
    assert withdrawn["activity"] == {"start": "", "end": ""}
    assert endorsement["narrative"] == "Sound work."


ODD: list[Any] = [
    None,
    True,
    7,
    1.5,
    "x",
    [],
    {},
    [[]],
    [{}],
    [None, 3],
    {"@value": "y"},
    {"id": 5},
]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_no_shape_of_any_member_stops_it(odd: Any) -> None:
    """Every member, at every depth, is replaced by something odd, one by one."""
    raw = json.loads((CASES / "record.json").read_text())

    def holders(value: Any) -> Any:
        if isinstance(value, dict | list):
            yield value
            for item in value.values() if isinstance(value, dict) else value:
                yield from holders(item)

    for holder in list(holders(raw)):
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
            if key == "type":
                continue
            kept = holder[key]
            holder[key] = copy.deepcopy(odd)
            found = carriers.Carried(parse(json.dumps(raw).encode()), b"")
            assert told(extract.transcript_of(found, now=NOW), verbose=True)
            holder[key] = kept


def test_moments_at_the_ends_of_time_do_no_harm() -> None:
    data = {"type": "ClrCredential", "validFrom": "0001-01-01T00:00:00+14:00",
            "validUntil": "9999-12-31T23:59:59-12:00", "awardedDate": "yesterday"}  # fmt: skip
    zone = timezone(timedelta(hours=-12))
    lines = list(text.lines(transcript(data), text.TextOptions(zone, "west"), []))
    assert any("issued" in str(line) and "yesterday" in str(line) for line in lines)


def branches(*relations_: tuple[str, str, str]) -> list[tuple[str, str, bool]]:
    found, others = relations.tree(
        Transcript("CLR", relations=tuple(Relation(*one) for one in relations_))
    )
    assert not others
    return [(one.stem, one.id, one.again) for one in found]


def test_a_part_of_two_wholes_is_drawn_under_both_and_its_own_parts_once() -> None:
    assert branches(
        ("m", "isPartOf", "a"), ("m", "isChildOf", "b"), ("m", "isParentOf", "x")
    ) == [("", "a", False), ("└─ ", "m", False), ("   └─ ", "x", False),
          ("", "b", False), ("└─ ", "m", True)]  # fmt: skip
    it = Transcript(
        "CLR",
        relations=(Relation("m", "isPartOf", "a"), Relation("m", "isPartOf", "b"),
                   Relation("x", "isPartOf", "m")),
    )  # fmt: skip
    assert "m  (not in this CLR, its parts see above)" in told(it)


def test_a_chain_of_any_length_is_drawn() -> None:
    chain = [(f"n{at}", "isPartOf", f"n{at + 1}") for at in range(3000)]
    assert len(branches(*chain)) == 3001


def test_the_samples_of_1edtech_are_shown(clrctl: Run, reference: Path) -> None:
    files = [path for path in sorted(reference.glob("samples/*/*.*")) if path.suffix != ".ndjson"]
    result = clrctl("show", "-v", *files)
    assert result.code == 0, result.err
    assert result.out.count("\n  learner ") == len(files)
    assert clrctl("show", "--json", *files).code == 0
