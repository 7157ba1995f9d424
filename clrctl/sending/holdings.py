"""What an endpoint still holds of what the journal calls stored.

An endpoint may lose records, or be set up anew at the same address: only its own list can tell.
Nothing is sent here, and nothing is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from clrctl.document import identity
from clrctl.sending.auth import Credentials
from clrctl.sending.client import Page, RemoteCredential, listing
from clrctl.sending.endpoints import Endpoint
from clrctl.sending.journal import Journal, Key
from clrctl.sending.outcome import STORED, UploadOutcome


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of asking an endpoint.

    Attributes:
        missing: keys of what the journal called stored and the endpoint does not list; the
            journal calls them pending now, so that they are sent again.
        listed: number of credentials that the endpoint listed.
        total: number that it said there are; None where it did not say.
    """

    missing: frozenset[Key] = frozenset()
    listed: int = 0
    total: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all that the endpoint said it has was listed."""
        return self.total is None or self.listed >= self.total


def check(journal: Journal, endpoint: Endpoint, credentials: Credentials) -> Checked:
    """Ask an endpoint for its list, and let the journal forget what is not in it.

    Nothing is asked where nothing was stored. Credentials are compared by issuer id and id; those
    that the endpoint altered when it stored them by id alone, since the issuer may be its own.

    Raises:
        NoList: the endpoint has no list.
        ClrctlError: it cannot be asked, as `Reader.pages`, or the journal cannot be used.
    """
    if not any(outcome in STORED for outcome in journal.counts()):
        return Checked()
    with listing.connect(endpoint, credentials) as reader:
        keys, listed, total = _listed(reader.pages(limit=None))
    ids = {key[1] for key in keys}
    missing = frozenset(
        entry.key
        for entry in journal.entries(STORED)
        if entry.key not in keys
        and not (entry.outcome is UploadOutcome.ALTERED and entry.key[1] in ids)
    )
    journal.lose(missing)
    return Checked(missing, listed, total)


def _listed(pages: Iterable[Page]) -> tuple[set[Key], int, int | None]:
    keys: set[Key] = set()
    listed, total = 0, None
    for page in pages:
        keys.update(map(_key, page.held))
        listed += len(page.held)
        total = page.total
    return keys, listed, total


def _key(held: RemoteCredential) -> Key:
    # Of a token (VC-JWT) the claims may say it alone.
    issuer = held.data.get("issuer") or held.data.get("iss")
    return identity({"issuer": issuer, "id": held.id})
