"""The plain model that every source fills and the emitter writes.

Words: an *achievement* is the definition, an *award* says that this learner got it, on this day,
with these results, and a *record* is the CLR. Values are what the source says, in the types below;
what follows from them (ids, hashes, instants in UTC, defaults) is the emitter's to derive. Each
part knows its place in the source, so that an error found late can still name it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo


class Packed:
    """Pickles as the values of its fields: records cross process boundaries by the thousand."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        kind: Any = type(self)
        if kind not in _VALUES:
            _VALUES[kind] = attrgetter(*(one.name for one in fields(kind)))
        return kind, _VALUES[kind](self)


_VALUES: dict[Any, Callable[[Any], tuple[Any, ...]]] = {}
"""For each kind what returns the values of its fields, of which there is more than one."""

When: TypeAlias = date | datetime
"""A day in the zone of the source, or a moment with a zone of its own."""


@dataclass(frozen=True, slots=True)
class Place(Packed):
    """Where something stands in a source.

    Attributes:
        source: the file, by the name it was given.
        line: line or row, counted from 1; 0 where there is none.
    """

    source: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Return it as messages name it: `grades.csv:7`."""
        return f"{self.source}:{self.line}" if self.line else self.source


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Picture:
    """An image: an address, or the bytes of a file to embed.

    Attributes:
        url: where it is; empty for a file.
        raw: the bytes of the file.
        place: the file.
        caption: what it shows, for those who cannot see it.
    """

    url: str = ""
    raw: bytes = field(default=b"", repr=False)
    place: Place = NOWHERE
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Identifier:
    """What somebody or something is called elsewhere.

    Attributes:
        value: the identifier, plain.
        kind: a term of the vocabulary, such as `emailAddress` or `sourcedId`, or `ext:...`.
        hashed: whether it is to be published as a salted hash; None: by the rule for its kind.
    """

    value: str
    kind: str
    hashed: bool | None = None


@dataclass(frozen=True, slots=True)
class Organization:
    """An issuer, creator or source: a Profile of the standard.

    Attributes:
        id: an URI that its owner controls and never changes.
        name: what people call it.
        url: its page.
        email: where to write to.
        image: its logo.
        parent: the organization it belongs to.
        identifiers: registry numbers and the like.
    """

    id: str
    name: str
    url: str = ""
    email: str = ""
    image: Picture | None = None
    parent: Organization | None = None
    identifiers: tuple[Identifier, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Learner(Packed):
    """Whom the record is about.

    Attributes:
        key: the stable local key on which all personal ids hang; never published by itself.
        name: full name.
        email: address, as given.
        id: a DID or URI of the learner's own, instead of a derived one.
        identifiers: further ones to publish.
    """

    key: str
    name: str = ""
    email: str = ""
    id: str = ""
    identifiers: tuple[Identifier, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a rubric; the order of levels is from low to high.

    Attributes:
        name: what it is called.
        description: what it means.
        points: what it counts, as text.
    """

    name: str
    description: str = ""
    points: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """What results of one kind can be.

    Attributes:
        type: the `resultType`.
        values: allowed values, low to high; empty where any is.
        least: `valueMin`, as text.
        greatest: `valueMax`, as text.
        required: the value, or the name of the level, needed to pass.
        levels: the rubric.
        marks: what may stand in the place of a value and is none, such as `W`, and the status that
            it means.
    """

    type: str
    values: tuple[str, ...] = ()
    least: str = ""
    greatest: str = ""
    required: str = ""
    levels: tuple[Level, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Alignment:
    """A node of a framework that an achievement is about."""

    name: str
    url: str
    code: str = ""
    framework: str = ""
    type: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """Another form or version of an achievement, such as the badge class it comes from.

    Attributes:
        types: types beside `Related`.
    """

    id: str
    version: str = ""
    language: str = ""
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Achievement:
    """A definition: what is achieved, and how.

    Attributes:
        key: its local key; its id depends on it.
        id: an id that it already has, instead of a derived one.
        results: scales by the names of the results, in order.
        creator: who defined it; None: the issuer.
        types: types beside `Achievement`.
    """

    key: str
    name: str
    id: str = ""
    type: str = ""
    description: str = ""
    criteria: str = ""
    criteria_url: str = ""
    code: str = ""
    credits: Decimal | None = None
    field_of_study: str = ""
    specialization: str = ""
    version: str = ""
    language: str = ""
    image: Picture | None = None
    tags: tuple[str, ...] = ()
    alignments: tuple[Alignment, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    related: tuple[Related, ...] = ()
    results: Mapping[str, Scale] = field(default_factory=dict)
    creator: Organization | None = None
    types: tuple[str, ...] = ()
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Evidence(Packed):
    """Work that supports an award.

    Attributes:
        types: types beside `Evidence`.
    """

    url: str = ""
    name: str = ""
    description: str = ""
    narrative: str = ""
    genre: str = ""
    audience: str = ""
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Award(Packed):
    """That a learner achieved something; becomes one nested credential.

    Attributes:
        of: key of the achievement.
        on: when it was awarded.
        revised: when what is said here last changed; None: `on`.
        occurrence: what tells two awards of one achievement in one term apart.
        results: values by the names of the achievement's results, as text.
        id: an id that the credential already has, instead of a derived one.
        issuer: who awards it; None: the issuer of the record.
        source: who it came from, such as the school of a transferred course.
        types: types of the credential beside `VerifiableCredential`.
    """

    of: str
    on: When
    revised: When | None = None
    term: str = ""
    occurrence: str = ""
    start: When | None = None
    end: When | None = None
    expires: When | None = None
    credits: Decimal | None = None
    role: str = ""
    license: str = ""
    status: str = ""
    results: Mapping[str, str] = field(default_factory=dict)
    narrative: str = ""
    evidence: tuple[Evidence, ...] = ()
    id: str = ""
    issuer: Organization | None = None
    source: Organization | None = None
    types: tuple[str, ...] = ("AchievementCredential",)
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class Association:
    """How one achievement relates to another, both by key."""

    source: str
    type: str
    target: str
    place: Place = NOWHERE


@dataclass(frozen=True, slots=True)
class RelatedResource:
    """A file that a record speaks of, by its digest (VC Data Model 2.0, section 5.3).

    Attributes:
        id: the URI it is known by.
        media_type: what it is.
        digest: its digest as Subresource Integrity writes it, such as `sha384-...`.
    """

    id: str
    media_type: str
    digest: str


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A signed credential of somebody's that goes in as it is.

    Attributes:
        text: its JSON, as it was read; numbers and order are kept. As long as nothing is decided,
            the file that carries it.
        decided: that it goes in was decided already.
        achievements: the texts of the achievements in it that the record lists too.
        related: what it was taken from, where that could not go in itself.
    """

    text: bytes = field(repr=False)
    place: Place = NOWHERE
    decided: bool = False
    achievements: tuple[bytes, ...] = field(default=(), repr=False)
    related: tuple[RelatedResource, ...] = ()


@dataclass(frozen=True, slots=True)
class IdTemplates:
    """URLs instead of derived ids; `{key}` and the like stand for percent-encoded parts."""

    achievement: str = ""
    learner: str = ""
    award: str = ""
    record: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What all records of a build share.

    Attributes:
        zone: the zone of days without one; None: there are none, or that is an error.
        achievements: by key, in the order of the source.
        keeps_order: whether awards stay in the order of the source, which a person chose, or
            are sorted, because an export shuffles its rows.
    """

    issuer: Organization
    zone: ZoneInfo | None = None
    ids: IdTemplates = IdTemplates()
    achievements: Mapping[str, Achievement] = field(default_factory=dict)
    associations: tuple[Association, ...] = ()
    hash_email: bool = True
    keeps_order: bool = True


@dataclass(frozen=True, slots=True)
class Record(Packed):
    """One CLR to be: a learner, what is said of the record, and the awards.

    Attributes:
        frame: what it shares with the others of its build.
        key: with the learner's key it makes the id: the same again is an update, not a copy.
        name: what the record is called.
        as_of: the day or moment it is about; becomes `validFrom`, never the clock.
        partial: whether it holds only some of what the issuer knows; None: not said.
        notes: what its author should know of the source, the same words for each record.
    """

    frame: Frame
    learner: Learner
    key: str
    name: str
    as_of: When
    partial: bool | None = None
    description: str = ""
    image: Picture | None = None
    awards: tuple[Award, ...] = ()
    wrapped: tuple[Wrapped, ...] = ()
    place: Place = NOWHERE
    notes: tuple[str, ...] = ()
