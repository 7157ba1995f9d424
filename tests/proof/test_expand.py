"""From documents to quads: nothing drops out, and every value has its one form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from clrctl.proof.faults import DataLoss, TooComplex
from clrctl.proof.forms import nquads
from clrctl.proof.jsonld import facts
from clrctl.proof.jsonld.contexts import Contexts
from clrctl.proof.jsonld.doubts import refuse_doubtful
from clrctl.proof.jsonld.expand import dataset
from clrctl.proof.rdfc import canonicalize
from tests import published
from tests.badges import OB, V2

CASES = Path(__file__).parents[1] / "data" / "cases" / "proof"
STANDARD = [V2, OB]
BUILT_IN = Contexts.built_in()


def cases(name: str) -> list[Any]:
    found = yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["name"].replace(" ", "-")) for case in found]


def document(case: Any) -> Any:
    return {"@context": case.get("context", STANDARD), **case["document"]}


@pytest.mark.parametrize("case", cases("losses.yaml"))
def test_what_would_drop_out_is_refused_with_its_place(case: Any) -> None:
    with pytest.raises(DataLoss) as caught:
        nquads(document(case), BUILT_IN)
    assert caught.value.pointer == case["pointer"]
    assert case["says"] in caught.value.what
    assert (caught.value.pointer or "the document") in str(caught.value)


@pytest.mark.parametrize("case", cases("forms.yaml"))
def test_every_value_has_its_form(case: Any) -> None:
    lines = nquads(document(case), BUILT_IN)
    assert [line.removesuffix(" .\n") for line in lines] == sorted(case["quads"])


@pytest.mark.parametrize("case", cases("forms.yaml"))
def test_pyld_gives_the_same_form(case: Any) -> None:
    if "pyld" in case:
        pytest.skip(f"PyLD differs: {case['pyld']}")
    judge = published.judge({url: facts.context(url) for url in facts.urls()})
    assert "".join(nquads(document(case), BUILT_IN)) == judge(document(case))


def test_what_is_no_object_is_refused() -> None:
    for value in ([{"@context": STANDARD, "name": "Ash"}], "Ash", None, 3):
        with pytest.raises(DataLoss, match="is an object"):
            dataset(value, BUILT_IN)


@pytest.mark.parametrize(
    "number",
    [float("inf"), float("nan"), 10**400, -(10**400)],
    ids=("infinite", "none", "huge", "tiny"),
)
def test_numbers_that_json_does_not_have_are_refused(number: float) -> None:
    with pytest.raises(DataLoss):
        nquads({"@context": {"n": "urn:example:n"}, "n": number}, BUILT_IN)


def test_deep_documents_are_refused_not_a_crash() -> None:
    deep: Any = "Ash"
    for _ in range(3000):
        deep = {"urn:example:in": deep}
    with pytest.raises(TooComplex, match="deeply"):
        dataset(deep, BUILT_IN)
    lists: Any = "Ash"
    for _ in range(3000):
        lists = [lists]
    with pytest.raises(TooComplex, match="deeply"):
        dataset({"urn:example:in": lists}, BUILT_IN)


def test_contexts_that_ask_for_too_much_work_are_refused() -> None:
    large = {f"term{n}": f"urn:example:{n}" for n in range(2000)}
    many = [{"@context": {f"own{n}": "urn:example:own"}, f"own{n}": "Ash"} for n in range(2000)]
    contexts = BUILT_IN.plus({})
    with pytest.raises(TooComplex, match="contexts"):
        dataset({"@context": large, "term1": many}, contexts)
    begun = contexts.work
    assert nquads({"@context": STANDARD, "name": "Ash"}, contexts)  # what was kept is dropped
    assert contexts.work - begun < 5000


def test_contexts_that_name_each_other_are_refused() -> None:
    contexts = BUILT_IN.plus(
        {
            "https://school.example/a": {"@context": ["https://school.example/b"]},
            "https://school.example/b": {"@context": ["https://school.example/a"]},
        }
    )
    with pytest.raises(DataLoss, match="too often"):
        dataset({"@context": "https://school.example/a", "name": "Ash"}, contexts)


def endorsed(value: str, *ids: str) -> Any:
    proof = {"type": "DataIntegrityProof", "proofPurpose": "assertionMethod", "proofValue": value}
    endorsements = [{"id": name, "type": "VerifiableCredential", "proof": proof} for name in ids]
    return {"@context": STANDARD, "id": "urn:example:1", "endorsement": endorsements}


def test_equal_proofs_are_read_differently_where_repetitions_are_dropped() -> None:
    judge = published.judge({url: facts.context(url) for url in facts.urls()})
    for number in range(10):
        once = canonicalize(dataset(endorsed(f"z{number}", "urn:example:2"), BUILT_IN))
        assert not once.ambiguous
        twice = endorsed(f"z{number}", "urn:example:2", "urn:example:3")
        found = canonicalize(dataset(twice, BUILT_IN))
        assert nquads(twice, BUILT_IN) == found.lines
        assert found.ambiguous is ("repetitions" in found.others)
        assert "".join(found.lines) == judge(twice)
        if found.ambiguous:
            return
    pytest.fail("none of the proofs was ambiguous")


@pytest.mark.parametrize(
    ("document", "pointer", "fix"),
    [
        (
            {"@context": [V2, {"@language": "en-US"}]},
            "/@context/1/@language",
            'write "en-us"',
        ),
        ({"name": {"@value": "x", "@language": "EN"}}, "/name/@language", 'write "en"'),
    ],
)
def test_what_software_reads_in_different_ways_is_doubtful(
    document: Any, pointer: str, fix: str
) -> None:
    with pytest.raises(DataLoss) as caught:
        refuse_doubtful(document)
    assert (caught.value.pointer, caught.value.fix) == (pointer, fix)


def test_most_languages_are_not_doubtful() -> None:
    refuse_doubtful({"a": [3, 3.0, None], "inLanguage": "en-US", "@language": "en-gb"})


def test_a_document_is_left_as_it_was_and_gives_the_same_twice() -> None:
    text = json.dumps({"@context": [*STANDARD, {"a": "urn:a"}], "type": ["Profile"], "a": [1, {}]})
    document = json.loads(text)
    first = nquads(document, BUILT_IN)
    assert json.dumps(document) == text
    assert nquads(document, BUILT_IN) == first


def test_the_hash_decides_on_the_names_of_blank_nodes() -> None:
    document = {"@context": {"a": "urn:a"}, "a": [{"a": str(n)} for n in range(9)]}
    short, long = (nquads(document, BUILT_IN, hash_name=name) for name in ("sha256", "sha384"))
    assert short != long
    assert len(short) == len(long) == 18
