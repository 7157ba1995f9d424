"""Rules on schemas, text, and credentials that are embedded in another form.

Sources: Open Badges 3.0, CredentialSchema, serialization, VC-JWT; RFC 7515 (JWS).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import orjson

from clrctl.checking import recognise
from clrctl.checking.rules.registry import Fault, rule
from clrctl.finding import Json, Severity
from clrctl.standard import Node, Path, Tree
from clrctl.util import base64url

_OWN_SCHEMA = re.compile(
    r"https://purl\.imsglobal\.org/spec/(clr/v2p0|ob/v3p0)/schema/json/[a-z0-9_.]+\.json"
)
_OWN_TYPE = "1EdTechJsonSchemaValidator2019"
# What orjson writes for C0 controls other than tab and line ends; DEL it writes as it is.
_CONTROL = re.compile(rb"\\u00[01][0-9a-f]|\\[bf]|\x7f")
_CONTROL_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@rule(
    "credential-schema/own",
    on=("AchievementCredential", "ClrCredential", "EndorsementCredential"),
    source="Open Badges 3.0, CredentialSchema",
    good={"credentialSchema": None},
    bad={
        "credentialSchema": [{"id": "https://school.example.edu/schema.json", "type": "JsonSchema"}]
    },
)
def own_schema(node: Node, _: Tree) -> Iterator[Fault]:
    """If credentialSchema is used, one entry is the standard's own schema.

    Its id is the schema's address and its type 1EdTechJsonSchemaValidator2019; further entries
    are for extensions.
    """
    entries = list(node.objects("credentialSchema"))
    if entries and not any(
        entry.get("type") == _OWN_TYPE
        and isinstance(entry.get("id"), str)
        and _OWN_SCHEMA.fullmatch(entry["id"])
        for _, entry in entries
    ):
        yield Fault(
            (*node.path, "credentialSchema"),
            "no entry names the standard's own schema",
            f"leave credentialSchema out, or add the schema's address with type {_OWN_TYPE}",
        )


@rule(
    "text/control",
    on=("ClrCredential",),
    severity=Severity.WARNING,
    source="RDF Dataset Canonicalization 1.0, section 5: escaping of control characters",
    good={"name": "A line\nand another"},
    bad={"name": "A bell\x07"},
)
def control(node: Node, tree: Tree) -> Iterator[Fault]:
    """Text holds no control characters other than tab and line ends.

    Programs that sign and verify write them differently, so that a proof may fail elsewhere.
    """
    if node is not tree.root:
        return
    written = orjson.dumps(node.value)
    # Looking for one byte takes no time; nearly all documents have neither.
    if not (b"\\" in written or b"\x7f" in written) or not _CONTROL.search(written):
        return
    for path, text in _strings(node.value):
        if _CONTROL_CHARACTER.search(text):
            yield Fault(path, "the text holds a control character", "remove it")


def _strings(data: Json) -> Iterator[tuple[Path, str]]:
    waiting: list[tuple[Path, Json]] = [((), data)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            waiting += [((*path, name), item) for name, item in value.items()]
        elif isinstance(value, list):
            waiting += [((*path, index), item) for index, item in enumerate(value)]


@rule(
    "nested/kind",
    on=("ClrSubject",),
    source="CLR 2.0, ClrSubject.verifiableCredential",
    good={},
    bad={"verifiableCredential": ["eyJhbGciOiJSUzI1NiJ9.e30.c2ln"]},
)
def nested_kind(node: Node, _: Tree) -> Iterator[Fault]:
    """What a CLR bundles are credentials of today's standards, as objects.

    Signed tokens, envelopes, presentations and badges of Open Badges 2.0 cannot be read there.
    """
    for path, item in node.items("verifiableCredential"):
        if isinstance(item, str | dict) and (found := recognise.of_data(item)):
            code, message, fix = found
            if isinstance(item, dict) or code == "document/jwt":
                yield Fault(path, message, fix, instead_of=path)


def _part(value: Json) -> str:
    return base64url.encode(orjson.dumps(value))


def _jws(**header: str) -> str:
    """Return the example of a compact JWS with this header (its signature is none)."""
    return f"{_part(header)}.{_part({'type': ['EndorsementCredential']})}.c2"


@rule(
    "endorsement/jwt",
    on=("Achievement", "AchievementCredential", "ClrCredential", "Profile"),
    source="Open Badges 3.0, endorsementJwt, VC-JWT proof format; RFC 7515",
    good={"endorsementJwt": [_jws(alg="RS256", kid="did:example:k")]},
    bad={"endorsementJwt": [_jws(alg="none")]},
)
def endorsement_jwt(node: Node, _: Tree) -> Iterator[Fault]:
    """A string in endorsementJwt is a signed EndorsementCredential.

    Its header names an algorithm and a public key, never a private one; its payload is the
    endorsement. Whether the signature holds is for `verify`.
    """
    for path, text in node.items("endorsementJwt"):
        if isinstance(text, str) and text.count(".") == len("..") and (why := _jwt_fault(text)):
            yield Fault(path, why, "ask the endorser for a new one")


def _jwt_fault(text: str) -> str:
    """Return what is wrong with a compact JWS that should hold an endorsement, or nothing."""
    header, payload = (_decoded(part) for part in text.split(".")[:2])
    if not isinstance(header, dict) or not isinstance(payload, dict):
        return "header and payload are not JSON objects"
    if header.get("alg") in (None, "none"):
        return "it is not signed: its header names no algorithm"
    if isinstance(header.get("jwk"), dict) and "d" in header["jwk"]:
        return "its header gives away the private key"
    if not ("kid" in header or "jwk" in header):
        return "its header names no key: neither kid nor jwk"
    credential = payload["vc"] if isinstance(payload.get("vc"), dict) else payload
    kinds = credential.get("type")
    if "EndorsementCredential" not in (kinds if isinstance(kinds, list) else [kinds]):
        return "its payload is not an EndorsementCredential"
    return _claims_fault(payload, credential)


def _claims_fault(payload: dict[str, Json], credential: dict[str, Json]) -> str:
    issuer = credential.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    pairs = (("iss", issuer, "issuer"), ("jti", credential.get("id"), "id"))
    for claim, value, member in pairs:
        if claim in payload and value is not None and payload[claim] != value:
            return f"its claim {claim} is not the credential's {member}"
    return ""


def _decoded(part: str) -> Json:
    try:
        return orjson.loads(base64url.decode(part))
    except ValueError:
        return None
