"""Keeps credentials and tokens in one SQLite file, byte for byte as they came.

It knows nothing of HTTP, and of a credential only what an `Entry` says. One store may be used by
several threads, one file by several processes.
"""

from __future__ import annotations

import contextlib
import enum
import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self, TypeAlias

from clrctl.errors import InputError

_APPLICATION_ID = int.from_bytes(b"CLRs")
_FORMAT = 1
_BUSY_SECONDS = 10.0

_Value: TypeAlias = str | bytes | int | float | None
_Run: TypeAlias = Callable[..., sqlite3.Cursor]

_TABLES = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS record (
    number INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    issuer_id TEXT NOT NULL,
    credential_id TEXT NOT NULL,
    issuer_name TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    issued REAL,
    stored REAL NOT NULL,
    updates INTEGER NOT NULL,
    raw BLOB NOT NULL
);
CREATE VIEW IF NOT EXISTS summary AS
    SELECT number, key, issuer_id, credential_id, issuer_name, subject, name, valid_from, issued,
           stored, updates, length(raw) AS size
    FROM record;
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO meta VALUES ('store', lower(hex(randomblob(16))));
CREATE TABLE IF NOT EXISTS token (digest BLOB PRIMARY KEY, expires REAL NOT NULL) WITHOUT ROWID;
"""
_MARKS = f"""
PRAGMA application_id = {_APPLICATION_ID};
PRAGMA user_version = {_FORMAT};
COMMIT;
"""


_READ_ID = "SELECT value FROM meta WHERE name = 'store'"


@dataclass(frozen=True, slots=True)
class CredentialEntry:
    """What the store has to know of a credential; a text that is not there is empty.

    Attributes:
        issuer_id: with `credential_id` the identity of the record.
        credential_id: the credential's `id`.
        issuer_name: name of the issuer.
        subject: id of the learner.
        name: the credential's name.
        valid_from: the instant of issue as written.
        issued: the same instant in seconds since 1970; None where it cannot be read.
    """

    issuer_id: str
    credential_id: str
    issuer_name: str
    subject: str
    name: str
    valid_from: str
    issued: float | None


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One stored credential, without its bytes.

    Attributes:
        key: digest of issuer and credential id, fit for an URL.
        entry: what it is.
        stored: when its bytes last changed, in UTC.
        updates: how often its bytes changed since it was created.
        size: length in bytes.
    """

    key: str
    entry: CredentialEntry
    stored: datetime
    updates: int
    size: int


class StoreOutcome(enum.StrEnum):
    """What `Store.put` did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


class Store:
    """A file of credentials and tokens; `close` it or use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Open the file, creating it (mode 0600) and its folder (0700) where needed.

        Raises:
            InputError: the file cannot be opened, is not a sandbox's or is of another format.
        """
        self.path = path
        self._lock = threading.Lock()
        self._connection = _open(path)

    @staticmethod
    def peek(path: Path) -> str:
        """Return the id of the store in a file, which is neither made nor changed.

        Returns:
            The id; empty where there is no file, no store, or one of before that has none yet.
        """
        if not path.is_file():
            return ""
        try:
            opened = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
            with contextlib.closing(opened) as connection:
                row = connection.execute(_READ_ID).fetchone()
        except sqlite3.Error:
            return ""
        return str(row[0]) if row else ""

    @property
    def id(self) -> str:
        """Which store this is: 32 random hexadecimal digits, made with the file or by `reset`.

        It is read anew each time, since another process may have reset it.
        """
        return str(self._query(_READ_ID)[0][0])

    def reset(self) -> int:
        """Remove all credentials, leave nothing of them in the file, and become another store.

        Returns:
            The number of credentials removed.
        """
        with self._transaction() as run:
            number = run("DELETE FROM record").rowcount
            run("UPDATE meta SET value = lower(hex(randomblob(16))) WHERE name = 'store'")
        with self._lock:
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        return number

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; calling it twice does no harm."""
        with self._lock:
            self._connection.close()

    def put(self, entry: CredentialEntry, raw: bytes, now: datetime) -> StoreOutcome:
        """Insert a credential, or replace the one of the same issuer and id.

        Equal bytes leave the record as it is, its time included.
        """
        key = key_of(entry.issuer_id, entry.credential_id)
        with self._transaction() as run:
            old = run("SELECT raw FROM record WHERE key = ?", key).fetchone()
            if old is not None and old[0] == raw:
                return StoreOutcome.UNCHANGED
            run(
                "INSERT INTO record (key, issuer_id, credential_id, issuer_name, subject, name,"
                " valid_from, issued, stored, updates, raw) VALUES (?,?,?,?,?,?,?,?,?,0,?)"
                " ON CONFLICT (key) DO UPDATE SET issuer_name = excluded.issuer_name,"
                " subject = excluded.subject, name = excluded.name,"
                " valid_from = excluded.valid_from, issued = excluded.issued,"
                " stored = excluded.stored, updates = updates + 1, raw = excluded.raw",
                key,
                entry.issuer_id,
                entry.credential_id,
                entry.issuer_name,
                entry.subject,
                entry.name,
                entry.valid_from,
                entry.issued,
                now.timestamp(),
                raw,
            )
        return StoreOutcome.CREATED if old is None else StoreOutcome.UPDATED

    def get(self, key: str) -> tuple[StoredRecord, bytes] | None:
        """Return the record of a key together with its bytes, or None."""
        sql = "SELECT summary.*, raw FROM summary JOIN record USING (key) WHERE key = ?"
        rows = self._query(sql, key)
        return (_record(rows[0]), rows[0]["raw"]) if rows else None

    def raw(self, issuer_id: str, credential_id: str) -> bytes | None:
        """Return the bytes stored for an issuer and a credential id, or None."""
        found = self.get(key_of(issuer_id, credential_id))
        return None if found is None else found[1]

    def latest(self, *, limit: int, offset: int = 0) -> list[StoredRecord]:
        """Return a slice of all records, the one stored last coming first."""
        sql = "SELECT * FROM summary ORDER BY stored DESC, number DESC LIMIT ? OFFSET ?"
        return [_record(row) for row in self._query(sql, limit, offset)]

    def raws(self, *, limit: int, offset: int = 0, since: datetime | None = None) -> list[bytes]:
        """Return a slice of the credentials issued after an instant, in order of creation."""
        sql = (
            "SELECT raw FROM record WHERE ? IS NULL OR issued > ? ORDER BY number LIMIT ? OFFSET ?"
        )
        start = _seconds(since)
        return [row["raw"] for row in self._query(sql, start, start, limit, offset)]

    def count(self, *, since: datetime | None = None) -> int:
        """Return how many credentials there are, or were issued after an instant."""
        sql = "SELECT count(*) FROM record WHERE ? IS NULL OR issued > ?"
        number: int = self._query(sql, _seconds(since), _seconds(since))[0][0]
        return number

    def add_token(self, token: str, *, now: datetime, expires: datetime) -> None:
        """Remember a digest of a token until it expires, and forget those that have."""
        with self._transaction() as run:
            run("DELETE FROM token WHERE expires <= ?", now.timestamp())
            run("INSERT INTO token VALUES (?, ?)", _digest(token), expires.timestamp())

    def knows_token(self, token: str, *, now: datetime) -> bool:
        """Return whether a token was issued here and has not expired."""
        sql = "SELECT 1 FROM token WHERE digest = ? AND expires > ?"
        return bool(self._query(sql, _digest(token), now.timestamp()))

    def forget_token(self, token: str) -> None:
        """Forget one token."""
        with self._transaction() as run:
            run("DELETE FROM token WHERE digest = ?", _digest(token))

    def expire_tokens(self) -> None:
        """Forget all tokens."""
        with self._transaction() as run:
            run("DELETE FROM token")

    def _query(self, sql: str, *values: _Value) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[_Run]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield lambda sql, *values: self._connection.execute(sql, values)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


def key_of(issuer_id: str, credential_id: str) -> str:
    """Return the key of a record: 32 hexadecimal digits."""
    return hashlib.sha256(json.dumps([issuer_id, credential_id]).encode()).hexdigest()[:32]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _seconds(instant: datetime | None) -> float | None:
    return None if instant is None else instant.timestamp()


def _record(row: sqlite3.Row) -> StoredRecord:
    return StoredRecord(
        key=row["key"],
        entry=CredentialEntry(
            issuer_id=row["issuer_id"],
            credential_id=row["credential_id"],
            issuer_name=row["issuer_name"],
            subject=row["subject"],
            name=row["name"],
            valid_from=row["valid_from"],
            issued=row["issued"],
        ),
        stored=datetime.fromtimestamp(row["stored"], UTC),
        updates=row["updates"],
        size=row["size"],
    )


def _open(path: Path) -> sqlite3.Connection:
    connection = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its side files the mode of the file, but would create that one 0644.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, check_same_thread=False, isolation_level=None
        )
        connection.row_factory = sqlite3.Row
        _claim(connection, path)
    except (OSError, sqlite3.Error, InputError) as error:
        if connection is not None:
            connection.close()
        if isinstance(error, InputError):
            raise
        raise InputError(
            "the sandbox's file cannot be used",
            where=str(path),
            why=str(error),
            fix="name another file, or move this one away",
        ) from error
    return connection


def _claim(connection: sqlite3.Connection, path: Path) -> None:
    """Make an empty file ours; refuse one that holds anything else."""
    is_new = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    fix = "name another file, or move this one away"
    if not is_new and owner != _APPLICATION_ID:
        raise InputError("this is not a sandbox's file", where=str(path), fix=fix)
    if not is_new and version != _FORMAT:
        raise InputError(
            "the sandbox's file was written by another version of clrctl",
            where=str(path),
            why=f"its format is {version}, this version reads {_FORMAT}",
            fix=fix,
        )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.executescript(_TABLES + _MARKS)
