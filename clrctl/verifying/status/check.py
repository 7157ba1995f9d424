"""Whether a credential was revoked or suspended, as far as the lists at hand tell.

Sources: Bitstring Status List 1.0, sections 2.1, 2.2 and 3.2; its forerunner Status List 2021
(W3C community draft, sections 3 and 4); 1EdTech Revocation List (Open Badges 3.0,
CredentialStatus).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clrctl.document import each, id_of, text_of, types_of
from clrctl.finding import Json
from clrctl.standard import Path
from clrctl.verifying import times
from clrctl.verifying.status import bitstring
from clrctl.verifying.status.bitstring import BadList
from clrctl.verifying.trust import NotAvailable
from clrctl.verifying.verdict import Aspect, Check, Outcome, invalid, undecided, valid
from clrctl.verifying.walk import CredentialNode

BITSTRING = ("BitstringStatusListEntry", "StatusList2021Entry")
LISTS = ("BitstringStatusListCredential", "StatusList2021Credential")
REVOCATION_LIST = "1EdTechRevocationList"
_ASK = "ask the issuer"
_MOST_UNPACKED = 8
_MESSAGES = {
    "revocation": ("revoked", "the issuer has revoked it"),
    "suspension": ("suspended", "the issuer has suspended it, for now"),
}


@dataclass(frozen=True)
class Lists:
    """How status lists are had; what was unpacked is remembered, as most share one list.

    Attributes:
        read: URL to the JSON that lies there; raises NotAvailable.
        verified: URL to the credential of a list, how its own proof came out, and why in words;
            raises NotAvailable.
        now: the moment that counts as today.
    """

    read: Callable[[str], Json]
    verified: Callable[[str], tuple[Json, Outcome, str]]
    now: datetime
    _unpacked: dict[str, bytes] = field(default_factory=dict)

    def unpack(self, encoded: str) -> bytes:
        """Return the bits of a list, as `bitstring.unpack`."""
        if encoded not in self._unpacked:
            # Each may take 16 MiB, and a document can name as many as it likes.
            if len(self._unpacked) >= _MOST_UNPACKED:
                self._unpacked.clear()
            self._unpacked[encoded] = bitstring.unpack(encoded)
        return self._unpacked[encoded]


class _Unusable(Exception):
    """A list that does not answer the question."""


def check(held: CredentialNode, lists: Lists) -> Iterator[Check]:
    """Yield what each status of a credential says; nothing for one without."""
    found = held.data.get("credentialStatus")
    for at, entry in enumerate(each(found)):
        path: Path = (*held.path, "credentialStatus")
        path = (*path, at) if isinstance(found, list) else path
        if not isinstance(entry, dict):
            yield undecided(Aspect.STATUS, "unreadable", path, "the status is not an object", _ASK)
            continue
        yield _look(held, entry, path, lists)


def _look(held: CredentialNode, entry: dict[str, Json], path: Path, lists: Lists) -> Check:
    kinds = types_of(entry)
    try:
        if any(kind in kinds for kind in BITSTRING):
            return _bitstring(held, entry, path, lists)
        if REVOCATION_LIST in kinds:
            return _revocation_list(held, entry, path, lists)
    except NotAvailable as absent:
        return undecided(Aspect.STATUS, "list-missing", path, absent.why, absent.fix)
    except (BadList, _Unusable) as problem:
        message = f"the status list cannot be used: {problem}"
        return undecided(Aspect.STATUS, "list-unusable", path, message, _ASK)
    kind = kinds[0] if kinds else "none"
    message = f"the status is of a type that is not known here: {kind}"
    return undecided(Aspect.STATUS, "unknown-type", path, message, f"look it up at {_at(entry)}")


def _at(entry: dict[str, Json]) -> str:
    return text_of(entry.get("id")) or "its issuer"


# --- Bitstring Status List -------------------------------------------------------------------


def _bitstring(held: CredentialNode, entry: dict[str, Json], path: Path, lists: Lists) -> Check:
    url = text_of(entry.get("statusListCredential"))
    purpose = text_of(entry.get("statusPurpose"))
    index = _index(entry.get("statusListIndex"))
    size = entry.get("statusSize", 1)
    if not url or not purpose or index is None or not _is_size(size):
        raise _Unusable("the entry lacks its purpose, its index or the list's address")
    credential, outcome, why = lists.verified(url)
    subject = _subject(credential, purpose)
    _check_period(credential, lists.now)
    bits = lists.unpack(text_of(subject.get("encodedList")))
    try:
        value = bitstring.value(bits, index, size)
    except IndexError:
        raise _Unusable(f"it has no entry {index:,}") from None
    if outcome is Outcome.INVALID:
        raise _Unusable(f"its own proof does not hold: {why}")
    if id_of(credential.get("issuer")) != held.issuer and outcome is not Outcome.VALID:
        raise _Unusable("it is issued by somebody else, and its proof is not shown to hold")
    told = _told(entry, purpose, value, path)
    if told.outcome is Outcome.VALID and outcome is Outcome.UNDECIDED:
        message = f"{told.message}, by a list whose own proof cannot be decided: {why}"
        return undecided(Aspect.STATUS, "list-undecided", path, message, "pin its issuer's key")
    entries = len(bits) * 8 // size
    if told.outcome is Outcome.VALID and entries < bitstring.LEAST_ENTRIES:
        message = f"{told.message}, by a list of {entries:,} entries, too short to hide who asks"
        return valid(Aspect.STATUS, path, message, "short-list")
    return told


def _index(value: Json) -> int | None:
    """Return an index; the standard writes it as text, 1EdTech's samples as a number."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    digits = text_of(value)
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 16 else None  # noqa: PLR2004


def _is_size(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 32  # noqa: PLR2004


def _subject(credential: Json, purpose: str) -> dict[str, Json]:
    """Return the list of a status list credential that serves a purpose."""
    kinds = types_of(credential) if isinstance(credential, dict) else ()
    if not isinstance(credential, dict) or not any(kind in kinds for kind in LISTS):
        raise _Unusable(f"it is not a {LISTS[0]}")
    for subject in each(credential.get("credentialSubject")):
        if isinstance(subject, dict) and purpose in each(subject.get("statusPurpose")):
            return subject
    raise _Unusable(f"it does not serve the purpose {purpose}")


def _check_period(credential: dict[str, Json], now: datetime) -> None:
    """Refuse a list that is not valid now."""
    for name in (*times.BEGIN, *times.END):
        if name not in credential:
            continue
        span = times.span(credential[name], name)
        if span is None:
            raise _Unusable(f"its {name} is no date and time with a zone (dateTimeStamp)")
        earliest, latest = span
        if name in times.BEGIN and earliest > now:
            raise _Unusable(f"it is not valid before {credential[name]}")
        if name in times.END and latest < now:
            raise _Unusable(f"it expired on {credential[name]}: fetch it again")


def ttl(credential: dict[str, Json], default: timedelta) -> timedelta:
    """Return how long a copy of a status list may be kept (`ttl`, in milliseconds)."""
    most = default // timedelta(milliseconds=1)
    found = [
        subject["ttl"]
        for subject in each(credential.get("credentialSubject"))
        if isinstance(subject, dict) and isinstance(subject.get("ttl"), int)
    ]
    return timedelta(milliseconds=min([most, *(max(0, value) for value in found)]))


def _told(entry: dict[str, Json], purpose: str, value: int, path: Path) -> Check:
    if purpose in _MESSAGES:
        if value:
            reason, message = _MESSAGES[purpose]
            return invalid(Aspect.STATUS, reason, path, message, _ASK)
        return valid(Aspect.STATUS, path, f"not {_MESSAGES[purpose][0]}")
    if purpose == "refresh":
        message = "a newer one is available" if value else "up to date"
        return valid(Aspect.STATUS, path, message, "refresh" if value else "valid")
    if purpose == "message":
        for each_message in each(entry.get("statusMessage")):
            if isinstance(each_message, dict) and _number(each_message.get("status")) == value:
                message = f"the issuer says: {each_message.get('message', '')}"
                return valid(Aspect.STATUS, path, message, "message")
        return valid(Aspect.STATUS, path, f"the issuer gives it the status {value:#x}", "message")
    message = f"the purpose {purpose} is not known here; its value is {value:#x}"
    return undecided(Aspect.STATUS, "unknown-purpose", path, message, _ASK)


def _number(value: Json) -> int:
    try:
        return int(text_of(value), 16)
    except ValueError:
        return -1


# --- 1EdTech Revocation List -----------------------------------------------------------------


def _revocation_list(
    held: CredentialNode, entry: dict[str, Json], path: Path, lists: Lists
) -> Check:
    listing = lists.read(text_of(entry.get("id")))
    if not isinstance(listing, dict) or not isinstance(
        revoked := listing.get("revokedCredential", []), list
    ):
        raise _Unusable("it is not a 1EdTech revocation list")
    if "issuer" in listing and id_of(listing["issuer"]) != held.issuer:
        raise _Unusable("it is the list of another issuer")
    if revoked and not held.id:
        raise _Unusable("it names credentials by their id, and this one has none")
    for entry_or_id in revoked:
        item = entry_or_id if isinstance(entry_or_id, dict) else {"id": entry_or_id}
        if item.get("id") == held.id and item.get("revoked", True) is not False:
            because = text_of(item.get("revocationReason"))
            message = "the issuer has revoked it" + (f": {because}" if because else "")
            return invalid(Aspect.STATUS, "revoked", path, message, _ASK)
    return valid(Aspect.STATUS, path, "not revoked")
