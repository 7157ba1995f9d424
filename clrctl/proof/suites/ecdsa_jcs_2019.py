"""`ecdsa-jcs-2019`: ECDSA with P-256 or P-384 over canonical JSON.

Source: Data Integrity ECDSA Cryptosuites 1.0, section 3.3.
"""

from __future__ import annotations

from typing import ClassVar

from clrctl.proof.keys import Kind
from clrctl.proof.suites.transformed import OverJson


class EcdsaJcs2019(OverJson):
    """Proofs with the cryptosuite `ecdsa-jcs-2019`."""

    name: ClassVar[str] = "ecdsa-jcs-2019"
    key_kinds: ClassVar[tuple[Kind, ...]] = ("P-256", "P-384")
