"""What to type instead: advice on single values, as near to the intended one as can be told.

Each function looks at one value and at what its place asks for. It knows no schema errors and no
documents, and repeats no value that may be personal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from clrctl.document import is_jws as is_token
from clrctl.finding import Json
from clrctl.standard import schemas
from clrctl.util import quoted

Words = tuple[str, str]
"""Message and fix."""


_URI_LIKE = "write it whole, such as https://example.edu/x or urn:uuid:..."


def for_kind(value: Json, wanted: Sequence[str], schema: Json, member: str | int) -> str:
    """Advise on a value of the wrong kind.

    Args:
        value: what was found.
        wanted: the types of JSON Schema that may stand here.
        schema: what is said of the place.
        member: the name of the member, or the place in its list.
    """
    if value is None:
        return "leave the member out when there is no value"
    if "array" in wanted and not (isinstance(value, str) and _holds_objects(schema, wanted)):
        return _as_list(value, schema, member)
    if isinstance(value, list):
        return _out_of_list(value, member)
    if wanted == ["string"]:
        return _as_text(value, schema, member)
    if "object" in wanted:
        return _as_object(value, schema)
    if "number" in wanted:
        return _as_number(value)
    return _as_boolean(value)


def _holds_objects(schema: Json, wanted: Sequence[str]) -> bool:
    """Return whether a list is one of objects, so that text has no place in it."""
    target = schema.get("items", {}).get("$ref", "").rpartition("/")[2]
    held = schemas.schema("clr/classes.json")["$defs"].get(target, {})
    return "object" in wanted or target == "NestedCredential" or held.get("type") == "object"


def _as_list(value: Json, schema: Json, member: str | int) -> str:
    (example, *_) = schema.get("examples", [[]])
    if member == "type" and value in example:
        return f"write {json.dumps(example)}"
    return "put it in brackets: [ ... ]"


_ONE_ONLY = {
    "achievement": "make one credential of each achievement",
    "credentialSubject": "make one credential for each subject",
}


def _out_of_list(value: list[Json], member: str | int) -> str:
    if len(value) == 1:
        return "take the brackets away"
    return _ONE_ONLY.get(str(member), "only one is allowed here")


def _as_text(value: Json, schema: Json, member: str | int) -> str:
    if isinstance(value, dict):
        return "write the text alone; strict serialization has no language maps"
    if schema.get("format") == "date-time":
        return "write it like 2025-06-30T12:00:00Z"
    if member == "id":
        return _URI_LIKE
    return "put it in quotes"


def _as_object(value: Json, schema: Json) -> str:
    if schema.get("title") == "EndorsementCredential" and is_token(value):
        return 'signed tokens go into "endorsementJwt"'
    if schema.get("title", "").endswith("Credential"):
        return "put the whole credential here"
    properties = schema.get("properties", {})
    address = isinstance(value, str) and value.startswith(("https://", "http://"))
    likely = "id" if address else "narrative"
    names = schema.get("required") or [name for name in (likely,) if name in properties]
    return f"write an object with {quoted(names)}" if names else "write an object: { ... }"


def _as_number(value: Json) -> str:
    number = value.replace(",", ".") if isinstance(value, str) else ""
    if re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", number):
        return f"write {number} without quotes"
    return "write it in digits, without quotes"


def _as_boolean(value: Json) -> str:
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return f"write {value.lower()} without quotes"
    return "write true or false without quotes"


_FAR = re.compile(r"[+-](?:14:?(?!00)[0-9]{2}|1[5-9]:?[0-9]{2}|2[0-9]:?[0-9]{2})")
_DATE = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ](?P<time>[0-9]{2}:[0-9]{2}(?P<seconds>:[0-9]{2}(?:[.,][0-9]+)?)?))?"
    r" ?(?P<zone>[Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)


def for_date_time(text: str) -> Words:
    """Advise on text that is not a date and time with a zone (RFC 3339)."""
    shown = f'"{text[:40]}"'
    parts = _DATE.fullmatch(text)
    repaired = _repaired(parts) if parts else ""
    if parts is not None and (parts["seconds"] or "").startswith(":60"):
        return (
            f"{shown} is a leap second, which a dateTimeStamp cannot be",
            f"write {repaired.replace(':60', ':59', 1)}",
        )
    if parts is not None and _FAR.fullmatch(parts["zone"] or ""):
        return f"{shown} has a zone of more than 14 hours", "check the offset"
    if parts is None:
        return f"{shown} is not a date and time with a zone", "write it like 2025-06-30T12:00:00Z"
    if not schemas.format_validator("date-time").is_valid(repaired):
        return _impossible(shown, parts)
    if parts["time"] is None:
        return f"{shown} has no time and no zone", f"write {repaired}, or the exact time"
    if parts["zone"] is None:
        fix = f"write {repaired} if that is UTC, else the offset, such as -05:00, instead of Z"
        return f"{shown} has no zone", fix
    form = "dateTimeStamp" if schemas.format_validator("date-time").is_valid(text) else "RFC 3339"
    return f"{shown} is not written as {form} has it", f"write {repaired}"


def _impossible(shown: str, parts: re.Match[str]) -> Words:
    """Advise on what has the form of a moment, and is none."""
    if not schemas.format_validator("date").is_valid(parts["day"]):
        return f"{shown} is a day that the calendar does not have", "check the day"
    if re.match(r"24:00(?::00|$)", parts["time"] or ""):
        fix = "write 00:00:00 of the next day"
        return f"{shown} ends a day with 24:00, which RFC 3339 does not have", fix
    return f"{shown} is a time that no clock shows", "check the time and the offset"


def _repaired(parts: re.Match[str]) -> str:
    time = (parts["time"] or "00:00").replace(",", ".")
    zone = (parts["zone"] or "Z").upper()
    if zone != "Z":
        zone = f"{zone[:3]}:{zone[-2:]}"
    return f"{parts['day']}T{time}{'' if parts['seconds'] else ':00'}{zone}"


_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_URI_FAULTS = (
    (r"", "the URI is empty", _URI_LIKE),
    (_UUID.pattern, "this is a UUID, but not yet a URI", "put urn:uuid: before it"),
    (r"[A-Za-z]:\\.*", "this is the path of a file, not a URI", "publish it, and give its address"),
    (r"[a-z][a-z0-9+.-]*:.*\s.*", "there is a blank in the URI", "write the blank as %20"),
    (r"[^\s/:@]+@[^\s/:@]+\.[a-z]+",
     "this is an e-mail address, not a URI", "put mailto: before it"),
    (r"(www\.|[a-z0-9-]+(\.[a-z0-9-]+)*\.(edu|org|com|net)\b)\S*",
     "this is not a whole address", "put https:// before it"),
)  # fmt: skip


def for_uri(text: str, member: str | int) -> Words:
    """Advise on text that is not an absolute URI (RFC 3986)."""
    for pattern, message, fix in _URI_FAULTS:
        if re.fullmatch(pattern, text, re.DOTALL):
            return message, fix
    if member == "issuer":
        return "this names an issuer, but is no URI", 'write an object with "id", "type" and "name"'
    return "this is not an absolute URI", _URI_LIKE


_LANGUAGES = {
    "arabic": "ar",
    "chinese": "zh",
    "dutch": "nl",
    "english": "en",
    "french": "fr",
    "german": "de",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "portuguese": "pt",
    "russian": "ru",
    "spanish": "es",
}
_SUBTAG_LENGTHS = {4: str.title, 2: str.upper}


def language(text: str) -> str:
    """Return the code (BCP 47) that a name or a code in other letters stands for, or nothing."""
    if name := _LANGUAGES.get(text.lower()):
        return name
    primary, *rest = text.replace("_", "-").split("-")
    parts = [_SUBTAG_LENGTHS.get(len(part), str)(part) for part in rest]
    return "-".join([primary.lower(), *parts])


def for_vocabulary(value: str, known: Iterable[str], *, open_to_own: bool) -> str:
    """Advise on a value that is in no way like one of its vocabulary."""
    listed = "use one of: " + ", ".join(known)
    if open_to_own:
        own = re.sub(r"[^A-Za-z0-9._-]+", "-", value).strip("-") or "my-own"
        return f'{listed}; or one of your own: "ext:{own[:40]}"'
    return listed + ("; this list takes no ext: values" if value.startswith("ext:") else "")
