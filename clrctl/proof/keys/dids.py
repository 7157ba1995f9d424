"""Keys under the names that proofs give them: DIDs that hold their key, and DID documents.

Sources: did:key 0.9; did:jwk; did:web; Controlled Identifiers 1.0, sections 2.2 and 2.3.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

import orjson

from clrctl.finding import Json
from clrctl.proof.keys import multibase
from clrctl.proof.keys.problem import BadKey
from clrctl.proof.keys.public import PublicKey

_LONGEST = 4096
_WEB = re.compile(r"did:web:[A-Za-z0-9._-]+(?:%3A[0-9]+)?(?::[A-Za-z0-9._~%!$&'()*+,;=@-]+)*")


def holds_its_key(method: str) -> bool:
    """Return whether a verification method is of a DID that holds its key itself."""
    return method.startswith(("did:key:", "did:jwk:"))


def key_of(method: str) -> PublicKey:
    """Return the key of a verification method of `did:key` or `did:jwk`.

    Args:
        method: the DID with its fragment (`did:key:z6Mk…#z6Mk…`, `did:jwk:…#0`), or the DID
            alone.

    Raises:
        BadKey: it is of neither, or it names a key that is not the DID's own.
    """
    did, _, fragment = method.partition("#")
    if len(did) > _LONGEST:
        raise BadKey("this DID is too long to hold a key")
    if did.startswith("did:key:"):
        text = did.removeprefix("did:key:")
        if fragment not in ("", text):
            raise BadKey("the fragment of a did:key names another key than the DID")
        return PublicKey.from_multikey(text)
    if did.startswith("did:jwk:"):
        if fragment not in ("", "0"):
            raise BadKey("a did:jwk has one key for signatures, #0")
        return _jwk_of(did.removeprefix("did:jwk:"))
    raise BadKey("this DID does not hold its key")


def _jwk_of(text: str) -> PublicKey:
    try:
        jwk = orjson.loads(multibase.from_base64url(text))
    except ValueError:
        raise BadKey("this did:jwk holds no JWK") from None
    return PublicKey.from_jwk(jwk)


def fragment(key: PublicKey) -> str:
    """Return the fragment by which a controller names a key: its Multikey, or its thumbprint."""
    return key.thumbprint if key.kind == "RSA" else key.multikey


def method_for(controller: str, key: PublicKey) -> str:
    """Return the verification method by which a controller names a key.

    Below `did:jwk` that is `#0`; else the controller with the key's Multikey as fragment.
    """
    return (
        f"{controller}#0"
        if controller.startswith("did:jwk:")
        else (f"{controller}#{fragment(key)}")
    )


def document(controller: str, methods: Iterable[tuple[str, PublicKey]]) -> dict[str, Json]:
    """Return the document that publishes a controller's keys for its assertions.

    Args:
        controller: a `did:web` DID or an https URL: the `issuer` of the credentials.
        methods: each key with its verification method.

    Raises:
        BadKey: the document of such a controller is not written by hand.
    """
    place(controller)
    entries: list[dict[str, Json]] = []
    contexts = ["https://www.w3.org/ns/cid/v1"]
    if controller.startswith("did:"):
        contexts = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
    for method, key in methods:
        entry: dict[str, Json] = {"id": method, "type": "Multikey", "controller": controller}
        if key.kind == "RSA":
            entry |= {"type": "JsonWebKey", "publicKeyJwk": key.jwk}
            if contexts[-1] != "https://w3id.org/security/jwk/v1" and len(contexts) > 1:
                contexts.append("https://w3id.org/security/jwk/v1")
        else:
            entry["publicKeyMultibase"] = key.multikey
        entries.append(entry)
    return {
        "@context": contexts,
        "id": controller,
        "verificationMethod": entries,
        "assertionMethod": [entry["id"] for entry in entries],
    }


def place(controller: str) -> str:
    """Return the URL at which a controller's document has to be found.

    Raises:
        BadKey: it is neither a `did:web` DID nor an https URL.
    """
    if _WEB.fullmatch(controller):
        host, *path = controller.removeprefix("did:web:").split(":")
        where = "/".join(map(unquote, path)) or ".well-known"
        return f"https://{unquote(host)}/{where}/did.json"
    with contextlib.suppress(ValueError):
        parts = urlsplit(controller)
        if parts.scheme == "https" and parts.hostname and not parts.fragment:
            return controller
    raise BadKey(
        "keys are published below a did:web DID or an https URL",
        "such as did:web:school.example or https://school.example/issuers/1",
    )
