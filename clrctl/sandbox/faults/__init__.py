"""Faults: what a sandbox does wrong on purpose, by a script."""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.sandbox.faults import script
    from clrctl.sandbox.faults.kinds import Body, CredentialPart, FaultTarget, Framing
    from clrctl.sandbox.faults.player import Faults
    from clrctl.sandbox.faults.wire import Mischief

__all__ = [
    "Body",
    "CredentialPart",
    "FaultTarget",
    "Faults",
    "Framing",
    "Mischief",
    "script",
]

__getattr__ = lazily(
    __name__,
    {
        "": ("script",),
        "kinds": (
            "Body",
            "CredentialPart",
            "FaultTarget",
            "Framing",
        ),
        "player": ("Faults",),
        "wire": ("Mischief",),
    },
)
