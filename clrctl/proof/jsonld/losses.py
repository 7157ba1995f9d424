"""Everything that would drop out of the signed data of a document, not only the first of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from clrctl.finding import Json
from clrctl.proof.faults import ContextFault, DataLoss
from clrctl.proof.jsonld.contexts import Contexts
from clrctl.proof.jsonld.expand import Walk

Path: TypeAlias = tuple[str | int, ...]


def find_losses(document: Json, contexts: Contexts) -> Iterator[DataLoss]:
    """Yield all that would drop out, in no particular order.

    What lies inside something that drops out is not looked at. A fault of a context is told alone:
    what it would define is not known.

    Raises:
        UnknownContext: a context is named that is not among these.
        TooComplex: it asks for more work than any honest document.
    """
    census = _Census(contexts)
    try:
        census.over(document)
    except ContextFault as fault:
        yield fault
        return
    except DataLoss as fault:
        yield fault
    if census.found:
        places = dict(_places(document, ()))
        for place, loss in census.found:
            yield loss.at(*places[place])


class _Census(Walk):
    """A walk that goes on where something drops out.

    Attributes:
        found: what did: the identity of the object, and the loss with its path from there.
    """

    def __init__(self, contexts: Contexts) -> None:
        super().__init__(contexts)
        self.found: list[tuple[int, DataLoss]] = []

    def lose(self, value: dict[str, Json], loss: DataLoss) -> None:
        if isinstance(loss, ContextFault):
            raise loss
        self.found.append((id(value), loss))


def _places(
    value: Json, path: tuple[str | int, ...]
) -> Iterator[tuple[int, tuple[str | int, ...]]]:
    """Yield the identity and the path of every object."""
    if isinstance(value, dict):
        yield id(value), path
        for name, item in value.items():
            yield from _places(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*path, index))
