"""`clrctl bake`: a credential put into a picture."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import InputError, UsageError
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.document import Carried, Piece


def bake(
    credential: Annotated[
        str,
        typer.Argument(
            metavar="CREDENTIAL", help="A signed credential, JSON or a compact JWS; - reads it."
        ),
    ],
    image: Annotated[
        str, typer.Argument(metavar="IMAGE", help="The PNG or SVG picture to put it into.")
    ],
    output: options.Output = "-",
    force: options.Force = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Put a credential into a PNG or SVG picture, so that one file shows and proves it.

    A CLR goes in as a CLR, an AchievementCredential as an Open Badge, byte for byte as it is; the
    picture stays as it is, too. The same two files always make the same third.

    Examples:
      clrctl bake samples/transcript.clr.json samples/crest.png -o transcript.png
      clrctl bake samples/badges/safety.json samples/crest.svg > safety.svg
    """
    from clrctl.cli.output import refuse_to_replace
    from clrctl.document import baking, carriers, find

    console = consoles.configure(color=color, quiet=quiet)
    if credential == image == "-":
        raise UsageError("standard input can be read only once", fix="give - once")
    refuse_to_replace(image, output)
    given, picture = (find([name], stdin=sys.stdin.buffer) for name in (credential, image))
    carried = carriers.only(carriers.opened(given), credential)
    text, kind = carriers.bakeable(carried)
    baked = baking.bake(_only(picture).read(), text, kind, source=image)
    options.put(console, baked, output, force=force)
    _warn(console, carried, credential)
    console.say(f"{safe(image, limit=None)}: {kind.name} baked in")


def _only(pieces: Iterator[Piece | InputError]) -> Piece:
    (piece,) = pieces
    if isinstance(piece, InputError):
        raise piece
    return piece


def _warn(console: Console, carried: Carried, name: str) -> None:
    """Warn of what whoever gets the picture would find."""
    from clrctl.checking import check_data
    from clrctl.finding import Severity
    from clrctl.util import count

    if not carried.is_signed:
        console.warn("the credential is not signed, so nobody can verify it: sign it, then bake it")
    found = [] if carried.token else check_data(carried.credential)
    if errors := sum(one.severity is Severity.ERROR for one in found):
        shown = safe(name, limit=None)
        console.warn(f"the credential has {count(errors, 'error')}: clrctl validate {shown}")
