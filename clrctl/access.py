"""What proves the right to write to an endpoint, as plain data. It imports nothing of ours."""

from __future__ import annotations

from dataclasses import dataclass


class Secret:
    """A text that no message, log or traceback can show; `reveal()` is the only way to it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written out")


@dataclass(frozen=True, slots=True)
class StaticToken:
    """An access token that somebody else fetched; `source` tells where it came from."""

    token: Secret
    source: str


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """What an OAuth 2.0 client credentials grant needs (RFC 6749 section 4.4)."""

    token_url: str
    client_id: str
    client_secret: Secret
    scope: str
    auth_style: str
    source: str


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth 2.0 client (RFC 6749 section 2): its id, and its secret if it has one."""

    id: str
    secret: Secret | None


Credentials = StaticToken | ClientCredentials
