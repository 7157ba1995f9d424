"""Schema errors in words: what is wrong, and what to type instead.

Takes the errors of the explaining validator (jsonschema) and returns findings. Values are shown
only where they come from a vocabulary or are dates; names and addresses of people never are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from clrctl import catalog, tree
from clrctl.finding import Finding, Json, Severity, pointer
from clrctl.tree import Path
from clrctl.words import count, nearest

_KINDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
_FORMATS = {
    "uri": (
        "this is not an absolute URI",
        "write it whole, such as https://example.edu/x or urn:uuid:...",
    ),
    "date-time": (
        "this is not a date and time with a zone",
        "write it like 2025-06-30T12:00:00Z",
    ),
    "date": ("this is not a date", "write it like 2007-03-14"),
    "email": ("this is not an e-mail address", "write it like registrar@example.edu"),
}

Words = tuple[str, str]
"""Message and fix."""


def kind(value: Json) -> str:
    """Return what a JSON value is, in words."""
    if value is None:
        return "null"
    names = {str: "string", bool: "boolean", int: "number", float: "number", list: "array"}
    return _KINDS[names.get(type(value), "object")]


def findings(error: Any) -> Iterator[Finding]:
    """Yield a jsonschema error as findings, each at the place of its mistake."""
    path: Path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        for name in error.instance:
            if name not in known:
                yield _finding(error, (*path, name), _additional(name, known), at_key=True)
    else:
        yield _finding(error, path, _WORDS.get(error.validator, _any_keyword)(error))


def _finding(error: Any, path: Path, words: Words, *, at_key: bool = False) -> Finding:
    own = error.schema.get("x-rule", {}).get(error.validator)
    return Finding(
        code=own or f"schema/{error.validator}",
        severity=Severity.ERROR,
        pointer=pointer(path),
        message=words[0],
        fix=words[1],
        at_key=at_key,
    )


def _required(error: Any) -> Words:
    name = next(name for name in error.validator_value if error.message.startswith(repr(name)))
    similar = nearest(name, error.instance)
    if similar and similar not in error.schema.get("properties", {}):
        return f'"{name}" is missing', f'is "{similar}" a misspelling of it?'
    return f'"{name}" is missing', f'add "{name}"' + _about(error.schema, name)


def _about(schema: Json, name: str) -> str:
    description = tree.description(schema, name)
    return f": {description[:1].lower()}{description[1:]}".rstrip(".") if description else ""


def _type(error: Any) -> Words:
    wanted = error.validator_value
    wanted = wanted if isinstance(wanted, list) else [wanted]
    expected = " or ".join(_KINDS[name] for name in wanted)
    return f"{expected} expected, found {kind(error.instance)}", _type_fix(error.instance, wanted)


def _type_fix(value: Json, wanted: list[str]) -> str:
    if value is None:
        return "leave the member out when there is no value"
    if "array" in wanted:
        return "put it in brackets: [ ... ]"
    if wanted == ["string"] and isinstance(value, int | float) and not isinstance(value, bool):
        return "put it in quotes"
    if wanted == ["string"] and isinstance(value, dict):
        return "write the text alone; strict serialization has no language maps"
    if wanted == ["string"] and isinstance(value, list) and len(value) == 1:
        return "take the brackets away"
    if "number" in wanted and isinstance(value, str):
        return "write the number without quotes"
    if "boolean" in wanted and isinstance(value, str):
        return "write true or false without quotes"
    if wanted == ["object"] and isinstance(value, str):
        return 'write an object: { "id": ..., "type": ... }'
    return ""


def _enum(error: Any) -> Words:
    known = error.validator_value
    hint = nearest(str(error.instance), known)
    fix = f'did you mean "{hint}"?' if hint else "use one of: " + ", ".join(known)
    return f"{_shown(error.instance)} is not one of the {len(known)} values allowed here", fix


def _const(error: Any) -> Words:
    return (
        f"{_shown(error.instance)} found where only {_shown(error.validator_value)} may stand",
        f"write {_shown(error.validator_value)}",
    )


def _contains(error: Any) -> Words:
    wanted = error.validator_value.get("const") or " or ".join(
        error.validator_value.get("enum", ())
    )
    hint = nearest(str(wanted), [str(item) for item in error.instance])
    fix = f'add "{wanted}" to it' + (f'; "{hint}" looks like a misspelling of it' if hint else "")
    return f"the list lacks {wanted}", fix


def _format(error: Any) -> Words:
    message, fix = _FORMATS[error.validator_value]
    if error.validator_value.startswith("date"):
        message = f"{_shown(error.instance)}: {message}"
    return message, fix


def _pattern(error: Any) -> Words:
    described = error.schema.get("x-pattern") or f"the pattern {error.validator_value}"
    return f"{_shown(error.instance)} is not {described}", f"write {described}"


def _additional(name: str, known: Iterable[str]) -> Words:
    hint = nearest(name, known)
    fix = f'did you mean "{hint}"?' if hint else "only these may stand here: " + ", ".join(known)
    return f'"{name}" is not a member of this class, which is closed', fix


def _min_items(error: Any) -> Words:
    least, has = error.validator_value, len(error.instance)
    if has == 0:
        optional = "minItems" in error.schema.get("x-rule", {})
        return "the list is empty", "leave the member out" if optional else "it needs a value"
    return f"the list has {count(has, 'item')}, at least {least} are needed", ""


def _unique(error: Any) -> Words:
    return "the list holds something twice", "remove the repetition"


def _range(error: Any) -> Words:
    side = "less" if error.validator == "minimum" else "more"
    return f"the number is {side} than {error.validator_value}", "were two numbers swapped?"


def _any_keyword(error: Any) -> Words:
    return f"the value breaks the schema's {error.validator}", ""


def _shown(value: Json) -> str:
    if isinstance(value, str):
        return f'"{value[:60]}..."' if len(value) > 60 else f'"{value}"'  # noqa: PLR2004
    return kind(value)


_WORDS: dict[str, Callable[[Any], Words]] = {
    "required": _required,
    "type": _type,
    "enum": _enum,
    "const": _const,
    "contains": _contains,
    "format": _format,
    "pattern": _pattern,
    "minItems": _min_items,
    "uniqueItems": _unique,
    "minimum": _range,
    "maximum": _range,
}


def refused(error: Any) -> Finding:
    """Return the fast validator's own error: the last resort when the two ever disagree."""
    return Finding(
        code="schema/refused",
        severity=Severity.ERROR,
        pointer=pointer(tuple(error.instance_path)),
        message="the value breaks the schema",
        fix=f"see {'/'.join(map(str, error.schema_path))} in `{catalog.DEFAULT_SCHEMA}`",
    )
