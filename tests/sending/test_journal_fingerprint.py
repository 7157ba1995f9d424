"""Fingerprints: which parts have changed, told without the earlier version."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clrctl.checking.comparison import compare
from clrctl.sending import fingerprint

SAMPLE = Path(__file__).parents[2] / "samples" / "transcript.clr.json"
TRANSCRIPT = orjson.loads(SAMPLE.read_bytes())
NESTED = "/credentialSubject/verifiableCredential"

Json = Any


def transcript() -> Json:
    return copy.deepcopy(TRANSCRIPT)


def nested(data: Json) -> list[Json]:
    entries: list[Json] = data["credentialSubject"]["verifiableCredential"]
    return entries


def paths(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every value inside another."""
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for step, child in children:
        yield (*path, step)
        if isinstance(child, dict | list):
            yield from paths(child, (*path, step))


PATHS = list(paths(TRANSCRIPT))


def holder_of(data: Json, path: tuple[str | int, ...]) -> Json:
    for step in path[:-1]:
        data = data[step]
    return data


def shuffled(value: Json, chance: random.Random, name: str = "") -> Json:
    """Return the same in another order, lone values of sets out of their lists and back."""
    if isinstance(value, dict):
        items = list(value.items())
        chance.shuffle(items)
        return {key: shuffled(item, chance, key) for key, item in items}
    if not isinstance(value, list) or name in ("@context", "allowedValue", "rubricCriterionLevel"):
        return value
    items = [shuffled(item, chance) for item in value]
    chance.shuffle(items)
    return items[0] if len(items) == 1 and chance.random() < 0.5 else items


@given(st.integers())
def test_what_means_the_same_has_not_changed(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    other = shuffled(TRANSCRIPT, chance)
    assert compare(TRANSCRIPT, other) == []
    assert fingerprint.changed(fingerprint.of(TRANSCRIPT), other) == []
    assert fingerprint.changed(fingerprint.of(other), TRANSCRIPT) == []


@given(st.sampled_from(PATHS), st.sampled_from(["changed", "removed"]))
def test_any_change_is_named_or_its_container_is(path: tuple[str | int, ...], how: str) -> None:
    data = transcript()
    holder = holder_of(data, path)
    if how == "changed":
        holder[path[-1]] = "something else"
    else:
        del holder[path[-1]]
    named = fingerprint.changed(fingerprint.of(TRANSCRIPT), data)
    assert bool(named) == bool(compare(TRANSCRIPT, data))
    # Which entry of a set is meant may be a matter of taste, so that indices are left out here.
    place = without_indices(path)
    for pointer in named:
        other = without_indices(pointer.split("/")[1:])
        length = min(len(place), len(other))
        assert place[:length] == other[:length]


def without_indices(path: Sequence[str | int]) -> list[str]:
    return [str(step) for step in path if not str(step).isdecimal()]


def renamed(data: Json) -> None:
    data["name"] = "another"


def added(data: Json) -> None:
    data["description"] = "is new"
    del data["awardedDate"]


def deep(data: Json) -> None:
    nested(data).reverse()
    nested(data)[0]["credentialSubject"]["achievement"]["name"] = "another"
    nested(data)[1]["name"] = "another"
    nested(data)[2]["credentialSubject"]["creditsEarned"] = 99


def shorter(data: Json) -> None:
    del nested(data)[3]


def longer(data: Json) -> None:
    nested(data).insert(0, {**nested(data)[0], "id": "urn:uuid:new"})


def regraded(data: Json) -> None:
    nested(data)[2]["credentialSubject"]["result"][0]["value"] = "F-"


def graded_again(data: Json) -> None:
    results = nested(data)[2]["credentialSubject"]["result"]
    results.insert(0, {"type": ["Result"], "value": "F-"})


def in_another_context(data: Json) -> None:
    data["@context"].reverse()


def flattened(data: Json) -> None:
    data["credentialSubject"] = "did:example:ash"


CASES = [
    (renamed, ["/name"]),
    (added, ["/description", "/awardedDate"]),
    (
        deep,
        [
            f"{NESTED}/0/credentialSubject/achievement/name",
            f"{NESTED}/1/name",
            f"{NESTED}/2/credentialSubject/creditsEarned",
        ],
    ),
    (shorter, [f"{NESTED}/3"]),
    (longer, [f"{NESTED}/0"]),
    (regraded, [f"{NESTED}/2/credentialSubject/result/0"]),
    (graded_again, [f"{NESTED}/2/credentialSubject/result/0"]),
    (in_another_context, ["/@context"]),
    (flattened, ["/credentialSubject"]),
]


@pytest.mark.parametrize(("change", "named"), CASES)
def test_the_part_that_changed_is_named(change: Any, named: list[str]) -> None:
    data = transcript()
    change(data)
    found = fingerprint.changed(fingerprint.of(TRANSCRIPT), data)
    assert sorted(found) == sorted(named)


def test_a_set_may_grow_out_of_a_lone_value_and_back() -> None:
    one = {"verifiableCredential": {"id": "a", "name": "x"}}
    two = {"verifiableCredential": [{"id": "b"}, {"name": "y", "id": "a"}]}
    assert fingerprint.changed(fingerprint.of(one), two) == [
        "/verifiableCredential/0",
        "/verifiableCredential/1/name",
    ]
    assert fingerprint.changed(fingerprint.of(two), one) == [
        "/verifiableCredential/name",
        "/verifiableCredential/0",
    ]


def test_the_achievements_of_a_clr_are_a_set() -> None:
    data = transcript()
    catalogue = data["credentialSubject"]["achievement"]
    catalogue.append({**catalogue[0], "id": "urn:uuid:another"})
    assert fingerprint.changed(fingerprint.of(TRANSCRIPT), data) == [
        "/credentialSubject/achievement/1"
    ]
    later = copy.deepcopy(data)
    later["credentialSubject"]["achievement"].reverse()
    later["credentialSubject"]["achievement"][0]["name"] = "another"
    assert fingerprint.changed(fingerprint.of(data), later) == [
        "/credentialSubject/achievement/0/name"
    ]


def test_of_equal_entries_their_number_counts() -> None:
    print_ = fingerprint.of({"result": [{"value": "A"}, {"value": "A"}]})
    assert fingerprint.changed(print_, {"result": [{"value": "A"}, {"value": "A"}]}) == []
    assert fingerprint.changed(print_, {"result": [{"value": "A"}]}) == ["/result/1"]


@pytest.mark.parametrize("rubbish", [b"", b"short", b"12345678not compressed"])
def test_of_what_cannot_be_read_the_whole_document_is_named(rubbish: bytes) -> None:
    assert fingerprint.changed(rubbish, TRANSCRIPT) == [""]


def test_a_cut_fingerprint_names_what_it_no_longer_knows() -> None:
    print_ = fingerprint.of({"id": "a", "name": "b"})
    assert fingerprint.changed(print_[:-1], {"id": "a", "name": "b"}) == ["/name"]


def test_no_value_and_no_equality_between_records_can_be_seen() -> None:
    import zlib

    print_ = fingerprint.of(TRANSCRIPT)
    skeleton = zlib.decompressobj().decompress(print_[8:]).decode()
    assert "credentialSubject" in skeleton
    for secret in (TRANSCRIPT["id"], TRANSCRIPT["name"], nested(TRANSCRIPT)[0]["id"]):
        assert secret not in skeleton
        assert secret.encode() not in print_
    assert print_[-100:] != fingerprint.of(TRANSCRIPT)[-100:]


def test_a_transcript_of_forty_fits_into_six_kilobytes() -> None:
    data = transcript()
    for number in range(len(nested(data)), 40):
        nested(data).append({**nested(data)[number % 10], "id": f"urn:uuid:{number}"})
    assert len(fingerprint.of(data)) <= 6000
