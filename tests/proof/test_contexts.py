"""The built-in contexts mean what the published ones mean."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clrctl.proof.faults import DataLoss, UnknownContext
from clrctl.proof.forms import nquads
from clrctl.proof.jsonld import facts, meaning
from clrctl.proof.jsonld.contexts import Contexts
from tests import published

EDITIONS = facts.editions()
V2 = "https://www.w3.org/ns/credentials/v2"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda e: f"{e.url}-{e.variant}")
def test_a_context_means_what_its_digest_says(edition: facts.Edition) -> None:
    assert meaning.digest(edition.document) == edition.digest


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda e: f"{e.url}-{e.variant}")
def test_the_published_context_has_the_same_digest(edition: facts.Edition) -> None:
    file = published.CONTEXTS.get(edition.url)
    if edition.variant == "older":
        file = published.OLDER_OB_303
    if file is None:
        pytest.skip("its file is not among the published material")
    assert meaning.digest(published.read("contexts", file)) == edition.digest


def credentials(value: Any) -> Iterator[Any]:
    """Yield every object with a context of its own, with its proofs and without."""
    if isinstance(value, dict):
        if "@context" in value:
            yield value
            if "proof" in value:
                yield {name: item for name, item in value.items() if name != "proof"}
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from credentials(item)


# Schemas and contexts are no credentials. The others are bad, or show where we still differ.
LEFT_OUT = {"schemas", "contexts", "broken", "foreign", "reported"}


def all_credentials() -> Iterator[Any]:
    folders = [published.needed(), ROOT / "samples", ROOT / "tests"]
    for file in sorted(file for folder in folders for file in folder.rglob("*.json")):
        if not LEFT_OUT & set(file.parts):
            try:
                yield from credentials(json.loads(file.read_bytes()))
            except ValueError:
                continue


def test_facts_and_published_contexts_give_the_same_canonical_form_and_so_does_pyld() -> None:
    from_facts = Contexts.built_in().plus(
        {published.EXAMPLES: published.contexts()[published.EXAMPLES]}
    )
    as_published = Contexts(published.contexts())
    judge = published.judge(published.contexts())
    equal, refused = 0, 0
    for document in all_credentials():
        said = []
        for contexts in (from_facts, as_published):
            try:
                said.append("".join(nquads(document, contexts)))
            except (DataLoss, UnknownContext) as fault:
                said.append(f"refused: {fault}")
        assert said[0] == said[1]
        if said[0].startswith("refused"):
            refused += 1
        else:
            assert said[0] == judge(document)
            equal += 1
    assert equal > 100
    assert refused < equal


@pytest.mark.parametrize(
    ("kind", "document", "digest"),
    [
        ("clrv2p0", "clr-signed-credential-0.json", "768d7015ae69e0210e1c2a45194d9c1d"),
        ("obv3p0", "ob-signed-credential-0.json", "87f65a76d40146205e3b3e06cb0fbd15"),
    ],
)
def test_the_walk_through_of_the_implementation_guide(
    kind: str, document: str, digest: str
) -> None:
    folder = published.needed() / "vectors" / "implementation-guide" / kind
    signed = json.loads((folder / document).read_bytes())
    proof = signed.pop("proof")
    proof = proof[0] if isinstance(proof, list) else proof
    form = "".join(nquads(signed, Contexts.built_in()))
    assert form == (folder / "document-canon.txt").read_text(encoding="utf-8")
    assert hashlib.sha256(form.encode()).hexdigest().startswith(digest)
    del proof["proofValue"]
    options = "".join(nquads({"@context": signed["@context"], **proof}, Contexts.built_in()))
    assert options == (folder / "proof-canon.txt").read_text(encoding="utf-8")
    assert hashlib.sha256(options.encode()).hexdigest().startswith("d34009cea0dbc1ca941e09dc01")


def test_the_two_editions_of_open_badges_3_0_3_are_kept_apart() -> None:
    contexts = Contexts.built_in()
    badge = {
        "@context": [V2, facts.OB_303],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "endorsementJwt": ["a.b.c"],
    }
    assert any("endorsementJwt" in line for line in nquads(badge, contexts))
    with pytest.raises(DataLoss) as caught:
        nquads(badge, contexts, ob_variant="older")
    assert caught.value.pointer == "/endorsementJwt"


def test_a_context_is_added_and_takes_the_place_of_a_known_one() -> None:
    url = "https://school.example/context.json"
    document = {"@context": url, "house": "Ash"}
    with pytest.raises(UnknownContext) as caught:
        nquads(document, Contexts.built_in())
    assert caught.value.url == url
    for iri in ("urn:example:house", "urn:example:home"):
        contexts = Contexts.built_in().plus({url: {"@context": {"house": iri}}})
        assert nquads(document, contexts) == [f'_:c14n0 <{iri}> "Ash" .\n']
    assert url not in Contexts.built_in()
    other = Contexts.built_in().plus({facts.OB_303: {"@context": {"name": "urn:example:name"}}})
    own = {"@context": facts.OB_303, "name": "Ash"}
    for variant in ("newer", "older"):
        assert nquads(own, other, ob_variant=variant) == ['_:c14n0 <urn:example:name> "Ash" .\n']


def test_what_is_no_context_is_not_added() -> None:
    with pytest.raises(ValueError, match=r"https://school.example/.*@context"):
        Contexts.built_in().plus({"https://school.example/": {"house": "urn:example:house"}})
