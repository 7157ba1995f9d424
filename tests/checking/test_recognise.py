"""What is no credential is told by what it is, and what may be one is never mistaken for that."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import orjson
import pytest

from clrctl.checking import recognise, validation
from clrctl.document.inputs import read
from clrctl.document.parsing import Document, parse
from clrctl.finding import Report
from tests.explained import COMPLETE
from tests.mutations import changed, without

SAMPLES = Path(__file__).parents[2] / "samples"
GOOD = sorted(SAMPLES.glob("*.clr.*"))
TOKEN = b"eyJhbGciOiJSUzI1NiJ9.eyJpZCI6IngifQ.c2ln"
RECORD = orjson.dumps(orjson.loads((SAMPLES / "minimal.clr.json").read_bytes()))


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_a_credential_is_not_taken_for_anything_else(path: Path) -> None:
    raw = path.read_bytes()

    assert recognise.of_bytes(raw) is None
    assert recognise.of_data(parse(raw).data) is None


@pytest.mark.parametrize("member", sorted(COMPLETE))
def test_a_record_that_lacks_a_member_is_still_a_record(member: str) -> None:
    assert recognise.of_data(without(COMPLETE, member)) is None
    assert recognise.of_data(changed(COMPLETE, (member,), "plain words")) is None


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"type": "Unheard"},
        {"type": ["VerifiableCredential"]},
        {"results": [7, None, {"value": "A"}]},
        {"users": "all"},
        {"issuer": 7, "learner": 7},
    ],
)
def test_what_is_not_known_to_be_another_thing_is_held_to_the_schema(data: Any) -> None:
    assert recognise.of_data(data) is None


def test_a_token_on_a_line_of_ndjson_does_not_hide_the_other_lines(tmp_path: Path) -> None:
    file = tmp_path / "records.ndjson"
    file.write_bytes(b"\n".join([TOKEN, RECORD, b"[]"]))

    documents = list(read([str(file)], stdin=io.BytesIO()))

    assert all(isinstance(document, Document) for document in documents)
    reports = [validation.check(document) for document in documents]
    assert [report.first_line for report in reports] == [1, 2, 3]
    assert [report.findings[0].line for report in reports if report.errors] == [1, 3]
    assert codes(reports[0]) == ["document/jwt"]
    assert reports[1].ok
    assert codes(reports[2]) == ["document/several"]


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\n \t"])
@pytest.mark.parametrize("syntax", ["json", "yaml", None])
def test_a_token_is_known_whatever_it_was_read_as(start: bytes, syntax: Any) -> None:
    report = validation.check(parse(start + TOKEN + b"\n", syntax=syntax))

    assert codes(report) == ["document/jwt"]
    assert (report.findings[0].line, report.findings[0].column) == (1, 1)


def test_a_text_that_only_begins_like_a_token_is_no_token() -> None:
    assert codes(validation.check(parse(TOKEN + b" and more"))) == ["document/kind"]


def test_the_first_thing_to_say_of_another_file_is_what_it_is_not_why_it_is_no_json() -> None:
    page = b"<html>\n<body class='x'>Please sign in: &nbsp;</body>\n</html>"

    report = validation.check(parse(page, syntax="json"))

    assert [(f.code, f.message) for f in report.findings] == [
        ("document/kind", "this is a web page, perhaps that of a login or an error")
    ]
    assert report.schema == ""


def test_a_badge_alone_is_valid_and_said_to_be_no_record() -> None:
    badge = orjson.loads(RECORD)["credentialSubject"]["verifiableCredential"][0]

    report = validation.check(parse(orjson.dumps(badge)))

    assert report.ok
    assert report.schema == "clr/achievementcredential"
    assert report.schema_reason == "type is AchievementCredential; this is not a CLR"


def test_a_badge_alone_is_told_where_to_go_when_it_is_to_be_sent() -> None:
    badge = orjson.loads(RECORD)["credentialSubject"]["verifiableCredential"][0]

    (finding,) = validation.check(parse(orjson.dumps(badge)), ["timeback"]).findings

    assert finding.code == "timeback/class"
    assert "credentialSubject.verifiableCredential of a CLR" in finding.fix


@pytest.mark.parametrize("subject", [{"achievement": {}}, {"type": "AchievementSubject"}])
def test_a_badge_without_its_type_is_held_to_the_class_of_badges(subject: Any) -> None:
    report = validation.check(parse(orjson.dumps({"credentialSubject": subject})))

    assert report.schema == "clr/achievementcredential"
    assert report.schema_reason.startswith("assumed")


def test_of_two_findings_that_speak_for_the_whole_document_one_is_kept() -> None:
    badge = orjson.loads(RECORD)["credentialSubject"]["verifiableCredential"][0]
    badge["@context"][0] = "https://www.w3.org/2018/credentials/v1"

    report = validation.check(parse(orjson.dumps(badge)), ["standard", "timeback"])

    assert codes(report) == ["context/vc11"]


def test_a_crowd_of_comments_does_not_hold_up_the_look_at_a_file() -> None:
    comments = b"<!-- a --> " * 5000

    assert recognise.of_bytes(comments + b"nothing") is None
    assert recognise.of_bytes(comments + b"<html>") is not None
    assert recognise.of_bytes(b"<?xml version='1.0'?>" + comments + b"<svg/>") is not None


@pytest.mark.parametrize("key", ["recipe", "tables", "oneroster"])
def test_what_records_are_built_from_is_told_as_such(key):
    code, _, fix = recognise.of_data({key: 1, "learner": {"key": "1"}, "awards": []})
    assert (code, "clrctl build" in fix) == ("document/kind", True)
