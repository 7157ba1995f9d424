"""Proofs: what of a document is signed, and that nothing is left out of it.

    Contexts.built_in()             the contexts that are known; nothing is ever fetched
        .plus({url: json})          and others
    nquads(document, contexts)      the canonical N-Quads that proofs cover, line by line
    dataset(document, contexts)     the quads of a document, before they are put in order
    canonicalize(quads)             RDFC-1.0: sorted lines, and the new name of each blank node
    losses(document, contexts)      all that would drop out
    refuse_doubtful(document)       what is not to be signed, for software reads it differently

A document of which anything would drop out of the signed data is refused with `DataLoss`, which
knows the place; a context that is not there is an `UnknownContext`, and what would take for ever
is `TooComplex`. The package neither reads files, knows the clock nor opens sockets.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.proof import context_files, jwt, suites
    from clrctl.proof.faults import ContextFault, DataLoss, TooComplex, Undefined, UnknownContext
    from clrctl.proof.jsonld import Comparison, Contexts, facts, find_losses, meaning
    from clrctl.proof.keys import (
        BadKey,
        CommandSigner,
        KeyFile,
        PublicKey,
        SecretKey,
        Signer,
        dids,
        encryption,
        files,
        json_text,
    )
    from clrctl.proof.suites import (
        SUITES,
        BrokenProof,
        EcdsaSd2023,
        ProofOptions,
        Suite,
        UnsupportedProof,
        proofs_of,
    )

__all__ = [
    "SUITES",
    "BadKey",
    "BrokenProof",
    "CommandSigner",
    "Comparison",
    "ContextFault",
    "Contexts",
    "DataLoss",
    "EcdsaSd2023",
    "KeyFile",
    "ProofOptions",
    "PublicKey",
    "SecretKey",
    "Signer",
    "Suite",
    "TooComplex",
    "Undefined",
    "UnknownContext",
    "UnsupportedProof",
    "context_files",
    "dids",
    "encryption",
    "facts",
    "files",
    "find_losses",
    "json_text",
    "jwt",
    "meaning",
    "proofs_of",
    "suites",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "context_files",
            "jwt",
            "suites",
        ),
        "faults": (
            "ContextFault",
            "DataLoss",
            "TooComplex",
            "Undefined",
            "UnknownContext",
        ),
        "jsonld": (
            "Comparison",
            "Contexts",
            "facts",
            "find_losses",
            "meaning",
        ),
        "keys": (
            "BadKey",
            "CommandSigner",
            "KeyFile",
            "PublicKey",
            "SecretKey",
            "Signer",
            "dids",
            "encryption",
            "files",
            "json_text",
        ),
        "suites": (
            "BrokenProof",
            "EcdsaSd2023",
            "ProofOptions",
            "SUITES",
            "Suite",
            "UnsupportedProof",
            "proofs_of",
        ),
    },
)
