"""Pictures of either kind: which one a file is, and what to do with it."""

from __future__ import annotations

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
    raise InputError(
        "this is neither a PNG nor an SVG picture",
        where=source,
        why="the standard bakes credentials into these two only",
        fix="save the picture as PNG or SVG",
    )
