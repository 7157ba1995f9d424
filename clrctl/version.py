"""The one line that `--version` prints."""

from __future__ import annotations

import sys

from clrctl import __version__


def version_line() -> str:
    """Return program, version, Python and standard; the first two words never change place."""
    python = ".".join(map(str, sys.version_info[:3]))
    return f"clrctl {__version__} (Python {python}, CLR 2.0 Final)"
