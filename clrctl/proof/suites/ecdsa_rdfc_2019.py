"""`ecdsa-rdfc-2019`: ECDSA with P-256 or P-384 over canonical RDF.

P-384 takes SHA-384 throughout, within the canonicalization too.
Source: Data Integrity ECDSA Cryptosuites 1.0, section 3.2.
"""

from __future__ import annotations

from typing import ClassVar

from clrctl.proof.keys import Kind
from clrctl.proof.suites.transformed import OverRdf


class EcdsaRdfc2019(OverRdf):
    """Proofs with the cryptosuite `ecdsa-rdfc-2019`."""

    name: ClassVar[str] = "ecdsa-rdfc-2019"
    key_kinds: ClassVar[tuple[Kind, ...]] = ("P-256", "P-384")
