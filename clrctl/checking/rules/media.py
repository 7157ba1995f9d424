"""Rules on images and evidence. Sources: Open Badges 3.0, Image, Evidence; RFC 2397 (data URIs)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from clrctl.checking.rules.registry import Fault, rule
from clrctl.finding import Severity
from clrctl.standard import Node, Tree

_PNG = b"\x89PNG\r\n\x1a\n"
_PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
LARGEST_EVIDENCE = 100_000


@rule(
    "image/format",
    on=("Image",),
    source="CLR 2.0, Image: PNG or SVG",
    good={"id": _PIXEL},
    bad={"id": "data:image/jpeg;base64,/9j/4AAQ"},
)
def image_format(node: Node, _: Tree) -> Iterator[Fault]:
    """An image is PNG or SVG.

    These two can carry a credential inside; displayers expect nothing else.
    """
    kind = _media_type(node.text("id") or "")
    if kind is not None and kind not in ("image/png", "image/svg+xml"):
        yield Fault(
            (*node.path, "id"),
            f"the image is {kind or 'of no stated type'}, not PNG or SVG",
            "convert it, and begin with data:image/png;base64,",
        )


@rule(
    "image/suffix",
    on=("Image",),
    severity=Severity.WARNING,
    source="CLR 2.0, Image: PNG or SVG",
    good={"id": "https://school.example.edu/crest.png"},
    bad={"id": "https://school.example.edu/crest.jpg"},
)
def image_suffix(node: Node, _: Tree) -> Iterator[Fault]:
    """The address of an image does not look like another format than PNG or SVG.

    Only a hint: what is behind the address is not fetched.
    """
    # Not taken apart as an URL: it may be none.
    path = re.split(r"[?#]", node.text("id") or "", maxsplit=1)[0].lower()
    if path.endswith((".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".pdf")):
        yield Fault(
            (*node.path, "id"), "this looks like an image that is not PNG or SVG", "convert it"
        )


@rule(
    "image/data",
    on=("Image",),
    source="RFC 2397; CLR 2.0, Image",
    good={"id": _PIXEL},
    bad={"id": "data:image/png;base64,PHN2Zz4="},
)
def image_data(node: Node, _: Tree) -> Iterator[Fault]:
    """An image inside a data URI can be decoded, and is what it says it is.

    Otherwise a broken picture is shown, or none.
    """
    text = node.text("id") or ""
    kind = _media_type(text)
    if kind not in ("image/png", "image/svg+xml"):
        return
    data = _decoded(text)
    if data is None:
        yield Fault((*node.path, "id"), "the data URI cannot be decoded", "encode the image again")
    elif (kind == "image/png") != data.startswith(_PNG):
        yield Fault(
            (*node.path, "id"),
            f"the data URI says {kind}, but its bytes are something else",
            "state the type of the bytes, or encode the right file",
        )


@rule(
    "image/repeated",
    on=("AchievementSubject",),
    severity=Severity.WARNING,
    source="Open Badges 3.0, AchievementSubject.image",
    good={"image": {"id": "https://school.example.edu/baked.png", "type": "Image"}},
    bad={
        "image": {"id": "https://school.example.edu/algebra.png", "type": "Image"},
        "achievement": {
            "id": "urn:example:course",
            "type": ["Achievement"],
            "name": "Algebra I",
            "description": "Linear equations.",
            "criteria": {"narrative": "Passed."},
            "image": {"id": "https://school.example.edu/algebra.png", "type": "Image"},
        },
    },
)
def image_repeated(node: Node, _: Tree) -> Iterator[Fault]:
    """The subject's image is this learner's baked badge, not the achievement's image again.

    Displayers fall back to the achievement's image by themselves.
    """
    achievement = node.value.get("achievement")
    own, general = (
        image.get("id") if isinstance(image := holder.get("image"), dict) else None
        for holder in (node.value, achievement if isinstance(achievement, dict) else {})
    )
    if isinstance(own, str) and own == general:
        yield Fault(
            (*node.path, "image"), "this repeats the image of the achievement", "leave it out"
        )


@rule(
    "evidence/large",
    on=("Evidence",),
    severity=Severity.WARNING,
    source="Open Badges 3.0, Evidence.id",
    good={"id": "urn:uuid:6f0f1c5e-0000-4000-8000-000000000000"},
    bad={"id": "data:text/plain," + "x" * (LARGEST_EVIDENCE + 1)},
)
def evidence_large(node: Node, _: Tree) -> Iterator[Fault]:
    """Large evidence is not put into its own id.

    An id is copied wherever the evidence is referred to.
    """
    text = node.text("id") or ""
    if text.startswith("data:") and len(text) > LARGEST_EVIDENCE:
        yield Fault(
            (*node.path, "id"),
            f"the id is a data URI of {len(text):,} characters",
            "publish the file and name its address, or use a urn:uuid and a narrative",
        )


def _media_type(uri: str) -> str | None:
    """Return the media type of a data URI, in lower case; None for other URIs."""
    if uri[:5].lower() != "data:":
        return None
    return uri[5:].partition(",")[0].partition(";")[0].strip().lower()


def _decoded(uri: str) -> bytes | None:
    head, comma, body = uri.partition(",")
    if not comma:
        return None
    if not head.lower().endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        return base64.b64decode(unquote_to_bytes(body), validate=True)
    except binascii.Error:
        return None
