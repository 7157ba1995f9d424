"""Replacing a file by new contents: wholly, or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from clrctl.errors import InputError

_NEW_FILE = 0o666


def replace(name: str, contents: bytes) -> None:
    """Write a file, or write it anew, so that nobody ever sees half of it.

    A link stays, and what it leads to is replaced; the file keeps its mode.

    Raises:
        InputError: it cannot be written; an older file is left as it was.
    """
    target = Path(os.path.realpath(name))
    try:
        mode = _mode(target)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".clrctl-")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(contents)
                stream.flush()
                os.fsync(handle)
            Path(temporary).chmod(mode)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise InputError(
            "cannot be written", where=name, why=problem.strerror or str(problem)
        ) from None


def _mode(target: Path) -> int:
    """Return the mode of a file that may be written, or the one for a new file."""
    try:
        with target.open("r+b") as stream:
            return stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
    except FileNotFoundError:
        return _NEW_FILE & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
