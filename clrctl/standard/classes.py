"""A credential seen as the standard's classes: which object is an Achievement, which a Result.

One pass over a document sorts its objects by class; the rules then look at the classes they are
about. What class a member holds is read from the bundled schemas, so it stands in one place.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from clrctl.document import types_of
from clrctl.finding import Json
from clrctl.standard import schemas

Path = tuple[str | int, ...]
CLASSES = "clr/classes.json"

# The class of a nested credential is told by its `type` (ClrSubject.verifiableCredential).
NESTED = "NestedCredential"
NESTED_CLASSES = {
    "AchievementCredential": "AchievementCredential",
    "OpenBadgeCredential": "AchievementCredential",
    "EndorsementCredential": "EndorsementCredential",
    "ClrCredential": "ClrCredential",
}
CREDENTIALS = (
    "ClrCredential",
    "AchievementCredential",
    "EndorsementCredential",
    "VerifiableCredential",
)


@dataclass(slots=True, eq=False)
class Node:
    """One object of a document: its class, its members, its place, and the object around it.

    Not frozen, which would double the time to make one; nothing changes it.
    """

    cls: str
    value: dict[str, Json]
    path: Path
    parent: Node | None

    def text(self, member: str) -> str | None:
        """Return a member's value if it is text, else None."""
        value = self.value.get(member)
        return value if isinstance(value, str) else None

    def items(self, member: str) -> Iterator[tuple[Path, Json]]:
        """Yield each value of a set, with its place; a lone value counts as a set of one."""
        value = self.value.get(member)
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield (*self.path, member, index), item
        elif value is not None:
            yield (*self.path, member), value

    def objects(self, member: str) -> Iterator[tuple[Path, dict[str, Json]]]:
        """Yield each object of a set, with its place."""
        value = self.value.get(member)
        if isinstance(value, dict):
            yield (*self.path, member), value
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    yield (*self.path, member, index), item


@dataclass(frozen=True)
class Tree:
    """All objects of one document by class, each list in document order.

    Attributes:
        root: the document itself.
        nodes: class name to its objects.
        now: the moment that counts as today, or None when no day is to matter.
    """

    root: Node
    now: datetime | None = None
    nodes: dict[str, list[Node]] = field(default_factory=dict)

    @functools.cached_property
    def achievements(self) -> dict[str, Node]:
        """Every achievement by its id; of those with one id, the first."""
        return by_id(self.of("Achievement"))

    @functools.cached_property
    def credentials(self) -> dict[str, Node]:
        """Every credential by its id, the outermost among them."""
        return by_id(self.of(*CREDENTIALS))

    @functools.cached_property
    def descriptions(self) -> dict[str, Node]:
        """Every result description and rubric level by its id; of those with one id, the first."""
        return by_id(self.of("ResultDescription", "RubricCriterionLevel"))

    def everything(self) -> Iterator[Node]:
        """Yield all objects, class by class."""
        for nodes in self.nodes.values():
            yield from nodes

    def of(self, *classes: str) -> Iterator[Node]:
        """Yield the objects of some classes."""
        for cls in classes:
            yield from self.nodes.get(cls, ())


def by_id(nodes: Iterable[Node]) -> dict[str, Node]:
    """Return the objects that have an id by that id; of several, the first."""
    found: dict[str, Node] = {}
    for node in nodes:
        if name := node.text("id"):
            found.setdefault(name, node)
    return found


def grow(
    data: dict[str, Json], cls: str, file: str = CLASSES, *, now: datetime | None = None
) -> Tree:
    """Return the tree of a document whose outermost object is of class `cls`.

    Args:
        data: the document.
        cls: a class of the schema in `file`.
        file: the schema that says which member holds which class.
        now: the moment that counts as today.
    """
    root = Node(cls, data, (), None)
    tree = Tree(root, now)
    waiting = [root]
    while waiting:
        node = waiting.pop()
        tree.nodes.setdefault(node.cls, []).append(node)
        held = links(node.cls, file)
        children = [
            Node(_class_of(held[member], item, file), item, path, node)
            for member in node.value
            if member in held
            for path, item in node.objects(member)
        ]
        waiting.extend(reversed(children))
    return tree


def _class_of(target: str, value: dict[str, Json], file: str) -> str:
    if target != NESTED or file != CLASSES:
        return target
    for name in types_of(value):
        if name in NESTED_CLASSES:
            return NESTED_CLASSES[name]
    return "VerifiableCredential"


@functools.cache
def links(cls: str, file: str = CLASSES) -> dict[str, str]:
    """Return the members of a class that hold objects, each with the class of those objects."""
    return {name: target for name, target in members(cls, file).items() if target}


@functools.cache
def members(cls: str, file: str = CLASSES) -> dict[str, str | None]:
    """Return every member that a schema gives a class: its name, and the class it holds if any."""
    definitions = schemas.schema(file)["$defs"]
    found: dict[str, str | None] = {}
    for part in _parts(definitions[cls], definitions):
        for name, subschema in part.get("properties", {}).items():
            found[name] = found.get(name) or _target(subschema, definitions)
    return found


def description(schema: Json, name: str, file: str = CLASSES) -> str:
    """Return what a class's schema, or one that it builds on, says of a member."""
    for part in _parts(schema, schemas.schema(file)["$defs"]):
        subschema = part.get("properties", {}).get(name, {})
        if text := subschema.get("description") or subschema.get("title"):
            return str(text)
    return ""


def _parts(schema: Json, definitions: Json) -> Iterator[Json]:
    """Yield a class's schema and those of the classes it builds on."""
    if "$ref" in schema and _name(schema["$ref"]) in definitions:
        yield from _parts(definitions[_name(schema["$ref"])], definitions)
    for base in schema.get("allOf", ()):
        yield from _parts(base, definitions)
    yield schema


def _target(subschema: Json, definitions: Json) -> str | None:
    """Return the class that a member's schema leads to, through sets and choices."""
    if not isinstance(subschema, dict):
        return None
    if "$ref" in subschema:
        name = _name(subschema["$ref"])
        if name == NESTED or _is_class(definitions[name]):
            return name
        return _target(definitions[name], definitions)
    steps = (subschema.get(key) for key in ("items", "then", "else"))
    return next((found for step in steps if (found := _target(step, definitions))), None)


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]


def _is_class(schema: Json) -> bool:
    return schema.get("type") == "object" and "properties" in schema
