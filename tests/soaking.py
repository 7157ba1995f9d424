"""What the soak tests share: many small credentials, a sandbox that counts, the real program.

The promise that all of them hold clrctl to is in `assert_honest`: what the journal claims to be
stored is stored, byte for byte.
"""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from clrctl import sandbox
from clrctl.sandbox.faults.kinds import Fault, FaultTarget
from clrctl.sandbox.faults.player import Faults
from clrctl.sandbox.server import Running
from clrctl.sending import journal
from clrctl.sending.outcome import STORED

from .conftest import SAMPLES

TOKEN = "a-token-that-nobody-else-may-see"
ISSUER = "https://brookside.example.edu/profile"
_MINIMAL = orjson.dumps(orjson.loads((SAMPLES / "minimal.clr.json").read_bytes()))
_ID = "urn:uuid:0d8f4a3e-5b1c-4e67-9a42-7c1f2b3d4e01"
_PROGRAM = "from clrctl.__main__ import main; main()"


def id_of(number: int) -> str:
    """Return the id of a credential."""
    return f"urn:uuid:0d8f4a3e-5b1c-4e67-9a42-{number:012}"


def credential(number: int, version: str = "Ash") -> bytes:
    """Return a credential of 1.3 kB; the versions of a number have one id."""
    return _MINIMAL.replace(_ID.encode(), id_of(number).encode()).replace(b"Ash", version.encode())


def write(place: Path, numbers: Iterable[int], version: str = "Ash") -> dict[str, bytes]:
    """Write credentials into a folder, one a file; return their bytes by id."""
    place.mkdir(exist_ok=True)
    for number in numbers:
        (place / f"{number:06}.json").write_bytes(credential(number, version))
    return {id_of(number): credential(number, version) for number in numbers}


class Counting(Faults):
    """Faults that count the requests to store a credential, and may begin only after some."""

    def __init__(self, *steps: sandbox.FaultStep) -> None:
        super().__init__(*steps)
        self.after = 0
        self.seen: Counter[str | None] = Counter()
        self._counting = threading.Lock()

    def take(self, on: FaultTarget, credential_id: Callable[[], str | None]) -> Fault | None:
        """Return the fault that strikes the request at hand, if one does."""
        if on is FaultTarget.CREDENTIALS:
            with self._counting:
                self.seen[credential_id()] += 1
                if self.seen.total() <= self.after:
                    return None
        return super().take(on, credential_id)


@contextlib.contextmanager
def serving(file: Path, faults: Faults) -> Iterator[Running]:
    """Serve a sandbox that knows `TOKEN` and takes whatever it is given."""
    with sandbox.start(file, check=lambda _: [], faults=faults) as running:
        admit(running)
        yield running


def admit(box: Running) -> None:
    """Let a sandbox know `TOKEN` for the next hour."""
    now = datetime.now(UTC)
    box.store.forget_token(TOKEN)
    box.store.add_token(TOKEN, now=now, expires=now + timedelta(hours=1))


def program(*arguments: str | Path, before: str = "") -> list[str]:
    """Return how to run the real program in a process of its own, a statement coming first."""
    return [sys.executable, "-c", before + _PROGRAM, *map(str, arguments)]


def started(*arguments: str | Path, before: str = "") -> subprocess.Popen[bytes]:
    """Start the real program; the environment is that of the test."""
    silent = subprocess.DEVNULL
    return subprocess.Popen(program(*arguments, before=before), stdout=silent, stderr=silent)


def wait_until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds, which it has to within a minute."""
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.002)


def entries(data: Path, box: Running) -> list[journal.Entry]:
    """Return what the journal knows, which has to be in order; nothing where there is none."""
    for file in (data / "journal").glob("*.db"):
        with contextlib.closing(sqlite3.connect(file)) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    found = journal.Journal.read(data, base=f"sandbox:{sandbox.Store.peek(box.store.path)}")
    if found is None:
        return []
    with found:
        return list(found.entries())


def assert_honest(data: Path, box: Running) -> int:
    """Hold the journal to its word: return how many it claims to be stored, all of which are."""
    claims = [entry for entry in entries(data, box) if entry.outcome in STORED]
    for entry in claims:
        stored = box.store.raw(*entry.key)
        assert stored is not None, f"{entry.key} is claimed, but not stored"
        assert journal.digest(stored) == entry.sent_digest, f"{entry.key} is another version"
    return len(claims)


def assert_stored(box: Running, records: dict[str, bytes]) -> None:
    """Hold the server to having these credentials, byte for byte, and no others."""
    assert {id_: box.store.raw(ISSUER, id_) for id_ in records} == records
    assert box.store.count() == len(records)
