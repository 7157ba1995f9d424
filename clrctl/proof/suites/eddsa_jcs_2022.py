"""`eddsa-jcs-2022`: Ed25519 over canonical JSON.

Source: Data Integrity EdDSA Cryptosuites 1.0, section 3.3.
"""

from __future__ import annotations

from typing import ClassVar

from clrctl.proof.keys import Kind
from clrctl.proof.suites.transformed import OverJson


class EddsaJcs2022(OverJson):
    """Proofs with the cryptosuite `eddsa-jcs-2022`."""

    name: ClassVar[str] = "eddsa-jcs-2022"
    key_kinds: ClassVar[tuple[Kind, ...]] = ("Ed25519",)
