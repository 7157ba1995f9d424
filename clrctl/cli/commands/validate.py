"""`clrctl validate`: check credentials without sending them anywhere."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.errors import ExitCode, InputError, UsageError, worst

if TYPE_CHECKING:
    from clrctl.cli.output import FindingsForm
    from clrctl.document import Piece
    from clrctl.finding import Report


class FindingsFormat(enum.StrEnum):
    """Forms of the answer: the formats that carry findings."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"
    GITHUB = "github"
    SARIF = "sarif"
    JUNIT = "junit"


def validate(
    files: options.Files,
    ruleset: Annotated[
        list[options.Ruleset],
        typer.Option("--ruleset", help="Rules to hold them to; may be given twice."),
    ] = [],  # noqa: B006 - Typer takes a copy
    ignore: options.Ignore = [],  # noqa: B006
    severity: options.SeverityOption = [],  # noqa: B006
    strict: options.Strict = False,
    at: options.At = None,
    input_format: options.InputFormatOption = None,
    max_size: options.MaxSize = 64,
    form: Annotated[
        FindingsFormat, typer.Option("--format", help="Form of the answer.")
    ] = FindingsFormat.TEXT,
    json: options.Json = False,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the answer to this file; - is stdout."
        ),
    ] = "-",
    jobs: options.Jobs = 0,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Check credentials against the bundled schemas and the rules of the standard.

    Nothing is sent or fetched. Findings go to standard output, one a line, as
    path:line:column: severity code pointer message.

    Examples:
      clrctl validate samples/transcript.clr.json
      clrctl validate --ruleset standard --ruleset timeback samples/
      clrctl validate --format sarif --output clr.sarif samples/
      other-program | clrctl validate --json -
    """
    from clrctl import api
    from clrctl.checking import project
    from clrctl.cli.output import answering, findings_form
    from clrctl.cli.progress import counting
    from clrctl.document import find, parallel
    from clrctl.util import workers

    form = _format(form, json=json)
    as_json = form in (FindingsFormat.JSON, FindingsFormat.JSONL)
    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=as_json)
    now = datetime.now(UTC) if at is None else options.moment(at)
    checks = project.resolve(
        ignore, severity, [name.value for name in ruleset], strict=strict, cwd=Path.cwd()
    )
    pieces = find(
        files,
        stdin=sys.stdin.buffer,
        limits=options.limits(max_size),
        input_format=input_format.value if input_format else None,
        block=parallel.TASK,
    )
    with workers(jobs) as executor, answering(console, output), ExitStack() as stack:
        checked = api.validate(
            _guarded(pieces, output),
            rulesets=checks.rulesets,
            ignore=checks.policy.ignore,
            severity=checks.policy.severities,
            now=now,
            executor=executor,
        )
        stack.enter_context(closing(checked))
        watched = counting(checked, console)
        codes = _tell(watched, findings_form(form.value, console), strict=checks.strict)
    raise typer.Exit(worst(codes))


def _guarded(pieces: Iterable[Piece | InputError], output: str) -> Iterator[Piece | InputError]:
    """Pass the pieces on, as long as the answer would not replace one of them."""
    from clrctl.cli.output import refuse_to_replace

    for piece in pieces:
        if not isinstance(piece, InputError):
            refuse_to_replace(piece.source, output)
        yield piece


def _tell(
    checked: Iterable[Report | InputError], answer: FindingsForm, *, strict: bool
) -> list[ExitCode]:
    """Give everything to the form of the answer, and return the exit codes it adds up to."""
    from clrctl.cli.output import FindingsSummary

    summary = FindingsSummary()
    failures: list[InputError] = []
    for item in checked:
        if isinstance(item, InputError):
            failures.append(item)
            continue
        summary = summary.plus(item)
        answer.file(item, item.raw)
    bad = summary.errors > 0 or (strict and summary.warnings > 0)
    codes = [ExitCode.INVALID] if bad else []
    codes += [failure.exit_code for failure in failures]
    answer.end(summary.with_unread(len(failures)), failures, ok=not codes)
    return codes


def _format(form: FindingsFormat, *, json: bool) -> FindingsFormat:
    """Return the one form that `--format` and `--json` ask for together."""
    if not json:
        return form
    if form not in (FindingsFormat.TEXT, FindingsFormat.JSON):
        raise UsageError(f"--json and --format {form} ask for two forms", fix="give one of them")
    return FindingsFormat.JSON
