"""`clrctl build`: from what a school has to records that can be uploaded."""

from __future__ import annotations

import enum
import os
import shlex
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl import console as consoles
from clrctl.commands import options
from clrctl.console import Color, Console, safe
from clrctl.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from clrctl.access import Secret
    from clrctl.builder.building import Built, Outcome
    from clrctl.builder.doors import Door, Source
    from clrctl.builder.emitter import Manner
    from clrctl.builder.model import When
    from clrctl.builder.placing import Place, Placed
    from clrctl.builder.problem import Note, Skipped, Unbuilt
    from clrctl.builder.provenance import Provenance
    from clrctl.builder.report import Report

STDOUT = "-"
_EVERY = 25
_FEW = 10


class Images(enum.StrEnum):
    """What becomes of images, by the names that `clrctl.builder.images` knows."""

    EMBED = "embed"
    URL = "url"
    NONE = "none"


def build(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="What the records are built from, as listed above; - reads standard input.",
            show_default=False,
        ),
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|FOLDER",
            help="Where the record goes, or the folder for the records; - is stdout.",
            show_default=False,
        ),
    ] = "",
    recipe: Annotated[
        str,
        typer.Option(
            "--recipe",
            "-r",
            metavar="FILE",
            help="Recipe or mapping for sources that need one beside them.",
            show_default=False,
        ),
    ] = "",
    sheet: Annotated[
        str,
        typer.Option("--sheet", metavar="NAME", help="Sheet of a workbook.", show_default=False),
    ] = "",
    as_of: Annotated[
        str,
        typer.Option(
            "--as-of",
            metavar="DATE",
            help="Day or moment that the records tell of, instead of record.as_of.",
            show_default=False,
        ),
    ] = "",
    secret_file: options.SecretFile = "",
    images: Annotated[
        Images, typer.Option("--images", help="Embed images, keep addresses only, or none.")
    ] = Images.EMBED,
    mirror: options.MirrorOption = options.Mirror.ALL,
    sign: Annotated[
        list[str],
        typer.Option(
            "--sign",
            metavar="KEY",
            help="Sign each record with this key file; may be given again for other issuers.",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - Typer takes a copy
    children_only: Annotated[
        bool,
        typer.Option(
            "--children-only", help="With --sign: leave the record itself to its publisher."
        ),
    ] = False,
    passphrase_file: options.PassphraseFile = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that would not be replaced otherwise.")
    ] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first record that cannot be built.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", "-n", help="Write nothing; tell what is new and what differs."),
    ] = False,
    provenance: options.ProvenanceFolder = "",
    report: Annotated[
        str,
        typer.Option(
            "--report",
            metavar="FILE",
            help="Write a report of every record as JSON.",
            show_default=False,
        ),
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="Print that report, when records go to files.")
    ] = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Build records (CLRs) that are valid under the rules of the standard and of TimeBack.

    They are built from recipes (one learner each), from a folder of tables with mapping.yaml, from
    a workbook, or from a OneRoster export with a recipe; `clrctl new` writes a recipe or tables to
    start from.

    The same source gives the same bytes and the same ids, so that a nightly build changes only
    the files whose content changed. A learner whose record cannot be built is told of and left
    out; the others are built.

    --sign signs as `clrctl sign` does, each proof dated with the validFrom of what it signs, so
    that the bytes stay the same. TimeBack signs the record itself: add --children-only for it.

    Examples:
      clrctl build samples/recipe.yaml -o wren.clr.json
      clrctl build samples/recipe.yaml | clrctl validate -
      clrctl build samples/highschool-transcript -o out --secret-file id-secret
      clrctl build samples/oneroster -r samples/oneroster/report-card.yaml -o out
      clrctl build samples/recipe.yaml -o wren.clr.json --dry-run
    """
    from clrctl.builder import doors
    from clrctl.builder.report import Report

    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=json)
    opened = [doors.opened(name, recipe=recipe, sheet=sheet) for name in sources]
    found = [(source, doors.door_of(source)) for source in opened]
    secret = options.id_secret(console, secret_file)
    place = _place(output, found, secret, force=force, dry=dry_run)
    if output in ("", STDOUT) and (json or dry_run):
        flag = "--json" if json else "--dry-run"
        raise UsageError(f"{flag} needs a place for the records", fix="add -o FILE or -o FOLDER")
    for flag, name in (("--provenance", provenance), ("--report", report)):
        _refuse_inside(output, flag, name)
    manner = _manner(secret, images, mirror)
    told = Report(dry=dry_run, detailed=json or dry_run or bool(report))
    keeping = _keeping(provenance, secret) if provenance and not dry_run else None
    outcomes = _outcomes(found, manner, _when(as_of))
    options.stdin_once([*sources, *sign, passphrase_file])
    if sign:
        outcomes = _signed(console, outcomes, sign, passphrase_file, children_only=children_only)
    elif children_only:
        raise UsageError("--children-only says what to sign", fix="add --sign KEY")
    try:
        for outcome in outcomes:
            told.add(_put(outcome, place, keeping))
            _show(console, told)
            if fail_fast and not told.ok:
                break
    finally:
        # What was written is known to the next build, however this one ends.
        gone = place.finish()
    # Of a source that was not read to its end, nobody knows what is gone from it.
    unread = fail_fast or any(not one.learner for one in told.unbuilt)
    told.gone = gone if all(door.many for _, door in found) and not unread else ()
    _tell(console, told, output)
    if report:
        _write(report, told)
    if json:
        console.answer_json(told.as_json())
    raise typer.Exit(ExitCode.OK if told.ok else ExitCode.INVALID)


class _Stdout:
    """Standard output: it takes one record."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._taken = False

    def put(self, built: Built) -> Placed:
        from clrctl.builder.placing import Placed, State

        if self._taken:
            raise UsageError(
                "standard output takes one record, and there are several", fix="add -o FOLDER"
            )
        self._taken = True
        self._console.answer(built.emitted.text.decode().rstrip("\n"))
        return Placed(built, State.NEW)

    def missed(self, learner: str) -> None:
        pass

    def finish(self) -> tuple[str, ...]:
        return ()


def _place(
    output: str, found: list[tuple[Source, Door]], secret: Secret | None, *, force: bool, dry: bool
) -> Place:
    """Return where the records go."""
    from clrctl.builder import ids
    from clrctl.builder.placing import File, Folder
    from clrctl.report.output import refuse_to_replace

    many = len(found) > 1 or found[0][1].many
    if output in ("", STDOUT):
        if many:
            raise UsageError(
                "there may be many records, and each gets a file of its own", fix="add -o FOLDER"
            )
        return _Stdout(consoles.current())
    path = Path(output)
    for source, _ in found:
        refuse_to_replace(source.name, output)
    if many or path.is_dir() or output.endswith(("/", os.sep)):
        if path.exists() and not path.is_dir():
            raise UsageError("this is a file, and the records need a folder", where=output)
        return Folder(path, ids.fingerprint(secret), force=force, dry=dry)
    return File(path, force=force, dry=dry)


def _refuse_inside(output: str, flag: str, name: str) -> None:
    """Raise UsageError if something else would lie among the records."""
    if not name or output in ("", STDOUT):
        return
    if Path(name).resolve().is_relative_to(Path(output).resolve()):
        raise UsageError(
            f"{flag} would lie among the records",
            where=name,
            why="whoever checks or uploads the folder would take it for a record",
            fix="name a place beside them",
        )


def _manner(secret: Secret | None, images: Images, mirror: options.Mirror) -> Manner:
    from clrctl.builder.emitter import Manner
    from clrctl.builder.images import Policy

    return Manner(secret, Policy(images.value), mirror is options.Mirror.ALL)


def _keeping(folder: str, secret: Secret | None) -> Provenance:
    from clrctl.builder import ids
    from clrctl.builder.provenance import Provenance

    return Provenance(Path(folder), ids.fingerprint(secret))


def _when(text: str) -> When | None:
    """Return the day or moment that `--as-of` names."""
    from clrctl.builder import dates

    if not text:
        return None
    try:
        return dates.read(text)
    except dates.NotADate as problem:
        raise UsageError(f"--as-of {text} {problem}", fix=dates.FORM) from None


def _outcomes(
    found: list[tuple[Source, Door]], manner: Manner, as_of: When | None
) -> Iterator[Outcome]:
    """Yield what becomes of every record; what is wrong with a whole source too."""
    from clrctl.builder.building import build
    from clrctl.builder.emitter import Emitter
    from clrctl.builder.problem import Refused, Unbuilt

    now = datetime.now(UTC)
    for source, door in found:
        try:
            yield from build(door.records(source), Emitter(manner), now=now, as_of=as_of)
        except Refused as refused:
            yield Unbuilt("", refused.problems)


def _signed(
    console: Console,
    outcomes: Iterator[Outcome],
    names: list[str],
    passphrase_file: str | None,
    *,
    children_only: bool,
) -> Iterator[Outcome]:
    from clrctl import signers
    from clrctl.builder.signing import signed
    from clrctl.signing import Manner as Signing

    stdin = sys.stdin.buffer
    keys = signers.load(console, names, stdin=stdin, passphrase_file=passphrase_file)
    return signed(outcomes, Signing(keys, children_only=children_only))


def _put(
    outcome: Outcome, place: Place, keeping: Provenance | None
) -> Placed | Unbuilt | Skipped | Note:
    """Put a built record where it belongs."""
    from clrctl.builder.building import Built
    from clrctl.builder.problem import Unbuilt

    result = place.put(outcome) if isinstance(outcome, Built) else outcome
    if isinstance(result, Unbuilt) and result.learner:
        place.missed(result.learner)
    elif isinstance(outcome, Built) and keeping is not None:
        keeping.keep(outcome.emitted)
    return result


def _show(console: Console, told: Report) -> None:
    done = told.built + len(told.unbuilt)
    if console.is_drawing and done % _EVERY == 0:
        console.status(f"{done:,} records")


def _tell(console: Console, told: Report, output: str) -> None:
    """Say how it went: what was not built first, the sum last."""
    if told.dry:
        for row in told.records:
            if row["state"] != "unchanged" or console.verbose:
                console.say(f"{row['state']:<9} {safe(row['file'], limit=None)}")
            for pointer in row.get("changes", ())[: None if console.verbose else _FEW]:
                console.say(f"          {safe(pointer)}")
    for line in told.problems(all_of_them=console.verbose > 0):
        console.complain(safe(line, limit=None))
    where = "" if output in ("", STDOUT) else f" in {output}"
    for line in told.summary(where):
        console.say(safe(line, limit=None))
    if where and told.built and told.ok and not told.dry:
        name = shlex.quote(output)
        console.suggest(f"clrctl show {name}", f"clrctl plan {name} --endpoint sandbox")


def _write(file: str, told: Report) -> None:
    import orjson

    from clrctl import files

    text = orjson.dumps(told.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    files.replace(Path(file), text, words=files.Words("cannot write the report"))
