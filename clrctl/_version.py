"""The version, and the one line that `--version` prints."""

import sys

__version__ = "0.1.0"


def version_line() -> str:
    """Return program, version, Python and standard; the first two words never change place."""
    python = ".".join(map(str, sys.version_info[:3]))
    return f"clrctl {__version__} (Python {python}, CLR 2.0 Final)"
