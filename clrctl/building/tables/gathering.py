"""Rows gathered by key, in as little memory however many there are.

They lie in a temporary SQLite database, which keeps what fits in a small cache and the rest in a
file that only this process can open and that is gone when it ends.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from typing import Self

import orjson

from clrctl.building.tables.grid import Row
from clrctl.errors import InputError

_CACHE_KIB = 16 * 2**10


class Gathered:
    """Rows by key; those of one key stay in the order of the table.

    A context; at its end the rows are gone.

    Raises:
        InputError: there is no room for the temporary file.
    """

    def __init__(self, rows: Iterable[tuple[str, Row]]) -> None:
        try:
            with ExitStack() as on_error:
                self._database = on_error.enter_context(
                    closing(sqlite3.connect("", isolation_level=None))
                )
                self._fill(rows)
                on_error.pop_all()
        except sqlite3.OperationalError as problem:
            raise InputError(
                "there is no room to sort the rows of the awards",
                where="the folder for temporary files",
                why=str(problem),
                fix="free some space there, or name another folder by SQLITE_TMPDIR or TMPDIR",
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Delete the rows; calling it twice does no harm."""
        self._database.close()

    def _fill(self, rows: Iterable[tuple[str, Row]]) -> None:
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._database.execute("CREATE TABLE row (key TEXT, line INTEGER, rest BLOB)")
        self._database.execute("BEGIN")
        self._database.executemany(
            "INSERT INTO row VALUES (?, ?, ?)", ((key, row.line, _packed(row)) for key, row in rows)
        )
        self._database.execute("CREATE INDEX by_key ON row (key, line)")
        self._database.execute("COMMIT")

    def __iter__(self) -> Iterator[str]:
        """Yield the keys that have rows, sorted."""
        yield from (
            key for (key,) in self._database.execute("SELECT DISTINCT key FROM row ORDER BY 1")
        )

    def of(self, key: str) -> Iterator[Row]:
        """Yield the rows of a key."""
        found = self._database.execute(
            "SELECT line, rest FROM row WHERE key = ? ORDER BY line", (key,)
        )
        yield from (_unpacked(line, rest) for line, rest in found)


def _packed(row: Row) -> bytes:
    kinds, hidden = list(row.kinds.items()), list(row.hidden.items())
    return orjson.dumps([row.cells, kinds, row.fault, hidden])


def _unpacked(line: int, packed: bytes) -> Row:
    cells, kinds, fault, hidden = orjson.loads(packed)
    return Row(line, cells, dict(kinds), fault, dict(hidden))
