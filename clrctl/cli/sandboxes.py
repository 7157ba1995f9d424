"""The sandboxes of this user that run: a small file for each, in the data folder.

A file says what a sandbox said when it began. A killed one leaves its file behind: whether it
still runs has to be asked at its address, which is done elsewhere.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from clrctl.sandbox import is_loopback
from clrctl.util import atomic

_FOLDER = "sandboxes"
_LONGEST = 64 * 2**10


@dataclass(frozen=True, slots=True)
class Registration:
    """A sandbox that said that it runs.

    Attributes:
        url: its base URL, on this machine.
        pid: number of its process.
        database: file of its records, as an absolute path.
        store: id of what is in it.
        since: when it began, in Unix seconds.
        file: where this is written.
    """

    url: str
    pid: int
    database: str
    store: str
    since: float
    file: Path

    @property
    def port(self) -> int:
        """Port that it listens to."""
        return urlsplit(self.url).port or 80

    @property
    def is_process_alive(self) -> bool:
        """Whether there is a process of this number; False where none can be asked (Windows)."""
        if sys.platform == "win32":  # there the question would end the process
            return False
        try:
            os.kill(self.pid, 0)
        except OSError as problem:
            return isinstance(problem, PermissionError)
        return True


def registered(folder: Path) -> list[Registration]:
    """Return all registrations in the data folder, the newest first; others are passed over."""
    found = [_read(file) for file in (folder / _FOLDER).glob("*.json")]
    return sorted(filter(None, found), key=lambda each: each.since, reverse=True)


@contextlib.contextmanager
def registering(folder: Path, *, url: str, database: Path, store: str) -> Iterator[None]:
    """Register a sandbox of this process for the time of the context.

    Raises:
        InputError: the file cannot be written.
    """
    port = urlsplit(url).port
    file = folder / _FOLDER / f"{port}.json"
    entry = Registration(url, os.getpid(), os.path.abspath(database), store, time.time(), file)  # noqa: PTH100 - links stay
    with atomic.told(file, atomic.Words(what="cannot note that a sandbox runs")):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.parent.mkdir(mode=0o700, exist_ok=True)
    _write(entry)
    try:
        yield
    finally:
        mine = _read(file)
        # At the same port another one may have begun since.
        if mine is not None and (mine.pid, mine.since) == (entry.pid, entry.since):
            file.unlink(missing_ok=True)


def renew(folder: Path, database: Path, store: str) -> None:
    """Let the registrations of a database name the store that it has become.

    Raises:
        InputError: a file cannot be written.
    """
    for each in registered(folder):
        with contextlib.suppress(OSError):
            if Path(each.database).samefile(database):
                _write(replace(each, store=store))


def _write(entry: Registration) -> None:
    members = ("url", "pid", "database", "store", "since")
    text = orjson.dumps({name: getattr(entry, name) for name in members})
    atomic.replace(entry.file, text, mode=0o600)


def _read(file: Path) -> Registration | None:
    try:
        with file.open("rb") as stream:
            entry = orjson.loads(stream.read(_LONGEST))
        return _checked(entry, file)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _checked(entry: Any, file: Path) -> Registration | None:
    """Return the registration in a JSON value, or None where it is none of this machine's.

    Raises:
        ValueError, KeyError, TypeError: it is no registration at all.
    """
    url, database, store = (entry[name] for name in ("url", "database", "store"))
    if not all(isinstance(text, str) for text in (url, database, store)):
        return None
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.port or not is_loopback(parts.hostname or ""):
        return None
    return Registration(url, int(entry["pid"]), database, store, float(entry["since"]), file)
