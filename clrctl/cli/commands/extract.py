"""`clrctl extract`: the credential that is baked into a picture."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color
from clrctl.errors import InputError
from clrctl.util import safe


def extract(
    image: Annotated[
        str, typer.Argument(metavar="IMAGE", help="A PNG or SVG picture; - is standard input.")
    ],
    output: options.Output = "-",
    force: options.Force = False,
    quiet: options.Quiet = False,
    color: options.Color = Color.AUTO,
) -> None:
    """Take the credential out of a baked picture, as its own bytes.

    Open Badges 3.0 and 2.0 and CLR 2.0 are found, in PNG and SVG files. What comes out is JSON, a
    signed token (a compact JWS) or, of Open Badges 2.0, perhaps an address. It is not checked:
    that is what validate does.

    Examples:
      clrctl extract samples/badges/glazing.png -o glazing.json
      clrctl extract samples/badges/firing.svg | clrctl validate -
    """
    from clrctl.document import baking, find

    console = consoles.configure(color=color, quiet=quiet)
    (piece,) = find([image], stdin=sys.stdin.buffer)
    if isinstance(piece, InputError):
        raise piece
    baked = baking.extract(piece.read(), source=image)
    options.put(console, baked.text, output, force=force)
    older = baked.kind is baking.OPEN_BADGES_2
    hint = "; clrctl upgrade brings it to today's standard" if older else ""
    if baking.address_in(baked.text):
        hint = ", no more than the address of the badge: download the assertion from there"
    console.say(f"{safe(image, limit=None)}: {baked.kind.name}{hint}")
