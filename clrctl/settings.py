"""Settings and where each came from: flag, environment, config file, built in.

Nothing else reads the environment or knows where the config file lies. Secrets are wrapped in
`Secret` from the moment they are read. There is no flag that takes a secret itself: other users
of the machine can read a command line.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Generic, TypeVar

from clrctl.access import ClientCredentials, Credentials, Secret, StaticToken
from clrctl.endpoint import BUILT_IN, Endpoint, endpoint_from_config, endpoint_from_url
from clrctl.errors import AuthError, InputError, UsageError
from clrctl.finding import Json
from clrctl.words import nearest

T = TypeVar("T")

# The names after the first are those that the platform's own SDK reads.
CLIENT_ID_NAMES = (
    "CLRCTL_CLIENT_ID",
    "TIMEBACK_API_CLIENT_ID",
    "TIMEBACK_CLIENT_ID",
    "CLR_CLIENT_ID",
)
CLIENT_SECRET_NAMES = tuple(name.replace("_ID", "_SECRET") for name in CLIENT_ID_NAMES)

ENVIRONMENT = {
    "CLRCTL_ENDPOINT": "the endpoint, when --endpoint is not given",
    "CLRCTL_TOKEN": "an access token",
    "CLRCTL_TOKEN_FILE": "a file that holds the access token",
    "CLRCTL_CLIENT_ID": "OAuth 2.0 client id, for client credentials",
    "CLRCTL_CLIENT_SECRET": "its secret",
    "CLRCTL_CONFIG": "the config file",
    "CLRCTL_DATA": "the folder in which the sandbox keeps its records",
    "NO_COLOR, FORCE_COLOR": "colour never, always",
    "HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE": "as usual for HTTP clients",
}


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """A value and the words that tell where it came from."""

    value: T
    source: str


class Settings:
    """What the environment and the config file say.

    Args:
        environ: the environment; the process's own by default.

    Raises:
        InputError: the config file was named and cannot be read.
        UsageError: it holds something that cannot be used; its text is never quoted.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self.config_path, self._config_named = self._find_config()
        self._config = self._read_config()
        self._endpoints = self._all_endpoints()

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return every endpoint that can be named, built in ones first."""
        return tuple(self._endpoints.values())

    def chosen(self, flag: str | None) -> Setting[str] | None:
        """Return the name or URL of the endpoint to use, or None when none was chosen."""
        if flag:
            return Setting(flag, "--endpoint")
        if value := self._environ.get("CLRCTL_ENDPOINT"):
            return Setting(value, "CLRCTL_ENDPOINT")
        if value := self._config.get("endpoint"):
            return Setting(value, str(self.config_path))
        return None

    def endpoint(self, flag: str | None) -> Endpoint:
        """Return the endpoint to talk to.

        Raises:
            UsageError: none was chosen, the name is unknown, or the URL cannot be used.
        """
        choice = self.chosen(flag)
        names = ", ".join(self._endpoints)
        if choice is None:
            raise UsageError(
                "no endpoint chosen",
                why="records are never sent to a server that was not named",
                fix=f"add --endpoint NAME, or set CLRCTL_ENDPOINT; known: {names}",
            )
        if "/" in choice.value:
            return endpoint_from_url(choice.value, source=choice.source)
        if choice.value not in self._endpoints:
            hint = nearest(choice.value, self._endpoints)
            raise UsageError(
                f"there is no endpoint {choice.value}",
                where=choice.source,
                fix=(f"did you mean {hint}? " if hint else "")
                + f"known: {names}; `clrctl endpoints` tells more",
            )
        return self._endpoints[choice.value]

    def credentials(
        self, endpoint: Endpoint, *, token_file: str | None = None, stdin: BinaryIO | None = None
    ) -> Credentials:
        """Return what proves our right to write to the endpoint, first source that has one.

        `--token-file`, `CLRCTL_TOKEN`, `CLRCTL_TOKEN_FILE`, the endpoint's own token settings,
        then client credentials from the environment or the endpoint's settings.

        Raises:
            AuthError: there is none, or it cannot be a token.
            InputError: a file that should hold it cannot be read.
        """
        if endpoint.public_credentials:
            client_id, secret = endpoint.public_credentials
            return self._client(endpoint, client_id, Secret(secret), "built in, public")
        if token_file:
            return self._token_from_file(token_file, "--token-file", stdin)
        if token := self._environ.get("CLRCTL_TOKEN"):
            return StaticToken(_clean(token, "CLRCTL_TOKEN"), "CLRCTL_TOKEN")
        if path := self._environ.get("CLRCTL_TOKEN_FILE"):
            return self._token_from_file(path, "CLRCTL_TOKEN_FILE")
        if endpoint.token_env and (token := self._environ.get(endpoint.token_env)):
            return StaticToken(_clean(token, endpoint.token_env), endpoint.token_env)
        if endpoint.token_file:
            return self._token_from_file(endpoint.token_file, f"endpoint {endpoint.name}")
        return self._client_credentials(endpoint)

    def token_source(self, endpoint: Endpoint) -> str:
        """Return where the token would come from, in words, without reading any file."""
        try:
            return self.credentials(endpoint).source
        except InputError:
            return "a token file that cannot be read"
        except AuthError:
            return "none"

    def data_folder(self) -> Path:
        """Return the folder in which the sandbox keeps its records."""
        if folder := self._environ.get("CLRCTL_DATA"):
            return Path(folder)
        import platformdirs

        return platformdirs.user_data_path("clrctl", appauthor=False)

    def _find_config(self) -> tuple[Path, bool]:
        if named := self._environ.get("CLRCTL_CONFIG"):
            return Path(named).expanduser(), True
        import platformdirs

        return platformdirs.user_config_path("clrctl", appauthor=False) / "config.yaml", False

    def _read_config(self) -> dict[str, Json]:
        from clrctl.document import parse

        try:
            raw = self.config_path.read_bytes()
        except FileNotFoundError:
            if not self._config_named:
                return {}
            raise InputError(
                "the config file does not exist",
                where=f"{self.config_path} (CLRCTL_CONFIG)",
                fix="write it, or unset CLRCTL_CONFIG",
            ) from None
        except OSError as problem:
            raise InputError(
                "cannot read the config file", where=str(self.config_path), why=problem.strerror or ""
            ) from None
        document = parse(raw, source=str(self.config_path), syntax="yaml")
        if document.faults:
            fault = document.faults[0]
            if fault.code == "parse/empty":
                return {}
            raise UsageError(
                "the config file cannot be read as YAML",
                where=f"{self.config_path}:{fault.line}:{fault.column}",
                why=fault.message,
                fix=fault.fix,
            )
        return _checked_config(document.data, self.config_path)

    def _all_endpoints(self) -> dict[str, Endpoint]:
        endpoints = {endpoint.name: endpoint for endpoint in BUILT_IN}
        for name, entry in (self._config.get("endpoints") or {}).items():
            endpoints[name] = endpoint_from_config(
                name, entry, endpoints.get(name), source=str(self.config_path)
            )
        return endpoints

    def _token_from_file(
        self, path: str, source: str, stdin: BinaryIO | None = None
    ) -> StaticToken:
        if path == "-":
            text = (stdin or io.BytesIO()).read(65_536).decode("utf-8", "replace")
            return StaticToken(_clean(text, "standard input"), f"standard input ({source})")
        file = Path(path).expanduser()
        text = _read_text(file, source)
        return StaticToken(_clean(text, str(file)), f"{file} ({source})")

    def _client_credentials(self, endpoint: Endpoint) -> ClientCredentials:
        ids = (endpoint.client_id_env, *CLIENT_ID_NAMES)
        secrets = (endpoint.client_secret_env, *CLIENT_SECRET_NAMES)
        client_id = self._first(ids)
        if client_id is None and endpoint.client_id:
            client_id = Setting(endpoint.client_id, endpoint.source)
        secret = self._first(secrets)
        if secret is None and endpoint.client_secret_file:
            file = Path(endpoint.client_secret_file).expanduser()
            secret = Setting(_read_text(file, f"endpoint {endpoint.name}"), str(file))
        if client_id is None or secret is None:
            missing = "client id" if client_id is None else "client secret"
            half = client_id is not None or secret is not None
            raise AuthError(
                f"no token for endpoint {endpoint.name}",
                why=f"client credentials lack the {missing}" if half else "",
                fix="set CLRCTL_TOKEN, or --token-file FILE, or CLRCTL_CLIENT_ID and "
                "CLRCTL_CLIENT_SECRET",
            )
        if not endpoint.token_url:
            raise AuthError(
                f"endpoint {endpoint.name} has no token URL",
                why=f"{client_id.source} gives client credentials; where they go is not guessed",
                fix=f"name the endpoint in {self.config_path} with url and token_url",
            )
        return self._client(
            endpoint,
            client_id.value,
            _clean(secret.value, secret.source),
            f"client credentials from {client_id.source}",
        )

    @staticmethod
    def _client(
        endpoint: Endpoint, client_id: str, secret: Secret, source: str
    ) -> ClientCredentials:
        return ClientCredentials(
            endpoint.token_url, client_id, secret, endpoint.scope, endpoint.auth_style, source
        )

    def _first(self, names: tuple[str, ...]) -> Setting[str] | None:
        for name in names:
            if name and (value := self._environ.get(name)):
                return Setting(value, name)
        return None


def _checked_config(data: Json, path: Path) -> dict[str, Json]:
    known = ("endpoint", "endpoints")
    if not isinstance(data, dict):
        raise UsageError("the config file is not a list of settings", where=str(path))
    for key in data:
        if key not in known:
            hint = nearest(key, known)
            raise UsageError(
                f"unknown setting {key}",
                where=str(path),
                fix=f"did you mean {hint}?" if hint else f"known: {', '.join(known)}",
            )
    if not isinstance(data.get("endpoints", {}), dict):
        raise UsageError("endpoints has to map names to settings", where=str(path))
    if not isinstance(data.get("endpoint", ""), str):
        raise UsageError("endpoint has to be a name or an URL", where=str(path))
    return data


def _read_text(file: Path, source: str) -> str:
    try:
        return file.read_bytes().decode("ascii")
    except OSError as problem:
        raise InputError(
            "cannot read the secret", where=f"{file} ({source})", why=problem.strerror or ""
        ) from None
    except UnicodeDecodeError:
        raise AuthError(
            "the file holds no token", where=f"{file} ({source})", why="it is not plain ASCII"
        ) from None


def _clean(text: str, source: str) -> Secret:
    """Take off the line end that editors leave, and refuse what no HTTP header can carry."""
    stripped = text.removesuffix("\n").removesuffix("\r")
    if not stripped or not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        raise AuthError(
            "this cannot be a token or secret",
            where=source,
            why="it is empty" if not stripped else "it holds blanks or unprintable characters",
            fix="give the value alone, without quotes and without the word Bearer",
        )
    return Secret(stripped)
