"""Whether the results of an award say that it was passed.

Sources: Open Badges 3.0, Result.status, Result.value, Result.achievedLevel,
ResultDescription.requiredValue and requiredLevel; without a status an award counts as completed.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from clrctl.finding import Json

UNEARNED = ("Failed", "Withdrew", "InProgress", "Enrolled", "OnHold")
"""Statuses of what was not passed or is not finished."""


def unearned(subject: dict[str, Json]) -> Iterator[str]:
    """Yield why an award earns no credits, in words that follow "and".

    Args:
        subject: an AchievementSubject, whatever may be wrong with it.
    """
    achievement = subject.get("achievement")
    scales = {
        scale.get("id"): scale
        for scale in _objects(
            achievement.get("resultDescription") if isinstance(achievement, dict) else None
        )
        if isinstance(scale.get("id"), str)
    }
    for result in _objects(subject.get("result")):
        status = result.get("status")
        if status in UNEARNED:
            yield f"its status is {status}"
        named = result.get("resultDescription")
        scale = scales.get(named) if isinstance(named, str) else None
        if scale is not None:
            yield from _below(result, scale)


def _below(result: dict[str, Json], scale: dict[str, Json]) -> Iterator[str]:
    """Yield that a result does not reach what its scale requires."""
    value, required = result.get("value"), scale.get("requiredValue")
    if isinstance(value, str) and isinstance(required, str):
        allowed = scale.get("allowedValue")
        listed = allowed if isinstance(allowed, list) else []
        ranks = [one for one in listed if isinstance(one, str)]
        if value in ranks and required in ranks:
            below = ranks.index(value) < ranks.index(required)
        else:
            number, least = _number(value), _number(required)
            below = number is not None and least is not None and number < least
        if below:
            yield f"{value} is below {required}, which is required"
    level, least_level = result.get("achievedLevel"), scale.get("requiredLevel")
    if isinstance(level, str) and isinstance(least_level, str):
        levels = [one.get("id") for one in _objects(scale.get("rubricCriterionLevel"))]
        known = level in levels and least_level in levels
        if known and levels.index(level) < levels.index(least_level):
            yield "its level is below the one required"


def _objects(value: Json) -> list[dict[str, Json]]:
    found = value if isinstance(value, list) else [value]
    return [one for one in found if isinstance(one, dict)]


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
