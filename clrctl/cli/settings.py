"""Settings and where each came from: flag, environment, config file, built in.

Nothing else reads the environment or knows where the config file lies. Secrets are wrapped in
`Secret` from the moment they are read. There is no flag that takes a secret itself: other users
of the machine can read a command line.
"""

from __future__ import annotations

import codecs
import os
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from clrctl.cli import console
from clrctl.errors import AuthError, ClrctlError, InputError, UsageError
from clrctl.finding import Json
from clrctl.sending import (
    BUILT_IN,
    ClientCredentials,
    Credentials,
    Endpoint,
    OAuthClient,
    StaticToken,
    check_config,
    endpoint_from_config,
    endpoint_from_url,
    header_secret,
)
from clrctl.util import Secret, nearest, safe

_LONGEST_SECRET = 64 * 2**10


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and the words that tell where it came from."""

    value: str
    source: str


class Settings:
    """What the environment and the config file say.

    Args:
        environ: the environment; the process's own by default.
        warn: gets a warning of secrets that others can read; the console by default.

    Raises:
        InputError: the config file cannot be read, or was named and does not exist.
        UsageError: it holds something that cannot be used; no value of it is quoted.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self._environ = os.environ if environ is None else environ
        self._warn = warn or console.current().warn
        self._warned: set[str] = set()
        self.config_path, self._config_named = self._find_config()
        self._config = self._read_config()
        self._endpoints = self._all_endpoints()

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return every endpoint that can be named, built in ones first."""
        return tuple(self._endpoints.values())

    def chosen(self, flag: str | None) -> Setting | None:
        """Return the name or URL of the endpoint to use, or None when none was chosen."""
        if flag:
            return Setting(flag, "--endpoint")
        if variable := self._variable("CLRCTL_ENDPOINT"):
            return variable
        configured = self._config.get("endpoint")
        return Setting(configured, str(self.config_path)) if configured else None

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
                + f"known: {names}; an URL begins with https://",
            )
        return self._endpoints[choice.value]

    def credentials(
        self, endpoint: Endpoint, *, token_file: str | None = None, stdin: BinaryIO | None = None
    ) -> Credentials:
        """Return what proves our right to write to the endpoint, from the first source there is.

        What the endpoint has in public (the sandbox), then `--token-file`, `CLRCTL_TOKEN`,
        `CLRCTL_TOKEN_FILE`, the endpoint's own token settings, client credentials, and last what
        `clrctl auth login` keeps, which is renewed where it has to be.

        Args:
            endpoint: whom they are for.
            token_file: what was given to `--token-file`; `-` for standard input.
            stdin: standard input; the process's own by default.

        Raises:
            AuthError: there is none, or it cannot be a token.
            InputError: a file that should hold it cannot be read.
            TemporaryError: a login had to be renewed, and its server cannot be reached.
        """
        from clrctl.sending import store

        if token_file and not endpoint.public_credentials:
            return self._token_from_flag(token_file, stdin)
        found = self._ambient_credentials(endpoint) or store.lookup(
            endpoint, self.data_folder(), hint=self._warn
        )
        if found is None:
            raise AuthError(
                f"no token for endpoint {endpoint.name}",
                fix="add --token-file FILE, or set CLRCTL_TOKEN, or CLRCTL_CLIENT_ID and "
                "CLRCTL_CLIENT_SECRET, or run clrctl auth login",
            )
        return found

    def token_source(self, endpoint: Endpoint) -> str:
        """Return where the token would be taken from, in words, and why it could not be used."""
        from clrctl.sending import store

        try:
            found = self._ambient_credentials(endpoint)
            login = None if found else store.find(endpoint, self.data_folder())
        except ClrctlError as error:
            where = f" ({error.where})" if error.where else ""
            return f"unusable: {error.what}{where}"
        if login is not None:
            return login.source
        return found.source if found else "none"

    def client(self, endpoint: Endpoint) -> OAuthClient | None:
        """Return the OAuth 2.0 client to sign in with, or None where none is set.

        Raises:
            AuthError: there is a secret without an id, or it cannot be a secret.
            InputError: the file that should hold it cannot be read.
        """
        client_id, secret = self._client(endpoint)
        if secret and not client_id:
            raise _half(endpoint, secret)
        return (
            OAuthClient(client_id.value, _secret(secret) if secret else None) if client_id else None
        )

    def client_credentials(self, endpoint: Endpoint) -> ClientCredentials | None:
        """Return the client credentials that are set for an endpoint, or None without any.

        Raises:
            AuthError: half of them is missing, or where they are to be sent.
            InputError: a file that should hold the secret cannot be read.
        """
        client_id, secret = self._client(endpoint)
        # An entry may name a client that people sign in with: it needs no secret.
        if not secret and (client_id is None or client_id.source == endpoint.source):
            return None
        if not client_id or not secret:
            raise _half(endpoint, secret)
        if not endpoint.token_url:
            raise AuthError(
                f"endpoint {endpoint.name} has no token URL",
                why=f"{client_id.source} gives client credentials; where they go is not guessed",
                fix=f"name the endpoint in {self.config_path} with url and token_url",
            )
        source = f"client credentials ({client_id.source}, {secret.source})"
        return _credentials(endpoint, client_id.value, _secret(secret), source)

    def passphrase(self, file: str | None, stdin: BinaryIO) -> bytes | None:
        """Return the passphrase of encrypted keys, or None where none is set.

        Args:
            file: what was given to `--passphrase-file`; `-` for standard input.
            stdin: standard input.

        Raises:
            InputError: the file that should hold it cannot be read.
        """
        if file == "-":
            return _one_line(stdin.read(_LONGEST_SECRET))
        if file:
            return self._file_line(Setting(file, "--passphrase-file"))[0]
        if given := self._variable("CLRCTL_KEY_PASSPHRASE"):
            return given.value.encode("utf-8", "surrogateescape")
        if named := self._variable("CLRCTL_KEY_PASSPHRASE_FILE"):
            return self._file_line(named)[0]
        return None

    def id_secret(self, file: str) -> Secret | None:
        """Return the secret that ids of persons depend on, or None where none is set.

        Args:
            file: what was given to `--secret-file`; empty for `CLRCTL_ID_SECRET`.

        Raises:
            InputError: the file that should hold it cannot be read.
            UsageError: it is too short to be one.
        """
        if file:
            read, source = self._file_line(Setting(file, "--secret-file"))
            given = Setting(read.decode(errors="replace"), source)
        else:
            variable = self._variable("CLRCTL_ID_SECRET")
            if variable is None:
                return None
            given = variable
        from clrctl.building import ids

        return ids.secret(given.value, given.source)

    def trust_files(self) -> list[Path]:
        """Return the trust file of `CLRCTL_TRUST`, or of the config file, if there is one."""
        variable, named = self._variable("CLRCTL_TRUST"), self._config.get("trust", "")
        folder, name = (Path(), variable.value) if variable else (self.config_path.parent, named)
        return [folder / Path(name).expanduser()] if name else []

    def data_folder(self) -> Path:
        """Return the folder in which this user's sandbox, journals and logins are kept."""
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
                "cannot read the config file",
                where=str(self.config_path),
                why=problem.strerror or "",
            ) from None
        document = parse(raw, source=str(self.config_path), syntax="yaml")
        if document.faults:
            fault = document.faults[0]
            if fault.code == "parse/empty":
                return {}
            raise UsageError(
                "the config file cannot be read as YAML",
                where=f"{self.config_path}:{fault.line}:{fault.column}",
                why=f"{fault.code}; the text is not shown, since it may hold a secret",
                fix="correct that place; text in quotes is never misread",
            )
        return check_config(document.data, str(self.config_path))

    def _all_endpoints(self) -> dict[str, Endpoint]:
        endpoints = {endpoint.name: endpoint for endpoint in BUILT_IN}
        for name, entry in self._config.get("endpoints", {}).items():
            endpoints[name] = endpoint_from_config(
                name, entry, endpoints.get(name), source=str(self.config_path)
            )
        return endpoints

    def _ambient_credentials(self, endpoint: Endpoint) -> Credentials | None:
        """Return the credentials that no flag names, or None when there are none."""
        if endpoint.public_credentials:
            client_id, secret = endpoint.public_credentials
            return _credentials(endpoint, client_id, Secret(secret), "built in, public")
        if token := self._variable("CLRCTL_TOKEN"):
            return StaticToken(_secret(token), token.source)
        if file := self._variable("CLRCTL_TOKEN_FILE"):
            return self._token_from_file(file)
        if token := self._variable(endpoint.token_env):
            return StaticToken(_secret(token), token.source)
        if endpoint.token_file:
            return self._token_from_file(Setting(endpoint.token_file, f"endpoint {endpoint.name}"))
        return self.client_credentials(endpoint)

    def _token_from_flag(self, path: str, stdin: BinaryIO | None) -> StaticToken:
        if path != "-":
            return self._token_from_file(Setting(path, "--token-file"))
        source = "standard input (--token-file)"
        read = (stdin or sys.stdin.buffer).read(_LONGEST_SECRET + 1)
        return StaticToken(_secret(Setting(_as_text(read), source)), source)

    def _token_from_file(self, path: Setting) -> StaticToken:
        text = self._file_text(path)
        return StaticToken(_secret(text), text.source)

    def _file_text(self, path: Setting) -> Setting:
        read, source = self._file_bytes(path)
        return Setting(_as_text(read), source)

    def _file_line(self, path: Setting) -> tuple[bytes, str]:
        """Return the line in a file of secrets whose every byte counts, and its source."""
        read, source = self._file_bytes(path)
        if read.startswith(codecs.BOM_UTF8):
            # Without it, what was made with this file would be lost: ids, and keys.
            self._warn_once(
                f"{source} begins with a byte order mark, which is taken for a part of the secret; "
                "in a variable, or in a file saved without it, this is another secret",
            )
        return _one_line(read), source

    def _file_bytes(self, path: Setting) -> tuple[bytes, str]:
        """Return what a file of secrets holds, and its source; warn if others may read it too."""
        source = f"{path.value} ({path.source})"
        file = Path(path.value).expanduser()
        try:
            with file.open("rb") as stream:
                mode = os.fstat(stream.fileno()).st_mode
                read = stream.read(_LONGEST_SECRET + 1)
        except OSError as problem:
            raise InputError(
                "cannot read the file of a secret", where=source, why=problem.strerror or ""
            ) from None
        # Windows keeps its permissions elsewhere.
        if os.name != "nt" and mode & (stat.S_IRGRP | stat.S_IROTH) and stat.S_ISREG(mode):
            self._warn_once(f"{source} can be read by other users: chmod 600 helps")
        return read, source

    def _warn_once(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            self._warn(safe(text, limit=None))

    def _client(self, endpoint: Endpoint) -> tuple[Setting | None, Setting | None]:
        """Return client id and client secret."""
        client_id, secret = self._client_id(endpoint), self._client_secret(endpoint)
        return (client_id, secret) if client_id or secret else self._sdk_client(endpoint)

    def _client_id(self, endpoint: Endpoint) -> Setting | None:
        if found := self._variable(endpoint.client_id_env) or self._variable("CLRCTL_CLIENT_ID"):
            return found
        return Setting(endpoint.client_id, endpoint.source) if endpoint.client_id else None

    def _client_secret(self, endpoint: Endpoint) -> Setting | None:
        names = (endpoint.client_secret_env, "CLRCTL_CLIENT_SECRET")
        if found := self._variable(names[0]) or self._variable(names[1]):
            return found
        if not endpoint.client_secret_file:
            return None
        return self._file_text(Setting(endpoint.client_secret_file, f"endpoint {endpoint.name}"))

    def _sdk_client(self, endpoint: Endpoint) -> tuple[Setting | None, Setting | None]:
        """Return the first whole pair: halves of two accounts would never match."""
        for names in endpoint.habits.sdk_variables:
            client_id, secret = map(self._variable, names)
            if client_id and secret:
                return client_id, secret
        return None, None

    def _variable(self, name: str) -> Setting | None:
        value = self._environ.get(name) if name else None
        return Setting(value, name) if value else None


def _half(endpoint: Endpoint, secret: Setting | None) -> AuthError:
    return AuthError(
        f"half of the client credentials for endpoint {endpoint.name} is missing",
        why="there is a client secret without a client id"
        if secret
        else "there is a client id without a client secret",
        fix="set both CLRCTL_CLIENT_ID and CLRCTL_CLIENT_SECRET",
    )


def _credentials(
    endpoint: Endpoint, client_id: str, secret: Secret, source: str
) -> ClientCredentials:
    return ClientCredentials(
        endpoint.token_url, client_id, secret, endpoint.scope, endpoint.auth_style, source
    )


def _as_text(read: bytes) -> str:
    """Return a token or secret as text, without the mark that editors on Windows put before it."""
    if read.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return read.decode("utf-16", "replace")
    return read.removeprefix(codecs.BOM_UTF8).decode("ascii", "replace")


def _one_line(read: bytes) -> bytes:
    return read.removesuffix(b"\n").removesuffix(b"\r")


def _secret(given: Setting) -> Secret:
    return header_secret(given.value, given.source, longest=_LONGEST_SECRET)
