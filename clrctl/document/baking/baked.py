"""What can be baked into a picture, and by what it is known there."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from clrctl.errors import InputError
from clrctl.util import base64url


@dataclass(frozen=True, slots=True)
class BakedKind:
    """A kind of credential that is baked.

    Attributes:
        name: what people call it.
        keyword: of the iTXt chunk in PNG files.
        namespace: of the element in SVG files.
        element: its local name.
        prefix: the one that is bound to the namespace when it is written.
    """

    name: str
    keyword: str
    namespace: str
    element: str
    prefix: str


CLR: Final = BakedKind(
    "CLR 2.0", "clrcredential", "https://purl.imsglobal.org/clr/v2p0", "credential", "clr"
)
OPEN_BADGES: Final = BakedKind(
    "Open Badges 3.0",
    "openbadgecredential",
    "https://purl.imsglobal.org/ob/v3p0",
    "credential",
    "openbadges",
)
OPEN_BADGES_2: Final = BakedKind(
    "Open Badges 2.0", "openbadges", "http://openbadges.org", "assertion", "openbadges"
)
BAKED: Final = (CLR, OPEN_BADGES, OPEN_BADGES_2)


@dataclass(frozen=True, slots=True)
class Baked:
    """A credential as it was found in a picture.

    Attributes:
        kind: what the picture says it is.
        text: its bytes: JSON, a compact JWS, or, of Open Badges 2.0, an address.
    """

    kind: BakedKind
    text: bytes


def only_one(found: list[Baked], source: str) -> Baked:
    """Return the one credential of a picture.

    Raises:
        InputError: there is none, or there are several.
    """
    if not found:
        raise InputError(
            "there is no credential in the picture",
            where=source,
            why="it was never baked, or a program that saved it again has dropped the credential",
            fix="download the badge again, and take the file as it came",
        )
    if len(found) > 1:
        names = " and ".join(one.kind.name for one in found)
        raise InputError(
            "there are several credentials in the picture",
            where=source,
            why=f"{names}: readers would take different ones",
            fix="ask its issuer for a picture with one of them",
        )
    (baked,) = found
    return Baked(_kind_of(baked.text) or baked.kind, baked.text)


def address_in(text: bytes) -> str:
    """Return the web address that is all that a picture holds of its badge; empty: it is more."""
    match = _ADDRESS.fullmatch(text.strip())
    return match[0].decode() if match else ""


def _kind_of(text: bytes) -> BakedKind | None:
    """Return what a credential is by its context; None where that does not say it.

    What a program called the chunk or element that it put it into may be another thing.
    """
    try:
        body = text if text.lstrip()[:1] == b"{" else base64url.decode(text.split(b".")[1].decode())
        data = json.loads(body)
    except (ValueError, IndexError, RecursionError):
        return None
    inner = data.get("vc", data) if isinstance(data, dict) else None
    context = json.dumps(inner.get("@context", "")) if isinstance(inner, dict) else ""
    return next((kind for mark, kind in _CONTEXTS if mark in context), None)


_ADDRESS = re.compile(rb"https?://[^\s<>\"{}|\\^`]{1,2000}")
_CONTEXTS = (
    ("/spec/clr/v2p0/", CLR),
    ("/spec/ob/v3p0/", OPEN_BADGES),
    ("w3id.org/openbadges/v2", OPEN_BADGES_2),
)


def already(found: Baked, source: str) -> InputError:
    """Return the error of baking into a picture that is baked."""
    return InputError(
        f"there is already a credential ({found.kind.name}) in the picture",
        where=source,
        fix="take the picture as it was before baking",
    )
