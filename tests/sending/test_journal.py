"""The journal: what it remembers, for whom, and who may write to it."""

from __future__ import annotations

import itertools
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from clrctl.errors import ClrctlError, InputError, TemporaryError, UsageError
from clrctl.sending.journal.entry import Entry, sources
from clrctl.sending.journal.file import path_of
from clrctl.sending.journal.journal import Journal
from clrctl.sending.outcome import STORED, UploadOutcome

BASE = "https://clr.example.org"
OLD, NEW = b"1" * 32, b"2" * 32
KEY = ("https://school.example.org", "urn:uuid:1")


def opened(
    folder: Path, *, base: str = BASE, client: str | None = "", now: float = 100.0
) -> Journal:
    return Journal.open(folder, base=base, client=client, clock=lambda: now)


def noted(journal: Journal, digest: bytes = OLD, valid_from: str = "2024-01-01T00:00:00Z") -> None:
    journal.pending([(KEY, digest, "a.json", valid_from)])


def known(journal: Journal) -> Entry:
    entry = journal.lookup(KEY)
    assert entry is not None
    return entry


# --- what is remembered -----------------------------------------------------------------------


def test_a_credential_goes_from_pending_to_stored(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        assert journal.lookup(KEY) is None
        noted(journal)
        assert (known(journal).outcome, known(journal).valid_from) == (UploadOutcome.PENDING, "")
        journal.begin(KEY, OLD, 160.0)
        begun = known(journal)
        assert (begun.inflight_digest, begun.inflight_until, begun.in_doubt) == (OLD, 160.0, True)
        journal.finish(
            KEY, OLD, UploadOutcome.CREATED, status=201, attempts=2, fingerprint=b"print"
        )
    with opened(tmp_path) as journal:
        assert known(journal) == Entry(
            key=KEY,
            digest=OLD,
            outcome=UploadOutcome.CREATED,
            status=201,
            attempts=2,
            at=100.0,
            detail="",
            valid_from="2024-01-01T00:00:00Z",
            source="a.json",
            inflight_digest=None,
            inflight_until=0.0,
            sent_digest=OLD,
        )
        assert journal.fingerprint(KEY) == b"print"
        assert journal.fingerprint(("other", "other")) == b""


@pytest.mark.parametrize("outcome", STORED)
def test_what_is_stored_stays_so_when_it_is_given_again(
    tmp_path: Path, outcome: UploadOutcome
) -> None:
    with opened(tmp_path) as journal:
        noted(journal)
        journal.finish(KEY, OLD, outcome, status=200)
        noted(journal)
        assert (known(journal).outcome, known(journal).status) == (outcome, 200)


def test_a_newer_version_is_pending_and_what_was_stored_is_still_known(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        noted(journal)
        journal.finish(KEY, OLD, UploadOutcome.CREATED, fingerprint=b"print")
        noted(journal, NEW, valid_from="2025-01-01T00:00:00Z")
        entry = known(journal)
        assert (entry.outcome, entry.digest, entry.sent_digest) == (UploadOutcome.PENDING, NEW, OLD)
        assert entry.valid_from == "2024-01-01T00:00:00Z"
        journal.finish(KEY, NEW, UploadOutcome.REFUSED, status=422, detail="no")
        entry = known(journal)
        assert (entry.detail, entry.sent_digest, entry.valid_from[:4]) == ("no", OLD, "2024")
        assert journal.fingerprint(KEY) == b"print"
        journal.finish(KEY, NEW, UploadOutcome.UPDATED)
        assert (known(journal).sent_digest, known(journal).valid_from[:4]) == (NEW, "2025")
        assert journal.fingerprint(KEY) == b""


@pytest.mark.parametrize("outcome", list(UploadOutcome))
def test_a_request_is_over_once_it_ended_unless_nobody_knows_how(
    tmp_path: Path, outcome: UploadOutcome
) -> None:
    with opened(tmp_path) as journal:
        journal.begin(KEY, OLD, 160.0)
        journal.finish(KEY, OLD, outcome)
        entry = known(journal)
        unknown = outcome is UploadOutcome.UNCONFIRMED
        assert entry.in_doubt is unknown
        assert (entry.inflight_digest, entry.inflight_until) == (
            (OLD, 160.0) if unknown else (None, 0.0)
        )


def test_entries_are_told_by_outcome_in_the_order_they_came(tmp_path: Path) -> None:
    keys = [("i", str(number)) for number in range(2500)]
    with opened(tmp_path) as journal:
        journal.pending((key, OLD, f"{key[1]}.json", "") for key in keys)
        for key in keys[::10]:
            journal.finish(key, OLD, UploadOutcome.FAILED)
        assert [entry.key for entry in journal.entries()] == keys
        failed = [
            entry.key for entry in journal.entries([UploadOutcome.FAILED, UploadOutcome.REFUSED])
        ]
        assert failed == keys[::10]
        assert journal.counts() == {UploadOutcome.FAILED: 250, UploadOutcome.PENDING: 2250}


def test_inputs_are_noted_all_or_none(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        broken: Any = [(KEY, OLD, "a.json", ""), (("i", "2"), None, "b.json", "")]
        with pytest.raises(ClrctlError):
            journal.pending(broken)
        assert journal.lookup(KEY) is None
        noted(journal)  # and it can still be used


def test_the_last_run_has_an_end_only_if_it_was_ended(tmp_path: Path) -> None:
    journal = opened(tmp_path, now=1.0)
    assert journal.last_run() == (1.0, None)
    journal.close()
    with opened(tmp_path, client=None, now=5.0) as upkeep:
        assert upkeep.last_run() == (1.0, 1.0)


def test_purging_forgets_what_is_older_and_not_under_way(tmp_path: Path) -> None:
    day = 86_400.0
    secret = b"urn:uuid:to-be-forgotten"
    with opened(tmp_path, now=0.0) as journal:
        journal.pending([(("i", secret.decode()), OLD, "", ""), (("i", "stays"), OLD, "", "")])
        journal.finish(
            ("i", secret.decode()), OLD, UploadOutcome.CREATED, fingerprint=b"of it too" * 9999
        )
        journal.begin(("i", "stays"), OLD, 40 * day)
    path = path_of(tmp_path, BASE)
    before = path.read_bytes()
    assert secret in before
    with opened(tmp_path, client=None, now=30 * day) as journal:
        assert journal.purge(31) == 0
        assert journal.purge(29) == 1
        assert [entry.key[1] for entry in journal.entries()] == ["stays"]
    assert secret not in path.read_bytes()
    assert b"of it too" not in path.read_bytes()
    assert path.stat().st_size < len(before) / 2


def test_the_sources_are_each_named_once_and_standard_input_not() -> None:
    def from_(source: str) -> Entry:
        return Entry(KEY, OLD, UploadOutcome.FAILED, 0, 0, 0.0, "", "", source, None, 0.0)

    assert sources(map(from_, ["b", "-", "a", "b", "", "a"])) == ["b", "a"]


# --- for whom ---------------------------------------------------------------------------------


def test_each_endpoint_has_a_journal_of_its_own(tmp_path: Path) -> None:
    other = f"{BASE}/other"
    with opened(tmp_path) as journal, opened(tmp_path, base=other) as second:
        noted(journal)
        assert second.lookup(KEY) is None
    assert path_of(tmp_path, BASE).name.startswith("clr.example.org-")


def test_a_renamed_journal_is_not_taken_for_another_endpoints(tmp_path: Path) -> None:
    opened(tmp_path).close()
    other = "https://production.example.org"
    path_of(tmp_path, BASE).rename(path_of(tmp_path, other))
    for reopen in (
        lambda: opened(tmp_path, base=other),
        lambda: Journal.read(tmp_path, base=other),
    ):
        with pytest.raises(UsageError, match=r"another endpoint: https://clr\.example\.org"):
            reopen()
    assert path_of(tmp_path, other).exists()


def test_another_client_is_refused_and_told_what_to_do(tmp_path: Path) -> None:
    opened(tmp_path, client="registrar").close()
    opened(tmp_path, client="registrar").close()
    for client in ("library", ""):
        with pytest.raises(UsageError) as caught:
            opened(tmp_path, client=client)
        assert "client registrar then" in caught.value.why
        assert "move the file away" in caught.value.fix
        assert caught.value.where == str(path_of(tmp_path, BASE))


def test_nothing_is_read_where_nothing_was_written(tmp_path: Path) -> None:
    assert Journal.read(tmp_path, base=BASE) is None
    path_of(tmp_path, BASE).parent.mkdir()
    path_of(tmp_path, BASE).touch()
    assert Journal.read(tmp_path, base=BASE) is None


def test_it_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        noted(journal)
        reader = Journal.read(tmp_path, base=BASE)
        assert reader is not None
        with reader:
            assert known(reader).outcome is UploadOutcome.PENDING
            journal.finish(KEY, OLD, UploadOutcome.CREATED)
            assert known(reader).outcome is UploadOutcome.CREATED
            with pytest.raises(InputError, match="cannot use the journal"):
                reader.begin(KEY, OLD, 0.0)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        journal = opened(tmp_path / "new")
        noted(journal)
        folder = tmp_path / "new" / "journal"
        files = list(folder.iterdir())
        assert {file.suffix for file in files} == {".db", ".db-wal", ".db-shm", ".lock"}
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        journal.close()
    finally:
        os.umask(before)


# --- who may write ----------------------------------------------------------------------------

HOLDER = """
import sys
from pathlib import Path
from clrctl.sending.journal import Journal
with Journal.open(Path(sys.argv[1]), base=sys.argv[2], client=""):
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_a_second_writer_is_told_who_writes_until_that_one_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path), BASE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        for client in ("", None):
            with pytest.raises(TemporaryError) as caught:
                opened(tmp_path, client=client)
            assert caught.value.where == f"process {holder.pid}"
        holder.kill()
    opened(tmp_path).close()


def test_closing_lets_others_in_and_is_done_once(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    with pytest.raises(TemporaryError):
        opened(tmp_path)
    journal.close()
    journal.close()
    opened(tmp_path).close()
    with pytest.raises(ValueError, match="closed"):
        journal.lookup(KEY)


def test_many_threads_write_at_once(tmp_path: Path) -> None:
    numbers = itertools.count()
    with opened(tmp_path) as journal:

        def work() -> None:
            for _ in range(50):
                key = ("i", str(next(numbers)))
                journal.begin(key, OLD, 1.0)
                journal.finish(key, OLD, UploadOutcome.CREATED, fingerprint=key[1].encode())

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with opened(tmp_path) as journal:
        entries = list(journal.entries())
        assert {entry.key[1] for entry in entries} == {str(number) for number in range(400)}
        assert {entry.outcome for entry in entries} == {UploadOutcome.CREATED}
        assert all(journal.fingerprint(entry.key) == entry.key[1].encode() for entry in entries)


def test_fifty_thousand_credentials_are_remembered(tmp_path: Path) -> None:
    keys = [("https://school.example.org", f"urn:uuid:{number}") for number in range(50_000)]
    with opened(tmp_path) as journal:
        journal.pending((key, OLD, "records.ndjson", "") for key in keys)
    with opened(tmp_path) as journal:
        assert sum(1 for _ in journal.entries()) == len(keys)
        assert all(journal.lookup(key) for key in keys[::1000])
