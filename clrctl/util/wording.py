"""Small helps with words: likeness, old names, and numbers with their nouns.

Nothing here knows what a credential looks like beyond the names that earlier standards used.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable

FORMER = {
    "issuanceDate": "validFrom",
    "issuedOn": "validFrom",
    "expirationDate": "validUntil",
    "expires": "validUntil",
}
"""What VC Data Model 1.1 and Open Badges 2.0 call a member, and its name now."""

_SHORTEST_STEM = 4
_LEAST_LIKENESS = 0.75
_SHORTEST_CODE = 6


def nearest(word: str, known: Iterable[str], *, same_digits: bool = False) -> str:
    """Return the known word that somebody most likely meant, or an empty text.

    Case, hyphens, underscores and blanks do not count, nor does a leading `@`. Of two that are as
    near neither is returned: to name one would be a guess.

    Args:
        word: what was written.
        known: what can be.
        same_digits: whether words with other digits are other things, as with the names of files.
    """
    by_plain: dict[str, set[str]] = {}
    for name in sorted(known):
        if same_digits and _digits(name) != _digits(word):
            continue
        by_plain.setdefault(_plain(name), set()).add(name)
    plain = _plain(word)
    close = difflib.get_close_matches(plain, by_plain, n=2, cutoff=_LEAST_LIKENESS)
    if not close and len(plain) >= _SHORTEST_STEM:
        close = [name for name in by_plain if name.startswith(plain)]
        best = close if len(close) == 1 else []
    else:
        likeness = [difflib.SequenceMatcher(None, name, plain).ratio() for name in close]
        best = [name for name, ratio in zip(close, likeness, strict=True) if ratio == likeness[0]]
    names = set().union(*(by_plain[name] for name in best))
    return names.pop() if len(names) == 1 else ""


def nearest_key(key: str, known: Iterable[str]) -> str:
    """Return the known key, code or id that somebody most likely misspelt so, or an empty text.

    Keys stand for things of their own, however alike they are: ALG1 is no slip of ALG2, nor MATHA
    one of MATHB. Only case and separators, turned characters and, in longer ones, characters too
    few or too many count as slips. Leave out of the known ones those that are in use already.
    """
    return nearest(key, (name for name in known if _may_be_slip(key, name)))


def _may_be_slip(key: str, name: str) -> bool:
    one, other = (sorted(filter(str.isalnum, _plain(text))) for text in (key, name))
    if one == other:
        return True
    alike = _digits(key) == _digits(name) and len(one) != len(other)
    # Codes in capitals are short, and ENGH is not ENG.
    return alike and len(key) >= (_SHORTEST_STEM if name.islower() else _SHORTEST_CODE)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


_UNSPOKEN = str.maketrans("", "", "@-_ ")


def _plain(word: str) -> str:
    return word.lower().translate(_UNSPOKEN)


def nearest_class(name: str, known: Iterable[str]) -> str:
    """Return the known class that a name was meant for; the ending `Credential` does not count."""
    stems = {cls.removesuffix("Credential"): cls for cls in known}
    return stems.get(nearest(name.removesuffix("Credential"), stems), "")


def meant(name: str, known: Iterable[str]) -> str:
    """Return the known member that an unknown one stands for: by its former name, or misspelt."""
    known = tuple(known)
    former = FORMER.get(name)
    return former if former in known else nearest(name, known)


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `1 error`, `2 errors`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def quoted(words: Iterable[str]) -> str:
    """Return words as a list to read: `"a", "b"`."""
    return ", ".join(f'"{word}"' for word in words)


def size(number: int) -> str:
    """Return a number of bytes as people say it: `512 KiB`, `1.5 MiB`."""
    if number < 2**10:
        return count(number, "byte")
    if number < 2**20:
        return f"{number / 2**10:.3g} KiB" if number < 1000 * 2**10 else f"{number / 2**20:.2g} MiB"
    return f"{number / 2**20:,.1f} MiB"


LONGEST = 200


Part = str | tuple[str, str]
"""Text, or text with a rich style."""


# C0 and C1 controls, DEL, invisible and bidirectional characters, line separators, surrogates.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()


def safe(text: object, *, limit: int | None = LONGEST) -> str:
    """Return foreign text as one line that cannot colour, move or reverse the terminal.

    Control, bidirectional, zero-width and surrogate characters become visible escapes; text
    longer than `limit` characters is cut (None: never).
    """
    shown = str(text)
    if limit is not None and len(shown) > limit:
        shown = shown[:limit] + "..."
    return _UNSAFE.sub(_escape, shown)


def visible(text: str, kept: str = "\n\t") -> str:
    """Return text in which what could steer a terminal or hide is escaped as JSON escapes it.

    Args:
        text: several lines, as they are to be shown.
        kept: characters that stay as they are.
    """
    return _UNSAFE.sub(lambda match: match[0] if match[0] in kept else _in_json(match[0]), text)


def _in_json(character: str) -> str:
    # JSON itself leaves DEL as it is.
    return "\\u007f" if character == "\x7f" else json.dumps(character)[1:-1]
