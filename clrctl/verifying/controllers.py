"""Documents that publish keys: DID and controller documents, key sets, single keys.

Sources: Controlled Identifiers 1.0, sections 2 and 3.3; DID Core 1.0; RFC 7517, section 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clrctl.document import each, id_of, text_of
from clrctl.finding import Json
from clrctl.proof import BadKey, PublicKey

ASSERTIONS = "assertionMethod"


@dataclass(frozen=True, slots=True)
class Method:
    """A verification method that a document lists.

    Attributes:
        id: its URL, absolute where the document has an id; of a key set the `kid`.
        controller: whose key it says it is; empty where it does not say.
        key: the key; None where it is of a kind that is not used here, or damaged.
        why: why there is no key.
        asserts: it is listed for assertions, or stands in a document that lists no purposes.
    """

    id: str
    controller: str
    key: PublicKey | None
    why: str = ""
    asserts: bool = True


def methods(document: Json, base: str = "") -> Iterator[Method]:
    """Yield the verification methods of a document; of one that publishes no keys, none.

    Args:
        document: a DID or controller document, a JWK Set, a JWK, or a Multikey by itself.
        base: the URL it was found at, for a document without an id.
    """
    if not isinstance(document, dict):
        return
    if isinstance(document.get("keys"), list):
        for key in document["keys"]:
            if isinstance(key, dict):
                yield _method(text_of(key.get("kid")), "", {"publicKeyJwk": key})
    elif "kty" in document:
        yield _method(text_of(document.get("kid")) or base, "", {"publicKeyJwk": document})
    elif "publicKeyMultibase" in document or "publicKeyJwk" in document:
        # What else it may be used for is in its controller's document.
        yield _method(
            text_of(document.get("id")) or base, text_of(document.get("controller")), document
        )
    else:
        yield from _listed(document, text_of(document.get("id")) or base)


def _listed(document: dict[str, Json], base: str) -> Iterator[Method]:
    """Yield those of a document with relationships; embedded ones have only that purpose."""
    assertions = each(document.get(ASSERTIONS))
    allowed = {_absolute(id_of(item), base) for item in assertions}
    embedded = [item for item in assertions if isinstance(item, dict)]
    for item in [*each(document.get("verificationMethod")), *embedded]:
        if isinstance(item, dict):
            name = _absolute(text_of(item.get("id")), base)
            yield _method(name, text_of(item.get("controller")), item, asserts=name in allowed)


def _absolute(name: str, base: str) -> str:
    return base.partition("#")[0] + name if name.startswith("#") else name


def _method(name: str, controller: str, held: Json, *, asserts: bool = True) -> Method:
    try:
        if (multikey := held.get("publicKeyMultibase")) is not None:
            key = PublicKey.from_multikey(text_of(multikey))
        else:
            key = PublicKey.from_jwk(held.get("publicKeyJwk"))
    except BadKey as problem:
        return Method(name, controller, None, problem.what, asserts)
    return Method(name, controller, key, "", asserts)
