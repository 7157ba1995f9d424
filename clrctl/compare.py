"""Two credentials compared by meaning: what one has that the other lost or changed.

JSON-LD sets have no order and a lone value equals a set of one; neither counts as a change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clrctl.finding import Json, pointer
from clrctl.tree import Path

# Lists whose order carries meaning (CLR 2.0, @context; Open Badges 3.0, ResultDescription).
_ORDERED = ("@context", "allowedValue", "rubricCriterionLevel")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        pointer: JSON Pointer into the first credential (for `added`: into the second).
        kind: `lost`, `changed` or `added`.
    """

    pointer: str
    kind: str


def compare(sent: Json, received: Json) -> list[Change]:
    """Return how `received` differs from `sent`, outermost differences only."""
    return [Change(pointer(path), kind) for path, kind in _differ(sent, received, ())]


def breaks_a_proof(sent: Json, changes: list[Change]) -> bool:
    """Tell whether something was lost or changed inside a nested credential that is signed."""
    subject = sent.get("credentialSubject") if isinstance(sent, dict) else None
    nested = subject.get("verifiableCredential") if isinstance(subject, dict) else None
    base = "/credentialSubject/verifiableCredential"
    places = (
        [(f"{base}/{index}", item) for index, item in enumerate(nested)]
        if isinstance(nested, list)
        else [(base, nested)]
    )
    signed = [place for place, item in places if isinstance(item, dict) and item.get("proof")]
    return any(
        change.kind != "added" and f"{change.pointer}/".startswith(f"{place}/")
        for change in changes
        for place in signed
    )


def _differ(sent: Json, received: Json, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(sent, list) != isinstance(received, list):
        yield from _differ_lists(_as_list(sent), _as_list(received), path, isinstance(sent, list))
    elif isinstance(sent, list):
        yield from _differ_lists(sent, received, path, indexed=True)
    elif isinstance(sent, dict) and isinstance(received, dict):
        for name, value in sent.items():
            if name in received:
                yield from _differ(value, received[name], (*path, name))
            else:
                yield (*path, name), "lost"
        for name in received.keys() - sent.keys():
            yield (*path, name), "added"
    elif sent != received or isinstance(sent, bool) != isinstance(received, bool):
        yield path, "changed"


def _differ_lists(
    sent: list[Json], received: list[Json], path: Path, indexed: bool
) -> Iterator[tuple[Path, str]]:
    if path and path[-1] in _ORDERED:
        if sent != received:
            yield path, "changed"
        return
    left = [item for item in received if item not in sent]
    for index, item in enumerate(sent):
        if item in received:
            continue
        place = (*path, index) if indexed else path
        partner = _partner(item, left)
        if partner is None:
            yield place, "lost"
        else:
            left.remove(partner)
            yield from _differ(item, partner, place)
    for extra in left:
        yield (*path, received.index(extra)), "added"


def _partner(item: Json, others: list[Json]) -> Json | None:
    """Return the item of the other set that is meant to be the same thing."""
    if not isinstance(item, dict):
        return None
    objects = [other for other in others if isinstance(other, dict)]
    if "id" in item:
        return next((other for other in objects if other.get("id") == item["id"]), None)
    return next((other for other in objects if "id" not in other), None)


def _as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]
