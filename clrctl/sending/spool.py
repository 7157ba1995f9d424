"""What a run is going to send, and which credentials it has met: on the disk, not in memory.

SQLite keeps both in temporary files without a name; those of a small run never leave its cache.
Nothing here knows what is done with a parcel.
"""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import io
import os
import pickle
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple, Self

from clrctl.document import READING, Document, InputFormat, Key, Limits, Piece, find
from clrctl.errors import InputError
from clrctl.finding import Report

_PAGE = 64
_CACHE = 4_000  # kB


@dataclass(frozen=True, slots=True)
class QueuedCredential:
    """One checked credential, ready to be sent; its content stays where it was read.

    Attributes:
        report: what was found in it.
        key: issuer id and credential id.
        id: its id as it is written.
        digest: `journal.digest` of its content.
        sha256: digest of the bytes to send.
        size: their number.
        valid_from: its `validFrom`; empty where there is none.
        fingerprint: `fingerprint.of` its content.
        bodies: where the content is to be had.
        kept_at: where it is kept there, as `Bodies.keep` returned it.
    """

    report: Report
    key: Key
    id: str
    digest: bytes
    sha256: bytes
    size: int
    valid_from: str
    fingerprint: bytes = field(repr=False, compare=False)
    bodies: Bodies | None = field(default=None, repr=False, compare=False)
    kept_at: int | None = None

    def body(self) -> bytes:
        """Read again what is to be sent.

        Raises:
            InputError: the file is gone, or no longer what was checked.
        """
        report = self.report
        content = Content(report.source, report.first_line, self.sha256, self.size, self.kept_at)
        return (self.bodies or Bodies()).load(content)

    def __reduce__(self) -> tuple[Any, ...]:
        # What is held open for a run stays where it is.
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return QueuedCredential, tuple((values | {"bodies": None}).values())


class _Stored:
    """A context that ends with the temporary database of its subclass."""

    def __init__(self, table: str) -> None:
        self._db = _opened(table)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Delete what is kept; calling it twice does no harm."""
        self._db.close()


class FirstSeen(_Stored):
    """Which input was the first of each credential; a context that forgets it at its end."""

    def __init__(self) -> None:
        super().__init__(
            "CREATE TABLE first (key BLOB PRIMARY KEY, place BLOB, digest BLOB) WITHOUT ROWID"
        )

    def first(self, key: Key, place: str, digest: bytes) -> tuple[str, bytes]:
        """Return place and digest of the first input with this key, which this may be.

        Raises:
            InputError: there is no room to remember it.
        """
        with _explaining():
            row = (_short(key), _bytes(place), digest)
            if self._db.execute("INSERT OR IGNORE INTO first VALUES (?, ?, ?)", row).rowcount:
                return place, digest
            select = "SELECT place, digest FROM first WHERE key = ?"
            found, known = self._db.execute(select, row[:1]).fetchone()
        return _text(found), known

    def renew(self, key: Key, place: str, digest: bytes) -> None:
        """Let another input take the place of the first.

        Raises:
            InputError: there is no room to remember it.
        """
        with _explaining():
            row = (_short(key), _bytes(place), digest)
            self._db.execute("REPLACE INTO first VALUES (?, ?, ?)", row)


class Queue(_Stored):
    """Parcels in the order in which they were added, one of each credential.

    A context; at its end they are gone.
    """

    def __init__(self) -> None:
        super().__init__(
            "CREATE TABLE parcel (number INTEGER PRIMARY KEY, key BLOB UNIQUE, value BLOB)"
        )
        self._bodies: Bodies | None = None

    def add(self, parcel: QueuedCredential) -> str:
        """Add a parcel at the end, and take out the one with the same key.

        Returns:
            The place of the one that was taken out; empty where there was none.

        Raises:
            InputError: there is no room to keep it.
        """
        # All parcels of a run have the same.
        self._bodies = parcel.bodies
        key, former = _short(parcel.key), ""
        value = pickle.dumps(replace(parcel, bodies=None))
        insert = "INSERT OR IGNORE INTO parcel (key, value) VALUES (?, ?)"
        with _explaining():
            if not self._db.execute(insert, (key, value)).rowcount:
                select = "SELECT value FROM parcel WHERE key = ?"
                former = _unpacked(self._db.execute(select, (key,)).fetchone()[0]).report.place
                self._db.execute("DELETE FROM parcel WHERE key = ?", (key,))
                self._db.execute(insert, (key, value))
        return former

    def __iter__(self) -> Iterator[QueuedCredential]:
        """Yield all parcels; several iterators do not disturb each other."""
        last = 0
        select = "SELECT number, value FROM parcel WHERE number > ? ORDER BY number LIMIT ?"
        while rows := self._db.execute(select, (last, _PAGE)).fetchall():
            for _, value in rows:
                yield replace(_unpacked(value), bodies=self._bodies)
            last = rows[-1][0]

    def __len__(self) -> int:
        """Return how many there are."""
        number: int = self._db.execute("SELECT count(*) FROM parcel").fetchone()[0]
        return number


def _opened(table: str) -> sqlite3.Connection:
    """Open a database in a temporary file that has no name."""
    with contextlib.ExitStack() as on_error:
        db = on_error.enter_context(contextlib.closing(sqlite3.connect("", isolation_level=None)))
        # It ends with the process, whatever happens: nothing is to be undone or made to last.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE}"):
            db.execute(f"PRAGMA {pragma}")
        db.execute(table)
        db.execute("BEGIN")
        on_error.pop_all()
    return db


def _unpacked(value: bytes) -> QueuedCredential:
    parcel: QueuedCredential = pickle.loads(value)  # noqa: S301 - nobody else can open that file
    return parcel


def _short(key: Key) -> bytes:
    return hashlib.blake2b(_bytes("\0".join(key)), digest_size=16).digest()


def _bytes(text: str) -> bytes:
    # A file's name may hold bytes that are no UTF-8.
    return text.encode("utf-8", "surrogatepass")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


@contextlib.contextmanager
def _explaining() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as problem:
        raise InputError(
            "cannot keep a list of what is to be sent",
            where=tempfile.gettempdir(),
            why=str(problem),
            fix="make room there, or set TMPDIR to a folder that has some",
        ) from None


_NEVER_FILES = ("/dev/", "/proc/")


class Content(NamedTuple):
    """What is to be sent of one input, and where it is to be had.

    Attributes:
        source: the input, as in its report.
        line: its first line there.
        sha256: digest of the bytes to send.
        size: their number.
        kept_at: what `Bodies.keep` returned; None: it is read again.
    """

    source: str
    line: int
    sha256: bytes
    size: int
    kept_at: int | None = None


class Bodies:
    """What is to be sent of the inputs of one run; for one thread at a time.

    A context; at its end what was kept is gone.

    Args:
        limits: those that the inputs were read with.
        input_format: the one that they were read as.
    """

    def __init__(
        self,
        limits: Limits = Limits(),  # noqa: B008 - immutable
        input_format: InputFormat | None = None,
    ) -> None:
        self._limits = limits
        self._format = input_format
        self._store: io.BufferedRandom | None = None
        self._source = ""
        self._line = 0
        self._pieces: Iterator[Piece | InputError] = iter(())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Delete what was kept; calling it twice does no harm."""
        if self._store is not None:
            self._store.close()

    def keep(self, payload: bytes) -> int:
        """Keep the content of what cannot be read again, and return where.

        Raises:
            InputError: there is no room for it.
        """
        try:
            store = self._opened()
            at = store.seek(0, os.SEEK_END)
            store.write(payload)
        except OSError as problem:
            raise InputError(
                "cannot keep standard input until it is sent",
                where=tempfile.gettempdir(),
                why=problem.strerror or "",
                fix="save it to a file, and name that",
            ) from None
        return at

    def load(self, content: Content) -> bytes:
        """Return what is to be sent of one input; quickest in the order in which it was read.

        Raises:
            InputError: the file cannot be read any more, or is no longer what was checked.
        """
        for body in self._candidates(content):
            if hashlib.sha256(body).digest() == content.sha256:
                return body
        raise InputError(
            "the file changed since it was checked",
            where=content.source,
            fix="run the same command again",
        )

    def document(self, source: str, line: int) -> Document | None:
        """Read one input again; None where it is no longer there.

        Raises:
            InputError: the file cannot be read any more.
        """
        piece = self._found_again(source, line)
        for document in piece.documents() if piece else ():
            if isinstance(document, InputError):
                raise document
            return document
        return None

    def _candidates(self, content: Content) -> Iterator[bytes]:
        """Yield what it may be, the quickest way to get it first."""
        if content.kept_at is not None:
            yield self._take(content.kept_at, content.size)
            return
        if content.line == 1:
            yield _start_of(content.source, content.size)
        piece = self._found_again(content.source, content.line)
        if piece is None:
            return
        # Of JSON that is all; of YAML it has to be made again.
        yield piece.read().removeprefix(codecs.BOM_UTF8).removesuffix(b"\r")
        for document in piece.documents():
            if isinstance(document, InputError):
                raise document
            yield document.payload

    def _opened(self) -> io.BufferedRandom:
        if self._store is None:
            self._store = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this object
        return self._store

    def _take(self, at: int, size: int) -> bytes:
        store = self._opened()
        store.seek(at)
        return store.read(size)

    def _found_again(self, source: str, line: int) -> Piece | None:
        if source != self._source or line <= self._line:
            self._pieces = find(
                [source], stdin=io.BytesIO(), limits=self._limits, input_format=self._format
            )
            self._source = source
        for piece in self._pieces:
            if isinstance(piece, InputError):
                raise piece
            self._line = piece.first_line
            if piece.first_line == line:
                return piece
        return None


def _start_of(source: str, size: int) -> bytes:
    """Return the start of a file, which is all of it if it is a JSON document of this size.

    Nothing but a file gives as much at once; what else may be there by now is read with care.
    """
    try:
        descriptor = os.open(source, READING)
    except OSError:
        return b""
    try:
        return os.read(descriptor, size + 1)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def is_lasting(source: str) -> bool:
    """Return whether a second reading would find the same: not of `-`, pipes and descriptors."""
    if source == "-" or source.startswith(_NEVER_FILES):
        return False
    try:
        return stat.S_ISREG(os.stat(source).st_mode)  # noqa: PTH116 - names stay as given
    except OSError:
        return False
