"""The journal under kill -9, on a full disk, and after damage to its file."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clrctl.errors import ClrctlError, InputError, UsageError
from clrctl.sending import fingerprint
from clrctl.sending.journal.file import path_of
from clrctl.sending.journal.journal import Journal
from clrctl.sending.outcome import STORED, UploadOutcome

BASE = "https://clr.example.org"
DIGEST = b"1" * 32

# Says of each credential on standard output that it was begun, and that it was finished.
WRITER = """
import sys, time
from pathlib import Path
from clrctl.sending.journal import Journal
from clrctl.sending.outcome import UploadOutcome as Outcome

folder, first = Path(sys.argv[1]), int(sys.argv[2])
with Journal.open(folder, base=sys.argv[3], client="") as journal:
    for number in range(first, first + 100_000):
        key = ("i", str(number))
        journal.begin(key, b"1" * 32, time.time() + 60)
        print("begun", number, flush=True)
        journal.finish(key, b"1" * 32, Outcome.CREATED, fingerprint=b"x" * 500)
        print("finished", number, flush=True)
"""


def killed_at_random(folder: Path, first: int, chance: random.Random) -> tuple[set[str], set[str]]:
    """Run the writer for a moment; return what it said it has begun, and finished."""
    command = [sys.executable, "-c", WRITER, str(folder), str(first), BASE]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        start = writer.stdout.readline()
        time.sleep(chance.random() * 0.03)
        writer.kill()
        said = start + writer.stdout.read()
    # The last line may have been cut off.
    lines = [line.split() for line in said.decode().splitlines(keepends=True) if "\n" in line]
    return tuple(  # type: ignore[return-value]
        {number for word, number in lines if word == wanted} for wanted in ("begun", "finished")
    )


def test_no_kill_loses_what_was_noted(tmp_path: Path) -> None:
    chance = random.Random(8785)  # noqa: S311 - not for secrets
    begun: set[str] = set()
    finished: set[str] = set()
    for turn in range(20):
        now_begun, now_finished = killed_at_random(tmp_path, turn * 100_000, chance)
        begun |= now_begun
        finished |= now_finished
        # Opening it checks the whole file.
        with Journal.open(tmp_path, base=BASE, client="") as journal:
            entries = {entry.key[1]: entry for entry in journal.entries()}
        stored = {name for name, entry in entries.items() if entry.outcome in STORED}
        assert finished <= stored
        assert begun <= set(entries)
        # Of one request a kill may have hit, nobody knows more than that it was begun.
        assert {name for name, entry in entries.items() if entry.in_doubt} == set(entries) - stored
        assert len(set(entries) - stored) <= turn + 1
    assert len(finished) > 20


# --- a full disk ------------------------------------------------------------------------------

FULL = """
import resource, sys
from pathlib import Path
from clrctl.errors import InputError
from clrctl.sending.journal import Journal
from clrctl.sending.outcome import UploadOutcome as Outcome

journal = Journal.open(Path(sys.argv[1]), base=sys.argv[2], client="")
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
number = 0
try:
    while True:
        key = ("i", str(number))
        journal.begin(key, b"1" * 32, 0.0)
        journal.finish(key, b"1" * 32, Outcome.CREATED)
        number += 1
except InputError as error:
    print(number, error.what, "|", error.fix)
for again in range(2):
    try:
        journal.begin(("i", "further"), b"1" * 32, 0.0)
    except InputError:
        print("no")
journal.close()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files")
def test_a_full_disk_stops_the_next_request_and_loses_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL, str(tmp_path), BASE]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    number, _, words = told[0].partition(" ")
    assert words.startswith("cannot use the journal | make room")
    assert told[1:] == ["no", "no"]
    assert int(number) > 10
    with Journal.open(tmp_path, base=BASE, client="") as journal:
        stored = [entry.key[1] for entry in journal.entries(STORED)]
        assert stored == [str(each) for each in range(int(number))]
        journal.begin(("i", "further"), DIGEST, 0.0)  # there is room again


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="cannot keep a journal") as caught:
        Journal.open(tmp_path, base=BASE, client="")
    assert str(tmp_path) in caught.value.where


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("")
    with pytest.raises(InputError, match="cannot keep a journal") as caught:
        Journal.open(tmp_path, base=BASE, client="")
    assert "CLRCTL_DATA" in caught.value.fix


def test_a_folder_in_the_place_of_the_file_is_named_and_the_lock_let_go(tmp_path: Path) -> None:
    path = path_of(tmp_path, BASE)
    path.mkdir(parents=True)
    with pytest.raises(InputError, match="cannot keep a journal"):
        Journal.open(tmp_path, base=BASE, client="")
    path.rmdir()
    Journal.open(tmp_path, base=BASE, client="").close()


# --- damage -----------------------------------------------------------------------------------


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """Write a journal of some credentials, every third of them not stored; return its file."""
    with Journal.open(tmp_path, base=BASE, client="", clock=lambda: 1e9) as journal:
        for number in range(60):
            key = ("https://school.example.org", f"urn:uuid:{number}")
            journal.pending([(key, DIGEST, f"{number}.json", "2024-01-01T00:00:00Z")])
            journal.begin(key, DIGEST, 0.0)
            outcome = UploadOutcome.CREATED if number % 3 else UploadOutcome.REFUSED
            print_ = fingerprint.of({"id": str(number), "name": "x"})
            journal.finish(key, DIGEST, outcome, detail="why not", fingerprint=print_)
    return path_of(tmp_path, BASE)


def refused(file: Path, words: str) -> None:
    before = file.read_bytes()
    folder = file.parent.parent
    for reopen in (
        lambda: Journal.open(folder, base=BASE, client=""),
        lambda: Journal.read(folder, base=BASE),
    ):
        with pytest.raises(ClrctlError, match=words) as caught:
            reopen()
        assert "move the file away: everything is sent again" in caught.value.fix
        assert caught.value.where == str(file)
    assert file.read_bytes() == before


def test_rubbish_is_refused_and_kept(written: Path) -> None:
    written.write_bytes(b"not a database, but long enough for its header" * 200)
    refused(written, "the journal is damaged")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_journal_is_refused_and_kept(written: Path, share: float) -> None:
    whole = written.read_bytes()
    written.write_bytes(whole[: int(len(whole) * share)])
    refused(written, "the journal is damaged")


def test_a_page_of_zeros_is_refused_and_kept(written: Path) -> None:
    whole = written.read_bytes()
    written.write_bytes(whole[:8192] + b"\0" * 4096 + whole[12288:])
    refused(written, "the journal is damaged")


def test_another_database_is_refused_and_kept(written: Path) -> None:
    whole = bytearray(written.read_bytes())
    whole[68:72] = b"CLRs"  # application_id
    written.write_bytes(whole)
    refused(written, "the journal is damaged")


def test_the_journal_of_another_version_is_refused_and_kept(written: Path) -> None:
    whole = bytearray(written.read_bytes())
    whole[60:64] = (99).to_bytes(4)  # user_version
    written.write_bytes(whole)
    refused(written, "another version of clrctl wrote the journal")


def everything(journal: Journal) -> Iterator[tuple[str, bool]]:
    """Use all that reads, and yield ids with whether they would be left out of an upload."""
    journal.last_run()
    journal.counts()
    for entry in journal.entries():
        fingerprint.changed(journal.fingerprint(entry.key), {"id": "1"})
        yield entry.key[1], entry.outcome in STORED and entry.digest == DIGEST


def test_a_flipped_bit_is_seen_or_does_no_harm(written: Path) -> None:
    """Never is a credential taken for stored that is not, nor is there any other error."""
    whole = written.read_bytes()
    unstored = {f"urn:uuid:{number}" for number in range(0, 60, 3)}
    chance = random.Random(1984)  # noqa: S311 - not for secrets
    seen = 0
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        written.write_bytes(damaged)
        try:
            with Journal.open(written.parent.parent, base=BASE, client="") as journal:
                done = {name for name, left_out in everything(journal) if left_out}
        except (InputError, UsageError):
            seen += 1
            continue
        assert done.isdisjoint(unstored)
    assert 0 < seen < 300
