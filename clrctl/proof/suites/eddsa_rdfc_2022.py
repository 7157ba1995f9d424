"""`eddsa-rdfc-2022`: Ed25519 over canonical RDF; what certification of CLR 2.0 asks for.

Source: Data Integrity EdDSA Cryptosuites 1.0, section 3.2.
"""

from __future__ import annotations

from typing import ClassVar

from clrctl.proof.keys import Kind
from clrctl.proof.suites.transformed import OverRdf


class EddsaRdfc2022(OverRdf):
    """Proofs with the cryptosuite `eddsa-rdfc-2022`."""

    name: ClassVar[str] = "eddsa-rdfc-2022"
    key_kinds: ClassVar[tuple[Kind, ...]] = ("Ed25519",)
