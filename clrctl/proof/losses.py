"""Everything that would drop out of the signed data of a document, not only the first of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clrctl.finding import Json
from clrctl.proof.contexts import Contexts
from clrctl.proof.expand import dataset
from clrctl.proof.faults import ContextFault, DataLoss

_MOST = 20
_STAND_IN = "urn:example:defined"


def losses(document: Json, contexts: Contexts, *, most: int = _MOST) -> Iterator[DataLoss]:
    """Yield what would drop out, up to so many: each found with the earlier ones taken out.

    A fault of a context is the last: what it would define is not known.

    Raises:
        UnknownContext: a context is named that is not among these.
        TooComplex: it asks for more work than any honest document.
    """
    told: set[str] = set()
    for _ in range(most):
        try:
            dataset(document, contexts)
        except DataLoss as loss:
            if loss.pointer in told:
                return
            told.add(loss.pointer)
            yield loss
            if isinstance(loss, ContextFault) or not loss.path:
                return
            document = _without(document, loss.path)
        else:
            return


def _without(value: Json, path: Sequence[str | int]) -> Json:
    """Return a copy in which nothing is lost at one place; the places of others stay."""
    step, *rest = path
    if isinstance(step, int):
        inner = _without(value[step], rest) if rest else _STAND_IN
        return [*value[:step], inner, *value[step + 1 :]]
    copy = dict(value)
    if rest:
        copy[step] = _without(value[step], rest)
    else:
        del copy[step]
    return copy
