"""The form for GitHub Actions: workflow commands, which become notes beside the lines of a file.

Source: GitHub, workflow commands, "Setting an error message". A step shows ten errors and ten
warnings, so that like findings are told once here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clrctl.cli.console import Console
from clrctl.cli.output.findings import FindingsSummary, conclude, worth_showing
from clrctl.errors import ClrctlError
from clrctl.finding import Finding, Report
from clrctl.util import count, safe


class GitHub:
    """A workflow command for each kind of finding, as soon as its document is checked."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def file(self, report: Report, raw: bytes = b"") -> None:
        """Write the commands of one document."""
        shown, rest = worth_showing(report.findings, every=self._console.verbose > 0)
        for finding, others in shown:
            place = _place(report, finding)
            text = _message(finding, others)
            self._command(finding.severity.value, {**place, "title": finding.code}, text)
        if rest:
            text = f"and {count(rest, 'more finding')} (-v shows all)"
            self._command("notice", {"file": _file(report)}, text)
        self._console.flush()

    def end(self, summary: FindingsSummary, failures: Sequence[ClrctlError], *, ok: bool) -> None:
        """Write a command for each input that could not be read, and the summary to stderr."""
        for failure in failures:
            told = (failure.where, failure.what, failure.why)
            self._command("error", {"title": "unread"}, ": ".join(filter(None, told)))
        conclude(self._console, summary, failures, ok=ok)

    def _command(self, name: str, properties: dict[str, object], text: str) -> None:
        listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
        self._console.answer(f"::{name} {listed}::{_data(text)}")


def _place(report: Report, finding: Finding) -> dict[str, object]:
    if finding.line is None:
        return {"file": _file(report)}
    return {"file": _file(report), "line": finding.line, "col": finding.column}


def _file(report: Report) -> str:
    # GitHub finds files by their names from the root of the repository, without a "./".
    return Path(report.source).as_posix()


def _message(finding: Finding, others: int) -> str:
    fix = f" -> {finding.fix}" if finding.fix else ""
    more = f" (and {others:,} more like it)" if others else ""
    return f"{finding.pointer or '/'} {finding.message}{fix}{more}"


def _data(text: object) -> str:
    # Line ends and whatever else could begin another command are visible escapes already.
    return safe(text, limit=None).replace("%", "%25")


def _property(value: object) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
