"""Reports: findings and outcomes as text for people and JSON for programs.

To add a form, write a class with the two methods of `Form` and enter it in `FORMATS`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from clrctl.console import REPORT_FORMAT, Console, error_json, safe
from clrctl.errors import ClrctlError
from clrctl.finding import FileReport, Finding, Json, Severity
from clrctl.words import count

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}
_INDEX = re.compile(r"/\d+(?=/|$)")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run adds up to."""

    files: int = 0
    valid: int = 0
    errors: int = 0
    warnings: int = 0
    unread: int = 0

    def plus(self, report: FileReport) -> Summary:
        """Return the summary with one more document in it."""
        return replace(
            self,
            files=self.files + 1,
            valid=self.valid + (report.errors == 0),
            errors=self.errors + report.errors,
            warnings=self.warnings + report.warnings,
        )

    def with_unread(self, number: int) -> Summary:
        """Return the summary of a run in which some inputs could not be read."""
        return replace(self, unread=number)


class Form(Protocol):
    """One form of the answer of `validate`."""

    def file(self, report: FileReport) -> None:
        """Take the report of one document."""

    def end(self, summary: Summary, failures: Sequence[ClrctlError], *, ok: bool) -> None:
        """Finish the answer; `failures` are the inputs that could not be read."""


class Text:
    """One line a finding, `path:line:col: severity code pointer message`, as editors know it."""

    def __init__(self, console: Console, *, every: bool = False) -> None:
        self._console = console
        self._every = every or console.verbose > 0

    def file(self, report: FileReport) -> None:
        """Write the findings of one document, like ones of one document in one line."""
        for finding, others in _grouped(report.findings, every=self._every):
            more = f" (and {others:,} more like it: -v shows all)" if others else ""
            text_finding(self._console, report, finding, more)

    def end(self, summary: Summary, failures: Sequence[ClrctlError], *, ok: bool) -> None:
        """Write the summary, to standard error."""
        for failure in failures:
            self._console.error(failure)
        parts = [count(summary.files, "credential") + " checked", f"{summary.valid:,} valid"]
        if summary.errors:
            parts.append(count(summary.errors, "error"))
        if summary.warnings:
            parts.append(count(summary.warnings, "warning"))
        if summary.unread:
            parts.append(count(summary.unread, "input") + " unread")
        self._console.say((", ".join(parts), "bold green" if ok else "bold red"))


def text_finding(console: Console, report: FileReport, finding: Finding, more: str = "") -> None:
    """Write one finding as a line of the answer."""
    place = safe(report.source, limit=None)
    if finding.line is not None:
        place += f":{finding.line}:{finding.column}"
    fix = f" -> {safe(finding.fix, limit=None)}" if finding.fix else ""
    console.answer(
        (place, "bold"),
        ": ",
        (finding.severity.value, _STYLES[finding.severity]),
        f" {finding.code} {safe(finding.pointer) or '/'} {safe(finding.message, limit=400)}",
        (fix, "cyan"),
        (more, "dim"),
    )


class JsonObject:
    """One object with everything in it (`clrctl.report/1`)."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._files: list[Json] = []

    def file(self, report: FileReport) -> None:
        """Keep one document's report."""
        self._files.append(file_json(report))

    def end(self, summary: Summary, failures: Sequence[ClrctlError], *, ok: bool) -> None:
        """Write the object."""
        self._console.answer_json(report_json(summary, self._files, failures, ok=ok))


FORMATS = {"text": Text, "json": JsonObject}


def report_json(
    summary: Summary, files: Sequence[Json], failures: Sequence[ClrctlError], *, ok: bool
) -> Json:
    """Return a whole run as a report; members are only ever added to this format."""
    return {
        "format": REPORT_FORMAT,
        "ok": ok,
        "summary": {
            "files": summary.files,
            "valid": summary.valid,
            "errors": summary.errors,
            "warnings": summary.warnings,
            "unread": summary.unread,
        },
        "files": list(files),
        "error": error_json(failures[0]) if failures else None,
        "unread": [error_json(failure) for failure in failures],
    }


def file_json(report: FileReport) -> dict[str, Json]:
    """Return one document's report as JSON."""
    return {
        "source": _utf8(report.source),
        "line": report.first_line,
        "schema": report.schema,
        "schema_reason": report.schema_reason,
        "findings": [finding_json(finding) for finding in report.findings],
        "receipt": None,
    }


def finding_json(finding: Finding) -> dict[str, Json]:
    """Return one finding as JSON."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "pointer": _utf8(finding.pointer),
        "message": _utf8(finding.message),
        "line": finding.line,
        "column": finding.column,
        "fix": _utf8(finding.fix),
    }


def _utf8(text: str) -> str:
    """Return text that can be encoded: file names may hold bytes that are no characters."""
    return text.encode("utf-8", "backslashreplace").decode()


def _grouped(findings: Sequence[Finding], *, every: bool) -> list[tuple[Finding, int]]:
    """Return the first finding of each kind with the number of those like it."""
    if every:
        return [(finding, 0) for finding in findings]
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        kind = (finding.code, _INDEX.sub("/*", finding.pointer), finding.message)
        groups.setdefault(kind, []).append(finding)
    return [(group[0], len(group) - 1) for group in groups.values()]
