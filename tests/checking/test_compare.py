"""What counts as a change between the credential sent and the one returned."""

import copy
import random

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clrctl.checking.comparison import Change, compare
from tests.conftest import SAMPLES

PROOF = {"type": "DataIntegrityProof", "proofValue": "z"}


def told(sent, received):
    return [(change.pointer, change.kind) for change in compare(sent, received)]


TABLE = [
    # sent, received, changes
    ({"a": 1}, {"a": 1.0}, []),
    ({"a": 1}, {"a": True}, [("/a", "changed")]),
    ({"a": "1"}, {"a": 1}, [("/a", "changed")]),
    ({"a": None}, {}, [("/a", "lost")]),
    ({}, {"a": None}, [("/a", "added")]),
    ({"a/b": {"~": 1}}, {"a/b": {}}, [("/a~1b/~0", "lost")]),
    ({"a": [1, 2]}, {"a": [2, 1]}, []),
    ({"a": [1, 1]}, {"a": [1]}, [("/a/1", "lost")]),
    ({"a": [1, 2]}, {"a": [1, 2, 3]}, [("/a/2", "added")]),
    ({"a": [1, 2]}, {"a": [2, 3]}, [("/a/0", "changed")]),
    ({"a": 1}, {"a": [1]}, []),
    ({"a": [1]}, {"a": 1}, []),
    ({"a": 1}, {"a": [2, 1]}, [("/a/0", "added")]),
    ({"a": {"b": 1}}, {"a": [{"b": 2}]}, [("/a/b", "changed")]),
    ({"a": [{"b": 1}]}, {"a": {"b": 2}}, [("/a/0/b", "changed")]),
    ({"a": {"b": 1}}, {"a": "text"}, [("/a", "changed")]),
    ({"a": []}, {"a": 1}, [("/a/0", "added")]),
    (
        {"@context": ["a", "b", "c"]},
        {"@context": ["a", "c", "b"]},
        [("/@context/1", "changed"), ("/@context/2", "changed")],
    ),
    ({"@context": ["a", "b"]}, {"@context": ["a"]}, [("/@context", "changed")]),
    ({"@context": {"x": 1}}, {"@context": [{"x": 2}]}, [("/@context/x", "changed")]),
    ({"@context": ["a"]}, {"@context": "a"}, []),
    ({"allowedValue": ["A", "B"]}, {"allowedValue": ["A"]}, [("/allowedValue", "changed")]),
    (
        {"rubricCriterionLevel": [{"id": 1}, {"id": 2, "level": "A"}]},
        {"rubricCriterionLevel": [{"id": 1}, {"id": 2}]},
        [("/rubricCriterionLevel/1/level", "lost")],
    ),
    # by id, wherever it stands
    (
        {"a": [{"id": 1, "x": 1}, {"id": 2, "x": 1}]},
        {"a": [{"id": 2}, {"id": 1, "x": 1}]},
        [("/a/1/x", "lost")],
    ),
    ({"a": [{"id": 1}, {"id": 2}]}, {"a": [{"id": 2}, {"id": 3}]}, [("/a/0/id", "changed")]),
    ({"a": [{"id": 1}, {"id": 2}]}, {"a": [{"id": 2}]}, [("/a/0", "lost")]),
    (
        {"a": [{"id": 1}, {"id": 2}]},
        {"a": [{"id": 3}, {"id": 4}]},
        [("/a/0", "lost"), ("/a/1", "lost"), ("/a/0", "added"), ("/a/1", "added")],
    ),
    # without id, those that are left in their order
    (
        {"a": [{"x": [1, 2]}, {"x": [3, 4], "y": 1}, {"z": 1}]},
        {"a": [{"x": [4, 3]}, {"z": 2}, {"x": [2, 1]}]},
        [("/a/1/y", "lost"), ("/a/2/z", "changed")],
    ),
    ([1], {"a": 1}, [("/0", "changed")]),
]


@pytest.mark.parametrize(("sent", "received", "expected"), TABLE)
def test_differences_are_named_by_pointer(sent, received, expected):
    assert told(sent, received) == expected


def signed(**members):
    return {"id": "urn:b", "proof": PROOF, "name": "n", "tag": ["x"]} | members


def clr(*nested, **members):
    return {"id": "urn:a", "credentialSubject": {"verifiableCredential": list(nested)}} | members


def without(credential, name):
    return {key: value for key, value in credential.items() if key != name}


NESTED = "/credentialSubject/verifiableCredential/0"
PROOFS = [
    # sent, received, pointer, whether a proof is broken
    (clr(signed()), clr(without(signed(), "name")), f"{NESTED}/name", True),
    (clr(signed()), clr(signed(name="m")), f"{NESTED}/name", True),
    (clr(signed()), clr(signed(image="i")), f"{NESTED}/image", True),
    (clr(signed()), clr(signed(tag=["x", "y"])), f"{NESTED}/tag/1", True),
    (clr(signed()), clr(signed(proof=PROOF | {"type": "T"})), f"{NESTED}/proof/type", True),
    (clr(signed()), clr(signed(proof=[PROOF, {"type": "other"}])), f"{NESTED}/proof/1", False),
    (clr(signed()), clr(), NESTED, True),
    (clr(signed()), clr(signed(), {"id": "urn:c"}), f"{NESTED[:-2]}/1", False),
    (clr(without(signed(), "proof")), clr(), NESTED, False),
    (clr({"endorsement": [signed()]}), clr({}), f"{NESTED}/endorsement", True),
    (clr(signed(), name="n"), clr(signed()), "/name", False),
    (clr(proof=PROOF, name="n"), clr(proof=PROOF), "/name", False),
    (clr(proof=PROOF), clr(proof={"type": "another"}), "/proof/type", False),
    ({"id": "urn:a", "proof": PROOF, "x": 1}, [1, 2], "", False),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "received", "pointer", "broken"), PROOFS)
def test_a_change_inside_a_signed_credential_breaks_its_proof(sent, received, pointer, broken):
    changes = {change.pointer: change for change in compare(sent, received)}
    assert changes[pointer].breaks_a_proof is broken
    assert any(change.breaks_a_proof for change in changes.values()) is broken


# --- laws -------------------------------------------------------------------------------------

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["a", "b", ""])
NAMES = st.sampled_from(["id", "name", "tag", "result", "proof"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=4) | st.dictionaries(NAMES, inner, max_size=4)
    ),
    max_leaves=25,
)
OBJECTS = st.dictionaries(NAMES, VALUES, min_size=1)


ORDERED = ("@context", "allowedValue", "rubricCriterionLevel")


def rewritten(value, rng, name=""):
    """Return the same credential as another program may write it."""
    if isinstance(value, dict):
        names = rng.sample(list(value), len(value))
        return {each: rewritten(value[each], rng, each) for each in names}
    if not isinstance(value, list):
        return [value] if rng.random() < 0.3 else value
    items = value if name in ORDERED else rng.sample(value, len(value))
    items = [rewritten(item, rng) for item in items]
    return items[0] if len(items) == 1 and rng.random() < 0.5 else items


@given(OBJECTS, st.randoms(use_true_random=False))
def test_the_order_of_sets_and_a_lone_value_do_not_count(value, rng):
    assert compare(value, copy.deepcopy(value)) == []
    assert compare(value, rewritten(value, rng)) == []


def places(value, path=()):
    """Yield the path of each member and item of a value."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in steps:
        yield (*path, step)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, step))


@given(OBJECTS, st.data())
def test_whatever_is_taken_away_or_replaced_is_told(value, data):
    path = data.draw(st.sampled_from(sorted(places(value), key=repr)))
    replaced = data.draw(st.booleans())
    other = copy.deepcopy(value)
    inner = other
    for step in path[:-1]:
        inner = inner[step]
    if replaced:
        inner[path[-1]] = "something else"
    else:
        del inner[path[-1]]
    assert any(change.kind != "added" for change in compare(value, other))


@pytest.mark.parametrize("name", ["transcript.clr.json", "mastery.clr.json", "workforce.clr.json"])
def test_a_change_anywhere_in_a_real_record_is_named_where_it_is(name):
    record = orjson.loads((SAMPLES / name).read_bytes())
    rng = random.Random(name)  # noqa: S311 - a test
    for path in rng.sample([p for p in places(record) if isinstance(p[-1], str)], 60):
        other = copy.deepcopy(record)
        inner = other
        for step in path[:-1]:
            inner = inner[step]
        del inner[path[-1]]
        lost = "".join(f"/{step}" for step in path)
        changes = [change.pointer for change in compare(record, rewritten(other, rng))]
        assert changes == [lost]


def test_hundreds_of_nested_credentials_are_compared_item_by_item():
    def nested(number):
        return {"id": f"urn:{number}", "name": f"Course {number}", "tag": ["x", str(number)]}

    sent = clr(*map(nested, range(400)))
    received = clr(*(without(nested(number), "name") for number in reversed(range(400))))
    changes = compare(sent, received)
    base = "/credentialSubject/verifiableCredential"
    assert changes == [Change(f"{base}/{number}/name", "lost") for number in range(400)]


def test_a_moment_that_a_proof_covers_is_changed_by_another_form():
    inner = {"id": "urn:b", "validFrom": "2026-06-12T17:00:00Z", "proof": PROOF}
    sent = {"id": "urn:a", "tag": [inner]}
    received = {"id": "urn:a", "tag": [inner | {"validFrom": "2026-06-12T17:00:00.000Z"}]}
    (change,) = compare(sent, received, same_moments=True)
    assert (change.pointer, change.breaks_a_proof) == ("/tag/0/validFrom", True)


@pytest.mark.parametrize(
    ("name", "same_moments", "changes"),
    [("created", True, 0), ("created", False, 1), ("name", True, 1)],
)
def test_only_moments_may_be_written_in_another_form(name, same_moments, changes):
    one, other = "2026-06-12T17:00:00Z", "2026-06-12T19:00:00+02:00"
    found = compare({"a": [{name: one}]}, {"a": [{name: other}]}, same_moments=same_moments)
    assert len(found) == changes
