"""A CASE package: the items of a framework, how they hang together, and its rubrics.

Read with forbearance: a framework of thousands of items is not refused for one that nobody asks
for. Source: 1EdTech CASE 1.0 and 1.1, CFPackage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from clrctl.building.case.markup import plain
from clrctl.building.model import Level
from clrctl.building.recipe import read_file
from clrctl.document import Document, parse
from clrctl.errors import InputError
from clrctl.finding import Json
from clrctl.util import nearest_key

_LONGEST_NAME = 80
_STATEMENTS = ("fullStatement", "abbreviatedStatement", "alternativeLabel")


@dataclass(frozen=True, slots=True)
class Item:
    """A competency, standard or heading of a framework (CFItem).

    Attributes:
        guid: its identifier, which never changes.
        uri: its address.
        statement: what it says in full.
        code: what people call it (`humanCodingScheme`); may be empty, and need not be unique.
        short: its short form, or its other label.
        kind: what the framework calls such items (`CFItemType`).
        language: the language that it is written in.
    """

    guid: str
    uri: str
    statement: str
    code: str = ""
    short: str = ""
    kind: str = ""
    language: str = ""

    @property
    def node(self) -> str:
        """Its GUID as links are compared by it: in small letters (RFC 9562, section 4)."""
        return self.guid.casefold()

    @property
    def name(self) -> str:
        """A title: its short form, or its code and the beginning of what it says."""
        return self.short or " ".join(filter(None, (self.code, _beginning(self.statement))))


@dataclass(frozen=True, slots=True)
class CaseLink:
    """How one item relates to another (CFAssociation), both by GUID."""

    source: str
    type: str
    target: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion of a rubric that is about an item (CFRubricCriterion).

    Attributes:
        item: GUID of the item.
        name: what is judged: the rubric's title, and the criterion's where there are several.
        levels: from low to high, in the order of their positions.
    """

    item: str
    name: str
    levels: tuple[Level, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """A framework.

    Attributes:
        source: the file.
        title: of its document.
        guid: of its document.
        items: by GUID in small letters, in the order of the file.
        links: in the order of the file.
        criteria: in the order of the file.
        marked_up: the items, by GUID in small letters, from whose texts HTML was taken off.
    """

    source: str
    title: str
    guid: str
    items: dict[str, Item] = field(default_factory=dict)
    links: tuple[CaseLink, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    marked_up: frozenset[str] = frozenset()

    def has(self, wanted: str) -> bool:
        """Return whether an item has this code, GUID or address."""
        return wanted.casefold() in self.items or any(
            wanted in (item.code, item.uri) for item in self.items.values()
        )

    def find(self, wanted: str) -> Item:
        """Return the item of a code, a GUID or an address.

        Raises:
            InputError: there is none, or the code stands for several.
        """
        if wanted.casefold() in self.items:
            return self.items[wanted.casefold()]
        found = [item for item in self.items.values() if wanted in (item.code, item.uri)]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(
                f"{len(found)} items have the code {wanted}",
                where=self.source,
                why="; ".join(f"{item.guid} {_beginning(item.statement)}" for item in found),
                fix=f"name one by its GUID: {found[0].guid}",
            )
        hint = nearest_key(wanted, [item.code for item in self.items.values() if item.code])
        words = wanted.casefold()
        texts = (f"{item.short} {item.statement}".casefold() for item in self.items.values())
        search = f" --search '{wanted}'" if any(words in text for text in texts) else ""
        listing = f"`clrctl case list {self.source}{search}` lists them"
        raise InputError(
            f"no item has the code or GUID {wanted}",
            where=self.source,
            fix=f"did you mean {hint}? {listing}" if hint else listing,
        )

    def keys(self, items: Iterable[Item]) -> dict[str, str]:
        """Return a key for each item by its `node`: a code that no other has, or its GUID."""
        codes = Counter(item.code for item in self.items.values())
        return {
            item.node: item.code if item.code and codes[item.code] == 1 else item.guid
            for item in items
        }

    def parents(self, item: Item) -> Iterator[Item]:
        """Yield the items that an item is a child of, nearest first, each once."""
        above = self._above()
        seen, waiting = {item.node}, list(above.get(item.node, ()))
        while waiting:
            guid = waiting.pop(0)
            if guid not in seen:
                seen.add(guid)
                yield self.items[guid]
                waiting += above.get(guid, ())

    def _above(self) -> dict[str, list[str]]:
        above: dict[str, list[str]] = {}
        for link in self.links:
            if link.type == "isChildOf" and {link.source, link.target} <= self.items.keys():
                above.setdefault(link.source, []).append(link.target)
        return above


def read(data: Json, source: str) -> Package:
    """Return the framework that a parsed document holds.

    Args:
        data: a CFPackage.
        source: its file, for messages.

    Raises:
        InputError: it is none.
    """
    package = data.get("CFPackage", data) if isinstance(data, dict) else None
    if not isinstance(package, dict) or not isinstance(package.get("CFItems"), list):
        raise InputError(
            "this is no CASE package",
            where=source,
            why="it has no CFItems",
            fix="download the framework as CFPackage: .../ims/case/v1p0/CFPackages/GUID",
        )
    document = package.get("CFDocument")
    document = document if isinstance(document, dict) else {}
    items = dict(_items(package["CFItems"], source))
    return Package(
        source,
        plain(_text(document, "title")),
        _text(document, "identifier"),
        items,
        tuple(_links(package)),
        tuple(_criteria(package)),
        frozenset(
            guid.casefold()
            for entry in package["CFItems"]
            if (guid := _text(entry, "identifier")) and _is_marked_up(entry)
        ),
    )


def load(source: str) -> Package:
    """Return the framework of a file.

    Raises:
        InputError: it cannot be read, or holds none.
    """
    return framework(parse(read_file(source), source=source))


def framework(document: Document) -> Package:
    """Return the framework that a document is.

    Raises:
        InputError: it has faults, or is none.
    """
    for fault in document.faults:
        raise InputError(
            "the framework cannot be read",
            where=f"{document.source}:{fault.line}:{fault.column}",
            why=fault.message,
            fix=fault.fix,
        )
    return read(document.data, document.source)


def _items(entries: list[Json], source: str) -> Iterator[tuple[str, Item]]:
    for index, entry in enumerate(entries):
        guid = _text(entry, "identifier")
        if not guid:
            raise InputError(
                "an item has no identifier",
                where=f"{source} /CFItems/{index}",
                fix="download the framework again",
            )
        short = plain(_text(entry, "abbreviatedStatement") or _text(entry, "alternativeLabel"))
        yield (
            guid.casefold(),
            Item(
                guid,
                _text(entry, "uri"),
                plain(_text(entry, "fullStatement")),
                _text(entry, "humanCodingScheme"),
                short,
                _text(entry, "CFItemType"),
                _text(entry, "language"),
            ),
        )


def _is_marked_up(entry: Json) -> bool:
    texts = (_text(entry, name) for name in _STATEMENTS)
    return any(plain(text) != text for text in texts)


def _links(package: dict[str, Json]) -> Iterator[CaseLink]:
    for entry in _list(package, "CFAssociations"):
        source, target = _guid(entry, "originNodeURI"), _guid(entry, "destinationNodeURI")
        if source and target:
            yield CaseLink(source, _text(entry, "associationType"), target)


def _criteria(package: dict[str, Json]) -> Iterator[Criterion]:
    for rubric in _list(package, "CFRubrics"):
        entries = sorted(_list(rubric, "CFRubricCriteria"), key=_position)
        title = plain(_text(rubric, "title")) or "Rubric"
        for entry in entries:
            own = plain(_text(entry, "category") or _text(entry, "description"))
            name = title if len(entries) == 1 or not own else f"{title}: {own}"
            if item := _guid(entry, "CFItemURI"):
                yield Criterion(item, name, tuple(_levels(entry)))


def _levels(criterion: dict[str, Json]) -> Iterator[Level]:
    for entry in sorted(_list(criterion, "CFRubricCriterionLevels"), key=_position):
        score = entry.get("score")
        points = f"{score:g}" if isinstance(score, int | float) else str(score or "")
        description = plain(_text(entry, "description"))
        name = plain(_text(entry, "quality")) or description
        yield Level(name, description if description != name else "", points)


def _position(entry: dict[str, Json]) -> float:
    position = entry.get("position")
    return position if isinstance(position, int | float) else 0


def _list(holder: dict[str, Json], name: str) -> list[dict[str, Json]]:
    value = holder.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _text(entry: Json, name: str) -> str:
    value = entry.get(name) if isinstance(entry, dict) else None
    return value.strip() if isinstance(value, str) else ""


def _guid(entry: dict[str, Json], name: str) -> str:
    """Return the GUID that a link names (LinkURI), in small letters."""
    return _text(entry.get(name), "identifier").casefold()


def _beginning(statement: str) -> str:
    """Return a statement that is short enough for a title, cut between words."""
    words = " ".join(statement.split())
    if len(words) <= _LONGEST_NAME:
        return words
    return words[:_LONGEST_NAME].rpartition(" ")[0].rstrip(",;:") + "…"
