"""From a credential to the facts of its transcript."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import orjson

from clrctl.checking import recognise
from clrctl.document import Carried, entries, first_text, objects, one, texts_of, types_of
from clrctl.errors import ClrctlError, ExitCode
from clrctl.finding import Json
from clrctl.showing.facts import (
    AwardFacts,
    Identity,
    LearnerFacts,
    LinkFacts,
    Party,
    Period,
    ProofFacts,
    Relation,
    Result,
)
from clrctl.showing.transcript import Transcript
from clrctl.standard import instant, passing
from clrctl.util import base64url

_KINDS = {
    "ClrCredential": "CLR",
    "AchievementCredential": "Open Badge",
    "OpenBadgeCredential": "Open Badge",
    "EndorsementCredential": "endorsement",
}
_VERSIONS = {
    "https://www.w3.org/ns/credentials/v2": "2.0",
    "https://www.w3.org/2018/credentials/v1": "1.1",
}
_PLAIN = "Achievement"
_CREDITS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


def transcript_of(carried: Carried, *, now: datetime) -> Transcript:
    """Return what is shown of a credential.

    Args:
        carried: one that is not `unshowable`.
        now: the moment that counts as today.
    """
    return _FactsReader(carried, now).transcript()


def unshowable(carried: Carried) -> ClrctlError | None:
    """Return why there is nothing to show: a fault, or that it is no credential; else None."""
    document = carried.document
    if not isinstance(document.data, dict) and (found := recognise.of_bytes(document.raw)):
        return Unshowable(found[1], where=carried.place, fix=found[2])
    for fault in document.faults[:1]:
        is_text = not (carried.token or carried.picture)
        place = f"{document.source}:{fault.line}:{fault.column}"
        where = place if is_text else carried.place
        return Unshowable("this cannot be read", where=where, why=fault.message, fix=fault.fix)
    data = carried.credential
    if strange := recognise.of_data(data):
        return Unshowable(strange[1], where=carried.place, fix=strange[2])
    if not one(data, "credentialSubject") and not _KINDS.keys() & set(types_of(data)):
        return Unshowable(
            "there is no credential in this",
            where=carried.place,
            fix="name a file with a CLR or an Open Badge",
        )
    return None


class Unshowable(ClrctlError):
    """A file that holds no credential, or none that can be read."""

    exit_code = ExitCode.INVALID


class _FactsReader:
    def __init__(self, carried: Carried, now: datetime) -> None:
        self._carried = carried
        self._data = _filled(carried)
        self._subject = one(self._data, "credentialSubject")
        self._now = now

    def transcript(self) -> Transcript:
        data, kind = self._data, _kind(self._data)
        nested = objects(self._subject, "verifiableCredential")
        awards = [self._award(item, self._data) for item in nested]
        if kind != "CLR":
            awards = [self._award(data, data)]
        names = self._names(nested)
        relations = tuple(
            Relation(
                *(first_text(item, end) for end in ("sourceId", "associationType", "targetId"))
            )
            for item in objects(self._subject, "association")
        )
        wholes = _wholes(relations, {award.achievement for award in awards if award.credits})
        return Transcript(
            kind=kind,
            version=_version(data),
            id=first_text(data, "id"),
            name=first_text(data, "name") or first_text(one(self._subject, "achievement"), "name"),
            description=first_text(data, "description"),
            learner=_learner(self._subject),
            issuer=_party(data, "issuer") or Party(),
            period=self._period(data),
            partial=data.get("partial") if isinstance(data.get("partial"), bool) else None,
            proofs=tuple(self._proofs(data)),
            revocable=_revocable(data),
            awards=tuple(awards),
            achievements=names,
            awarded=frozenset(award.achievement for award in awards if award.achievement),
            relations=relations,
            credits=_earned(award for award in awards if award.achievement not in wholes),
            attempted=_attempted(award for award in awards if award.achievement not in wholes),
            endorsed_by=_endorsers(data),
        )

    def _names(self, nested: list[dict[str, Json]]) -> dict[str, str]:
        """Return the names of all achievements by id, those the record lists itself first."""
        listed = objects(self._subject, "achievement")
        inside = [one(one(item, "credentialSubject"), "achievement") for item in nested]
        found: dict[str, str] = {}
        for achievement in (*listed, *inside):
            if name := first_text(achievement, "id"):
                found.setdefault(name, first_text(achievement, "name") or name)
        return found

    def _award(self, data: dict[str, Json], around: dict[str, Json]) -> AwardFacts:
        subject = one(data, "credentialSubject")
        achievement = one(subject, "achievement")
        issuer, outer = _party(data, "issuer"), _party(around, "issuer")
        return AwardFacts(
            id=first_text(data, "id"),
            kind=first_text(achievement, "achievementType") or _award_kind(data),
            name=first_text(achievement, "name") or first_text(data, "name", "id"),
            code=first_text(achievement, "humanCode"),
            term=first_text(subject, "term"),
            credits=first_text(subject, "creditsEarned"),
            offered=first_text(achievement, "creditsAvailable"),
            unearned=next(passing.unearned(subject), ""),
            results=tuple(_results(subject, achievement)),
            period=self._period(data),
            issuer=issuer if issuer and outer and issuer.id != outer.id else None,
            proofs=tuple(_proofs(data)) if data is not self._data else tuple(self._proofs(data)),
            revocable=_revocable(data),
            role=first_text(subject, "role"),
            license=first_text(subject, "licenseNumber"),
            source=_party(subject, "source"),
            achievement=first_text(achievement, "id"),
            description=first_text(achievement, "description"),
            criteria=_criteria(achievement),
            narrative=first_text(subject, "narrative", "endorsementComment"),
            field_of_study=first_text(achievement, "fieldOfStudy"),
            activity=(
                first_text(subject, "activityStartDate"),
                first_text(subject, "activityEndDate"),
            ),
            tags=texts_of(achievement, "tag"),
            alignments=tuple(map(_alignment, objects(achievement, "alignment"))),
            evidence=tuple(map(_evidence, objects(data, "evidence"))),
            endorsed_by=(*_endorsers(data), *_endorsers(achievement)),
        )

    def _period(self, data: dict[str, Json]) -> Period:
        begins = first_text(data, "validFrom", "issuanceDate")
        ends = first_text(data, "validUntil", "expirationDate")
        first, last = instant(begins), instant(ends)
        return Period(
            first_text(data, "awardedDate"),
            begins,
            ends,
            expired=last is not None and last < self._now,
            future=first is not None and first > self._now,
        )

    def _proofs(self, data: dict[str, Json]) -> Iterator[ProofFacts]:
        if self._carried.token:
            header = _header(self._carried.token)
            yield ProofFacts(f"JWT {first_text(header, 'alg')}".strip(), first_text(header, "kid"))
        yield from _proofs(data)


def _filled(carried: Carried) -> dict[str, Json]:
    """Return the credential, with what only the claims of its token say (VC 1.1, section 6.3.1)."""
    data: dict[str, Json] = dict(carried.credential)
    claims = carried.claims
    for claim, member in (("iss", "issuer"), ("jti", "id")):
        if claim in claims:
            data.setdefault(member, claims[claim])
    for claim, member, older in (
        ("nbf", "validFrom", "issuanceDate"),
        ("exp", "validUntil", "expirationDate"),
    ):
        if claim in claims and older not in data:
            data.setdefault(member, _moment(claims[claim]))
    if "sub" in claims and isinstance(data.get("credentialSubject"), dict):
        data["credentialSubject"] = {"id": claims["sub"], **data["credentialSubject"]}
    return data


def _moment(seconds: Json) -> str:
    """Return a NumericDate (RFC 7519, section 2) as credentials write it; empty if it is none."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (TypeError, ValueError, OverflowError, OSError):
        return ""


def _header(token: str) -> Json:
    head = token.partition(".")[0]
    try:
        return orjson.loads(base64url.decode(head))
    except ValueError:
        return {}


def _kind(data: dict[str, Json]) -> str:
    return next((_KINDS[name] for name in types_of(data) if name in _KINDS), "credential")


def _award_kind(data: dict[str, Json]) -> str:
    kind = _kind(data)
    return _PLAIN if kind == "Open Badge" else kind.capitalize() if kind.islower() else kind


def _version(data: dict[str, Json]) -> str:
    contexts = entries(data, "@context")
    return next(
        (_VERSIONS[one] for one in contexts if isinstance(one, str) and one in _VERSIONS), ""
    )


def _party(holder: dict[str, Json], name: str) -> Party | None:
    if address := first_text(holder, name):
        return Party(id=address)
    found = one(holder, name)
    return (
        Party(first_text(found, "id"), first_text(found, "name"), first_text(found, "url"))
        if found
        else None
    )


def _learner(subject: dict[str, Json]) -> LearnerFacts:
    identities = tuple(
        Identity(
            first_text(item, "identityType"),
            "" if item.get("hashed") is True else first_text(item, "identityHash"),
            hashed=item.get("hashed") is True,
            salted=bool(first_text(item, "salt")),
        )
        for item in objects(subject, "identifier")
    )
    named = (one.value for one in identities if one.kind in ("name", "ext:name") and one.value)
    name = next(named, "") or first_text(subject, "name")
    others = tuple(one for one in identities if one.kind not in ("name", "ext:name"))
    return LearnerFacts(first_text(subject, "id"), name, others)


def _proofs(data: dict[str, Json]) -> Iterator[ProofFacts]:
    for proof in objects(data, "proof"):
        key = first_text(proof, "verificationMethod") or first_text(
            one(proof, "verificationMethod"), "id"
        )
        yield ProofFacts(
            first_text(proof, "cryptosuite", "type"), key, first_text(proof, "created")
        )


def _revocable(data: dict[str, Json]) -> tuple[str, ...]:
    return tuple(
        first_text(item, "statusPurpose", "type") or "status"
        for item in objects(data, "credentialStatus")
    )


def _results(subject: dict[str, Json], achievement: dict[str, Json]) -> Iterator[Result]:
    described = {first_text(item, "id"): item for item in objects(achievement, "resultDescription")}
    for result in objects(subject, "result"):
        description = described.get(first_text(result, "resultDescription"), {})
        levels = objects(description, "rubricCriterionLevel")
        ids = [first_text(level, "id") for level in levels]
        achieved = first_text(result, "achievedLevel")
        value, scale = first_text(result, "value"), ""
        if achieved:
            at = ids.index(achieved) if achieved in ids else None
            scale = "" if at is None else f"level {at + 1} of {len(ids)}"
            value = value or (
                achieved if at is None else first_text(levels[at], "name") or achieved
            )
        yield Result(
            first_text(description, "name", "resultType") or "Result",
            value,
            first_text(result, "status"),
            scale or _range(description),
        )


def _range(description: dict[str, Json]) -> str:
    greatest = first_text(description, "valueMax")
    return f"of {greatest}" if greatest else ""


def _criteria(achievement: dict[str, Json]) -> str:
    criteria = one(achievement, "criteria")
    said = " ".join(filter(None, [first_text(criteria, "narrative"), first_text(criteria, "id")]))
    return said or first_text(achievement, "criteria")


def _alignment(item: dict[str, Json]) -> LinkFacts:
    detail = ", ".join(
        filter(None, [first_text(item, "targetCode"), first_text(item, "targetFramework")])
    )
    return LinkFacts(first_text(item, "targetName"), first_text(item, "targetUrl"), detail)


def _evidence(item: dict[str, Json]) -> LinkFacts:
    return LinkFacts(
        first_text(item, "name"),
        first_text(item, "id"),
        first_text(item, "narrative", "description"),
    )


def _endorsers(holder: dict[str, Json]) -> tuple[Party, ...]:
    parties = (_party(item, "issuer") for item in objects(holder, "endorsement"))
    return tuple(party for party in parties if party)


def _wholes(relations: Iterable[Relation], credited: set[str]) -> set[str]:
    """Return the achievements whose credits are those of their parts, and not earned on top."""
    found = set()
    for relation in relations:
        part, whole = relation.source, relation.target
        if relation.type == "isParentOf":
            part, whole = whole, part
        elif relation.type not in ("isPartOf", "isChildOf"):
            continue
        if part in credited and part != whole:
            found.add(whole)
    return found


def _earned(awards: Iterable[AwardFacts]) -> str:
    return _sum("0" if one.unearned and one.credits else one.credits for one in awards)


def _attempted(awards: Iterable[AwardFacts]) -> str:
    counted = [one for one in awards if one.credits or one.offered]
    return _sum(one.offered for one in counted) if all(one.offered for one in counted) else ""


def _sum(credits: Iterable[str]) -> str:
    """Return a sum with the digits of its parts; empty where there is nothing to add."""
    numbers = [Decimal(one) for one in credits if _CREDITS.fullmatch(one)]
    return f"{sum(numbers, Decimal(0)):f}" if numbers else ""
