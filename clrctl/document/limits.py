"""How large a document may be; nothing here knows what is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one document; of NDJSON each line is a document.

    Attributes:
        bytes: size as read.
        depth: containers inside each other; a bare scalar has depth 0.
        nodes: values of any kind, the containers included.
    """

    bytes: int = 64 * 2**20
    depth: int = 100
    nodes: int = 1_000_000
