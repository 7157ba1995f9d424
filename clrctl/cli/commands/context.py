"""`clrctl context`: the JSON-LD contexts that are built in, and how others compare with them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.errors import ExitCode, InputError, UsageError
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.document import Document
    from clrctl.proof import Comparison

FORMAT = "clrctl.contexts/1"
_SHOWN = 20

context = options.group(
    """List, show and compare the JSON-LD contexts.

A context says what the members of a credential mean, and by that what a signature covers. The
contexts of CLR, Open Badges, VC Data Model, and of proofs are built in, as facts; nothing is
fetched. Others are given to `verify` and `sign` with --context URL=FILE, or in a trust file.

Examples:
  clrctl context list
  clrctl context show https://www.w3.org/ns/credentials/v2
  clrctl context compare downloaded.json"""
)


@options.enter(context, "list")
def list_(
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    color: options.Color = Color.AUTO,
) -> None:
    """List the contexts that are built in: address, and digest of the meaning.

    Two contexts with the same digest give every document the same signed form. Of Open Badges
    3.0.3 there are two editions, for its file was changed in place: the newer one is tried first.

    Examples:
      clrctl context list
      clrctl context list --json
    """
    from clrctl.proof import facts

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, json=as_json)
    editions = facts.editions()
    if as_json:
        rows = [{"url": e.url, "edition": e.variant, "digest": e.digest} for e in editions]
        console.answer_json({"format": FORMAT, "ok": True, "contexts": rows})
        return
    console.table(("context", "digest"), [(e.name, e.digest[:12]) for e in editions])


@options.enter(context, "show")
def show(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Which one; see `clrctl context list`.")
    ],
    older: Annotated[
        bool, typer.Option("--older", help="The older edition, where there are two.")
    ] = False,
) -> None:
    """Print a context as JSON.

    It is made from facts: it means what the published one means, in other bytes.

    Examples:
      clrctl context show https://www.w3.org/ns/credentials/v2 > vc.json
    """
    from json import dumps

    from clrctl.proof import facts
    from clrctl.util import nearest

    console = consoles.configure()
    try:
        document = facts.context(url, "older" if older else "newer")
    except KeyError:
        hint = nearest(url, facts.urls())
        raise UsageError(
            f"there is no {'older edition of ' if older else 'context '}{safe(url)} here",
            fix=f"did you mean {hint}?" if hint and hint != url else "see `clrctl context list`",
        ) from None
    console.answer(dumps(document, indent=2))


@options.enter(context, "compare")
def compare(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="Contexts; - reads standard input.")
    ],
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Print whether a context means what a built-in one means, and what differs.

    Exits with 0 if each of them does, otherwise with 1.

    Examples:
      clrctl context compare downloaded.json
    """
    from clrctl.document import read

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, quiet=quiet, json=as_json)
    rows = []
    for document in read(files, stdin=sys.stdin.buffer, input_format="json"):
        if isinstance(document, InputError):
            raise document
        found = _compared(document)
        rows.append(_row(document, found))
        if not as_json:
            console.answer(_told(document, found))
    same = all(row["same"] for row in rows)
    if as_json:
        console.answer_json({"format": FORMAT, "ok": same, "contexts": rows})
    if not same:
        raise typer.Exit(ExitCode.INVALID)


def _compared(document: Document) -> Comparison | None:
    from clrctl.proof import DataLoss, UnknownContext, meaning

    for fault in document.faults:
        where = f"{document.source}:{fault.line}:{fault.column}"
        raise InputError("the context cannot be read", where=where, why=fault.message)
    if not isinstance(document.data, dict) or "@context" not in document.data:
        raise InputError(
            "this file holds no JSON-LD context",
            where=document.source,
            fix='it needs a member "@context"',
        )
    try:
        return meaning.compare(document.data)
    except (DataLoss, UnknownContext) as fault:
        raise InputError(
            "the context cannot be read", where=document.source, why=str(fault)
        ) from None


def _row(document: Document, found: Comparison | None) -> dict[str, object]:
    if found is None:
        return {"file": document.source, "same": False, "nearest": None}
    return {
        "file": document.source,
        "same": not found.differences,
        "nearest": {"url": found.edition.url, "edition": found.edition.variant},
        "differences": [{"term": term, "is": kind} for term, kind in found.differences],
    }


def _told(document: Document, found: Comparison | None) -> str:
    file = safe(document.source)
    if found is None:
        return f"{file}: like none that is built in"
    if not found.differences:
        return f"{file}: means the same as {found.edition.name}"
    lines = [f"{file}: nearest is {found.edition.name}, but"]
    lines += [f"  {safe(term)} is {kind}" for term, kind in found.differences[:_SHOWN]]
    further = len(found.differences) - _SHOWN
    return "\n".join([*lines, f"  and {further} more; --json has all"] if further > 0 else lines)
