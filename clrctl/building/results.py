"""Grades, scores and levels: the scales of an achievement, and the values on them.

A result always names the description that gives it meaning. All values are text, as the source
has them. Sources: Open Badges 3.0, ResultDescription, Result, RubricCriterionLevel.
"""

from __future__ import annotations

from collections.abc import Iterator

from clrctl.building import marks, passing, vocabulary
from clrctl.building.ids import Ids
from clrctl.building.model import Achievement, Award, Scale
from clrctl.building.objects import made
from clrctl.building.passing import STATUS
from clrctl.building.problems import Problem, decimal_comma, likely, listed, unknown
from clrctl.finding import Json
from clrctl.util import nearest

LEVELS = "RubricCriterionLevel"
LETTERS = "LetterGrade"


def descriptions(achievement: Achievement, ids: Ids) -> list[Json]:
    """Return the ResultDescriptions of an achievement, in its order."""
    return [
        _description(achievement.key, name, scale, ids)
        for name, scale in achievement.results.items()
    ]


def _description(key: str, name: str, scale: Scale, ids: Ids) -> Json:
    levels = [
        made(
            "RubricCriterionLevel",
            id=ids.level(key, name, level.name),
            type=["RubricCriterionLevel"],
            name=level.name,
            description=level.description,
            level=str(rank),
            points=level.points,
        )
        for rank, level in enumerate(scale.levels, 1)
    ]
    on_levels = bool(levels and scale.required)
    return made(
        "ResultDescription",
        id=ids.result(key, name),
        type=["ResultDescription"],
        name=name,
        resultType=scale.type,
        allowedValue=list(scale.values),
        valueMin=scale.least,
        valueMax=scale.greatest,
        requiredValue="" if on_levels else scale.required,
        requiredLevel=ids.level(key, name, scale.required) if on_levels else "",
        rubricCriterionLevel=levels,
    )


def scale_problems(name: str, scale: Scale, subject: str) -> Iterator[Problem]:
    """Yield what is wrong with a scale by itself."""
    if not vocabulary.allows("ResultType", scale.type):
        words = vocabulary.words("ResultType")
        yield unknown(f"the type of {name}", scale.type, words, scale.place, subject)
    allowed = scale.values or tuple(level.name for level in scale.levels)
    for value in sorted({one for one in allowed if allowed.count(one) > 1}):
        yield Problem(f'{name} has "{value}" twice', scale.place, "keep one", subject)
    if scale.levels and scale.type != LEVELS:
        yield Problem(
            f"{name} has levels, and its type is {scale.type}",
            scale.place,
            f"give it the type {LEVELS}, or values instead of levels",
            subject,
        )
    if scale.required and allowed and scale.required not in allowed:
        yield Problem(
            f'what {name} requires, "{scale.required}", is not one of {listed(allowed)}',
            scale.place,
            likely(scale.required, allowed)
            or f'add "{scale.required}" to them, from low to high, or take the lowest that passes',
            subject,
        )
    for bound in filter(None, (scale.least, scale.greatest)):
        if passing.number(bound) is None:
            message = f'{name} ends at "{bound}", which is no number'
            yield Problem(message, scale.place, decimal_comma(bound), subject)


def results(achievement: Achievement, award: Award, ids: Ids) -> list[Json]:
    """Return the Results of an award, in the order of the achievement's scales."""
    made_results = []
    for name, scale in achievement.results.items():
        value, mark = award.results.get(name, ""), ""
        if scale.type == STATUS:
            value = value or passing.status(achievement, award)
            mark = passing.mark(achievement, award)
        if not value or value in scale.marks:
            continue
        on_level = bool(scale.levels)
        made_results.append(
            made(
                "Result",
                type=["Result"],
                resultDescription=ids.result(achievement.key, name),
                value=mark if scale.type == STATUS else value,
                achievedLevel=ids.level(achievement.key, name, value) if on_level else "",
                status=value if scale.type == STATUS else "",
            )
        )
    return made_results


def problems(achievement: Achievement, award: Award, subject: str) -> Iterator[Problem]:
    """Yield what is wrong with the results of an award."""
    known = achievement.results
    for name, value in award.results.items():
        if name not in known:
            hint = nearest(name, known)
            yield Problem(
                f'{achievement.key} has no result "{name}"; it has {listed(known)}',
                award.place,
                f'did you mean "{hint}"?' if hint else "add it to the results of the achievement",
                subject,
            )
        elif value:
            yield from _misfits(name, value, known[name], award, subject)
    if passing.status(achievement, award):
        yield from _status_problems(achievement, award, subject)
    yield from _unearned(achievement, award, subject)


def _misfits(name: str, value: str, scale: Scale, award: Award, subject: str) -> Iterator[Problem]:
    allowed: tuple[str, ...] = scale.values or tuple(level.name for level in scale.levels)
    if scale.type == STATUS:
        allowed = vocabulary.words("ResultStatus")
    if value in scale.marks:
        return
    if allowed and value not in allowed:
        yield unknown(name, value, allowed, award.place, subject)
    elif scale.least or scale.greatest:
        yield from _beyond(name, value, scale, award, subject)


def _beyond(name: str, value: str, scale: Scale, award: Award, subject: str) -> Iterator[Problem]:
    number = passing.number(value)
    least, greatest = passing.number(scale.least), passing.number(scale.greatest)
    if number is None:
        fault, fix = _no_number(value)
        yield Problem(f'{name} "{value}" {fault}', award.place, fix, subject)
    elif (least is not None and number < least) or (greatest is not None and number > greatest):
        bounds = f"{scale.least or 'anything'} to {scale.greatest or 'anything'}"
        fix = "correct the value, or the min and max of the scale"
        yield Problem(f"{name} {value} is outside {bounds}", award.place, fix, subject)


def _no_number(value: str) -> tuple[str, str]:
    """Return what is wrong with a value that has to be a number, and what to do about it."""
    if fix := decimal_comma(value):
        return "has a decimal comma", f'{fix}; or, in a mapping of tables, say `decimal: ","`'
    if passing.number(value.strip()) is not None and (fix := likely(value, [value.strip()])):
        return "is no number", fix
    fix = "put what is no score on a scale of its own, such as one of type Status"
    return "is no number", fix


def _status_problems(achievement: Achievement, award: Award, subject: str) -> Iterator[Problem]:
    status = passing.status(achievement, award)
    named = [name for name, scale in achievement.results.items() if scale.type == STATUS]
    words = vocabulary.words("ResultStatus")
    if status not in words:
        yield unknown("the status", status, words, award.place, subject)
    if not named:
        yield Problem(
            f'{achievement.key} has no result of type Status to hold "{status}"',
            award.place,
            "add one to its results, on a scale {type: Status}",
            subject,
        )
    said = {name: award.results.get(name, "") for name in named}
    said |= {
        name: scale.marks[value]
        for name, scale in achievement.results.items()
        if (value := award.results.get(name, "")) in scale.marks
    }
    for name, other in said.items():
        if other not in ("", status):
            yield Problem(
                f'{name} is "{award.results[name]}", and the status "{status}"',
                award.place,
                "give one of the two",
                subject,
            )


def _unearned(achievement: Achievement, award: Award, subject: str) -> Iterator[Problem]:
    """Yield that credits are earned by what is known for no pass, where no scale says otherwise."""
    if not award.credits or passing.is_earned(achievement, award) is not None:
        return
    for name, value in award.results.items():
        scale = achievement.results.get(name)
        if scale and scale.type == LETTERS and marks.fails(value):
            yield Problem(
                f'{name} "{value}" earns {award.credits} credits, and its scale does not say what '
                "is needed to pass",
                award.place,
                "add `required` to the scale: the lowest value that passes",
                subject,
            )
