"""The form for code scanning: a log of the Static Analysis Results Interchange Format 2.1.0.

Source: OASIS, SARIF 2.1.0; sections are cited where something follows from one. All findings
are in it, ungrouped: servers that take SARIF group by rule themselves.
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from urllib.parse import quote

from clrctl._version import __version__
from clrctl.cli.console import Console
from clrctl.cli.output.findings import FindingsSummary, conclude
from clrctl.cli.output.findings_json import encodable
from clrctl.errors import ClrctlError
from clrctl.finding import Finding, Json, Report

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Sarif:
    """One log with one run, written at the end."""

    def __init__(self, console: Console) -> None:
        from clrctl.checking import all_codes

        self._console = console
        self._codes = all_codes()
        self._index = {entry.code: number for number, entry in enumerate(self._codes)}
        self._results: list[Json] = []
        self._seen: Counter[tuple[str, str]] = Counter()

    def file(self, report: Report, raw: bytes = b"") -> None:
        """Keep the results of one document."""
        uri = _uri(report.source)
        self._results += (self._result(finding, uri) for finding in report.findings)

    def end(self, summary: FindingsSummary, failures: Sequence[ClrctlError], *, ok: bool) -> None:
        """Write the log, and the summary to standard error."""
        run = {
            "tool": {"driver": self._driver()},
            "columnKind": "unicodeCodePoints",
            "invocations": [
                {
                    "executionSuccessful": not failures,
                    "toolExecutionNotifications": [_notification(failure) for failure in failures],
                }
            ],
            "results": self._results,
            "properties": {"ok": ok, "summary": asdict(summary)},
        }
        self._console.answer_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})
        conclude(self._console, summary, failures, ok=ok)

    def _driver(self) -> Json:
        return {
            "name": "clrctl",
            "semanticVersion": __version__,
            "rules": [
                {
                    "id": entry.code,
                    "shortDescription": {"text": f"{entry.title}."},
                    "fullDescription": {"text": f"{entry.title}. {entry.why}".rstrip()},
                    "help": {"text": f"{entry.why}\n\nSource: {entry.source}".lstrip()},
                    "defaultConfiguration": {"level": entry.severity.value},
                }
                for entry in self._codes
            ],
        }

    def _result(self, finding: Finding, uri: str) -> Json:
        fix = f" -> {finding.fix}" if finding.fix else ""
        return {
            "ruleId": finding.code,
            # Section 3.27.6: -1 is a rule that the driver does not list.
            "ruleIndex": self._index.get(finding.code, -1),
            "level": finding.severity.value,
            "message": {"text": encodable(finding.message + fix)},
            "locations": [_location(finding, uri)],
            "partialFingerprints": {"finding/v1": self._fingerprint(finding, uri)},
        }

    def _fingerprint(self, finding: Finding, uri: str) -> str:
        """Return what distinguishes a result in its file, and stays when lines are added above.

        The file's name is left out (section 3.27.17): servers join it themselves.
        """
        known = "\n".join((finding.code, finding.pointer, finding.message))
        digest = hashlib.sha256(known.encode("utf-8", "backslashreplace")).hexdigest()[:32]
        self._seen[uri, digest] += 1
        return f"{digest}:{self._seen[uri, digest]}"


def _location(finding: Finding, uri: str) -> Json:
    physical: dict[str, Json] = {"artifactLocation": {"uri": uri}}
    if finding.line is not None:
        physical["region"] = {"startLine": finding.line, "startColumn": finding.column}
    logical = [{"fullyQualifiedName": encodable(finding.pointer)}] if finding.pointer else []
    return {"physicalLocation": physical, "logicalLocations": logical}


def _notification(failure: ClrctlError) -> Json:
    told = (failure.where, failure.what, failure.why)
    return {"level": "error", "message": {"text": encodable(": ".join(filter(None, told)))}}


def _uri(source: str) -> str:
    """Return where a document lies: relative to the current directory if it is below it."""
    path = Path(source)
    if path.is_absolute():
        if not path.is_relative_to(Path.cwd()):
            return path.as_uri()
        path = path.relative_to(Path.cwd())
    return quote(os.fsencode(path.as_posix()))
