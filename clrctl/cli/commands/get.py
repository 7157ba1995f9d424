"""`clrctl get`: bring credentials back from an endpoint."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import RefusedError, UsageError
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.sending import Reader, RemoteCredential


def get(
    wanted: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="The credential's id.", show_default=False),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that the endpoint holds.")] = False,
    endpoint: options.Endpoint = None,
    save: Annotated[
        Path | None,
        typer.Option(
            "--save",
            metavar="DIR",
            help="Write each to a file in this folder, named after its id.",
            show_default=False,
        ),
    ] = None,
    token_file: options.TokenFile = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Bring a credential back from an endpoint, in the server's own bytes.

    One is written as it came, several one a line. The standard has no request for a single
    credential: the list is walked until the id is found. Not every endpoint lists: TimeBack does
    not; there, keep what `clrctl upsert --save` returns.

    Examples:
      clrctl get urn:uuid:0d8f4a3e-5b1c-4e67-9a42-7c1f2b3d4e01 --endpoint sandbox
      clrctl get --all --endpoint sandbox --save held/
    """
    from clrctl.cli import local_sandbox
    from clrctl.cli.settings import Settings
    from clrctl.sending import listing

    console = consoles.configure(color=color, quiet=quiet, verbose=verbose)
    if (wanted is None) is not every:
        raise UsageError("give either an id or --all", fix="clrctl list shows the ids")
    settings = Settings()
    target = local_sandbox.located(settings.endpoint(endpoint), settings, token_file=token_file)
    credentials = settings.credentials(target, token_file=token_file, stdin=sys.stdin.buffer)
    with (
        local_sandbox.reachable(target, credentials, settings) as (reached, access, told),
        listing.connect(reached, access) as reader,
    ):
        if told:
            console.say(told)
        if wanted is None:
            _all(console, reader, save)
        else:
            _one(console, _found(reader, wanted), save)


def _found(reader: Reader, wanted: str) -> RemoteCredential:
    held = reader.find(wanted)
    if held is None:
        raise RefusedError(
            "the endpoint holds no credential with this id",
            where=wanted,
            fix="clrctl list --all shows those that it holds",
        )
    return held


def _one(console: Console, held: RemoteCredential, folder: Path | None) -> None:
    from clrctl.cli.output import listings

    if folder:
        _save(console, held, folder)
    elif console.out.isatty():
        listings.write(console, held)
    else:
        listings.write_file(console, held)


def _all(console: Console, reader: Reader, folder: Path | None) -> None:
    from clrctl.cli.output import listings
    from clrctl.util import count

    number = 0
    for page in reader.pages(limit=None):
        for held in page.held:
            if folder:
                _save(console, held, folder)
            else:
                listings.write(console, held)
            number += 1
        console.flush()
    console.say(count(number, "credential"))


def _save(console: Console, held: RemoteCredential, folder: Path) -> None:
    from clrctl.cli.output import listings

    file = listings.save(folder, held)
    console.answer(f"{safe(held.id)}  -> ", (safe(file, limit=None), "bold"))
