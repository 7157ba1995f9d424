"""`clrctl diff`: two credentials compared by meaning."""

from __future__ import annotations

import json as standard_json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import ExitCode, InputError, UsageError
from clrctl.util import count, safe

if TYPE_CHECKING:
    from clrctl.checking import Change
    from clrctl.document import Document, Limits
    from clrctl.finding import Json

_LINE_OF_FILE = re.compile(r"(.+):([1-9][0-9]{0,9})")
_LONGEST = 60
_WORDS = {"lost": "removed", "changed": "changed", "added": "added"}
_STYLES = {"removed": "red", "changed": "yellow", "added": "green"}


def diff(
    first: Annotated[str, typer.Argument(metavar="A", help="A file, FILE:LINE of NDJSON, or -.")],
    second: Annotated[str, typer.Argument(metavar="B", help="What to compare it with.")],
    input_format: options.InputFormatOption = None,
    max_size: options.MaxSize = 64,
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Compare two credentials by meaning: what B lacks, has otherwise, or has besides.

    Members may stand in any order, and so may the entries of sets; a lone value equals a list of
    one; YAML equals JSON. Nested credentials and whatever else has an id are found again by it.
    Exits with 0 if both mean the same, with 1 if not.

    Examples:
      clrctl diff old/transcript.clr.json samples/transcript.clr.json
      clrctl diff samples/workforce.clr.json signed/workforce.clr.json --json
      clrctl diff records.ndjson:3 records.ndjson:4
    """
    from clrctl.checking import compare

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, quiet=quiet, json=as_json)
    if first == second == "-":
        raise UsageError("standard input can be read only once", fix="give - once")
    limits = options.limits(max_size)
    before, after = (_one(name, input_format, limits) for name in (first, second))
    differences = [_difference(one, before, after) for one in compare(before, after)]
    if as_json:
        answer = {"format": consoles.REPORT_FORMAT, "ok": not differences}
        console.answer_json(answer | {"differences": differences})
    else:
        for difference in differences:
            _line(console, difference)
        console.say(count(len(differences), "difference") if differences else "both mean the same")
    raise typer.Exit(ExitCode.INVALID if differences else ExitCode.OK)


def _one(name: str, input_format: options.InputFormat | None, limits: Limits) -> Json:
    """Return the one credential that a name stands for.

    Raises:
        InputError: it cannot be read.
        UsageError: the name stands for none, or for several.
    """
    from clrctl.document import read

    file, line = _split(name)
    found = read(
        [file],
        stdin=sys.stdin.buffer,
        limits=limits,
        input_format=input_format.value if input_format else None,
    )
    documents = [_readable(each, line) for each in found]
    chosen = [each for each in documents if line in (None, each.first_line)]
    if len(chosen) != 1:
        raise UsageError(
            f"this names {len(chosen) or 'no'} credentials; two are compared, one by one",
            where=name,
            fix="name a file, or a line of NDJSON as FILE:LINE",
        )
    return chosen[0].data


def _split(name: str) -> tuple[str, int | None]:
    """Take `FILE:LINE` apart, unless there is a file of that very name."""
    match = _LINE_OF_FILE.fullmatch(name)
    if match is None or Path(name).exists():
        return name, None
    return match[1], int(match[2])


def _readable(found: Document | InputError, line: int | None) -> Document:
    if isinstance(found, InputError):
        raise found
    return found.readable() if line in (None, found.first_line) else found


def _difference(change: Change, before: Json, after: Json) -> dict[str, Json]:
    """Return a difference with its values; its pointer leads into A, of what was added into B."""
    pointer = change.there if change.kind == "added" else change.pointer
    told = {"kind": _WORDS[change.kind], "pointer": pointer, "there": change.there}
    if change.kind != "added":
        told["old"] = _at(before, change.pointer)
    if change.there is not None:
        told["new"] = _at(after, change.there)
    return told


def _at(data: Json, pointer: str) -> Json:
    """Follow a JSON Pointer (RFC 6901) that leads somewhere."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        data = data[int(name)] if isinstance(data, list) else data[name]
    return data


def _line(console: Console, difference: dict[str, Json]) -> None:
    kind = difference["kind"]
    values = [_short(difference[side]) for side in ("old", "new") if side in difference]
    place = safe(difference["pointer"], limit=None) or "/"
    console.answer((f"{kind:<9}", _STYLES[kind]), (place, "bold"), f"  {' -> '.join(values)}")


def _short(value: Json) -> str:
    return safe(standard_json.dumps(value, ensure_ascii=False), limit=_LONGEST)
