"""`clrctl upsert`: check credentials, then store them at an endpoint."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.cli.output import OutputKind, suffixes
from clrctl.errors import UsageError, worst

if TYPE_CHECKING:
    from clrctl.cli.settings import Settings
    from clrctl.document import InputFormat
    from clrctl.sending import Endpoint


class OnDuplicate(StrEnum):
    """What to do with two inputs that are one credential."""

    ERROR = "error"
    FIRST = "first"
    LAST = "last"


class FromStatus(StrEnum):
    """Inputs that can be taken from what the journal knows."""

    FAILED = "failed"


def upsert(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="[FILE...]",
            help="Files, folders or globs; - reads standard input.",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - Typer's way to give a default
    endpoint: options.Endpoint = None,
    token_file: options.TokenFile = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", "-n", help="Do everything but send, and show what would be."),
    ] = False,
    connections: Annotated[
        int,
        typer.Option("--connections", metavar="N", min=1, max=256, help="Requests at once."),
    ] = 8,
    rate: Annotated[
        float | None,
        typer.Option(
            "--rate", metavar="N", min=0.001, help="Requests a second.", show_default=False
        ),
    ] = None,
    retries: Annotated[
        int | None,
        typer.Option(
            "--retries",
            metavar="N",
            min=0,
            help="Attempts after a failed one; by default 7, fewer where it makes no sense.",
            show_default=False,
        ),
    ] = None,
    request_timeout: Annotated[
        float,
        typer.Option(
            "--request-timeout", metavar="SECONDS", min=1, help="Longest time for a request."
        ),
    ] = 120.0,
    max_wait: Annotated[
        float,
        typer.Option(
            "--max-wait", metavar="SECONDS", min=0, help="Longest pause the endpoint may ask for."
        ),
    ] = 300.0,
    max_outage: Annotated[
        float,
        typer.Option(
            "--max-outage", metavar="SECONDS", min=0, help="Longest time without any answer."
        ),
    ] = 600.0,
    settle: Annotated[
        float,
        typer.Option(
            "--settle",
            metavar="SECONDS",
            min=0,
            help="Wait before a newer version is sent after a lost answer.",
        ),
    ] = 60.0,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first credential that is refused.")
    ] = False,
    keep_going: Annotated[
        bool,
        typer.Option("--keep-going", help="Send what is good, even if other inputs have errors."),
    ] = False,
    on_duplicate: Annotated[
        OnDuplicate,
        typer.Option("--on-duplicate", help="Which of two versions of a credential to send."),
    ] = OnDuplicate.ERROR,
    force: Annotated[
        bool, typer.Option("--force", help="Send what was stored before, too.")
    ] = False,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Ask the endpoint for what was stored before, and send what it has lost.",
        ),
    ] = False,
    no_journal: Annotated[
        bool, typer.Option("--no-journal", help="Neither look up nor record what was stored.")
    ] = False,
    no_verify: Annotated[
        bool,
        typer.Option("--no-verify", help="Do not verify the proof on what the endpoint returns."),
    ] = False,
    from_status: Annotated[
        FromStatus | None,
        typer.Option(
            "--from-status",
            help="Take the inputs that are not stored, as `clrctl status --failed` lists them.",
            show_default=False,
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="DIR",
            help="Keep each credential that the endpoint returns, signed, in this folder.",
            show_default=False,
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help=f"Write the result for each to a {suffixes(OutputKind.UPLOADS)} file.",
            show_default=False,
        ),
    ] = None,
    strict: options.Strict = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask where an endpoint wants to be asked.")
    ] = False,
    input_format: options.InputFormatOption = None,
    max_size: options.MaxSize = 64,
    jobs: options.Jobs = 0,
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Store CLRs at an endpoint: create them, or replace those with the same id.

    Every credential is checked first, under the standard's rules and the endpoint's, and every
    proof in it; while one has an error, nothing is sent. A file's bytes are sent as they are. What
    the endpoint returns is compared with what was sent, whatever it lost or changed is named, and
    the proof that it put on is verified. Other tools call this upload, push or publish.

    What is stored is recorded in a journal, so that the same command resumes where it stopped and
    sends only what is new or has changed. Whatever may pass is tried again. The journal cannot know
    what an endpoint has lost since: with --check the endpoint is asked for its list.

    The token comes from --token-file, CLRCTL_TOKEN, CLRCTL_TOKEN_FILE or the endpoint's entry in
    the config file; or it is fetched with CLRCTL_CLIENT_ID and CLRCTL_CLIENT_SECRET.

    Examples:
      clrctl upsert samples/transcript.clr.json --endpoint sandbox
      clrctl upsert records/ --endpoint timeback-staging --dry-run
      clrctl upsert records/ --endpoint timeback-staging --save signed/
      clrctl upsert --from-status failed --endpoint sandbox --report upload.html
    """
    from clrctl.cli import local_sandbox, uploading
    from clrctl.cli.settings import Settings
    from clrctl.document import find, parallel
    from clrctl.sending import Duplicates, SendOptions, UpsertOptions
    from clrctl.util import workers

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=as_json)
    settings = Settings()
    target = local_sandbox.located(settings.endpoint(endpoint), settings, token_file=token_file)
    if "-" in files and token_file == "-":  # noqa: S105 - a file name
        raise UsageError("standard input cannot hold both a credential and the token")
    pointless = {"--no-journal": no_journal, "--force": force, "--dry-run": dry_run}
    if check and any(pointless.values()):
        flag = next(name for name, given in pointless.items() if given)
        raise UsageError(
            f"--check and {flag} exclude each other",
            why="--check asks the endpoint for what the journal calls stored, and sends the rest",
            fix="leave one of them out",
        )
    if from_status:
        files = _unfinished(settings, target, files)
    limits = options.limits(max_size)
    read_as: InputFormat | None = input_format.value if input_format else None
    flags = uploading.UploadFlags(
        UpsertOptions(
            SendOptions(
                connections=connections,
                rate=rate,
                retries=retries,
                max_wait=max_wait,
                max_outage=max_outage,
                settle=settle,
                deadline=request_timeout,
                fail_fast=fail_fast,
                force=force,
            ),
            duplicates=Duplicates(on_duplicate.value),
            strict=strict,
            keep_going=keep_going,
            # Names for what is saved, plans and the JSON object need all inputs at once.
            streaming=keep_going and not (save or dry_run or as_json),
            verify=not no_verify,
            every=as_json or save is not None or verbose > 0,
        ),
        limits,
        read_as,
        now=datetime.now(UTC),
        token_file=token_file,
        as_json=as_json,
        dry_run=dry_run,
        check=check,
        no_journal=no_journal,
        yes=yes,
        save=save,
        report=report,
    )
    inputs = find(
        files,
        stdin=sys.stdin.buffer,
        limits=limits,
        input_format=read_as,
        # What is sent at once is not to wait for what comes after it.
        block=0 if keep_going else parallel.TASK,
    )
    with workers(jobs) as executor:
        codes = uploading.UploadRun(target, settings, console, flags).run(inputs, executor)
    raise typer.Exit(worst(codes))


def _unfinished(settings: Settings, endpoint: Endpoint, files: list[str]) -> list[str]:
    """Return the inputs of which the journal knows that not all are stored."""
    from clrctl.cli import local_sandbox
    from clrctl.sending import STORED, UploadOutcome, sources

    if files:
        raise UsageError("--from-status names the inputs itself", fix="leave the files out")
    journal = local_sandbox.read_journal(endpoint, settings)
    if journal is None:
        raise UsageError(endpoint.nothing_sent, fix="name the files")
    with journal:
        found = sources(journal.entries([each for each in UploadOutcome if each not in STORED]))
    if not found:
        consoles.current().say("everything that was given before is stored")
        raise typer.Exit
    return found
