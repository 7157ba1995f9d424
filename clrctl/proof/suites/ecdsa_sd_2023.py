"""`ecdsa-sd-2023`: ECDSA with P-256, of which the holder may show parts (selective disclosure).

The issuer's *base proof* goes to the holder alone: it lets anybody derive proofs of any part. From
it the holder derives the proof that goes with the parts shown. A new base proof differs each time:
it holds a fresh key for its statements, and one for the names of blank nodes.

Source: Data Integrity ECDSA Cryptosuites 1.0, sections 3.4 to 3.6.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from clrctl.proof.keys import BadKey, Kind, PublicKey, SecretKey, Signer, multibase
from clrctl.proof.suites import cbor
from clrctl.proof.suites.base import (
    BrokenProof,
    Object,
    ProofOptions,
    Suite,
    UnsupportedProof,
    value_of,
    without_proofs,
)
from clrctl.proof.suites.disclosure import NoSuchPart, Whole, select
from clrctl.util import base64url

if TYPE_CHECKING:
    from clrctl.proof.jsonld import Contexts

_BASE: Final = b"\xd9\x5d\x00"
_DERIVED: Final = b"\xd9\x5d\x01"
_SIGNATURE: Final = 64
_HASH: Final = 32
_PARTS: Final = 5
ALWAYS_SHOWN: Final = ("/issuer",)
"""What is always shown unless the issuer says otherwise."""


@dataclass(frozen=True, slots=True)
class _BaseProof:
    signature: bytes
    public_key: bytes
    hmac_key: bytes
    signatures: list[bytes]
    mandatory: list[str]


@dataclass(frozen=True, slots=True)
class _DerivedProof:
    signature: bytes
    public_key: bytes
    signatures: list[bytes]
    labels: dict[int, bytes]
    mandatory: list[int]


class EcdsaSd2023(Suite):
    """Proofs with the cryptosuite `ecdsa-sd-2023`.

    Args:
        new_hmac_key: makes the key for the names of blank nodes, 32 bytes.
        new_proof_key: makes the P-256 key that signs the statements.
    """

    name: ClassVar[str] = "ecdsa-sd-2023"
    key_kinds: ClassVar[tuple[Kind, ...]] = ("P-256",)
    # Its pointers name places in the JSON, so that these have to stay.
    reads_text: ClassVar[bool] = True

    def __init__(
        self,
        new_hmac_key: Callable[[], bytes] = lambda: os.urandom(_HASH),
        new_proof_key: Callable[[], SecretKey] = lambda: SecretKey.generate("P-256"),
    ) -> None:
        self._new_hmac_key = new_hmac_key
        self._new_proof_key = new_proof_key

    def derive(
        self, document: Object, proof: Object, pointers: Iterable[str], contexts: Contexts
    ) -> Object:
        """Return the parts of a document that are to be shown, with a proof of their own.

        Args:
            document: the whole document.
            proof: its base proof.
            pointers: JSON Pointers to what is to be shown beside what always is.
            contexts: the JSON-LD contexts that are known.

        Raises:
            BrokenProof: the proof is no base proof, or does not fit the document.
            UnsupportedProof: a pointer leads nowhere, or nothing would be shown.
            DataLoss, UnknownContext, TooComplex: as `Suite.check` raises them.
        """
        base = _read_base(value_of(proof, "u"))
        unsecured = without_proofs(document, proof)
        whole = Whole(unsecured, contexts, base.hmac_key)
        shown = [*base.mandatory, *pointers]
        try:
            mandatory = set(whole.group(base.mandatory).indexes)
            combined = whole.group(shown)
            revealed = select(unsecured, shown)
        except NoSuchPart as problem:
            raise UnsupportedProof(
                f"there is nothing at {problem.pointer}", "give JSON Pointers such as /validFrom"
            ) from None
        if revealed is None:
            raise UnsupportedProof("nothing would be shown", "name a part to show")
        others = [index for index in range(len(whole.lines)) if index not in mandatory]
        if len(others) != len(base.signatures):
            raise BrokenProof("the proof signs another number of statements than the document has")
        by_index = dict(zip(others, base.signatures, strict=True))
        derived = _DerivedProof(
            base.signature,
            base.public_key,
            [by_index[index] for index in combined.indexes if index in by_index],
            _compressed(combined.labels),
            [place for place, index in enumerate(combined.indexes) if index in mandatory],
        )
        return {**revealed, "proof": {**proof, "proofValue": _written(derived)}}

    def is_base(self, proof: Object) -> bool:
        """Return whether a proof is a base proof, which is for the holder alone."""
        try:
            return value_of(proof, "u").startswith(_BASE)
        except BrokenProof:
            return False

    def _sign(
        self,
        document: Object,
        proof: Object,
        options: ProofOptions,
        signer: Signer,
        contexts: Contexts,
    ) -> Object:
        hmac_key, statements = self._new_hmac_key(), self._new_proof_key()
        pointers = options.mandatory or ALWAYS_SHOWN
        whole = Whole(without_proofs(document, proof), contexts, hmac_key)
        try:
            mandatory = set(whole.group(pointers).indexes)
        except NoSuchPart as problem:
            raise UnsupportedProof(f"there is nothing at {problem.pointer}") from None
        shown = [line for index, line in enumerate(whole.lines) if index in mandatory]
        hidden = [line for index, line in enumerate(whole.lines) if index not in mandatory]
        public_key = multibase.decode(statements.public.multikey)
        data = _base_bytes(document, proof, public_key, shown, contexts)
        value = [
            signer.sign(data),
            public_key,
            hmac_key,
            [statements.sign(line.encode()) for line in hidden],
            list(pointers),
        ]
        return {**proof, "proofValue": "u" + base64url.encode(_BASE + cbor.encode(value))}

    def _check(self, document: Object, proof: Object, key: PublicKey, contexts: Contexts) -> None:
        value = value_of(proof, "u")
        unsecured = without_proofs(document, proof)
        if value.startswith(_BASE):
            lines, derived = self._from_base(unsecured, _read_base(value), contexts)
        else:
            derived = _read_derived(value)
            lines = _relabelled(unsecured, derived.labels, contexts)
        options = {name: item for name, item in proof.items() if name != "proofValue"}
        _check_statements(document, options, lines, derived, key, contexts)

    def _from_base(
        self, document: Object, base: _BaseProof, contexts: Contexts
    ) -> tuple[list[str], _DerivedProof]:
        """Return all lines of a document, and its base proof as one that shows everything."""
        whole = Whole(document, contexts, base.hmac_key)
        try:
            mandatory = list(whole.group(base.mandatory).indexes)
        except NoSuchPart:
            raise BrokenProof("what is always shown is not in the document") from None
        proof = _DerivedProof(base.signature, base.public_key, base.signatures, {}, mandatory)
        return whole.lines, proof


def _check_statements(
    document: Object,
    options: Object,
    lines: list[str],
    proof: _DerivedProof,
    key: PublicKey,
    contexts: Contexts,
) -> None:
    wanted = set(proof.mandatory)
    if len(wanted) != len(proof.mandatory) or not wanted <= set(range(len(lines))):
        raise BrokenProof("the proof names statements that the document does not have")
    shown = [line for index, line in enumerate(lines) if index in wanted]
    others = [line for index, line in enumerate(lines) if index not in wanted]
    if len(others) != len(proof.signatures):
        raise BrokenProof("the proof signs another number of statements than the document has")
    data = _base_bytes(document, options, proof.public_key, shown, contexts)
    if not key.verify(proof.signature, data):
        raise BrokenProof("the signature is not over what is always shown, by this key")
    try:
        statements = PublicKey.from_multikey(multibase.encode(proof.public_key))
    except BadKey:
        raise BrokenProof("the proof's own key is no key of P-256") from None
    if statements.kind != "P-256":
        raise BrokenProof("the proof's own key is no key of P-256")
    for line, signature in zip(others, proof.signatures, strict=True):
        if not statements.verify(signature, line.encode()):
            raise BrokenProof("a statement of the document is not the one that was signed")


def _base_bytes(
    document: Object, options: Object, public_key: bytes, shown: list[str], contexts: Contexts
) -> bytes:
    """Return what the issuer's key signs."""
    from clrctl.proof.forms import nquads

    config = nquads({**options, "@context": document.get("@context")}, contexts)
    proof_hash, shown_hash = (
        hashlib.sha256("".join(lines).encode()).digest() for lines in (config, shown)
    )
    return proof_hash + public_key + shown_hash


def _relabelled(document: Object, labels: dict[int, bytes], contexts: Contexts) -> list[str]:
    from clrctl.proof.jsonld import dataset
    from clrctl.proof.rdfc import canonicalize
    from clrctl.proof.suites.disclosure import lines_of

    quads = dataset(document, contexts)
    names = {}
    for node, label in canonicalize(quads).labels.items():
        number = int(label.removeprefix("_:c14n"))
        if number not in labels:
            raise BrokenProof("the proof does not name all objects of the document")
        names[node] = "_:u" + base64url.encode(labels[number])
    return lines_of(quads, names)


def _compressed(labels: dict[str, str]) -> dict[int, bytes]:
    found = {
        int(label.removeprefix("_:c14n")): multibase.decode(name.removeprefix("_:"))
        for label, name in labels.items()
    }
    return dict(sorted(found.items()))


def _written(proof: _DerivedProof) -> str:
    value = [proof.signature, proof.public_key, proof.signatures, proof.labels, proof.mandatory]
    return "u" + base64url.encode(_DERIVED + cbor.encode(value))


def _read_base(value: bytes) -> _BaseProof:
    if not value.startswith(_BASE):
        raise BrokenProof("this is no base proof: it shows parts already")
    parts = _parts(value)
    signature, public_key, hmac_key, signatures, mandatory = parts
    _are_signatures([signature, *_listed(signatures, bytes)])
    if not isinstance(hmac_key, bytes) or len(hmac_key) != _HASH:
        raise BrokenProof("proofValue is damaged")
    return _BaseProof(signature, _key(public_key), hmac_key, signatures, _listed(mandatory, str))


def _read_derived(value: bytes) -> _DerivedProof:
    if not value.startswith(_DERIVED):
        raise BrokenProof("proofValue is of no kind that this cryptosuite has")
    signature, public_key, signatures, labels, mandatory = _parts(value)
    _are_signatures([signature, *_listed(signatures, bytes)])
    if not isinstance(labels, dict) or not all(
        isinstance(number, int) and isinstance(label, bytes) and len(label) == _HASH
        for number, label in labels.items()
    ):
        raise BrokenProof("proofValue is damaged")
    if len(set(labels.values())) != len(labels):
        raise BrokenProof("the proof gives one name to several objects")
    return _DerivedProof(signature, _key(public_key), signatures, labels, _listed(mandatory, int))


def _parts(value: bytes) -> list[Any]:
    try:
        parts = cbor.decode(value[len(_BASE) :])
    except ValueError as problem:
        raise BrokenProof(f"proofValue is damaged: {problem}") from None
    if not isinstance(parts, list) or len(parts) != _PARTS:
        raise BrokenProof("proofValue is damaged")
    return parts


def _listed(value: Any, kind: type) -> Any:
    if not isinstance(value, list) or not all(isinstance(item, kind) for item in value):
        raise BrokenProof("proofValue is damaged")
    return value


def _key(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise BrokenProof("proofValue is damaged")
    return value


def _are_signatures(values: list[Any]) -> None:
    if not all(isinstance(value, bytes) and len(value) == _SIGNATURE for value in values):
        raise BrokenProof("proofValue is damaged")
