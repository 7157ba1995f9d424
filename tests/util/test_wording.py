"""Likeness of words: what is suggested, and what is better left unsaid."""

from __future__ import annotations

import pytest

from clrctl.util.wording import count, meant, nearest, nearest_class, nearest_key, quoted

TYPES = ("Course", "Certificate", "CertificateOfCompletion", "Competency", "emailAddress")
CLASSES = ("AchievementCredential", "ClrCredential", "EndorsementCredential")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("course", "Course"),
        ("COURSE", "Course"),
        ("Cuorse", "Course"),
        ("Certficate", "Certificate"),
        ("certificate_of_completion", "CertificateOfCompletion"),
        ("certificate of completion", "CertificateOfCompletion"),
        ("email", "emailAddress"),
        ("Comp", "Competency"),
        ("Com", ""),
        ("Cert", ""),
        ("Hackathon", ""),
        ("", ""),
    ],
)
def test_the_nearest_word(word: str, expected: str) -> None:
    assert nearest(word, TYPES) == expected


def test_of_two_that_are_as_near_none_is_offered() -> None:
    assert nearest("align_code_4", ["align_code_2", "align_code_3"]) == ""
    assert nearest("MATH1", ["MATH-1", "MATH 1"]) == ""
    assert nearest("MATH1", ["MATH-1", "ART 1"]) == "MATH-1"


def test_names_with_other_digits_are_other_names() -> None:
    files = ["grades-2025.csv", "learners.csv"]

    assert nearest("grades-2024.csv", files, same_digits=True) == ""
    assert nearest("learner.csv", files, same_digits=True) == "learners.csv"


@pytest.mark.parametrize(
    ("key", "known", "expected"),
    [
        ("0000001", ["0000002"], ""),
        ("ALG1", ["ALG2"], ""),
        ("MATHA", ["MATHB"], ""),
        ("ALG", ["ALGA"], ""),
        ("https://x.example/r/1", ["https://x.example/r/2"], ""),
        ("eng-9", ["ENG 9"], "ENG 9"),
        ("ENG9", ["ENG.9"], "ENG.9"),
        ("math", ["maths"], "maths"),
        ("MATH", ["MATHS"], ""),
        ("maht6", ["math6", "art6"], "math6"),
        ("englsh-9", ["english-9", "art-9"], "english-9"),
    ],
)
def test_a_key_is_a_slip_of_another_only_where_it_cannot_be_one_of_its_own(
    key: str, known: list[str], expected: str
) -> None:
    assert nearest_key(key, known) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("AchievmentCredential", "AchievementCredential"),
        ("Achievement", "AchievementCredential"),
        ("CLRCredential", "ClrCredential"),
        ("OtherCredential", ""),
        ("DriverCredential", ""),
        ("Credential", ""),
    ],
)
def test_classes_are_not_alike_for_their_common_ending(word: str, expected: str) -> None:
    assert nearest_class(word, CLASSES) == expected


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("issuanceDate", ("validFrom", "issuer"), "validFrom"),
        ("issuedOn", ("validFrom",), "validFrom"),
        ("expires", ("validFrom",), ""),
        ("@id", ("id", "issuer"), "id"),
        ("Issuer", ("id", "issuer"), "issuer"),
    ],
)
def test_a_member_is_meant_by_its_former_name_or_a_misspelt_one(
    name: str, known: tuple[str, ...], expected: str
) -> None:
    assert meant(name, known) == expected


def test_numbers_agree_with_their_nouns() -> None:
    assert [count(n, "error") for n in (0, 1, 1200)] == ["0 errors", "1 error", "1,200 errors"]


def test_words_are_quoted_as_a_list() -> None:
    assert quoted(["a", "b"]) == '"a", "b"'
