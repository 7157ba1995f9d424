"""Whom and what a verifier trusts, as plain data: keys pinned to issuers, and documents by URL.

Nothing here reads files or fetches: `trust_file` and `online` do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from clrctl.finding import Json

if TYPE_CHECKING:
    from clrctl.proof import PublicKey


class NotAvailable(Exception):
    """A document that is not at hand: why, and how to supply it."""

    def __init__(self, why: str, fix: str) -> None:
        super().__init__(why)
        self.why = why
        self.fix = fix


@dataclass(frozen=True, slots=True)
class PinnedKey:
    """A key that is held to be an issuer's.

    Attributes:
        key: the public key.
        id: the verification method's URL or the JWT's `kid` that it answers to; empty: any.
    """

    key: PublicKey
    id: str = ""


Fetch: TypeAlias = Callable[[str], bytes]
"""Gets what lies at an URL; raises NotAvailable."""


def offline(url: str) -> bytes:
    """Fetch nothing, ever.

    Raises:
        NotAvailable: always; says how to supply the document.
    """
    raise NotAvailable(f"{url} is not at hand", "add --online, or that document to a trust file")


@dataclass(frozen=True, slots=True)
class Trust:
    """What a verifier holds to be true without further proof.

    Attributes:
        keys: issuer id to the keys pinned for it: no others are believed to be that issuer's.
        documents: URL to the bytes that lie there: DID documents, key sets, status lists, schemas.
        contexts: URL to a JSON-LD context, beside those that are built in.
        fetch: gets what `documents` does not hold; by default nothing is fetched.
        source: the trust file, for messages.
    """

    keys: Mapping[str, tuple[PinnedKey, ...]] = field(default_factory=dict)
    documents: Mapping[str, bytes] = field(default_factory=dict)
    contexts: Mapping[str, Json] = field(default_factory=dict)
    fetch: Fetch = offline
    source: str = ""

    def document(self, url: str) -> bytes:
        """Return what lies at an URL; without its fragment, which names a part of it.

        Raises:
            NotAvailable: it is not at hand.
        """
        bare = url.partition("#")[0]
        for name in (url, bare):
            if name in self.documents:
                return self.documents[name]
        return self.fetch(bare)


NOTHING = Trust()
"""Trust in nobody: only keys that are their owner's own name (did:key, did:jwk) are bound."""
