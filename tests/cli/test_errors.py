"""The shared vocabulary: exit codes, and which of several a run ends with."""

from __future__ import annotations

import itertools

import pytest

from clrctl import errors
from clrctl.errors import ClrctlError, ExitCode, worst

PUBLISHED = {
    "OK": 0,
    "INVALID": 1,
    "USAGE": 2,
    "INPUT": 3,
    "AUTH": 4,
    "TEMPORARY": 5,
    "REFUSED": 6,
    "UNDECIDED": 7,
    "INTERNAL": 70,
    "CANCELLED": 130,
    "BROKEN_PIPE": 141,
    "TERMINATED": 143,
}


def test_the_exit_codes_are_those_that_scripts_rely_on() -> None:
    assert {code.name: code.value for code in ExitCode} == PUBLISHED


def test_every_exit_code_says_what_it_means() -> None:
    texts = [code.__doc__ or "" for code in ExitCode]
    assert all(text and not text.endswith(".") for text in texts)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("ClrctlError", 70),
        ("UsageError", 2),
        ("InputError", 3),
        ("AuthError", 4),
        ("TemporaryError", 5),
        ("RefusedError", 6),
    ],
)
def test_every_error_knows_its_exit_code_and_its_four_parts(kind: str, code: int) -> None:
    error = getattr(errors, kind)("what", where="where", why="why", fix="fix")
    assert error.exit_code == code
    assert (error.what, error.where, error.why, error.fix) == ("what", "where", "why", "fix")
    assert str(error) == "what: where: why (fix)"
    assert str(getattr(errors, kind)("what", why="why")) == "what: why"
    assert isinstance(error, ClrctlError)


def test_nothing_that_failed_is_a_success() -> None:
    assert worst([]) is ExitCode.OK
    assert worst([ExitCode.OK, ExitCode.OK]) is ExitCode.OK


GRAVEST_FIRST = (
    "INTERNAL",
    "AUTH",
    "REFUSED",
    "INVALID",
    "USAGE",
    "INPUT",
    "UNDECIDED",
    "TEMPORARY",
    "OK",
)


@pytest.mark.parametrize(("graver", "lesser"), list(itertools.combinations(GRAVEST_FIRST, 2)))
def test_of_two_failures_the_graver_gives_the_exit_code(graver: str, lesser: str) -> None:
    both = [ExitCode[lesser], ExitCode[graver]]
    assert worst(both) is worst(reversed(both)) is ExitCode[graver]


def test_temporary_promises_that_nothing_else_went_wrong() -> None:
    others = [code for code in ExitCode if code not in (ExitCode.OK, ExitCode.TEMPORARY)]
    failures = [code for code in others if code.name in GRAVEST_FIRST]
    assert all(worst([ExitCode.TEMPORARY, code]) is not ExitCode.TEMPORARY for code in failures)
