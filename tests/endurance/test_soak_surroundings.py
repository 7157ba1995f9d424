"""An upload in bad surroundings: another process, a full disk, a folder that cannot be written."""

import shutil
import subprocess
import sys

import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl.sandbox.faults import kinds
from clrctl.sandbox.faults.kinds import FaultStep
from tests.conftest import SAMPLES
from tests.soaking import (
    TOKEN,
    Counting,
    assert_honest,
    assert_stored,
    program,
    serving,
    started,
    wait_until,
    write,
)

pytestmark = pytest.mark.slow

FULL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, 2 * ({0} * 1024,)); "
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux has what this needs")


@pytest.fixture
def faults():
    return Counting()


@pytest.fixture
def box(tmp_path, monkeypatch, faults):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    with serving(tmp_path / "box.db", faults) as running:
        yield running


@pytest.fixture
def apart():
    """Return how to run a command in namespaces of its own, or skip the test."""

    unshare = shutil.which("unshare")

    def run(flags, command):
        return subprocess.run([unshare, flags, *command], capture_output=True, check=False)

    if unshare is None or run("-rnm", ["true"]).returncode:
        pytest.skip("this machine does not permit namespaces (unshare -rnm)")
    return run


def test_a_second_upload_waits_its_turn(clrctl, clean_environment, box, faults, tmp_path):
    faults.add(FaultStep(kinds.Delay(seconds=1.0)))
    records = write(tmp_path / "in", range(3))
    first = started("upsert", tmp_path / "in", "-e", box.url, "--connections", "1")
    wait_until(lambda: faults.seen)
    second = clrctl("upsert", tmp_path / "in", "-e", box.url)
    assert (second.code, second.out) == (5, "")
    assert "another clrctl is uploading to this endpoint" in second.err
    assert str(first.pid) in second.err
    assert first.wait(30) == 0
    assert_stored(box, records)
    assert faults.seen.total() == len(records)
    assert assert_honest(clean_environment / "data", box) == len(records)


def test_uploads_to_two_endpoints_do_not_wait(clrctl, box, faults, tmp_path):
    faults.add(FaultStep(kinds.Delay(seconds=1.0)))
    write(tmp_path / "in", range(1))
    first = started("upsert", tmp_path / "in", "-e", box.url)
    wait_until(lambda: faults.seen)
    with serving(tmp_path / "other.db", Counting()) as other:
        assert clrctl("upsert", tmp_path / "in", "-e", other.url).code == 0
        assert other.store.count() == 1
    assert first.wait(30) == 0


def test_the_journal_of_another_endpoint_is_not_believed(
    clrctl, clean_environment, box, faults, tmp_path
):
    write(tmp_path / "in", range(1))
    with serving(tmp_path / "other.db", Counting()) as other:
        clrctl("upsert", tmp_path / "in", "-e", other.url)
    (theirs,) = (clean_environment / "data" / "journal").glob("*.db")
    clrctl("upsert", SAMPLES / "minimal.clr.json", "-e", box.url)
    (ours,) = {*theirs.parent.glob("*.db")} - {theirs}
    theirs.replace(ours)
    faults.seen.clear()
    result = clrctl("upsert", tmp_path / "in", "-e", box.url)
    assert (result.code, faults.seen.total()) == (2, 0)
    assert "the journal of another endpoint" in result.err


@linux
@pytest.mark.parametrize("room", [40, 120, 250])
def test_a_full_disk_ends_the_upload_in_order(
    clrctl, clean_environment, box, faults, tmp_path, room
):
    records = write(tmp_path / "in", range(300))
    command = ["upsert", tmp_path / "in", "-e", box.url]
    done = subprocess.run(
        program(*command, before=FULL.format(room)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 3
    assert "make room" in done.stderr
    assert "Traceback" not in done.stderr
    claimed = assert_honest(clean_environment / "data", box)
    assert claimed <= faults.seen.total() < len(records)
    assert clrctl(*command, "--settle", "0").code == 0
    assert_stored(box, records)


@linux
def test_a_data_folder_that_cannot_be_written(clrctl, clean_environment, box, apart, tmp_path):
    """Not even by root, which tests may run as: it is mounted for reading."""
    data = clean_environment / "data"
    data.mkdir()
    write(tmp_path / "in", range(1))
    mount = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
    command = program("upsert", tmp_path / "in", "-e", box.url)
    done = apart("-rm", ["sh", "-c", mount, str(data), *command])
    assert (done.returncode, box.store.count()) == (3, 0)
    assert b"cannot keep a journal" in done.stderr
    assert b"set CLRCTL_DATA" in done.stderr
    done = apart("-rm", ["sh", "-c", mount, str(data), *command, "--no-journal"])
    assert (done.returncode, box.store.count()) == (0, 1)


@linux
@pytest.mark.parametrize(("sample", "code"), [("minimal.clr.json", 0), ("broken", 1)])
def test_checking_needs_no_network(apart, sample, code):
    done = apart("-rn", program("validate", SAMPLES / sample))
    assert done.returncode == code, done.stderr
    sees = "import socket; socket.create_connection(('127.0.0.1', 9)); "
    blind = apart("-rn", [sys.executable, "-c", sees])
    assert b"Network is unreachable" in blind.stderr
