"""Statements of frameworks as people read them, and links that compare GUIDs without case."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clrctl.building.case.markup import plain
from tests.conftest import ROOT

SAMPLE = ROOT / "samples" / "case" / "package.json"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Use <b>ratio</b> &amp; rate", "Use ratio & rate"),
        ("<p>First.</p><p>Second.</p>", "First. Second."),
        ("one<br/>two<BR>three", "one two three"),
        ("H<sub>2</sub>O", "H2O"),
        ('<a href="https://x.example/?a=1&b=2">here</a>', "here"),
        ("a&nbsp;b &#8220;c&#x201D; &frac12;", "a b \u201cc\u201d ½"),
        ("Compare a < b and c > d.", "Compare a < b and c > d."),
        ("if a<b then <em>x</em>", "if a<b then x"),
        (r"solve $\frac{a}{b} < 3$ &amp; more", r"solve $\frac{a}{b} < 3$ & more"),
        ("AT&T; R&D", "AT&T; R&D"),
        ("two  blanks stay", "two  blanks stay"),
    ],
)
def test_html_is_taken_off_and_all_else_stays(text: str, read: str) -> None:
    assert plain(text) == read


def framework(tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    package = json.loads(SAMPLE.read_text(encoding="utf-8"))
    change(package)
    path = tmp_path / "framework.json"
    path.write_text(json.dumps(package), encoding="utf-8")
    return path


def test_html_that_was_taken_off_is_told(tmp_path: Path, clrctl: Any) -> None:
    def change(package: dict[str, Any]) -> None:
        package["CFItems"][2]["fullStatement"] = "Use <b>ratio</b> &amp; rate."

    done = clrctl("case", "achievements", framework(tmp_path, change), "--item", "MA.6.RP.2")

    assert 'criteria: "Use ratio & rate."' in done.out
    assert "HTML was taken off the texts of 1 item" in done.err


def test_html_is_taken_off_titles_and_rubrics_too(tmp_path: Path, clrctl: Any) -> None:
    def change(package: dict[str, Any]) -> None:
        package["CFDocument"]["title"] = "Maths &amp; more"
        level = package["CFRubrics"][0]["CFRubricCriteria"][0]["CFRubricCriterionLevels"][0]
        level |= {"quality": "<b>Nearly</b>", "description": "Some &quot;help&quot;."}

    done = clrctl("case", "achievements", framework(tmp_path, change), "--item", "MA.6.RP.2")

    assert 'framework: "Maths & more"' in done.out
    assert '{name: "Nearly", description: "Some \\"help\\".", ' in done.out


def test_a_guid_in_capitals_keeps_its_parent_and_its_scale(tmp_path: Path, clrctl: Any) -> None:
    def change(package: dict[str, Any]) -> None:
        package["CFItems"][2]["identifier"] = package["CFItems"][2]["identifier"].upper()

    wanted = ("--item", "MA.6.RP.2", "--with-parents")
    plain_one = clrctl("case", "achievements", SAMPLE, *wanted)
    done = clrctl("case", "achievements", framework(tmp_path, change), *wanted)

    assert '- {source: "MA.6.RP.2", type: "isChildOf", target: "MA.6.RP"}' in done.out
    assert 'results: {"Mastery": "Mastery"}' in done.out
    assert done.err == plain_one.err


def test_a_parent_that_is_not_there_is_told(tmp_path: Path, clrctl: Any) -> None:
    def change(package: dict[str, Any]) -> None:
        change.gone = package["CFItems"].pop(0)["identifier"]  # type: ignore[attr-defined]

    done = clrctl(
        *("case", "achievements", framework(tmp_path, change)),
        *("--item", "MA.6.RP.2", "--with-parents"),
    )

    gone = change.gone  # type: ignore[attr-defined]
    assert f'associations with 1 item that the framework does not have ("{gone}")' in done.err
