"""`clrctl validate`: check credentials without sending them anywhere."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from clrctl import console as consoles
from clrctl.commands import options
from clrctl.console import Color
from clrctl.errors import ClrctlError, ExitCode, worst


def validate(
    files: options.Files,
    ruleset: Annotated[
        list[options.Ruleset],
        typer.Option("--ruleset", help="Rules to hold them to; may be given twice."),
    ] = [options.Ruleset.STANDARD],  # noqa: B006 - Typer's way to give a default
    strict: options.Strict = False,
    input_format: options.InputFormatOption = None,
    max_size: options.MaxSize = 64,
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
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
      clrctl validate --json records.ndjson
      other-program | clrctl validate -
    """
    from clrctl import report as reports
    from clrctl import validation
    from clrctl.document import read

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=as_json)
    answer = reports.FORMATS["json" if as_json else form.value](console)
    inputs = read(
        files,
        stdin=sys.stdin.buffer,
        limits=options.limits(max_size),
        input_format=input_format.value if input_format else None,
    )
    summary = reports.Summary()
    failures: list[ClrctlError] = []
    for item in inputs:
        if isinstance(item, ClrctlError):
            failures.append(item)
            continue
        report = validation.check(item, [name.value for name in ruleset])
        summary = summary.plus(report)
        answer.file(report)
    bad = summary.errors > 0 or (strict and summary.warnings > 0)
    codes = [ExitCode.INVALID] if bad else []
    codes += [failure.exit_code for failure in failures]
    answer.end(summary.with_unread(len(failures)), failures, ok=not codes)
    raise typer.Exit(worst(codes))
