"""What software reads in different ways, though nothing of it drops out: not to be signed."""

from __future__ import annotations

from clrctl.finding import Json
from clrctl.proof.faults import Below, DataLoss


def refuse_doubtful(document: Json) -> None:
    """Refuse a document whose signed form depends on the software that reads it.

    That is one with capitals in a language tag: some software makes them small.

    Raises:
        DataLoss: it holds such a tag; with the place.
    """
    if isinstance(document, dict):
        for name, value in document.items():
            with Below(name):
                if name == "@language" and isinstance(value, str) and value != value.lower():
                    raise DataLoss(
                        "capitals in a language tag are signed differently by different software",
                        f'write "{value.lower()}"',
                    )
                refuse_doubtful(value)
    elif isinstance(document, list):
        for index, value in enumerate(document):
            with Below(index):
                refuse_doubtful(value)
