"""What is signed and yet no credential: no proof makes it valid."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clrctl.document.parsing import parse
from clrctl.verifying.engine import Verifier
from clrctl.verifying.trust import Trust
from tests.issued import NOW, SCHOOL, badge, signed


def judged(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    verdict = Verifier(Trust(), now=NOW).verify(parse(json.dumps(data).encode()))
    return [
        (check.outcome.value, check.reason, check.message)
        for check in verdict.problems
        if check.aspect == "reading"
    ]


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        ({"credentialSubject": None}, "credentialSubject"),
        ({"credentialSubject": {}}, "credentialSubject"),
        ({"credentialSubject": []}, "credentialSubject"),
        ({"type": ["AchievementCredential"]}, "type VerifiableCredential"),
        ({"type": None, "credentialSubject": None}, "type VerifiableCredential"),
    ],
    ids=str,
)
def test_what_lacks_a_part_of_every_credential_is_invalid(
    change: dict[str, Any], lacks: str
) -> None:
    data = {name: value for name, value in (badge() | change).items() if value is not None}

    ((outcome, reason, message),) = judged(signed(data, SCHOOL, suite="eddsa-jcs-2022"))

    assert (outcome, reason) == ("invalid", "incomplete")
    assert message.startswith(f"this is no verifiable credential: it lacks {lacks}")


def test_a_whole_credential_has_nothing_said_of_it() -> None:
    assert judged(signed(badge(), SCHOOL)) == []
