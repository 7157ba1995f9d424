"""The answer of `validate` in its forms: lines for people, and what programs and servers read.

A form is told each document's report as soon as it is there, and the end. It holds findings at
most, never documents, and decides nothing. To add one, write a class with the two methods of
`Form` and enter it in `form`.
"""

from __future__ import annotations

from clrctl.cli.console import Console
from clrctl.cli.output.findings import FindingsForm
from clrctl.cli.output.findings_json import FindingsJson, FindingsJsonLines
from clrctl.cli.output.findings_text import FindingsText


def form(name: str, console: Console) -> FindingsForm:
    """Return a form by the name that `--format` knows it by; raises KeyError for any other."""
    match name:
        case "text":
            return FindingsText(console)
        case "json":
            return FindingsJson(console)
        case "jsonl":
            return FindingsJsonLines(console)
        case "github":
            from clrctl.cli.output.github import GitHub

            return GitHub(console)
        case "sarif":
            from clrctl.cli.output.sarif import Sarif

            return Sarif(console)
        case "junit":
            from clrctl.cli.output.junit import JUnit

            return JUnit(console)
    raise KeyError(name)
