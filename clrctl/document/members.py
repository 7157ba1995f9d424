"""Looking into JSON of any shape: what is not there, or is something else, is nothing."""

from __future__ import annotations

from typing import TypeAlias
from urllib.parse import unquote

from clrctl.finding import Json


def first_text(holder: Json, *names: str) -> str:
    """Return the first of some members that says something, as text; numbers as written."""
    for name in names:
        value = holder.get(name) if isinstance(holder, dict) else None
        if isinstance(value, dict):
            # A text with its language (JSON-LD value object).
            value = value.get("@value")
        if isinstance(value, bool):
            continue
        if isinstance(value, str | int | float) and str(value).strip():
            return str(value)
    return ""


def entries(holder: Json, name: str) -> list[Json]:
    """Return the values of a set: those of a list, or the one there is."""
    value = holder.get(name) if isinstance(holder, dict) else None
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def objects(holder: Json, name: str) -> list[dict[str, Json]]:
    """Return the objects of a set."""
    return [value for value in entries(holder, name) if isinstance(value, dict)]


def one(holder: Json, name: str) -> dict[str, Json]:
    """Return the first object of a set, or an empty one."""
    return next(iter(objects(holder, name)), {})


def texts_of(holder: Json, name: str) -> tuple[str, ...]:
    """Return the texts of a set."""
    return tuple(value for value in entries(holder, name) if isinstance(value, str))


def types_of(data: Json) -> tuple[str, ...]:
    """Return the values of a JSON-LD node's `type`, a lone one or several."""
    declared = data.get("type") if isinstance(data, dict) else None
    if isinstance(declared, str):
        return (declared,)
    if isinstance(declared, list):
        return tuple(value for value in declared if isinstance(value, str))
    return ()


def identity(data: Json) -> Key:
    """Return issuer id and credential id as the standard compares them.

    Percent-decoded and trimmed (Open Badges 3.0, equality and comparison); empty where missing.
    """
    if not isinstance(data, dict):
        return "", ""
    issuer = data.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    return _canonical(issuer), _canonical(data.get("id"))


def _canonical(value: Json) -> str:
    return unquote(value).strip() if isinstance(value, str) else ""


Key: TypeAlias = tuple[str, str]
"""What makes two credentials the same one: issuer id and credential id."""


def issuer_of(credential: dict[str, Json]) -> str:
    """Return the id of a credential's issuer; empty without one."""
    issuer = credential.get("issuer")
    found = issuer.get("id") if isinstance(issuer, dict) else issuer
    return found if isinstance(found, str) else ""


def id_of(value: Json) -> str:
    """Return the id of a node that is given whole or by its id alone; empty without any."""
    return text_of(value.get("id")) if isinstance(value, dict) else text_of(value)


def each(value: Json) -> list[Json]:
    """Return the values of a set: a lone one counts as a set of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text_of(value: Json) -> str:
    """Return a value if it is text_of, else an empty text_of."""
    return value if isinstance(value, str) else ""
