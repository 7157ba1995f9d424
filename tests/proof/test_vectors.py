"""Published vectors of proofs, as far as their canonical texts: W3C's, document and options."""

from __future__ import annotations

import hashlib

import pytest

from clrctl.proof.forms import nquads
from clrctl.proof.jsonld.contexts import Contexts
from tests import published

EDDSA, ECDSA = "vc-di-eddsa", "vc-di-ecdsa"
VECTORS = [
    # folder, end of the files' names, hash
    ((EDDSA, "Ed25519Signature2020"), "EdSig", "sha256"),
    ((EDDSA, "eddsa-rdfc-2022"), "DataInt", "sha256"),
    ((ECDSA, "ecdsa-rdfc-2019-p256"), "ECDSAP256", "sha256"),
    ((ECDSA, "ecdsa-rdfc-2019-p384"), "ECDSAP384", "sha384"),
]


@pytest.mark.parametrize(("folder", "end", "name"), VECTORS, ids=[end for _, end, _ in VECTORS])
def test_document_and_options_have_their_text(folder: tuple[str, str], end: str, name: str) -> None:
    place = published.needed().joinpath("vectors", *folder)
    examples = {published.EXAMPLES: published.contexts()[published.EXAMPLES]}
    contexts = Contexts.built_in().plus(examples)
    document = published.read("vectors", *folder, f"signed{end}.json")
    del document["proof"]
    options = published.read("vectors", *folder, f"proofConfig{end}.json")
    for value, text, digest in [
        (document, f"canonDoc{end}.txt", f"docHash{end}.txt"),
        (options, f"proofCanon{end}.txt", f"proofHash{end}.txt"),
    ]:
        form = "".join(nquads(value, contexts, hash_name=name))
        assert form == (place / text).read_text(encoding="utf-8")
        expected = (place / digest).read_text(encoding="utf-8").strip()
        assert hashlib.new(name, form.encode()).hexdigest() == expected
