"""The words that the standard's vocabularies allow, read from the bundled schemas."""

from __future__ import annotations

import functools
from typing import Literal, TypeAlias

from clrctl.standard import CLASSES, schemas

Vocabulary: TypeAlias = Literal[
    "AchievementType",
    "AlignmentTargetType",
    "AssociationType",
    "IdentifierType",
    "ResultStatus",
    "ResultType",
]

OWN = "ext:"
"""What a word begins with that is not the standard's own; not all vocabularies take one."""


@functools.cache
def words(name: Vocabulary) -> tuple[str, ...]:
    """Return the words of a vocabulary, in the order of the standard."""
    definition = schemas.schema(CLASSES)["$defs"][name]
    return tuple(definition.get("enum") or definition["else"]["enum"])


@functools.cache
def is_open(name: Vocabulary) -> bool:
    """Return whether words of one's own, with `ext:` before them, may be added."""
    return "enum" not in schemas.schema(CLASSES)["$defs"][name]


def allows(name: Vocabulary, word: str) -> bool:
    """Return whether a word may stand where this vocabulary is used."""
    return word in words(name) or (is_open(name) and word.startswith(OWN) and word != OWN)
