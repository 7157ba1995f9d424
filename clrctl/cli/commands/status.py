"""`clrctl status`: what became of everything that was sent to an endpoint from here."""

from __future__ import annotations

import enum
import json as standard_json
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import UsageError
from clrctl.util import safe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from clrctl.sending import Endpoint, Entry, Journal


class StatusFormat(enum.StrEnum):
    """Forms of the answer."""

    TEXT = "text"
    JSON = "json"
    JSONL = "jsonl"


_COLUMNS = ("outcome", "at", "source", "id", "detail")


def status(
    endpoint: options.Endpoint = None,
    failed: Annotated[
        bool,
        typer.Option("--failed", help="List what is refused, failed, unconfirmed or pending."),
    ] = False,
    purge: Annotated[
        int | None,
        typer.Option(
            "--purge",
            metavar="DAYS",
            min=0,
            help="Remove entries older than this.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[
        StatusFormat, typer.Option("--format", help="Form of the answer.")
    ] = StatusFormat.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """List the results of uploads from this machine to an endpoint.

    Uploads record ids, digests, outcomes and the names of the inputs in a journal, one for each
    endpoint, that only you can read. It holds no credentials. With --purge older entries are
    removed; those credentials are sent again when they are given again.

    Examples:
      clrctl status --endpoint timeback-staging
      clrctl status --endpoint timeback-staging --failed
      clrctl status --endpoint timeback-staging --purge 365
    """
    from clrctl.cli import local_sandbox
    from clrctl.cli.settings import Settings

    if json and form is StatusFormat.JSONL:
        raise UsageError("--json and --format jsonl ask for two forms", fix="give one of them")
    form = StatusFormat.JSON if json else form
    console = consoles.configure(color=color, quiet=quiet, json=form is not StatusFormat.TEXT)
    settings = Settings()
    target = local_sandbox.located(settings.endpoint(endpoint), settings)
    if purge is not None:
        _purge(console, settings.data_folder(), local_sandbox.journal_name(target, settings), purge)
    journal = local_sandbox.read_journal(target, settings)
    with journal or nullcontext():
        if form is StatusFormat.TEXT:
            _text(console, target, journal, failed=failed)
        else:
            _objects(console, target, journal, failed=failed, lines=form is StatusFormat.JSONL)


def _purge(console: Console, folder: Path, name: str, days: int) -> None:
    from clrctl.sending import Journal, path_of
    from clrctl.util import count

    number = 0
    if name and path_of(folder, name).exists():
        with Journal.open(folder, base=name, client=None) as journal:
            number = journal.purge(days)
    console.say(f"{count(number, 'credential')} forgotten")


def _text(console: Console, target: Endpoint, journal: Journal | None, *, failed: bool) -> None:
    if journal is None:
        console.say(safe(target.nothing_sent))
        return
    if failed:
        rows = [_entry(entry) for entry in _unstored(journal)]
        console.table(_COLUMNS, [[row[column] for column in _COLUMNS] for row in rows])
        total = sum(journal.counts().values())
        console.say(f"{len(rows):,} of {total:,} not stored at endpoint {target.name}")
        return
    for outcome, number in journal.counts().items():
        console.answer(f"{outcome:<12}{number:>9,}")
    if run := journal.last_run():
        end = _moment(run.ended) if run.ended else "under way, or cut short"
        console.answer(f"last upload: {_moment(run.began)} to {end}")


def _objects(
    console: Console, target: Endpoint, journal: Journal | None, *, failed: bool, lines: bool
) -> None:
    """Write one object; or one for each credential that is not stored, and then that object."""
    entries = [_entry(entry) for entry in _unstored(journal)] if journal and failed else []
    run = journal.last_run() if journal else None
    whole = {
        "format": consoles.REPORT_FORMAT,
        "ok": True,
        "endpoint": {"name": target.name, "url": target.credentials_url},
        "outcomes": journal.counts() if journal else {},
        "last_run": {
            "began": _moment(run.began),
            "ended": _moment(run.ended) if run.ended else None,
        }
        if run
        else None,
    }
    if not lines:
        console.answer_json(whole | {"entries": entries} if failed else whole)
        return
    for each in (*entries, whole):
        console.answer(standard_json.dumps(each, separators=(",", ":")))


def _unstored(journal: Journal) -> Iterator[Entry]:
    from clrctl.sending import STORED, UploadOutcome

    return journal.entries([outcome for outcome in UploadOutcome if outcome not in STORED])


def _entry(entry: Entry) -> dict[str, str]:
    return {
        "outcome": entry.outcome.value,
        "at": _moment(entry.at),
        "source": entry.source,
        "id": entry.key[1],
        "detail": entry.detail,
    }


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
