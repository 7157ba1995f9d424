"""The text of a document that proofs cover: its canonical N-Quads."""

from __future__ import annotations

from clrctl.finding import Json
from clrctl.proof import rdfc
from clrctl.proof.jsonld import Contexts, dataset


def nquads(
    document: Json,
    contexts: Contexts,
    *,
    hash_name: str = "sha256",
    ob_variant: str = "newer",
) -> list[str]:
    """Return the canonical N-Quads of a JSON-LD document: sorted lines, each with its newline.

    Args:
        document: an object, as parsed from strict JSON.
        contexts: all that may be named; nothing is fetched.
        hash_name: `sha256`, or `sha384` for proofs with P-384 keys.
        ob_variant: `newer` or `older`, the edition of the Open Badges 3.0.3 context.

    Raises:
        DataLoss: something would drop out of the signed data; with the place.
        UnknownContext: a context is named that is not among these.
        TooComplex: it asks for more work than any honest document.
    """
    quads = dataset(document, contexts.reading(ob_variant))
    return rdfc.canonicalize(quads, hash_name).lines
