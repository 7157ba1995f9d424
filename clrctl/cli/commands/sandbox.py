"""`clrctl sandbox`: run a CLR endpoint on this machine, to try things out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import UsageError
from clrctl.sandbox import DEFAULT_PORT
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.cli.settings import Settings

_LIST = "list"


def sandbox(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = (
        DEFAULT_PORT
    ),
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="FILE",
            help="Database to keep the records in.",
            show_default="in the user's data folder",
        ),
    ] = None,
    faults: Annotated[
        str | None,
        typer.Option(
            "--faults",
            metavar="SCRIPT",
            help='Faults in answers, such as "503*2,reset"; list explains all.',
            show_default=False,
        ),
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Remove all records of the database, and end.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Reset without asking.")] = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Run a CLR 2.0 endpoint on this machine, with a page that shows what it stored.

    It behaves like the TimeBack endpoint, except that it signs nothing. Only programs on this
    machine can reach it. While it runs, --endpoint sandbox means this one, whatever its port and
    database; of several, the one started last.

    Examples:
      clrctl sandbox
      clrctl sandbox --port 9000 --data trial.db --faults "503*2"
      clrctl sandbox --faults list
      clrctl sandbox --reset
    """
    from clrctl.cli import local_sandbox
    from clrctl.cli.settings import Settings

    console = consoles.configure(color=color, quiet=quiet, verbose=verbose)
    if faults == _LIST:
        for line in local_sandbox.explain_faults():
            console.answer(line)
        return
    settings = Settings()
    database = data or local_sandbox.database(settings)
    if reset:
        if faults:
            raise UsageError(
                "--reset removes records and starts nothing, so that --faults means nothing",
                fix="reset first, then run: clrctl sandbox --faults ...",
            )
        _reset(console, settings, database, yes=yes)
        return

    def ready(url: str, flag: str) -> None:
        console.say("sandbox: ", (url, "bold"), "  (Ctrl-C ends it)")
        console.say(f"records: {safe(database, limit=None)}")
        console.say(f"send to it: clrctl upsert FILE --endpoint {flag}")

    local_sandbox.serve(database, settings, port=port, faults=faults, on_ready=ready)


def _reset(console: Console, settings: Settings, database: Path, *, yes: bool) -> None:
    from clrctl.cli import local_sandbox
    from clrctl.util import count

    shown = safe(database, limit=None)
    if not database.exists():
        console.say(f"nothing to remove: there is no file {shown}")
        return
    number = local_sandbox.count_records(database)
    if number and not yes:
        console.confirm(f"remove {count(number, 'record')} from {shown}?", flag="--yes")
    number = local_sandbox.reset(database, settings)
    console.say(f"{count(number, 'record')} removed from {shown}")
