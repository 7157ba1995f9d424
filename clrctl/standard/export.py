"""The bundled schemas as files that stand alone, for editors and other validators.

Inside clrctl the schemas refer to each other and to rules of ours. Here each is gathered into
one document with everything it refers to, in the form that editors understand best; it accepts
and refuses the same. This module knows nothing of commands or of how schemas are applied.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path

import orjson

from clrctl.errors import InputError
from clrctl.finding import Json
from clrctl.standard import schemas
from clrctl.standard.schemas import SchemaEntry
from clrctl.util import atomic

ADDRESS = "https://schemas.clrctl.invalid/alone/"
"""Exported schemas have ids of their own, so that both kinds can be loaded side by side."""

_ANNOTATIONS = ("title", "description", "examples")
_BESIDE_REFERENCES = {"$ref", "$schema", "$id", *_ANNOTATIONS}
_DATA = ("const", "enum", "examples", "required")

Definition = tuple[str, str]
"""A definition by the file it stands in and its name there."""


def bundle(entry: SchemaEntry) -> dict[str, Json]:
    """Return a schema of the catalog with all it refers to, as one JSON Schema 2020-12."""
    names = _names(entry.file)
    return {
        **_Gathering(entry.file, names).schema(_without_definitions(entry.file)),
        "$id": f"{ADDRESS}{entry.file}",
        "$defs": {
            name: _Gathering(file, names).definition(own) for (file, own), name in names.items()
        },
    }


def text(entry: SchemaEntry) -> bytes:
    """Return a schema that stands alone as indented JSON with a final line feed."""
    return orjson.dumps(bundle(entry), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def export(folder: Path) -> Iterator[tuple[SchemaEntry, Path]]:
    """Write every schema of the catalog to `<folder>/<id>.json`, and yield what was written.

    Raises:
        InputError: a file cannot be written, or is there already and not an exported schema.
    """
    for entry in schemas.entries():
        path = folder.joinpath(*entry.file.split("/"))
        words = atomic.Words("cannot write the schema")
        with atomic.told(path, words):
            if path.exists() and ADDRESS.encode() not in path.read_bytes():
                raise InputError(
                    "there is another file in the way",
                    where=str(path),
                    fix="name a folder of its own for the schemas",
                )
            path.parent.mkdir(parents=True, exist_ok=True)
        atomic.replace(path, text(entry), words=words)
        yield entry, path


def _names(file: str) -> dict[Definition, str]:
    """Return every definition that a file leads to, with a name that is its own among them."""
    found: dict[Definition, str] = {}
    waiting = list(_references(_without_definitions(file), file))
    while waiting:
        definition = waiting.pop(0)
        if definition in found:
            continue
        home, own = definition
        taken = own in found.values()
        found[definition] = f"{home.partition('/')[0]}-{own}" if taken else own
        waiting.extend(_references(schemas.schema(home)["$defs"][own], home))
    return found


def _without_definitions(file: str) -> dict[str, Json]:
    return {key: value for key, value in schemas.schema(file).items() if key != "$defs"}


def _references(schema: Json, file: str) -> Iterator[Definition]:
    """Yield the definitions that a schema of a file refers to."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield _definition(schema["$ref"], file)
        for value in schema.values():
            yield from _references(value, file)
    elif isinstance(schema, list):
        for value in schema:
            yield from _references(value, file)


def _definition(reference: str, file: str) -> Definition:
    place, _, fragment = reference.partition("#")
    home = posixpath.normpath(posixpath.join(posixpath.dirname(file), place)) if place else file
    return home, fragment.removeprefix("/$defs/")


class _Gathering:
    """Brings the schemas of one file into the bundle."""

    def __init__(self, file: str, names: dict[Definition, str]) -> None:
        self._file = file
        self._names = names

    def definition(self, name: str) -> Json:
        """Return a definition without its annotations: editors prefer them to a member's own."""
        made = self.schema(schemas.schema(self._file)["$defs"][name])
        return {key: value for key, value in made.items() if key not in _ANNOTATIONS}

    def schema(self, schema: Json) -> Json:
        """Return a schema with its references led to the definitions of the bundle."""
        if isinstance(schema, list):
            return [self.schema(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        made: dict[str, Json] = {}
        for keyword, value in schema.items():
            if keyword == "$ref":
                made[keyword] = f"#/$defs/{self._names[_definition(value, self._file)]}"
            elif keyword == "x-pattern":
                made["patternErrorMessage"] = f"This is not {value}."
            elif keyword == "properties":
                made[keyword] = {name: self._described(part) for name, part in value.items()}
            elif keyword == "items":
                made[keyword] = self._described(value)
            elif keyword != "x-rule":
                made[keyword] = value if keyword in _DATA else self.schema(value)
        return _apart(_without_conditions(made))

    def _described(self, schema: Json) -> Json:
        """Return the schema of a member or item, with the annotations of what it refers to."""
        made = self.schema(schema)
        if isinstance(schema, dict) and "$ref" in made:
            file, name = _definition(schema["$ref"], self._file)
            target = schemas.schema(file)["$defs"][name]
            return {**{key: target[key] for key in _ANNOTATIONS if key in target}, **made}
        return made


def _without_conditions(schema: dict[str, Json]) -> dict[str, Json]:
    """Write two conditions so that editors can complete them; what they accept is the same.

    `if A then B else A` is `A and B`. A vocabulary that can be extended is either one of its
    values or something of one's own.
    """
    test, then, other = (schema.get(keyword) for keyword in ("if", "then", "else"))
    rest = {key: value for key, value in schema.items() if key not in ("if", "then", "else")}
    if test and test == other and test.keys() == {"required"}:
        return {**rest, **test, "allOf": [*schema.get("allOf", ()), then]}
    if test and other and test.keys() == {"pattern"} and other.keys() == {"enum"}:
        return {**rest, "anyOf": [other, then]}
    return schema


def _apart(schema: dict[str, Json]) -> dict[str, Json]:
    """Put a reference that has keywords beside it into `allOf`: many editors see only one."""
    if "$ref" not in schema or schema.keys() <= _BESIDE_REFERENCES:
        return schema
    rest = {key: value for key, value in schema.items() if key != "$ref"}
    return {**rest, "allOf": [{"$ref": schema["$ref"]}, *schema.get("allOf", ())]}
