"""Logins that are kept between runs: who has one, how long it lasts, and its renewal.

What may be shown lies in one file; its secrets lie in the system's keyring where that can be
used, else in the same file (mode 0600, folder 0700). It knows neither settings nor terminals, and
leaves what is said to authorization servers to `clrctl.sending.auth.oauth`.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import orjson

from clrctl.errors import AuthError, ClrctlError, InputError, TemporaryError
from clrctl.finding import Json
from clrctl.sending.auth import keyring
from clrctl.sending.auth.credentials import OAuthClient, StaticToken
from clrctl.sending.endpoints import Endpoint
from clrctl.util import Lock, LockHeld, Secret, atomic

FORMAT: Final = 1
# As for tokens that are not kept: the rest of its life is for the work it was taken for.
SHARE_OF_LIFE: Final = 0.75
_PATIENCE: Final = 150.0  # seconds: a little longer than an exchange may take
_PAUSE: Final = 0.05
_UNKEPT: Final = "cannot keep the login"


@dataclass(frozen=True, slots=True)
class Login:
    """A login, without its secrets.

    Attributes:
        base: base URL of the endpoint whose API gets the token, and nothing else does.
        how: the grant: `client credentials` or `authorization code`.
        token_url: where the token came from.
        client_id: in whose name.
        scope: what was asked for; empty for whatever the server gives.
        obtained: when, in seconds since 1970.
        expires: until when, likewise.
        refresh_url: where it is renewed; empty when it cannot be.
        revocation_url: where it is revoked; empty when it cannot be.
        in_keyring: its secrets lie in the system's keyring.
    """

    base: str
    how: str
    token_url: str
    client_id: str
    scope: str
    obtained: float
    expires: float
    refresh_url: str = ""
    revocation_url: str = ""
    in_keyring: bool = False

    @property
    def renew_at(self) -> float:
        """When to renew it, in seconds since 1970."""
        return self.obtained + (self.expires - self.obtained) * SHARE_OF_LIFE

    @property
    def until(self) -> str:
        """Its end as a date-time (RFC 3339)."""
        return datetime.fromtimestamp(self.expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def source(self) -> str:
        """Where its token comes from, in words."""
        return f"clrctl auth login ({self.how}, until {self.until})"

    def suits(self, endpoint: Endpoint) -> bool:
        """Return whether an endpoint means this login: same server, and no setting against it."""
        pairs = (
            (endpoint.token_url, self.token_url),
            (endpoint.client_id, self.client_id),
            (endpoint.scope, self.scope),
        )
        return self.base == endpoint.base and all(wanted in ("", own) for wanted, own in pairs)


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of a login: access token, refresh token, client secret."""

    access: Secret
    refresh: Secret | None = None
    client: Secret | None = None


class Cache:
    """The logins of this user.

    Args:
        folder: where the file lies; created when something is kept.
        hint: is told, once, why the keyring is not used.
    """

    def __init__(self, folder: Path, *, hint: Callable[[str], None] = lambda _: None) -> None:
        self._folder = folder / "tokens"
        self._hint = hint

    @property
    def path(self) -> Path:
        """The file."""
        return self._folder / "logins.json"

    def logins(self) -> list[Login]:
        """Return all logins.

        Raises:
            InputError: the file cannot be read, or is none of ours.
        """
        return [_login(entry) for entry in self._entries()]

    def secrets(self, login: Login) -> Secrets | None:
        """Return the secrets of a login, or None where they are gone.

        Raises:
            InputError: as `logins`.
        """
        if login.in_keyring:
            text, why = keyring.read(login.base)
            if why:
                self._hint(why)
            return _secrets(orjson.loads(text)) if text else None
        found = [entry["secrets"] for entry in self._entries() if entry["base"] == login.base]
        return _secrets(found[0]) if found else None

    def keep(self, login: Login, secrets: Secrets) -> Login:
        """Keep a login in the place of any other at the same endpoint; call it when locked.

        Raises:
            InputError: it cannot be written.
        """
        values = _revealed(secrets)
        why = keyring.write(login.base, orjson.dumps(values).decode())
        if why:
            self._hint(why)
        login = replace(login, in_keyring=not why)
        entry = asdict(login) | ({"secrets": values} if why else {})
        self._write([*self._others(login.base), entry])
        return login

    def remove(self, login: Login) -> None:
        """Forget a login; call it when locked.

        Raises:
            InputError: it cannot be written.
        """
        if login.in_keyring and (why := keyring.delete(login.base)):
            self._hint(why)
        self._write(self._others(login.base))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from changing logins.

        Raises:
            TemporaryError: another process does not let go.
            InputError: the folder cannot be used.
        """
        lock = self._lock()
        try:
            yield
        finally:
            lock.release()

    def _lock(self) -> Lock:
        give_up = time.monotonic() + _PATIENCE
        while True:
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                return Lock(self._folder / "lock")
            except OSError as problem:
                raise _unwritten(self._folder, problem) from None
            except LockHeld as held:
                if time.monotonic() > give_up:
                    raise TemporaryError(
                        "another process is busy with the logins",
                        where=str(self._folder),
                        why=f"process {held.holder}",
                        fix="run the same command later",
                    ) from None
            time.sleep(_PAUSE)

    def _others(self, base: str) -> list[dict[str, Json]]:
        return [entry for entry in self._entries() if entry["base"] != base]

    def _entries(self) -> list[dict[str, Json]]:
        try:
            return _checked(orjson.loads(self.path.read_bytes()))
        except FileNotFoundError:
            return []
        except OSError as problem:
            why = problem.strerror or ""
        # The text of these errors may quote a token.
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            why = "it is not what this version writes"
        raise InputError(
            "cannot read the kept logins",
            where=str(self.path),
            why=why,
            fix="delete that file, then log in again",
        )

    def _write(self, entries: list[dict[str, Json]]) -> None:
        contents = orjson.dumps({"format": FORMAT, "logins": entries})
        atomic.replace(self.path, contents, mode=atomic.PRIVATE, words=atomic.Words(_UNKEPT))


def find(endpoint: Endpoint, folder: Path) -> Login | None:
    """Return the login at an endpoint, or None; nothing is asked of any server.

    Raises:
        InputError: the file cannot be read.
    """
    return next((login for login in Cache(folder).logins() if login.suits(endpoint)), None)


def lookup(
    endpoint: Endpoint,
    folder: Path,
    *,
    clock: Callable[[], float] = time.time,
    hint: Callable[[str], None] = lambda _: None,
) -> StaticToken | None:
    """Return the token of the login at an endpoint, or None where there is no login.

    After 75 % of its life it is renewed, once for all processes.

    Raises:
        AuthError: it has expired and cannot be renewed.
        TemporaryError: it has expired, and its server cannot be reached.
        InputError: the kept logins cannot be read or written.
    """
    cache = Cache(folder, hint=hint)
    login = find(endpoint, folder)
    if login is None:
        return None
    if clock() >= login.renew_at and login.refresh_url:
        login = _renewed(cache, endpoint, clock) or login
    if clock() >= login.expires:
        raise _expired(endpoint, login)
    secrets = cache.secrets(login)
    return StaticToken(secrets.access, login.source) if secrets else None


def _renewed(cache: Cache, endpoint: Endpoint, clock: Callable[[], float]) -> Login | None:
    """Return the login after its renewal, by us or by whoever was first."""
    from clrctl.sending.auth import oauth

    with cache.locked():
        login = next((login for login in cache.logins() if login.suits(endpoint)), None)
        if login is None or clock() < login.renew_at:
            return login
        secrets = cache.secrets(login)
        if secrets is None or secrets.refresh is None:
            return login
        client = OAuthClient(login.client_id, secrets.client)
        try:
            tokens = oauth.refresh(login.refresh_url, client, secrets.refresh, endpoint.network)
        except ClrctlError:
            if clock() >= login.expires:
                raise
            return login
        now = clock()
        renewed = replace(login, obtained=now, expires=now + tokens.life)
        kept = Secrets(tokens.access, tokens.refresh or secrets.refresh, secrets.client)
        return cache.keep(renewed, kept)


def _expired(endpoint: Endpoint, login: Login) -> AuthError:
    return AuthError(
        f"the login at endpoint {endpoint.name} has expired",
        where=login.source,
        fix=f"run clrctl auth login --endpoint {endpoint.name}",
    )


def _checked(held: Json) -> list[dict[str, Json]]:
    """Return the entries of a file.

    Raises:
        KeyError, TypeError, AttributeError: this version did not write it.
    """
    if held["format"] != FORMAT:
        raise KeyError
    for entry in held["logins"]:
        if not _login(entry).in_keyring:
            _secrets(entry["secrets"])
    return list(held["logins"])


def _login(entry: dict[str, Json]) -> Login:
    return Login(**{name: value for name, value in entry.items() if name != "secrets"})


def _revealed(secrets: Secrets) -> dict[str, str]:
    given = {name: getattr(secrets, name) for name in ("access", "refresh", "client")}
    return {name: secret.reveal() for name, secret in given.items() if secret is not None}


def _secrets(values: dict[str, str]) -> Secrets:
    return Secrets(**{name: Secret(value) for name, value in values.items()})


def _unwritten(path: Path, problem: OSError) -> InputError:
    return InputError(_UNKEPT, where=str(path), why=problem.strerror or "")
