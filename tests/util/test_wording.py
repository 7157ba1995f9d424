"""Likeness of words: what is suggested, and what is better left unsaid."""

from __future__ import annotations

import pytest

from clrctl.util.wording import count, meant, nearest, nearest_class, quoted

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
