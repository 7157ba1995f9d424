"""What the sandbox and its callers agree on: names, credentials and the shape of a check.

It knows nothing of how requests are served or records kept, and needs no optional package.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

CLIENT_ID: Final = "sandbox"
CLIENT_SECRET: Final = "sandbox"  # noqa: S105 - public on purpose: it opens nothing but a sandbox
DEFAULT_PORT: Final = 8765
MARKER: Final = "x-clrctl-sandbox"
"""Member of the discovery document by which a sandbox is told from any other endpoint."""
STORE: Final = "x-clrctl-store"
"""Member that says which store is behind it (`Store.id`); another one after a reset."""

TOKEN_PATH: Final = "/oauth2/token"  # noqa: S105 - a path
AUTHORIZE_PATH: Final = "/oauth2/authorize"
REGISTER_PATH: Final = "/oauth2/register"
REVOKE_PATH: Final = "/oauth2/revoke"


@dataclass(frozen=True, slots=True)
class CheckProblem:
    """One reason to refuse a credential.

    Attributes:
        pointer: JSON Pointer (RFC 6901) to the value meant; `""` is the whole document.
        message: what is wrong with it.
    """

    pointer: str
    message: str


Check: TypeAlias = Callable[[bytes], Sequence[CheckProblem]]
"""Judges a credential as it was received; no problems means that it is stored.

It is called from several threads at once.
"""


def is_loopback(host: str) -> bool:
    """Return whether a host name or address means this machine, without resolving any name."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False
