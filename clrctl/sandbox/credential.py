"""Reads of a credential what the sandbox needs: its identity, and what its pages show.

It judges nothing but that: the schema is the business of the check that the caller passes in.
Every reader takes whatever JSON there is and leaves out what it does not understand.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from clrctl.finding import Json
from clrctl.sandbox.contract import CheckProblem
from clrctl.sandbox.store import CredentialEntry


@dataclass(frozen=True, slots=True)
class ShownAchievement:
    """An achievement that a credential asserts, as far as a reader wants to see it.

    Attributes:
        name: its name.
        kind: its `achievementType`.
        results: each result in words.
    """

    name: str
    kind: str
    results: tuple[str, ...]


class UnreadableCredential(Exception):
    """The bytes are no credential that could be stored; `problem` says why."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.problem = CheckProblem(pointer, message)


def parse(raw: bytes) -> dict[str, Json]:
    """Return the object that strict JSON (RFC 8259) in UTF-8 stands for.

    Raises:
        Unreadable: it is not JSON, not UTF-8, not an object, or has a name twice in one object.
    """
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_int=float,  # a number of any length is JSON; none is ever computed with
        )
        # Only a lone surrogate, which no UTF-8 can hold, survives parsing and fails here.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise UnreadableCredential("", "the body is not text in UTF-8") from None
    except RecursionError:
        raise UnreadableCredential("", "the body is nested too deeply") from None
    except ValueError as error:
        raise UnreadableCredential("", f"the body is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise UnreadableCredential("", "the body is not a JSON object")
    return value


def describe(document: dict[str, Json]) -> CredentialEntry:
    """Return what the store has to know of a credential.

    Raises:
        Unreadable: the credential or its issuer has no `id`.
    """
    credential_id, issuer = document.get("id"), document.get("issuer")
    issuer_id = issuer.get("id") if isinstance(issuer, dict) else issuer
    if not isinstance(credential_id, str) or not credential_id:
        raise UnreadableCredential("/id", "a credential needs an id, by which to find it again")
    if not isinstance(issuer_id, str) or not issuer_id:
        raise UnreadableCredential("/issuer", "the issuer needs an id")
    valid_from = _text(document.get("validFrom"))
    issued = instant(valid_from)
    return CredentialEntry(
        issuer_id=issuer_id,
        credential_id=credential_id,
        issuer_name=_text(_member(issuer, "name")),
        subject=_text(_member(document.get("credentialSubject"), "id")),
        name=_text(document.get("name")),
        valid_from=valid_from,
        issued=issued.timestamp() if issued else None,
    )


def instant(text: str) -> datetime | None:
    """Return the instant that an RFC 3339 date-time with its offset means, or None."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else None


def achievements(document: dict[str, Json]) -> list[ShownAchievement]:
    """Return the achievements of a credential, those of nested credentials included, in order."""
    return [_achievement(found, subject) for subject, found in _assertions(document)]


def _assertions(document: Json) -> Iterator[tuple[Json, Json]]:
    for subject in _list(_member(document, "credentialSubject")):
        for found in _list(_member(subject, "achievement")):
            yield subject, found
        for nested in _list(_member(subject, "verifiableCredential")):
            yield from _assertions(nested)


def _achievement(achievement: Json, subject: Json) -> ShownAchievement:
    described = {
        _text(_member(description, "id")): _text(_member(description, "name"))
        for description in _list(_member(achievement, "resultDescription"))
    }
    return ShownAchievement(
        name=_text(_member(achievement, "name")) or _text(_member(achievement, "id")),
        kind=_text(_member(achievement, "achievementType")),
        results=tuple(_result(one, described) for one in _list(_member(subject, "result"))),
    )


def _result(result: Json, described: dict[str, str]) -> str:
    label = described.get(_text(_member(result, "resultDescription")), "")
    members = ("value", "status", "achievedLevel")
    values = ", ".join(filter(None, (_text(_member(result, name)) for name in members)))
    return f"{label}: {values}" if label else values


def _member(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, dict) else None


def _list(value: Json) -> list[Json]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _text(value: Json) -> str:
    """Return a text; of a language map, its first."""
    if isinstance(value, dict):
        value = next(iter(value.values()), "")
    return value if isinstance(value, str) else ""


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = Counter(name for name, _ in pairs)
        raise ValueError(f"the name {names.most_common(1)[0][0]!r} occurs twice in one object")
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
