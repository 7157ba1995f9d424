"""`clrctl build`: from what a school has to records that can be uploaded."""

from __future__ import annotations

import enum
import sys
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from clrctl.building import Provenance, When
    from clrctl.signing import IssuerKey
    from clrctl.util import Secret

STDOUT = "-"


class Images(enum.StrEnum):
    """What becomes of images, by the names that `clrctl.building.images` knows."""

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
            help="Day or moment that the records describe, instead of record.as_of.",
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
    jobs: options.Jobs = 0,
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that would not be replaced otherwise.")
    ] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first record that cannot be built.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", "-n", help="Write nothing; list what is new and what differs."),
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
    from clrctl import api
    from clrctl.building import BuildReport, kind_of
    from clrctl.building import opened as open_source
    from clrctl.cli.output import BuildRun, placed_at, refuse_inside
    from clrctl.util import workers

    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=json)
    opened = [open_source(name, recipe=recipe, sheet=sheet) for name in sources]
    found = [(source, kind_of(source)) for source in opened]
    secret = options.id_secret(console, secret_file)
    place = placed_at(console, output, found, secret, force=force, dry=dry_run)
    if output in ("", STDOUT) and (json or dry_run):
        flag = "--json" if json else "--dry-run"
        raise UsageError(f"{flag} needs a place for the records", fix="add -o FILE or -o FOLDER")
    for flag, name in (("--provenance", provenance), ("--report", report)):
        refuse_inside(output, flag, name)
    told = BuildReport(dry=dry_run, detailed=json or dry_run or bool(report))
    keeping = _keeping(provenance, secret) if provenance and not dry_run else None
    options.stdin_once([*sources, *sign, passphrase_file])
    if children_only and not sign:
        raise UsageError("--children-only says what to sign", fix="add --sign KEY")
    keys = _keys(console, sign, passphrase_file) if sign else []
    run = BuildRun(console, output, place, keeping, told)
    with workers(jobs) as executor, ExitStack() as stack:
        results = api.build(
            opened,
            now=datetime.now(UTC),
            id_secret=secret,
            as_of=_when(as_of),
            images=images.value,
            mirror=mirror is options.Mirror.ALL,
            keys=keys,
            children_only=children_only,
            executor=executor,
        )
        stack.enter_context(closing(results))
        run.all(results, fail_fast=fail_fast, whole=all(kind.many for _, kind in found))
    run.end()
    if report:
        run.write(report)
    if json:
        console.answer_json(told.as_json())
    raise typer.Exit(ExitCode.OK if told.ok else ExitCode.INVALID)


def _keeping(folder: str, secret: Secret | None) -> Provenance:
    from clrctl.building import Provenance, ids

    return Provenance(Path(folder), ids.fingerprint(secret))


def _when(text: str) -> When | None:
    """Return the day or moment that `--as-of` names."""
    from clrctl.building import dates

    if not text:
        return None
    try:
        return dates.read(text)
    except dates.NotADate as problem:
        raise UsageError(f"--as-of {text} {problem}", fix=dates.FORM) from None


def _keys(console: Console, names: list[str], passphrase_file: str | None) -> list[IssuerKey]:
    from clrctl.cli import signing_keys

    return signing_keys.load(
        console, names, stdin=sys.stdin.buffer, passphrase_file=passphrase_file
    )
