"""Cryptosuites: how proofs of each kind are made and checked, one module each.

Checking is mathematics alone; whether a key is the issuer's, and trusted, is decided elsewhere.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.proof.suites.base import (
        BrokenProof,
        ProofOptions,
        Suite,
        UnsupportedProof,
        proofs_of,
    )
    from clrctl.proof.suites.ecdsa_sd_2023 import EcdsaSd2023
    from clrctl.proof.suites.table import SUITES, suite_of

__all__ = [
    "SUITES",
    "BrokenProof",
    "EcdsaSd2023",
    "ProofOptions",
    "Suite",
    "UnsupportedProof",
    "proofs_of",
    "suite_of",
]

__getattr__ = lazily(
    __name__,
    {
        "base": (
            "BrokenProof",
            "ProofOptions",
            "Suite",
            "UnsupportedProof",
            "proofs_of",
        ),
        "ecdsa_sd_2023": ("EcdsaSd2023",),
        "table": (
            "SUITES",
            "suite_of",
        ),
    },
)
