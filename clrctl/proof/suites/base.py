"""What every cryptosuite does: proof options, what is signed with them, proof chains.

Source: Verifiable Credential Data Integrity 1.0, sections 4.2 to 4.5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from clrctl.finding import Json
from clrctl.proof.keys import Kind, PublicKey, Signer, multibase

if TYPE_CHECKING:
    from clrctl.proof.jsonld import Contexts

Object: TypeAlias = dict[str, Json]


class BrokenProof(ValueError):
    """The proof does not hold: the document, the proof or the key is another one.

    Attributes:
        why: what does not fit, in words.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class UnsupportedProof(ValueError):
    """Whether the proof holds is not known: it is of a kind that is not known here.

    Attributes:
        what: what is not known, or cannot be done.
        fix: what to do about it; may be empty.
    """

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


@dataclass(frozen=True, slots=True)
class ProofOptions:
    """What a proof says of itself.

    Attributes:
        verification_method: the URL of the key.
        created: when, as RFC 3339 text with a time zone; None leaves it out.
        purpose: what the key was used for.
        id: the proof's own name, by which later ones can refer to it.
        previous: the ids of the proofs that this one also covers.
        mandatory: of suites with selective disclosure the JSON Pointers of what is always shown.
    """

    verification_method: str
    created: str | None = None
    purpose: str = "assertionMethod"
    id: str | None = None
    previous: tuple[str, ...] = ()
    mandatory: tuple[str, ...] = ()

    def proof(self, cryptosuite: str) -> Object:
        """Return the proof, as yet without its value, its members in their usual order."""
        members: Object = {"type": "DataIntegrityProof", "cryptosuite": cryptosuite}
        if self.id is not None:
            members["id"] = self.id
        if self.created is not None:
            members["created"] = self.created
        members["verificationMethod"] = self.verification_method
        members["proofPurpose"] = self.purpose
        if self.previous:
            single = len(self.previous) == 1
            members["previousProof"] = self.previous[0] if single else list(self.previous)
        return members


class Suite:
    """One way to make and check proofs; it keeps no state.

    Attributes:
        name: its `cryptosuite`, or of older kinds the proof's `type`.
        key_kinds: the kinds of keys it works with.
        can_sign: whether new proofs of it are made.
        reads_text: its proofs cover the JSON as it stands, not only what it means in JSON-LD.
    """

    name: ClassVar[str]
    key_kinds: ClassVar[tuple[Kind, ...]]
    can_sign: ClassVar[bool] = True
    reads_text: ClassVar[bool] = False

    def create(
        self, document: Object, options: ProofOptions, signer: Signer, contexts: Contexts
    ) -> Object:
        """Return a proof over a document, which is left as it is.

        Args:
            document: a credential, with the proofs that it has already.
            options: what the proof says of itself.
            signer: the key.
            contexts: the JSON-LD contexts that are known.

        Raises:
            UnsupportedProof: the suite makes no new proofs, or does not work with such a key.
            BrokenProof: `options.previous` names a proof that the document does not have.
            DataLoss: the proof would not cover all that the document says.
            UnknownContext: the document has a context that is not known.
            TooComplex: bringing it into canonical form would take too long.
        """
        if not self.can_sign:
            raise UnsupportedProof(f"new proofs of {self.name} are not made")
        if signer.public.kind not in self.key_kinds:
            raise UnsupportedProof(
                f"{self.name} does not work with a key of {signer.public.kind}",
                f"use one of {' or '.join(self.key_kinds)}",
            )
        return self._sign(document, options.proof(self.name), options, signer, contexts)

    def check(self, document: Object, proof: Object, key: PublicKey, contexts: Contexts) -> None:
        """Check a proof of a document.

        Only the mathematics is checked: whose key it is, what it was used for and when is for
        others to judge.

        Args:
            document: the credential, with all its proofs.
            proof: one of them.
            key: the key that its `verificationMethod` names.
            contexts: the JSON-LD contexts that are known.

        Raises:
            BrokenProof: it does not hold.
            UnsupportedProof: it is of a kind that is not known here.
            DataLoss: the document says something that no proof of this suite can cover.
            UnknownContext: the document has a context that is not known.
            TooComplex: bringing it into canonical form would take too long.
        """
        if key.kind not in self.key_kinds:
            raise BrokenProof(f"{self.name} does not work with a key of {key.kind}")
        self._check(document, proof, key, contexts)

    def _sign(
        self,
        document: Object,
        proof: Object,
        options: ProofOptions,
        signer: Signer,
        contexts: Contexts,
    ) -> Object:
        unsecured = without_proofs(document, proof)
        proof = self._completed(document, proof)
        data = self._signed_bytes(unsecured, proof, signer.public.kind, contexts)
        return {**proof, "proofValue": multibase.encode(signer.sign(data))}

    def _check(self, document: Object, proof: Object, key: PublicKey, contexts: Contexts) -> None:
        signature = value_of(proof, "z")
        options = {name: value for name, value in proof.items() if name != "proofValue"}
        unsecured = self._document_for(without_proofs(document, proof), options)
        if not self._holds(unsecured, options, signature, key, contexts):
            raise BrokenProof("the signature is not over this content by this key")

    def _holds(
        self,
        document: Object,
        options: Object,
        signature: bytes,
        key: PublicKey,
        contexts: Contexts,
    ) -> bool:
        return key.verify(signature, self._signed_bytes(document, options, key.kind, contexts))

    def _completed(self, document: Object, proof: Object) -> Object:
        """Return a new proof with what the suite adds to it."""
        return proof

    def _document_for(self, document: Object, proof: Object) -> Object:
        """Return the document that a proof to be checked is over."""
        return document

    def _signed_bytes(
        self, document: Object, options: Object, kind: Kind, contexts: Contexts
    ) -> bytes:
        """Return what is signed: the hash of the options, then that of the document."""
        raise NotImplementedError


def hash_name(kind: Kind) -> str:
    """Return the hash that goes with a kind of key."""
    return "sha384" if kind == "P-384" else "sha256"


def value_of(proof: Object, *alphabets: str) -> bytes:
    """Return the bytes of a proof's value.

    Args:
        proof: the proof.
        alphabets: the multibase prefixes that its suite allows.

    Raises:
        BrokenProof: it has none, or one that cannot be read.
    """
    text = proof.get("proofValue")
    if not isinstance(text, str) or not text.startswith(alphabets):
        raise BrokenProof(f"proofValue is missing, or does not begin with {' or '.join(alphabets)}")
    try:
        return multibase.decode(text)
    except ValueError as problem:
        raise BrokenProof(f"proofValue is {problem}") from None


def proofs_of(document: Object) -> Iterator[Object]:
    """Yield the proofs of a document that are objects."""
    proofs = document.get("proof")
    for proof in proofs if isinstance(proofs, list) else [proofs]:
        if isinstance(proof, dict):
            yield proof


def without_proofs(document: Object, proof: Object) -> Object:
    """Return a document as a proof covers it: without proofs but those it builds on.

    Raises:
        BrokenProof: a `previousProof` is not there (section 4.3, step 4.1).
    """
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    if "previousProof" not in proof:
        return unsecured
    previous = proof["previousProof"]
    wanted = previous if isinstance(previous, list) else [previous]
    by_id: dict[str, list[Object]] = {}
    for one in proofs_of(document):
        if isinstance(one.get("id"), str):
            by_id.setdefault(one["id"], []).append(one)
    unsecured["proof"] = previous_proofs = []
    for name in wanted:
        found = by_id.get(name, []) if isinstance(name, str) else []
        if len(found) != 1:
            raise BrokenProof(
                "previousProof names a proof that the document has twice"
                if found
                else "previousProof names a proof that the document does not have"
            )
        previous_proofs += found
    return unsecured
