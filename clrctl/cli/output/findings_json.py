"""The forms for programs, `clrctl.report/1`: one JSON object, or one on each line.

Members are only ever added to this format. The pieces serve every command that reports documents.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from clrctl.cli.console import REPORT_FORMAT, Console, error_json
from clrctl.cli.output.findings import FindingsSummary
from clrctl.errors import ClrctlError
from clrctl.finding import Finding, Json, Report


class FindingsJson:
    """One object with everything in it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._files: list[Json] = []

    def file(self, report: Report, raw: bytes = b"") -> None:
        """Keep one document's report."""
        self._files.append(file_json(report))

    def end(self, summary: FindingsSummary, failures: Sequence[ClrctlError], *, ok: bool) -> None:
        """Write the object."""
        self._console.answer_json(report_json(summary, self._files, failures, ok=ok))


class FindingsJsonLines:
    """An object for each document as soon as it is checked, then one with the summary.

    The last object is that of `FindingsJson` without `files`; its absence means a run cut short.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    def file(self, report: Report, raw: bytes = b"") -> None:
        """Write one document's report."""
        self._write({"format": REPORT_FORMAT, **file_json(report)})

    def end(self, summary: FindingsSummary, failures: Sequence[ClrctlError], *, ok: bool) -> None:
        """Write the summary."""
        self._write({**_verdict(summary, ok=ok), **_unread(failures)})

    def _write(self, value: Json) -> None:
        # ASCII: no terminal is moved by it, and no reader takes U+2028 for the end of a line.
        self._console.answer(json.dumps(value, separators=(",", ":")))
        self._console.flush()


def report_json(
    summary: FindingsSummary, files: Sequence[Json], failures: Sequence[ClrctlError], *, ok: bool
) -> dict[str, Json]:
    """Return a whole run as a report."""
    return {**_verdict(summary, ok=ok), "files": list(files), **_unread(failures)}


def _verdict(summary: FindingsSummary, *, ok: bool) -> dict[str, Json]:
    return {"format": REPORT_FORMAT, "ok": ok, "summary": asdict(summary)}


def _unread(failures: Sequence[ClrctlError]) -> dict[str, Json]:
    return {
        "error": error_json(failures[0]) if failures else None,
        "unread": [error_json(failure) for failure in failures],
    }


def file_json(report: Report) -> dict[str, Json]:
    """Return one document's report as JSON."""
    return {
        "source": encodable(report.source),
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
        "pointer": encodable(finding.pointer),
        "message": encodable(finding.message),
        "line": finding.line,
        "column": finding.column,
        "fix": encodable(finding.fix),
    }


def encodable(text: str) -> str:
    """Return text that is valid Unicode: file names may hold bytes that are no characters."""
    return text.encode("utf-8", "backslashreplace").decode()
