"""How servers are reached: the certificates to trust, our own, and the proxy in between."""

from __future__ import annotations

import os
import ssl
import sys
import threading
from pathlib import Path
from typing import Final

from clrctl.errors import InputError, UsageError
from clrctl.http.network import AS_USUAL, Network

_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_LONGEST: Final = 2**20
_OWN_STORES: Final = ("darwin", "win32")


class Link:
    """How the clients of one endpoint reach its servers; for use by many threads.

    To be trusted, a server needs an authority of the `ca_file`; where none is set, of
    `SSL_CERT_FILE`, else of `SSL_CERT_DIR`, else of the system's trust store.

    Attributes:
        proxy: URL of the proxy to use; empty where the environment decides.
        has_certificate: a client certificate is set.

    Args:
        network: the settings.
        trust: takes the place of all certificates that the settings name.

    Raises:
        InputError: a file that the settings name cannot be read, or is not what it should be.
        UsageError: the environment names a certificate file that cannot be used.
    """

    def __init__(self, network: Network = AS_USUAL, *, trust: ssl.SSLContext | None = None) -> None:
        self.proxy = network.proxy
        self.has_certificate = bool(network.client_cert)
        self._network = network
        self._lock = threading.Lock()
        self._shared = trust
        # All that a person has set is looked at now. The system's store cannot be wrong, and takes
        # longer to load than a request to this machine.
        if trust is None and (network.ca_file or network.client_cert or _variable()):
            self.context()

    def context(self) -> ssl.SSLContext:
        """Return what connections are secured with; loading it takes some hundredths of a second.

        Raises:
            ClrctlError: as the constructor.
        """
        with self._lock:
            if self._shared is not None:
                return self._shared
            context, is_sharable = _trusting(self._network)
            # Python would write the keys of every connection to the file that SSLKEYLOGFILE names.
            context.keylog_filename = None  # type: ignore[assignment]
            if self._network.client_cert:
                _add_certificate(context, self._network)
            if is_sharable:
                self._shared = context
            return context


def _trusting(network: Network) -> tuple[ssl.SSLContext, bool]:
    """Return a context that trusts whom it should, and whether threads can share it well."""
    if network.ca_file:
        return _of_file(network), True
    if variable := _variable():
        return _of_environment(variable), True
    # OpenSSL knows the store of the system where Python was built for it. Of the stores of macOS
    # and Windows, and of Pythons that come ready-made, truststore knows; its contexts make one
    # handshake at a time.
    if sys.platform not in _OWN_STORES and ssl.get_default_verify_paths().cafile:
        return ssl.create_default_context(), True
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT), False


def _of_file(network: Network) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=network.ca_file)
    except OSError as problem:
        raise _unusable("ca_file", network.ca_file, network, _why(problem)) from None


def _of_environment(variable: str) -> ssl.SSLContext:
    named = os.environ[variable]
    try:
        if variable == "SSL_CERT_FILE":
            return ssl.create_default_context(cafile=named)
        return ssl.create_default_context(capath=named)
    except OSError as problem:
        raise UsageError(
            "the certificate file cannot be used",
            where=f"{named} ({variable})",
            why=_why(problem),
            fix=f"name certificates in PEM form, or unset {variable}",
        ) from None


def _variable() -> str:
    return next((name for name in _VARIABLES if os.environ.get(name)), "")


def _add_certificate(context: ssl.SSLContext, network: Network) -> None:
    certificate = network.client_cert
    setting, key = "client_key", network.client_key
    if not key:
        setting, key = "client_cert", certificate
    if b"CERTIFICATE-----" not in _contents("client_cert", certificate, network):
        raise _unusable("client_cert", certificate, network, "it holds no certificate in PEM form")
    if b"PRIVATE KEY-----" not in _contents(setting, key, network):
        raise _no_key(setting, key, network)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except _EncryptedError:
        raise InputError(
            "the key of the client certificate is encrypted",
            where=_where(setting, key, network),
            why="a program that runs unattended has nobody to ask for the passphrase",
            fix=f"store it without: openssl pkey -in {key} -out FILE; chmod 600 FILE",
        ) from None
    except (OSError, ValueError) as problem:
        if getattr(problem, "reason", "") == "KEY_VALUES_MISMATCH":
            raise InputError(
                "the client certificate and the key do not belong together",
                where=_where("client_cert", certificate, network),
                why=f"{key} is the key of another certificate",
                fix="name the key that the certificate was issued for as client_key",
            ) from None
        raise InputError(
            "the client certificate cannot be used",
            where=f"{certificate} and {key} ({network.source})",
            why=_why(problem) if isinstance(problem, OSError) else str(problem),
            fix="get both files again from whoever issued them, in PEM form",
        ) from None


def _no_key(setting: str, name: str, network: Network) -> InputError:
    if network.client_key:
        return _unusable(setting, name, network, "it holds no private key in PEM form")
    return InputError(
        "there is no client_key, and client_cert holds no private key",
        where=_where(setting, name, network),
        why="a certificate is of use only together with its key",
        fix="add client_key, the file of the private key",
    )


def _contents(setting: str, name: str, network: Network) -> bytes:
    try:
        with Path(name).open("rb") as file:
            return file.read(_LONGEST)
    except OSError as problem:
        raise _unusable(setting, name, network, _why(problem)) from None


def _unusable(setting: str, name: str, network: Network, why: str) -> InputError:
    return InputError(
        f"{setting} cannot be used",
        where=_where(setting, name, network),
        why=why,
        fix="name a file in PEM form; names are relative to the folder of the config file",
    )


def _where(setting: str, name: str, network: Network) -> str:
    return f"{name} ({setting} in {network.source})"


def _why(problem: OSError) -> str:
    if isinstance(problem, ssl.SSLError):
        said = (problem.reason or "").replace("_", " ").lower()
        return f"it cannot be read as PEM ({said})" if said else "it cannot be read as PEM"
    return problem.strerror or type(problem).__name__


class _EncryptedError(Exception):
    """A key has a passphrase."""


def _no_password() -> str:
    raise _EncryptedError
