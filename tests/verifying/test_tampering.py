"""Every member of a record changed, one by one: nothing fails, and no change goes unnoticed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from clrctl.document.parsing import parse
from clrctl.verifying.engine import Verifier
from clrctl.verifying.trust import Trust
from tests.issued import CLUB, NOW, child, minimal, own_method, signed, with_child
from tests.verifying.test_engine import EXTENSIONS, STANDARD, endorsement, token
from tests.verifying.test_status import LIST, entry, status_list

Path = tuple[str | int, ...]
GONE = object()
ODD = [GONE, None, "x", [], {"id": 5}, ["x", None], {"@value": 1}, "eyJ.eyJ.x"]


def whole() -> dict[str, Any]:
    """Return a signed record with a status, a schema, and endorsements of both kinds."""
    data = minimal()
    inner = child(data)
    inner["credentialStatus"] = entry()
    inner["credentialSchema"] = [STANDARD]
    inner["@context"].append(EXTENSIONS)
    achievement = inner["credentialSubject"]["achievement"]
    endorsed = endorsement(achievement["id"])
    unsigned = {name: value for name, value in endorsed.items() if name != "proof"}
    achievement["endorsement"] = [endorsed]
    achievement["endorsementJwt"] = [token(unsigned, CLUB, kid=own_method(CLUB.public))]
    # A name of its own: what both say of one issuer could be left out in one place.
    data["issuer"]["name"] = "Brookside"
    return signed(with_child(data, signed(inner)))


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    for step in value if isinstance(value, dict) else range(len(value) * isinstance(value, list)):
        yield from paths(value[step], (*path, step))


WHOLE = whole()
VERIFIER = Verifier(Trust(documents={LIST: json.dumps(status_list()).encode()}), now=NOW)
# RDF has one node for the issuer, so that its type, said twice, may be left out once; a null says
# nothing in RDF.
EQUAL = {("issuer", "type"), ("issuer", "type", 0)}


def is_valid(data: dict[str, Any]) -> bool:
    return VERIFIER.verify(parse(json.dumps(data).encode())).ok


def test_the_record_is_valid_as_it_was_signed() -> None:
    assert is_valid(WHOLE)


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: "gone" if odd is GONE else json.dumps(odd))
def test_no_member_can_be_changed_unnoticed(odd: Any) -> None:
    unnoticed = []
    for path in paths(WHOLE):
        data = copy.deepcopy(WHOLE)
        holder: Any = data
        for step in path[:-1]:
            holder = holder[step]
        if odd is GONE:
            del holder[path[-1]]
        elif holder[path[-1]] == odd:
            continue
        else:
            holder[path[-1]] = odd
        if is_valid(data):
            unnoticed.append(path)
    assert set(unnoticed) <= EQUAL


def test_no_member_can_be_added_unnoticed() -> None:
    unnoticed = []
    for path in [(), *paths(WHOLE)]:
        data = copy.deepcopy(WHOLE)
        holder: Any = data
        for step in path:
            holder = holder[step]
        if isinstance(holder, dict):
            holder["note"] = "passed with distinction"
            if is_valid(data):
                unnoticed.append(path)
    assert unnoticed == []
