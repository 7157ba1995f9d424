"""The journal's file: where it lies, who may write to it, and whether it can be trusted.

What its rows mean is known elsewhere. SQLite's own errors do not leave this module.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from clrctl.errors import InputError, TemporaryError, UsageError
from clrctl.sending.journal.statements import APPLICATION_ID, FORMAT, TABLES
from clrctl.util import Lock, LockHeld

_BUSY_SECONDS = 5.0
_AWAY = "move the file away: everything is sent again, which does no harm"
# What the system refuses; of every other error the file itself is the cause.
_SYSTEM = tuple(f"SQLITE_{name}" for name in ("FULL", "IOERR", "READONLY", "CANTOPEN", "BUSY"))


def path_of(folder: Path, base: str) -> Path:
    """Return where in the data folder the journal of an endpoint lies.

    Args:
        folder: the data folder.
        base: the endpoint's base URL, or another name of what the journal is of.
    """
    named = (urlsplit(base).netloc or base).lower()
    name = re.sub(r"[^a-z0-9.-]+", "_", named)
    mark = hashlib.sha256(base.encode()).hexdigest()[:8]
    return folder / "journal" / f"{name}-{mark}.db"


class JournalFile:
    """An open journal; for use by many threads.

    Args:
        path: the file.
        writable: whether to write: it is created where it is missing (mode 0600, in a folder of
            0700), and locked against other processes until it is closed.

    Raises:
        TemporaryError: another process writes to it.
        InputError: it cannot be used, or is damaged; it stays as it is.
        UsageError: another version of clrctl wrote it.
    """

    def __init__(self, path: Path, *, writable: bool) -> None:
        self._path = path
        self._threads = threading.RLock()
        self._processes = _seized(path) if writable else None
        self._db: sqlite3.Connection | None = None
        try:
            with self._explaining():
                self._db = _connected(path, "rw" if writable else "ro")
            self._check()
        except BaseException:
            self.close()
            raise

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever written to it."""
        with self.using() as db:
            return not _value(db, "SELECT count(*) FROM sqlite_master")

    def create(self, base: str) -> None:
        """Make a new file the journal of an endpoint."""
        with self.using() as db:
            # In this mode a commit costs no wait for the disk, and no kill undoes it.
            db.execute("PRAGMA journal_mode = WAL")
        with self.transaction() as db:
            for statement in TABLES:
                db.execute(statement)
            db.execute("INSERT INTO meta VALUES ('base', ?)", (base,))

    def check_base(self, base: str) -> None:
        """Refuse to take one endpoint's journal for another's.

        Raises:
            UsageError: it is another endpoint's.
        """
        noted = self.meta("base")
        if noted != base:
            raise UsageError(
                f"this is the journal of another endpoint: {noted}",
                where=str(self._path),
                fix="give it back its name, or " + _AWAY,
            )

    def check_client(self, client: str) -> None:
        """Note the client of the first run, and refuse any other.

        Raises:
            UsageError: it is another client's.
        """
        noted = self.meta("client")
        if noted is None:
            self.set_meta("client", client)
        elif noted != client:
            raise UsageError(
                "other credentials were used for this endpoint before",
                where=str(self._path),
                why=f"{_client(noted)} then, {_client(client)} now: what one stored, the other "
                "may not see",
                fix="use the same again, or " + _AWAY,
            )

    def meta(self, name: str) -> str | float | None:
        """Return what is noted of the journal as a whole, or None."""
        with self.using() as db:
            row = db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
            return row[0] if row else None

    def set_meta(self, name: str, value: str | float | None) -> None:
        """Note something of the journal as a whole."""
        with self.using() as db:
            db.execute("REPLACE INTO meta VALUES (?, ?)", (name, value))

    @contextlib.contextmanager
    def using(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection to one thread at a time.

        Raises:
            InputError: the system does not let it be read or written, or it is damaged.
        """
        with self._threads, self._explaining():
            if self._db is None:
                raise ValueError("the journal is closed")
            yield self._db

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Lend the connection for statements that are all carried out, or none of them.

        Within another one it is a part of that.
        """
        with self.using() as db:
            is_part = db.in_transaction
            if is_part:
                yield db
                return
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Write everything to the disk and let others in; calling it twice does no harm."""
        with self._threads:
            if self._db is not None:
                # What does not fit there now is safe in the log that lies beside the file.
                with contextlib.suppress(InputError), self._explaining():
                    self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                self._db.close()
            if self._processes is not None:
                self._processes.release()
            self._db = self._processes = None

    def _check(self) -> None:
        with self.using() as db:
            for pragma in ("synchronous = NORMAL", "foreign_keys = ON"):
                db.execute(f"PRAGMA {pragma}")
            told = _value(db, "PRAGMA integrity_check(1)")
            owner, version = (_value(db, f"PRAGMA {n}") for n in ("application_id", "user_version"))
        if told != "ok" or (not self.is_new and owner != APPLICATION_ID):
            raise self._damaged("SQLite finds it malformed" if told != "ok" else "it is no journal")
        if not self.is_new and version != FORMAT:
            raise UsageError(
                "another version of clrctl wrote the journal",
                where=str(self._path),
                why=f"its format is {version}, this version uses {FORMAT}",
                fix=_AWAY,
            )

    def _damaged(self, why: str) -> InputError:
        return InputError("the journal is damaged", where=str(self._path), why=why, fix=_AWAY)

    @contextlib.contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except UnicodeDecodeError:
            # SQLite's words may quote damaged text.
            raise self._damaged("it holds text that is not valid") from None
        except sqlite3.Error as error:
            if not getattr(error, "sqlite_errorname", "").startswith(_SYSTEM):
                raise self._damaged(str(error)) from None
            raise InputError(
                "cannot use the journal",
                where=str(self._path),
                why=str(error),
                fix="make room, or let it be written, and run the same command again",
            ) from None


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=_BUSY_SECONDS,
        check_same_thread=False,
        isolation_level=None,
    )


def _seized(path: Path) -> Lock:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = Lock(path.with_suffix(".lock"))
    except LockHeld as held:
        raise TemporaryError(
            "another clrctl is uploading to this endpoint",
            where=f"process {held.holder}" if held.holder else "",
            fix="wait for it to end, then run the same command again",
        ) from None
    except OSError as problem:
        raise _unusable(path, problem) from None
    try:
        # SQLite gives its side files the mode of the file, but would create that one 0644.
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        os.close(os.open(path, flags, 0o600))
    except OSError as problem:
        lock.release()
        raise _unusable(path, problem) from None
    return lock


def _unusable(path: Path, problem: OSError) -> InputError:
    return InputError(
        "cannot keep a journal",
        where=str(problem.filename or path),
        why=problem.strerror or "",
        fix="set CLRCTL_DATA to a folder that can be written",
    )


def _value(db: sqlite3.Connection, sql: str) -> object:
    return db.execute(sql).fetchone()[0]


def _client(name: str | float) -> str:
    return f"client {name}" if name else "a token"
