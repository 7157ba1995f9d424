"""Parts of a JSON text, cut out and compared without reading and writing them anew.

What is inside a signed credential is never parsed and serialised again: numbers would lose digits,
and proofs their hold. Texts here are good JSON; they were read strictly before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from clrctl.document import NUMBER, scan
from clrctl.finding import Json

_past: Callable[[str, int], tuple[Json, int]] = json.JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class TextPart:
    """A value in a text.

    Attributes:
        start: offset of its first character.
        end: offset behind its last.
        name_at: offset of the member's name; that of the value in a list.
    """

    start: int
    end: int
    name_at: int


def parts(text: str, at: int = 0) -> dict[str | int, TextPart]:
    """Return the parts of the object or list that begins here: by name, or by index.

    Args:
        text: good JSON.
        at: offset of the opening bracket.
    """
    found: dict[str | int, TextPart] = {}
    depth, name, name_at = 0, "", 0
    listed = text[at] == "["
    for event in scan(text[at : _past(text, at)[1]]):
        if event.kind == "end":
            depth -= 1
            continue
        if event.kind == "key":
            if depth == 1:
                name, name_at = event.value, at + event.at
            continue
        if depth == 1:
            start = at + event.at
            part = TextPart(start, _past(text, start)[1], start if listed else name_at)
            found[len(found) if listed else name] = part
        depth += event.kind != "value"
    return found


def cut(text: str, *path: str | int) -> str | None:
    """Return the text of a value inside, None where the path leads nowhere."""
    at = _start(text)
    end = _past(text, at)[1]
    for step in path:
        if text[at] not in "{[" or (part := parts(text, at).get(step)) is None:
            return None
        at, end = part.start, part.end
    return text[at:end]


def items(text: str, *path: str | int) -> list[str]:
    """Return the texts of a set: the entries of a list, or the one value; none where it is not."""
    inner = cut(text, *path)
    if inner is None:
        return []
    if not inner.startswith("["):
        return [inner]
    return [inner[part.start : part.end] for part in parts(inner).values()]


def without(text: str, names: frozenset[str]) -> str:
    """Return an object's text without some of its members; the others stay as they are."""
    at = _start(text)
    kept = [
        text[part.name_at : part.end] for name, part in parts(text, at).items() if name not in names
    ]
    return "{" + ", ".join(kept) + "}"


def same(first: str, second: str) -> bool:
    """Return whether two texts say the same in the same order and spelling; blanks do not count."""
    return list(_tokens(first)) == list(_tokens(second))


def _tokens(text: str) -> Iterator[tuple[str, Json]]:
    for event in scan(text):
        if event.kind == "value" and type(event.value) in {int, float}:
            number = NUMBER.match(text, event.at)
            yield "number", number[0] if number else event.value
        else:
            yield event.kind, event.value


def kept(record: bytes, texts: list[bytes]) -> bool:
    """Return whether a record ends in these credentials, each as it was read.

    Args:
        record: the text of a CLR.
        texts: the credentials that were wrapped, in their order; they stand behind its own.
    """
    inside = items(record.decode(), "credentialSubject", "verifiableCredential")
    last = inside[len(inside) - len(texts) :] if texts else []
    return len(last) == len(texts) and all(
        same(text.decode(), found) for text, found in zip(texts, last, strict=True)
    )


def _start(text: str) -> int:
    return len(text) - len(text.lstrip(" \t\r\n\ufeff"))
