"""A credential of VC Data Model 1.1 said anew in the form of version 2.0, without a signature.

What it says stays; dates and contexts are renamed. The old signature covers the old form alone, so
there is none, and the new one has an id of its own: it is another credential, that whoever
publishes the record vouches for, and it names the original as its evidence.

Source: VC Data Model 2.0, appendix on differences to version 1.1.
"""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from clrctl.building import objects
from clrctl.building.emitter import CONTEXTS
from clrctl.building.wrap.candidates import Candidate
from clrctl.document import parse
from clrctl.finding import Json
from clrctl.standard import format_document

ORIGINAL = "Original credential of VC Data Model 1.1"

_RENAMED = {"issuanceDate": "validFrom", "expirationDate": "validUntil"}
# The proof and the status speak of the original, and its schema is of the old form.
_LEFT_OUT = ("proof", "credentialStatus", "credentialSchema")
_OLD_CONTEXTS = (
    "https://www.w3.org/2018/credentials/",
    "https://w3id.org/security/",
    "https://purl.imsglobal.org/spec/ob/",
    "https://imsglobal.github.io/openbadges-specification/",
)


def renewed(candidate: Candidate) -> Candidate:
    """Return a credential of version 1.1 as one of version 2.0, unsigned."""
    old: dict[str, Json] = json.loads(candidate.text, parse_float=Decimal)
    new: dict[str, Json] = {"@context": _contexts(old)}
    for name, value in old.items():
        if name not in ("@context", *_LEFT_OUT):
            new[_RENAMED.get(name, name)] = value
    name = candidate.text_of("id")
    new["id"] = uuid5(NAMESPACE_URL, name or candidate.text).urn
    new["evidence"] = [*_listed(old.get("evidence")), _evidence(name)]
    document = parse(objects.text(new), source=candidate.place.source, syntax="json")
    text = format_document(document).text.decode().strip()
    data = parse(text.encode(), syntax="json").data
    return replace(candidate, text=text, data=data, token="", claims={})


def _contexts(old: dict[str, Json]) -> list[Json]:
    own = (
        one
        for one in _listed(old.get("@context"))
        if not (isinstance(one, str) and one.startswith(_OLD_CONTEXTS))
    )
    return [CONTEXTS[0], *CONTEXTS[2:], *own]


def _evidence(name: str) -> Json:
    return {"id": name, "type": ["Evidence"], "name": ORIGINAL} if name else {
        "type": ["Evidence"], "name": ORIGINAL,
    }  # fmt: skip


def _listed(value: Json) -> list[Json]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
