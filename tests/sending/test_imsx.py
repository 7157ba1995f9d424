"""What error bodies say, in whatever shape they come."""

import orjson
import pytest

from clrctl.http.answer import Answer
from clrctl.sending.client import imsx


def status_info(member="imsx_codeMinor", value="invalid_data", **members):
    field = {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": value}
    return {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": "no name",
        member: {"imsx_codeMinorField": [field]},
    } | members


FIELD = {"imsx_codeMinorFieldValue": "forbidden"}
BODIES = [
    (status_info(), "the data is not valid; no name"),
    (status_info("imsx_CodeMinor", "invaliddata"), "the data is not valid; no name"),
    (status_info(value="unauthorisedrequest"), "the token is missing, wrong or expired; no name"),
    (status_info(value="brand_new"), "brand_new; no name"),
    (status_info(imsx_description=None), "the data is not valid"),
    (
        status_info(imsx_codeMinor={"imsx_codeMinorField": FIELD}),
        "the token does not allow this; no name",
    ),
    (status_info(imsx_codeMinor={"imsx_codeMinorField": [1, {}]}), "no name"),
    (status_info(imsx_codeMinor="forbidden"), "no name"),
    (
        status_info(imsx_error_details=[{"at": "/name", "n": 3, "x": []}, 1]),
        "the data is not valid; no name; /name 3",
    ),
    ({"message": "Forbidden"}, "Forbidden"),
    ({"error": "invalid_client"}, "invalid_client"),
    ({"error": "invalid_client", "error_description": "who?"}, "who?"),
    ({"imsx_StatusInfo": status_info()}, "the data is not valid; no name"),
    ({"imsx_statusInfo": status_info()}, "the data is not valid; no name"),
    ({"error": {"code": 7, "message": "no name"}}, "no name"),
    ({"type": "about:blank", "title": "Conflict", "detail": "no name"}, "no name"),
    ({"message": ["not text"]}, ""),
    ({}, ""),
    ([1], ""),
    ("text", ""),
]


@pytest.mark.parametrize(("body", "expected"), BODIES)
def test_json_is_told_in_plain_words(body, expected):
    assert imsx.explain(orjson.dumps(body)) == expected


RAW = [
    (b"", ""),
    (b" \r\n", ""),
    (b"<html><h1>502</h1>", "a page of HTML, as gateways and proxies send"),
    (b"\n <!doctype html>", "a page of HTML, as gateways and proxies send"),
    (b'\xef\xbb\xbf{"message": "no"}', "no"),
    (b"\xef\xbb\xbf<html>", "a page of HTML, as gateways and proxies send"),
    (b"upstream timed out", "upstream timed out"),
    (b'{"id": NaN}', '{"id": NaN}'),
    (b"\xff" + b"x" * 999, "\ufffd" + "x" * 199),
]


@pytest.mark.parametrize(("raw", "expected"), RAW)
def test_what_is_not_json_is_told_by_its_first_words(raw, expected):
    assert imsx.explain(raw) == expected


def test_a_long_text_is_cut():
    assert len(imsx.explain(orjson.dumps({"message": "x" * 5000}))) == imsx.LONGEST


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (status_info(), True),
        ({"imsx_codeMajor": "unsupported"}, True),
        ({"imsx_codeMajor": "success"}, False),
        ({"imsx_codeMajor": ["failure"]}, False),
        ({"id": "urn:a"}, False),
        ([], False),
    ],
)
def test_only_a_status_that_says_so_is_a_failure(body, expected):
    assert imsx.is_failure(body) is expected


def test_an_answer_is_told_with_its_status_and_flaw():
    assert imsx.told(Answer(502, {}, b"")) == "HTTP 502"
    assert imsx.told(Answer(400, {}, b'{"message": "no"}')) == "HTTP 400 no"
    assert imsx.told(Answer(400, {}, b"", "it is too long")) == "HTTP 400 it is too long"
