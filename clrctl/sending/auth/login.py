"""Logging in at an endpoint and out again: from what it says of itself to a login to keep.

It joins the service description, OAuth 2.0 and the form of kept logins. What a person has to see
or decide is asked of whoever calls; nothing is kept here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from clrctl import http
from clrctl.errors import AuthError, UsageError
from clrctl.sending.auth import oauth, session
from clrctl.sending.auth.credentials import ClientCredentials, OAuthClient
from clrctl.sending.auth.store import Login, Secrets
from clrctl.sending.client import Flow, Service, discovery
from clrctl.sending.endpoints import Endpoint, checked_url

_SCOPES = ("credential.upsert", "credential.readonly", "offline_access")

Agree = Callable[[Mapping[str, str], list[str]], None]
"""Is shown the URLs of an authorization server by their use, and those origins among them that are
neither the endpoint's nor in its settings; raises unless they may be used."""


def by_client(endpoint: Endpoint, credentials: ClientCredentials) -> tuple[Login, Secrets]:
    """Log in with client credentials (RFC 6749 section 4.4).

    Raises:
        ClrctlError: as `auth.fetch_token`.
    """
    with http.Client(link=http.Link(endpoint.network)) as client:
        token, life = session.fetch_token(credentials, client)
    now = time.time()
    login = Login(
        base=endpoint.base,
        how="client credentials",
        token_url=credentials.token_url,
        client_id=credentials.client_id,
        scope=credentials.scope,
        obtained=now,
        expires=now + life,
    )
    return login, Secrets(token)


def by_browser(
    endpoint: Endpoint,
    known: OAuthClient | None,
    agree: Agree,
    show: Callable[[str], None],
    *,
    port: int,
) -> tuple[Login, Secrets]:
    """Log in where the endpoint says that people sign in (authorization code grant).

    Args:
        endpoint: whose description says where.
        known: the client to sign in with; None to register one.
        agree: decides about the URLs.
        show: is given the URL to open in a browser.
        port: where the browser brings its answer; 0 is any port that is free.

    Raises:
        AuthError: nobody can sign in there, or it was refused.
        UsageError: an URL cannot be used.
        ClrctlError: as `service.describe` and `oauth.sign_in`.
    """
    with http.Client(link=http.Link(endpoint.network)) as connection:
        described = discovery.describe(endpoint, connection)
    flow = described.flows.get("authorizationCode")
    if flow is None or not flow.authorization_url or not flow.token_url:
        raise AuthError(
            f"endpoint {endpoint.name} does not say where people sign in",
            where=f"GET {described.url}",
            fix="set CLRCTL_CLIENT_ID and CLRCTL_CLIENT_SECRET, and token_url in its entry",
        )
    if endpoint.token_url not in ("", flow.token_url):
        raise UsageError(
            f"endpoint {endpoint.name} names another token URL than its entry in the config file",
            where=f"GET {described.url}",
            why=f"{flow.token_url} instead of {endpoint.token_url}",
            fix="correct token_url, or leave it out",
        )
    urls = _urls(described, flow, registers=known is None)
    agree(urls, _foreign(endpoint, urls))
    scope = endpoint.scope or " ".join(s for s in flow.scopes if s.rpartition("/")[2] in _SCOPES)
    provider = oauth.Provider(flow.authorization_url, flow.token_url, described.registration_url)
    client, tokens = oauth.sign_in(
        provider, known, scope, show, port=port, network=endpoint.network
    )
    now = time.time()
    login = Login(
        base=endpoint.base,
        how="authorization code",
        token_url=flow.token_url,
        client_id=client.id,
        scope=scope,
        obtained=now,
        expires=now + tokens.life,
        refresh_url=(flow.refresh_url or flow.token_url) if tokens.refresh else "",
        revocation_url=described.revocation_url,
    )
    return login, Secrets(tokens.access, tokens.refresh, client.secret)


def end(endpoint: Endpoint, login: Login, secrets: Secrets) -> None:
    """Have the server forget the tokens of a login at an endpoint, where it offers that.

    Raises:
        ClrctlError: it did not, or cannot be reached.
    """
    client = OAuthClient(login.client_id, secrets.client)
    for token in (secrets.refresh, secrets.access):
        if token and login.revocation_url:
            oauth.revoke(login.revocation_url, client, token, endpoint.network)


def _urls(described: Service, flow: Flow, *, registers: bool) -> dict[str, str]:
    """Return the URLs to use, by their use.

    Raises:
        UsageError: one of them must not be used.
    """
    given = {
        "sign in": flow.authorization_url,
        "tokens": flow.token_url,
        "renewal": flow.refresh_url,
        "registration": described.registration_url if registers else "",
        "revocation": described.revocation_url,
    }
    where = f"URL for {{}} in {described.url}"
    return {use: checked_url(url, where=where.format(use)) for use, url in given.items() if url}


def _foreign(endpoint: Endpoint, urls: Mapping[str, str]) -> list[str]:
    own = {http.origin(endpoint.base), http.origin(endpoint.token_url)}
    return sorted({http.origin(url) for url in urls.values()} - own)
