"""Recipes: one learner's record, written by a person as YAML or JSON.

The keys and their meaning are those of `schemas/build/recipe.json`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from clrctl.building.case import Frameworks
from clrctl.building.model import (
    Achievement,
    Association,
    Award,
    Evidence,
    Frame,
    Identifier,
    Learner,
    Place,
    Record,
    Scale,
    Wrapped,
)
from clrctl.building.problems import Problem, Refused
from clrctl.building.recipe import parts
from clrctl.building.recipe.reader import Mapping, open_mapping, read_file
from clrctl.document import baking, carriers
from clrctl.errors import InputError

KEY = "recipe"
"""The key whose version number tells that a file is a recipe."""


def load(source: str, raw: bytes | None = None) -> Record:
    """Read a recipe and what it includes.

    Args:
        source: its path; what it names is found beside it.
        raw: what it holds; None: it is read.

    Returns:
        Its record; a recipe for wrapping may have no awards.

    Raises:
        Refused: it cannot be read, or says what it may not say; with all problems and lines.
        InputError: it cannot be opened.
    """
    root = open_mapping(source, read_file(source) if raw is None else raw)
    if "@context" in root and KEY not in root:
        message = "this is a credential; a recipe gives issuer, learner and record of a new one"
        raise Refused(
            [Problem(message, Place(source), "name a recipe: clrctl new recipe writes one")]
        )
    parts.version(root, KEY)
    gathered = _Gathered()
    for place, name in root.items("include"):
        _include(gathered, root, place, name)
    zone = parts.zone(root)
    issuer = parts.organization(root.mapping("issuer", needed=True))
    learner = _learner(root.mapping("learner", needed=True))
    heading = parts.heading(root)
    templates, hash_email = parts.templates(root), parts.hashes_email(root)
    _gather(gathered, root)
    root.finish()
    frame = Frame(
        issuer,
        zone,
        templates,
        gathered.achievements,
        tuple(gathered.associations),
        hash_email,
    )
    return heading.record(
        frame, learner, gathered.awards, wrapped=gathered.wrapped, place=heading.place
    )


@dataclass
class _Gathered:
    """What a recipe and its includes hold together."""

    scales: dict[str, Scale] = field(default_factory=dict)
    achievements: dict[str, Achievement] = field(default_factory=dict)
    associations: list[Association] = field(default_factory=list)
    awards: list[Award] = field(default_factory=list)
    wrapped: list[Wrapped] = field(default_factory=list)
    frameworks: Frameworks = field(default_factory=Frameworks)


def _gather(gathered: _Gathered, root: Mapping) -> None:
    """Add what one file holds to what is there."""
    for name, scale in parts.scales(root).items():
        if gathered.scales.setdefault(name, scale) is not scale:
            _twice(root, f"the scale {name}", scale.place, gathered.scales[name].place)
    find = parts.frameworks(root, gathered.frameworks)
    for key, entry in root.mapping("achievements").each():
        one = parts.achievement(key, entry, gathered.scales, find)
        if gathered.achievements.setdefault(key, one) is not one:
            _twice(root, f"the achievement {key}", one.place, gathered.achievements[key].place)
    gathered.awards += filter(None, map(_award, root.mappings("awards")))
    gathered.associations += parts.associations(root)


def _twice(root: Mapping, what: str, here: Place, there: Place) -> None:
    root.problem_at(here, f"{what} is also in {there}", fix="keep one of the two")


def _include(gathered: _Gathered, root: Mapping, place: Place, name: str | Mapping) -> None:
    """Add a file that a recipe includes: a part of a recipe, or a credential as it is."""
    if not isinstance(name, str):
        root.problem_at(place, "include has to be a list of files")
        return
    path = parts.beside(place.source, name)
    try:
        raw = read_file(path)
    except InputError as error:
        root.problem_at(place, f"{path} {error.what}", fix=error.fix or "is the name right?")
        return
    if baking.is_picture(raw) or carriers.is_token(raw):
        gathered.wrapped.append(Wrapped(raw, Place(path)))
        return
    try:
        part = open_mapping(path, raw)
        if "@context" in part:
            gathered.wrapped.append(Wrapped(raw, Place(path)))
            return
        part.allow([KEY])
        _gather(gathered, part)
        part.finish()
    except Refused as refused:
        root.problems += refused.problems


def _learner(entry: Mapping) -> Learner:
    given = entry.text("sourcedId")
    own = (Identifier(given, "sourcedId"),) if given else ()
    did, address = entry.text("did"), entry.text("id")
    if did and address:
        entry.problem("learner.did and learner.id say the same", key="id", fix="keep one")
    return Learner(
        key=entry.text("key", needed=bool(entry)),
        name=entry.text("name"),
        email=entry.text("email"),
        id=did or address,
        identifiers=own + parts.identifiers(entry),
        place=entry.place,
    )


def _award(entry: Mapping) -> Award | None:
    on = entry.when("on", needed=True)
    source = entry.mapping("source")
    award = Award(
        of=entry.text("of", needed=True),
        on=on or parts.NO_DAY,
        revised=entry.when("revised"),
        term=entry.text("term"),
        occurrence=entry.text("occurrence"),
        start=entry.when("start"),
        end=entry.when("end"),
        expires=entry.when("expires"),
        credits=entry.decimal("credits"),
        role=entry.text("role"),
        license=entry.text("license"),
        status=entry.text("status"),
        results=dict(entry.mapping("results").each_text()),
        narrative=entry.text("narrative"),
        evidence=tuple(map(_evidence, entry.mappings("evidence"))),
        source=parts.organization(source) if source else None,
        place=entry.place,
    )
    return award if on else None


def _evidence(entry: Mapping) -> Evidence:
    return Evidence(
        url=entry.text("url"),
        name=entry.text("name"),
        description=entry.text("description"),
        narrative=entry.text("narrative"),
        genre=entry.text("genre"),
        audience=entry.text("audience"),
    )
