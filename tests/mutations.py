"""Broken variants of a JSON document, the same ones at every run.

Each mutant differs from the document in one place. The operations are those by which people and
programs get credentials wrong; none of them knows what a credential is.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from clrctl.finding import Json, pointer

Path = tuple[str | int, ...]
Container = Any
"""The dict or list that holds the value to change."""

Operation = Callable[[Container, Any, random.Random], bool]
"""Changes `container[key]` and says so, or leaves everything alone and returns False."""

OPERATIONS: dict[str, Operation] = {}

OTHER_VALUES: tuple[Json, ...] = ("plain words", "", 7, -1.5, True, [], {}, ["x"], {"id": "x:y"})
NEAR_MISSES = (
    "relative/path",
    "ext:my-own",
    "ext:-",
    "ext:a b",
    "note ext:a",
    "https://purl.imsglobal.org/spec/clr/v2p0/context.json",
    "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.10.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1-3.0.3.json",
    "OpenBadgeCredential",
    "ClrCredential",
    "Certificate",
    "isChildOf",
    "en-us",
    "2025-02-30T12:00:00Z",
    "2025-06-30",
)
ZONE = re.compile(r"(Z|[+-][0-9]{2}:[0-9]{2})$")


def mutants(document: Json, count: int, seed: int) -> Iterator[tuple[str, Json]]:
    """Yield `count` mutants of a document, each with what was done to it.

    Args:
        document: an object or a list; it is left as it is.
        count: how many to yield; some may be equal.
        seed: the same seed gives the same mutants.
    """
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    text = orjson.dumps(document)
    places = [path for path in walk(document) if path]
    names = sorted(OPERATIONS)
    while count:
        mutant = orjson.loads(text)
        path, name = rng.choice(places), rng.choice(names)
        if OPERATIONS[name](at(mutant, path[:-1]), path[-1], rng):
            count -= 1
            yield f"{name} {pointer(path)}", mutant


def walk(value: Json, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value in a document, the document itself first."""
    yield path
    if isinstance(value, dict):
        for name, member in value.items():
            yield from walk(member, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk(item, (*path, index))


def at(document: Json, path: Path) -> Any:
    """Return the value at a path."""
    for step in path:
        document = document[step]
    return document


def copied(document: Json) -> Json:
    """Return a deep copy in which no two places share a value."""
    return orjson.loads(orjson.dumps(document))


def changed(document: Json, path: Path, value: Json) -> Json:
    """Return the document with another value at a path."""
    result = copied(document)
    at(result, path[:-1])[path[-1]] = copied(value)
    return result


def without(document: Json, *path: str | int) -> Json:
    """Return the document without what is at a path."""
    result = copied(document)
    del at(result, path[:-1])[path[-1]]
    return result


def operation(function: Operation) -> Operation:
    """Add an operation to the table, under its own name."""
    OPERATIONS[function.__name__] = function
    return function


@operation
def remove(container: Container, key: Any, rng: random.Random) -> bool:
    del container[key]
    return True


@operation
def null(container: Container, key: Any, rng: random.Random) -> bool:
    container[key] = None
    return True


@operation
def retype(container: Container, key: Any, rng: random.Random) -> bool:
    container[key] = rng.choice(OTHER_VALUES)
    return True


@operation
def quote(container: Container, key: Any, rng: random.Random) -> bool:
    """Write a number or a boolean as text."""
    if not isinstance(container[key], bool | int | float):
        return False
    container[key] = orjson.dumps(container[key]).decode()
    return True


@operation
def empty(container: Container, key: Any, rng: random.Random) -> bool:
    if not isinstance(container[key], str | list | dict):
        return False
    container[key] = type(container[key])()
    return True


@operation
def wrap(container: Container, key: Any, rng: random.Random) -> bool:
    container[key] = [container[key]]
    return True


@operation
def unwrap(container: Container, key: Any, rng: random.Random) -> bool:
    """Let one item stand for its list."""
    if not isinstance(container[key], list) or not container[key]:
        return False
    container[key] = rng.choice(container[key])
    return True


@operation
def repeat(container: Container, key: Any, rng: random.Random) -> bool:
    if not isinstance(container, list):
        return False
    container.insert(key, container[key])
    return True


@operation
def swap(container: Container, key: Any, rng: random.Random) -> bool:
    if not isinstance(container, list) or key == 0:
        return False
    container[key - 1], container[key] = container[key], container[key - 1]
    return True


@operation
def misspell(container: Container, key: Any, rng: random.Random) -> bool:
    if not isinstance(container, dict):
        return False
    container[key[:-1] + key[-1] * 2] = container.pop(key)
    return True


@operation
def add(container: Container, key: Any, rng: random.Random) -> bool:
    """Add a member of one's own beside another."""
    if not isinstance(container, dict):
        return False
    container["note"] = rng.choice(OTHER_VALUES)
    return True


@operation
def translate(container: Container, key: Any, rng: random.Random) -> bool:
    """Turn text into a map of languages (JSON-LD 1.1, language maps)."""
    if not isinstance(container[key], str):
        return False
    container[key] = {"en": container[key]}
    return True


@operation
def drop_zone(container: Container, key: Any, rng: random.Random) -> bool:
    value = container[key]
    if not isinstance(value, str) or "T" not in value or not ZONE.search(value):
        return False
    container[key] = ZONE.sub("", value)
    return True


@operation
def replace_text(container: Container, key: Any, rng: random.Random) -> bool:
    """Put text that is almost right, though perhaps elsewhere."""
    if not isinstance(container[key], str):
        return False
    container[key] = rng.choice(NEAR_MISSES)
    return True


@operation
def keep_only(container: Container, key: Any, rng: random.Random) -> bool:
    """Strip an object of all members but one."""
    if not isinstance(container[key], dict) or not container[key]:
        return False
    kept = rng.choice(sorted(container[key]))
    container[key] = {kept: container[key][kept]}
    return True
