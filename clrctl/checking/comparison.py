"""Two credentials compared by meaning: what the second one lost, changed or added.

JSON-LD sets have no order and a lone value equals a set of one; neither counts as a change. This
module does not know which of the two is right.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace

from clrctl.finding import Json, pointer
from clrctl.standard import same_moment

ORDERED = ("@context", "allowedValue", "rubricCriterionLevel")
"""Lists whose order carries meaning (CLR 2.0: @context; Open Badges 3.0: ResultDescription)."""

_MOMENTS = (
    "activityEndDate",
    "activityStartDate",
    "awardedDate",
    "created",
    "expires",
    "validFrom",
    "validUntil",
)

_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        pointer: JSON Pointer into the first credential. Of something added it is that of the
            place around it, and then its name or index in the second credential.
        kind: `lost`, `changed` or `added`.
        breaks_a_proof: a signed credential inside the first one is lost, or no longer verifies.
        there: JSON Pointer into the second credential; None of something lost.
    """

    pointer: str
    kind: str
    breaks_a_proof: bool = False
    there: str | None = None


def compare(sent: Json, received: Json, *, same_moments: bool = False) -> list[Change]:
    """Return how `received` differs from `sent`, outermost differences only.

    A proof of the outermost credential itself is not held against changes: who signs on
    receipt replaces it.

    Args:
        sent: the first credential.
        received: the second one.
        same_moments: let a moment that is written in another form (`.000Z` for `Z`, another zone)
            be no change, but where a proof covers it.

    Raises:
        RecursionError: one of them is nested too deeply, as no credential is.
    """
    return list(_Comparison(same_moments=same_moments).differ(sent, received, _Place()))


@dataclass(frozen=True, slots=True)
class _Place:
    """A place in both credentials, and whether a proof covers what stands there."""

    here: _Path = ()
    there: _Path = ()
    signed: bool = False

    @property
    def name(self) -> str:
        """Name of the innermost member."""
        return next((step for step in reversed(self.here) if isinstance(step, str)), "")

    def member(self, name: str) -> _Place:
        return replace(self, here=(*self.here, name), there=(*self.there, name))

    def entry(self, sent: Json, index: int, received: Json, other: int) -> _Place:
        """Return the place of an entry; a lone value stands where its list would."""
        here = (*self.here, index) if isinstance(sent, list) else self.here
        there = (*self.there, other) if isinstance(received, list) else self.there
        return replace(self, here=here, there=there)

    def lost(self, value: Json) -> Change:
        breaks = self.signed or _holds_proof(value, outermost=not self.here)
        return Change(pointer(self.here), "lost", breaks)

    def changed(self, value: Json) -> Change:
        return replace(self.lost(value), kind="changed", there=pointer(self.there))

    def added(self) -> Change:
        # A further proof beside the one that is there takes nothing away from it.
        breaks = self.signed and "proof" not in self.here
        return Change(pointer(self.here), "added", breaks, pointer(self.there))


class _Comparison:
    """Gives values numbers: two have the same one exactly if they mean the same."""

    def __init__(self, *, same_moments: bool) -> None:
        self._same_moments = same_moments
        self._numbers: dict[Hashable, int] = {}
        # By id(): what is compared outlives the comparison.
        self._known: dict[int, int] = {}

    def number(self, value: Json, name: str = "") -> int:
        """Return the number of a value; `name` is that of the member it stands in."""
        if not isinstance(value, dict | list):
            return self._of((isinstance(value, bool), value))
        if id(value) not in self._known:
            self._known[id(value)] = self._counted(value, name)
        return self._known[id(value)]

    def _counted(self, value: Json, name: str) -> int:
        if isinstance(value, dict):
            return self._of(frozenset((key, self.number(item, key)) for key, item in value.items()))
        numbers = [self.number(item, name) for item in value]
        if len(numbers) == 1:
            return numbers[0]
        return self._of(("list", *(numbers if name in ORDERED else sorted(numbers))))

    def _of(self, shape: Hashable) -> int:
        return self._numbers.setdefault(shape, len(self._numbers))

    def differ(self, sent: Json, received: Json, place: _Place) -> Iterator[Change]:
        """Yield the differences between what stands in a place."""
        if self.number(sent, place.name) == self.number(received, place.name):
            return
        if isinstance(sent, dict) and isinstance(received, dict):
            signed = place.signed or bool(place.here and _proof(sent))
            yield from self._members(sent, received, replace(place, signed=signed))
        elif isinstance(sent, list) or isinstance(received, list):
            differ = self._sequences if place.name in ORDERED else self._sets
            yield from differ(sent, received, place)
        elif not self._is_rewritten(sent, received, place):
            yield place.changed(sent)

    def _is_rewritten(self, sent: Json, received: Json, place: _Place) -> bool:
        """Return whether both are one moment in two forms, which is no change where none signed."""
        if not self._same_moments or place.signed or place.name not in _MOMENTS:
            return False
        return same_moment(str(sent), str(received))

    def _members(
        self, sent: dict[str, Json], received: dict[str, Json], place: _Place
    ) -> Iterator[Change]:
        for name, value in sent.items():
            if name in received:
                yield from self.differ(value, received[name], place.member(name))
            else:
                yield place.member(name).lost(value)
        for name in received:
            if name not in sent:
                yield place.member(name).added()

    def _sequences(self, sent: Json, received: Json, place: _Place) -> Iterator[Change]:
        before, after = _as_list(sent), _as_list(received)
        if len(before) != len(after):
            yield place.changed(sent)
            return
        for index, (item, other) in enumerate(zip(before, after, strict=True)):
            yield from self.differ(item, other, place.entry(sent, index, received, index))

    def _sets(self, sent: Json, received: Json, place: _Place) -> Iterator[Change]:
        before, after = _as_list(sent), _as_list(received)
        missing = self._less(before, after)
        extra = self._less(after, before)
        for index, item, partner in self._pairs(missing, extra):
            if partner is None:
                yield place.entry(sent, index, received, 0).lost(item)
            else:
                entry = place.entry(sent, index, received, partner)
                yield from self.differ(item, extra.pop(partner), entry)
        for index in extra:
            # The index says that it came into a set, even where what is there now stands alone.
            yield place.entry([], index, received, index).added()

    def _less(self, items: list[Json], others: list[Json]) -> dict[int, Json]:
        """Return the items, by index, that have no equal among the others."""
        left = Counter(self.number(other) for other in others)
        lacking = {}
        for index, item in enumerate(items):
            number = self.number(item)
            if left[number]:
                left[number] -= 1
            else:
                lacking[index] = item
        return lacking

    def _pairs(
        self, missing: dict[int, Json], extra: dict[int, Json]
    ) -> list[tuple[int, Json, int | None]]:
        """Return each missing item with the index of the extra one meant to be the same thing.

        That is the one with the same id, of those without id the next; and in any case the last
        one that is left, for the last one.
        """
        waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        for index, item in extra.items():
            waiting[self._key(item)].append(index)
        pairs: list[tuple[int, Json, int | None]] = []
        for index, item in missing.items():
            queue = waiting[self._key(item)]
            pairs.append((index, item, queue.popleft() if queue else None))
        alone = [place for place, (_, _, partner) in enumerate(pairs) if partner is None]
        left = [index for queue in waiting.values() for index in queue]
        if len(alone) == len(left) == 1:
            index, item, _ = pairs[alone[0]]
            pairs[alone[0]] = (index, item, left[0])
        return pairs

    def _key(self, item: Json) -> Hashable:
        if isinstance(item, dict) and "id" in item:
            return self.number(item["id"])
        return type(item).__name__


def _proof(value: Json) -> bool:
    return isinstance(value, dict) and bool(value.get("proof"))


def _holds_proof(value: Json, *, outermost: bool) -> bool:
    """Return whether a value is, or holds, a signed credential."""
    if _proof(value) and not outermost:
        return True
    children = value.values() if isinstance(value, dict) else value
    return isinstance(value, dict | list) and any(
        _holds_proof(child, outermost=False) for child in children
    )


def _as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]
