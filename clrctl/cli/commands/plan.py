"""`clrctl plan`: what an upload would send, and what has changed since the last one."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.errors import ExitCode, worst


def plan(
    files: options.Files,
    endpoint: options.Endpoint = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 1 if anything would be sent.")
    ] = False,
    strict: options.Strict = False,
    input_format: options.InputFormatOption = None,
    max_size: options.MaxSize = 64,
    jobs: options.Jobs = 0,
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """List what an upload would send: what is new, what has changed and where, what is in doubt.

    The files are checked as upsert does, and compared with what this machine has sent to the
    endpoint before. No other machine is asked; a sandbox on this one says which database it has.
    In doubt is what was sent without an answer; sending it again does no harm.

    A changed credential whose validFrom is not later than that of the version sent before is
    warned of: of two versions of a credential, the later validFrom counts.

    Examples:
      clrctl plan records/ --endpoint timeback-staging
      clrctl plan records/ --endpoint timeback-staging --exit-code --quiet
      clrctl plan records/ --endpoint timeback-staging --json
    """
    from clrctl.cli import local_sandbox
    from clrctl.cli.output import plans as plan_forms
    from clrctl.cli.settings import Settings
    from clrctl.document import InputFormat as Kind
    from clrctl.document import find, parallel
    from clrctl.sending import Bodies, prepare
    from clrctl.sending import plan as plans
    from clrctl.util import workers
    from clrctl.verifying import Signatures

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=as_json)
    settings = Settings()
    target = local_sandbox.located(settings.endpoint(endpoint), settings)
    limits = options.limits(max_size)
    read_as: Kind | None = input_format.value if input_format else None
    inputs = find(
        files,
        stdin=sys.stdin.buffer,
        limits=limits,
        input_format=read_as,
        block=parallel.TASK,
    )
    signatures = Signatures.under(settings.trust_files(), datetime.now(UTC))
    with (
        workers(jobs) as executor,
        prepare.prepare(
            inputs,
            target.rulesets,
            bodies=Bodies(limits, read_as),
            also=signatures,
            executor=executor,
        ) as prepared,
    ):
        held_up = prepare.refusals(prepared, strict=strict)
        if held_up:
            if as_json:
                console.answer_json(plan_forms.as_json(prepared, None))
            else:
                plan_forms.held_up(console, prepared)
            raise typer.Exit(worst(held_up))
        journal = local_sandbox.read_journal(target, settings)
        with journal or nullcontext():
            planned = plans.of(prepared, journal, target)
        if as_json:
            console.answer_json(plan_forms.as_json(prepared, planned))
        else:
            plan_forms.tell(console, planned)
    if exit_code and planned.to_send:
        raise typer.Exit(ExitCode.INVALID)
