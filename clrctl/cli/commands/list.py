"""`clrctl list`: the credentials that an endpoint holds."""

from __future__ import annotations

import enum
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import UsageError
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.sending import Page


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class ListFormat(enum.StrEnum):
    """Forms of the list."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


def list(
    endpoint: options.Endpoint = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, metavar="N", help="How many at the most.")
    ] = 100,
    every: Annotated[bool, typer.Option("--all", help="All of them, whatever --limit.")] = False,
    offset: Annotated[
        int, typer.Option("--offset", min=0, metavar="N", help="How many to pass over.")
    ] = 0,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="DATE",
            help="Only those issued after 2026-01-31, or 2026-01-31T12:00:00Z.",
            show_default=False,
        ),
    ] = None,
    token_file: options.TokenFile = None,
    form: Annotated[
        ListFormat, typer.Option("--format", help="Form of the answer.")
    ] = ListFormat.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """List the credentials that an endpoint holds.

    Text has id, issuer, validFrom and name. jsonl has one credential a line, as soon as it comes,
    in the server's own bytes but for line ends and indents; those signed as a whole (VC-JWT) are
    JSON strings. Not every endpoint lists: TimeBack does not.

    Examples:
      clrctl list --endpoint sandbox
      clrctl list --endpoint sandbox --all --format jsonl > held.jsonl
    """
    from clrctl.cli import local_sandbox
    from clrctl.cli.settings import Settings
    from clrctl.sending import listing
    from clrctl.util import count

    form = ListFormat.JSON if json else form
    console = consoles.configure(
        color=color, quiet=quiet, verbose=verbose, json=form is ListFormat.JSON
    )
    settings = Settings()
    instant = _instant(since) if since else ""
    target = local_sandbox.located(settings.endpoint(endpoint), settings, token_file=token_file)
    credentials = settings.credentials(target, token_file=token_file, stdin=sys.stdin.buffer)
    with (
        local_sandbox.reachable(target, credentials, settings) as (reached, access, told),
        listing.connect(reached, access) as reader,
    ):
        if told:
            console.say(told)
        pages = reader.pages(limit=None if every else limit, offset=offset, since=instant)
        shown, total = _WAYS[form](console, pages)
    of_all = "" if total is None else f" of {total:,}"
    console.say(f"{count(shown, 'credential')}{of_all} at endpoint {safe(target.name)}")


def _text(console: Console, pages: Iterator[Page]) -> tuple[int, int | None]:
    from clrctl.cli.output import listings

    rows, total = [], None
    for page in pages:
        rows += [listings.row(held) for held in page.held]
        total = page.total
    console.table(listings.COLUMNS, rows)
    return len(rows), total


def _json(console: Console, pages: Iterator[Page]) -> tuple[int, int | None]:
    import orjson

    found, total = [], None
    for page in pages:
        found += [orjson.Fragment(held.line) for held in page.held]
        total = page.total
    answer = {"format": consoles.REPORT_FORMAT, "ok": True, "total": total, "credentials": found}
    console.answer_json(answer)
    return len(found), total


def _jsonl(console: Console, pages: Iterator[Page]) -> tuple[int, int | None]:
    from clrctl.cli.output import listings

    shown, total = 0, None
    for page in pages:
        for held in page.held:
            listings.write(console, held)
        console.flush()
        shown += len(page.held)
        total = page.total
    return shown, total


_WAYS = {ListFormat.TEXT: _text, ListFormat.JSON: _json, ListFormat.JSONL: _jsonl}


def _instant(text: str) -> str:
    """Return a date or date-time as the standard's date-time (RFC 3339); a date begins in UTC."""
    whole = f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text
    try:
        has_zone = datetime.fromisoformat(whole).tzinfo is not None
    except ValueError:
        has_zone = False
    if not has_zone:
        raise UsageError(
            "--since has to be a date, or a date-time with its zone",
            why=text,
            fix="such as 2026-01-31, or 2026-01-31T12:00:00Z",
        )
    return whole
