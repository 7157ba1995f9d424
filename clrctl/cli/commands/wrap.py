"""`clrctl wrap`: signed credentials of others into one record."""

from __future__ import annotations

import enum
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.errors import InputError, UsageError

if TYPE_CHECKING:
    from clrctl.building import EmitOptions
    from clrctl.document import Carried, Piece
    from clrctl.util import Secret
    from clrctl.verifying import Verifier

STDOUT = "-"
# Commas also stand inside addresses; those between two of them are followed by a scheme.
_BETWEEN = re.compile(r",(?=[A-Za-z][A-Za-z0-9+.-]*:)")


class JwtChoice(enum.StrEnum):
    """What becomes of signed tokens."""

    REFUSE = "refuse"
    UNWRAP = "unwrap"


class Vc1(enum.StrEnum):
    """What becomes of credentials of VC Data Model 1.1."""

    REFUSE = "refuse"
    UPGRADE = "upgrade"


def wrap(
    files: options.Files,
    recipe: Annotated[
        str,
        typer.Option(
            "--recipe",
            "-r",
            metavar="FILE",
            help="Recipe that names the issuer, the learner and the record.",
            show_default=False,
        ),
    ],
    output: options.Output = STDOUT,
    allow_unsigned: Annotated[
        bool, typer.Option("--allow-unsigned", help="Wrap what others issued without signing it.")
    ] = False,
    jwt: Annotated[
        JwtChoice,
        typer.Option("--jwt", help="Refuse signed tokens, or wrap what they say, unsigned."),
    ] = JwtChoice.REFUSE,
    vc1: Annotated[
        Vc1,
        typer.Option(
            "--vc1",
            help="Refuse credentials of VC Data Model 1.1, or rewrite them for 2.0, unsigned.",
        ),
    ] = Vc1.REFUSE,
    same_person: Annotated[
        list[str],
        typer.Option(
            "--same-person",
            metavar="ID[,ID]",
            help="You vouch that this id is the learner's too; may be given again.",
            show_default=False,
        ),
    ] = [],  # noqa: B006 - Typer takes a copy
    subject_differs: Annotated[
        bool, typer.Option("--subject-differs", help="Wrap credentials about other subjects too.")
    ] = False,
    drop_expired: Annotated[
        bool, typer.Option("--drop-expired", help="Leave out what has expired.")
    ] = False,
    arrays: Annotated[
        bool,
        typer.Option(
            "--arrays",
            help="Make lists of lone values where the standard wants them, if no proof notices.",
        ),
    ] = False,
    flatten: Annotated[
        bool, typer.Option("--flatten", help="Take the credentials out of CLRs.")
    ] = False,
    ruleset: Annotated[
        list[options.Ruleset],
        typer.Option(
            "--ruleset",
            help="Rules to hold badges and record to; may be given twice.  [default: both]",
            show_default=False,
        ),
    ] = [],  # noqa: B006
    trust: Annotated[
        list[Path],
        typer.Option(
            "--trust",
            metavar="FILE",
            help="Trust file with the keys of issuers; may be given again.",
            show_default=False,
        ),
    ] = [],  # noqa: B006
    at: options.At = None,
    mirror: options.MirrorOption = options.Mirror.ALL,
    secret_file: options.SecretFile = "",
    provenance: options.ProvenanceFolder = "",
    force: options.Force = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Write nothing; list what would be wrapped.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the result for each as JSON, beside -o FILE.")
    ] = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Wrap badges that somebody holds into one record (CLR), with their signatures kept.

    Open Badges 3.0 are taken as JSON, and out of PNG and SVG pictures. Each goes in as it is,
    character by character, and is compared with its source before the record is written. A
    signature that does not hold is refused, and one that cannot be verified is told. What cannot
    go in is told with the reason and what to do: signed tokens, older standards, badges
    about somebody else. The others are wrapped; the exit code is 1 if any was refused.

    Examples:
      clrctl wrap samples/badges/ -r samples/portfolio.yaml -o perrin.clr.json
      clrctl wrap samples/badges/*.png -r samples/portfolio.yaml | clrctl show -
      clrctl wrap samples/badges/ -r samples/portfolio.yaml --jwt unwrap --dry-run
    """
    from clrctl.building import including
    from clrctl.building import record as making
    from clrctl.building import wrap as wrapping
    from clrctl.cli.output import WrapRun

    console = consoles.configure(color=color, quiet=quiet, json=json)
    if json and output == STDOUT and not dry_run:
        raise UsageError("the record and the report both want standard output", fix="add -o FILE")
    terms = wrapping.Terms(
        datetime.now(UTC) if at is None else options.moment(at),
        allow_unsigned=allow_unsigned,
        unwrap_tokens=jwt is JwtChoice.UNWRAP,
        renew=vc1 is Vc1.UPGRADE,
        subject_differs=subject_differs,
        drop_expired=drop_expired,
        arrays=arrays,
        flatten=flatten,
        rulesets=_beside_standard(ruleset),
    )
    others = frozenset(id for given in same_person for id in _BETWEEN.split(given))
    secret = options.id_secret(console, secret_file)
    run = WrapRun(console, output, force=force, dry=dry_run)
    emit_options = _emit_options(secret, mirror)
    if record := run.recipe(recipe):
        known = wrapping.known_by(record, secret, others)
        inputs = chain(including.carried(record), _opened(files, recipe))
        verifier = _verifier(trust, terms.now)
        run.judged = wrapping.judge(inputs, record, known, terms, verifier)
        run.tell_each()
        run.put(making.make(record, run.judged, emit_options, terms, sorted(others)))
        if provenance:
            run.keep(provenance, secret)
    run.end()
    if json:
        console.answer_json(run.as_json() | {"same_person": sorted(others)})
    raise typer.Exit(run.exit_code)


def _beside_standard(given: list[options.Ruleset]) -> tuple[str, ...]:
    """Return the rulesets that are asked for beside the standard, which always counts."""
    wanted = given or list(options.Ruleset)
    return tuple(one.value for one in wanted if one is not options.Ruleset.STANDARD)


def _emit_options(secret: Secret | None, mirror: options.Mirror) -> EmitOptions:
    from clrctl.building import EmitOptions

    return EmitOptions(secret, mirror=mirror is options.Mirror.ALL)


def _verifier(trust: list[Path], now: datetime) -> Verifier:
    """Return what tells whether proofs hold, without asking anybody."""
    from clrctl.cli.settings import Settings
    from clrctl.verifying import Verifier, offline, trust_file

    read = trust_file.read(trust or Settings().trust_files(), (), fetch=offline)
    return Verifier(read, now=now)


def _opened(files: list[str], recipe: str) -> Iterator[Carried | InputError]:
    """Yield what the inputs carry; the recipe may lie among them."""
    from clrctl.document import carriers, find

    pieces = find(files, stdin=sys.stdin.buffer, also=carriers.SUFFIXES)
    return carriers.opened(
        piece for piece in pieces if isinstance(piece, InputError) or not _is(piece, recipe)
    )


def _is(piece: Piece, file: str) -> bool:
    try:
        return Path(piece.source).samefile(file)
    except OSError:
        return False
