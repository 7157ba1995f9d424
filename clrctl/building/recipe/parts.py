"""The parts that recipes and mappings have in common, each read from its `Mapping`.

The keys are those of the recipe's schema. What is wrong is noted in the mapping; what is returned
then is good enough to go on reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from clrctl.building import dates, ids
from clrctl.building.case import Frameworks
from clrctl.building.model import (
    Achievement,
    Alignment,
    Association,
    Award,
    Frame,
    Identifier,
    IdTemplates,
    Learner,
    Level,
    Organization,
    Picture,
    Place,
    Record,
    Scale,
    When,
    Wrapped,
)
from clrctl.building.problems import likely, listed
from clrctl.building.recipe.reader import Mapping, read_file
from clrctl.errors import InputError

NO_DAY = dates.read("1970-01-01")
"""Stands where a date is missing, which is noted as a problem."""

_ENDS = 3


@dataclass(frozen=True, slots=True)
class Heading:
    """What `record:` says: the record without learner and awards.

    Attributes:
        key: with the learner's key it makes the id.
        name: what the record is called.
        as_of: the day or moment it is about.
        partial: whether it holds only some of what the issuer knows; None: not said.
    """

    key: str
    name: str
    as_of: When
    partial: bool | None
    description: str
    image: Picture | None
    place: Place

    def record(
        self,
        frame: Frame,
        learner: Learner,
        awards: Iterable[Award],
        *,
        place: Place,
        wrapped: Iterable[Wrapped] = (),
        notes: Iterable[str] = (),
    ) -> Record:
        """Return the record of a learner that this is said of."""
        return Record(
            frame,
            learner,
            self.key,
            self.name,
            self.as_of,
            self.partial,
            self.description,
            self.image,
            awards=tuple(awards),
            wrapped=tuple(wrapped),
            place=place,
            notes=tuple(notes),
        )


def version(root: Mapping, key: str) -> None:
    """Read the line that tells what the file is, such as `recipe: 1`."""
    number = root.text(key, needed=True)
    if number not in ("", "1"):
        root.problem(f'{key} "{number}" is a version that is not known', key=key, fix=f"{key}: 1")


def zone(root: Mapping) -> ZoneInfo | None:
    """Read `timezone`."""
    name = root.text("timezone")
    found = dates.zone(name) if name else None
    if name and found is None:
        root.problem(
            f'timezone "{name}" is not in the IANA time zone database',
            key="timezone",
            fix="write it like America/Chicago or Europe/Berlin",
        )
    return found


def heading(root: Mapping) -> Heading:
    """Read `record`."""
    record = root.mapping("record", needed=True)
    wanted = bool(record)
    return Heading(
        record.text("key", needed=wanted),
        record.text("name", needed=wanted),
        record.when("as_of", needed=wanted) or NO_DAY,
        record.truth("partial"),
        record.text("description"),
        picture(record, "image"),
        record.place,
    )


def templates(root: Mapping) -> IdTemplates:
    """Read `ids`."""
    given = root.mapping("ids")
    found = {}
    for kind in ids.PLACEHOLDERS:
        template = given.text(kind)
        if template and (problem := ids.misfits(kind, template)):
            given.problem(f'ids.{kind} "{template}": {problem}', key=kind)
        elif template and ":" not in template.partition("{")[0]:
            message = f'ids.{kind} "{template}" does not begin like an URL'
            given.problem(message, key=kind, fix="begin with https:// and a name that you control")
        found[kind] = template
    return IdTemplates(**found)


def hashes_email(root: Mapping) -> bool:
    """Read `hash_email`; e-mail addresses are hashed unless it says otherwise."""
    return root.truth("hash_email") is not False


def organization(entry: Mapping) -> Organization:
    """Read an organization, such as `issuer`."""
    wanted = bool(entry)
    place = entry.place
    parent = entry.mapping("parent")
    return Organization(
        id=entry.text("id", needed=wanted),
        name=entry.text("name", needed=wanted),
        url=entry.text("url"),
        email=entry.text("email"),
        image=picture(entry, "image"),
        parent=organization(parent) if parent else None,
        identifiers=identifiers(entry),
        place=place,
    )


def identifiers(entry: Mapping) -> tuple[Identifier, ...]:
    """Read `identifiers`: a list of `{type, value, hashed}`."""
    return tuple(
        Identifier(
            value=one.text("value", needed=True),
            kind=one.word("type", "IdentifierType", needed=True),
            hashed=one.truth("hashed"),
        )
        for one in entry.mappings("identifiers")
    )


def picture(entry: Mapping, key: str) -> Picture | None:
    """Read an image: an address, or a file beside the recipe or mapping."""
    text, place = entry.text(key), entry.at(key)
    if not text:
        return None
    if "://" in text or text.startswith("data:"):
        return Picture(url=text, place=place)
    path = beside(place.source, text)
    try:
        return Picture(raw=read_file(path), place=Place(path))
    except InputError as error:
        entry.problem(
            f"the image {path} {error.what}: {error.why}",
            key=key,
            fix=f"put it there; {key} is a file beside this one, or an https address",
        )
        return None


def beside(source: str, name: str) -> str:
    """Return the path of a file that a source names, which is relative to it."""
    if source in ("", "-"):
        return name
    return str(Path(source).parent / name)


def scales(root: Mapping) -> dict[str, Scale]:
    """Read `scales`."""
    return {name: scale(entry) for name, entry in root.mapping("scales").each()}


def scale(entry: Mapping) -> Scale:
    """Read one scale."""
    return Scale(
        type=entry.word("type", "ResultType", needed=True),
        values=entry.texts("values"),
        least=entry.text("min"),
        greatest=entry.text("max"),
        required=entry.text("required"),
        levels=_levels(entry),
        marks={
            mark: given.word(mark, "ResultStatus", needed=True)
            for given in (entry.mapping("marks"),)
            for mark, _ in given.each_text()
        },
        place=entry.place,
    )


def _levels(entry: Mapping) -> tuple[Level, ...]:
    return tuple(
        Level(item)
        if isinstance(item, str)
        else Level(item.text("name", needed=True), item.text("description"), item.text("points"))
        for _, item in entry.items("levels")
    )


def results(entry: Mapping, known: dict[str, Scale]) -> dict[str, Scale]:
    """Read the `results` of an achievement: names with the names of scales."""
    given = entry.mapping("results")
    found = {}
    for name, named in given.each_text():
        if named in known:
            found[name] = known[named]
        elif named:
            given.problem(
                f'{given.path}.{name} "{named}" is no scale; there are {listed(known)}',
                key=name,
                fix=likely(named, known) or f"add {named} to scales",
            )
    return found


Find: TypeAlias = Callable[[str], Alignment]
"""Finds the item of a framework by its code or GUID; raises InputError where it cannot."""


def frameworks(root: Mapping, known: Frameworks) -> Find | None:
    """Read `frameworks`: files whose items achievements are aligned to.

    Args:
        root: the file that names them.
        known: those that there are; more are added.

    Returns:
        What finds their items; None where there are no frameworks.
    """
    for place, name in root.items("frameworks"):
        if not isinstance(name, str):
            root.problem_at(place, "frameworks has to be a list of files")
            continue
        try:
            known.add(beside(place.source, name))
        except InputError as error:
            why = f": {error.why}" if error.why else ""
            message = f"the framework {error.where}: {error.what}{why}"
            root.problem_at(place, message, fix=error.fix or "is the name right?")
    return known.alignment if known else None


def achievement(
    key: str, entry: Mapping, known: dict[str, Scale], find: Find | None = None
) -> Achievement:
    """Read one achievement, whose results are on known scales.

    Args:
        key: its key.
        entry: what is said of it.
        known: the scales, by name.
        find: finds what its alignments name in frameworks; None: there are none.
    """
    creator = entry.mapping("creator")
    return Achievement(
        key=key,
        name=entry.text("name", needed=True),
        id=entry.text("id"),
        type=entry.word("type", "AchievementType"),
        description=entry.text("description"),
        criteria=entry.text("criteria"),
        criteria_url=entry.text("criteria_url"),
        code=entry.text("code"),
        credits=entry.decimal("credits"),
        field_of_study=entry.text("field"),
        specialization=entry.text("specialization"),
        version=entry.text("version"),
        language=entry.text("language"),
        image=picture(entry, "image"),
        tags=entry.texts("tags"),
        alignments=alignments(entry, find),
        identifiers=identifiers(entry),
        results=results(entry, known),
        creator=organization(creator) if creator else None,
        place=entry.place,
    )


def alignments(entry: Mapping, find: Find | None, key: str = "align") -> tuple[Alignment, ...]:
    """Read alignments: a list of objects, and of codes or GUIDs of items in frameworks."""
    found = []
    for place, item in entry.items(key):
        if not isinstance(item, str):
            found.append(alignment(item))
        elif find is None:
            entry.problem_at(
                place,
                f'{entry.path}.{key} "{item}" names an item, and there is no framework',
                fix="name the file that has it: `frameworks: [package.json]`; or align to "
                "{name: ..., url: ...}",
            )
        else:
            try:
                found.append(find(item))
            except InputError as error:
                entry.problem_at(place, f"{entry.path}.{key}: {error.what}", fix=error.fix)
    return tuple(found)


def alignment(entry: Mapping) -> Alignment:
    """Read one alignment."""
    return Alignment(
        name=entry.text("name", needed=True),
        url=entry.text("url", needed=True),
        code=entry.text("code"),
        framework=entry.text("framework"),
        type=entry.word("type", "AlignmentTargetType"),
        description=entry.text("description"),
    )


def associations(root: Mapping) -> tuple[Association, ...]:
    """Read `associations`: a list of `KEY TYPE KEY`, or of `{source, type, target}`."""
    found = []
    for place, item in root.items("associations"):
        if isinstance(item, str):
            words = item.split()
            if len(words) == _ENDS:
                found.append(Association(words[0], words[1], words[2], place))
            else:
                root.problem_at(
                    place,
                    f'the association "{item}" is not of three words',
                    fix='write it like "ratios isPartOf math6"',
                )
        else:
            source, kind, target = (item.text(k, needed=True) for k in ("source", "type", "target"))
            found.append(Association(source, kind, target, place))
    return tuple(found)
