"""Rules on achievements, their criteria, and the results reached.

Sources: Open Badges 3.0, Achievement, Criteria, Result, ResultDescription, RubricCriterionLevel.
"""

from __future__ import annotations

from collections.abc import Iterator

from clrctl.finding import Json
from clrctl.rules.registry import Fault, rule
from clrctl.tree import Node, Tree
from clrctl.words import nearest

_DESCRIPTION = "urn:uuid:11111111-1111-4111-8111-111111111111"


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


@rule(
    "result/description",
    on=("Result",),
    source="Open Badges 3.0, Result.resultDescription",
    good={"resultDescription": _DESCRIPTION},
    bad={"resultDescription": "urn:uuid:22222222-2222-4222-8222-222222222222"},
)
def result_description(node: Node, _: Tree) -> Iterator[Fault]:
    """A result names a description of the achievement it was reached in.

    The description says what kind of value it is and what values there are; a result that names
    another one cannot be read.
    """
    named = node.text("resultDescription")
    known = _descriptions(node)
    if named is not None and named not in known:
        hint = nearest(named, known)
        yield Fault(
            (*node.path, "resultDescription"),
            "the achievement has no resultDescription with this id",
            f'did you mean "{hint}"?' if hint else "use the id of one, or add it there",
        )


@rule(
    "result/level",
    on=("Result", "ResultDescription"),
    source="Open Badges 3.0, Result.achievedLevel, ResultDescription.requiredLevel",
    good={},
    bad={
        "resultDescription": _DESCRIPTION,
        "achievedLevel": "urn:uuid:33333333-3333-4333-8333-333333333333",
    },
)
def result_level(node: Node, _: Tree) -> Iterator[Fault]:
    """A level that was achieved or is required is one of its result description's levels.

    Elsewhere the level has no meaning: only the description tells its name and rank.
    """
    if node.cls == "Result":
        member = "achievedLevel"
        description = _descriptions(node).get(node.text("resultDescription") or "")
    else:
        member = "requiredLevel"
        description = node.value
    named = node.text(member)
    if named is None:
        return
    if description is None:
        if "resultDescription" not in node.value:
            yield Fault(
                (*node.path, member),
                "a level is achieved, but no resultDescription says in what",
                'add "resultDescription" with the id of the one that has this level',
            )
        return
    levels = _ids(description.get("rubricCriterionLevel"))
    if named not in levels:
        hint = nearest(named, levels)
        yield Fault(
            (*node.path, member),
            "the result description has no rubricCriterionLevel with this id",
            f'did you mean "{hint}"?' if hint else "use the id of one of its levels",
        )


@rule(
    "result/status",
    on=("Result",),
    source="Open Badges 3.0, Result.status",
    good={"status": "Completed"},
    bad={"resultDescription": "urn:uuid:status", "status": None},
)
def result_status(node: Node, _: Tree) -> Iterator[Fault]:
    """A result of type `Status` says which status.

    It is required by the standard as soon as the description's resultType is Status.
    """
    description = _descriptions(node).get(node.text("resultDescription") or "", {})
    if description.get("resultType") == "Status" and "status" not in node.value:
        yield Fault(
            node.path,
            "the result description is of type Status, but the result has no status",
            'add "status", such as "Completed"',
        )


def _descriptions(result: Node) -> dict[str, dict[str, Json]]:
    """Return the result descriptions of the achievement that a result belongs to, by id."""
    achievement = result.parent.value.get("achievement") if result.parent else None
    if not isinstance(achievement, dict):
        return {}
    return _ids(achievement.get("resultDescription"))


def _ids(items: Json) -> dict[str, dict[str, Json]]:
    found = items if isinstance(items, list) else [items]
    return {
        item["id"]: item
        for item in found
        if isinstance(item, dict) and isinstance(item.get("id"), str)
    }
