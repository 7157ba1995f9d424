"""Pictures: from a file or an address to an Image of the standard.

What a file is is told by its bytes, not by its name. Sources: CLR 2.0, Image (PNG or SVG); Open
Badges 3.0, baking; RFC 2397.
"""

from __future__ import annotations

import base64
import enum
import re

from clrctl.building.model import Picture
from clrctl.building.objects import made
from clrctl.building.problems import Problem
from clrctl.finding import Json
from clrctl.util import size

LARGE = 64 * 2**10
"""From this size on an embedded image is worth a note."""

LARGEST = 512 * 2**10
"""Beyond this size an image is not embedded: it would be copied into every record."""

_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?svg[\s>]")
_BAKED_PNG = re.compile(rb"iTXt(?:openbadgecredential|openbadges|clrcredential)\0")
_BAKED_SVG = re.compile(
    rb"https?://purl\.imsglobal\.org/(?:ob/v3p0|clr/v2p0)[\"']|http://openbadges\.org[\"']"
)
_ACTIVE_SVG = re.compile(
    rb"<(?:[\w.-]+:)?(?:script|foreignObject|iframe)\b|\son[a-z]+\s*=|javascript:|<!ENTITY"
    rb"|(?:href|src)\s*=\s*[\"'](?!#|data:)|url\(\s*[\"']?(?!#|data:)|@import",
    re.IGNORECASE,
)
_OTHERS = (
    (b"\xff\xd8\xff", "a JPEG"),
    (b"GIF8", "a GIF"),
    (b"RIFF", "a WebP"),
    (b"%PDF", "a PDF"),
    (b"BM", "a BMP"),
)


class ImagePolicy(enum.StrEnum):
    """What becomes of images."""

    EMBED = "embed"
    URL = "url"
    NONE = "none"


def of(picture: Picture, policy: ImagePolicy) -> Json:
    """Return the Image for a picture; None where the policy leaves it out."""
    if policy is ImagePolicy.NONE or (policy is ImagePolicy.URL and not picture.url):
        return None
    return made(
        "Image", id=picture.url or _data(picture.raw), type="Image", caption=picture.caption
    )


def problem(picture: Picture) -> Problem | None:
    """Return why a picture cannot be used, None where it can."""
    raw = picture.raw
    if picture.url:
        return None
    if not (_is_png(raw) or _is_svg(raw)):
        kind = next((name for start, name in _OTHERS if raw.startswith(start)), "neither")
        return Problem(
            f"the image is {kind}, and only PNG and SVG are taken"
            if kind != "neither"
            else "the image is neither PNG nor SVG",
            picture.place,
            "convert it, or leave it out",
        )
    if (_BAKED_PNG if _is_png(raw) else _BAKED_SVG).search(raw):
        return Problem(
            "the image has a credential baked into it: it is somebody's badge, not a picture",
            picture.place,
            "take the plain picture here; a badge goes into a record by `clrctl wrap`",
        )
    if _is_svg(raw) and (active := _ACTIVE_SVG.search(raw)):
        found = active[0].decode(errors="replace").strip()
        return Problem(
            f"the SVG could run or fetch something: {found}",
            picture.place,
            "save it as a plain drawing, without scripts, handlers and links",
        )
    if len(raw) > LARGEST:
        return Problem(
            f"the image is {size(len(raw))}, and would be copied into every record",
            picture.place,
            f"make it smaller than {size(LARGEST)}, or give its address instead of the file",
        )
    return None


def _is_png(raw: bytes) -> bool:
    return raw.startswith(_PNG)


def _is_svg(raw: bytes) -> bool:
    return not _is_png(raw) and _SVG.search(raw[:4096]) is not None


def _data(raw: bytes) -> str:
    kind = "png" if _is_png(raw) else "svg+xml"
    return f"data:image/{kind};base64,{base64.b64encode(raw).decode()}"
