"""Each rule catches its bad example, lets its good one pass, and is documented."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clrctl.checking import validation
from clrctl.checking.rules.registry import Rule, all_rules
from clrctl.document.parsing import parse
from clrctl.standard import classes, schemas

CASES = Path(__file__).parents[1] / "data" / "cases"
BASES = {
    "standard": parse((CASES / "rules.clr.yaml").read_bytes(), syntax="yaml"),
    "timeback": parse((CASES / "timeback.clr.yaml").read_bytes(), syntax="yaml"),
}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVERY = [pytest.param(entry, id=entry.code) for entry in all_rules()]


def merged(entry: Rule, fragment: dict[str, Any]) -> Any:
    """Return the base with a fragment merged into an object that the rule is shown for."""
    data = copy.deepcopy(BASES[entry.ruleset].data)
    *_, node = classes.grow(data, "ClrCredential").of(entry.on[0])
    for name, value in fragment.items():
        if value is None:
            node.value.pop(name, None)
        else:
            node.value[name] = value
    return data


def codes(data: Any, ruleset: str) -> set[str]:
    return {finding.code for finding in validation.check_data(data, [ruleset], now=NOW)}


@pytest.mark.parametrize("ruleset", BASES)
def test_the_base_of_the_examples_is_clean(ruleset: str) -> None:
    assert validation.check_data(BASES[ruleset].data, [ruleset]) == []


@pytest.mark.parametrize("entry", EVERY)
def test_the_good_example_passes(entry: Rule) -> None:
    assert entry.code not in codes(merged(entry, entry.good), entry.ruleset)


@pytest.mark.parametrize("entry", EVERY)
def test_the_bad_example_is_caught(entry: Rule) -> None:
    assert entry.code in codes(merged(entry, entry.bad), entry.ruleset)


@pytest.mark.parametrize("entry", EVERY)
def test_a_rule_says_what_it_asks_why_and_by_whose_word(entry: Rule) -> None:
    assert entry.title and entry.why and entry.source
    assert "/" in entry.code
    assert entry.on


def test_every_class_that_a_rule_looks_at_exists() -> None:
    known = set(schemas.schema(classes.CLASSES)["$defs"])
    assert {cls for entry in all_rules() for cls in entry.on} <= known


def cases() -> list[Any]:
    table = parse((CASES / "rules.yaml").read_bytes(), syntax="yaml")
    assert not table.faults, table.faults
    return [
        pytest.param(code, case, id=f"{code}: {case['why']}")
        for code, rows in table.data.items()
        for case in rows
    ]


@pytest.mark.parametrize(("code", "case"), cases())
def test_a_rule_at_its_edges(code: str, case: dict[str, Any]) -> None:
    entry = next(entry for entry in all_rules() if entry.code == code)
    shown = replace(entry, on=(case["on"],))
    assert (code in codes(merged(shown, case["with"]), entry.ruleset)) is case["caught"]
