"""What people have granted: registered clients, authorization codes, refresh tokens.

It is kept in memory and ends with the sandbox, and knows nothing of HTTP. One `Grants` may be used
by several threads.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from clrctl.sandbox.contract import CLIENT_ID, CLIENT_SECRET, is_loopback
from clrctl.util import base64url

CODE_LIFE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class RegisteredClient:
    """A program that may ask for tokens.

    Attributes:
        id: its client id.
        secret: its client secret.
        redirect_uris: where codes may be sent; none for client credentials alone.
    """

    id: str
    secret: str = field(repr=False)
    redirect_uris: tuple[str, ...] = ()

    def may_redirect(self, uri: str) -> bool:
        """Return whether an URI was registered; the port of loopback is free (RFC 8252, 7.3)."""
        return any(_without_port(uri) == _without_port(known) for known in self.redirect_uris)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person granted to a client.

    Attributes:
        client_id: to whom.
        scope: what for.
        redirect_uri: where the code was sent.
        challenge: the code challenge, method S256 (RFC 7636).
        expires: when the code expires.
    """

    client_id: str
    scope: str
    redirect_uri: str
    challenge: str
    expires: datetime

    def is_proved_by(self, verifier: str) -> bool:
        """Return whether a code verifier belongs to the challenge (RFC 7636, section 4.6)."""
        digest = hashlib.sha256(verifier.encode()).digest()
        return hmac.compare_digest(base64url.encode(digest).encode(), self.challenge.encode())


class Grants:
    """Clients, codes and refresh tokens of one sandbox."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._clients = {CLIENT_ID: RegisteredClient(CLIENT_ID, CLIENT_SECRET)}
        self._codes: dict[str, Grant] = {}
        self._refreshes: dict[str, Grant] = {}

    def register(self, redirect_uris: Sequence[str]) -> RegisteredClient:
        """Return a new client (RFC 7591)."""
        client = RegisteredClient(
            secrets.token_hex(8), secrets.token_urlsafe(32), tuple(redirect_uris)
        )
        with self._lock:
            self._clients[client.id] = client
        return client

    def client(self, client_id: str) -> RegisteredClient | None:
        """Return the client of that id, or None."""
        with self._lock:
            return self._clients.get(client_id)

    def add_code(self, grant: Grant) -> str:
        """Return a new authorization code for a grant."""
        return self._add(self._codes, grant)

    def redeem(self, code: str) -> Grant | None:
        """Return what a code stands for, once."""
        with self._lock:
            return self._codes.pop(code, None)

    def add_refresh(self, grant: Grant) -> str:
        """Return a new refresh token for a grant."""
        return self._add(self._refreshes, grant)

    def refresh(self, token: str, client_id: str) -> Grant | None:
        """Return what a refresh token stands for, once, and only to the client it was given to."""
        with self._lock:
            grant = self._refreshes.get(token)
            if grant is None or grant.client_id != client_id:
                return None
            return self._refreshes.pop(token)

    def revoke(self, token: str) -> None:
        """Forget a refresh token (RFC 7009)."""
        with self._lock:
            self._refreshes.pop(token, None)

    def _add(self, to: dict[str, Grant], grant: Grant) -> str:
        token = secrets.token_urlsafe(32)
        with self._lock:
            to[token] = grant
        return token


def is_redirect(uri: object) -> bool:
    """Return whether codes may be sent to an URI: https, or http on this machine."""
    try:
        parts = urlsplit(uri) if isinstance(uri, str) else None
        host = (parts.hostname if parts else "") or ""
    except ValueError:
        return False
    if parts is None or not host or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def _without_port(uri: str) -> tuple[str | None, ...]:
    parts = urlsplit(uri)
    host = parts.hostname or ""
    return parts.scheme, host if is_loopback(host) else parts.netloc, parts.path, parts.query
