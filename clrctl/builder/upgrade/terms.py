"""Words of the older standards in the closed and open lists of the newer ones."""

from __future__ import annotations

import functools
import re

from clrctl import catalog, tree

_ALIASES = {
    "AchievementType": {"assessmentresult": "Assessment"},
    "IdentifierType": {
        "email": "emailAddress",
        "username": "userName",
        "other": "identifier",
    },
}
_NOT_PLAIN = re.compile(r"[^a-z0-9]")
_NOT_IN_A_TERM = re.compile(r"[^A-Za-z0-9._-]+")


def term(word: str, vocabulary: str) -> str:
    """Return a word as the vocabulary has it: its own term, or `ext:` and the word.

    Case, blanks and hyphens do not count: `Community Service` is `CommunityService`.

    Args:
        word: what the older document says.
        vocabulary: a definition of the bundled schemas that is open to `ext:` terms.
    """
    own = known(vocabulary)
    if word in own or word.startswith("ext:"):
        return word
    plain = _plain(word)
    by_plain = {_plain(name): name for name in own} | _ALIASES.get(vocabulary, {})
    return by_plain.get(plain) or f"ext:{_NOT_IN_A_TERM.sub('_', word).strip('_-') or 'other'}"


def closed_term(word: str, vocabulary: str) -> str:
    """Return a word as a closed vocabulary has it, or an empty text."""
    by_plain = {_plain(name): name for name in known(vocabulary)}
    return by_plain.get(_plain(word), "")


@functools.cache
def known(vocabulary: str) -> tuple[str, ...]:
    """Return the terms that the bundled schemas list for a vocabulary."""
    schema = catalog.schema(tree.CLASSES)["$defs"][vocabulary]
    return tuple(schema.get("enum") or schema["else"]["enum"])


def _plain(word: str) -> str:
    return _NOT_PLAIN.sub("", word.lower())
