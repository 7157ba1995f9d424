"""Credentials as tokens: JSON Web Tokens in compact form (RFC 7515, RFC 7519).

The algorithm is bound to the kind of the key, whatever the token says; `none` and those with shared
secrets (`HS256`) are never taken. A key in the token's own header proves nothing by itself: it is
for the caller to find out whose key it is.

Sources: RFC 7515; RFC 8725 (best practices); Open Badges 3.0 and CLR 2.0, section on VC-JWT.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import orjson

from clrctl.document import parse
from clrctl.finding import Json
from clrctl.proof.keys import Kind, PublicKey, Signer, multibase
from clrctl.proof.suites import BrokenProof, UnsupportedProof
from clrctl.util import base64url

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
ALGORITHMS: Final[dict[str, Kind]] = {
    "EdDSA": "Ed25519",
    "Ed25519": "Ed25519",
    "ES256": "P-256",
    "ES384": "P-384",
    "RS256": "RSA",
}
"""Algorithms that are taken (RFC 7518, 8037), each with the one kind of key that it works with."""

_NAMES: Final[dict[Kind, str]] = {
    "Ed25519": "EdDSA",
    "P-256": "ES256",
    "P-384": "ES384",
    "RSA": "RS256",
}


@dataclass(frozen=True, slots=True)
class Jwt:
    """A token, taken apart; nothing of it is checked yet.

    Attributes:
        header: the JOSE header.
        payload: the claims.
        signing_input: the bytes that are signed.
        signature: the signature.
    """

    header: dict[str, Json]
    payload: dict[str, Json]
    signing_input: bytes
    signature: bytes


def looks_like(text: str) -> bool:
    """Return whether a text has the form of a signed token."""
    return _COMPACT.fullmatch(text) is not None


def read(compact: str) -> Jwt:
    """Take a token apart.

    Args:
        compact: header, payload and signature in base64url, with dots between them.

    Raises:
        UnsupportedProof: it is no such token, or its parts are no JSON objects that all readers
            understand alike.
    """
    if not looks_like(compact):
        raise UnsupportedProof("this is no signed token in compact form (RFC 7515)")
    signing_input, _, signature = compact.rpartition(".")
    header, _, payload = signing_input.partition(".")
    return Jwt(
        _part("header", header),
        _part("payload", payload),
        signing_input.encode(),
        _bytes("signature", signature),
    )


def check(jwt: Jwt, key: PublicKey) -> None:
    """Check a token's signature; whose the key is, is for others to judge.

    Raises:
        BrokenProof: the signature is not over this content by this key.
        UnsupportedProof: it is signed in a way that is not taken here.
    """
    algorithm = jwt.header.get("alg")
    kind = ALGORITHMS.get(algorithm) if isinstance(algorithm, str) else None
    if kind is None:
        raise UnsupportedProof(
            "tokens signed with this algorithm are not taken",
            f"known are {', '.join(ALGORITHMS)}",
        )
    if "crit" in jwt.header or jwt.header.get("b64", True) is not True:
        raise UnsupportedProof("the token's header asks for extensions that are not known here")
    if key.kind != kind:
        raise BrokenProof(f"the token says {algorithm}, but the key is one of {key.kind}")
    if not key.verify(jwt.signature, jwt.signing_input):
        raise BrokenProof("the signature is not over this content by this key")


def algorithm_of(signer: Signer) -> str:
    """Return the algorithm that goes with a key."""
    return _NAMES[signer.public.kind]


def sign(payload: dict[str, Json] | bytes, signer: Signer, *, header: dict[str, Json]) -> str:
    """Return a token in compact form.

    Args:
        payload: the claims, or their JSON, which is kept byte for byte.
        signer: the key; its kind decides the algorithm.
        header: what else the header is to say, such as `typ` and `kid`.
    """
    told = orjson.dumps({"alg": algorithm_of(signer), **header})
    claims = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    signing_input = f"{base64url.encode(told)}.{base64url.encode(claims)}"
    signature = signer.sign(signing_input.encode())
    return f"{signing_input}.{base64url.encode(signature)}"


def _part(name: str, text: str) -> dict[str, Json]:
    document = parse(_bytes(name, text), syntax="json")
    if document.faults:
        raise UnsupportedProof(f"the token's {name} is no JSON that can be read")
    if not isinstance(document.data, dict):
        raise UnsupportedProof(f"the token's {name} is no JSON object")
    return document.data


def _bytes(name: str, text: str) -> bytes:
    try:
        return multibase.from_base64url(text)
    except ValueError as problem:
        raise UnsupportedProof(f"the token's {name} is {problem}") from None
