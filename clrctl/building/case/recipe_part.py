"""A part of a framework as a part of a recipe: YAML that `include` takes.

Every text is in double quotes, so that no reader of YAML takes one for anything else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from clrctl.building.case.competencies import Chosen
from clrctl.building.model import Achievement, Alignment, Association, Identifier, Scale

_text = json.JSONEncoder(ensure_ascii=False).encode


def write(chosen: Chosen) -> str:
    """Return the achievements, scales and associations as YAML."""
    return "".join(f"{line}\n" for line in _lines(chosen))


def _lines(chosen: Chosen) -> Iterator[str]:
    title = " ".join((chosen.package.title or chosen.package.guid).split())
    yield f"# Competencies of {_text(title)}, for `include` in a recipe."
    yield "# What a learner has to show is yours to say: change the criteria as you award them."
    yield "recipe: 1"
    if chosen.scales:
        yield "scales:"
        for name, scale in chosen.scales.items():
            yield from _scale(name, scale)
    yield "achievements:"
    for key, one in chosen.achievements.items():
        yield f"  {_text(key)}:"
        yield from _achievement(one)
    if chosen.associations:
        yield "associations:"
        yield from map(_association, chosen.associations)


def _scale(name: str, scale: Scale) -> Iterator[str]:
    yield f"  {_text(name)}:"
    yield f"    type: {scale.type}"
    yield "    levels:"
    for level in scale.levels:
        members = {"name": level.name, "description": level.description, "points": level.points}
        yield f"      - {_flow(members)}"


def _achievement(one: Achievement) -> Iterator[str]:
    members = {
        "id": one.id,
        "type": one.type,
        "name": one.name,
        "description": one.description,
        "criteria": one.criteria,
        "code": one.code,
        "language": one.language,
    }
    yield from (f"    {name}: {_text(value)}" for name, value in members.items() if value)
    if one.results:
        # A result and its scale have one name.
        pairs = ", ".join(f"{_text(name)}: {_text(name)}" for name in one.results)
        yield f"    results: {{{pairs}}}"
    yield "    identifiers:"
    yield from map(_identifier, one.identifiers)
    yield "    align:"
    yield from map(_alignment, one.alignments)


def _identifier(one: Identifier) -> str:
    return f"      - {_flow({'type': one.kind, 'value': one.value})}"


def _alignment(one: Alignment) -> str:
    members = {
        "name": one.name,
        "code": one.code,
        "framework": one.framework,
        "url": one.url,
        "type": one.type,
    }
    return f"      - {_flow(members)}"


def _association(one: Association) -> str:
    return f"  - {_flow({'source': one.source, 'type': one.type, 'target': one.target})}"


def _flow(members: dict[str, str]) -> str:
    pairs = (f"{name}: {_text(value)}" for name, value in members.items() if value)
    return "{" + ", ".join(pairs) + "}"
