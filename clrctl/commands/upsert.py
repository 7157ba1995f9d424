"""`clrctl upsert`: check credentials, then store them at an endpoint."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl import console as consoles
from clrctl.commands import options
from clrctl.console import Color
from clrctl.errors import ClrctlError, ExitCode, UsageError, worst

if TYPE_CHECKING:
    from clrctl.deliveries import Form
    from clrctl.publish import Delivery


def upsert(
    files: options.Files,
    endpoint: options.Endpoint = None,
    token_file: options.TokenFile = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", "-n", help="Do everything but send, and show what would be."),
    ] = False,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="DIR",
            help="Keep each credential that the endpoint returns, signed, in this folder.",
            show_default=False,
        ),
    ] = None,
    strict: options.Strict = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first credential that is refused.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask where an endpoint wants to be asked.")
    ] = False,
    input_format: options.InputFormatOption = None,
    max_size: options.MaxSize = 64,
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Store CLRs at an endpoint: create them, or replace those with the same id.

    Every credential is checked first, under the standard's rules and the endpoint's; while one
    has an error, nothing is sent. A file's bytes are sent as they are. What the endpoint returns
    is compared with what was sent, and whatever it lost or changed is named. Other tools call
    this upload, push or publish.

    The token comes from --token-file, CLRCTL_TOKEN, CLRCTL_TOKEN_FILE or the endpoint's entry in
    the config file; or it is fetched with CLRCTL_CLIENT_ID and CLRCTL_CLIENT_SECRET.

    Examples:
      clrctl upsert samples/transcript.clr.json --endpoint sandbox
      clrctl upsert records/ --endpoint timeback-staging --dry-run
      clrctl upsert records/ --endpoint timeback-staging --save signed/
    """
    from clrctl import deliveries, local, publish
    from clrctl.document import read
    from clrctl.saving import SavedFolder
    from clrctl.settings import Settings
    from clrctl.words import count

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=as_json)
    settings = Settings()
    target = settings.endpoint(endpoint)
    if "-" in files and token_file == "-":  # noqa: S105 - a file name
        raise UsageError("standard input cannot hold both a credential and the token")
    inputs = read(
        files,
        stdin=sys.stdin.buffer,
        limits=options.limits(max_size),
        input_format=input_format.value if input_format else None,
    )
    prepared = publish.prepare(inputs, target.rulesets)
    answer = deliveries.form(console, target, prepared, as_json=as_json)
    held_up = publish.refusals(prepared, strict=strict)
    answer.checked(held_up=bool(held_up))
    if held_up:
        raise typer.Exit(worst(held_up))
    credentials = settings.credentials(target, token_file=token_file, stdin=sys.stdin.buffer)
    if dry_run:
        answer.dry_run(credentials.source)
        return
    folder = SavedFolder(save, prepared.reports) if save else None
    if target.confirm and not yes:
        number = count(len(prepared.parcels), "credential")
        console.confirm(f"send {number} to {target.base} (endpoint {target.name})?", flag="--yes")
    codes: list[ExitCode] = []

    def tell(delivery: Delivery) -> None:
        codes.append(delivery.exit_code(strict=strict))
        kept = None
        try:
            kept = folder.keep(delivery.parcel.report, delivery.answer) if folder else None
        finally:
            answer.delivery(delivery, kept)

    with (
        local.reachable(target, credentials, settings) as (reached, access, told),
        publish.connect(reached, access) as client,
        _added_up(answer, codes),
    ):
        if told:
            console.say(told)
        publish.send(prepared.parcels, client, tell, fail_fast=fail_fast)
    raise typer.Exit(worst(codes))


@contextmanager
def _added_up(answer: Form, codes: list[ExitCode]) -> Iterator[None]:
    """End the answer whatever happens; it is well only if all were sent and none went wrong."""
    ok, error = False, None
    try:
        yield
        ok = worst(codes) is ExitCode.OK
    except ClrctlError as problem:
        error = problem
        raise
    finally:
        answer.end(ok=ok, error=error)
