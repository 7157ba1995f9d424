"""`clrctl upgrade`: older badges and records in the form of today's standards."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.errors import InputError, UsageError, worst

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from clrctl.document import Piece

_STDOUT = "-"


def upgrade(
    files: options.Files,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|FOLDER",
            help="Where the new form goes; a folder for several. - is standard output.",
        ),
    ] = _STDOUT,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    timezone: Annotated[
        str | None,
        typer.Option(
            "--timezone",
            metavar="ZONE",
            help="Zone of dates that name none, such as America/Denver.",
            show_default=False,
        ),
    ] = None,
    subject_id: Annotated[
        str,
        typer.Option(
            "--subject-id",
            metavar="URI",
            help="Id of the learner in the new form, where yours is another.",
            show_default=False,
        ),
    ] = "",
    drop_dangling: Annotated[
        bool,
        typer.Option(
            "--drop-dangling", help="Leave out associations with achievements that are not there."
        ),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Write nothing of which anything would be lost.")
    ] = False,
    input_format: options.InputFormatOption = None,
    max_size: options.MaxSize = 64,
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Make Open Badges 3.0 of Open Badges 2.0, and CLR 2.0 of CLR 1.0.

    An assertion, its badge class and its issuer may lie in one file or in several, baked into a
    PNG or SVG picture, or in a signed token: name them all, in any order; nothing is fetched.

    Every member of the old form is carried over or told: what is lost, what was made because the
    new form asks for it, and with -v what stands elsewhere now. The new form is not signed:
    whoever signs it vouches for it.

    Examples:
      clrctl upgrade samples/legacy/record.clr1.json -o record.clr.json
      clrctl upgrade samples/legacy/[abi]*.json
      clrctl upgrade samples/legacy/ -o upgraded --json
    """
    from clrctl.building import UpgradeOptions
    from clrctl.cli.output import UpgradeRun

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=as_json)
    if as_json and output == _STDOUT:
        raise UsageError(
            "the report and the new form would both go to standard output",
            fix="name a file or folder for the new form: -o upgraded",
        )
    run = UpgradeRun(console, output, force=force, strict=strict, now=datetime.now(UTC))
    upgrade_options = UpgradeOptions(_zone(timezone), subject_id, drop_dangling)
    run.all(_pieces(files, input_format, max_size), upgrade_options)
    run.end(as_json=as_json)
    raise typer.Exit(worst(run.codes))


def _pieces(
    names: list[str], form: options.InputFormat | None, max_size: int
) -> Iterator[Piece | InputError]:
    from clrctl.document import carriers, find

    return find(
        names,
        stdin=sys.stdin.buffer,
        limits=options.limits(max_size),
        input_format=form.value if form else None,
        also=carriers.SUFFIXES,
    )


def _zone(name: str | None) -> ZoneInfo | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"--timezone {name} is no time zone", fix="write it like America/Denver or UTC"
        ) from None
