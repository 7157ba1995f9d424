"""Words of the older standards in the closed and open lists of the newer ones."""

from __future__ import annotations

import re

from clrctl.building.vocabulary import OWN, Vocabulary, words

_ALIASES: dict[Vocabulary, dict[str, str]] = {
    "AchievementType": {"assessmentresult": "Assessment"},
    "IdentifierType": {
        "email": "emailAddress",
        "username": "userName",
        "other": "identifier",
    },
}
_NOT_PLAIN = re.compile(r"[^a-z0-9]")
_NOT_IN_A_TERM = re.compile(r"[^A-Za-z0-9._-]+")


def term(word: str, vocabulary: Vocabulary) -> str:
    """Return a word as the vocabulary has it: its own term, or `ext:` and the word.

    Case, blanks and hyphens do not count: `Community Service` is `CommunityService`.

    Args:
        word: what the older document says.
        vocabulary: one that is open to words of one's own.
    """
    own = words(vocabulary)
    if word in own or word.startswith(OWN):
        return word
    plain = _plain(word)
    by_plain = {_plain(name): name for name in own} | _ALIASES.get(vocabulary, {})
    return by_plain.get(plain) or f"{OWN}{_NOT_IN_A_TERM.sub('_', word).strip('_-') or 'other'}"


def closed_term(word: str, vocabulary: Vocabulary) -> str:
    """Return a word as a closed vocabulary has it, or an empty text."""
    by_plain = {_plain(name): name for name in words(vocabulary)}
    return by_plain.get(_plain(word), "")


def _plain(word: str) -> str:
    return _NOT_PLAIN.sub("", word.lower())
