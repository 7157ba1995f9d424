"""What proves the right to write to an endpoint, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from clrctl.errors import AuthError
from clrctl.util import Secret


def header_secret(value: str, source: str, *, longest: int) -> Secret:
    """Return a secret without the line end that editors leave.

    Args:
        value: as it was given.
        source: where it came from.
        longest: most characters it may have.

    Raises:
        AuthError: no HTTP header can carry it.
    """
    text = value.removesuffix("\n").removesuffix("\r")
    why = ""
    if not text:
        why = "it is empty"
    elif len(text) > longest:
        why = f"it is longer than {longest // 2**10} KiB"
    elif not text.isascii() or not text.isprintable() or " " in text:
        why = "it holds blanks or other characters that no HTTP header carries"
    if why:
        raise AuthError(
            "this cannot be a token or secret",
            where=source,
            why=why,
            fix="give the value alone, without quotes and without the word Bearer",
        )
    return Secret(text)


@dataclass(frozen=True, slots=True)
class StaticToken:
    """An access token that somebody else fetched; `source` says where it came from."""

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
class OAuthClient:
    """An OAuth 2.0 client (RFC 6749 section 2): its id, and its secret if it has one."""

    id: str
    secret: Secret | None


Credentials = StaticToken | ClientCredentials
