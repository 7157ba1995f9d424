"""How achievements belong together: a tree of wholes and parts, and what else is stated."""

from __future__ import annotations

from dataclasses import dataclass

from clrctl.showing.facts import Relation, TranscriptFacts

PART = "part"
CHILD = "child"
_UPWARD = {"isPartOf": PART, "isChildOf": CHILD}
_DOWNWARD = "isParentOf"


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of the tree.

    Attributes:
        id: of the achievement.
        stem: the lines that lead to it, drawn.
        role: what it is to the one above: `PART` or `CHILD`; empty for the topmost.
        again: its own parts stand further up already.
    """

    id: str
    stem: str = ""
    role: str = ""
    again: bool = False


def tree(transcript: TranscriptFacts) -> tuple[list[Branch], list[Relation]]:
    """Return the tree of a record's achievements, and the associations that are not in it.

    Whatever goes round in a circle is not in the tree.
    """
    below: dict[str, list[tuple[str, str]]] = {}
    others = []
    parts: set[str] = set()
    for relation in transcript.relations:
        upper, lower = relation.target, relation.source
        if relation.type == _DOWNWARD:
            upper, lower = lower, upper
        elif relation.type not in _UPWARD:
            others.append(relation)
            continue
        below.setdefault(upper, []).append((lower, _UPWARD.get(relation.type, CHILD)))
        parts.add(lower)
    branches = _grown([name for name in below if name not in parts], below)
    reached = {branch.id for branch in branches}
    others += [
        relation
        for relation in transcript.relations
        if relation not in others and not {relation.source, relation.target} & reached
    ]
    return branches, others


def _grown(roots: list[str], below: dict[str, list[tuple[str, str]]]) -> list[Branch]:
    branches: list[Branch] = []
    expanded: set[str] = set()
    waiting = [(name, "", "", "") for name in reversed(roots)]
    while waiting:
        name, stem, indent, role = waiting.pop()
        parts = below.get(name, [])
        again = bool(parts) and name in expanded
        branches.append(Branch(name, stem, role, again))
        if again:
            continue
        expanded.add(name)
        last = len(parts) - 1
        waiting += [
            (
                part,
                f"{indent}{'└─ ' if at == last else '├─ '}",
                indent + ("   " if at == last else "│  "),
                role,
            )
            for at, (part, role) in reversed(list(enumerate(parts)))
        ]
    return branches
