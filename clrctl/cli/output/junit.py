"""JUnit XML, for CI servers that show tests.

A test is a document where findings are told, and a credential where uploads are.
Written after the schema that Jenkins publishes (junit-10.xsd). A document fails once, with all
its errors in the text: many servers show only one failure of a test case.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from clrctl.cli.console import Console
from clrctl.cli.output.findings import FindingsSummary, conclude
from clrctl.cli.output.findings_text import one_line
from clrctl.cli.output.upload_files import ReportFile, Rows, place
from clrctl.errors import ClrctlError
from clrctl.finding import Finding, Report, Severity
from clrctl.util import count, safe

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from clrctl.sending import Endpoint

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_COUNTS = {"failure": "failures", "error": "errors", "skipped": "skipped"}
# XML 1.0, section 2.2: whatever is not a Char; and what is one, but moves a terminal.
_ILLEGAL = re.compile("[^\t\n\x20-\x7e\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Suite:
    """One suite of test cases.

    Args:
        command: the command whose outcome it is.
        outcomes: elements that a case may have, and that are counted.
    """

    def __init__(self, command: str, *outcomes: str) -> None:
        from xml.etree.ElementTree import Element

        self._command = command
        self._outcomes = outcomes
        self._suites = Element("testsuites")
        self.element = _add(self._suites, "testsuite", name=f"clrctl {command}")

    def case(self, name: str) -> Element:
        """Add a test case."""
        return _add(self.element, "testcase", name=name, classname=f"clrctl.{self._command}")

    def whole(self, **attributes: str) -> str:
        """Return the document without a last line end; the suite has counts and attributes."""
        from xml.etree.ElementTree import indent, tostring

        for holder in (self._suites, self.element):
            holder.set("tests", str(len(self.element.findall("testcase"))))
            for outcome in self._outcomes:
                number = len(self.element.findall(f"testcase/{outcome}"))
                holder.set(_COUNTS[outcome], str(number))
        for name, value in attributes.items():
            self.element.set(name, value)
        indent(self._suites)
        # ASCII is UTF-8, and moves no terminal: everything else is a character reference.
        return f"{_DECLARATION}\n{tostring(self._suites, encoding='us-ascii').decode()}"


def _add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """Add an element; what XML cannot hold becomes U+FFFD."""
    from xml.etree.ElementTree import SubElement

    element = SubElement(parent, tag, {name: _legal(text) for name, text in attributes.items()})
    if text:
        element.text = _legal(text)
    return element


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)


class JUnit:
    """Findings: a suite with a test case for each document, written at the end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._suite = _Suite("validate", "failure", "error")
        self._properties = _add(self._suite.element, "properties")

    def file(self, report: Report, raw: bytes = b"") -> None:
        """Keep the test case of one document."""
        case = self._suite.case(report.place)
        errors = [each for each in report.findings if each.severity is Severity.ERROR]
        warnings = [each for each in report.findings if each.severity is Severity.WARNING]
        if errors:
            told = errors[0].message if len(errors) == 1 else count(len(errors), "error")
            _add(case, "failure", _lines(report, errors), message=told, type=errors[0].code)
        if warnings:
            _add(case, "system-out", _lines(report, warnings))

    def end(self, summary: FindingsSummary, failures: Sequence[ClrctlError], *, ok: bool) -> None:
        """Write the suite, and the summary to standard error."""
        for failure in failures:
            text = "\n".join(filter(None, (failure.why, failure.fix)))
            case = self._suite.case(failure.where or failure.what)
            _add(case, "error", text, message=failure.what, type=type(failure).__name__)
        for name, number in asdict(summary).items():
            _add(self._properties, "property", name=name, value=str(number))
        self._console.answer(self._suite.whole())
        conclude(self._console, summary, failures, ok=ok)


def _lines(report: Report, findings: Sequence[Finding]) -> str:
    return "\n".join(one_line(report, finding) for finding in findings)


class JUnitFile(ReportFile):
    """Uploads: a suite with a test case for each credential; one that is not stored fails."""

    @staticmethod
    def whole(endpoint: Endpoint, rows: Rows) -> str:
        """Return the suite."""
        from clrctl.sending import STORED, UploadOutcome

        suite = _Suite("upsert", "failure", "skipped")
        for row in rows:
            case = suite.case(_line(place(row)))
            outcome = UploadOutcome(row["outcome"])
            if outcome in STORED:
                continue
            error = row["error"] or {"what": outcome.value, "why": "", "fix": ""}
            told = "\n".join(_line(error[part]) for part in ("what", "why", "fix") if error[part])
            kind = "skipped" if outcome is UploadOutcome.PENDING else "failure"
            _add(case, kind, told, message=_line(error["what"]), type=outcome.value)
        text = suite.whole(hostname=urlsplit(endpoint.base).hostname or "")
        return f"{text}\n"


def _line(text: str) -> str:
    return safe(text, limit=None)
