"""A CLR 2.0 endpoint on this machine, for trying things out and for tests.

It behaves as the TimeBack endpoint does, plus the list of credentials that the standard has; it
signs nothing. It must not know the command line, settings or schemas: whoever starts it passes in
a `Check`. Importing this package needs neither starlette nor uvicorn; serving does, and says so.
The application alone is `clrctl.sandbox.app.create_app`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from clrctl.sandbox.contract import (
    CLIENT_ID,
    CLIENT_SECRET,
    CREDENTIALS_PATH,
    DEFAULT_PORT,
    DISCOVERY_PATH,
    TOKEN_PATH,
    Check,
    Problem,
    is_loopback,
)

if TYPE_CHECKING:
    from clrctl.sandbox.faults import Faults
    from clrctl.sandbox.kinds import Step, Target
    from clrctl.sandbox.server import Found, Running, ask, find, serve, start
    from clrctl.sandbox.store import Store

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "CREDENTIALS_PATH",
    "DEFAULT_PORT",
    "DISCOVERY_PATH",
    "TOKEN_PATH",
    "Check",
    "Faults",
    "Found",
    "Problem",
    "Running",
    "Step",
    "Store",
    "Target",
    "ask",
    "find",
    "is_loopback",
    "serve",
    "start",
]

_HOMES = {
    "Faults": "faults",
    "Found": "server",
    "Running": "server",
    "Step": "kinds",
    "Store": "store",
    "Target": "kinds",
    "ask": "server",
    "find": "server",
    "serve": "server",
    "start": "server",
}


def __getattr__(name: str) -> object:
    # Loaded when first used (PEP 562): every command knows the sandbox's address, few start it.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    value = globals()[name] = getattr(home, name)
    return value
