"""Endpoints: the CLR servers that can be named, and what each asks for.

An endpoint ties together what must not be mixed: the base URL that gets the records, the token
URL that gets the client secret, and the rulesets that its records have to pass.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

from clrctl.errors import UsageError
from clrctl.finding import Json
from clrctl.http import AS_USUAL, KEYS, Network, network_from_config
from clrctl.sandbox import CLIENT_ID, CLIENT_SECRET, DEFAULT_PORT, TOKEN_PATH, is_loopback
from clrctl.sending.endpoints.habits import HABITS, IN_SANDBOX, RULESETS, TIMEBACK, Habits
from clrctl.standard import API_PATH
from clrctl.util import nearest

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
        habits: what is particular about it, whatever its address.
        confirm: ask a person before sending.
        token_file: file that holds an access token.
        token_env: environment variable that holds one.
        client_id: OAuth 2.0 client id.
        client_id_env: environment variable that holds it.
        client_secret_env: environment variable that holds the client secret.
        client_secret_file: file that holds it.
        public_credentials: client id and secret that everybody may know (sandbox only).
        network: certificates and a proxy for the servers of both URLs.
        store: of a sandbox that runs, the id of what it keeps (empty where it has none); None for
            other endpoints, and where no sandbox was found.
    """

    name: str
    base: str
    source: str
    token_url: str = ""
    scope: str = ""
    auth_style: str = "basic"
    habits: Habits = TIMEBACK
    confirm: bool = False
    token_file: str = ""
    token_env: str = ""
    client_id: str = ""
    client_id_env: str = ""
    client_secret_env: str = ""
    client_secret_file: str = ""
    public_credentials: tuple[str, str] | None = None
    network: Network = AS_USUAL
    store: str | None = None

    @property
    def rulesets(self) -> tuple[str, ...]:
        """The rulesets that a record has to pass before it is sent."""
        return self.habits.rulesets

    @property
    def is_sandbox(self) -> bool:
        """Whether it is a sandbox, running or not."""
        return self.name == SANDBOX or self.store is not None

    @property
    def journal_name(self) -> str:
        """What its journal is of: of a sandbox the store, not the address."""
        return f"{SANDBOX}:{self.store}" if self.store else self.base

    @property
    def nothing_sent(self) -> str:
        """What to tell where nothing was sent from here: of a sandbox, its database counts."""
        if self.is_sandbox:
            return f"nothing was sent from here to the database that endpoint {self.name} has now"
        return f"nothing was sent to endpoint {self.name} from here"

    @property
    def credentials_url(self) -> str:
        """URL of the upsert."""
        return self.base + self.habits.upsert_path

    @property
    def list_url(self) -> str:
        """URL of the list of credentials."""
        return self.base + self.habits.list_path

    @property
    def discovery_urls(self) -> tuple[str, ...]:
        """URLs of the service description, in the order in which they are tried."""
        return tuple(self.base + path for path in self.habits.discovery_paths)


BUILT_IN = (
    Endpoint(
        name=SANDBOX,
        base=f"http://127.0.0.1:{DEFAULT_PORT}",
        token_url=f"http://127.0.0.1:{DEFAULT_PORT}{TOKEN_PATH}",
        source="built in",
        public_credentials=(CLIENT_ID, CLIENT_SECRET),
        habits=IN_SANDBOX,
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

_PATH_KEYS = ("upsert_path", "list_path", "discovery_path")
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
    "habits",
    *_PATH_KEYS,
    *KEYS,
)
_HABIT_KEYS = ("habits", *_PATH_KEYS, "rulesets", "signs")
_KEYS = (*_TEXT_KEYS, "rulesets", "signs", "confirm")
_SECRET_KEYS = ("token", "access_token", "client_secret", "secret", "password")
_AUTH_STYLES = ("basic", "body")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]*)+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def endpoint_from_url(url: str, *, source: str) -> Endpoint:
    """Return the endpoint that an URL given on the spot means: it has no token of its own.

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
    others = ("url", *KEYS, *_HABIT_KEYS)
    values = {key: value for key, value in entry.items() if key not in others}
    values["network"] = network_from_config(entry, where=where, source=source)
    values["habits"] = _habits(entry, known.habits if known else TIMEBACK)
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
    if "token_url" in entry:
        values["token_url"] = checked_url(entry["token_url"], where=f"{where}.token_url")
    base = base_url(entry["url"], where=f"{where}.url")
    return Endpoint(name=name, base=base, source=source, **values)


def _habits(entry: Json, usual: Habits) -> Habits:
    """Return the habits that an entry names, with what it changes of them."""
    habits = HABITS[entry["habits"]] if "habits" in entry else usual
    changed = {key: entry[key] for key in ("upsert_path", "list_path", "signs") if key in entry}
    if "discovery_path" in entry:
        changed["discovery_paths"] = (entry["discovery_path"],)
    if "rulesets" in entry:
        changed["rulesets"] = tuple(entry["rulesets"])
    return replace(habits, **changed)


def check_keys(settings: Iterable[str], known: tuple[str, ...], *, where: str) -> None:
    """Refuse settings that nothing reads, and those that would be a secret in the config file.

    Raises:
        UsageError: names the setting and the one that was probably meant.
    """
    for key in settings:
        if key in _SECRET_KEYS:
            raise UsageError(
                f"{key} must not be in the config file",
                where=where,
                fix="use token_file, token_env, client_secret_env or client_secret_file",
            )
        if key not in known:
            hint = nearest(key, known)
            raise UsageError(
                f"unknown setting {key}",
                where=where,
                fix=f"did you mean {hint}?" if hint else f"known: {', '.join(known)}",
            )


def _check_entry(name: str, entry: Json, where: str) -> None:
    if not _NAME.fullmatch(name):
        raise UsageError(
            "this cannot name an endpoint",
            where=where,
            fix="use letters, digits, dots, hyphens and underscores",
        )
    if not isinstance(entry, dict):
        raise UsageError(f"endpoint {name} has to hold settings", where=where, fix="such as url")
    check_keys(entry, _KEYS, where=where)
    for key in _TEXT_KEYS:
        if not isinstance(entry.get(key, ""), str):
            raise UsageError(f"{key} has to be text", where=where, fix="put it in quotes")
    for key in ("confirm", "signs"):
        if not isinstance(entry.get(key, False), bool):
            raise UsageError(f"{key} has to be true or false", where=where)
    _check_habits(entry, where)
    if entry.get("auth_style", "basic") not in _AUTH_STYLES:
        raise UsageError(f"auth_style has to be {' or '.join(_AUTH_STYLES)}", where=where)
    rulesets = entry.get("rulesets", list(RULESETS))
    if not isinstance(rulesets, list) or not rulesets or any(r not in RULESETS for r in rulesets):
        raise UsageError(
            f"rulesets has to be a list of one or more of: {', '.join(RULESETS)}", where=where
        )


def _check_habits(entry: dict[str, Json], where: str) -> None:
    name = entry.get("habits", TIMEBACK.name)
    if name not in HABITS:
        hint = nearest(name, HABITS)
        raise UsageError(
            f"there are no habits {name}",
            where=f"{where}.habits",
            fix=(f"did you mean {hint}? " if hint else "") + f"known: {', '.join(HABITS)}",
        )
    for key in _PATH_KEYS:
        if not _PATH.fullmatch(entry.get(key, "/")):
            raise UsageError(
                f"{key} has to be a path below the url",
                where=f"{where}.{key}",
                fix=f"such as {API_PATH}/credentials",
            )


def base_url(url: str, *, where: str) -> str:
    """Return the base URL of a server, without the API's path and without a slash at the end.

    Raises:
        UsageError: as `checked_url`.
    """
    base = checked_url(url, where=where).rstrip("/")
    for path in (f"{API_PATH}/credentials", API_PATH):
        base = base.removesuffix(path)
    return base.rstrip("/")


def checked_url(url: str, *, where: str) -> str:
    """Return the URL if secrets and records may be sent there.

    https only, http on loopback; no user name, query or fragment (RFC 3986 section 3), no
    character that programs read differently.

    Raises:
        UsageError: otherwise; the URL itself is not told, since it may hold a password.
    """
    try:
        parts = urlsplit(url)
        why = _objection(url, parts, parts.hostname or "")
    except ValueError:
        why = "its host or port makes no sense"
    if why:
        raise UsageError(
            "this URL cannot be used",
            where=where,
            why=why,
            fix="give the base URL, such as https://clr.example.org",
        )
    return url


_HOST_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")


def _objection(url: str, parts: SplitResult, host: str) -> str:
    """Return why an URL is refused, or an empty text.

    Raises:
        ValueError: the port is no number up to 65535.
    """
    if parts.port == 0 or not host:
        return "it is no URL with a host"
    if not url.isascii() or not url.isprintable() or "\\" in url or " " in url:
        return "it holds characters that programs read differently"
    if "@" in parts.netloc:
        return "it holds a user name or password"
    if "?" in url or "#" in url:
        return "it holds a query or a fragment"
    if not _HOST_NAME.fullmatch(host) and not _is_address(host):
        return "its host is neither a name nor an address"
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        return "only https keeps tokens and records from being read on the way"
    return ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def check_config(data: Json, path: str) -> dict[str, Json]:
    """Return what a config file holds; the endpoints in it are not looked at.

    Raises:
        UsageError: it is no object of settings, or has unknown ones.
    """
    if not isinstance(data, dict):
        raise UsageError("the config file has to hold settings", where=path, fix=_EXAMPLE)
    check_keys(data, ("endpoint", "endpoints", "trust"), where=path)
    if not isinstance(data.get("endpoints", {}), dict):
        raise UsageError("endpoints has to map names to settings", where=path, fix=_EXAMPLE)
    if not isinstance(data.get("endpoint", ""), str):
        raise UsageError("endpoint has to be a name or an URL", where=path)
    if not isinstance(data.get("trust", ""), str):
        raise UsageError("trust has to be the name of a trust file", where=path)
    return data


_EXAMPLE = "such as endpoints: {school: {url: https://clr.example.org}}"
