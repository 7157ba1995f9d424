"""CLR 1.0 to CLR 2.0: achievements, results and their descriptions, associations."""

from __future__ import annotations

from clrctl.building.upgrade.changes import ChangeKind, New, Old, copy, put
from clrctl.building.upgrade.parts import (
    OB_3,
    alignments,
    criteria,
    identifiers,
    image,
    lose_proofs,
    profile,
    short,
)
from clrctl.building.upgrade.terms import closed_term, term

_RELATED = "isRelatedTo"


def achievement(old: Old, issuer: New) -> tuple[New, list[tuple[Old, New]]]:
    """Return an achievement, and the associations that CLR 1.0 keeps inside it.

    Args:
        old: the achievement; it has to have an id, which it keeps.
        issuer: the issuer of the record, who is its creator where none is named.
    """
    new: New = {"type": ["Achievement"]}
    old.take("type")
    copy(old, new, {"id": "id"})
    if kind := old.text("achievementType"):
        new["achievementType"] = term(kind, "AchievementType")
        if new["achievementType"] != kind:
            old.tell(ChangeKind.MOVED, "achievementType", f"is {new['achievementType']} now")
    copy(old, new, {name: name for name in ("name", "description")})
    if "description" not in new and "name" in new:
        new["description"] = new["name"]
        old.tell(ChangeKind.MADE, "", f"{OB_3} asks for a description: the name is taken")
    new["criteria"] = criteria(old, "requirement", "criteria")
    put(new, "image", image(old))
    new["creator"] = _creator(old, issuer)
    names = ("humanCode", "creditsAvailable", "fieldOfStudy", "specialization")
    copy(old, new, {name: name for name in names})
    put(new, "otherIdentifier", identifiers(old))
    put(new, "alignment", alignments(old, "alignments", "alignment"))
    put(new, "tag", _tags(old))
    described = [_result_description(one) for one in old.objects("resultDescriptions")]
    put(new, "resultDescription", described)
    associations = [_association(one, new) for one in old.objects("associations")]
    lose_proofs(old)
    old.lose_rest(OB_3)
    return new, associations


def _creator(old: Old, issuer: New) -> New:
    value = old.look("issuer")
    if value is None or value == issuer.get("id"):
        old.take("issuer")
        return short(issuer)
    if isinstance(value, str):
        old.take("issuer")
        return {"id": value, "type": ["Profile"]}
    named = old.object("issuer")
    if named is None:
        return short(issuer)
    full = profile(named)
    if full.get("id") != issuer.get("id"):
        return full
    if others := [name for name, value in full.items() if issuer.get(name) != value]:
        old.tell(
            ChangeKind.LOST,
            "issuer",
            f"the publisher's own {', '.join(others)} counts, and is kept",
        )
    return short(issuer)


def _tags(old: Old) -> list[str]:
    tags = [item for _, item in old.list_of("tags")]
    if level := old.text("level"):
        tags.append(f"level: {level}")
        old.tell(ChangeKind.MOVED, "level", f"{OB_3} has no level: it is a tag now")
    return tags


def _association(old: Old, new: New) -> tuple[Old, New]:
    """Return an association of an achievement, which CLR 2.0 has beside the achievements."""
    old.take("type")
    kind = old.text("associationType")
    known = closed_term(kind, "AssociationType")
    if not known:
        old.tell(
            ChangeKind.MOVED,
            "associationType",
            f"CLR 2.0 has no {kind or 'such type'}: {_RELATED} now",
        )
    # Only a caption of the target, which has its own name.
    old.take("title")
    made: New = {
        "type": "Association",
        "associationType": known or _RELATED,
        "sourceId": new.get("id"),
        "targetId": old.text("targetId"),
    }
    old.lose_rest("CLR 2.0")
    return old, made


def _result_description(old: Old) -> New:
    new: New = {"type": ["ResultDescription"]}
    old.take("type")
    copy(old, new, {"id": "id", "name": "name"})
    if kind := old.text("resultType"):
        new["resultType"] = term(kind, "ResultType")
    put(new, "allowedValue", old.take("allowedValues", "allowedValue"))
    copy(old, new, {"requiredLevel": "requiredLevel", "requiredValue": "requiredValue"})
    for name in ("valueMin", "valueMax"):
        put(new, name, old.take(name, name.replace("value", "result")))
    put(new, "rubricCriterionLevel", [_level(one) for one in old.objects("rubricCriterionLevels")])
    put(new, "alignment", alignments(old, "alignments"))
    old.lose_rest(OB_3)
    return new


def _level(old: Old) -> New:
    new: New = {"type": ["RubricCriterionLevel"]}
    old.take("type")
    copy(old, new, {name: name for name in ("id", "name", "description", "level", "points")})
    put(new, "alignment", alignments(old, "alignments"))
    old.lose_rest(OB_3)
    return new


def result(old: Old) -> New:
    """Return a result of an assertion."""
    new: New = {"type": ["Result"]}
    old.take("type")
    copy(old, new, {name: name for name in ("id", "resultDescription", "value", "achievedLevel")})
    if status := old.text("status"):
        known = closed_term(status, "ResultStatus")
        if known:
            new["status"] = known
        else:
            old.refuse("status", f'"{status}" is no status of a result', "name one of CLR 2.0")
    put(new, "alignment", alignments(old, "alignments"))
    old.lose_rest(OB_3)
    return new
