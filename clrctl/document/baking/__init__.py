"""Baking: a credential inside a picture, read out of it and put into it.

`extract` finds the one credential of a PNG or SVG file and returns its own bytes; `bake` puts one
into a picture and leaves the rest of the file as it is, byte for byte. Whether the credential is
right is not asked here. The package opens no file and fetches nothing.

Sources: Open Badges 3.0, section 5.3 (baked badges), and CLR 2.0, which takes it over; Open Badges
2.0, baking specification.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.document.baking.baked import (
        CLR,
        OPEN_BADGES,
        OPEN_BADGES_2,
        Baked,
        BakedKind,
        address_in,
    )
    from clrctl.document.baking.pictures import bake, extract, is_picture

__all__ = [
    "CLR",
    "OPEN_BADGES",
    "OPEN_BADGES_2",
    "Baked",
    "BakedKind",
    "address_in",
    "bake",
    "extract",
    "is_picture",
]

__getattr__ = lazily(
    __name__,
    {
        "baked": (
            "Baked",
            "BakedKind",
            "CLR",
            "OPEN_BADGES",
            "OPEN_BADGES_2",
            "address_in",
        ),
        "pictures": (
            "bake",
            "extract",
            "is_picture",
        ),
    },
)
