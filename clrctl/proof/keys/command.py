"""Signing by a program of one's own, which reaches a key that cannot be handed out (KMS, HSM).

The protocol: the program is started without a shell for each signature, gets the bytes to be signed
on standard input, and writes the signature to standard output: raw, in hexadecimal or in base64;
of ECDSA as r and s one after the other, or in DER. It hashes the bytes itself, as its algorithm
asks (SHA-256 for P-256, SHA-384 for P-384; Ed25519 without a hash before it). Any exit code but 0
is a failure, and standard error says why. An answer is taken only if it verifies with the public
key.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import shlex
import subprocess
from collections.abc import Iterator

from clrctl.errors import InputError, TemporaryError, UsageError
from clrctl.proof.keys.public import PublicKey
from clrctl.proof.keys.secret import from_der

_LARGEST = 64 * 2**10
_SECONDS = 60


class CommandSigner:
    """A signer behind a program.

    Args:
        command: the program and its arguments, in shell syntax.
        public: the key that it signs with.

    Raises:
        UsageError: the command is empty, or its quotes do not match.
    """

    def __init__(self, command: str, public: PublicKey) -> None:
        self.public = public
        try:
            self._command = shlex.split(command)
        except ValueError as problem:
            raise UsageError("the signer command cannot be read", why=str(problem)) from None
        if not self._command:
            raise UsageError("the signer command is empty", fix="name a program")

    def sign(self, data: bytes) -> bytes:
        """Return the signature over some bytes.

        Raises:
            UsageError: the program cannot be started.
            InputError: it fails, or its answer is no signature by the public key.
            TemporaryError: it does not end.
        """
        answer = self._run(data)
        for signature in self._readings(answer):
            if self.public.verify(signature, data):
                return signature
        raise InputError(
            "what the signer command answered is no signature by this key",
            where=self._command[0],
            why=f"{len(answer):,} bytes that do not verify with the {self.public.kind} key given",
            fix="check that --key is the public key it signs with, and that it signs the bytes of "
            "its standard input",
        )

    def _run(self, data: bytes) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603 - the user's own program, without a shell
                self._command, input=data, capture_output=True, timeout=_SECONDS, check=False
            )
        except OSError as problem:
            raise UsageError(
                "the signer command cannot be started",
                where=self._command[0],
                why=problem.strerror or "",
            ) from None
        except subprocess.TimeoutExpired:
            raise TemporaryError(
                "the signer command does not answer",
                where=self._command[0],
                why=f"it was ended after {_SECONDS} seconds",
            ) from None
        if done.returncode:
            said = done.stderr[-1000:].decode("utf-8", "replace").strip()
            raise InputError(
                "the signer command failed",
                where=self._command[0],
                why=f"exit code {done.returncode}" + (f": {said}" if said else ""),
            )
        return done.stdout[:_LARGEST]

    def _readings(self, answer: bytes) -> Iterator[bytes]:
        """Yield what an answer may mean; that it verifies shows which one is meant."""
        texts = [answer, *_decoded(b"".join(answer.split()))]
        for text in texts:
            yield text
            if self.public.kind in ("P-256", "P-384"):
                try:
                    yield from_der(text, self.public.kind)
                except ValueError:
                    continue


def _decoded(word: bytes) -> Iterator[bytes]:
    """Yield what a word says in hexadecimal, base64 and base64url."""
    with contextlib.suppress(ValueError):
        yield bytes.fromhex(word.decode("ascii"))
    padded = word + b"=" * (-len(word) % 4)
    for alphabet in (b"+/", b"-_"):
        with contextlib.suppress(binascii.Error):
            yield base64.b64decode(padded, alphabet, validate=True)
