"""`clrctl case`: frameworks of competencies (CASE), for the achievements of recipes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.errors import InputError, UsageError

if TYPE_CHECKING:
    from clrctl.building import Item, Package
    from clrctl.finding import Json

FORMAT = "clrctl.case/1"
_STDOUT = "-"
_COLUMNS = ("item", "type", "statement", "guid")

case = options.group(
    """Look into a framework of competencies (1EdTech CASE), and take achievements out of it.

A framework is read from a file: a CFPackage, as its publisher offers it for download.

Examples:
  clrctl case list samples/case/package.json --search rate
  clrctl case achievements samples/case/package.json --item MA.6.RP.2 > c.yaml"""
)

PackageArgument = Annotated[
    str, typer.Argument(metavar="PACKAGE", help="A CFPackage as JSON; - reads standard input.")
]


@options.enter(case, "list", "List the items of a framework.")
def list_(
    package: PackageArgument,
    search: Annotated[
        str,
        typer.Option(
            "--search",
            metavar="TEXT",
            help="Only items with this in their code or statement.",
            show_default=False,
        ),
    ] = "",
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """List the items of a framework: what to call them, their type and statement.

    An item goes by its code, or by its GUID where it has no code of its own; -v adds all GUIDs.
    In a pipe the columns are separated by tabs.

    Examples:
      clrctl case list samples/case/package.json
      clrctl case list samples/case/package.json --search rate
    """
    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=as_json)
    framework = _read(package)
    found = [item for item in framework.items.values() if _matches(item, search)]
    if as_json:
        console.answer_json(_listing(framework, found))
    else:
        keys = framework.keys(found)
        rows = [(keys[one.node], one.kind, one.statement, one.guid) for one in found]
        width = len(_COLUMNS) if verbose else len(_COLUMNS) - 1
        console.table(_COLUMNS[:width], [row[:width] for row in rows])
    if not found:
        console.say(
            f"no item of {len(framework.items):,} has that in its code or statement"
            if search
            else "there are no items"
        )


@options.enter(case, "achievements", "Make achievements of items, for a recipe to include.")
def achievements(
    package: PackageArgument,
    item: Annotated[
        list[str],
        typer.Option(
            "--item",
            metavar="CODE|GUID",
            help="An item to award; may be given again.",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - Typer's way to say that a list may be empty
    with_parents: Annotated[
        bool, typer.Option("--with-parents", help="Also all items that these are children of.")
    ] = False,
    issuer: Annotated[
        str,
        typer.Option(
            "--issuer",
            metavar="URI",
            help="Id of the issuer in your recipe: ids then outlive a change of codes.",
            show_default=False,
        ),
    ] = "",
    only_shared: Annotated[
        bool,
        typer.Option(
            "--only-shared",
            help="Leave out associations of types that CLR 2.0 lacks, instead of isRelatedTo.",
        ),
    ] = False,
    output: options.Output = _STDOUT,
    force: options.Force = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Make achievements of some items of a framework: a part of a recipe, as YAML.

    Name it under `include` in your recipe, and award the achievements by their keys, which are
    the codes. Each is a Competency aligned to its item; rubrics about an item become its scales.

    Examples:
      clrctl case achievements samples/case/package.json --item MA.6.RP.2
      clrctl case achievements samples/case/package.json --item MA.6.RP.2 > c.yaml
    """
    from clrctl.building import choose, write
    from clrctl.util import count

    console = consoles.configure(color=color, quiet=quiet)
    if not item:
        raise UsageError(
            "no item is named",
            why="a whole framework makes a record that nobody can read",
            fix=f"choose with --item CODE; `clrctl case list {package}` lists them",
        )
    chosen = choose(
        _read(package), item, with_parents=with_parents, issuer=issuer, only_shared=only_shared
    )
    options.put(console, write(chosen).encode(), output, force=force)
    for note in chosen.notes:
        console.say(note)
    parts = [count(len(chosen.achievements), "achievement")]
    if chosen.associations:
        parts.append(count(len(chosen.associations), "association"))
    if chosen.scales:
        parts.append(count(len(chosen.scales), "scale"))
    console.say(", ".join(parts))


def _read(name: str) -> Package:
    """Return the framework of a file.

    Raises:
        InputError: it cannot be read, or is none.
    """
    from clrctl.building import framework
    from clrctl.document import read

    for found in read([name], stdin=sys.stdin.buffer):
        if isinstance(found, InputError):
            raise found
        return framework(found)
    raise InputError("there is no framework", where=name)


def _matches(item: Item, search: str) -> bool:
    wanted = search.casefold()
    return any(wanted in text.casefold() for text in (item.code, item.statement, item.short))


def _listing(framework: Package, found: list[Item]) -> dict[str, Json]:
    return {
        "format": FORMAT,
        "ok": True,
        "framework": {"title": framework.title, "guid": framework.guid},
        "items": [
            {
                "guid": item.guid,
                "uri": item.uri,
                "code": item.code or None,
                "type": item.kind or None,
                "name": item.name,
                "statement": item.statement,
                "parents": [above.guid for above in framework.parents(item)],
            }
            for item in found
        ],
    }
