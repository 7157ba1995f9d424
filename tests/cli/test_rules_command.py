"""`clrctl rules`: every code is listed, explained, and in the README."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clrctl.checking.codes import all_codes
from clrctl.checking.rules.registry import Rule, all_rules

README = Path(__file__).parents[2] / "README.md"
CODES = [entry.code for entry in all_codes()]
RULES = {entry.code: entry for entry in all_rules()}

Run = Callable[..., Any]


def test_every_code_is_a_line_of_tab_separated_cells(clrctl: Run) -> None:
    rows = [line.split("\t") for line in clrctl("rules").out.splitlines()]

    assert [row[0] for row in rows] == CODES
    assert all(len(row) == 4 for row in rows)
    assert ["date/order", "error", "standard", "A period ends after it begins"] in rows
    assert ["proof/missing", "warning"] in [row[:2] for row in rows]


def test_the_order_does_not_depend_on_what_was_imported_before() -> None:
    code = (
        "import clrctl.checking.rules.timeback, clrctl.checking.rules.dates; "
        "from clrctl.checking.codes import all_codes; "
        "print(*[entry.code for entry in all_codes()])"
    )
    listed = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, check=True, text=True
    )
    assert listed.stdout.split() == CODES


def test_the_rulesets_divide_what_no_other_ruleset_gives(clrctl: Run) -> None:
    def listed(*flags: str) -> dict[str, str]:
        rows = (line.split("\t") for line in clrctl("rules", *flags).out.splitlines())
        return {row[0]: row[2] for row in rows}

    standard, timeback = listed("--ruleset", "standard"), listed("--ruleset", "timeback")
    assert set(standard) | set(timeback) == set(CODES)
    assert "date/order" in set(standard) - set(timeback)
    assert "timeback/unlisted" in set(timeback) - set(standard)
    # A schema of either ruleset can give these, so they are in both lists.
    shared = set(standard) & set(timeback)
    assert {"schema/required", "id/uri", "context/order", "parse/json"} <= shared
    assert {standard[code] for code in shared} == {"any"}


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_explained(clrctl: Run, code: str) -> None:
    (entry,) = (one for one in all_codes() if one.code == code)
    result = clrctl("rules", code)
    text = " ".join(result.out.split())

    assert result.code == 0
    assert result.out.startswith(f"{code}  {entry.severity} in ")
    assert f" {entry.title}. {entry.why} source: {entry.source}" in text
    assert ("looks at: " in text) is (code in RULES)


@pytest.mark.parametrize("entry", RULES.values(), ids=list(RULES))
def test_examples_are_told_as_json_of_a_class(clrctl: Run, entry: Rule) -> None:
    (told,) = clrctl("rules", entry.code, "--json").json["rules"]

    assert (told["good"], told["bad"]) == (entry.good, entry.bad)
    assert told["classes"] == list(entry.on)
    assert {told[key] for key in ("why", "source")} == {entry.why, entry.source}


def test_an_explanation_shows_good_and_bad(clrctl: Run) -> None:
    lines = clrctl("rules", "date/order").out.splitlines()

    good, bad = lines.index("good, in a ClrCredential:"), lines.index("bad, in a ClrCredential:")
    assert '    "validUntil": "2025-06-01T00:00:00Z"' in lines[good:bad]
    assert '    "validUntil": "2023-06-01T00:00:00Z"' in lines[bad:]
    assert max(map(len, lines[:5])) <= 80


def test_json_has_all_codes_whole(clrctl: Run) -> None:
    whole, short = clrctl("rules", "--json").json, clrctl("rules", "--format", "json").json

    assert whole == short
    assert (whole["format"], whole["ok"]) == ("clrctl.report/1", True)
    assert [entry["code"] for entry in whole["rules"]] == CODES
    (read,) = (entry for entry in whole["rules"] if entry["code"] == "parse/json")
    assert (read["classes"], read["good"], read["bad"]) == ([], None, None)


def test_a_misspelt_code_is_put_right(clrctl: Run) -> None:
    result = clrctl("rules", "dates/order")
    assert (result.code, result.out) == (2, "")
    assert "there is no code dates/order" in result.err
    assert "did you mean date/order?" in result.err
    assert "`clrctl rules` lists all codes" in clrctl("rules", "nonsense").err


def test_a_code_is_explained_whatever_the_ruleset(clrctl: Run) -> None:
    assert clrctl("rules", "date/order", "--ruleset", "timeback").code == 0


def test_the_readme_has_every_code(clrctl: Run) -> None:
    text = README.read_text(encoding="utf-8")
    (table,) = re.findall(r"<!-- codes: .*? -->\n(.*?)<!-- end of codes -->", text, re.DOTALL)
    command = clrctl("rules", "--format", "markdown").out

    assert all(line.startswith("| `") for line in command.splitlines()[2:])
    assert table == command, "paste what `clrctl rules --format markdown` prints"
