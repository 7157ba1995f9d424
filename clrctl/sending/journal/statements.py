"""The journal's tables, and the statements on them, in SQL.

Columns `sent_digest` and `valid_from`, and the fingerprint, tell of the version last known to be
stored; `next_valid_from` becomes `valid_from` with it.
"""

# Only constants of ours are put into the texts.
# ruff: noqa: S608

from __future__ import annotations

from clrctl.sending.outcome import STORED, UploadOutcome

_OUTCOMES = ", ".join(f"'{outcome}'" for outcome in UploadOutcome)
_STORED = ", ".join(f"'{outcome}'" for outcome in STORED)

APPLICATION_ID = int.from_bytes(b"CLRj")
FORMAT = 1

# The checks let damage be seen: SQLite would keep anything in any column.
TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    f"""
    CREATE TABLE item (
        number INTEGER PRIMARY KEY,
        issuer TEXT NOT NULL CHECK (typeof(issuer) = 'text'),
        id TEXT NOT NULL CHECK (typeof(id) = 'text'),
        digest BLOB NOT NULL CHECK (typeof(digest) = 'blob'),
        outcome TEXT NOT NULL CHECK (outcome IN ({_OUTCOMES})),
        status INTEGER NOT NULL DEFAULT 0 CHECK (typeof(status) = 'integer'),
        attempts INTEGER NOT NULL DEFAULT 0 CHECK (typeof(attempts) = 'integer'),
        at REAL NOT NULL CHECK (typeof(at) = 'real'),
        detail TEXT NOT NULL DEFAULT '' CHECK (typeof(detail) = 'text'),
        source TEXT NOT NULL DEFAULT '' CHECK (typeof(source) = 'text'),
        inflight_digest BLOB CHECK (typeof(inflight_digest) IN ('blob', 'null')),
        inflight_until REAL NOT NULL DEFAULT 0 CHECK (typeof(inflight_until) = 'real'),
        next_valid_from TEXT NOT NULL DEFAULT '' CHECK (typeof(next_valid_from) = 'text'),
        valid_from TEXT NOT NULL DEFAULT '' CHECK (typeof(valid_from) = 'text'),
        sent_digest BLOB CHECK (typeof(sent_digest) IN ('blob', 'null')),
        UNIQUE (issuer, id)
    )
    """,
    # Beside the items these long values would slow down every look at them.
    """
    CREATE TABLE fingerprint (
        number INTEGER PRIMARY KEY REFERENCES item ON DELETE CASCADE,
        value BLOB NOT NULL CHECK (typeof(value) = 'blob')
    )
    """,
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {FORMAT}",
)

_COLUMNS = (
    "number, issuer, id, digest, outcome, status, attempts, at, detail, valid_from, source,"
    " inflight_digest, inflight_until, sent_digest"
)
_ONE = "issuer = ? AND id = ?"

LOOKUP = f"SELECT {_COLUMNS} FROM item WHERE {_ONE}"
PAGE = f"""
SELECT {_COLUMNS} FROM item WHERE number > ? AND outcome IN (SELECT value FROM json_each(?))
ORDER BY number LIMIT ?
"""
COUNTS = "SELECT outcome, count(*) FROM item GROUP BY outcome"
PENDING = f"""
INSERT INTO item (issuer, id, digest, source, next_valid_from, at, outcome)
VALUES (?, ?, ?, ?, ?, ?, '{UploadOutcome.PENDING}')
ON CONFLICT (issuer, id) DO UPDATE SET digest = excluded.digest, source = excluded.source,
    next_valid_from = excluded.next_valid_from, outcome = excluded.outcome, at = excluded.at,
    status = 0, attempts = 0, detail = ''
WHERE digest <> excluded.digest OR outcome NOT IN ({_STORED})
"""
BEGIN = f"""
INSERT INTO item (issuer, id, digest, inflight_digest, inflight_until, at, outcome)
VALUES (?, ?, ?, ?, ?, ?, '{UploadOutcome.PENDING}')
ON CONFLICT (issuer, id) DO UPDATE SET inflight_digest = excluded.inflight_digest,
    inflight_until = excluded.inflight_until
"""
# The sent digest is what is stored now, or null; the last two are both whether the request may
# still be under way. Numbered placeholders would make Python 3.12.1 warn.
FINISH = """
INSERT INTO item (issuer, id, digest, outcome, status, attempts, detail, at, sent_digest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (issuer, id) DO UPDATE SET
    digest = excluded.digest, outcome = excluded.outcome, status = excluded.status,
    attempts = excluded.attempts, detail = excluded.detail, at = excluded.at,
    sent_digest = coalesce(excluded.sent_digest, sent_digest),
    valid_from = CASE WHEN excluded.sent_digest IS NULL THEN valid_from ELSE next_valid_from END,
    inflight_digest = CASE WHEN ? THEN inflight_digest END,
    inflight_until = CASE WHEN ? THEN inflight_until ELSE 0 END
"""
LOSE = f"""
UPDATE item SET outcome = '{UploadOutcome.PENDING}', status = 0, attempts = 0, detail = ?, at = ?,
    sent_digest = NULL, valid_from = ''
WHERE {_ONE} AND outcome IN ({_STORED})
"""
WRITE_FINGERPRINT = f"REPLACE INTO fingerprint SELECT number, ? FROM item WHERE {_ONE}"
READ_FINGERPRINT = f"SELECT value FROM fingerprint JOIN item USING (number) WHERE {_ONE}"
PURGE = "DELETE FROM item WHERE at < ? AND inflight_until < ?"
