"""The two ways to turn a document into the bytes that are signed: its RDF, or its JSON.

Sources: Data Integrity EdDSA Cryptosuites 1.0, sections 3.2 and 3.3; Data Integrity ECDSA
Cryptosuites 1.0, sections 3.2 and 3.3.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, ClassVar

from clrctl.document import canonical
from clrctl.proof.keys import Kind, PublicKey
from clrctl.proof.suites.base import BrokenProof, Object, Suite, UnsupportedProof, hash_name

if TYPE_CHECKING:
    from clrctl.proof.jsonld import Contexts
    from clrctl.proof.rdfc import Canonical


class OverRdf(Suite):
    """Signs the canonical N-Quads (RDFC-1.0) of the document, and of the proof's options."""

    def _signed_bytes(
        self, document: Object, options: Object, kind: Kind, contexts: Contexts
    ) -> bytes:
        from clrctl.proof.jsonld import refuse_doubtful

        refuse_doubtful(document)
        config, found = self._forms(document, options, kind, contexts)
        refuse_ambiguous(found)
        return _hashes(hash_name(kind), config, found.lines)

    def _holds(
        self,
        document: Object,
        options: Object,
        signature: bytes,
        key: PublicKey,
        contexts: Contexts,
    ) -> bool:
        """Return whether a signature holds, in any of the readings that there are of RDFC-1.0."""
        config, found = self._forms(document, options, key.kind, contexts)
        name = hash_name(key.kind)
        if key.verify(signature, _hashes(name, config, found.lines)):
            return True
        others = found.others.values()
        return any(key.verify(signature, _hashes(name, config, lines)) for lines in others)

    def _forms(
        self, document: Object, options: Object, kind: Kind, contexts: Contexts
    ) -> tuple[list[str], Canonical]:
        """Return the canonical N-Quads of the options, and the form of the document."""
        from clrctl.proof.forms import nquads
        from clrctl.proof.jsonld import dataset
        from clrctl.proof.rdfc import canonicalize

        name = hash_name(kind)
        config = nquads(self._config(document, options), contexts, hash_name=name)
        return config, canonicalize(dataset(document, contexts), name)

    def _config(self, document: Object, options: Object) -> Object:
        """Return the options as a document: they are read under the document's contexts.

        Contexts of a proof's own are not signed, and there is software that reads it under them.
        """
        _refuse_other_contexts(document, options)
        return {**options, "@context": document.get("@context")}


def refuse_ambiguous(canonical: Canonical) -> None:
    """Refuse to sign what software reads in two ways.

    Raises:
        UnsupportedProof: a proof would hold for one half of the world only.
    """
    if "repetitions" in canonical.others:
        raise UnsupportedProof(
            "software differs on the canonical form of this document: it holds the same part twice",
            "leave out the repetition, such as an endorsement that is there twice",
        )
    if "order" in canonical.others:
        raise UnsupportedProof(
            "software differs on the canonical form of this document: it sorts the texts of a list"
            " in different ways, for some begin with characters beyond U+FFFF (such as emoji)",
            "leave those characters out",
        )


def _hashes(name: str, *parts: list[str]) -> bytes:
    return b"".join(hashlib.new(name, "".join(lines).encode()).digest() for lines in parts)


class OverJson(Suite):
    """Signs the canonical JSON (RFC 8785) of the document, and of the proof's options."""

    reads_text: ClassVar[bool] = True

    def _signed_bytes(self, document: Object, options: Object, kind: Kind, _: Contexts) -> bytes:
        name = hash_name(kind)
        try:
            parts = [canonical.encode(part) for part in (options, document)]
        except (TypeError, ValueError, RecursionError):
            raise UnsupportedProof(
                "the document holds what has no canonical form in JSON"
            ) from None
        return b"".join(hashlib.new(name, part).digest() for part in parts)

    def _completed(self, document: Object, proof: Object) -> Object:
        if "@context" not in document:
            return proof
        return {**proof, "@context": document["@context"]}

    def _document_for(self, document: Object, proof: Object) -> Object:
        """Check that later contexts were only appended, and return the document as signed."""
        if "@context" not in proof:
            return document
        _refuse_other_contexts(document, proof)
        return {**document, "@context": proof["@context"]}


def _refuse_other_contexts(document: Object, proof: Object) -> None:
    """Refuse a proof whose contexts are not the first of the document's.

    Raises:
        BrokenProof: it has such contexts.
    """
    signed = _as_list(proof.get("@context", []))
    if _as_list(document.get("@context", []))[: len(signed)] != signed:
        raise BrokenProof("the proof was made under other contexts than the document has")


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
