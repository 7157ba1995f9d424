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

from clrctl.proof.contexts import Contexts
from clrctl.proof.doubts import refuse_doubtful
from clrctl.proof.expand import dataset
from clrctl.proof.faults import ContextFault, DataLoss, TooComplex, Undefined, UnknownContext
from clrctl.proof.forms import nquads
from clrctl.proof.losses import losses
from clrctl.proof.rdfc import Canonical, Quad, canonicalize

__all__ = [
    "Canonical",
    "ContextFault",
    "Contexts",
    "DataLoss",
    "Quad",
    "TooComplex",
    "Undefined",
    "UnknownContext",
    "canonicalize",
    "dataset",
    "losses",
    "nquads",
    "refuse_doubtful",
]
