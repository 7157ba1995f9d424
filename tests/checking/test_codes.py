"""The list of codes is whole: nothing is found under a code that it does not explain."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import clrctl
from clrctl.checking.codes import all_codes
from clrctl.checking.rules.registry import all_rules
from clrctl.standard import schemas

BY_CODE = {entry.code: entry for entry in all_codes()}
PACKAGE = Path(clrctl.__file__).parent
OWN = re.compile(r'"((?:parse|document|schema|proof|upsert|plan)/[a-z-]+)"')


def test_every_code_is_there_once_and_says_what_why_and_by_whose_word() -> None:
    assert len(BY_CODE) == len(all_codes())
    for entry in all_codes():
        assert entry.title and entry.why and entry.source, entry.code
        assert not entry.title.endswith(".")
        assert re.fullmatch(r"[a-z0-9-]+/[A-Za-z0-9-]+", entry.code)


def test_every_code_that_the_program_writes_is_listed() -> None:
    written = {
        code
        for file in PACKAGE.rglob("*.py")
        if file.name != "codes.py"
        for code in OWN.findall(file.read_text(encoding="utf-8"))
    }

    assert len(written) > 15
    assert written - BY_CODE.keys() == set()


def test_every_rule_and_every_code_of_a_schema_is_listed() -> None:
    for rule in all_rules():
        assert (BY_CODE[rule.code].title, BY_CODE[rule.code].severity) == (
            rule.title,
            rule.severity,
        )
    assert schemas.schema_rules().keys() <= BY_CODE.keys()


def test_areas_stand_together_and_reading_comes_first() -> None:
    areas = [entry.code.partition("/")[0] for entry in all_codes()]

    changes = sum(one != other for one, other in itertools.pairwise(areas))
    assert changes == len(set(areas)) - 1
    assert areas[0] == "parse"
    assert areas[-2:] == ["upsert", "plan"]
    assert areas.index("document") < areas.index("schema") < areas.index("date")
