"""What a document is when it is no credential: a token, a badge picture, a file of another kind.

Both looks are shallow and cheap: at the first bytes, and at the names on the outermost object.
Nothing is decoded here, and whether a credential is right is not asked.
"""

from __future__ import annotations

import codecs
import functools
import re
from collections.abc import Callable

from clrctl.checking.explain import kind
from clrctl.document import JWS, is_jws, types_of
from clrctl.finding import Finding, Json, Severity
from clrctl.standard import classes, schemas

Kind = tuple[str, str, str]
"""Code, message and fix."""

_EXPORT = "export the record as CLR 2.0"
_UPGRADE = "upgrade it: clrctl upgrade FILE"
_TAKE_OUT = (
    "clrctl show and clrctl verify read it as it is; clrctl wrap --jwt unwrap puts what it says "
    "into a CLR"
)
_JWT = "document/jwt", "this is a signed token (JWT); a credential is JSON", _TAKE_OUT
_NAME_ANOTHER = "name a file that holds a credential as JSON or YAML"
_ONE_EACH = "put one credential in a file, or one on each line of a .ndjson file"


def as_finding(found: Kind) -> Finding:
    """Return what was recognised as a finding on the whole document."""
    code, message, fix = found
    return Finding(code, Severity.ERROR, "", message, fix)


# What may stand before the first element. Possessive, or a crowd of comments could be divided
# among the repeats in more ways than there is time for.
_PROLOG = rb"(?>(?><\?xml.*?\?>)\s*)?+(?>(?><!--.*?-->|<!doctype svg.*?>)\s*)*+"

_FIRST_BYTES: tuple[tuple[re.Pattern[bytes], Kind], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), found)
    for pattern, found in (
        (
            rb"\x89PNG\r\n",
            (
                "document/image",
                "this is a PNG picture",
                "if a credential is baked into it, clrctl extract takes it out",
            ),
        ),
        (
            _PROLOG + rb"<svg\b",
            (
                "document/image",
                "this is an SVG picture",
                "if a credential is baked into it, clrctl extract takes it out",
            ),
        ),
        (
            rb"\xff\xd8\xff|GIF8",
            ("document/image", "this is a picture", _NAME_ANOTHER),
        ),
        (
            _PROLOG + rb"(<!doctype html|<html\b|<head\b|<body\b)",
            (
                "document/kind",
                "this is a web page, perhaps that of a login or an error",
                "download the credential again",
            ),
        ),
        (rb"<\?xml\b", ("document/kind", "this is XML; a credential is JSON", _EXPORT)),
        (
            rb"PK\x03\x04",
            (
                "document/kind",
                "this is a ZIP archive, or a file of Word or Excel",
                "unpack the credential; tables and rosters are for clrctl build",
            ),
        ),
        (rb"\x1f\x8b", ("document/kind", "this is compressed with gzip", "unpack it first")),
        (
            rb"%PDF-",
            ("document/kind", "this is a PDF; a credential is JSON", _EXPORT),
        ),
        (rb'"?' + JWS.pattern.encode() + rb'"?\s*\Z', _JWT),
    )
)


def of_bytes(raw: bytes) -> Kind | None:
    """Return what a file of other than JSON or YAML is, told by its first bytes, or None."""
    body = raw.removeprefix(codecs.BOM_UTF8).lstrip()
    return next((found for pattern, found in _FIRST_BYTES if pattern.match(body)), None)


_STATUS_LISTS = ("BitstringStatusListCredential", "StatusList2021Credential")


def of_data(data: Json) -> Kind | None:
    """Return what parsed data is when it is no credential, or None for what may be one."""
    if is_jws(data):
        return _JWT
    if isinstance(data, list) and len(data) == 1:
        held = "token" if is_jws(data[0]) else "value"
        message = f"this is a list of one {held}; a document is one credential"
        return "document/several", message, "take the brackets around it away: jq '.[0]' FILE"
    if isinstance(data, list):
        several = f"a list of {len(data):,} values" if data else "an empty list"
        return "document/several", f"this is {several}; a document is one credential", _ONE_EACH
    if not isinstance(data, dict):
        return "document/kind", f"a credential is an object; this is {kind(data)}", _NAME_ANOTHER
    if any(name in types_of(data) for name in _STATUS_LISTS):
        return (
            "document/kind",
            "this is a status list, not a credential of a learner",
            _NAME_ANOTHER,
        )
    if "credentialSubject" in data or _classes() & set(types_of(data)):
        return None
    looks: tuple[Callable[[dict[str, Json]], Kind | None], ...] = (_typed, _wrapped, _listed)
    return next(filter(None, (look(data) for look in looks)), None)


_OPEN_BADGES_2 = ("Assertion", "BadgeClass")
_CLR_1 = ("Clr", "ClrSet")


@functools.cache
def _classes() -> set[str]:
    """Return the values of `type` by which a document is known to be a credential."""
    return {name for entry in schemas.entries() for name in entry.types}


def _typed(data: dict[str, Json]) -> Kind | None:
    """Recognise an object by its `type` and `@context`."""
    declared = types_of(data)
    context = str(data.get("@context", ""))
    if "VerifiablePresentation" in declared:
        return (
            "document/presentation",
            "this is a presentation, which holds credentials",
            "take the credentials out of its verifiableCredential, one into each file",
        )
    if "EnvelopedVerifiableCredential" in declared:
        return "document/jwt", "this is an envelope around a signed token", _TAKE_OUT
    if any(name in declared for name in _OPEN_BADGES_2) or "openbadges/v2" in context:
        return "document/version", "this is of Open Badges 2.0", _UPGRADE
    if any(name in declared for name in _CLR_1) or "clr/v1p0" in context:
        return "document/version", "this is of CLR 1.0", _UPGRADE
    return _part(declared)


def _part(declared: tuple[str, ...]) -> Kind | None:
    """Recognise an object that has a place inside credentials only, such as an Achievement."""
    known = schemas.schema(classes.CLASSES)["$defs"].keys() - {"VerifiableCredential"}
    for name in declared:
        if name in known:
            return (
                "document/kind",
                f'this is of class "{name}", which stands inside credentials only',
                "put it into a credential",
            )
    return None


_LISTED: tuple[tuple[tuple[str, ...], Kind], ...] = (
    (
        ("credential", "compactJwsString"),
        (
            "document/several",
            "this is a server's answer with a list of credentials",
            "take each out of it; those in compactJwsString are signed tokens",
        ),
    ),
    (
        ("imsx_codeMajor", "imsx_StatusInfo"),
        (
            "document/kind",
            "this is a server's status message, not a credential",
            "read what it says, and fetch the credential again",
        ),
    ),
    (
        ("CFDocument", "CFDocuments", "CFItems", "CFPackages"),
        (
            "document/kind",
            "this is a framework of competencies (CASE), not a credential",
            "make achievements of its items: clrctl case achievements FILE --item CODE",
        ),
    ),
    (
        ("learner", "achievements", "assertions"),
        ("document/version", "this looks like CLR 1.0", _UPGRADE),
    ),
)
_SOURCES = ("recipe", "tables", "oneroster")
_ONE_ROSTER = ("orgs", "users", "classes", "courses", "enrollments", "results", "lineItems")


def _listed(data: dict[str, Json]) -> Kind | None:
    """Recognise a file by members that only one kind of file has."""
    for name in _SOURCES:
        if isinstance(data.get(name), int | str):
            return (
                "document/kind",
                "this is a source that records are built from, not a credential",
                "build them: clrctl build SOURCE -o OUT",
            )
    for names, found in _LISTED:
        if any(isinstance(data.get(name), list | dict | str) for name in names):
            return found
    for name in _ONE_ROSTER:
        rows = data.get(name)
        if isinstance(rows, list) and any(
            isinstance(row, dict) and "sourcedId" in row for row in rows
        ):
            return "document/kind", "this is OneRoster data, not a credential", _EXPORT
    return None


def _wrapped(data: dict[str, Json]) -> Kind | None:
    """Recognise a credential one level down, as in requests and answers of servers."""
    for name, value in data.items():
        if isinstance(value, dict) and "credentialSubject" in value:
            return (
                "document/several",
                f'the credential stands inside "{name}"',
                "take it out, so that it is the document itself",
            )
    return None
