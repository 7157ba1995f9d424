"""`clrctl sandbox`: run a CLR endpoint on this machine, to try things out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clrctl import console as consoles
from clrctl.commands import options
from clrctl.console import Color
from clrctl.sandbox.contract import DEFAULT_PORT

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
            help='Answers to spoil, such as "503*2,reset"; list explains all.',
            show_default=False,
        ),
    ] = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Run a CLR 2.0 endpoint on this machine, with a page that shows what it stored.

    It behaves like the TimeBack endpoint, except that it signs nothing. Only programs on this
    machine can reach it. While it runs, --endpoint sandbox means this one.

    Examples:
      clrctl sandbox
      clrctl sandbox --faults "503*2"
    """
    from clrctl import local
    from clrctl.settings import Settings

    console = consoles.configure(color=color, quiet=quiet, verbose=verbose)
    if faults == _LIST:
        for line in local.explain_faults():
            console.answer(line)
        return
    database = data or local.database(Settings())

    def ready(url: str) -> None:
        console.say("sandbox: ", (url, "bold"), "  (Ctrl-C ends it)")
        console.say(f"records: {consoles.safe(database, limit=None)}")
        command = f"clrctl upsert FILE --endpoint {local.endpoint_flag(url)}"
        if data is None or local.endpoint_flag(url) == url:
            console.say(f"send to it: {command}")
        else:
            console.say(f"send to it: {command} --no-journal")
            console.say("  (the journal of the sandbox tells what is in its usual file)")

    local.serve(database, port=port, faults=faults, on_ready=ready)
