"""Open Badges 2.0 to Open Badges 3.0: one credential of an assertion, its badge and its issuer.

The new credential carries no proof: whoever signs it vouches for it. It names what it was made
from, so that the old badge can still be checked by the old rules.

Sources: Open Badges 2.0, data classes; Open Badges 3.0 implementation guide, upgrading.
"""

from __future__ import annotations

from clrctl.building.upgrade.changes import ChangeKind, New, Old, copy, put
from clrctl.building.upgrade.parts import (
    ACHIEVEMENT_SCHEMA,
    OB_3,
    UpgradeOptions,
    alignments,
    criteria,
    evidence,
    identity,
    image,
    issued,
    lose_proofs,
    new_id,
    original,
    profile,
    refuse_revoked,
    schema_entry,
    short,
)
from clrctl.building.upgrade.pool import Pool
from clrctl.checking import EXTENSIONS, VC_2
from clrctl.checking import OB_3 as OB_3_CONTEXT

_BADGE_CLASS = "https://w3id.org/openbadges#BadgeClass"
_ASSERTION = "https://w3id.org/openbadges#Assertion"
_NAME = "Original Open Badges 2.0 assertion"
_WEB = ("https://", "http://")


def upgrade_badge(assertion: Old, pool: Pool, options: UpgradeOptions) -> New:
    """Return the Open Badges 3.0 credential that says what an assertion says.

    What cannot be carried over, and why it cannot be done at all, is in the assertion's ledger;
    with a problem there, the credential is not fit for use.
    """
    refuse_revoked(assertion)
    old_id = _id_of(assertion)
    badge = pool.inside(assertion, "badge", "badge class")
    issuer = pool.inside(badge, "issuer", "issuer") if badge else None
    if badge is None or issuer is None:
        return {}
    by = profile(issuer)
    if not isinstance(by.get("id"), str):
        issuer.refuse("id", "the issuer has no id", "give it the address of its profile as id")
        return {}
    for name in ("@context", "type"):
        assertion.take(name)
    new: New = {
        "@context": [VC_2, OB_3_CONTEXT, EXTENSIONS],
        "id": new_id(by["id"], "upgrade", old_id),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
    }
    put(new, "name", badge.look("name"))
    new["issuer"] = by
    issued(assertion, new, options)
    new["credentialSubject"] = _subject(assertion, badge, by, options)
    put(new, "evidence", [*evidence(assertion), *original(assertion, old_id, _NAME, (_ASSERTION,))])
    new["credentialSchema"] = schema_entry(ACHIEVEMENT_SCHEMA)
    _tell_how_to_check(assertion, old_id)
    lose_proofs(assertion)
    assertion.lose_rest(OB_3)
    return new


def _tell_how_to_check(assertion: Old, old_id: str) -> None:
    for name in ("verification", "verify"):
        inner = assertion.look(name)
        if isinstance(inner, dict) and inner.get("type") == "hosted" and old_id.startswith(_WEB):
            assertion.take(name)
            assertion.tell(
                ChangeKind.MOVED,
                name,
                "the old assertion is in evidence, and can be checked there",
            )


def _id_of(assertion: Old) -> str:
    """Return the id; Open Badges 1.1 has it as the address of a hosted assertion."""
    hosted = assertion.look("verify")
    address = hosted.get("url") if isinstance(hosted, dict) else None
    found = assertion.text("id", "uid")
    if isinstance(address, str) and not found.startswith(("urn:", *_WEB)):
        if found:
            assertion.tell(ChangeKind.LOST, "uid", "the address of the assertion is its id now")
        found = address
    if not found:
        assertion.refuse("id", "the assertion has no id", "give it the address it is hosted at")
    return found


def _subject(assertion: Old, badge: Old, by: New, options: UpgradeOptions) -> New:
    subject: New = {"type": ["AchievementSubject"]}
    recipient = assertion.object("recipient")
    if recipient is None:
        assertion.refuse(
            "recipient", "there is no recipient", "take the badge from its issuer again"
        )
    else:
        found, identified = identity(recipient)
        put(subject, "id", options.subject_id or found)
        put(subject, "identifier", [identified] if identified else None)
    copy(assertion, subject, {"narrative": "narrative"})
    put(subject, "image", image(assertion))
    subject["achievement"] = _achievement(badge, by)
    return subject


def _achievement(badge: Old, by: New) -> New:
    old_id = badge.text("id")
    for name in ("@context", "type"):
        badge.take(name)
    new: New = {
        "id": new_id(by["id"], "achievement", old_id or str(badge.look("name"))),
        "type": ["Achievement", _BADGE_CLASS],
        "achievementType": "Badge",
    }
    copy(badge, new, {"name": "name", "description": "description", "@language": "inLanguage"})
    copy(badge, new, {"version": "version"})
    if "description" not in new and "name" in new:
        new["description"] = new["name"]
        badge.tell(ChangeKind.MADE, "", f"{OB_3} asks for a description: the name is taken")
    new["criteria"] = criteria(badge, "criteria")
    put(new, "image", image(badge))
    put(new, "alignment", alignments(badge, "alignment", "alignments"))
    put(new, "tag", badge.take("tags"))
    new["creator"] = short(by)
    if old_id:
        related = {"id": old_id, "type": ["Related", _BADGE_CLASS], "version": "Open Badges v2p0"}
        new["related"] = [related]
    lose_proofs(badge)
    badge.lose_rest(OB_3)
    return new
