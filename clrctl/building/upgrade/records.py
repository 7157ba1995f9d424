"""CLR 1.0 to CLR 2.0: the record, its learner, and one nested credential for each assertion.

Ids of achievements, results and assertions stay; the record gets a new one, for it is another
document. Nothing is signed.

Source: CLR 1.0, data model.
"""

from __future__ import annotations

from collections.abc import Iterator

from clrctl.building.upgrade.changes import ChangeKind, New, Old, copy, put
from clrctl.building.upgrade.definitions import achievement, result
from clrctl.building.upgrade.parts import (
    ACHIEVEMENT_SCHEMA,
    CLR_SCHEMA,
    OB_3,
    UpgradeOptions,
    evidence,
    happened,
    identity,
    image,
    issued,
    lose_proofs,
    new_id,
    original,
    profile,
    refuse_revoked,
    schema_entry,
)
from clrctl.checking import CLR_2, EXTENSIONS, VC_2
from clrctl.checking import OB_3 as OB_3_CONTEXT
from clrctl.document import carriers
from clrctl.errors import InputError

_STANDARD = "CLR 2.0"
_SIGNED = "its signature is one of the old form, which a CLR 2.0 cannot hold: keep the file"
_PERSONAL = "a CLR 2.0 names its learner by identifiers only"
_IDENTIFIERS = (
    ("name", "name"),
    ("email", "emailAddress"),
    ("sourcedId", "sourcedId"),
    ("studentId", "ext:studentId"),
)


def upgrade_record(clr: Old, options: UpgradeOptions) -> New:
    """Return the CLR 2.0 that says what a CLR 1.0 says.

    What cannot be carried over, and why it cannot be done at all, is in the ledger of `clr`; with
    a problem there, the record is not fit for use.
    """
    refuse_revoked(clr)
    publisher, learner = clr.object("publisher"), clr.object("learner")
    for part, name in ((publisher, "publisher"), (learner, "learner")):
        if part is None:
            clr.refuse(name, f"there is no {name}", "a record needs one: ask who exported it")
    if publisher is None or learner is None:
        return {}
    issuer = profile(publisher)
    if not isinstance(issuer.get("id"), str):
        publisher.refuse("id", "the publisher has no id", "give it an address of its own as id")
        return {}
    for name in ("@context", "type"):
        clr.take(name)
    old_id = clr.text("id")
    new: New = {
        "@context": [VC_2, CLR_2, OB_3_CONTEXT, EXTENSIONS],
        "id": new_id(issuer["id"], "upgrade", old_id),
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": clr.take("name"),
    }
    if new["name"] is None:
        new["name"] = f"Learner record of {issuer.get('name', issuer['id'])}"
        clr.tell(ChangeKind.MADE, "", f'{_STANDARD} asks for a name: "{new["name"]}"')
    new["issuer"] = issuer
    issued(clr, new, options)
    copy(clr, new, {"partial": "partial"})
    new["credentialSubject"] = _Subject(learner, issuer, options).all(clr)
    put(new, "evidence", original(clr, old_id, "Original CLR 1.0 record"))
    new["credentialSchema"] = schema_entry(CLR_SCHEMA)
    lose_proofs(clr)
    clr.lose_rest(_STANDARD)
    return new


def _signed(clr: Old) -> Iterator[Old]:
    """Yield what the signed assertions say; their signatures hold for the old form alone."""
    for path, token in clr.list_of("signedAssertions"):
        place = f"signedAssertions/{path[-1]}"
        try:
            payload = carriers.from_token(str(token), source=clr.source).document.data
        except (InputError, IndexError):
            payload = None
        if isinstance(payload, dict):
            clr.at(path, payload).tell(ChangeKind.LOST, "", _SIGNED)
            yield clr.at(path, payload)
        else:
            clr.refuse(
                "signedAssertions",
                f"{place} is no signed token",
                "ask for the record again, or take this assertion out",
            )


class _Subject:
    """Gathers the subject of a record: its nested credentials, achievements and associations."""

    def __init__(self, learner: Old, issuer: New, options: UpgradeOptions) -> None:
        self._issuer = issuer
        self._options = options
        self._old_id = learner.text("id")
        self._learner = learner
        self._achievements: dict[str, New] = {}
        self._associations: dict[tuple[str, ...], tuple[Old, New]] = {}

    @property
    def _id(self) -> str:
        return self._options.subject_id or self._old_id

    def all(self, clr: Old) -> New:
        """Return the subject."""
        subject: New = {}
        put(subject, "id", self._id)
        subject["type"] = ["ClrSubject"]
        put(subject, "identifier", self._identified())
        for old in clr.objects("achievements"):
            self._define(old)
        assertions = [*clr.objects("assertions"), *_signed(clr)]
        credentials = [self._credential(old) for old in assertions]
        put(subject, "achievement", list(self._achievements.values()))
        subject["verifiableCredential"] = credentials
        if not credentials:
            clr.refuse(
                "assertions",
                "the record asserts nothing, and a CLR 2.0 has to hold a credential",
                "without assertions there is nothing to carry over",
            )
        put(subject, "association", self._kept())
        return subject

    def _identified(self) -> list[New]:
        """Return what identifies the learner; nothing is hashed that was not before."""
        learner, found = self._learner, list[New]()
        name = learner.text("name")
        if not name:
            parts = (learner.look(part) for part in ("givenName", "additionalName", "familyName"))
            name = " ".join(part for part in parts if isinstance(part, str))
        for member, kind in _IDENTIFIERS:
            if value := name if member == "name" else learner.text(member):
                found.append(_identifier(value, kind))
        for inner in learner.objects("identifiers", "identifier"):
            kind = inner.text("identifierType") or "identifier"
            found.append(_identifier(inner.take("identifier"), kind))
            inner.take("type")
            inner.lose_rest(_STANDARD)
        learner.take("type")
        for part in ("givenName", "additionalName", "familyName", "address", "telephone"):
            learner.lose(part, _PERSONAL)
        lose_proofs(learner)
        learner.lose_rest(_STANDARD)
        return found

    def _define(self, old: Old) -> New:
        """Return an achievement, the one already there if it has the same id and contents."""
        new, associations = achievement(old, self._issuer)
        for at, made in associations:
            key = (made["associationType"], str(made["sourceId"]), str(made["targetId"]))
            self._associations.setdefault(key, (at, made))
        name = new.get("id")
        if not isinstance(name, str):
            old.refuse("id", "the achievement has no id", "give it one: an address or a urn:uuid:")
            return new
        earlier = self._achievements.setdefault(name, new)
        if earlier != new:
            old.refuse(
                "id",
                f"another achievement has the id {name} and says something else",
                "give one of them another id, or make them say the same",
            )
        return earlier

    def _credential(self, old: Old) -> New:
        refuse_revoked(old)
        old.take("type")
        new: New = {
            "@context": [VC_2, OB_3_CONTEXT, EXTENSIONS],
            "type": ["VerifiableCredential", "AchievementCredential"],
        }
        copy(old, new, {"id": "id"})
        defined = self._achievement_of(old)
        put(new, "name", defined.get("name"))
        new["issuer"] = self._issuer
        issued(old, new, self._options)
        new["credentialSubject"] = self._nested_subject(old, defined)
        put(new, "evidence", evidence(old))
        new["credentialSchema"] = schema_entry(ACHIEVEMENT_SCHEMA)
        lose_proofs(old)
        old.lose_rest(OB_3)
        return new

    def _achievement_of(self, old: Old) -> New:
        """Return the achievement of an assertion: inside it, or named by its id."""
        value = old.look("achievement")
        if isinstance(value, str):
            old.take("achievement")
            if value in self._achievements:
                return self._achievements[value]
            old.refuse("achievement", f"no achievement has the id {value}", "add it to the record")
            return {}
        inner = old.object("achievement")
        if inner is None:
            old.refuse("achievement", "there is no achievement", "name what was achieved")
            return {}
        return self._define(inner)

    def _nested_subject(self, old: Old, defined: New) -> New:
        subject: New = {}
        put(subject, "id", self._id)
        subject["type"] = ["AchievementSubject"]
        if (recipient := old.object("recipient")) is not None:
            found, identified = identity(recipient)
            if found and found != self._old_id:
                old.refuse(
                    "recipient",
                    f"this is about {found}, and the record about {self._old_id or 'nobody'}",
                    "a CLR is about one learner: take the assertion out",
                )
            put(subject, "identifier", [identified] if identified else None)
        for date in ("activityStartDate", "activityEndDate"):
            put(subject, date, happened(old, date, self._options))
        names = ("creditsEarned", "licenseNumber", "narrative", "role", "term")
        copy(old, subject, {name: name for name in names})
        put(subject, "image", image(old))
        put(subject, "result", [result(one) for one in old.objects("results")])
        if (source := old.object("source")) is not None:
            subject["source"] = profile(source)
        subject["achievement"] = defined
        return subject

    def _kept(self) -> list[New]:
        """Return the associations that lead somewhere."""
        kept = []
        for at, made in self._associations.values():
            if made["targetId"] in self._achievements:
                kept.append(made)
            elif self._options.drop_dangling:
                at.tell(ChangeKind.LOST, "", f"no achievement has the id {made['targetId']}")
            else:
                at.refuse(
                    "targetId",
                    f"no achievement of the record has the id {made['targetId']}",
                    "add the achievement, or leave such associations out with --drop-dangling",
                )
        return kept


def _identifier(value: object, kind: str) -> New:
    from clrctl.building.upgrade.terms import term

    return {
        "type": "IdentityObject",
        "hashed": False,
        "identityHash": value,
        "identityType": term(kind, "IdentifierType"),
    }
