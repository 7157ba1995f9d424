"""The facts of a transcript, as plain data. Texts are foreign, and moments as they are written."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Party:
    """An issuer, creator or source."""

    id: str = ""
    name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a learner is known by.

    Attributes:
        kind: the identity's type, such as `emailAddress`.
        value: in plain text; empty where it is hashed.
        hashed: whether only a digest stands there.
        salted: whether the digest is salted.
    """

    kind: str
    value: str = ""
    hashed: bool = False
    salted: bool = False


@dataclass(frozen=True, slots=True)
class LearnerFacts:
    """Whom a credential is about."""

    id: str = ""
    name: str = ""
    identities: tuple[Identity, ...] = ()


@dataclass(frozen=True, slots=True)
class ProofFacts:
    """A signature, as it describes itself; nothing of it was verified.

    Attributes:
        kind: the cryptosuite, the type, or `JWT` with its algorithm.
        key: the verification method.
        created: when it was made.
    """

    kind: str
    key: str = ""
    created: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """When a credential was awarded and is valid.

    Attributes:
        expired: it is not valid any more, at the moment that counts as now.
        future: it is not valid yet.
    """

    awarded: str = ""
    valid_from: str = ""
    valid_until: str = ""
    expired: bool = False
    future: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What was reached.

    Attributes:
        name: what the achievement's description of it is called, or what kind it is.
        value: value or level reached.
        status: such as `Failed`.
        scale: what it could have been, such as `2 of 4` for a level.
    """

    name: str
    value: str = ""
    status: str = ""
    scale: str = ""


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """Something that is pointed at: an alignment or evidence."""

    name: str
    url: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AwardFacts:
    """One credential inside a record, or the badge itself.

    Attributes:
        kind: the achievement's type, or what the credential is otherwise.
        credits: earned; a number as it is written.
        unearned: why its credits do not count, where its results say that it was not passed.
        offered: credits that the achievement offers.
        issuer: who awards it, where that is another than the record's issuer.
        revocable: the kinds of status that can be asked for.
    """

    id: str = ""
    kind: str = ""
    name: str = ""
    code: str = ""
    term: str = ""
    credits: str = ""
    offered: str = ""
    unearned: str = ""
    results: tuple[Result, ...] = ()
    period: Period = Period()
    issuer: Party | None = None
    proofs: tuple[ProofFacts, ...] = ()
    revocable: tuple[str, ...] = ()
    role: str = ""
    license: str = ""
    source: Party | None = None
    achievement: str = ""
    description: str = ""
    criteria: str = ""
    narrative: str = ""
    field_of_study: str = ""
    activity: tuple[str, str] = ("", "")
    tags: tuple[str, ...] = ()
    alignments: tuple[LinkFacts, ...] = ()
    evidence: tuple[LinkFacts, ...] = ()
    endorsed_by: tuple[Party, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """How one achievement relates to another: by name, or by id where it is not in the record."""

    source: str
    type: str
    target: str


@dataclass(frozen=True, slots=True)
class TranscriptFacts:
    """All that is shown of one credential.

    Attributes:
        kind: `CLR`, `Open Badge`, `endorsement` or `credential`.
        version: of the VC Data Model, `2.0` or `1.1`; empty where it is neither.
        partial: whether the issuer knows more than it says; None where that is not told.
        achievements: achievements of the record by id: their names.
        awarded: ids of the achievements that were awarded.
        relations: by ids of achievements.
        credits: the sum of the credits earned by what was passed; empty where there are none.
        attempted: the sum of the credits that were offered; empty where not every award with
            credits says what was.
    """

    kind: str
    version: str = ""
    id: str = ""
    name: str = ""
    description: str = ""
    learner: LearnerFacts = LearnerFacts()
    issuer: Party = Party()
    period: Period = Period()
    partial: bool | None = None
    proofs: tuple[ProofFacts, ...] = ()
    revocable: tuple[str, ...] = ()
    awards: tuple[AwardFacts, ...] = ()
    achievements: dict[str, str] = field(default_factory=dict)
    awarded: frozenset[str] = frozenset()
    relations: tuple[Relation, ...] = ()
    credits: str = ""
    attempted: str = ""
    endorsed_by: tuple[Party, ...] = ()
