"""What the forms share: the numbers of a run, and like findings told once.

Nothing here writes to a stream, but for the end that forms for people and for servers have alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from clrctl.cli.console import Console
from clrctl.errors import ClrctlError
from clrctl.finding import Finding, Report, Severity
from clrctl.util import count

MOST_KINDS = 50
"""So many kinds of findings of one document are shown to a person who has not asked for all."""

_INDEX = re.compile(r"/\d+(?=/|$)")


@dataclass(frozen=True, slots=True)
class FindingsSummary:
    """What a run adds up to; the names of the fields are the same in every form.

    Attributes:
        files: documents checked.
        valid: those of them without an error.
        errors: findings that make a document invalid.
        warnings: findings that do not.
        unread: inputs that could not be read.
    """

    files: int = 0
    valid: int = 0
    errors: int = 0
    warnings: int = 0
    unread: int = 0

    def plus(self, report: Report) -> FindingsSummary:
        """Return the summary with one more document in it."""
        return replace(
            self,
            files=self.files + 1,
            valid=self.valid + report.ok,
            errors=self.errors + len(report.errors),
            warnings=self.warnings + len(report.warnings),
        )

    def with_unread(self, number: int) -> FindingsSummary:
        """Return the summary of a run in which some inputs could not be read."""
        return replace(self, unread=number)


class FindingsForm(Protocol):
    """One form of the answer of `validate`."""

    def file(self, report: Report, raw: bytes = b"") -> None:
        """Take the report of one document.

        Args:
            report: what was found.
            raw: the document's bytes (`Document.raw`), for a form that shows them; not kept.
        """

    def end(self, summary: FindingsSummary, failures: Sequence[ClrctlError], *, ok: bool) -> None:
        """Finish the answer; `failures` are the inputs that could not be read."""


def conclude(
    console: Console, summary: FindingsSummary, failures: Sequence[ClrctlError], *, ok: bool
) -> None:
    """Print what could not be read, then the summary, on standard error."""
    for failure in failures:
        console.error(failure)
    parts = [count(summary.files, "credential") + " checked", f"{summary.valid:,} valid"]
    if summary.errors:
        parts.append(count(summary.errors, "error"))
    if summary.warnings:
        parts.append(count(summary.warnings, "warning"))
    if summary.unread:
        parts.append(count(summary.unread, "input") + " unread")
    console.say((", ".join(parts), "bold green" if ok else "bold red"))


def worth_showing(
    findings: Sequence[Finding], *, every: bool
) -> tuple[list[tuple[Finding, int]], int]:
    """Choose which findings of one document a person is shown.

    Findings are alike when code, message and pointer are the same but for indices. Of more
    kinds than `MOST_KINDS` those with errors are preferred.

    Returns:
        The first finding of each kind, in the order given, with the number of those like it;
        and how many findings that leaves out, of kinds that are not shown at all.
    """
    if every:
        return [(finding, 0) for finding in findings], 0
    kinds: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        kind = (finding.code, _INDEX.sub("/*", finding.pointer), finding.message)
        kinds.setdefault(kind, []).append(finding)
    errors_first = sorted(kinds, key=lambda kind: kinds[kind][0].severity is not Severity.ERROR)
    chosen = set(errors_first[:MOST_KINDS])
    shown = [(alike[0], len(alike) - 1) for kind, alike in kinds.items() if kind in chosen]
    return shown, len(findings) - sum(1 + others for _, others in shown)
