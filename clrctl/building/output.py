"""Where built records go: a folder with a file for each learner, or one file.

A file is written whole or not at all, and only when what it says has changed. What a build did
not write, or somebody has changed since, is not replaced unasked.
"""

from __future__ import annotations

import functools
import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from clrctl.building import lockfile as locks
from clrctl.building.lockfile import Locked
from clrctl.building.problems import NotBuilt, Problem
from clrctl.building.run import Built
from clrctl.document import parse
from clrctl.errors import InputError
from clrctl.finding import Json
from clrctl.standard import instant
from clrctl.util import atomic

SUFFIX = ".clr.json"
_LONGEST = 120
_PLAIN = frozenset("-_.@+ ")
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))]
)


class FileState(StrEnum):
    """How a record stands to the file that was there."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Placed:
    """A record that has its place.

    Attributes:
        built: the record.
        state: how it stands to what was there.
        path: its file; empty for standard output.
        pointers: JSON Pointers to what differs, where it is not written but told.
        warning: what its author should do about it; may be empty.
    """

    built: Built
    state: FileState
    path: str = ""
    pointers: tuple[str, ...] = ()
    warning: str = ""


@dataclass(frozen=True, slots=True)
class OutputRefusal:
    """Why a record may not be put where it belongs, and what to do then."""

    message: str
    fix: str

    def of(self, built: Built) -> NotBuilt:
        """Return it as what became of the record."""
        problem = Problem(self.message, built.place, self.fix)
        return NotBuilt(built.learner, (problem,))


class Output(Protocol):
    """Takes the records of a build."""

    def put(self, built: Built) -> Placed | NotBuilt:
        """Write a record, unless it is there already or may not be written.

        Raises:
            InputError: it cannot be written.
        """

    def missed(self, learner: str) -> None:
        """Record a learner whose record could not be built."""

    def finish(self) -> tuple[str, ...]:
        """End the build; return the files of learners whom it did not have.

        Raises:
            InputError: the lock cannot be written.
        """


class OutputFile:
    """One file for one record: it is replaced by a later version of the same record only."""

    def __init__(self, path: Path, *, force: bool = False, dry: bool = False) -> None:
        self._path = path
        self._force = force
        self._dry = dry

    def put(self, built: Built) -> Placed | NotBuilt:
        """Write the record; raises as the protocol says."""
        before = _existing(self._path)
        name = str(self._path)
        if before is not None and before.raw == built.text:
            return Placed(built, FileState.UNCHANGED, name)
        if before is not None and not self._force:
            if before.id != built.id:
                return _other(name, before).of(built)
            if before.is_signed and before.says(built):
                return Placed(built, FileState.UNCHANGED, name)
        warning = "" if before is None else _stale(before, built)
        return _written(self._path, built, before, dry=self._dry, warning=warning)

    def missed(self, learner: str) -> None:
        """Do nothing: there is no other learner."""

    def finish(self) -> tuple[str, ...]:
        """End the build."""
        return ()


class OutputFolder:
    """A folder with one file for each learner, and the lock that knows them.

    Args:
        path: created where it is missing.
        secret: fingerprint of the secret of this build.
        force: replace what could not be replaced otherwise, and write what did not change.
        dry: write nothing, and tell what would be written.

    Raises:
        InputError: the lock cannot be read.
        UsageError: the folder was built with another secret.
    """

    def __init__(self, path: Path, secret: str, *, force: bool = False, dry: bool = False) -> None:
        self._path = path
        self._force = force
        self._dry = dry
        self._lock = locks.read(path, secret)
        self._learners: dict[str, str] = {}
        self._placed: set[str] = set()

    def put(self, built: Built) -> Placed | NotBuilt:
        """Write a record; raises as the protocol says."""
        name = file_name(built.learner)
        refusal = self._clash(name, built.learner)
        if refusal is not None:
            return refusal.of(built)
        path = self._path / name
        before, known = _existing(path), self._lock.entries.get(name)
        now = Locked(built.id, built.valid_from, built.digest)
        if not self._force:
            if refusal := _refusal(path, before, known, now):
                return refusal.of(built)
            if before is not None and before.digest == now.digest and before.id == now.id:
                self._lock.entries[name] = Locked(before.id, before.valid_from, now.digest)
                return Placed(built, FileState.UNCHANGED, str(path))
        placed = _written(path, built, before, dry=self._dry)
        self._lock.entries[name] = now
        return placed

    def _clash(self, name: str, learner: str) -> OutputRefusal | None:
        """Return why a name is taken in this build; on some systems case does not count."""
        taken = self._learners.setdefault(name.casefold(), learner)
        if taken != learner:
            message = f"the learners {taken} and {learner} would have one file, {name}"
        elif name in self._placed:
            message = f"the learner {learner} has two records, which would have one file, {name}"
        else:
            self._placed.add(name)
            return None
        return OutputRefusal(message, "build them into folders of their own")

    def missed(self, learner: str) -> None:
        """Record a learner whose record could not be built: what is there is not gone."""
        self._learners.setdefault(file_name(learner).casefold(), learner)

    def finish(self) -> tuple[str, ...]:
        """Write the lock, and return the files of learners whom the build did not have."""
        if self._lock.entries and not self._dry:
            self._lock.write()
        names = (name for name in self._lock.entries if name.casefold() not in self._learners)
        return tuple(str(self._path / name) for name in sorted(names))


def file_name(key: str) -> str:
    """Return the name of a learner's file, which no file system misunderstands.

    Different keys have different names; what is no letter, digit or plain mark is percent-encoded.
    """
    normal = unicodedata.normalize("NFC", key)
    name = "".join(
        char if char.isalnum() or char in _PLAIN else quote(char, safe="") for char in normal
    )
    if name[:1] in ("", ".", " ", "-") or name.partition(".")[0].lower() in _DEVICES:
        name = f"_{name}"
    if len(name.encode()) > _LONGEST:
        digest = hashlib.sha256(normal.encode()).hexdigest()[:16]
        name = f"{name.encode()[:_LONGEST].decode(errors='ignore')}-{digest}"
    return name + SUFFIX


class _Existing:
    """A file that is there already; what is no credential has no id."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    @functools.cached_property
    def data(self) -> dict[str, Json]:
        data = parse(self.raw, syntax="json").data
        return data if isinstance(data, dict) else {}

    @functools.cached_property
    def digest(self) -> str:
        return locks.digest(self.data)

    @property
    def id(self) -> str:
        return str(self.data.get("id", ""))

    @property
    def valid_from(self) -> str:
        return str(self.data.get("validFrom", ""))

    @property
    def is_signed(self) -> bool:
        return bool(self.data.get("proof"))

    def says(self, built: Built) -> bool:
        """Return whether it says the same, of the same day."""
        same = self.digest == built.digest
        return same and self.valid_from == built.valid_from


def _existing(path: Path) -> _Existing | None:
    try:
        return _Existing(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise InputError(
            "the file that is there cannot be read", where=str(path), why=problem.strerror or ""
        ) from None


def _refusal(
    path: Path, before: _Existing | None, known: Locked | None, now: Locked
) -> OutputRefusal | None:
    """Return why the file of a record may not be replaced, None where it may."""
    if known is None:
        foreign = before is not None and (before.id, before.digest) != (now.id, now.digest)
        return _other(str(path), before) if foreign and before else None
    if known.id != now.id:
        return OutputRefusal(
            f"{path} holds another record of this learner: the id would change",
            "the issuer's id, the record's key or a template of ids is not that of the earlier "
            "build: change it back, or build into another folder",
        )
    if before is not None and before.digest not in (known.digest, now.digest):
        return OutputRefusal(
            f"{path} was changed after it was built",
            "make that change in the source, or add --force to lose it",
        )
    if known.digest != now.digest and not _is_later(now.valid_from, known.valid_from):
        return OutputRefusal(
            f"what it says has changed since validFrom {known.valid_from}, and "
            f"{now.valid_from} is not later: whoever has the earlier version may keep it",
            "raise as_of, or give a later day by --as-of; add --force if the earlier version "
            "was never uploaded",
        )
    return None


def _other(path: str, before: _Existing) -> OutputRefusal:
    if not before.id:
        return OutputRefusal(
            f"{path} exists, and is no record", "name another file, or add --force"
        )
    return OutputRefusal(
        f"{path} exists, and holds another record: {before.id}",
        "name another file, or add --force; the same source gives the same id only with the "
        "same secret and issuer",
    )


def _stale(before: _Existing, built: Built) -> str:
    """Return a warning about replacing an earlier version, or an empty text."""
    if before.digest == built.digest:
        return ""
    if not _is_later(built.valid_from, before.valid_from):
        return (
            "what it says has changed, and validFrom has not: raise as_of before it is uploaded "
            "again"
        )
    return "the earlier version was signed: sign this one too" if before.is_signed else ""


def _is_later(one: str, other: str) -> bool:
    now, then = instant(one), instant(other)
    return now is not None and (then is None or then < now)


def _written(
    path: Path, built: Built, before: _Existing | None, *, dry: bool, warning: str = ""
) -> Placed:
    state = FileState.NEW if before is None else FileState.CHANGED
    if before is not None and before.raw == built.text:
        state = FileState.UNCHANGED
    if dry:
        pointers = tuple(_changes(before, built)) if before is not None else ()
        return Placed(built, state, str(path), pointers, warning)
    if state is not FileState.UNCHANGED:
        words = atomic.Words("cannot write the record")
        with atomic.told(path, words):
            path.parent.mkdir(parents=True, exist_ok=True)
        atomic.replace(path, built.text, words=words)
    return Placed(built, state, str(path), warning=warning)


def _changes(before: _Existing, built: Built) -> Iterator[str]:
    from clrctl.checking import comparison

    for change in comparison.compare(before.data, parse(built.text, syntax="json").data):
        yield change.there or change.pointer
