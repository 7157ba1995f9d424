"""Schema errors in words, where a whole record would hide what is meant."""

from __future__ import annotations

from typing import Any

import pytest

from clrctl.checking import advice, explain
from clrctl.finding import Json
from clrctl.standard import schemas
from tests.explained import CLR, COMPLETE
from tests.mutations import changed, without

Told = list[tuple[str, str, str, str]]


def told(document: Json) -> Told:
    errors = schemas.explaining_validator(CLR).iter_errors(document)
    findings = [finding for error in errors for finding in explain.findings(error)]
    return [(f.pointer, f.code, f.message, f.fix) for f in findings]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true or false"),
        (1, "a number"),
        (1.5, "a number"),
        ("x", "text"),
        ([], "a list"),
        ({}, "an object"),
    ],
)
def test_kinds_of_values_in_words(value: Any, expected: str) -> None:
    assert explain.kind(value) == expected


def test_without_the_rules_a_misspelt_required_member_is_told_as_the_missing_one() -> None:
    misspelt = without(COMPLETE, "issuer") | {"isuer": COMPLETE["issuer"]}

    assert told(misspelt) == [
        ("/isuer", "schema/required", '"issuer" is missing', 'is it what "isuer" stands for?')
    ]


def test_two_missing_members_are_told_each_with_its_own_misspelling() -> None:
    both = without(without(COMPLETE, "issuer"), "validFrom")
    both |= {"isuer": COMPLETE["issuer"], "validForm": COMPLETE["validFrom"]}

    assert [(pointer, message) for pointer, _, message, _ in told(both)] == [
        ("/isuer", '"issuer" is missing'),
        ("/validForm", '"validFrom" is missing'),
    ]


def test_a_long_value_is_shortened() -> None:
    path = ("credentialSubject", "association", 0, "associationType")

    ((_, _, message, _),) = told(changed(COMPLETE, path, "x" * 500))

    assert message == f'"{"x" * 60}..." is not a value of "associationType"'


@pytest.mark.parametrize(
    ("text", "message", "fix"),
    [
        ("2026-06-12T17:00", "no zone", "write 2026-06-12T17:00:00Z if that is UTC"),
        ("2026-06-12t17:00:00.5+0530", "not written as RFC 3339", "2026-06-12T17:00:00.5+05:30"),
        ("2026-06-12 17:00:00 -05:00", "not written as RFC 3339", "2026-06-12T17:00:00-05:00"),
        ("2026-13-12", "a day that the calendar does not have", "check the day"),
        ("2026-02-29T17:00:00Z", "a day that the calendar does not have", "check the day"),
        ("2026-06-12T24:00:00Z", "ends a day with 24:00", "00:00:00 of the next day"),
        ("2026-06-12T17:60:00Z", "a time that no clock shows", "check the time"),
        ("2026-06-12T17:00:00,5Z", "not written as RFC 3339", "2026-06-12T17:00:00.5Z"),
        ("yesterday", "is not a date and time", "write it like"),
        ("2026-06-12T25:00:00Z", "a time that no clock shows", "check the time"),
    ],
)
def test_a_date_is_repaired_where_only_one_is_meant(text: str, message: str, fix: str) -> None:
    said, advised = advice.for_date_time(text)

    assert message in said
    assert fix in advised


def test_a_date_that_is_advised_is_always_one_that_is_accepted() -> None:
    for text in ("2026-06-12", "2026-06-12 17:00", "2028-02-29T10:00Z", "2028-02-29"):
        _, fix = advice.for_date_time(text)
        dates = [word.rstrip(",") for word in fix.split() if word[:2] == "20"]
        assert dates, text
        assert all(schemas.format_validator("date-time").is_valid(date) for date in dates)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("English", "en"),
        ("EN", "en"),
        ("en_us", "en-US"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("es-419", "es-419"),
    ],
)
def test_languages_by_name_and_in_other_letters(text: str, expected: str) -> None:
    assert advice.language(text) == expected


def test_a_language_that_nobody_knows_is_left_to_the_reader() -> None:
    path = (*place("Achievement"), "inLanguage")

    ((_, code, message, fix),) = told(changed(COMPLETE, path, "Klingon"))

    assert (code, message) == ("language/code", '"Klingon" is not a language code')
    assert fix == "write a language code, such as en, en-US or zh-Hans"


def place(cls: str) -> tuple[str | int, ...]:
    from clrctl.standard import classes

    nodes = classes.grow(COMPLETE, "ClrCredential").of(cls)
    return next(node.path for node in nodes if "inLanguage" in node.value)


def test_a_signed_token_among_endorsements_is_told_its_place() -> None:
    token = "eyJhbGciOiJSUzI1NiJ9.eyJpZCI6IngifQ.c2ln"

    assert told(changed(COMPLETE, ("endorsement", 0), token)) == [
        (
            "/endorsement/0",
            "serialization/object",
            "an object expected, found a signed token",
            'signed tokens go into "endorsementJwt"',
        )
    ]


def test_a_keyword_that_no_schema_uses_yet_is_still_told() -> None:
    import jsonschema

    (error,) = jsonschema.Draft202012Validator({"maxLength": 1}).iter_errors("long")

    (finding,) = explain.findings(error)

    assert (finding.code, finding.message) == ("schema/maxLength", "the value breaks the schema")
