"""Whether what an award says was passed, and which credits it earns then.

A course that was not passed, or is not finished, earns no credits, whatever a source's column of
credits says. Sources: CLR 2.0, AchievementSubject.creditsEarned, Result.status,
ResultDescription.requiredValue and requiredLevel.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from clrctl.building.model import Achievement, Award, Scale
from clrctl.standard import passing as standard

COMPLETED = "Completed"
FAILED = "Failed"
STATUS = "Status"
NO_STATUS = (
    "a failed course without a status reads as completed: add `Status: status` to results, and "
    "`status: {type: Status}` to scales"
)
NOT_EARNED = "what was not passed, or is not finished, earns no credits: they are published as 0"


def status(achievement: Achievement, award: Award) -> str:
    """Return the status of an award, from wherever the source says it; empty where it does not.

    Without one of its own, it follows from a mark, or from what the scales require; the latter only
    where a result of the achievement can hold it.
    """
    if award.status:
        return award.status
    scales = achievement.results
    for name, value in award.results.items():
        scale = scales.get(name)
        if scale and scale.type == STATUS and value:
            return value
    for meant in marked(award.results, scales):
        return meant
    if any(scale.type == STATUS for scale in scales.values()):
        return {True: COMPLETED, False: FAILED, None: ""}[passed(award.results, scales)]
    return ""


def mark(achievement: Achievement, award: Award) -> str:
    """Return the mark that is in the place of a grade, such as `W`; empty where none is."""
    scales = achievement.results
    found = (v for n, v in award.results.items() if n in scales and v in scales[n].marks)
    return next(found, "")


def marked(values: Mapping[str, str], scales: Mapping[str, Scale]) -> list[str]:
    """Return the statuses that marks in the place of values mean."""
    return [
        scales[name].marks[value]
        for name, value in values.items()
        if name in scales and value in scales[name].marks
    ]


def passed(values: Mapping[str, str], scales: Mapping[str, Scale]) -> bool | None:
    """Return whether all is reached that the scales require.

    None where none of them says what that is, or its value is no number.
    """
    judged = [
        verdict
        for name, value in values.items()
        if name in scales and (verdict := _reached(value, scales[name])) is not None
    ]
    return all(judged) if judged else None


def is_earned(achievement: Achievement, award: Award) -> bool | None:
    """Return whether an award earns its credits; None where the source does not say it."""
    said = status(achievement, award)
    if said in standard.UNEARNED:
        return False
    reached = passed(award.results, achievement.results)
    return True if reached is None and said == COMPLETED else reached


def reads_as_completed(achievement: Achievement, award: Award) -> bool:
    """Return whether an award was not passed, and no result says so, as the standard asks."""
    return is_earned(achievement, award) is False and not status(achievement, award)


def credits_of(achievement: Achievement, award: Award) -> Decimal | None:
    """Return the credits that an award earns: none at all, or those of its source."""
    if award.credits and is_earned(achievement, award) is False:
        return Decimal(0)
    return award.credits


def number(text: str) -> Decimal | None:
    """Return the number that a text is written as, None where it is none."""
    try:
        found = Decimal(text) if text == text.strip() and "_" not in text else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def _reached(value: str, scale: Scale) -> bool | None:
    """Return whether a value is at least the one required; None where that cannot be told."""
    if not scale.required or value in scale.marks:
        return None
    ranks = scale.values or tuple(level.name for level in scale.levels)
    if ranks:
        known = value in ranks and scale.required in ranks
        return ranks.index(value) >= ranks.index(scale.required) if known else None
    reached, required = number(value.removesuffix("%")), number(scale.required.removesuffix("%"))
    return reached >= required if reached is not None and required is not None else None
