"""Authorization: tokens and client credentials, logins, and where they are kept (OAuth 2.0)."""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.sending.auth import login, store
    from clrctl.sending.auth.credentials import (
        ClientCredentials,
        Credentials,
        OAuthClient,
        StaticToken,
        header_secret,
    )
    from clrctl.sending.auth.session import Session, TokenSource
    from clrctl.sending.auth.store import Cache, Login

__all__ = [
    "Cache",
    "ClientCredentials",
    "Credentials",
    "Login",
    "OAuthClient",
    "Session",
    "StaticToken",
    "TokenSource",
    "header_secret",
    "login",
    "store",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "login",
            "store",
        ),
        "credentials": (
            "ClientCredentials",
            "Credentials",
            "OAuthClient",
            "StaticToken",
            "header_secret",
        ),
        "session": (
            "Session",
            "TokenSource",
        ),
        "store": (
            "Cache",
            "Login",
        ),
    },
)
