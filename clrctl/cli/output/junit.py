"""The form for CI servers that show tests: JUnit XML, each document a test case.

Written after the schema that Jenkins publishes (junit-10.xsd). A document fails once, with all
its errors in the text: many servers show only one failure of a test case.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from clrctl.cli.console import Console
from clrctl.cli.output.findings import FindingsSummary, conclude
from clrctl.cli.output.findings_text import one_line
from clrctl.errors import ClrctlError
from clrctl.finding import Finding, Report, Severity
from clrctl.util import count

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_NAME = "clrctl validate"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
# XML 1.0, section 2.2: whatever is not a Char; and what is one, but moves a terminal.
_ILLEGAL = re.compile("[^\t\n\x20-\x7e\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class JUnit:
    """One suite with a test case for each document, written at the end."""

    def __init__(self, console: Console) -> None:
        from xml.etree.ElementTree import Element

        self._console = console
        self._suites = Element("testsuites")
        self._suite = _add(self._suites, "testsuite", name=_NAME)
        self._properties = _add(self._suite, "properties")

    def file(self, report: Report, raw: bytes = b"") -> None:
        """Keep the test case of one document."""
        case = self._case(report.place)
        errors = [each for each in report.findings if each.severity is Severity.ERROR]
        warnings = [each for each in report.findings if each.severity is Severity.WARNING]
        if errors:
            told = errors[0].message if len(errors) == 1 else count(len(errors), "error")
            _add(case, "failure", _lines(report, errors), message=told, type=errors[0].code)
        if warnings:
            _add(case, "system-out", _lines(report, warnings))

    def end(self, summary: FindingsSummary, failures: Sequence[ClrctlError], *, ok: bool) -> None:
        """Write the suite, and the summary to standard error."""
        from xml.etree.ElementTree import indent, tostring

        for failure in failures:
            text = "\n".join(filter(None, (failure.why, failure.fix)))
            case = self._case(failure.where or failure.what)
            _add(case, "error", text, message=failure.what, type=type(failure).__name__)
        for name, number in asdict(summary).items():
            _add(self._properties, "property", name=name, value=str(number))
        for holder in (self._suites, self._suite):
            holder.set("tests", str(summary.files + summary.unread))
            holder.set("failures", str(summary.files - summary.valid))
            holder.set("errors", str(summary.unread))
        indent(self._suites)
        # ASCII is UTF-8, and moves no terminal: everything else is a character reference.
        self._console.answer(_DECLARATION)
        self._console.answer(tostring(self._suites, encoding="us-ascii").decode())
        conclude(self._console, summary, failures, ok=ok)

    def _case(self, name: str) -> Element:
        return _add(self._suite, "testcase", name=name, classname="clrctl.validate")


def _add(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    from xml.etree.ElementTree import SubElement

    element = SubElement(parent, tag, {name: _legal(text) for name, text in attributes.items()})
    if text:
        element.text = _legal(text)
    return element


def _lines(report: Report, findings: Sequence[Finding]) -> str:
    return "\n".join(one_line(report, finding) for finding in findings)


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)
