"""How a learner is named in a record: plainly, or as a salted hash.

A hash is obfuscation, not anonymity: whoever guesses an address can check the guess, because the
salt is published beside it. Sources: Open Badges 3.0, IdentityObject and IdentityHash.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from clrctl.building.ids import salt
from clrctl.building.model import Identifier, Learner
from clrctl.building.objects import made
from clrctl.finding import Json
from clrctl.util import Secret

EMAIL = "emailAddress"
NAME = "name"
HASHED_KINDS = frozenset({"nationalIdentityNumber", "ext:stateId"})
"""Kinds beside e-mail addresses that are hashed unless the source says otherwise."""

LOWERED = "an e-mail address was put in lower case: that is what verifiers hash"


class NoSecret(ValueError):
    """Something is to be hashed, and there is no secret to salt it with."""


def of(learner: Learner, secret: Secret | None, *, hash_email: bool) -> list[Json]:
    """Return the IdentityObjects of a learner: name, e-mail address, and what else is given.

    Args:
        learner: whom.
        secret: what salts are made of.
        hash_email: whether e-mail addresses are hashed.

    Raises:
        NoSecret: one has to be hashed, and there is no secret.
    """
    return [_identity(one, secret, hash_email=hash_email) for one in _given(learner)]


def needs_secret(learner: Learner, *, hash_email: bool) -> bool:
    """Return whether an identity of the learner has to be hashed."""
    return any(_is_hashed(one, hash_email=hash_email) for one in _given(learner))


def _given(learner: Learner) -> list[Identifier]:
    given = [Identifier(learner.name, NAME, hashed=False)] if learner.name else []
    given += [Identifier(learner.email, EMAIL)] if learner.email else []
    return [*given, *learner.identifiers]


def _is_hashed(one: Identifier, *, hash_email: bool) -> bool:
    if one.hashed is not None:
        return one.hashed
    return hash_email if one.kind == EMAIL else one.kind in HASHED_KINDS


def _identity(one: Identifier, secret: Secret | None, *, hash_email: bool) -> Json:
    if not _is_hashed(one, hash_email=hash_email):
        return made(
            "IdentityObject",
            type="IdentityObject",
            hashed=False,
            identityHash=one.value.strip() if one.kind == EMAIL else one.value,
            identityType=one.kind,
        )
    if secret is None:
        raise NoSecret(one.kind)
    value = normal(one.value) if one.kind == EMAIL else one.value
    grain = salt(secret, one.kind, value)
    return made(
        "IdentityObject",
        type="IdentityObject",
        hashed=True,
        identityHash=digest(value, grain),
        identityType=one.kind,
        salt=grain,
    )


def digest(value: str, grain: str) -> str:
    """Return the IdentityHash of a value: SHA-256 of it with the salt after it."""
    return "sha256$" + hashlib.sha256(f"{value}{grain}".encode()).hexdigest()


def normal(email: str) -> str:
    """Return an e-mail address as it is hashed: what people type, whatever its case."""
    return email.strip().lower()


def is_lowered(learner: Learner, *, hash_email: bool) -> bool:
    """Return whether hashing changes how the learner's address is written."""
    return hash_email and learner.email != normal(learner.email)


# What registrars' systems call it, in English, German, Spanish and French; accents are folded.
_PERSONAL = {
    "social security number": r"ssn|socialsec\w*|taxid|sozialversicherung\w*|nss|"
    r"numero(?:de)?secu\w*",
    "national identity number": r"dni|nif|nie|curp|nir|personalausweis\w*|passport\w*|pasaporte\w*",
    "birth date": r"dob|birth\w*|dateofbirth|geburts\w*|geboren(?:am)?|fecha(?:de)?nac\w*|"
    r"date(?:de)?naiss\w*|ne(?:e)?le",
    "gender": r"gender|sex|geschlecht|sexo|genero|sexe",
    "race or ethnicity": r"race(?:code|ethnicity)?|ethnic\w*|hispanic\w*|etnia",
    "religion": r"religiousaff\w*|religionszug\w*|konfession|bekenntnis",
    "meal status": r"lunch\w*|mealstatus|frl|freereduced\w*",
    "disability or plan": r"iep\w*|504\w*|sped\w*|disab\w*|discapacidad|handicap",
    "discipline": r"disciplin(?:e|ary)(?:action|code|incident|points|record)\w*|suspension\w*",
    "citizenship": r"citizenship|immigra\w*|visastatus|staatsang\w*|nationalitaet|nacionalidad|"
    r"nationalite",
}


_AFFIXES = (
    r"(?:students?|stu|stud|pupil|learner|person|identity|demographics|spbpers|spriden)?(?:legal)?"
)


_REFUSED = {what: re.compile(_AFFIXES + f"(?:{names})") for what, names in _PERSONAL.items()}


def personal(name: str) -> str:
    """Return what personal data a column or an identifier holds by its name, or an empty text."""
    whole = unicodedata.normalize("NFC", name).lower().replace("ä", "ae").replace("ü", "ue")
    spelt = unicodedata.normalize("NFKD", whole)
    plain = re.sub(r"[^a-z0-9]", "", spelt)
    return next((what for what, form in _REFUSED.items() if form.fullmatch(plain)), "")
