"""Rules on associations: how achievements belong together. Source: CLR 2.0, Association."""

from __future__ import annotations

from collections.abc import Iterator

from clrctl.checking.rules.registry import Fault, rule
from clrctl.document import types_of
from clrctl.finding import Json, Severity
from clrctl.standard import NESTED_CLASSES, Node, Path, Tree
from clrctl.util import nearest_key


@rule(
    "association/dangling",
    on=("Association",),
    severity=Severity.WARNING,
    source="CLR 2.0, Association.sourceId, Association.targetId",
    good={},
    bad={"targetId": "urn:uuid:00000000-0000-4000-8000-000000000000"},
)
def dangling(node: Node, tree: Tree) -> Iterator[Fault]:
    """Both ends of an association are achievements of this CLR.

    An end that points at nothing leaves the reader without the connection.
    """
    if node.parent is None or not _all_known(node.parent):
        return
    for member in ("sourceId", "targetId"):
        named = node.text(member)
        if named is None or ":" not in named or named in tree.achievements:
            continue
        if named in tree.credentials or named in tree.descriptions:
            continue  # association/end
        other = node.text("targetId" if member == "sourceId" else "sourceId")
        hint = nearest_key(named, tree.achievements.keys() - {other})
        yield Fault(
            (*node.path, member),
            "no achievement in this CLR has this id",
            f'did you mean "{hint}"?' if hint else "add the achievement, or correct the id",
        )


def _all_known(subject: Node) -> bool:
    """Return whether every achievement of a CLR can be found."""
    held = [item for _, item in subject.items("verifiableCredential")]
    return bool(held) and all(map(_is_known, held))


def _is_known(credential: Json) -> bool:
    if not isinstance(credential, dict):
        return False
    around = credential.get("credentialSubject")
    if not isinstance(around, dict):
        return False
    classes = {NESTED_CLASSES.get(name) for name in types_of(credential)}
    return ("achievement" in around) == ("AchievementCredential" in classes) and (
        "achievement" not in around or bool(_achievement_id(credential))
    )


@rule(
    "association/end",
    on=("Association",),
    source="CLR 2.0, Association.sourceId, Association.targetId",
    good={},
    bad={"targetId": "urn:uuid:00000000-0000-4000-8000-000000000002"},
)
def wrong_end(node: Node, tree: Tree) -> Iterator[Fault]:
    """An association joins achievements, not the credentials that assert them.

    Ids of credentials, result descriptions or levels lead a reader to something that has no
    such relation.
    """
    for member in ("sourceId", "targetId"):
        named = node.text(member)
        if named is None or named in tree.achievements:
            continue
        credential = tree.credentials.get(named)
        if credential is not None and "credentialSubject" in credential.value:
            right = _achievement_id(credential.value)
            yield Fault(
                (*node.path, member),
                "this is the id of a credential; an association joins achievements",
                f'use the id of its achievement, "{right}"' if right else "",
            )
        elif named in tree.descriptions:
            yield Fault(
                (*node.path, member),
                f"this is the id of a {tree.descriptions[named].cls}; "
                "an association joins achievements",
                "use the id of the achievement it belongs to",
            )


def _achievement_id(credential: dict[str, Json]) -> str:
    subject = credential.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    found = achievement.get("id") if isinstance(achievement, dict) else None
    return found if isinstance(found, str) else ""


# Relations that say the same when their ends are swapped, and those that say it the other way.
_SYMMETRIC = ("exactMatchOf", "isPeerOf", "isRelatedTo")
_MIRRORED = {"isChildOf": "isParentOf", "isParentOf": "isChildOf"}

_Triple = tuple[str, str, str]


@rule(
    "association/contradiction",
    on=("ClrSubject",),
    severity=Severity.WARNING,
    source="CLR 2.0, Association.associationType",
    good={
        "association": [
            {
                "type": "Association",
                "associationType": "isChildOf",
                "sourceId": "urn:example:course",
                "targetId": "urn:example:taken",
            }
        ]
    },
    bad={
        "association": [
            {
                "type": "Association",
                "associationType": "isChildOf",
                "sourceId": "urn:example:course",
                "targetId": "urn:example:course",
            }
        ]
    },
)
def contradiction(node: Node, _: Tree) -> Iterator[Fault]:
    """Associations can all be true together, and each says something new.

    Read as: source, type, target. Nothing is its own part or child; who is a child cannot be the
    parent too; saying a thing twice, or once from each side, adds nothing.
    """
    seen: dict[_Triple, int] = {}
    above: dict[str, list[str]] = {}
    for index, (path, triple) in enumerate(_triples(node)):
        source, kind, target = triple
        if source == target:
            yield Fault(path, f"an achievement cannot be {kind} itself", "check both ends")
        elif triple in seen:
            yield Fault(path, "this association is there already", "remove one of the two")
        elif _mirror(triple) in seen:
            yield Fault(
                path,
                "this repeats another association from the other side",
                "remove one of them",
            )
        elif (link := _upward(triple)) and _reaches(above, link[1], link[0]):
            yield Fault(
                path, f"with this {kind} an achievement is above itself", "break the circle"
            )
        elif link:
            above.setdefault(link[0], []).append(link[1])
        seen.setdefault(triple, index)


def _triples(subject: Node) -> Iterator[tuple[Path, _Triple]]:
    for path, item in subject.objects("association"):
        match item:
            case {"sourceId": str(source), "associationType": str(kind), "targetId": str(target)}:
                yield path, (source, kind, target)


def _mirror(triple: _Triple) -> _Triple:
    source, kind, target = triple
    if kind in _SYMMETRIC:
        return target, kind, source
    return (target, _MIRRORED[kind], source) if kind in _MIRRORED else ("", "", "")


def _upward(triple: _Triple) -> tuple[str, str] | None:
    """Return (lower, higher) for the relations that build a hierarchy."""
    source, kind, target = triple
    if kind in ("isChildOf", "isPartOf"):
        return source, target
    return (target, source) if kind == "isParentOf" else None


def _reaches(above: dict[str, list[str]], start: str, goal: str) -> bool:
    waiting, seen = [start], set()
    while waiting:
        here = waiting.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            waiting += above.get(here, [])
    return False
