"""Endpoints: the CLR servers that can be named, and what each asks for.

An endpoint ties together what must not be mixed: the base URL that gets the records, the token
URL that gets the client secret, and the rulesets that its records have to pass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from clrctl.errors import UsageError
from clrctl.finding import Json
from clrctl.sandbox.contract import (
    API_PATH,
    CLIENT_ID,
    CLIENT_SECRET,
    DEFAULT_PORT,
    TOKEN_PATH,
    is_loopback,
)
from clrctl.words import nearest

RULESETS = ("standard", "timeback")
SANDBOX = "sandbox"

_TIMEBACK_LOGIN = "-beyond-timeback-api-2-idp.auth.us-east-1.amazoncognito.com/oauth2/token"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One CLR server.

    Attributes:
        name: what `--endpoint` takes; for an URL given there, its host.
        base: base URL; the API lies under `{base}/ims/clr/v2p0/`.
        source: where these settings came from.
        token_url: where client credentials are sent; empty when unknown.
        scope: OAuth 2.0 scope to ask for; empty for none.
        auth_style: `basic` (HTTP Basic) or `body` (form members) for the client secret.
        rulesets: the rulesets that a record has to pass before it is sent.
        confirm: ask a person before sending.
        public_credentials: client id and secret that everybody may know (sandbox only).
    """

    name: str
    base: str
    source: str
    token_url: str = ""
    scope: str = ""
    auth_style: str = "basic"
    rulesets: tuple[str, ...] = RULESETS
    confirm: bool = False
    token_file: str = ""
    token_env: str = ""
    client_id: str = ""
    client_id_env: str = ""
    client_secret_env: str = ""
    client_secret_file: str = ""
    public_credentials: tuple[str, str] | None = None

    @property
    def credentials_url(self) -> str:
        """URL of the upsert; it ends in a slash, since a redirect would lose the body."""
        return f"{self.base}{API_PATH}/credentials/"


BUILT_IN = (
    Endpoint(
        name=SANDBOX,
        base=f"http://127.0.0.1:{DEFAULT_PORT}",
        token_url=f"http://127.0.0.1:{DEFAULT_PORT}{TOKEN_PATH}",
        source="built in",
        public_credentials=(CLIENT_ID, CLIENT_SECRET),
    ),
    Endpoint(
        name="timeback-staging",
        base="https://api.staging.alpha-1edtech.ai",
        token_url=f"https://staging{_TIMEBACK_LOGIN}",
        source="built in",
    ),
    Endpoint(
        name="timeback",
        base="https://api.alpha-1edtech.ai",
        token_url=f"https://prod{_TIMEBACK_LOGIN}",
        source="built in",
    ),
)

_TEXT_KEYS = (
    "url",
    "token_url",
    "scope",
    "auth_style",
    "token_file",
    "token_env",
    "client_id",
    "client_id_env",
    "client_secret_env",
    "client_secret_file",
)
_KEYS = (*_TEXT_KEYS, "rulesets", "confirm")
_SECRET_KEYS = ("token", "access_token", "client_secret", "secret", "password")


def endpoint_from_url(url: str, *, source: str) -> Endpoint:
    """Return the endpoint that an URL given on the spot means.

    The URL may be the base, or go on to the API or to its credentials.

    Raises:
        UsageError: the URL cannot be used safely.
    """
    base = base_url(url, where=source)
    return Endpoint(name=urlsplit(base).netloc, base=base, source=source)


def endpoint_from_config(
    name: str, entry: Json, known: Endpoint | None, *, source: str
) -> Endpoint:
    """Return the endpoint that an entry of the config file describes.

    An entry under a built-in name changes only what it names; its server stays.

    Raises:
        UsageError: the entry cannot be used; names the setting, never its value.
    """
    where = f"{source}: endpoints.{name}"
    _check_entry(name, entry, where)
    values = {key: entry[key] for key in _TEXT_KEYS if key in entry and key != "url"}
    if "token_url" in values:
        values["token_url"] = checked_url(values["token_url"], where=f"{where}.token_url")
    if "rulesets" in entry:
        values["rulesets"] = tuple(entry["rulesets"])
    if "confirm" in entry:
        values["confirm"] = entry["confirm"]
    if known is not None:
        if "url" in entry or "token_url" in entry:
            raise UsageError(
                f"{name} is a built-in endpoint: its server cannot be changed",
                where=where,
                fix="give the server another name",
            )
        return replace(known, source=f"built in and {source}", **values)
    if "url" not in entry:
        raise UsageError(f"endpoint {name} has no url", where=where, fix="add url: https://...")
    return Endpoint(name=name, base=base_url(entry["url"], where=where), source=source, **values)


def _check_entry(name: str, entry: Json, where: str) -> None:
    if not isinstance(entry, dict):
        raise UsageError(f"endpoint {name} has to be a list of settings", where=where)
    for key, value in entry.items():
        if key in _SECRET_KEYS:
            raise UsageError(
                f"{key} must not stand in the config file",
                where=where,
                fix="use token_file, token_env, client_secret_env or client_secret_file",
            )
        if key not in _KEYS:
            hint = nearest(key, _KEYS)
            raise UsageError(
                f"unknown setting {key}",
                where=where,
                fix=f"did you mean {hint}?" if hint else f"known: {', '.join(_KEYS)}",
            )
        if key in _TEXT_KEYS and not isinstance(value, str):
            raise UsageError(f"{key} has to be text", where=where, fix="put it in quotes")
    if not isinstance(entry.get("confirm", False), bool):
        raise UsageError("confirm has to be true or false", where=where)
    if entry.get("auth_style", "basic") not in ("basic", "body"):
        raise UsageError("auth_style has to be basic or body", where=where)
    rulesets = entry.get("rulesets", [])
    if not isinstance(rulesets, list) or any(ruleset not in RULESETS for ruleset in rulesets):
        raise UsageError("rulesets has to be a list", where=where, fix=f"of: {', '.join(RULESETS)}")


def base_url(url: str, *, where: str) -> str:
    """Return the base URL of a server, without the API's path and without a slash at the end.

    Raises:
        UsageError: as `checked_url`.
    """
    base = checked_url(url, where=where).rstrip("/")
    return base.removesuffix("/credentials").removesuffix(API_PATH)


def checked_url(url: str, *, where: str) -> str:
    """Return the URL if secrets and records may be sent there.

    https only, http on loopback; no user name, query or fragment, no character that
    programs read differently.

    Raises:
        UsageError: otherwise.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    why = ""
    if not host:
        why = "it is no URL with a host"
    elif not url.isascii() or not url.isprintable() or "\\" in url or " " in url:
        why = "it holds characters that programs read differently"
    elif parts.username is not None or parts.password is not None:
        why = "it holds a user name or password"
    elif parts.query or parts.fragment:
        why = "it holds a query or a fragment"
    elif parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        why = "only https keeps tokens and records from being read on the way"
    if why:
        raise UsageError(
            "this URL cannot be used",
            where=where,
            why=why,
            fix="give the base URL, such as https://clr.example.org",
        )
    return url
