"""Showing: what a credential says, for people who do not read JSON.

`transcript` reads the facts out of a credential, whatever shape it is in; `text` lays them out for
a terminal or a pipe, `objects` for programs. Showing is not validating and not verifying: what is
missing or odd is left out or shown as it is, and nothing here stops at it.

Source of what is shown of each credential: Open Badges 3.0 and CLR 2.0, displayer (name,
description, issuer, dates, image, whether expired or revoked).
"""

from clrctl.showing.facts import Transcript
from clrctl.showing.reading import transcript, unshowable

__all__ = ["Transcript", "transcript", "unshowable"]
