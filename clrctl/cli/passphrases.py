"""The passphrase of a key file: from a file, the environment, or whoever sits at the terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from clrctl.cli.console import Console
from clrctl.cli.settings import Settings
from clrctl.errors import UsageError

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
