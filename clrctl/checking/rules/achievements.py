"""Rules on achievements and their criteria. Source: Open Badges 3.0, Achievement, Criteria."""

from __future__ import annotations

from collections.abc import Iterator

from clrctl.checking.rules.registry import Fault, rule
from clrctl.standard import Node, Tree


@rule(
    "criteria/empty",
    on=("Criteria",),
    source="Open Badges 3.0, Criteria; practice of the 1EdTech validator",
    good={"narrative": "Passed the final examination."},
    bad={"id": None, "narrative": None},
)
def criteria_empty(node: Node, _: Tree) -> Iterator[Fault]:
    """Criteria say something: an `id` that leads to them, or a `narrative`.

    A reader has to be able to learn what was asked of the learner; the official validator
    refuses criteria with neither.
    """
    if "id" not in node.value and "narrative" not in node.value:
        yield Fault(
            node.path,
            "the criteria say nothing: neither id nor narrative",
            'add "narrative" with what the learner had to do',
        )
