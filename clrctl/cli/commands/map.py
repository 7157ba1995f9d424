"""`clrctl map`: a mapping to start from, guessed from the tables of a school."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import ClrctlError, InputError, UsageError
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.building import Refused, Sketch

_STDOUT = "-"
_ROWS = 3


def map(
    tables: Annotated[
        list[str],
        typer.Argument(
            metavar="TABLE...",
            help="Exports as CSV or .xlsx: learners, courses, grades.",
            show_default=False,
        ),
    ],
    output: options.Output = _STDOUT,
    sheet: Annotated[
        str,
        typer.Option(
            "--sheet", metavar="NAME", help="Only this sheet of a workbook.", show_default=False
        ),
    ] = "",
    force: options.Force = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Guess what the columns of exports are, and write a mapping to start from.

    The first rows of each table are shown as the mapping reads them. What cannot be told from the
    tables, such as who issues the records, is marked CHANGE-ME; columns with personal data that has
    no place in a record are left out.

    Examples:
      clrctl map samples/highschool-transcript/grades.csv
      clrctl map students.csv courses.csv grades.csv -o mapping.yaml
    """
    from clrctl.building import Opener, Refused, sketch

    console = consoles.configure(color=color, quiet=quiet, verbose=verbose)
    try:
        with Opener() as opener:
            grids = [grid for name in tables for grid in opener.tables(name, sheet)]
            sketches = [sketch.look(grid) for grid in grids if any(grid.header) or len(grids) == 1]
            _refuse_twice(sketches)
            for one in sketches:
                _show(console, one)
    except Refused as refused:
        raise _unread(refused) from None
    text = sketch.written(sketches)
    options.put(console, text.encode(), output, force=force)
    if output == _STDOUT:
        return
    folder = safe(Path(output).parent)
    console.say(
        f"wrote {safe(output)}: look for {sketch.UNKNOWN} in it, and see that the rest is so"
    )
    console.say(
        f"next: clrctl new secret; clrctl build {folder} -o records --secret-file id-secret"
    )


def _refuse_twice(sketches: list[Sketch]) -> None:
    kinds = [one.table for one in sketches]
    twice = {kind for kind in kinds if kinds.count(kind) > 1}
    if twice:
        raise UsageError(
            f"two tables look like that of {', '.join(sorted(twice))}",
            where=", ".join(one.grid.name for one in sketches if one.table in twice),
            fix="give one for each; --sheet takes one of a workbook",
        )


def _show(console: Console, one: Sketch) -> None:
    """Show the first rows as they are read."""
    console.say(f"{safe(one.grid.name, limit=None)} looks like the table of {one.table}")
    for line, values in one.examples(_ROWS):
        told = "  ".join(f"{name} {value!r}" for name, value in values.items() if value)
        console.say(f"  {line:>4}  {safe(told, limit=None)}")


def _unread(refused: Refused) -> ClrctlError:
    problem = refused.problems[0]
    return InputError(problem.message, where=problem.where, fix=problem.fix)
