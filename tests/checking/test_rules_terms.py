"""What contexts make of a document: told where nothing else tells it, and quick where it can be."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from clrctl.checking import validation
from clrctl.checking.rules import terms
from clrctl.checking.rules.contexts import CLR_2, EXTENSIONS, OB_3, VC_2
from clrctl.document.parsing import parse
from clrctl.proof.jsonld.contexts import Contexts
from clrctl.standard import classes
from clrctl.standard.classes import CREDENTIALS

BASE = parse(
    (Path(__file__).parents[1] / "data" / "gallery" / "base.yaml").read_bytes(), syntax="yaml"
).data
CLASSES = sorted({*classes.CREDENTIALS, *terms.OPEN, *terms._DEPENDENT, "Association"})


@pytest.mark.parametrize("cls", CLASSES)
def test_what_is_passed_over_is_defined(cls: str) -> None:
    """The quick look knows types and members; the contexts have to define each of them."""
    contexts = Contexts.built_in()
    base = contexts.apply(contexts.root, [VC_2, CLR_2, OB_3, EXTENSIONS])
    for kind, members in terms._known(cls).items():
        if kind is None and cls in CREDENTIALS:
            continue  # a credential without a type is the schema's business
        kinds = kind if isinstance(kind, tuple) else (kind or cls,)
        assert cls in terms._DEPENDENT or all(name in base.terms for name in kinds)
        defined = contexts.typed(base, kinds).terms
        assert {name for name in members if name not in defined} <= {"@context"}


def findings(data: Any) -> list[tuple[str, str]]:
    return [(f.code, f.pointer) for f in validation.check_data(data)]


def changed(**members: Any) -> Any:
    data = copy.deepcopy(BASE)
    data.update(members)
    return data


def test_terms_of_a_context_of_ones_own_are_defined_and_others_are_not() -> None:
    own = {
        "house": {"@id": "https://school.example.edu/terms#house", "@context": {
            "colour": "https://school.example.edu/terms#colour",
        }},
    }  # fmt: skip
    data = changed(**{"@context": [VC_2, CLR_2, OB_3, own], "house": {"colour": "red"}})
    assert findings(data) == []
    data["house"]["size"] = 3
    assert findings(data) == [("context/undefined", "/house/size")]


def test_a_context_that_is_not_known_may_define_anything() -> None:
    contexts = [VC_2, CLR_2, OB_3, "https://school.example.edu/terms.json"]
    data = changed(**{"@context": contexts, "house": {"colour": "red"}})
    data["credentialStatus"]["type"] = "Anything"
    assert findings(data) == []


def test_many_losses_are_told_each_in_its_place() -> None:
    data = changed(termsOfUse=[{"type": "Rent", "price": 3}, {"type": "Sale"}])
    data["credentialSubject"]["type"] = ["ClrSubject", "Leaver", "Pupil"]
    assert sorted(findings(data)) == [
        ("context/undefined", "/credentialSubject/type/1"),
        ("context/undefined", "/credentialSubject/type/2"),
        ("context/undefined", "/termsOfUse/0/type"),
        ("context/undefined", "/termsOfUse/1/type"),
    ]


def test_a_type_that_is_no_text_is_no_crash() -> None:
    for kind in ([{}], {"a": 1}, 3, [["ClrSubject"]], [None]):
        data = changed()
        data["credentialSubject"]["type"] = kind
        assert findings(data), kind


def test_documents_that_are_well_are_not_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most are: what takes longer than all other rules is left for the rest."""
    calls: list[Any] = []
    monkeypatch.setattr("clrctl.proof.jsonld.losses.find_losses", lambda *_: calls.append(1) or ())
    grown = classes.grow(copy.deepcopy(BASE), "ClrCredential")
    for node in list(grown.of("CredentialStatus")):
        node.value["type"] = "BitstringStatusListEntry"
    assert not list(terms.undefined(grown.root, grown))
    assert calls == []
    grown.root.value["credentialStatus"]["type"] = "Other"
    assert not list(terms.undefined(grown.root, grown))
    assert calls == [1]
    assert set(CREDENTIALS) >= {grown.root.cls}
