"""Schema errors in words: what is wrong, and what to type instead.

Takes the errors of the explaining validator (jsonschema) and returns findings. Values are shown
only where they come from a vocabulary or are dates of the credential; names, addresses and
birthdays of people never are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from clrctl.checking import advice
from clrctl.checking.advice import Words
from clrctl.document import is_jws, types_of
from clrctl.finding import Finding, Json, Severity, pointer
from clrctl.standard import Path
from clrctl.standard import classes as tree
from clrctl.standard import schemas as catalog
from clrctl.util import meant, nearest, nearest_class, quoted

_KINDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}
_SHOWN = 60


def kind(value: Json) -> str:
    """Return what a JSON value is, in words."""
    if value is None:
        return "null"
    names = {str: "string", bool: "boolean", int: "number", float: "number", list: "array"}
    return _KINDS[names.get(type(value), "object")]


def findings(error: Any) -> Iterator[Finding]:
    """Yield a jsonschema error as findings, each at the place of its mistake.

    Of a misspelt member that is required, only the misspelling is told: where a class is closed,
    as the member that does not belong there, elsewhere as the one that is missing.
    """
    path: Path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        for name in error.instance:
            if name not in error.schema.get("properties", {}):
                words = _additional(name, error.schema, error.instance)
                yield _finding(error, (*path, name), words, at_key=True)
    elif error.validator == "required":
        yield from _required(error, path)
    else:
        words = _WORDS.get(error.validator, _any_keyword)(error)
        yield _finding(error, path, words)


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


def _required(error: Any, path: Path) -> Iterator[Finding]:
    name = next(name for name in error.validator_value if error.message.startswith(repr(name)))
    message = f'"{name}" is missing'
    misspelt = _misspelling(name, error)
    if not error.instance:
        # One word for all that is missing: findings of the same words are told once.
        fix = f"it needs {quoted(error.validator_value)}"
        yield _finding(error, path, ("the object is empty", fix))
    elif not misspelt:
        yield _finding(error, path, (message, f'add "{name}"{_about(error, name)}'))
    elif error.schema.get("additionalProperties") is not False:
        fix = f'is it what "{misspelt}" stands for?'
        yield _finding(error, (*path, misspelt), (message, fix), at_key=True)


def _misspelling(name: str, error: Any) -> str:
    """Return the unknown member that stands for a missing one, if any."""
    known = {name, *error.schema.get("properties", {})}
    strange = [given for given in error.instance if given not in known]
    absent = known - error.instance.keys()
    return next((given for given in strange if meant(given, absent) == name), "")


def _about(error: Any, name: str) -> str:
    classes = catalog.schema(tree.CLASSES)["$defs"]
    around = [tree.NESTED_CLASSES.get(each) for each in types_of(error.instance)]
    schemas = [
        error.schema,
        *(classes[cls] for cls in around if cls),
        *([classes["Profile"]] if _member(error) == "issuer" else []),
    ]
    text = next(filter(None, (tree.description(schema, name) for schema in schemas)), "")
    (first, *_) = re.split(r"[.;]( |$)", text)
    return f" ({first[:1].lower()}{first[1:]})" if first else ""


def _type(error: Any) -> Words:
    wanted = error.validator_value
    wanted = wanted if isinstance(wanted, list) else [wanted]
    expected = " or ".join(_KINDS[name] for name in wanted)
    found = "a signed token" if is_jws(error.instance) else kind(error.instance)
    fix = advice.for_kind(error.instance, wanted, error.schema, _member(error))
    return f"{expected} expected, found {found}", fix


def _member(error: Any) -> str | int:
    """Return the last step to the value: the name of its member, or its place in a list."""
    path: Path = tuple(error.absolute_path)
    return path[-1] if path else ""


def _enum(error: Any) -> Words:
    # A number may be listed as number and as text, as YAML may have it.
    known = list(dict.fromkeys(map(str, error.validator_value)))
    message = f'{_shown(error.instance)} is not a value of "{_member(error)}"'
    if hint := nearest(str(error.instance), known):
        return message, f'did you mean "{hint}"?'
    # An extensible vocabulary is the schema's answer to values without `ext:`.
    extensible = "else" in list(error.absolute_schema_path)[-2:]
    return message, advice.for_vocabulary(str(error.instance), known, open_to_own=extensible)


def _const(error: Any) -> Words:
    wanted = error.validator_value
    message = f"{_shown(error.instance)} found where only {_shown(wanted)} is allowed"
    kinds = catalog.schema(tree.CLASSES)["$defs"]["AssociationType"]["enum"]
    if wanted == "Association" and error.instance in kinds:
        return message, f'write "Association" here and "{error.instance}" in "associationType"'
    return message, f"write {_shown(wanted)}"


def _contains(error: Any) -> Words:
    wanted = error.validator_value.get("const") or error.validator_value["enum"][0]
    given = [item for item in error.instance if isinstance(item, str)]
    if hint := next((item for item in given if nearest_class(item, [wanted])), ""):
        return f'the list lacks "{wanted}"', f'write it instead of "{hint}"'
    return f'the list lacks "{wanted}"', f'add "{wanted}" to it'


def _format(error: Any) -> Words:
    name, text = error.validator_value, error.instance
    if name == "uri":
        return advice.for_uri(text, _member(error))
    if name == "date-time":
        return advice.for_date_time(text)
    if name == "date":
        return "this is not a date", "write year, month and day like 2007-03-14"
    return "this is not an e-mail address", "write it like registrar@example.edu"


def _pattern(error: Any) -> Words:
    described = error.schema.get("x-pattern", "of the right form")
    title = error.schema.get("title", "")
    if title == "Date and time":
        return advice.for_date_time(error.instance)
    if title == "Language code":
        hint = advice.language(error.instance)
        good = re.search(error.validator_value, hint)
        fix = f'did you mean "{hint}"?' if good else f"write {described}"
        return f"{_shown(error.instance)} is not a language code", fix
    if title == "Compact JWS":
        return "this is not a signed token (compact JWS)", f"write {described}"
    return f"{_shown(error.instance)} is not {described}", f"write {described}"


def _additional(name: str, schema: Json, instance: dict[str, Json]) -> Words:
    known = schema.get("properties", {})
    message = f'"{name}" is not a member of {schema.get("title", "this class")}'
    if hint := meant(name, known.keys() - instance.keys()):
        return message, f'did you mean "{hint}"?'
    return message, f"remove it; there are only {quoted(known)}"


def _min_items(error: Any) -> Words:
    if not error.instance:
        optional = "minItems" in error.schema.get("x-rule", {})
        return "the list is empty", "leave the member out" if optional else "put in at least one"
    return f"the list has to hold at least {error.validator_value}", "add what is missing"


def _unique(_: Any) -> Words:
    return "the list holds something twice", "remove the repetition"


def _range(error: Any) -> Words:
    side = "less" if error.validator == "minimum" else "more"
    return f"the number is {side} than {error.validator_value}", "were two numbers swapped?"


def _any_keyword(error: Any) -> Words:
    return "the value breaks the schema", f"see {error.validator} in `{catalog.DEFAULT_SCHEMA}`"


def _shown(value: Json) -> str:
    if isinstance(value, str):
        return f'"{value[:_SHOWN]}..."' if len(value) > _SHOWN else f'"{value}"'
    return kind(value)


_WORDS: dict[str, Callable[[Any], Words]] = {
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
