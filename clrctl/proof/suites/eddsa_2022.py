"""`eddsa-2022`: the draft that became `eddsa-rdfc-2022`; only checked, for older credentials."""

from __future__ import annotations

from typing import ClassVar

from clrctl.proof.keys import Kind
from clrctl.proof.suites.base import Object
from clrctl.proof.suites.transformed import OverRdf

_CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
_DATA_INTEGRITY = "https://w3id.org/security/data-integrity/"


class Eddsa2022(OverRdf):
    """Proofs with the cryptosuite `eddsa-2022`."""

    name: ClassVar[str] = "eddsa-2022"
    key_kinds: ClassVar[tuple[Kind, ...]] = ("Ed25519",)
    can_sign: ClassVar[bool] = False

    def _config(self, document: Object, options: Object) -> Object:
        """Return the options as a document; where its contexts know no such proof, one is added."""
        return under(document, options, f"{_DATA_INTEGRITY}v1", (_CREDENTIALS_V2, _DATA_INTEGRITY))


def under(document: Object, options: Object, context: str, enough: tuple[str, ...]) -> Object:
    """Return options under a document's contexts, and one more where none of them is enough.

    Args:
        document: the document.
        options: the proof's options.
        context: the context that defines the members of the proof.
        enough: what contexts begin with that define them too.
    """
    found = document.get("@context")
    contexts = found if isinstance(found, list) else [found]
    if any(isinstance(one, str) and one.startswith(enough) for one in contexts):
        return {**options, "@context": found}
    return {**options, "@context": [*contexts, context]}
