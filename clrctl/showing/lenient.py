"""Looking into JSON of any shape: what is not there, or is something else, is nothing."""

from __future__ import annotations

from clrctl.finding import Json


def text(holder: Json, *names: str) -> str:
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


def texts(holder: Json, name: str) -> tuple[str, ...]:
    """Return the texts of a set."""
    return tuple(value for value in entries(holder, name) if isinstance(value, str))
