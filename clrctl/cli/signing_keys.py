"""The keys that a command line names, ready to sign with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO

from clrctl.cli.console import Console
from clrctl.cli.settings import Settings
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
        get = opening(console, name, file=passphrase_file, stdin=stdin)
        key = files.read(name, stdin=stdin, passphrase=get)
        if command is not None:
            signer = CommandSigner(command, key.public)
            found.append(IssuerKey(signer, method or key.method, name))
        else:
            own = key_of(key)
            found.append(IssuerKey(own.signer, method or own.method, name))
    return found


SHORTEST = 8


def opening(
    console: Console, name: str, *, file: str | None, stdin: BinaryIO
) -> Callable[[], bytes | None]:
    """Return a function that gets the passphrase to open a key with, when it is needed.

    It returns None where there is none and nobody can be asked.

    Args:
        console: where a person is asked.
        name: the name of the key file.
        file: what was given to `--passphrase-file`.
        stdin: standard input.
    """

    def get() -> bytes | None:
        given = Settings().passphrase(file, stdin)
        if given is not None:
            return given
        typed = console.ask_secret(f"Passphrase of {name}:")
        return None if typed is None else typed.encode()

    return get


def for_new_key(console: Console, *, file: str | None, stdin: BinaryIO) -> bytes:
    """Return the passphrase to protect a new key with; a person has to type it twice.

    Raises:
        UsageError: there is none and nobody can be asked, it is too short, or was mistyped.
    """
    given = Settings().passphrase(file, stdin)
    if given is None:
        typed = console.ask_secret("Passphrase for the new key:")
        if typed is None:
            raise UsageError(
                "a new key is encrypted, and no passphrase was given",
                fix="add --passphrase-file FILE, set CLRCTL_KEY_PASSPHRASE, or add "
                "--no-passphrase to write it unprotected",
            )
        if typed != console.ask_secret("The same again:"):
            raise UsageError("the passphrases differ", fix="nothing was written: try again")
        given = typed.encode()
    if len(given) < SHORTEST:
        raise UsageError(
            "this passphrase is too short",
            why=f"it has fewer than {SHORTEST} characters",
            fix="take several words, or add --no-passphrase",
        )
    return given
