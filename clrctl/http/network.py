"""How the servers of an endpoint are reached, as plain data from its entry in the config file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from clrctl.errors import UsageError

FILES: Final = ("ca_file", "client_cert", "client_key")
KEYS: Final = (*FILES, "proxy")


@dataclass(frozen=True, slots=True)
class Network:
    """Files and a proxy for all connections to one endpoint and its token endpoint.

    Attributes:
        ca_file: certificates of authorities to trust in the place of all others, in PEM form.
        client_cert: our certificate, and those between it and its authority, in PEM form.
        client_key: its private key in PEM form; empty where `client_cert` holds it.
        proxy: URL of the proxy, in the place of the environment's; empty for the environment's.
        source: where these settings came from.
    """

    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""
    proxy: str = field(default="", repr=False)
    source: str = ""


AS_USUAL = Network()
"""Nothing of its own: the environment and the system decide."""


def network_from_config(entry: Mapping[str, str], *, where: str, source: str) -> Network:
    """Return what the entry of an endpoint says of files and a proxy; other settings are ignored.

    Names of files are relative to the folder of the config file; nothing is read.

    Args:
        entry: the settings.
        where: names the entry in errors.
        source: the config file.

    Raises:
        UsageError: a setting makes no sense; the value of `proxy`, which may hold a password, is
            not told.
    """
    given = {key: entry[key] for key in KEYS if key in entry}
    if not given:
        return AS_USUAL
    for key, value in given.items():
        if not value:
            raise UsageError(f"{key} is empty", where=where, fix=f"leave {key} out, or fill it in")
    if "client_key" in given and "client_cert" not in given:
        raise UsageError(
            "there is a client_key without a client_cert",
            where=where,
            fix="add client_cert, the file of the certificate that the key belongs to",
        )
    _check_proxy(given.get("proxy", ""), where)
    folder = Path(source).parent
    files = {key: str(folder / Path(given[key]).expanduser()) for key in FILES if key in given}
    return Network(**files, proxy=given.get("proxy", ""), source=source)


def _check_proxy(url: str, where: str) -> None:
    if not url:
        return
    try:
        why = _objection(url)
    except ValueError:
        why = "its host or port makes no sense"
    if why:
        raise UsageError(
            "this proxy cannot be used",
            where=f"{where}.proxy",
            why=why,
            fix="give it as http://HOST:PORT; one with a password goes into HTTPS_PROXY",
        )


def _objection(url: str) -> str:
    """Return why the URL of a proxy is refused, or an empty text.

    Raises:
        ValueError: the host or the port makes no sense.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
        return "it does not begin with http:// or https:// and a host"
    if "@" in parts.netloc:
        return "it holds a user name or password, which must not be in the config file"
    if parts.path not in ("", "/") or parts.query or parts.fragment or not url.isprintable():
        return "it holds more than a host and a port"
    return ""
