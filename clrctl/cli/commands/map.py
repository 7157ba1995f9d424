"""`clrctl map`: a mapping to start from, guessed from the tables of a school."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import ClrctlError, InputError, UsageError
from clrctl.util import nearest, safe

if TYPE_CHECKING:
    from clrctl.building import Refused, Sketch

_STDOUT = "-"
_ROWS = 3


def map(
    tables: Annotated[
        list[str],
        typer.Argument(
            metavar="TABLE...",
            help="Exports of learners, courses, grades: CSV, .xlsx, or FILE.xlsx[SHEET].",
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
    encoding: Annotated[
        str,
        typer.Option(
            "--encoding",
            metavar="NAME",
            help="Encoding of exports that are neither UTF-8 nor UTF-16, such as windows-1252.",
            show_default=False,
        ),
    ] = "",
    delimiter: Annotated[
        str,
        typer.Option(
            "--delimiter",
            metavar="MARK",
            help='What separates cells, where the header does not show it: , ; | or "\\t".',
            show_default=False,
        ),
    ] = "",
    issuer_id: Annotated[
        str,
        typer.Option(
            "--issuer-id", metavar="URL", help="Address of the issuer.", show_default=False
        ),
    ] = "",
    issuer_name: Annotated[
        str,
        typer.Option("--issuer-name", metavar="NAME", help="Its name.", show_default=False),
    ] = "",
    timezone: Annotated[
        str,
        typer.Option(
            "--timezone",
            metavar="ZONE",
            help="Where the days in the tables are, such as America/Chicago.",
            show_default=False,
        ),
    ] = "",
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of", metavar="DAY", help="Day that the tables describe.", show_default=False
        ),
    ] = "",
    force: options.Force = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Guess what the columns of exports are, and write a mapping to start from.

    Columns are recognised by the headers that student systems use and by the values below them.
    The first rows of each table are shown as the mapping reads them. What the tables do not say,
    such as who issues the records, is marked CHANGE-ME unless an option says it; columns with
    personal data that has no place in a record are left out.

    Examples:
      clrctl map samples/highschool-transcript/grades.csv
      clrctl map students.csv courses.csv grades.csv -o mapping.yaml
      clrctl map 'school.xlsx[Marks]' --timezone America/Chicago
    """
    from clrctl.building import Refused, looking, sketch

    console = consoles.configure(color=color, quiet=quiet, verbose=verbose)
    form = _form(encoding, delimiter)
    known = sketch.known(issuer_id, issuer_name, timezone, as_of)
    try:
        sketches = looking.look(tables, sheet=sheet, **form)
    except Refused as refused:
        raise _unread(refused) from None
    _refuse_twice(sketches)
    for one in sketches:
        _show(console, one)
    folder = Path(sketches[0].file).parent
    text = sketch.written(sketches, str(folder), known)
    options.put(console, text.encode(), output, force=force)
    if output == _STDOUT:
        return
    console.say(
        f"wrote {safe(output)}: look for {sketch.UNKNOWN} in it, and see that the rest is so"
        if sketch.UNKNOWN in text.partition("\n")[2]
        else f"wrote {safe(output)}: see that it is so"
    )
    beside = Path(output).parent.resolve() == folder.resolve()
    source = output if beside else f"{shlex.quote(str(folder))} -r {shlex.quote(output)}"
    console.say(
        f"next: clrctl new secret; clrctl build {safe(source, limit=None)} -o records "
        "--secret-file id-secret"
    )


def _form(encoding: str, delimiter: str) -> dict[str, str]:
    """Return how texts are written, as far as that was said.

    Raises:
        UsageError: there is no such encoding or delimiter.
    """
    from clrctl.building import looking

    name, mark = encoding.lower(), delimiter.replace("\\t", "\t")
    for option, value, choices in (
        ("--encoding", name, looking.ENCODINGS),
        ("--delimiter", mark, looking.DELIMITERS),
    ):
        if value and value not in choices:
            hint = nearest(value, choices)
            words = ", ".join(one.replace("\t", "\\t") for one in choices)
            fix = f"did you mean {hint}?" if hint else f"known: {words}"
            raise UsageError(f"{option} {value} is not known", fix=fix)
    return {"encoding": name, "delimiter": mark}


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
    name = safe(one.grid.name, limit=None)
    if not one.used:
        console.say(f"{name}: no header is known; say in the mapping what the columns are")
        return
    console.say(f"{name} looks like the table of {one.table}")
    for line, values in one.examples(_ROWS):
        told = "  ".join(f"{name} {value!r}" for name, value in values.items() if value)
        console.say(f"  {line:>4}  {safe(told, limit=None)}")


def _unread(refused: Refused) -> ClrctlError:
    problem = refused.problems[0]
    return InputError(problem.message, where=problem.where, fix=problem.fix)
