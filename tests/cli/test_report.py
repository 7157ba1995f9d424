"""The forms of the answer, each held to a file that shows the whole of it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from clrctl._version import __version__
from clrctl.checking.codes import all_codes
from clrctl.cli import output
from clrctl.cli.commands.validate import FindingsFormat
from clrctl.cli.console import Color, Console
from clrctl.errors import InputError
from clrctl.finding import Finding, Report, Severity

CASES = Path(__file__).parents[1] / "data" / "cases" / "forms"
FORMS = [form.value for form in FindingsFormat]
EXPECTED = [
    # form, on a terminal, the file that shows what is written to standard output
    ("text", False, "text.txt"),
    ("text", True, "terminal.txt"),
    ("json", False, "json.json"),
    ("jsonl", False, "jsonl.jsonl"),
    ("jsonl", True, "jsonl.jsonl"),
    ("github", False, "github.txt"),
    ("sarif", False, "sarif.json"),
    ("junit", False, "junit.xml"),
]
MISSING = InputError("cannot be read", where="missing.json", why="no such file")
NUMBERS = {"files": 3, "valid": 1, "errors": 3, "warnings": 4, "unread": 1}


class Stream(io.StringIO):
    """A stream that may be a terminal."""

    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def reports() -> Iterator[tuple[Report, bytes]]:
    """Return the reports of the case file, each with the bytes of its document."""
    for case in json.loads((CASES / "reports.json").read_bytes()):
        raw = case.pop("text").encode()
        findings = tuple(
            Finding(code, Severity(severity), pointer, message, fix, line, column)
            for code, severity, pointer, message, fix, line, column in case.pop("findings")
        )
        yield Report(**case, findings=findings), raw


def told(name: str, *, terminal: bool = False, verbose: int = 0) -> tuple[str, str]:
    """Return what a form makes of these reports: standard output and standard error."""
    console = Console(
        color=Color.NEVER, verbose=verbose, out=Stream(terminal=terminal), err=Stream()
    )
    form = output.findings_form(name, console)
    summary = output.FindingsSummary()
    for each, raw in reports():
        summary = summary.plus(each)
        form.file(each, raw)
    form.end(summary.with_unread(1), [MISSING], ok=False)
    return console.out.getvalue(), console.err.getvalue()  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize(("name", "terminal", "file"), EXPECTED)
def test_a_form_is_what_its_file_shows(name: str, terminal: bool, file: str) -> None:
    out, _ = told(name, terminal=terminal)
    if name == "sarif":
        out = json.dumps(_without_rules(json.loads(out)), indent=2) + "\n"
    assert out == (CASES / file).read_text(encoding="utf-8")


def _without_rules(log: Any) -> Any:
    """Return a SARIF log without what changes with every new rule, after a look at it."""
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver.pop("semanticVersion") == __version__
    rules = driver.pop("rules")
    for result in run["results"]:
        index = result.pop("ruleIndex")
        known = [number for number, rule in enumerate(rules) if rule["id"] == result["ruleId"]]
        assert [index] == (known or [-1])
    return log


@pytest.mark.parametrize("name", ["text", "github", "sarif", "junit"])
def test_the_conversation_ends_with_what_was_unread_and_the_summary(name: str) -> None:
    _, err = told(name)
    assert err.splitlines() == [
        "error: cannot be read",
        "  where: missing.json",
        "  why:   no such file",
        "3 credentials checked, 1 valid, 3 errors, 4 warnings, 1 input unread",
    ]


def test_the_numbers_are_the_same_in_every_form() -> None:
    def numbers(name: str) -> dict[str, int]:
        out, _ = told(name)
        if name == "sarif":
            return json.loads(out)["runs"][0]["properties"]["summary"]
        if name == "junit":
            found = ElementTree.fromstring(out).iter("property")  # noqa: S314 - ours
            return {each.attrib["name"]: int(each.attrib["value"]) for each in found}
        return json.loads(out.splitlines()[-1])["summary"]

    for name in ("json", "jsonl", "sarif", "junit"):
        assert numbers(name) == NUMBERS


@pytest.mark.parametrize("name", FORMS)
def test_no_form_keeps_a_document(name: str) -> None:
    gone = []

    class Raw(bytes):
        def __del__(self) -> None:
            gone.append(True)

    form = output.findings_form(name, Console(out=Stream(terminal=True), err=Stream()))
    (first, raw), *_ = reports()
    form.file(first, Raw(raw))
    assert gone


def test_there_is_no_form_without_a_name_on_the_command_line() -> None:
    with pytest.raises(KeyError, match="csv"):
        output.findings_form("csv", Console())


# --- many findings -------------------------------------------------------------------------------


def kinds(number: int, *, errors: int = 0) -> Report:
    """Return a report of so many kinds of findings, two of each kind, the errors last."""
    found = [
        Finding(
            "a/warning" if kind < number - errors else "a/error",
            Severity.WARNING if kind < number - errors else Severity.ERROR,
            f"/x/{index}",
            f"kind {kind}",
            line=kind + 1,
            column=index + 1,
        )
        for kind in range(number)
        for index in range(2)
    ]
    return Report("many.json", findings=tuple(found))


def lines_of(name: str, many: Report, *, verbose: int = 0) -> list[str]:
    console = Console(out=Stream(), err=Stream(), verbose=verbose)
    output.findings_form(name, console).file(many)
    return console.out.getvalue().splitlines()  # type: ignore[attr-defined]


def test_fifty_kinds_are_shown_and_the_rest_is_counted() -> None:
    assert len(lines_of("text", kinds(50))) == 50
    *shown, last = lines_of("text", kinds(53))
    assert len(shown) == 50
    assert last == "many.json: and 6 more findings (-v shows all)"
    *_, last = lines_of("github", kinds(53))
    assert last == "::notice file=many.json::and 6 more findings (-v shows all)"


@pytest.mark.parametrize("name", ["text", "github"])
def test_whoever_asks_for_all_gets_all(name: str) -> None:
    shown = lines_of(name, kinds(53), verbose=1)
    assert len(shown) == 106
    assert not any("more" in line for line in shown)


def test_of_too_many_findings_no_error_is_left_out_for_a_warning() -> None:
    *shown, last = lines_of("text", kinds(60, errors=5))
    assert [line for line in shown if "error a/error" in line] == shown[-5:]
    assert last == "many.json: and 20 more findings (-v shows all)"


# --- SARIF ---------------------------------------------------------------------------------------


def sarif(*files: Report) -> Any:
    console = Console(out=Stream(), err=Stream())
    form = output.findings_form("sarif", console)
    for file in files:
        form.file(file)
    form.end(output.FindingsSummary(), [], ok=True)
    (run,) = json.loads(console.out.getvalue())["runs"]  # type: ignore[attr-defined]
    return run


def finding(pointer: str = "/id", line: int = 1) -> Finding:
    return Finding("id/uri", Severity.ERROR, pointer, "not an URI", line=line, column=1)


def fingerprints(run: Any) -> list[str]:
    return [result["partialFingerprints"]["finding/v1"] for result in run["results"]]


def test_every_code_is_a_documented_rule_of_the_sarif_driver() -> None:
    rules = sarif()["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [entry.code for entry in all_codes()]
    for rule, entry in zip(rules, all_codes(), strict=True):
        assert rule["shortDescription"]["text"] == f"{entry.title}."
        assert entry.why in rule["fullDescription"]["text"]
        assert entry.source in rule["help"]["text"]
        assert rule["defaultConfiguration"] == {"level": entry.severity.value}
        assert "helpUri" not in rule


def test_a_fingerprint_stays_when_lines_are_added_above_and_tells_findings_apart() -> None:
    before = fingerprints(sarif(Report("a.json", findings=(finding(),))))
    after = fingerprints(sarif(Report("a.json", findings=(finding(line=9),))))
    assert before == after
    lines = [Report("a.ndjson", findings=(finding(), finding("/x"))) for _ in range(2)]
    assert len(set(fingerprints(sarif(*lines)))) == 4


SOURCES = [
    # name on the command line, uri in the log
    ("a.json", "a.json"),
    ("./sub/../a.json", "sub/../a.json"),
    ("Zoë 1%.json", "Zo%C3%AB%201%25.json"),
    ("c:d#e?.json", "c%3Ad%23e%3F.json"),
    ("bytes\udcff.json", "bytes%FF.json"),
    ("-", "-"),
    ("{cwd}/sub/a b.json", "sub/a%20b.json"),
    ("/elsewhere/a b.json", "file:///elsewhere/a%20b.json"),
]


@pytest.mark.skipif(not str(Path.cwd()).startswith("/"), reason="Windows names files differently")
@pytest.mark.parametrize(("source", "uri"), SOURCES)
def test_where_a_document_lies_is_a_relative_uri_if_it_can_be(source: str, uri: str) -> None:
    file = Report(source.format(cwd=Path.cwd()), findings=(finding(),))
    (result,) = sarif(file)["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"] == {"uri": uri}


# --- JUnit ---------------------------------------------------------------------------------------


def test_the_junit_form_is_xml_whatever_stands_in_a_document() -> None:
    everything = "".join(map(chr, [*range(0x300), 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x10FFFF]))
    told = Finding("a/b", Severity.ERROR, f"/{everything}", everything)
    console = Console(out=Stream(), err=Stream())
    form = output.findings_form("junit", console)
    form.file(Report(f"{everything}.json", findings=(told,)))
    form.end(output.FindingsSummary(), [InputError(everything, why=everything)], ok=False)
    out = console.out.getvalue()  # type: ignore[attr-defined]
    assert out.isascii()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f]", out)
    cases = list(ElementTree.fromstring(out).iter("testcase"))  # noqa: S314 - ours
    assert cases[0].attrib["name"].endswith("\U0010ffff.json")
    assert "\ufffd" in cases[1].find("error").attrib["message"]  # type: ignore[union-attr]
