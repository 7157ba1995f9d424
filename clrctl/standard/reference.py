"""The bundled schemas as pages to read: every key that a document can have, and what it says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from clrctl.finding import Json
from clrctl.standard import export
from clrctl.standard.schemas import SchemaEntry

_MOST_VALUES = 40
_GROUP = re.compile(r"\([^()]*\)")


class Key(NamedTuple):
    """A key of a document.

    Attributes:
        path: the keys that lead to it, with points between them; `NAME` stands for a key of one's
            own, `[]` for the items of a list.
        says: what it says.
        values: what it can be, where that is one of a few.
        needed: whether it has to be there.
    """

    path: str
    says: str
    values: tuple[str, ...] = ()
    needed: bool = False


def keys(entry: SchemaEntry) -> Iterator[Key]:
    """Yield every key of the documents of a schema; what two places share is told at the first."""
    bundle = export.bundle(entry)
    seen: set[str] = set()
    for key in _Walk(bundle["$defs"]).keys(bundle, ""):
        if key.path not in seen:
            seen.add(key.path)
            yield key


def markdown(entry: SchemaEntry) -> str:
    """Return all keys as Markdown: a table of those at the top, and one for each with more."""
    bundle = export.bundle(entry)
    found = list(keys(entry))
    lines = [f"# {entry.title}", "", str(bundle.get("description", "")), ""]
    lines += _table(key for key in found if _top(key.path) == key.path)
    for top in [key.path for key in found if _top(key.path) == key.path]:
        inner = [key for key in found if _top(key.path) == top != key.path]
        if inner:
            lines += ["", f"## `{top}`", "", *_table(inner)]
    return "\n".join(lines) + "\n"


def _top(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _table(some: Iterable[Key]) -> Iterator[str]:
    yield "| key | what it says |"
    yield "|---|---|"
    for key in some:
        shown = dict.fromkeys(value.replace("\t", "\\t") for value in key.values[:_MOST_VALUES])
        values = ", ".join(f"`{value}`" for value in shown)
        more = ", …" if len(key.values) > _MOST_VALUES else ""
        says = key.says + (f" One of {values}{more}." if values else "")
        cell = f"{'**Needed.** ' if key.needed else ''}{says}".replace("|", "\\|")
        yield f"| `{key.path}` | {cell} |"


class _Walk:
    """A walk through a schema that stands alone."""

    def __init__(self, definitions: dict[str, Json]) -> None:
        self._definitions = definitions
        self._shown: dict[str, str] = {}

    def keys(self, schema: Json, path: str) -> Iterator[Key]:
        """Yield the keys below a place."""
        for name, part in self._parts(schema):
            if name and self._shown.setdefault(name, path) != path:
                continue
            required = part.get("required", ())
            for key, inner in part.get("properties", {}).items():
                yield from self._key(inner, _under(path, key), needed=key in required)
            for pattern, inner in part.get("patternProperties", {}).items():
                yield from self._key(inner, _under(path, _GROUP.sub("FIELD", pattern).strip("^$")))
            for keyword, step in (("additionalProperties", ".NAME"), ("items", "[]")):
                if isinstance(inner := part.get(keyword), dict):
                    yield from self.keys(inner, f"{path}{step}".lstrip("."))

    def _key(self, schema: Json, path: str, *, needed: bool = False) -> Iterator[Key]:
        parts = list(self._parts(schema))
        said = [part["description"] for _, part in parts if "description" in part]
        values = [str(one) for _, part in parts for one in part.get("enum", ())]
        names = (name for name, part in parts if "properties" in part)
        first = next((self._shown[name] for name in names if name in self._shown), "")
        again = f" Keys as in `{first}`." if first and first != path else ""
        says = str(said[0]) if said else ""
        yield Key(path, says + again, tuple(dict.fromkeys(values)), needed)
        yield from self.keys(schema, path)

    def _parts(self, schema: Json) -> Iterator[tuple[str, dict[str, Json]]]:
        """Yield a schema and all it is put together from, each with the name of its definition."""
        waiting: list[tuple[str, Json]] = [("", schema)]
        seen: set[str] = set()
        while waiting:
            name, part = waiting.pop(0)
            if not isinstance(part, dict) or (name and name in seen):
                continue
            seen.add(name)
            yield name, part
            if "$ref" in part:
                target = str(part["$ref"]).removeprefix("#/$defs/")
                waiting.append((target, self._definitions.get(target)))
            for keyword in ("allOf", "anyOf", "oneOf"):
                waiting += [("", one) for one in part.get(keyword, ())]
            waiting += [("", part[keyword]) for keyword in ("then", "else") if keyword in part]


def _under(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
