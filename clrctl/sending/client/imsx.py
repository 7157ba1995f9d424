"""The error body of 1EdTech services, `imsx_StatusInfo`, in plain words.

The standard and the TimeBack endpoint spell it differently (`imsx_codeMinor`, `imsx_CodeMinor`);
gateways in front of a service answer something else altogether. All of it is read.
"""

from __future__ import annotations

import codecs

import orjson

from clrctl.finding import Json
from clrctl.http import Answer

_MINOR = {
    "invaliddata": "the data is not valid",
    "invalid_data": "the data is not valid",
    "invalid_query_parameter": "a query parameter is not valid",
    "unauthorisedrequest": "the token is missing, wrong or expired",
    "unauthorizedrequest": "the token is missing, wrong or expired",
    "forbidden": "the token does not allow this",
    "unknownobject": "there is no such object",
    "not_found": "there is no such object",
    "not_allowed": "this is not allowed here",
    "not_acceptable": "the server cannot answer in the form asked for",
    "not_modified": "nothing was changed",
    "server_busy": "the server is busy",
    "internal_server_error": "the server failed",
    "misdirected_request": "the request went to the wrong server",
}
_TEXTS = ("imsx_description", "message", "error_description", "detail", "title", "error")
_WRAPPERS = ("imsx_statusinfo", "error")
_PAGE = "a page of HTML, as gateways and proxies send"
LONGEST = 600


def is_failure(body: Json) -> bool:
    """Return whether a JSON value is a status that says that the request failed."""
    return _bare(body).get("imsx_codeMajor") in ("failure", "unsupported")


def is_page(answer: Answer) -> bool:
    """Return whether an answer is a page of HTML: a gateway said it, and not the service."""
    return _is_markup(answer.body)


def code(answer: Answer) -> str:
    """Return the error code of OAuth 2.0 in an answer (RFC 6749 section 5.2), or an empty text."""
    found = _json(answer.body)
    error = found.get("error") if isinstance(found, dict) else None
    return error if isinstance(error, str) else ""


def told(answer: Answer) -> str:
    """Return an answer in one line: its status, and what its body says."""
    return f"HTTP {answer.status} {answer.flaw or explain(answer.body)}".rstrip()


def explain(raw: bytes) -> str:
    """Return what an error body says, in one line; empty when it says nothing readable.

    Args:
        raw: the body as received: StatusInfo in either spelling, other JSON, text or HTML.
    """
    found = _json(raw)
    if found is None:
        return _first_words(raw)
    body = _bare(found)
    minor = [_MINOR.get(code, code) for code in _minor_codes(body)]
    own = [body.get(name) for name in _TEXTS]
    described = next((text for text in own if isinstance(text, str) and text), "")
    parts = [*dict.fromkeys(minor), described, *_details(body)]
    return "; ".join(part for part in parts if part)[:LONGEST]


def _json(raw: bytes) -> Json:
    """Return the JSON value of a body, also behind a byte order mark; None where it is no JSON."""
    try:
        return orjson.loads(raw.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError:
        return None


def _bare(body: Json) -> dict[str, Json]:
    """Return the object that says what is wrong, also where a service wraps it in another."""
    if not isinstance(body, dict):
        return {}
    inner = next((body[name] for name in body if name.casefold() in _WRAPPERS), None)
    return inner if isinstance(inner, dict) else body


def _minor_codes(body: dict[str, Json]) -> list[str]:
    minor = body.get("imsx_codeMinor") or body.get("imsx_CodeMinor")
    fields = minor.get("imsx_codeMinorField") if isinstance(minor, dict) else None
    fields = fields if isinstance(fields, list) else [fields]
    codes = [field.get("imsx_codeMinorFieldValue") for field in fields if isinstance(field, dict)]
    return [code for code in codes if isinstance(code, str)]


def _details(body: dict[str, Json]) -> list[str]:
    details = body.get("imsx_error_details")
    if not isinstance(details, list):
        return []
    return [
        " ".join(str(value) for value in detail.values() if isinstance(value, str | int))
        for detail in details[:5]
        if isinstance(detail, dict)
    ]


def _first_words(raw: bytes) -> str:
    if not raw.strip():
        return ""
    if _is_markup(raw):
        return _PAGE
    return raw[:200].decode("utf-8", "replace")


def _is_markup(raw: bytes) -> bool:
    return raw.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"<"
