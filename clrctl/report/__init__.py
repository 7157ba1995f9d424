"""The answer of `validate` in its forms: lines for people, and what programs and servers read.

A form is told each document's report as soon as it is there, and the end. It holds findings at
most, never documents, and decides nothing. To add one, write a class with the two methods of
`Form` and enter it in `form`.
"""

from __future__ import annotations

from clrctl.console import Console
from clrctl.report.objects import JsonLines, JsonObject, file_json, finding_json, report_json
from clrctl.report.shared import Form, Summary
from clrctl.report.text import Text

__all__ = ["Form", "Summary", "Text", "file_json", "finding_json", "form", "report_json"]


def form(name: str, console: Console) -> Form:
    """Return a form by the name that `--format` knows it by; raises KeyError for any other."""
    match name:
        case "text":
            return Text(console)
        case "json":
            return JsonObject(console)
        case "jsonl":
            return JsonLines(console)
        case "github":
            from clrctl.report.github import GitHub

            return GitHub(console)
        case "sarif":
            from clrctl.report.sarif import Sarif

            return Sarif(console)
        case "junit":
            from clrctl.report.junit import JUnit

            return JUnit(console)
    raise KeyError(name)
