"""Showing: what a credential says, for people who do not read JSON.

`transcript` reads the facts out of a credential, whatever shape it is in; `text` lays them out for
a terminal or a pipe, `objects` for programs. Showing is not validating and not verifying: what is
missing or odd is left out or shown as it is, and nothing here stops at it.

Source of what is shown of each credential: Open Badges 3.0 and CLR 2.0, displayer (name,
description, issuer, dates, image, whether expired or revoked).
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.showing.as_json import FORMAT
    from clrctl.showing.extract import transcript_of, unshowable
    from clrctl.showing.text import TextOptions
    from clrctl.showing.transcript import Transcript

__all__ = [
    "FORMAT",
    "TextOptions",
    "Transcript",
    "transcript_of",
    "unshowable",
]

__getattr__ = lazily(
    __name__,
    {
        "as_json": ("FORMAT",),
        "extract": (
            "transcript_of",
            "unshowable",
        ),
        "text": ("TextOptions",),
        "transcript": ("Transcript",),
    },
)
