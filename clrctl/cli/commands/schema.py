"""`clrctl schema`: the JSON Schemas behind the checks, for editors and other validators."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.errors import UsageError
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.standard import SchemaEntry


class SchemaForm(enum.StrEnum):
    """Forms in which a schema is shown."""

    JSON = "json"
    MARKDOWN = "markdown"


schema = options.group(
    """List, show and export the bundled JSON Schemas.

Every class of document has one; it stands alone, with all that it refers to, so that editors
complete, explain and check credentials while they are written. What only rules can see
(`clrctl rules`) is not in them. The README tells how to set up an editor.

Examples:
  clrctl schema list
  clrctl schema show clr/clrcredential
  clrctl schema export .schemas"""
)


@options.enter(schema, "list")
def list_(
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    color: options.Color = Color.AUTO,
) -> None:
    """List the schemas: id, title, ruleset, and the values of `type` that choose them.

    Examples:
      clrctl schema list
      clrctl schema list --json
    """
    from clrctl.standard import schemas

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, json=as_json)
    if as_json:
        rows = [
            {
                "id": entry.id,
                "title": entry.title,
                "ruleset": entry.ruleset,
                "types": list(entry.types),
                "section": entry.section,
            }
            for entry in schemas.entries()
        ]
        console.answer_json({"format": consoles.REPORT_FORMAT, "ok": True, "schemas": rows})
        return
    console.table(
        ("id", "title", "ruleset", "types"),
        [(e.id, e.title, e.ruleset, ", ".join(e.types)) for e in schemas.entries()],
    )


@options.enter(schema, "show")
def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Which one; see `clrctl schema list`.",
            autocompletion=options.complete_schema,
        ),
    ],
    form: Annotated[
        SchemaForm, typer.Option("--format", help="The schema itself, or a page of all its keys.")
    ] = SchemaForm.JSON,
) -> None:
    """Print one schema with everything it refers to, as JSON, or all keys as a page to read.

    Examples:
      clrctl schema show build/mapping --format markdown
      clrctl schema show clr/clrcredential
      clrctl schema show clr/profile > profile.schema.json
    """
    from clrctl.standard import export as exporting
    from clrctl.standard import reference

    console = consoles.configure()
    if form is SchemaForm.MARKDOWN:
        console.answer(reference.markdown(_named(name)).rstrip())
    else:
        console.answer(exporting.text(_named(name)).decode().rstrip())


@options.enter(schema, "export")
def export(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder for them; made where it is missing.")
    ],
    quiet: options.Quiet = False,
) -> None:
    """Write every schema to a file of its own: DIR/ID.json.

    Files that were exported before are renewed; any other file in the way is left alone.

    Examples:
      clrctl schema export .schemas
    """
    from clrctl.standard import export as exporting

    console = consoles.configure(quiet=quiet)
    for _, path in exporting.export(folder):
        console.answer(safe(path, limit=None))


def _named(name: str) -> SchemaEntry:
    from clrctl.standard import schemas
    from clrctl.util import nearest

    by_id = {entry.id: entry for entry in schemas.entries()}
    if name in by_id:
        return by_id[name]
    hint = nearest(name, by_id)
    raise UsageError(
        f"there is no schema {name}",
        fix=f"did you mean {hint}?" if hint else f"known: {', '.join(by_id)}",
    )
