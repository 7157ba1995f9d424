"""`clrctl verify`: whether credentials are what their issuers signed, and still valid."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.errors import ExitCode, InputError, worst
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.cli.output import VerdictsForm
    from clrctl.cli.settings import Settings
    from clrctl.verifying import Fetcher, Verdict


def verify(
    files: options.Files,
    trust: Annotated[
        list[Path],
        typer.Option(
            "--trust",
            metavar="FILE",
            help="Trust file, or an issuer's did.json; may be given again.",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - Typer takes a copy
    online: Annotated[
        bool,
        typer.Option("--online", help="Fetch keys and status lists that are not at hand."),
    ] = False,
    context: options.Context = [],  # noqa: B006
    at: options.At = None,
    input_format: options.InputFormatOption = None,
    max_size: options.MaxSize = 64,
    jobs: options.Jobs = 0,
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Verify credentials: their proofs, keys, dates and status, at every depth.

    Every credential and endorsement in a document is verified by itself, and comes out as valid,
    invalid or undecided; a document is as good as the worst of them. Undecided means that
    something is missing, such as the issuer's key: it is named, and it is not valid. Reads JSON,
    YAML, NDJSON, signed tokens (JWT) and pictures that a credential is baked into.

    Nothing is fetched without --online. A did:key or did:jwk is known by itself; any other
    issuer's key comes from a trust file, or from the issuer's own document with --online. That
    fetches by https, from public addresses only, and names every URL.

    Exits with 0 if all is valid, with 1 if something is invalid, with 7 if something could not
    be decided and nothing is invalid.

    Examples:
      clrctl verify samples/signed/workforce.clr.json
      clrctl verify --trust samples/signed/trust.yaml samples/signed/*.clr.json
      clrctl verify --online --json signed/ > verdicts.json
    """
    from clrctl import api
    from clrctl.cli.output import verdicts_form
    from clrctl.document import SUFFIXES, find, parallel
    from clrctl.util import workers

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=as_json)
    now = datetime.now(UTC) if at is None else options.moment(at)
    settings = None if trust and not online else _settings()
    fetcher = _fetcher(settings, console.say) if online and settings else None
    named = trust or (settings.trust_files() if settings else [])
    pieces = find(
        files,
        stdin=sys.stdin.buffer,
        limits=options.limits(max_size),
        input_format=input_format.value if input_format else None,
        block=parallel.TASK,
        also=SUFFIXES,
    )
    answer = verdicts_form("json" if as_json else form.value, console)
    fetched = fetcher.fetched if fetcher else []
    with workers(jobs) as executor, ExitStack() as stack:
        verdicts = api.verify(
            pieces,
            now=now,
            trust=named,
            contexts=dict(map(_context, context)),
            fetch=fetcher,
            executor=executor,
        )
        stack.enter_context(closing(verdicts))
        codes = _tell(verdicts, answer, fetched=fetched, at=now)
    raise typer.Exit(worst(codes))


def _tell(
    verdicts: Iterable[Verdict | InputError],
    answer: VerdictsForm,
    *,
    fetched: list[str],
    at: datetime,
) -> list[ExitCode]:
    """Print the verdicts one by one, and return the exit codes they add up to."""
    from clrctl.cli.output import VerdictsSummary

    summary = VerdictsSummary()
    failures: list[InputError] = []
    for item in verdicts:
        if isinstance(item, InputError):
            failures.append(item)
            continue
        summary = summary.plus(item)
        answer.document(item)
    codes = [failure.exit_code for failure in failures]
    if summary.invalid:
        codes.append(ExitCode.INVALID)
    if summary.undecided:
        codes.append(ExitCode.UNDECIDED)
    answer.end(replace(summary, unread=len(failures)), failures, fetched=fetched, at=at)
    return codes


def _settings() -> Settings:
    from clrctl.cli.settings import Settings

    return Settings()


def _fetcher(settings: Settings, say: Callable[[str], None]) -> Fetcher:
    from clrctl.verifying import Fetcher

    folder = settings.data_folder() / "fetched"
    # Whatever day counts for credentials, what was fetched grows old by the clock.
    return Fetcher(folder, datetime.now(UTC), told=lambda url: say(f"fetching {safe(url)}"))


def _context(given: str) -> tuple[str, Path]:
    from clrctl.proof import context_files

    url, name = context_files.address_and_file(given)
    return url, Path(name).absolute()
