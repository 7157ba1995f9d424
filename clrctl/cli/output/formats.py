"""The formats of what commands write: their names, what each can carry, and who writes it.

To add a format, write a module with a class for what it carries, and enter it in `FORMATS`. Those
for findings have the methods of `FindingsForm`, those for verdicts of `VerdictsForm`, those for
uploads of `UploadReport`. They decide nothing, and hold no documents.
"""

from __future__ import annotations

import enum
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clrctl.errors import UsageError

if TYPE_CHECKING:
    from clrctl.cli.console import Console
    from clrctl.cli.output.findings import FindingsForm
    from clrctl.cli.output.upload_files import UploadReport
    from clrctl.cli.output.verdicts import VerdictsForm
    from clrctl.sending import Endpoint


class OutputKind(enum.Enum):
    """What is written in one of the formats."""

    FINDINGS = "what `validate` found"
    VERDICTS = "what `verify` found"
    UPLOADS = "the file of `upsert --report`"
    JOURNAL = "what `status` shows"
    HOLDINGS = "what `list` shows"
    RULES = "what `rules` explains"
    SCHEMA = "what `schema show` prints"
    ANSWER = "the answer of any other command"


_ALL_COMMANDS = (OutputKind.JOURNAL, OutputKind.HOLDINGS, OutputKind.RULES, OutputKind.ANSWER)


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """One format.

    Attributes:
        name: what `--format` calls it.
        writers: for what it carries, the class that writes it, as `module.Class` of this room;
            imported when it is used.
        commands: what it carries besides, which the commands write themselves.
        suffixes: how the names of files end that mean it; the first is the usual one.
        title: what people call it, where the suffix does not say so.
    """

    name: str
    writers: Mapping[OutputKind, str] = field(default_factory=dict)
    commands: tuple[OutputKind, ...] = ()
    suffixes: tuple[str, ...] = ()
    title: str = ""

    def carries(self, kind: OutputKind) -> bool:
        """Return whether this can be written in it."""
        return kind in self.writers or kind in self.commands


FORMATS: Mapping[str, OutputFormat] = {
    each.name: each
    for each in (
        OutputFormat(
            "text",
            {
                OutputKind.FINDINGS: "findings_text.FindingsText",
                OutputKind.VERDICTS: "verdicts.VerdictsText",
            },
            commands=_ALL_COMMANDS,
        ),
        OutputFormat(
            "json",
            {
                OutputKind.FINDINGS: "findings_json.FindingsJson",
                OutputKind.VERDICTS: "verdicts.VerdictsJson",
                OutputKind.UPLOADS: "upload_files.JsonFile",
            },
            commands=(*_ALL_COMMANDS, OutputKind.SCHEMA),
            suffixes=(".json",),
        ),
        OutputFormat(
            "jsonl",
            {
                OutputKind.FINDINGS: "findings_json.FindingsJsonLines",
                OutputKind.UPLOADS: "upload_files.LinesFile",
            },
            commands=(OutputKind.JOURNAL, OutputKind.HOLDINGS),
            suffixes=(".jsonl", ".ndjson"),
        ),
        OutputFormat("github", {OutputKind.FINDINGS: "github.GitHub"}),
        OutputFormat("sarif", {OutputKind.FINDINGS: "sarif.Sarif"}),
        OutputFormat(
            "junit",
            {
                OutputKind.FINDINGS: "junit.JUnit",
                OutputKind.UPLOADS: "junit.JUnitFile",
            },
            suffixes=(".xml",),
            title="JUnit",
        ),
        OutputFormat(
            "html",
            {OutputKind.UPLOADS: "upload_page.PageFile"},
            suffixes=(".html", ".htm"),
        ),
        OutputFormat("markdown", commands=(OutputKind.RULES, OutputKind.SCHEMA)),
    )
}
"""Every format by its name, in the order in which they are offered."""


def choices(kind: OutputKind) -> tuple[str, ...]:
    """Return the names of the formats that can carry this kind of output."""
    return tuple(each.name for each in FORMATS.values() if each.carries(kind))


def suffixes(kind: OutputKind) -> str:
    """Return how files of this may end, as people say it: `.json, .xml (JUnit) or .html`."""
    said = [
        each.suffixes[0] + (f" ({each.title})" if each.title else "")
        for each in FORMATS.values()
        if each.carries(kind) and each.suffixes
    ]
    return " or ".join(filter(None, (", ".join(said[:-1]), said[-1])))


def format_of(path: Path, kind: OutputKind) -> OutputFormat | None:
    """Return the format that the name of a file means; None where it means none for this."""
    suffix = path.suffix.lower()
    known = (each for each in FORMATS.values() if each.carries(kind))
    return next((each for each in known if suffix in each.suffixes), None)


def findings_form(name: str, console: Console) -> FindingsForm:
    """Return what writes findings in a format; raises KeyError if none can."""
    form: FindingsForm = _writer(FORMATS[name], OutputKind.FINDINGS)(console)
    return form


def verdicts_form(name: str, console: Console) -> VerdictsForm:
    """Return what writes verdicts in a format; raises KeyError if none can."""
    form: VerdictsForm = _writer(FORMATS[name], OutputKind.VERDICTS)(console)
    return form


def upload_report(path: Path, endpoint: Endpoint) -> UploadReport:
    """Return the report of an upload to a file, in the format that its suffix means.

    Raises:
        UsageError: the suffix means none.
        InputError: it cannot be written.
    """
    report: UploadReport = _writer(report_format(path), OutputKind.UPLOADS)(path, endpoint)
    return report


def report_format(path: Path) -> OutputFormat:
    """Return the format that the suffix of `--report` means; raises UsageError if it means none."""
    found = format_of(path, OutputKind.UPLOADS)
    if found is None:
        raise UsageError(
            "the report's name does not say what it is to be",
            where=f"{path} (--report)",
            fix=f"let it end in {suffixes(OutputKind.UPLOADS)}",
        )
    return found


def _writer(each: OutputFormat, kind: OutputKind) -> Any:
    module, _, name = each.writers[kind].partition(".")
    return getattr(importlib.import_module(f"clrctl.cli.output.{module}"), name)
