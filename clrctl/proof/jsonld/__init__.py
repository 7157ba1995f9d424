"""JSON-LD: contexts, and the RDF dataset that a document says (JSON-LD 1.1)."""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.proof.jsonld import facts, meaning
    from clrctl.proof.jsonld.contexts import Contexts
    from clrctl.proof.jsonld.doubts import refuse_doubtful
    from clrctl.proof.jsonld.expand import dataset
    from clrctl.proof.jsonld.losses import find_losses
    from clrctl.proof.jsonld.meaning import Comparison

__all__ = [
    "Comparison",
    "Contexts",
    "dataset",
    "facts",
    "find_losses",
    "meaning",
    "refuse_doubtful",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "facts",
            "meaning",
        ),
        "contexts": ("Contexts",),
        "doubts": ("refuse_doubtful",),
        "expand": ("dataset",),
        "losses": ("find_losses",),
        "meaning": ("Comparison",),
    },
)
