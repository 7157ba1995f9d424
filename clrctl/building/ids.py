"""Ids that are the same in every build: name-based UUIDs (RFC 9562, section 5.5), or URLs.

Deterministic is not anonymous: a UUID made from a student number alone is found by trying all
numbers. So what is about a person depends on a secret; what is about the issuer does not.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

from clrctl.building.model import IdTemplates
from clrctl.errors import UsageError
from clrctl.util import Secret

_PERSON = "clrctl/person-namespace/1"
_FINGERPRINT = "clrctl/fingerprint/1"
_SALT = "clrctl/salt/1"
_SHORTEST_SECRET = 16
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

PLACEHOLDERS = {
    "achievement": ("key",),
    "learner": ("key",),
    "award": ("learner", "achievement", "occurrence"),
    "record": ("learner", "key"),
}
"""What may stand in braces in the template of each kind of id; all of it has to."""


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of one issuer's records.

    Attributes:
        issuer: id of the issuer.
        secret: what ids of persons depend on; None: they depend on the issuer, and can be guessed.
        templates: URLs in the place of UUIDs.
    """

    issuer: str
    secret: Secret | None = None
    templates: IdTemplates = field(default_factory=IdTemplates)
    _public: UUID = field(init=False, repr=False)
    _person: UUID = field(init=False, repr=False)

    def __post_init__(self) -> None:
        public = uuid5(NAMESPACE_URL, self.issuer)
        person = UUID(bytes=_keyed(self.secret, _PERSON)[:16]) if self.secret else public
        object.__setattr__(self, "_public", public)
        object.__setattr__(self, "_person", person)

    def achievement(self, key: str) -> str:
        """Return the id of an achievement."""
        if self.templates.achievement:
            return _filled(self.templates.achievement, key=key)
        return _urn(self._public, "achievement", key)

    def result(self, key: str, name: str) -> str:
        """Return the id of the result description of that name in an achievement."""
        return _urn(self._public, "result", key, name)

    def level(self, key: str, result: str, name: str) -> str:
        """Return the id of a rubric level."""
        return _urn(self._public, "level", key, result, name)

    def learner(self, key: str) -> str:
        """Return the id of a learner."""
        if self.templates.learner:
            return _filled(self.templates.learner, key=key)
        return _urn(self._person, "learner", key)

    def award(self, learner: str, achievement: str, occurrence: str) -> str:
        """Return the id of the credential that a learner has for an achievement."""
        if self.templates.award:
            return _filled(
                self.templates.award,
                learner=learner,
                achievement=achievement,
                occurrence=occurrence,
            )
        return _urn(self._person, "award", learner, achievement, occurrence)

    def record(self, learner: str, key: str) -> str:
        """Return the id of a learner's record."""
        if self.templates.record:
            return _filled(self.templates.record, learner=learner, key=key)
        return _urn(self._person, "clr", learner, key)


def salt(secret: Secret, kind: str, value: str) -> str:
    """Return the salt of a hashed identity: its own, the same in every build, not guessable."""
    return _keyed(secret, f"{_SALT}|{kind}|{value}").hex()[:32]


def secret(text: str, source: str) -> Secret:
    """Return the secret that ids of persons depend on.

    Args:
        text: the secret.
        source: where it was given.

    Raises:
        UsageError: it has fewer than 16 characters, so that ids could be guessed.
    """
    if len(text) < _SHORTEST_SECRET:
        raise UsageError(
            f"the secret is shorter than {_SHORTEST_SECRET} characters",
            where=source,
            fix="make one by: clrctl new secret",
        )
    return Secret(text)


def fingerprint(secret: Secret | None) -> str:
    """Return what tells one secret from another without giving it away; empty without one."""
    return _keyed(secret, _FINGERPRINT).hex()[:16] if secret else ""


def misfits(kind: str, template: str) -> str:
    """Return what is wrong with the template of a kind of id, or an empty text."""
    wanted = PLACEHOLDERS[kind]
    found = _PLACEHOLDER.findall(template)
    for name in found:
        if name not in wanted:
            return f"{{{name}}} means nothing in it; {_braced(wanted)} is allowed there"
    missing = [name for name in wanted if name not in found]
    return f"it lacks {_braced(missing)}, so that ids would not differ" if missing else ""


def _braced(names: tuple[str, ...] | list[str]) -> str:
    return " and ".join(f"{{{name}}}" for name in names)


def _urn(namespace: UUID, *parts: str) -> str:
    name = [unicodedata.normalize("NFC", part.strip()) for part in parts]
    return uuid5(namespace, json.dumps(name, ensure_ascii=False, separators=(",", ":"))).urn


def _filled(template: str, **values: str) -> str:
    return _PLACEHOLDER.sub(
        lambda match: quote(unicodedata.normalize("NFC", values[match[1]].strip()), safe=""),
        template,
    )


def _keyed(secret: Secret, text: str) -> bytes:
    return hmac.new(secret.reveal().encode(), text.encode(), hashlib.sha256).digest()
