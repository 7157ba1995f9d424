"""Every member of every good record, broken in five ways: nothing crashes, nothing slips through.

A mutant differs in one place from a record without fault. Verdicts are asked of all of them;
findings, which take a hundred times as long, of a regular selection.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from clrctl.checking import validation
from clrctl.checking.codes import all_codes
from clrctl.checking.rules.contexts import foreign_contexts
from clrctl.checking.rules.members import OPEN
from clrctl.document.parsing import parse
from clrctl.finding import Finding, Json, Severity
from clrctl.standard import classes, schemas
from tests.explained import CLR, COMPLETE
from tests.mutations import Path as Steps
from tests.mutations import at, changed, copied, walk, without
from tests.standard.test_schemas_differential import published_accepts

SAMPLES = Path(__file__).parents[2] / "samples"
RECORDS = {
    "complete": COMPLETE,
    **{
        path.name.partition(".")[0]: orjson.loads(path.read_bytes())
        for path in sorted(SAMPLES.glob("*.clr.json"))
    },
}
# Of so many mutants of a record one is explained.
STEPS = {"complete": 5, "minimal": 1, "workforce": 3}
LONGEST = 400
OTHER_KINDS: dict[type, Json] = {
    str: 7,
    int: "plain words",
    float: "plain words",
    bool: "plain words",
    list: {"plain": "words"},
    dict: "plain words",
}
CODES = {entry.code for entry in all_codes()}


class Mutant(NamedTuple):
    """A record broken in one place, and how."""

    way: str
    path: Steps
    data: Json


def retyped(record: Json, path: Steps) -> Json:
    return changed(record, path, OTHER_KINDS[type(at(record, path))])


def emptied(record: Json, path: Steps) -> Json:
    value = at(record, path)
    return changed(record, path, type(value)()) if isinstance(value, str | list | dict) else None


def misspelt(record: Json, path: Steps) -> Json:
    *around, name = path
    if not isinstance(name, str):
        return None
    data = copied(record)
    members = at(data, tuple(around))
    members[name + name[-1]] = members.pop(name)
    return data


WAYS: dict[str, Callable[[Json, Steps], Json]] = {
    "removed": lambda record, path: without(record, *path),
    "retyped": retyped,
    "emptied": emptied,
    "misspelt": misspelt,
}


def mutants(record: Json) -> Iterator[Mutant]:
    for path in walk(record):
        for way, change in WAYS.items():
            if path and (data := change(record, path)) is not None:
                yield Mutant(way, path, data)


@pytest.mark.parametrize("name", RECORDS)
def test_a_finding_has_a_place_in_the_document_and_says_something(name: str) -> None:
    for mutant in itertools.islice(mutants(RECORDS[name]), 0, None, STEPS.get(name, 40)):
        for finding in validation.check_data(mutant.data):
            assert finding.code in CODES, finding
            assert 0 < len(finding.message) <= LONGEST, finding
            assert is_inside(mutant.data, finding), (mutant[:2], finding)


def is_inside(data: Json, finding: Finding) -> bool:
    for step in finding.pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        data = data[int(name) if isinstance(data, list) else name]
    return True


@pytest.mark.skipif(
    not os.environ.get("CLRCTL_REFERENCE"),
    reason="CLRCTL_REFERENCE names no folder with the published schemas",
)
@pytest.mark.parametrize("name", RECORDS)
def test_what_the_published_schemas_forbid_is_refused(name: str) -> None:
    ours, forbidden = schemas.fast_validator(CLR), 0
    for mutant in mutants(RECORDS[name]):
        if not published_accepts(mutant.data, "ClrCredential"):
            forbidden += 1
            assert not ours.is_valid(mutant.data), mutant[:2]
    assert forbidden > 50


@pytest.mark.parametrize("name", RECORDS)
def test_a_misspelt_member_of_the_model_is_always_found(name: str) -> None:
    record = RECORDS[name]
    known = validation.check_data(record)
    closed = {
        cls
        for cls, schema in schemas.schema(classes.CLASSES)["$defs"].items()
        if schema.get("additionalProperties") is False
    }
    # A context of somebody's own may define any name, so that none is misspelt beside it.
    looked_at = [
        node
        for node in classes.grow(record, "ClrCredential").everything()
        if node.path and node.cls in {*OPEN, *closed} and not foreign_contexts(node)
    ]
    for node in looked_at[:: STEPS.get(name, 40)]:
        for member in node.value.keys() & classes.members(node.cls).keys():
            data = misspelt(record, (*node.path, member))
            new = [finding for finding in validation.check_data(data) if finding not in known]
            assert any(finding.severity is Severity.ERROR for finding in new), (node.path, member)


@pytest.mark.parametrize("name", RECORDS)
def test_a_name_that_stands_twice_is_always_found(name: str) -> None:
    record = RECORDS[name]
    for *around, last in filter(None, walk(record)):
        if isinstance(last, str):
            (fault, *more) = parse(doubled(record, (*around, last))).faults
            assert (fault.code, more) == ("parse/duplicate-key", [])


def doubled(record: Json, path: Steps) -> bytes:
    """Return a record as text in which a member is written twice."""
    data: Any = copied(record)
    members = at(data, path[:-1])
    members["written twice"] = members[path[-1]]
    return orjson.dumps(data).replace(b'"written twice"', orjson.dumps(path[-1]))
