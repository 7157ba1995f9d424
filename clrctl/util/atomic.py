"""Writing files wholly or not at all: beside their place, to the disk, and then put there.

Whoever reads one meanwhile, or after a crash, finds the older file or the new one, never half of
either. This module knows nothing of what it writes.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from clrctl.errors import InputError

PRIVATE = 0o600
"""The mode of a file that only its owner may read."""

_NEW_FILE = 0o666  # less the umask


@dataclass(frozen=True, slots=True)
class Words:
    """How a failure is told: what could not be done, and what to do then.

    Attributes:
        what: what could not be done.
        where: the place; the file's own name where it is empty.
        fix: what to do next.
    """

    what: str = "cannot write the file"
    where: str = ""
    fix: str = "name a file in a folder that you can write to"


_USUAL = Words()
_BLOCK = 2**20


@contextlib.contextmanager
def told(path: Path, words: Words) -> Iterator[None]:
    """Raise what the system refuses in our words.

    Raises:
        InputError: in the place of an OSError, but for BrokenPipeError.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as problem:
        raise InputError(
            words.what,
            where=words.where or str(path),
            why=problem.strerror or str(problem),
            fix=words.fix,
        ) from None


def replace(path: Path, data: bytes, *, mode: int | None = None, words: Words = _USUAL) -> None:
    """Create a file, or replace an older one, whole.

    Args:
        path: where to. A link stays one, and the file it leads to is replaced; a device or a pipe
            is written directly.
        data: all that the file is to hold.
        mode: its permissions; by default those of the older file, or for a new one those that
            the process gives to new files (its umask).
        words: how a failure is told.

    Raises:
        InputError: it cannot be written; an older file is left as it was.
        BrokenPipeError: nobody reads the pipe any more.
    """
    with replacing(path, mode=mode, words=words) as stream:
        stream.write(data)


def create(path: Path, data: bytes, *, mode: int | None = None, words: Words = _USUAL) -> None:
    """Create a file, whole, where there is none; as `replace` otherwise.

    Raises:
        InputError: there is one already, which is left as it is, or it cannot be written.
    """
    with told(path, words), _beside(path, mode, path, words) as beside:
        beside.stream.write(data)
        beside.finish()
        _put_new(beside.path, path, words)


def put(path: Path, data: bytes, *, force: bool, words: Words = _USUAL) -> None:
    """Write an answer to where somebody wants it.

    Args:
        path: where to.
        data: all that the file is to hold.
        force: replace what is there; else it may only be the same.
        words: how a failure is told.

    Raises:
        InputError: something else is there, which is left as it is, or it cannot be written.
    """
    if force:
        replace(path, data, words=words)
    elif not _holds(path, data):
        create(path, data, words=words)


def put_stream(path: Path, stream: BinaryIO, *, force: bool) -> None:
    """Write an answer that may be larger than memory, from a stream at its start; as `put`."""
    if not force and path.is_file() and not _holds_stream(path, stream):
        raise _taken(path, _USUAL)
    with replacing(path) as target:
        shutil.copyfileobj(stream, target)


def _holds_stream(path: Path, stream: BinaryIO) -> bool:
    with told(path, _USUAL), path.open("rb") as there:
        while (piece := there.read(_BLOCK)) == stream.read(_BLOCK):
            if not piece:
                stream.seek(0)
                return True
    return False


def _taken(path: Path, words: Words) -> InputError:
    return InputError(
        "the file exists already",
        where=words.where or str(path),
        fix="name another file, or add --force to replace it",
    )


def _holds(path: Path, data: bytes) -> bool:
    with contextlib.suppress(OSError):
        return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data
    return False


@contextlib.contextmanager
def replacing(path: Path, *, mode: int | None = None, words: Words = _USUAL) -> Iterator[BinaryIO]:
    """Open a stream that becomes the file when the context ends; as `replace` otherwise.

    Nothing is replaced when the body raises. Failures to write raise InputError at once, from the
    stream's own methods too.

    Raises:
        InputError: it cannot be written; known before the body runs, but for a full disk.
        BrokenPipeError: nobody reads the pipe any more.
    """
    if path.exists() and not path.is_file():
        with told(path, words):
            stream = _open(path, os.O_WRONLY, 0, path, words)
        with stream:
            yield stream
        return
    with contextlib.ExitStack() as stack:
        with told(path, words):
            target = Path(os.path.realpath(path))
            kept = _mode(target)
            opened = _beside(target, kept if mode is None else mode, path, words)
            beside = stack.enter_context(opened)
        yield beside.stream
        with told(path, words):
            beside.finish()
            beside.path.replace(target)
            _sync_folder(target.parent)


class _WholeFile(io.FileIO):
    """A file whose failures to write are told in our words."""

    def __init__(self, handle: int, path: Path, words: Words) -> None:
        super().__init__(handle, "w")
        self._told = (path, words)

    def write(self, data: Any) -> int:
        with told(*self._told):
            return super().write(data)


@dataclass(frozen=True, slots=True)
class _Beside:
    """A file that is not yet in its place."""

    path: Path
    stream: BinaryIO
    mode: int | None

    def finish(self) -> None:
        """Let all that was written reach the disk."""
        self.stream.flush()
        if self.mode is not None:
            self.path.chmod(self.mode)
        os.fsync(self.stream.fileno())
        # Windows renames no file that is open.
        self.stream.close()


@contextlib.contextmanager
def _beside(target: Path, mode: int | None, path: Path, words: Words) -> Iterator[_Beside]:
    """Open a new file in the folder of another one; what is not renamed is gone in the end."""
    temporary = target.with_name(f".clrctl-{os.urandom(8).hex()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    # Not for others to read before it has the mode that it is to have.
    stream = _open(temporary, flags, _NEW_FILE if mode is None else PRIVATE, path, words)
    try:
        with stream:
            yield _Beside(temporary, stream, mode)
    finally:
        temporary.unlink(missing_ok=True)


def _open(file: Path, flags: int, mode: int, path: Path, words: Words) -> BinaryIO:
    handle = os.open(file, flags | getattr(os, "O_BINARY", 0), mode)
    return cast(BinaryIO, io.BufferedWriter(_WholeFile(handle, path, words)))


def _put_new(temporary: Path, path: Path, words: Words) -> None:
    """Give a file a further name, unless that is taken: the file system alone decides."""
    try:
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:
            # A file system without hard links.
            if os.path.lexists(path):
                raise FileExistsError from None
            temporary.rename(path)
    except FileExistsError:
        raise _taken(path, words) from None
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Let the names in a folder reach the disk, where the system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _mode(target: Path) -> int | None:
    """Return the mode of a file that may be written; None if there is none."""
    try:
        with target.open("r+b") as stream:
            return stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
    except FileNotFoundError:
        return None
