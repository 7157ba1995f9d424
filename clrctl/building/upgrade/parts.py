"""What Open Badges 2.0 and CLR 1.0 have in common: profiles, identities, evidence, moments.

Each function takes an object of the older standard apart to its last member, and returns the
object of Open Badges 3.0 that says the same.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from clrctl.building.upgrade.changes import ChangeKind, New, Old, copy, put
from clrctl.building.upgrade.terms import term
from clrctl.finding import Json

OB_3 = "Open Badges 3.0"
"""The name of the newer standard, in notes."""

ACHIEVEMENT_SCHEMA = (
    "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
)
CLR_SCHEMA = (
    "https://purl.imsglobal.org/spec/clr/v2p0/schema/json/clr_v2p0_clrcredential_schema.json"
)
_OLD_PROOF = "it says how the old form is checked, and the new form is not signed"
_ENDORSEMENT = "endorsements are credentials of their own, and theirs cannot be made for others"
_NOON = time(12)
_LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class UpgradeOptions:
    """How to upgrade.

    Attributes:
        zone: the zone of dates and times without one; None: such are a problem.
        subject_id: the learner's id in the new credential; empty: what the old one says.
        drop_dangling: leave out associations that lead nowhere, instead of refusing them.
    """

    zone: ZoneInfo | None = None
    subject_id: str = ""
    drop_dangling: bool = False


def new_id(owner: str, kind: str, old_id: str) -> str:
    """Return the id of the new form of something: always the same for the same old id.

    Args:
        owner: the id of who issued it.
        kind: what it is: `upgrade` for a credential, `achievement`.
        old_id: the id of the old form.
    """
    from clrctl.document import encode

    namespace = uuid.uuid5(uuid.NAMESPACE_URL, owner)
    return uuid.uuid5(namespace, encode([kind, old_id]).decode()).urn


def schema_entry(address: str) -> list[New]:
    """Return the `credentialSchema` of a credential."""
    return [{"id": address, "type": "1EdTechJsonSchemaValidator2019"}]


def issued(old: Old, new: New, options: UpgradeOptions) -> None:
    """Set when something was issued, and until when it holds.

    A day begins with its first second and ends with its last; what happened on it is told as its
    noon, so that no reader elsewhere sees the day before.
    """
    if (when := _when(old, "issuedOn", options)) is not None:
        new["validFrom"] = _instant(when, options.zone, time())
        new["awardedDate"] = _instant(when, options.zone, _NOON)
    if (when := _when(old, "expires", options)) is not None:
        new["validUntil"] = _instant(when, options.zone, _LAST_SECOND)


def happened(old: Old, name: str, options: UpgradeOptions) -> str:
    """Return when something happened, as an instant in UTC; empty where it is not said."""
    when = _when(old, name, options)
    return "" if when is None else _instant(when, options.zone, _NOON)


def _when(old: Old, name: str, options: UpgradeOptions) -> date | datetime | None:
    """Take a date of the old form; without a zone where there is none to be had, a problem."""
    value = old.take(name)
    try:
        read = _read(value)
    except (ValueError, OverflowError, OSError):
        old.refuse(name, f'"{value}" is no date and time', "write it like 2024-07-19T16:20:00Z")
        return None
    has_zone = isinstance(read, datetime) and read.tzinfo is not None
    if read is None or has_zone or options.zone is not None:
        return read
    old.refuse(
        name,
        f"{value} has no zone, so that it names no moment",
        "say where it was written: --timezone America/Denver",
    )
    return None


def _instant(when: date | datetime, zone: ZoneInfo | None, at: time) -> str:
    moment = when if isinstance(when, datetime) else datetime.combine(when, at)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _read(value: Json) -> date | datetime | None:
    """Read a date: text (ISO 8601), or seconds since 1970 as Open Badges 1.0 allowed."""
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    text = str(value).strip().upper()
    if len(text) == len("2024-07-19"):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text)


def image(old: Old, name: str = "image") -> New | None:
    """Return an image, which the old form gives as an address or an object."""
    found = old.list_of(name)
    if not found:
        return None
    path, value = found[0]
    if len(found) > 1:
        old.tell(ChangeKind.LOST, name, f"{OB_3} has room for one image; the first is kept")
    if isinstance(value, str):
        return {"id": value, "type": "Image"}
    if not isinstance(value, dict):
        old.refuse(name, "this is no image", "give its address")
        return None
    inner = old.at(path, value)
    new: New = {"type": "Image"}
    inner.take("type")
    copy(inner, new, {"id": "id", "caption": "caption"})
    inner.lose_rest(OB_3)
    return new


def criteria(old: Old, *names: str) -> New:
    """Return criteria, which the old form gives as an address or an object; none are a problem."""
    for path, value in old.list_of(*names):
        if isinstance(value, str):
            return {"id": value}
        if isinstance(value, dict):
            inner, new = old.at(path, value), dict[str, Json]()
            inner.take("type")
            copy(inner, new, {"id": "id", "narrative": "narrative"})
            inner.lose_rest(OB_3)
            if new:
                return new
    old.refuse(
        names[0],
        f"there is no {names[0]}, and {OB_3} asks what had to be done",
        f'say what is known, as "{names[0]}": {{"narrative": "..."}}',
    )
    return {}


def alignments(old: Old, *names: str) -> list[New]:
    """Return alignments; Open Badges 1.1 called their members otherwise."""
    found = []
    for inner in old.objects(*names):
        new: New = {"type": ["Alignment"]}
        inner.take("type", "@type")
        copy(inner, new, {"id": "id"})
        put(new, "targetName", inner.take("targetName", "name"))
        put(new, "targetUrl", inner.take("targetUrl", "url"))
        put(new, "targetCode", inner.take("targetCode"))
        put(new, "targetDescription", inner.take("targetDescription", "description"))
        put(
            new,
            "targetFramework",
            inner.take("targetFramework", "educationalFramework", "frameworkName"),
        )
        if kind := inner.text("targetType"):
            put(new, "targetType", term(kind, "AlignmentTargetType"))
        inner.lose_rest(OB_3)
        found.append(new)
    return found


def evidence(old: Old) -> list[New]:
    """Return evidence; each artifact of CLR 1.0 becomes an entry of its own."""
    found: list[New] = []
    for path, value in old.list_of("evidence"):
        if isinstance(value, str):
            found.append({"id": value, "type": ["Evidence"]})
        elif isinstance(value, dict):
            found += _evidence_entries(old.at(path, value))
        else:
            old.refuse("evidence", "this is no evidence", "give its address")
    return found


def _evidence_entries(inner: Old) -> list[New]:
    new: New = {"type": ["Evidence"]}
    inner.take("type")
    names = ("id", "name", "narrative", "description", "genre", "audience")
    copy(inner, new, {name: name for name in names})
    entries = [new]
    for artifact in inner.objects("artifacts"):
        artifact.take("type")
        entry: New = {"type": ["Evidence"]}
        copy(artifact, entry, {"url": "id", "name": "name", "description": "description"})
        artifact.tell(ChangeKind.MOVED, "", "the artifact is a separate entry of evidence now")
        artifact.lose_rest(OB_3)
        entries.append(entry)
    inner.lose_rest(OB_3)
    return entries


def identity(old: Old) -> tuple[str, New | None]:
    """Return who a recipient is: an id, or an identity; old hashes and salts stay good."""
    kind = old.text("type") or "email"
    value = old.take("identity")
    hashed = old.take("hashed") is True
    salt = old.take("salt")
    old.take("@context")
    old.lose_rest(OB_3)
    if value is None:
        old.refuse("", "the recipient has no identity", "take the badge from its issuer again")
        return "", None
    if kind in ("id", "url") and not hashed:
        return str(value), None
    new: New = {
        "type": "IdentityObject",
        "hashed": hashed,
        "identityHash": value,
        "identityType": term(kind, "IdentifierType"),
    }
    put(new, "salt", salt)
    return "", new


def identifiers(old: Old) -> list[New]:
    """Return the registry numbers and the like of somebody or something."""
    found = []
    for inner in old.objects("identifiers", "identifier"):
        new: New = {"type": "IdentifierEntry"}
        inner.take("type")
        copy(inner, new, {"identifier": "identifier"})
        new["identifierType"] = term(inner.text("identifierType") or "identifier", "IdentifierType")
        inner.lose_rest(OB_3)
        found.append(new)
    for name, kind in (("sourcedId", "sourcedId"), ("studentId", "ext:studentId")):
        if value := old.take(name):
            entry = {"type": "IdentifierEntry", "identifier": value, "identifierType": kind}
            old.tell(ChangeKind.MOVED, name, f"is in otherIdentifier now, as {kind}")
            found.append(entry)
    return found


_SAME = ("id", "name", "url", "description", "email", "official", "familyName", "givenName")


def profile(old: Old) -> New:
    """Return an organization or person."""
    new: New = {"type": ["Profile"]}
    old.take("@context")
    old.take("type")
    copy(old, new, {name: name for name in (*_SAME, "additionalName")})
    copy(old, new, {"telephone": "phone", "birthDate": "dateOfBirth"})
    put(new, "image", image(old))
    if (address := old.object("address")) is not None:
        new["address"] = _address(address)
    if (parent := old.object("parentOrg")) is not None:
        new["parentOrg"] = profile(parent)
    put(new, "otherIdentifier", identifiers(old))
    lose_proofs(old)
    old.lose_rest(OB_3)
    return new


def short(full: New) -> New:
    """Return as much of a profile as a creator needs, where the whole stands in the issuer."""
    return {name: full[name] for name in ("id", "type", "name") if name in full}


_ADDRESS = (
    "addressCountry",
    "addressRegion",
    "addressLocality",
    "streetAddress",
    "postOfficeBoxNumber",
    "postalCode",
)


def _address(old: Old) -> New:
    new: New = {"type": ["Address"]}
    old.take("type")
    copy(old, new, {name: name for name in ("id", *_ADDRESS)})
    if (geo := old.object("geo")) is not None:
        geo.take("type")
        new["geo"] = {"type": "GeoCoordinates"}
        copy(geo, new["geo"], {"latitude": "latitude", "longitude": "longitude"})
        geo.lose_rest(OB_3)
    old.lose_rest(OB_3)
    return new


def lose_proofs(old: Old) -> None:
    """Report as lost what belongs to the proofs of the old form, and endorsements."""
    for name in ("verification", "verify", "publicKey", "revocationList", "signature"):
        old.lose(name, _OLD_PROOF)
    for name in ("endorsements", "endorsement", "signedEndorsements"):
        old.lose(name, _ENDORSEMENT)


_WEB = ("https://", "http://")


def original(old: Old, old_id: str, name: str, types: tuple[str, ...] = ()) -> list[New]:
    """Return the old form as an entry of evidence of the new one, if it has an address.

    Args:
        old: the old form, to tell where it has none.
        old_id: its id.
        name: what it is.
        types: types of the entry beside `Evidence`.
    """
    if not old_id.startswith(_WEB):
        if old_id:
            old.tell(
                ChangeKind.MOVED, "id", "the old form has no address to link to: keep its file"
            )
        return []
    return [
        {
            "id": old_id,
            "type": ["Evidence", *types],
            "name": name,
            "description": "From this the credential was made. Check it by the rules of its time.",
        }
    ]


def refuse_revoked(old: Old) -> None:
    """Refuse what its issuer has taken back."""
    reason = old.take("revocationReason")
    if old.take("revoked") is True:
        told = f': "{reason}"' if reason else ""
        old.refuse(
            "revoked",
            f"its issuer has revoked this{told}",
            "nothing can be made of it; ask the issuer for a new one",
        )
