"""Files that are written wholly or not at all."""

import io
import os
import stat
import sys
from pathlib import Path

import pytest

from clrctl.errors import InputError
from clrctl.util import atomic

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")


@pytest.fixture
def target(tmp_path):
    return tmp_path / "a.json"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def full(*_):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("write", [atomic.replace, atomic.create])
def test_a_new_file_holds_what_was_given_and_nothing_lies_beside_it(target, write):
    write(target, b"new\r\n")
    assert target.read_bytes() == b"new\r\n"
    assert names(target.parent) == ["a.json"]


@needs_posix
@pytest.mark.parametrize("write", [atomic.replace, atomic.create])
def test_a_new_file_has_the_mode_that_is_wanted_or_that_of_all_new_files(tmp_path, write):
    before = os.umask(0o027)
    try:
        write(tmp_path / "usual", b"")
        write(tmp_path / "private", b"", mode=atomic.PRIVATE)
        write(tmp_path / "open", b"", mode=0o664)
    finally:
        os.umask(before)
    assert [mode(tmp_path / name) for name in ("usual", "private", "open")] == [
        0o640,
        0o600,
        0o664,
    ]


@needs_posix
def test_the_mode_of_an_older_file_and_the_link_to_it_stay(target):
    target.write_bytes(b"old")
    target.chmod(0o604)
    link = target.with_name("link")
    link.symlink_to(target.name)
    atomic.replace(link, b"new")
    assert link.is_symlink()
    assert (target.read_bytes(), mode(target)) == (b"new", 0o604)
    atomic.replace(link, b"newer", mode=atomic.PRIVATE)
    assert (target.read_bytes(), mode(target)) == (b"newer", 0o600)


@needs_posix
def test_nobody_else_may_read_a_private_file_before_it_is_in_its_place(target):
    with atomic.replacing(target, mode=0o640) as stream:
        stream.write(b"secret")
        (beside,) = target.parent.iterdir()
        assert mode(beside) == 0o600
    assert mode(target) == 0o640


def test_what_is_there_is_not_created_again(target):
    target.write_bytes(b"mine")
    with pytest.raises(InputError, match="exists already") as caught:
        atomic.create(target, b"new")
    assert caught.value.where == str(target)
    assert "--force" in caught.value.fix
    assert target.read_bytes() == b"mine"
    assert names(target.parent) == ["a.json"]


@needs_posix
def test_not_even_a_link_to_nowhere_is_written_through(target):
    target.symlink_to("nowhere")
    with pytest.raises(InputError, match="exists already"):
        atomic.create(target, b"new")
    assert names(target.parent) == ["a.json"]


def test_a_file_system_without_links_is_good_enough(target, monkeypatch):
    def unsupported(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", unsupported)
    atomic.create(target, b"new")
    with pytest.raises(InputError, match="exists already"):
        atomic.create(target, b"newer")
    assert target.read_bytes() == b"new"
    assert names(target.parent) == ["a.json"]


@pytest.mark.parametrize("step", ["fsync", "write"])
def test_a_full_disk_leaves_the_older_file_and_no_litter(target, monkeypatch, step):
    target.write_bytes(b"old")
    if step == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(atomic._WholeFile, "write", atomic.told(target, atomic.Words())(full))
    for write in (atomic.replace, atomic.create):
        with pytest.raises(InputError, match="cannot write the file") as caught:
            write(target, b"new")
        assert caught.value.why == "No space left on device"
    assert target.read_bytes() == b"old"
    assert names(target.parent) == ["a.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_failure_is_told_in_the_words_of_whoever_writes():
    words = atomic.Words("cannot keep it", where="here (--output)", fix="go there")
    with pytest.raises(InputError) as caught:
        atomic.replace(Path("/dev/full"), b"new", words=words)
    error = caught.value
    assert (error.what, error.where, error.fix) == ("cannot keep it", "here (--output)", "go there")
    assert error.why == "No space left on device"


@pytest.mark.parametrize("place", ["missing/a.json", "."])
def test_a_place_that_cannot_be_written_is_known_before_the_work(tmp_path, place):
    with (
        pytest.raises(InputError, match="cannot write the file"),
        atomic.replacing(tmp_path / place),
    ):
        pytest.fail("the work was begun")
    assert names(tmp_path) == []


def test_a_file_that_may_not_be_written_is_not_replaced(target, monkeypatch):
    def denied(*_):
        raise PermissionError(13, "Permission denied")

    target.write_bytes(b"mine")
    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(InputError, match="cannot write the file"):
        atomic.replace(target, b"new", mode=atomic.PRIVATE)
    monkeypatch.undo()
    assert target.read_bytes() == b"mine"


@pytest.mark.parametrize("problem", [RuntimeError, KeyboardInterrupt])
def test_work_cut_short_leaves_the_older_file(target, problem):
    target.write_bytes(b"old")
    with pytest.raises(problem), atomic.replacing(target) as stream:
        stream.write(b"half")
        raise problem
    assert target.read_bytes() == b"old"
    assert names(target.parent) == ["a.json"]


@needs_posix
def test_a_pipe_is_written_directly_and_its_reader_may_leave(tmp_path):
    reader, writer = os.pipe()
    path = Path(f"/dev/fd/{writer}")
    if not path.exists():
        pytest.skip("this system has no /dev/fd")
    try:
        atomic.replace(path, b"through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    with pytest.raises(BrokenPipeError):
        atomic.replace(path, b"nobody")
    os.close(writer)


def test_an_answer_is_not_put_over_another_one_unless_told(target):
    atomic.put(target, b"one", force=False)
    atomic.put(target, b"one", force=False)
    with pytest.raises(InputError, match="exists already"):
        atomic.put(target, b"two", force=False)
    assert target.read_bytes() == b"one"
    atomic.put(target, b"two", force=True)
    assert target.read_bytes() == b"two"


def test_a_long_answer_is_put_as_a_short_one(target):
    long = b"x" * (2**20 + 5)
    for _ in range(2):
        atomic.put_stream(target, io.BytesIO(long), force=False)
    with pytest.raises(InputError, match="exists already"):
        atomic.put_stream(target, io.BytesIO(long[:-1] + b"y"), force=False)
    assert target.read_bytes() == long
    atomic.put_stream(target, io.BytesIO(b"two"), force=True)
    assert target.read_bytes() == b"two"
