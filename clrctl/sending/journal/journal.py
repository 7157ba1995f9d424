"""The journal of one endpoint: noting what is sent and what became of it, and telling it again.

How the file is kept safe is known elsewhere, and so is what to send.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from clrctl.errors import InputError
from clrctl.sending.journal import statements
from clrctl.sending.journal.entry import Entry, JournalRun, Key, Noted
from clrctl.sending.journal.file import JournalFile, path_of
from clrctl.sending.outcome import STORED, UploadOutcome

_PAGE = 1000
_DAY = 86_400.0


class Journal:
    """The journal of one endpoint; for use by many threads, and as a context manager.

    Every method raises InputError when the file cannot be read or written (a full disk), or is
    damaged. What a method has written survives whatever ends the process; when the power fails
    the last seconds may be forgotten, which costs no more than sending the same again.

    Attributes:
        previous: when the upload before this one began, in Unix seconds; None where there is none.
    """

    def __init__(
        self,
        file: JournalFile,
        clock: Callable[[], float],
        *,
        running: bool,
        previous: float | None = None,
    ) -> None:
        self.previous = previous
        self._file = file
        self._clock = clock
        self._running = running

    @classmethod
    def open(
        cls, folder: Path, *, base: str, client: str | None, clock: Callable[[], float] = time.time
    ) -> Journal:
        """Open the journal for writing, and create it where there is none.

        Args:
            folder: the data folder.
            base: the endpoint's base URL; of a sandbox the name of its store.
            client: OAuth 2.0 client id, empty where a token was given: noted by the first run,
                and the same in all others. None for upkeep, which is no run.
            clock: Unix seconds.

        Raises:
            TemporaryError: another process writes to it.
            UsageError: it is another endpoint's, another client's, or of another version.
            InputError: it cannot be used, or is damaged; it stays as it is.
        """
        file = JournalFile(path_of(folder, base), writable=True)
        previous = None
        try:
            if file.is_new:
                file.create(base)
            file.check_base(base)
            if client is not None:
                file.check_client(client)
                began = file.meta("began")
                previous = None if began is None else float(began)
                file.set_meta("began", clock())
                file.set_meta("ended", None)
        except BaseException:
            file.close()
            raise
        return cls(file, clock, running=client is not None, previous=previous)

    @classmethod
    def read(cls, folder: Path, *, base: str) -> Journal | None:
        """Open the journal for reading, even while another process writes; None if there is none.

        Raises:
            UsageError: it is another endpoint's, or of another version.
            InputError: it cannot be read, or is damaged.
        """
        path = path_of(folder, base)
        if not path.exists():
            return None
        file = JournalFile(path, writable=False)
        try:
            if file.is_new:
                file.close()
                return None
            file.check_base(base)
        except BaseException:
            file.close()
            raise
        return cls(file, time.time, running=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Let all that is noted meanwhile be noted at once, or nothing of it."""
        with self._file.transaction():
            yield

    def lookup(self, key: Key) -> Entry | None:
        """Return what is known of a credential."""
        with self._file.using() as db:
            row = db.execute(statements.LOOKUP, key).fetchone()
        return _entry(row) if row else None

    def pending(self, parcels: Iterable[Noted]) -> None:
        """Note inputs of a run as pending, all or none; what is stored like this stays as it is."""
        now = self._clock()
        # One after another: there may be more than memory holds.
        rows = ((*key, version, source, start, now) for key, version, source, start in parcels)
        with self._file.transaction() as db:
            db.executemany(statements.PENDING, rows)

    def begin(self, key: Key, digest: bytes, until: float) -> None:
        """Note before a request that it is made, and until when it may arrive (Unix seconds)."""
        with self._file.using() as db:
            db.execute(statements.BEGIN, (*key, digest, digest, until, self._clock()))

    def finish(
        self,
        key: Key,
        digest: bytes,
        outcome: UploadOutcome,
        *,
        status: int = 0,
        attempts: int = 1,
        detail: str = "",
        fingerprint: bytes = b"",
    ) -> None:
        """Note what became of a request, which then is over, unless it is `unconfirmed`.

        The fingerprint is that of the version sent; it is kept if that was stored.
        """
        stored = outcome in STORED
        noted = (digest, outcome, status, attempts, detail, self._clock())
        is_under_way = outcome is UploadOutcome.UNCONFIRMED
        last = (digest if stored else None, is_under_way, is_under_way)
        with self._file.transaction() as db:
            db.execute(statements.FINISH, (*key, *noted, *last))
            if stored:
                db.execute(statements.WRITE_FINGERPRINT, (fingerprint, *key))

    def lose(self, keys: Iterable[Key]) -> None:
        """Note that the endpoint does not hold what it stored: it is pending again, all or none."""
        detail, now = "not at the endpoint when it was asked", self._clock()
        with self._file.transaction() as db:
            db.executemany(statements.LOSE, ((detail, now, *key) for key in keys))

    def entries(self, outcomes: Collection[UploadOutcome] | None = None) -> Iterator[Entry]:
        """Yield what is known of all credentials, or of those with these outcomes, oldest first."""
        wanted = json.dumps(list(UploadOutcome if outcomes is None else outcomes))
        rows: Sequence[Any] = ()
        number = 0
        while True:
            with self._file.using() as db:
                rows = db.execute(statements.PAGE, (number, wanted, _PAGE)).fetchall()
            yield from map(_entry, rows)
            if len(rows) < _PAGE:
                return
            number = rows[-1][0]

    def counts(self) -> dict[UploadOutcome, int]:
        """Return how many credentials there are of each outcome."""
        with self._file.using() as db:
            found = dict(db.execute(statements.COUNTS).fetchall())
        return {outcome: found[outcome] for outcome in UploadOutcome if outcome in found}

    def fingerprint(self, key: Key) -> bytes:
        """Return the fingerprint of the version last stored; empty where there is none."""
        with self._file.using() as db:
            row = db.execute(statements.READ_FINGERPRINT, key).fetchone()
        return bytes(row[0]) if row else b""

    def last_run(self) -> JournalRun | None:
        """Return when the last upload began and ended."""
        began, ended = self._file.meta("began"), self._file.meta("ended")
        return (
            None
            if began is None
            else JournalRun(float(began), None if ended is None else float(ended))
        )

    def purge(self, days: float) -> int:
        """Forget what was noted longer ago, and leave nothing of it in the file.

        Requests that may still arrive are kept. What was stored is sent again when it is given
        again.

        Returns:
            The number of credentials forgotten.
        """
        now = self._clock()
        with self._file.using() as db:
            number = db.execute(statements.PURGE, (now - days * _DAY, now)).rowcount
            db.execute("VACUUM")
        return number

    def close(self) -> None:
        """Write everything to the disk and let others in; calling it twice does no harm."""
        if self._running:
            self._running = False
            # The end of a run is told to people only: it is not worth an error of its own.
            with contextlib.suppress(InputError):
                self._file.set_meta("ended", self._clock())
        self._file.close()


def _entry(row: Sequence[Any]) -> Entry:
    _, issuer, id_, digest, outcome, *rest = row
    return Entry((issuer, id_), digest, UploadOutcome(outcome), *rest)
