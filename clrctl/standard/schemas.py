"""The bundled JSON Schemas: which there are, which one a document is held to, and why.

This is the only home of the schema registries. They are closed: a reference to anything that is
not bundled is a fault of the package, and is never fetched.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from clrctl.document import types_of
from clrctl.finding import Json, pointer

DEFAULT_SCHEMA = "clr/clrcredential"
DEFAULT_TYPE = "ClrCredential"


@dataclass(frozen=True, slots=True)
class SchemaEntry:
    """One line of the catalog.

    Attributes:
        id: name on the command line and in reports, such as `clr/clrcredential`.
        file: its place in the folder of schemas.
        title: what it describes.
        types: values of `type` that choose it.
        ruleset: the ruleset it belongs to.
        section: the section of the standard, or the page, it was written from.
    """

    id: str
    file: str
    title: str
    types: tuple[str, ...]
    ruleset: str
    section: str


@functools.cache
def folder() -> Path:
    """Return the folder of the schemas: inside the package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    packaged = package / "_schemas"
    return packaged if packaged.is_dir() else package.parent / "schemas"


@functools.cache
def entries() -> tuple[SchemaEntry, ...]:
    """Return the catalog, in its own order."""
    return tuple(
        SchemaEntry(**{**entry, "types": tuple(entry["types"])})
        for entry in orjson.loads(folder().joinpath("catalog.json").read_bytes())
    )


@functools.cache
def schema(file: str) -> dict[str, Json]:
    """Return a schema by its place in the folder."""
    value = orjson.loads(folder().joinpath(*file.split("/")).read_bytes())
    assert isinstance(value, dict)  # noqa: S101 - a packaging fault, held by a test
    return value


@functools.cache
def schema_rules() -> dict[str, dict[str, str]]:
    """Return what the schemas ask beyond the published ones: code to title, why and source."""
    return {
        rule["code"]: rule for rule in orjson.loads(folder().joinpath("rules.json").read_bytes())
    }


def select(data: Json, ruleset: str = "standard") -> tuple[SchemaEntry, str]:
    """Return the schema that a document is held to under a ruleset, and why that one."""
    declared = types_of(data)
    candidates = [entry for entry in entries() if entry.ruleset == ruleset and entry.types]
    for entry in candidates:
        for name in entry.types:
            if name in declared:
                alone = "" if DEFAULT_TYPE in entry.types else "; this is not a CLR"
                return entry, f"type is {name}{alone}"
    likely, reason = _guess(data)
    chosen = next((entry for entry in candidates if likely in entry.types), candidates[0])
    return chosen, f"assumed: no known class in type, but {reason}"


def _guess(data: Json) -> tuple[str, str]:
    """Return the class that a document without a known `type` was most likely meant to be."""
    subject = data.get("credentialSubject") if isinstance(data, dict) else None
    held = subject if isinstance(subject, dict) else {}
    if "verifiableCredential" not in held and "ClrSubject" not in types_of(held):
        if "achievement" in held:
            return "AchievementCredential", "its subject has an achievement"
        if "AchievementSubject" in types_of(held):
            return "AchievementCredential", "its subject is an AchievementSubject"
    return DEFAULT_TYPE, "CLRs are what is expected here"


def all_files() -> Iterator[str]:
    """Yield the place of every schema in the folder."""
    for group in sorted(folder().iterdir(), key=lambda item: item.name):
        if group.is_dir():
            for item in sorted(group.iterdir(), key=lambda item: item.name):
                yield f"{group.name}/{item.name}"


@functools.cache
def _resources() -> tuple[tuple[str, dict[str, Json]], ...]:
    return tuple((loaded["$id"], loaded) for loaded in map(schema, all_files()))


@functools.cache
def fast_validator(file: str) -> Any:
    """Return the compiled validator (jsonschema-rs) that gives the verdict."""
    import jsonschema_rs

    return jsonschema_rs.validator_for(
        schema(file),
        registry=jsonschema_rs.Registry(list(_resources())),
        validate_formats=True,
        ignore_unknown_formats=False,
    )


@functools.cache
def format_validator(name: str) -> Any:
    """Return the one judge of a `format`, used for verdicts and for explanations alike."""
    import jsonschema_rs

    return jsonschema_rs.validator_for(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "format": name},
        validate_formats=True,
        ignore_unknown_formats=False,
    )


def foreign_problems(foreign: Json, data: Json) -> list[str]:
    """Return where data does not follow a schema that is not ours, as JSON Pointers.

    Raises:
        ValueError: it is no schema, or refers to another one: nothing is fetched.
    """
    import jsonschema_rs

    def refuse(uri: str) -> Json:
        raise ValueError(f"it refers to {uri}, which is not fetched")

    try:
        validator = jsonschema_rs.validator_for(foreign, retriever=refuse)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as problem:
        raise ValueError(str(getattr(problem, "message", problem)).partition("\n")[0]) from None
    return [pointer(tuple(error.instance_path)) for error in validator.iter_errors(data)]


@functools.cache
def explaining_validator(file: str) -> Any:
    """Return the validator (jsonschema) that tells what is wrong in a refused document."""
    import re

    import jsonschema
    import referencing

    def pattern(_: Any, regex: str, value: Json, __: Json) -> Iterator[Any]:
        # In Python, unlike in ECMA 262, `$` also matches before a final line feed.
        if isinstance(value, str) and not re.search(_ends_exactly(regex), value):
            yield jsonschema.ValidationError(f"does not match {regex}")

    checker = jsonschema.FormatChecker(formats=())
    for name in ("uri", "date-time", "date", "idn-email"):
        checker.checks(name)(functools.partial(_is_format, name))
    registry = referencing.Registry().with_resources(
        (uri, referencing.Resource.from_contents(loaded)) for uri, loaded in _resources()
    )
    extend: Any = jsonschema.validators.extend  # untyped
    return extend(jsonschema.Draft202012Validator, {"pattern": pattern})(
        schema(file), registry=registry, format_checker=checker
    )


def _is_format(name: str, value: object) -> bool:
    return bool(format_validator(name).is_valid(value))


def _ends_exactly(regex: str) -> str:
    return regex[:-1] + r"\Z" if regex.endswith("$") and not regex.endswith(r"\$") else regex
