"""Status: whether an issuer revoked or suspended a credential (Bitstring Status List 1.0)."""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.verifying.status import check, lists
    from clrctl.verifying.status.check import ttl
    from clrctl.verifying.status.lists import StatusList

__all__ = [
    "StatusList",
    "check",
    "lists",
    "ttl",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "check",
            "lists",
        ),
        "check": ("ttl",),
        "lists": ("StatusList",),
    },
)
