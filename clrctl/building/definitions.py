"""What the records of one build have in common, made once: profiles, achievements, associations.

Each achievement is the same object wherever it stands: one id with two contents would be read as
an achievement with two names. Sources: CLR 2.0, Association; Open Badges 3.0, Achievement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clrctl.building import associations, images, results, vocabulary
from clrctl.building.ids import Ids
from clrctl.building.model import (
    Achievement,
    Association,
    Award,
    Frame,
    Identifier,
    Learner,
    Organization,
    Picture,
)
from clrctl.building.objects import Shared, made
from clrctl.building.problems import Problem, unknown
from clrctl.finding import Json
from clrctl.util import Secret, size


class Definitions:
    """The parts that records of one frame share.

    Attributes:
        frame: what they are made of.
        ids: its ids.
    """

    def __init__(self, frame: Frame, secret: Secret | None, policy: images.ImagePolicy) -> None:
        self.frame = frame
        self.ids = Ids(frame.issuer.id, secret, frame.ids)
        self._policy = policy
        self._achievements: dict[str, Shared] = {}
        self._issuer: dict[bool, Shared] = {}
        self._problems: dict[str, tuple[Problem, ...]] = {}
        self._general = tuple(self._general_problems())
        self._leads = self._leading()

    def reached(self, keys: Iterable[str]) -> list[str]:
        """Return the keys of what a record holds, in the order of the source.

        That is what was awarded, and what associations lead to from there: the whole that
        something is part of, what it precedes, but not all the other parts of that whole.
        """
        found: set[str] = set()
        waiting = list(keys)
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting += self._leads.get(key, ())
        return [key for key in self.frame.achievements if key in found]

    def _leading(self) -> dict[str, list[str]]:
        leads: dict[str, list[str]] = {}
        for one in self.frame.associations:
            part, whole = associations.upward(one)
            leads.setdefault(part, []).append(whole)
        return leads

    def associations(self, held: Iterable[str]) -> list[Association]:
        """Return the associations among these achievements."""
        keys = set(held)
        return [one for one in self.frame.associations if {one.source, one.target} <= keys]

    def association(self, one: Association) -> Json:
        """Return an Association."""
        return made(
            "Association",
            type="Association",
            associationType=one.type,
            sourceId=self._id(self.frame.achievements[one.source]),
            targetId=self._id(self.frame.achievements[one.target]),
        )

    def achievement(self, key: str) -> Shared:
        """Return the Achievement of that key."""
        if key not in self._achievements:
            self._achievements[key] = Shared(self._achievement(self.frame.achievements[key]))
        return self._achievements[key]

    def award_id(self, learner: Learner, award: Award) -> str:
        """Return the id of the credential for an award."""
        occurrence = award.occurrence or award.term
        return award.id or self.ids.award(learner.key, award.of, occurrence)

    def _id(self, achievement: Achievement) -> str:
        return achievement.id or self.ids.achievement(achievement.key)

    def _achievement(self, one: Achievement) -> dict[str, Json]:
        return made(
            "Achievement",
            id=self._id(one),
            type=["Achievement", *one.types],
            achievementType=one.type,
            name=one.name,
            description=one.description or one.name,
            criteria=made("Criteria", id=one.criteria_url, narrative=one.criteria),
            creator=_named(one.creator or self.frame.issuer),
            version=one.version,
            humanCode=one.code,
            fieldOfStudy=one.field_of_study,
            specialization=one.specialization,
            creditsAvailable=one.credits,
            inLanguage=one.language,
            image=self.image(one.image),
            tag=list(one.tags),
            alignment=[
                made(
                    "Alignment",
                    type=["Alignment"],
                    targetType=to.type,
                    targetCode=to.code,
                    targetName=to.name,
                    targetDescription=to.description,
                    targetFramework=to.framework,
                    targetUrl=to.url,
                )
                for to in one.alignments
            ],
            otherIdentifier=_entries(one.identifiers),
            related=[
                made(
                    "Related",
                    id=other.id,
                    type=["Related", *other.types],
                    inLanguage=other.language,
                    version=other.version,
                )
                for other in one.related
            ],
            resultDescription=results.descriptions(one, self.ids),
        )

    def image(self, picture: Picture | None) -> Json:
        """Return the Image for a picture, or None."""
        return images.of(picture, self._policy) if picture else None

    def profile(self, one: Organization, *, pictured: bool = True) -> Json:
        """Return the Profile of an organization, with or without its image."""
        if one is not self.frame.issuer:
            return self._profile(one, pictured=pictured)
        if pictured not in self._issuer:
            self._issuer[pictured] = Shared(self._profile(one, pictured=pictured))
        return self._issuer[pictured]

    def _profile(self, one: Organization, *, pictured: bool) -> dict[str, Json]:
        return made(
            "Profile",
            id=one.id,
            type=["Profile"],
            name=one.name,
            url=one.url,
            email=one.email,
            image=self.image(one.image) if pictured else None,
            parentOrg=self.profile(one.parent, pictured=False) if one.parent else None,
            otherIdentifier=_entries(one.identifiers),
        )

    def notes(self, held: Iterable[str]) -> Iterator[str]:
        """Yield what the author should know of these achievements."""
        pictures = [self.frame.issuer.image, *(self.frame.achievements[k].image for k in held)]
        for picture in filter(None, pictures):
            if len(picture.raw) > images.LARGE and self._policy is images.ImagePolicy.EMBED:
                yield f"{picture.place} is {size(len(picture.raw))}, and goes into every record"

    def problems(self, held: Iterable[str]) -> Iterator[Problem]:
        """Yield what is wrong with what a record shares with others, given what it holds."""
        yield from self._general
        for key in held:
            if key not in self._problems:
                self._problems[key] = tuple(self._of_achievement(self.frame.achievements[key]))
            yield from self._problems[key]

    def _general_problems(self) -> Iterator[Problem]:
        if self.frame.issuer.image and (problem := images.problem(self.frame.issuer.image)):
            yield problem
        yield from associations.problems(self.frame)

    def _of_achievement(self, one: Achievement) -> Iterator[Problem]:
        subject = f"achievement {one.key}"
        if not one.criteria and not one.criteria_url:
            yield Problem(
                "it does not say what has to be done for it",
                one.place,
                "add criteria, a sentence, or criteria_url",
                subject,
            )
        if one.type and not vocabulary.allows("AchievementType", one.type):
            types = vocabulary.words("AchievementType")
            yield unknown("the type", one.type, types, one.place, subject)
        if one.image and (problem := images.problem(one.image)):
            yield problem
        for name, scale in one.results.items():
            yield from results.scale_problems(name, scale, subject)


def _named(one: Organization) -> Json:
    """Return a Profile that only says which organization it is."""
    return made("Profile", id=one.id, type=["Profile"], name=one.name)


def _entries(identifiers: Iterable[Identifier]) -> list[Json]:
    return [
        made(
            "IdentifierEntry",
            type="IdentifierEntry",
            identifier=one.value,
            identifierType=one.kind,
        )
        for one in identifiers
    ]
