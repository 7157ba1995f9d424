"""`Ed25519Signature2020`: the older kind of proof with Ed25519; only checked.

Source: Data Integrity EdDSA Cryptosuites 1.0, appendix on Ed25519Signature2020.
"""

from __future__ import annotations

from typing import ClassVar

from clrctl.proof.keys import Kind
from clrctl.proof.suites.base import Object
from clrctl.proof.suites.eddsa_2022 import under
from clrctl.proof.suites.transformed import OverRdf

_CONTEXT = "https://w3id.org/security/suites/ed25519-2020/v1"


class Ed25519Signature2020(OverRdf):
    """Proofs of the type `Ed25519Signature2020`."""

    name: ClassVar[str] = "Ed25519Signature2020"
    key_kinds: ClassVar[tuple[Kind, ...]] = ("Ed25519",)
    can_sign: ClassVar[bool] = False

    def _config(self, document: Object, options: Object) -> Object:
        """Return the options as a document; where its contexts know no such proof, one is added."""
        return under(document, options, _CONTEXT, (_CONTEXT,))
