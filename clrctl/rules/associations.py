"""Rules on associations: how achievements belong together. Source: CLR 2.0, Association."""

from __future__ import annotations

from collections.abc import Iterator

from clrctl.finding import Severity
from clrctl.rules.registry import Fault, rule
from clrctl.tree import Node, Tree
from clrctl.words import nearest


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

    An end that points at nothing, or at a credential instead of its achievement, leaves the
    reader without the connection.
    """
    for member in ("sourceId", "targetId"):
        named = node.text(member)
        if named is None or named in tree.achievements:
            continue
        path = (*node.path, member)
        if named in tree.credentials:
            subject = tree.credentials[named].value.get("credentialSubject")
            achievement = subject.get("achievement") if isinstance(subject, dict) else None
            right = achievement.get("id") if isinstance(achievement, dict) else None
            yield Fault(
                path,
                "this is the id of a credential; an association joins achievements",
                f'use the id of its achievement, "{right}"' if right else "",
            )
            continue
        other = node.text("targetId" if member == "sourceId" else "sourceId")
        hint = nearest(named, tree.achievements.keys() - {other})
        yield Fault(
            path,
            "no achievement in this CLR has this id",
            f'did you mean "{hint}"?' if hint else "add the achievement, or correct the id",
        )
