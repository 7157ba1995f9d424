"""A CLR 2.0 endpoint on this machine, for trying things out and for tests.

It behaves as the TimeBack endpoint does, plus the list of credentials that the standard has; it
signs nothing. It must not know the command line, settings or schemas: whoever starts it passes in
a `Check`. Importing this package needs neither starlette nor uvicorn; serving does, and says so.
The application alone is `clrctl.sandbox.app.create_app`.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.sandbox import language
    from clrctl.sandbox.contract import (
        CLIENT_ID,
        CLIENT_SECRET,
        DEFAULT_PORT,
        TOKEN_PATH,
        CheckProblem,
        is_loopback,
    )
    from clrctl.sandbox.faults import Faults
    from clrctl.sandbox.server import ask, find, serve, start
    from clrctl.sandbox.store import Store

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "DEFAULT_PORT",
    "TOKEN_PATH",
    "CheckProblem",
    "Faults",
    "Store",
    "ask",
    "find",
    "is_loopback",
    "language",
    "serve",
    "start",
]

__getattr__ = lazily(
    __name__,
    {
        "": ("language",),
        "contract": (
            "CLIENT_ID",
            "CLIENT_SECRET",
            "CheckProblem",
            "DEFAULT_PORT",
            "TOKEN_PATH",
            "is_loopback",
        ),
        "faults": ("Faults",),
        "server": (
            "ask",
            "find",
            "serve",
            "start",
        ),
        "store": ("Store",),
    },
)
