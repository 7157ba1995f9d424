"""The form for people: a line for each finding, on a terminal with its place in the source.

In a pipe it is `path:line:col: severity code pointer message -> fix`, as editors and grep know
it. It does not know how a line is cut to fit: `excerpt` does.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from clrctl.cli.console import Console
from clrctl.cli.output.excerpt import SourceText
from clrctl.cli.output.findings import FindingsSummary, conclude, worth_showing
from clrctl.errors import ClrctlError
from clrctl.finding import Finding, Report, Severity
from clrctl.util import Part, count, safe

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}
_INDENT = "    "


class FindingsText:
    """Findings as lines on standard output, the summary on standard error."""

    def __init__(self, console: Console, *, every: bool = False) -> None:
        self._console = console
        self._every = every or console.verbose > 0

    def file(self, report: Report, raw: bytes = b"") -> None:
        """Write the findings of one document, like ones in one line; on a terminal with source."""
        if not report.findings:
            return
        shown, rest = worth_showing(report.findings, every=self._every)
        source = SourceText(raw, report.first_line) if raw and self._console.out.isatty() else None
        for finding, others in shown:
            more = (f" (and {others:,} more like it: -v shows all)" if others else "", "dim")
            if source is None:
                self._console.answer(*_headline(report, finding), _fix(finding), more)
            else:
                self._console.answer(*_headline(report, finding), more)
                self._below(finding, source)
        if rest:
            place = (safe(report.place, limit=None), "bold")
            self._console.answer(place, f": and {count(rest, 'more finding')} (-v shows all)")
        self._console.flush()

    def end(self, summary: FindingsSummary, failures: Sequence[ClrctlError], *, ok: bool) -> None:
        """Write the summary, to standard error."""
        conclude(self._console, summary, failures, ok=ok)

    def _below(self, finding: Finding, source: SourceText) -> None:
        """Write the source line with a caret under the place, then the fix."""
        if finding.line is not None and finding.column is not None:
            room = shutil.get_terminal_size().columns - len(_INDENT)
            line, margin = source.excerpt(finding.line, finding.column, room)
            self._console.answer((_INDENT + line, "dim"))
            self._console.answer(_INDENT + margin, ("^", _STYLES[finding.severity]))
        if finding.fix:
            fix, style = _fix(finding)
            self._console.answer((_INDENT + fix.lstrip(), style))


def one_line(report: Report, finding: Finding) -> str:
    """Return a finding as the line that a pipe gets."""
    parts = (*_headline(report, finding), _fix(finding))
    return "".join(part if isinstance(part, str) else part[0] for part in parts)


def _headline(report: Report, finding: Finding) -> tuple[Part, ...]:
    place = safe(report.source, limit=None)
    if finding.line is not None:
        place += f":{finding.line}:{finding.column}"
    return (
        (place, "bold"),
        ": ",
        (finding.severity.value, _STYLES[finding.severity]),
        f" {finding.code} {safe(finding.pointer) or '/'} {safe(finding.message, limit=400)}",
    )


def _fix(finding: Finding) -> tuple[str, str]:
    return (f" -> {safe(finding.fix, limit=None)}" if finding.fix else "", "cyan")
