"""`clrctl.lock`: what a build wrote into a folder, so that the next one changes only what it must.

Ids depend on the secret and on the issuer: a build with others would give every learner a second
record, and is stopped. A record whose content did not change keeps its file and its `validFrom`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from clrctl.document import parse
from clrctl.errors import InputError, UsageError
from clrctl.finding import Json
from clrctl.util import atomic

NAME = "clrctl.lock"
FORMAT = "clrctl.lock/1"

_UNCOUNTED = ("validFrom", "awardedDate", "proof")
"""What does not count as content: dates of the issue, and what a signer adds."""


@dataclass(frozen=True, slots=True)
class Locked:
    """What is known of one file.

    Attributes:
        id: id of the record in it.
        valid_from: its `validFrom`.
        digest: of its content.
    """

    id: str
    valid_from: str
    digest: str


@dataclass(slots=True)
class BuildLock:
    """What builds wrote into a folder.

    Attributes:
        path: the lock's own file.
        secret: fingerprint of the secret that ids depend on; empty without one.
        entries: the files by name.
        known: whether there was a lock before this build.
    """

    path: Path
    secret: str
    entries: dict[str, Locked] = field(default_factory=dict)
    known: bool = False

    def write(self) -> None:
        """Write it, sorted, so that it makes small diffs.

        Raises:
            InputError: it cannot be written.
        """
        records = {
            name: {"id": one.id, "validFrom": one.valid_from, "digest": one.digest}
            for name, one in sorted(self.entries.items())
        }
        data = {"format": FORMAT, "secret": self.secret, "records": records}
        text = orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        if not (self.path.exists() and self.path.read_bytes() == text):
            atomic.replace(self.path, text)


def read(folder: Path, secret: str) -> BuildLock:
    """Return the lock of a folder; a new one where there is none.

    Args:
        folder: where the records lie.
        secret: fingerprint of the secret of this build.

    Raises:
        InputError: it cannot be read, or is broken.
        UsageError: the folder was built with another secret.
    """
    path = folder / NAME
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return BuildLock(path, secret)
    except OSError as problem:
        raise InputError("cannot be read", where=str(path), why=problem.strerror or "") from None
    data = parse(raw, source=str(path), syntax="json").data
    try:
        known = {FORMAT: str(data["secret"])}[data["format"]]
        entries = {
            name: Locked(str(one["id"]), str(one["validFrom"]), str(one["digest"]))
            for name, one in data["records"].items()
        }
    except (TypeError, KeyError, AttributeError):
        raise InputError(
            "the lock is broken, or of another version",
            where=str(path),
            fix="restore it from a backup, or remove it together with the records beside it",
        ) from None
    if known != secret:
        raise UsageError(
            _what(known, secret),
            where=str(path),
            why=f"ids depend on it: every learner would get a second record (fingerprint "
            f"{known or 'of no secret'}, now {secret or 'none'})",
            fix="give the secret of the earlier builds by CLRCTL_ID_SECRET or --secret-file; "
            "to give everybody new ids on purpose, build into another folder",
        )
    return BuildLock(path, secret, entries, known=True)


def _what(known: str, secret: str) -> str:
    if not secret:
        return "the secret of the earlier builds is missing"
    return f"the records were built with{' another' if known else 'out a'} secret"


def digest(data: Json) -> str:
    """Return the digest of a record's content: what it says, whenever it was issued."""
    content = {name: item for name, item in data.items() if name not in _UNCOUNTED}
    text = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return f"sha256:{hashlib.sha256(text).hexdigest()}"
