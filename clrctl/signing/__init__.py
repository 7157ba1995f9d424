"""Signing documents: which credentials in them, with whose key, children before what holds them.

Only proofs are added, as text, so that every other byte of a document stays. The package neither
prints, reads files, nor knows the clock.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.signing.binding import IssuerKey, key_of
    from clrctl.signing.documents import (
        HandedSignOptions,
        NotSigned,
        Proof,
        Signed,
        SignOptions,
        known_suite,
        sign,
    )
    from clrctl.signing.many import sign_all, sign_checked

__all__ = [
    "HandedSignOptions",
    "IssuerKey",
    "NotSigned",
    "Proof",
    "SignOptions",
    "Signed",
    "key_of",
    "known_suite",
    "sign",
    "sign_all",
    "sign_checked",
]

__getattr__ = lazily(
    __name__,
    {
        "binding": (
            "IssuerKey",
            "key_of",
        ),
        "documents": (
            "HandedSignOptions",
            "NotSigned",
            "Proof",
            "SignOptions",
            "Signed",
            "known_suite",
            "sign",
        ),
        "many": (
            "sign_all",
            "sign_checked",
        ),
    },
)
