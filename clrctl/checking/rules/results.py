"""Rules on results: what was reached, and the description that gives it meaning.

Sources: Open Badges 3.0, Result, ResultDescription, RubricCriterionLevel, AchievementSubject.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from clrctl.checking.rules.registry import Fault, rule
from clrctl.finding import Json, Severity
from clrctl.standard import Node, Tree, passing
from clrctl.util import nearest, nearest_key

_DESCRIPTION = "urn:uuid:11111111-1111-4111-8111-111111111111"


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
    if known and named is not None and ":" in named and named not in known:
        hint = nearest(named, known.keys() - _named_by_others(node))
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
    if named is None or ":" not in named:
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
        hint = nearest_key(named, levels)
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


def _named_by_others(result: Node) -> set[Json]:
    """Return the descriptions that the other results of the same subject name."""
    results = result.parent.value.get("result") if result.parent else None
    others = [one for one in results if isinstance(one, dict)] if isinstance(results, list) else []
    named = (one.get("resultDescription") for one in others if one is not result.value)
    return {one for one in named if isinstance(one, str)}


def _ids(items: Json) -> dict[str, dict[str, Json]]:
    found = items if isinstance(items, list) else [items]
    return {
        item["id"]: item
        for item in found
        if isinstance(item, dict) and isinstance(item.get("id"), str)
    }


@rule(
    "result/value",
    on=("Result",),
    severity=Severity.WARNING,
    source="Open Badges 3.0, Result.value, ResultDescription.allowedValue, valueMin, valueMax",
    good={"resultDescription": "urn:uuid:letter", "achievedLevel": None, "value": "B"},
    bad={"resultDescription": "urn:uuid:letter", "achievedLevel": None, "value": "E"},
)
def result_value(node: Node, _: Tree) -> Iterator[Fault]:
    """A value is one of those that its description allows, or lies within its range.

    A grade outside its own scale was mistyped, or belongs to another scale.
    """
    value = node.text("value")
    description = _descriptions(node).get(node.text("resultDescription") or "")
    if value is not None and description is not None:
        yield from _outside(value, description, (*node.path, "value"))


@rule(
    "result/required",
    on=("ResultDescription",),
    source="Open Badges 3.0, ResultDescription.requiredValue",
    good={"resultType": "LetterGrade", "allowedValue": ["C", "B", "A"], "requiredValue": "C"},
    bad={"resultType": "LetterGrade", "allowedValue": ["C", "B", "A"], "requiredValue": "D"},
)
def result_required(node: Node, _: Tree) -> Iterator[Fault]:
    """The value that is required is one that can be reached.

    It has to be among the allowed values, or within the range.
    """
    value = node.text("requiredValue")
    if value is not None:
        yield from _outside(value, node.value, (*node.path, "requiredValue"))


@rule(
    "result/scale",
    on=("ResultDescription",),
    severity=Severity.WARNING,
    source="Open Badges 3.0, ResultDescription",
    good={"resultType": "Percent", "valueMin": "0", "valueMax": "100"},
    bad={"resultType": "Percent", "valueMin": "100", "valueMax": "0"},
)
def result_scale(node: Node, _: Tree) -> Iterator[Fault]:
    """A scale can hold values: its least is below its greatest, and levels are there when meant.

    Nothing can be reached on a scale that is empty or upside down.
    """
    least, most = _number(node.value.get("valueMin")), _number(node.value.get("valueMax"))
    if least is not None and most is not None and least > most:
        yield Fault(
            (*node.path, "valueMin"),
            f"valueMin {least:g} is more than valueMax {most:g}",
            "swap the two",
        )
    if node.text("resultType") == "Percent" and most is not None and most > _WHOLE:
        yield Fault((*node.path, "valueMax"), "a percentage of more than 100")
    if node.text("resultType") == "RubricCriterionLevel" and not node.value.get(
        "rubricCriterionLevel"
    ):
        yield Fault(
            (*node.path, "resultType"),
            "the result is to be a level, but no rubricCriterionLevel is given",
            'add "rubricCriterionLevel", low to high',
        )


@rule(
    "result/credits",
    on=("AchievementSubject",),
    severity=Severity.WARNING,
    source="Open Badges 3.0, AchievementSubject.creditsEarned, Achievement.creditsAvailable",
    good={"creditsEarned": 0.5},
    bad={"creditsEarned": 3},
)
def result_credits(node: Node, _: Tree) -> Iterator[Fault]:
    """No more credits are earned than the achievement offers.

    Usually the decimal point is in the wrong place.
    """
    achievement = node.value.get("achievement")
    offered = (
        _credits(achievement.get("creditsAvailable")) if isinstance(achievement, dict) else None
    )
    earned = _credits(node.value.get("creditsEarned"))
    if earned is not None and offered is not None and earned > offered:
        yield Fault(
            (*node.path, "creditsEarned"),
            f"{earned} credits are earned of {offered} available",
            "check both numbers",
        )


@rule(
    "result/unearned",
    on=("AchievementSubject",),
    severity=Severity.WARNING,
    source="Open Badges 3.0, AchievementSubject.creditsEarned, Result.status, requiredValue",
    good={"creditsEarned": 0, "result": [{"type": ["Result"], "status": "Failed"}]},
    bad={"creditsEarned": 0.5, "result": [{"type": ["Result"], "status": "Failed"}]},
)
def result_unearned(node: Node, _: Tree) -> Iterator[Fault]:
    """What was not passed, or is not finished, earns no credits.

    A status such as Failed, Withdrew or InProgress, or a value below the one required, stands
    against credits: whoever adds them up counts a failed course.
    """
    earned = _credits(node.value.get("creditsEarned"))
    if not earned:
        return
    for why in passing.unearned(node.value):
        yield Fault(
            (*node.path, "creditsEarned"),
            f"{earned:g} credits are earned, and {why}",
            "make it 0, or correct the result",
        )
        return


_WHOLE = 100


def _outside(
    value: str, description: dict[str, Json], path: tuple[str | int, ...]
) -> Iterator[Fault]:
    allowed = description.get("allowedValue")
    allowed = [allowed] if isinstance(allowed, str) else allowed
    if isinstance(allowed, list) and allowed:
        if value not in allowed:
            words = [item for item in allowed if isinstance(item, str)]
            hint = nearest(value, words, same_digits=True)
            shown = ", ".join(map(str, allowed[:20]))
            yield Fault(
                path,
                "the value is not one of those that the result description allows",
                f'did you mean "{hint}"?' if hint else f"allowed: {shown}",
            )
        return
    number = _number(value)
    least, most = _number(description.get("valueMin")), _number(description.get("valueMax"))
    if number is None:
        return
    if (least is not None and number < least) or (most is not None and number > most):
        bounds = f"{'' if least is None else f'{least:g}'} to {'' if most is None else f'{most:g}'}"
        yield Fault(path, f"the value is outside the range {bounds}".rstrip(), "check the value")
    elif description.get("resultType") == "Percent" and number > _WHOLE and most is None:
        yield Fault(path, "a percentage of more than 100", "check the value")


def _number(text: Json) -> float | None:
    try:
        number = float(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return number if number is not None and math.isfinite(number) else None


def _credits(value: Json) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
