"""From items of a framework to achievements: the wanted ones and what is above them, no others.

An item is not an achievement: it says what can be learned, not that somebody has. So each becomes
a Competency with an id of its own, aligned to the item.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from clrctl.building.case.package import CaseLink, Item, Package, load
from clrctl.building.model import Achievement, Alignment, Association, Identifier, Scale
from clrctl.errors import InputError
from clrctl.util import count, quoted

_SHARED = (
    "exactMatchOf",
    "isChildOf",
    "isPartOf",
    "isPeerOf",
    "isRelatedTo",
    "precedes",
    "replacedBy",
)
"""The types of associations that CASE and CLR 2.0 have in common."""

_RELATED = "isRelatedTo"
_FEW = 3
_RUBRIC_LEVEL = "RubricCriterionLevel"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A part of a framework, as a recipe has it.

    Attributes:
        package: where it is from.
        achievements: by key, the wanted items first.
        associations: between them.
        scales: of the rubrics that are about them, by name.
        notes: what was left out or changed.
    """

    package: Package
    achievements: dict[str, Achievement] = field(default_factory=dict)
    associations: tuple[Association, ...] = ()
    scales: dict[str, Scale] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Frameworks:
    """The frameworks of a recipe, whose items achievements are aligned to."""

    packages: list[Package] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self.packages)

    def add(self, source: str) -> None:
        """Read one more.

        Raises:
            InputError: it cannot be read, or is none.
        """
        self.packages.append(load(source))

    def alignment(self, name: str) -> Alignment:
        """Return the alignment to an item, by its code, GUID or address.

        Raises:
            InputError: there is none, or several are meant.
        """
        holding = [package for package in self.packages if package.has(name)]
        if len(holding) > 1:
            titles = quoted(package.title for package in holding)
            raise InputError(
                f"{name} is an item of {len(holding)} frameworks: {titles}",
                fix="name it by its GUID",
            )
        package = holding[0] if holding else self.packages[0]
        return alignment(package, package.find(name))


def alignment(package: Package, item: Item) -> Alignment:
    """Return the alignment of an achievement to an item.

    Raises:
        InputError: the item has no address.
    """
    if not item.uri:
        raise InputError(
            f"the item {item.code or item.guid} has no uri",
            where=package.source,
            why="an alignment names its target by address",
            fix="download the framework again from its publisher",
        )
    return Alignment(
        name=item.statement or item.name,
        url=item.uri,
        code=item.code or item.guid,
        framework=package.title,
        type="CFItem",
    )


def choose(
    package: Package,
    wanted: Sequence[str],
    *,
    with_parents: bool = False,
    issuer: str = "",
    only_shared: bool = False,
) -> Chosen:
    """Return achievements for items of a framework.

    Args:
        package: the framework.
        wanted: their codes, GUIDs or addresses.
        with_parents: also everything that they are children of.
        issuer: id of who will award them. With it, ids depend on the GUIDs of the items and not on
            the keys, so that they outlive a change of code.
        only_shared: leave out associations of types that CLR 2.0 lacks; otherwise they become
            `isRelatedTo`.

    Raises:
        InputError: there is no such item, or it lacks what an achievement needs.
    """
    items: dict[str, Item] = {}
    for name in wanted:
        item = package.find(name)
        items.setdefault(item.node, item)
    if with_parents:
        for item in list(items.values()):
            items |= {
                above.node: above for above in package.parents(item) if above.node not in items
            }
    keys = package.keys(items.values())
    scales, results = _rubrics(package, items)
    achievements = {
        keys[guid]: _achievement(package, item, keys[guid], issuer, results.get(guid, {}))
        for guid, item in items.items()
    }
    associations, notes = _associations(package, keys, only_shared=only_shared)
    if marked := package.marked_up & items.keys():
        notes.append(f"HTML was taken off the texts of {count(len(marked), 'item')}")
    return Chosen(package, achievements, tuple(associations), scales, tuple(notes))


def _achievement(
    package: Package, item: Item, key: str, issuer: str, results: dict[str, Scale]
) -> Achievement:
    if not item.statement:
        raise InputError(
            f"the item {key} says nothing",
            where=package.source,
            why="its fullStatement is empty, and an achievement needs criteria",
            fix="leave it out, or download the framework again",
        )
    return Achievement(
        key=key,
        name=item.name,
        id=_id(issuer, item.guid) if issuer else "",
        type="Competency",
        description=item.statement,
        criteria=item.statement,
        code=item.code,
        language=item.language,
        alignments=(alignment(package, item),),
        identifiers=(Identifier(item.guid, "identifier"),),
        results=results,
    )


def _id(issuer: str, guid: str) -> str:
    name = json.dumps(["case", guid], separators=(",", ":"), ensure_ascii=False)
    return uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, issuer), name).urn


def _rubrics(
    package: Package, items: dict[str, Item]
) -> tuple[dict[str, Scale], dict[str, dict[str, Scale]]]:
    """Return the scales of the rubrics about items, and which item is judged on which."""
    scales: dict[str, Scale] = {}
    results: dict[str, dict[str, Scale]] = {}
    for criterion in package.criteria:
        if criterion.item in items and criterion.levels:
            scale = Scale(_RUBRIC_LEVEL, levels=criterion.levels)
            name, number = criterion.name, 1
            while scales.setdefault(name, scale) != scale:
                number += 1
                name = f"{criterion.name} {number}"
            results.setdefault(criterion.item, {})[name] = scale
    return scales, results


def _associations(
    package: Package, keys: dict[str, str], *, only_shared: bool
) -> tuple[list[Association], list[str]]:
    """Return the associations between chosen items, and what became of the others."""
    kept: dict[Association, None] = {}
    others: Counter[str] = Counter()
    outside = 0
    gone: dict[str, None] = {}
    known = {*package.items, package.guid.casefold()}
    for link in package.links:
        ends = {link.source, link.target}
        if ends & keys.keys() and not ends <= known:
            gone |= dict.fromkeys(sorted(ends - known))
        if not ends <= keys.keys():
            outside += _leads_out(package, keys, link)
            continue
        kind = link.type
        if kind not in _SHARED:
            others[kind] += 1
            kind = _RELATED
        if kind == link.type or not only_shared:
            kept[Association(keys[link.source], kind, keys[link.target])] = None
    notes = []
    if gone:
        notes.append(
            f"left out: associations with {count(len(gone), 'item')} that the framework does not "
            f"have ({quoted(list(gone)[:_FEW])})"
        )
    if outside:
        notes.append(f"left out: {count(outside, 'association')} with items that are not chosen")
    if others:
        became = "left out" if only_shared else f"now {_RELATED}"
        number = count(others.total(), "association")
        notes.append(f"{became}: {number} of a type that CLR 2.0 lacks ({quoted(sorted(others))})")
    return list(kept), notes


def _leads_out(package: Package, keys: dict[str, str], link: CaseLink) -> bool:
    """Return whether a link joins a chosen item with another one; the document itself is none."""
    ends = {link.source, link.target}
    return bool(ends & keys.keys()) and ends <= package.items.keys()
