"""From a record of the model to the bytes of its CLR. This is the only place that writes one.

The same record gives the same bytes: no clock, no chance, no host, no environment. What a source
has wrong is returned as problems with their places. Sources: CLR 2.0, ClrCredential, ClrSubject;
Open Badges 3.0, AchievementCredential, AchievementSubject.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from clrctl.building import dates, identities, images, passing, results, source_checks
from clrctl.building.definitions import Definitions
from clrctl.building.model import NOWHERE, Association, Award, Frame, Place, Record
from clrctl.building.objects import AsRead, Shared, made, relaid, text
from clrctl.building.problems import NotBuilt
from clrctl.finding import Json
from clrctl.util import Secret

CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
)
"""Those of a record. The unversioned CLR context does not define `partial` and the subject's
`identifier`, so that a signature would not cover them; the last one defines the type of
`credentialSchema`."""

_AWARD_CONTEXTS = (CONTEXTS[0], *CONTEXTS[2:])
_SCHEMA = "https://purl.imsglobal.org/spec/{}/schema/json/{}.json"
_RECORD_SCHEMA = _SCHEMA.format("clr/v2p0", "clr_v2p0_clrcredential_schema")
_AWARD_SCHEMA = _SCHEMA.format("ob/v3p0", "ob_v3p0_achievementcredential_schema")

FEW_AWARDS = 10
"""With more awards than these the issuer's image stands in the record alone."""

COMPLETE = "partial is not given: the record claims to hold all that the issuer knows"


@dataclass(frozen=True, slots=True)
class EmitOptions:
    """How records are written, as far as the source does not say.

    Attributes:
        secret: what personal ids and salts depend on; without one ids can be guessed, and nothing
            can be hashed.
        images: what becomes of images.
        mirror: whether the record also lists the achievements that its awards hold; those that
            no award holds, such as a diploma not yet earned, it lists in any case.
    """

    secret: Secret | None = None
    images: images.ImagePolicy = images.ImagePolicy.EMBED
    mirror: bool = True


@dataclass(frozen=True, slots=True)
class Emitted:
    """A record as it is written.

    Attributes:
        record: what it was made of.
        id: id of the credential.
        valid_from: its `validFrom`.
        text: the whole document, UTF-8.
        notes: what its author should know, the same words for each record.
        origins: JSON Pointers to the parts that come from one place, and those places; what lies
            below a pointer comes from there too.
    """

    record: Record
    id: str
    valid_from: str
    text: bytes = field(repr=False)
    notes: tuple[str, ...] = ()
    origins: Mapping[str, Place] = field(default_factory=dict, repr=False)

    def origin(self, pointer: str) -> Place:
        """Return the place in the source that a part of the record comes from."""
        while pointer not in self.origins and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.origins.get(pointer, NOWHERE)


def emit(record: Record, options: EmitOptions = EmitOptions()) -> Emitted | NotBuilt:
    """Write one record; for many of a build, an `Emitter` is faster."""
    return Emitter(options).emit(record)


class Emitter:
    """Writes records, and remembers what those of one frame have in common."""

    def __init__(self, options: EmitOptions) -> None:
        self._options = options
        self._definitions: Definitions | None = None

    @property
    def secret(self) -> Secret | None:
        """What personal ids and salts depend on."""
        return self._options.secret

    def emit(self, record: Record) -> Emitted | NotBuilt:
        """Return the record as a CLR, or what is wrong in its source."""
        definitions = self._of_frame(record.frame)
        held = definitions.reached(award.of for award in record.awards)
        if problems := tuple(
            source_checks.problems(record, definitions, held, self._options.secret)
        ):
            return NotBuilt(record.learner.key, problems)
        return _Writing(record, definitions, self._options, held).emitted()

    def _of_frame(self, frame: Frame) -> Definitions:
        if self._definitions is None or self._definitions.frame is not frame:
            self._definitions = Definitions(frame, self._options.secret, self._options.images)
        return self._definitions


class _Writing:
    """One record on its way: its checks have found nothing."""

    def __init__(
        self, record: Record, definitions: Definitions, options: EmitOptions, held: list[str]
    ) -> None:
        self._record = record
        self._frame = record.frame
        self._shared = definitions
        self._options = options
        self._ids = definitions.ids
        self._held = held
        self._learner = record.learner.id or self._ids.learner(record.learner.key)

    def _identities(self) -> list[Json]:
        return identities.of(
            self._record.learner, self._options.secret, hash_email=self._frame.hash_email
        )

    def emitted(self) -> Emitted:
        record, zone = self._record, self._frame.zone
        awards = self._awards()
        held = self._listed()
        associations = self._shared.associations(self._held)
        valid_from = dates.starts(record.as_of, zone)
        subject = made(
            "ClrSubject",
            id=self._learner,
            type=["ClrSubject"],
            identifier=self._identities(),
            achievement=[*map(self._shared.achievement, held), *self._wrapped_achievements()],
            verifiableCredential=[
                *(self._award(award) for award in awards),
                *(AsRead(wrapped.text.strip()) for wrapped in record.wrapped),
            ],
            association=[self._shared.association(one) for one in associations],
        )
        credential = made(
            "ClrCredential",
            context=list(CONTEXTS),
            id=self._ids.record(record.learner.key, record.key),
            type=["VerifiableCredential", "ClrCredential"],
            name=record.name,
            description=record.description,
            image=self._shared.image(record.image),
            issuer=self._shared.profile(self._frame.issuer),
            validFrom=valid_from,
            awardedDate=dates.happened(record.as_of, zone),
            partial=bool(record.partial),
            credentialSubject=subject,
            credentialSchema=[_schema(_RECORD_SCHEMA)],
        )
        if related := [one for wrapped in record.wrapped for one in wrapped.related]:
            # A member of VC Data Model 2.0, which the standard does not list among its own.
            credential["relatedResource"] = [
                {"id": one.id, "digestSRI": one.digest, "mediaType": one.media_type}
                for one in related
            ]
        return Emitted(
            record,
            credential["id"],
            valid_from,
            text(credential),
            tuple(self._notes()),
            self._origins(awards, held, associations),
        )

    def _wrapped_achievements(self) -> Iterator[Json]:
        for wrapped in self._record.wrapped if self._options.mirror else ():
            yield from map(relaid, wrapped.achievements)

    def _awards(self) -> list[Award]:
        """Return the awards in the order they are written."""
        if self._frame.keeps_order:
            return list(self._record.awards)
        return sorted(self._record.awards, key=self._rank)

    def _rank(self, award: Award) -> tuple[datetime, str, str]:
        when = dates.instant(award.on, self._frame.zone)
        return (
            when,
            self._frame.achievements[award.of].name,
            self._shared.award_id(self._record.learner, award),
        )

    def _listed(self) -> list[str]:
        """Return the keys of the achievements that the record itself lists."""
        awarded = {award.of for award in self._record.awards}
        return [key for key in self._held if self._options.mirror or key not in awarded]

    def _award(self, award: Award) -> Json:
        achievement, zone = self._frame.achievements[award.of], self._frame.zone
        few = len(self._record.awards) <= FEW_AWARDS
        subject = made(
            "AchievementSubject",
            id=self._learner,
            type=["AchievementSubject"],
            activityStartDate=dates.happened(award.start, zone) if award.start else "",
            activityEndDate=dates.happened(award.end, zone) if award.end else "",
            term=award.term,
            licenseNumber=award.license,
            role=award.role,
            narrative=award.narrative,
            creditsEarned=passing.credits_of(achievement, award),
            source=self._shared.profile(award.source) if award.source else None,
            result=results.results(achievement, award, self._ids),
            achievement=self._shared.achievement(award.of),
        )
        return made(
            "AchievementCredential",
            context=list(_AWARD_CONTEXTS),
            id=self._shared.award_id(self._record.learner, award),
            type=["VerifiableCredential", *award.types],
            name=achievement.name,
            issuer=self._shared.profile(award.issuer or self._frame.issuer, pictured=few),
            validFrom=dates.starts(award.revised or award.on, zone),
            validUntil=dates.ends(award.expires, zone) if award.expires else "",
            awardedDate=dates.happened(award.on, zone),
            credentialSubject=subject,
            evidence=[
                made(
                    "Evidence",
                    id=one.url,
                    type=["Evidence", *one.types],
                    name=one.name,
                    narrative=one.narrative,
                    description=one.description,
                    genre=one.genre,
                    audience=one.audience,
                )
                for one in award.evidence
            ],
            credentialSchema=[_schema(_AWARD_SCHEMA)],
        )

    def _notes(self) -> Iterator[str]:
        yield from self._record.notes
        known = self._frame.achievements
        failed = [one for one in self._record.awards if not passing.is_earned(known[one.of], one)]
        if any(passing.reads_as_completed(known[one.of], one) for one in failed):
            yield passing.NO_STATUS
        if any(passing.credits_of(known[one.of], one) != one.credits for one in failed):
            yield passing.NOT_EARNED
        if self._record.partial is None:
            yield COMPLETE
        if identities.is_lowered(self._record.learner, hash_email=self._frame.hash_email):
            yield identities.LOWERED
        yield from self._shared.notes(self._held)

    def _origins(
        self, awards: list[Award], held: list[str], associations: list[Association]
    ) -> dict[str, Place]:
        subject = "/credentialSubject"
        record, issuer = self._record, self._frame.issuer
        origins = {"": record.place, "/issuer": issuer.place, subject: record.learner.place}
        for index, key in enumerate(held):
            origins[f"{subject}/achievement/{index}"] = self._frame.achievements[key].place
        for index, award in enumerate(awards):
            at = f"{subject}/verifiableCredential/{index}"
            origins[at] = award.place
            origins[f"{at}/issuer"] = (award.issuer or issuer).place
            origins[f"{at}/credentialSubject/achievement"] = self._frame.achievements[
                award.of
            ].place
        for index, wrapped in enumerate(record.wrapped, len(awards)):
            origins[f"{subject}/verifiableCredential/{index}"] = wrapped.place
        for index, one in enumerate(associations):
            origins[f"{subject}/association/{index}"] = one.place
        return origins


_SCHEMAS = {
    address: Shared({"type": "1EdTechJsonSchemaValidator2019", "id": address})
    for address in (_RECORD_SCHEMA, _AWARD_SCHEMA)
}


def _schema(address: str) -> Shared:
    return _SCHEMAS[address]
