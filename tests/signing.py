"""Keys and documents to sign with in tests."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clrctl.proof.keys.public import Kind
from clrctl.proof.keys.secret import SecretKey

CASES = Path(__file__).parent / "data" / "cases" / "suites"
BADGE: dict[str, Any] = json.loads((CASES / "badge.json").read_text())


def key_of(kind: Kind = "Ed25519", number: int = 7) -> SecretKey:
    """Return a key that is the same in every run."""
    return SecretKey.of(kind, bytes([number]) * (48 if kind == "P-384" else 32))


def changes(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield copies of a document with one change each: a value altered, or a member left out."""

    def changed(edit: Any) -> Any:
        other = copy.deepcopy(value)
        place = other
        for step in path[:-1]:
            place = place[step]
        edit(place, path[-1])
        return other

    def alter(place: Any, step: Any) -> None:
        old = place[step]
        place[step] = old + ("x" if isinstance(old, str) else 1)

    def drop(place: Any, step: Any) -> None:
        del place[step]

    found = value
    for step in path:
        found = found[step]
    name = "/".join(map(str, path))
    if path:
        yield f"{name} left out", changed(drop)
    if isinstance(found, str | int | float):
        yield f"{name} altered", changed(alter)
        return
    for step in found if isinstance(found, dict) else range(len(found)):
        yield from changes(value, (*path, step))
