"""Pictures of either kind: which one a file is, and what to do with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from clrctl.document.baking import png, svg
from clrctl.document.baking.baked import Baked, BakedKind
from clrctl.errors import InputError


class _Form(NamedTuple):
    recognise: Callable[[bytes], bool]
    extract: Callable[[bytes, str], Baked]
    bake: Callable[[bytes, bytes, BakedKind, str], bytes]


_FORMS = (
    _Form(png.is_png, png.extract, png.bake),
    _Form(svg.is_svg, svg.extract, svg.bake),
)


def is_picture(raw: bytes) -> bool:
    """Return whether a file is a PNG or SVG picture, by its beginning."""
    return any(form.recognise(raw) for form in _FORMS)


def extract(raw: bytes, *, source: str = "-") -> Baked:
    """Return the credential that is baked into a picture.

    Args:
        raw: the picture.
        source: the name to report it by.

    Raises:
        InputError: it is no PNG or SVG picture or a damaged one, or holds no or several
            credentials, or one in a form that the standard does not allow.
    """
    return _form(raw, source).extract(raw, source)


def bake(raw: bytes, text: bytes, kind: BakedKind, *, source: str = "-") -> bytes:
    """Return a picture with a credential in it, otherwise the same byte for byte.

    Args:
        raw: the picture.
        text: the credential, JSON or a compact JWS, in UTF-8. It can be taken out again as it
            is; only in SVG, its line ends are those of XML: line feeds.
        kind: what it is.
        source: the name to report the picture by.

    Raises:
        InputError: see `extract`; or there is a credential in it already.
    """
    if not text.lstrip().startswith(b"{"):
        text = text.strip()
    baked = _form(raw, source).bake(raw, text, kind, source)
    found = extract(baked, source=source).text
    assert found in (text, svg.line_ends(text))  # noqa: S101 - else our own fault
    return baked


def _form(raw: bytes, source: str) -> _Form:
    for form in _FORMS:
        if form.recognise(raw):
            return form
    for pattern, what, fix in _OTHERS:
        if pattern.match(raw):
            raise InputError(what, where=source, why=_ONLY, fix=fix)
    raise InputError(
        "this is neither a PNG nor an SVG picture", where=source, why=_ONLY, fix=_AGAIN
    )


_ONLY = "the standard bakes credentials into PNG and SVG pictures only"
_AGAIN = (
    "download the badge again where it was awarded, or from the backpack that keeps it, and take "
    "the file as it came: a program that saves it again drops the credential"
)
_OTHERS = (
    (
        re.compile(rb"\xff\xd8\xff"),
        "this is a JPEG picture: a badge that was in it is lost",
        _AGAIN,
    ),
    (re.compile(rb"GIF8"), "this is a GIF picture: a badge that was in it is lost", _AGAIN),
    (
        re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
        "this is a WebP picture, which cannot hold a badge",
        _AGAIN,
    ),
    (
        re.compile(rb"\s*<(?:!doctype\s+)?html", re.IGNORECASE),
        "this is a web page, not the picture that it shows",
        "open the page in a browser, and download the badge's picture from there",
    ),
    (
        re.compile(rb"\x1f\x8b"),
        "this is compressed, perhaps a picture as SVGZ",
        "unpack it, which changes nothing in it: gunzip -c < FILE > badge.svg",
    ),
    (
        re.compile(rb"\xff\xfe|\xfe\xff"),
        "this is text in UTF-16, perhaps an SVG picture",
        "write it as UTF-8, which changes nothing else in it: iconv -f UTF-16 -t UTF-8 FILE",
    ),
    (
        re.compile(rb"\s*[{\[]|eyJ"),
        "this is no picture, but perhaps the credential itself",
        "give it to validate, verify or show as it is",
    ),
)
"""What else is taken for a baked picture, and how the badge is brought back."""
