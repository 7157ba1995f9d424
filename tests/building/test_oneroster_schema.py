"""The schema of recipes for exports says what their reader reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from clrctl.building.oneroster import card
from clrctl.building.problems import Refused
from clrctl.checking import validation
from clrctl.document.parsing import parse
from clrctl.standard import schemas

SAMPLE = Path(__file__).parents[2] / "samples" / "oneroster" / "report-card.yaml"
SCHEMA = "build/oneroster.json"
WHOLE = """
roster: .
hash_email: false
ids: {learner: "https://saltmarsh.example/learners/{key}"}
description: "{title}"
names: legal
award_at: term-end
schools: [O-1]
frameworks: [../case/package.json]
align: {MAT-110: [MA.6.RP.2, {name: Own, url: "https://own.example/1"}]}
"""


def test_the_sample_and_all_that_can_be_said_fit_the_schema() -> None:
    whole = SAMPLE.read_bytes() + WHOLE.encode()
    data = parse(whole, syntax="yaml").data
    assert validation.schema_findings(data, SCHEMA) == []
    assert set(data) == set(schemas.schema(SCHEMA)["properties"])
    read = card.load(str(SAMPLE), whole)
    assert read.legal_names
    names = [one.code or one.name for one in read.alignments["MAT-110"]]
    assert names == ["MA.6.RP.2", "Own"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("final_categories:", "final_category:"),
        ("oneroster: 1", "oneroster: 2"),
        ("SCI-105: 0.5", "SCI-105: [0.5]"),
        ("type: LetterGrade", "type: Letters"),
        ("criteria:", "names: formal\ncriteria:"),
        ("Final grade: letter", "Final grade: {scale: letter, column: text}"),
        ("Final grade: letter", "Final grade: {column: score}"),
        (r"issuer: .*", "# nobody"),
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(old: str, new: str) -> None:
    text, times = re.subn(old, new, SAMPLE.read_text(encoding="utf-8"), count=1)
    assert times == 1
    with pytest.raises(Refused):
        card.load(str(SAMPLE), text.encode())
    assert validation.schema_findings(parse(text.encode(), syntax="yaml").data, SCHEMA) != []
