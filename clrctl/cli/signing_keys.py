"""The keys that a command line names, ready to sign with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from clrctl.cli import passphrases
from clrctl.cli.console import Console
from clrctl.errors import UsageError
from clrctl.proof import CommandSigner, files
from clrctl.signing import IssuerKey, key_of


def load(
    console: Console,
    names: Sequence[str],
    *,
    stdin: BinaryIO,
    passphrase_file: str | None = None,
    command: str | None = None,
    method: str | None = None,
) -> list[IssuerKey]:
    """Return the keys of some key files.

    Args:
        console: where a passphrase is asked for.
        names: what was given to `--key`, at least one.
        stdin: what `-` reads.
        passphrase_file: what was given to `--passphrase-file`.
        command: a program that signs; the one key is then public.
        method: the address of the one key, in the place of the one that its file names.

    Raises:
        UsageError: there is no key, or what was given contradicts itself.
        InputError: a key cannot be used; as `files.read`.
    """
    if not names:
        raise UsageError(
            "no key to sign with", fix="add --key FILE; clrctl key new issuer.jwk makes one"
        )
    if len(names) > 1 and (command or method):
        raise UsageError("--signer-cmd and --verification-method go with one --key")
    if method is not None and "#" not in method:
        raise UsageError(
            "a verification method is an URL with a fragment",
            where="--verification-method",
            fix="such as did:web:school.example#key-1",
        )
    found = []
    for name in names:
        get = passphrases.opening(console, name, file=passphrase_file, stdin=stdin)
        key = files.read(name, stdin=stdin, passphrase=get)
        if command is not None:
            signer = CommandSigner(command, key.public)
            found.append(IssuerKey(signer, method or key.method, name))
        else:
            own = key_of(key)
            found.append(IssuerKey(own.signer, method or own.method, name))
    return found
