"""What can go wrong, and whose turn it is then.

An invalid credential is a result (`clrctl.finding`), not an exception. The exceptions here mean
that a command cannot do its work; each knows its exit code and what the reader can do next.
This module knows nothing of streams, files or servers.

    ClrctlError
      UsageError      2   a flag, a setting or a combination of them
      InputError      3   a file that cannot be found, read or written
      AuthError       4   no token, or one that the server refuses
      TemporaryError  5   the same command may succeed later
      RefusedError    6   the server said no, or answered what cannot be understood
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Any


class ExitCode(enum.IntEnum):
    """The exit codes of every command; each value's docstring is its line in the help."""

    def __new__(cls, value: int, doc: str) -> ExitCode:
        """Keep the description beside the number."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.__doc__ = doc
        return member

    OK = 0, "done; warnings do not change this unless --strict is given"
    INVALID = 1, "a credential has errors: its author has to correct it"
    USAGE = 2, "the command line or a setting is wrong"
    INPUT = 3, "a file cannot be found, read or written"
    AUTH = 4, "no token, or the endpoint refuses it"
    TEMPORARY = 5, "no connection or a busy server: run the same command again later"
    REFUSED = 6, "the endpoint refused the credential, or its answer makes no sense"
    UNDECIDED = 7, "not known whether a credential is valid: a key or a document is missing"
    INTERNAL = 70, "a fault in clrctl itself"
    CANCELLED = 130, "interrupted with Ctrl-C"
    BROKEN_PIPE = 141, "the reader of the output went away"
    TERMINATED = 143, "ended by SIGTERM"


class ClrctlError(Exception):
    """An error in up to four parts.

    Attributes:
        what: what went wrong, in the reader's words: small first letter, no full stop.
        where: a file and line, an URL, or a setting together with its source.
        why: the cause as received, shortened and free of secrets.
        fix: what to do next, best something that can be typed.
        source: of an error in an iterator of results, the input that it is about.
    """

    exit_code: ExitCode = ExitCode.INTERNAL
    source: str = ""

    def __init__(self, what: str, *, where: str = "", why: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.why = why
        self.fix = fix

    def __str__(self) -> str:
        """Return all of it in one line, for programs that show no more than that."""
        said = ": ".join(filter(None, (self.what, self.where, self.why)))
        return f"{said} ({self.fix})" if self.fix else said

    def __reduce__(self) -> tuple[Any, ...]:
        # Kinds of their own take other arguments: what was made of those is what counts.
        return _again, (type(self), self.args, self.__dict__)


def _again(kind: type[ClrctlError], args: tuple[Any, ...], state: dict[str, Any]) -> ClrctlError:
    """Return an error that was pickled, whatever its kind asks for."""
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class UsageError(ClrctlError):
    """A flag, a setting, or a combination of them cannot be used."""

    exit_code = ExitCode.USAGE


class InputError(ClrctlError):
    """A file cannot be found, read or written."""

    exit_code = ExitCode.INPUT


class AuthError(ClrctlError):
    """There is no token, or the endpoint refuses the one it got."""

    exit_code = ExitCode.AUTH


class TemporaryError(ClrctlError):
    """Nothing is wrong with the request: the same command may succeed later."""

    exit_code = ExitCode.TEMPORARY


class RefusedError(ClrctlError):
    """The server refused the request, or answered what cannot be understood."""

    exit_code = ExitCode.REFUSED


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the exit code of a run from those of its parts.

    One kind of failure keeps its code; of several, the first of internal, auth, refused,
    invalid, usage, input, undecided, temporary wins, so that "temporary" always promises that
    running the same command again may be enough.
    """
    seen = set(codes)
    order = ("INTERNAL", "AUTH", "REFUSED", "INVALID", "USAGE", "INPUT", "UNDECIDED", "TEMPORARY")
    return next((ExitCode[name] for name in order if ExitCode[name] in seen), ExitCode.OK)
