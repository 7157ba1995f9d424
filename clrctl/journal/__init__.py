"""What was sent where, and what became of it: the memory that lets an upload be resumed.

One SQLite file for each endpoint. It holds digests, outcomes, ids and the names of inputs; no
credential, no name and no token. The package decides nothing about sending.
"""

from clrctl.journal.entry import Entry, Key, Noted, Run, digest, sources
from clrctl.journal.file import path_of
from clrctl.journal.journal import Journal

__all__ = ["Entry", "Journal", "Key", "Noted", "Run", "digest", "path_of", "sources"]
