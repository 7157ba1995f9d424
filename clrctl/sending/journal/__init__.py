"""What was sent where, and what became of it: the memory that lets an upload be resumed.

One SQLite file for each endpoint. It holds digests, outcomes, ids and the names of inputs; no
credential, no name and no token. The package decides nothing about sending.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.sending.journal.entry import Entry, Key, Noted, digest, sources
    from clrctl.sending.journal.file import path_of
    from clrctl.sending.journal.journal import Journal

__all__ = [
    "Entry",
    "Journal",
    "Key",
    "Noted",
    "digest",
    "path_of",
    "sources",
]

__getattr__ = lazily(
    __name__,
    {
        "entry": (
            "Entry",
            "Key",
            "Noted",
            "digest",
            "sources",
        ),
        "file": ("path_of",),
        "journal": ("Journal",),
    },
)
