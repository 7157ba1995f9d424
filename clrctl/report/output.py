"""Where the answer goes instead of standard output: a file, written whole or not at all.

It knows what a console is and nothing of what is written.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TextIO

from clrctl.console import Console
from clrctl.errors import InputError, UsageError

STDOUT = "-"


@contextlib.contextmanager
def answering(console: Console, target: str) -> Iterator[None]:
    """Let the console's answer go to a file for a while.

    A regular file is written beside its place and put there at the end; on any exception an
    older one stays as it was. A device or a pipe is written directly.

    Args:
        console: its `out` is another one meanwhile.
        target: the file's name, or `-` for the console's own output.

    Raises:
        InputError: it cannot be written; known before the body runs, but for a full disk.
    """
    if target == STDOUT:
        yield
        return
    with _stream(Path(target)) as stream:
        previous, console.out = console.out, stream
        try:
            yield
            console.flush()
        finally:
            console.out = previous


def refuse_to_replace(source: str, target: str) -> None:
    """Raise UsageError if an input is the very file that the answer would replace."""
    with contextlib.suppress(OSError):
        if target != STDOUT and Path(target).samefile(source):
            raise UsageError(
                "--output would replace an input with the answer",
                where=source,
                fix="give the answer another name",
            )


@contextlib.contextmanager
def _stream(target: Path) -> Iterator[TextIO]:
    temporary = None
    with _told(target):
        if target.exists() and not target.is_file():
            stream = _open(target, "w")
        else:
            # A link stays one: the file it leads to is replaced.
            path = Path(os.path.realpath(target))
            if path.exists():
                _open(path, "a").close()
            temporary = path.with_name(f".clrctl-{os.urandom(8).hex()}")
            stream = _open(temporary, "x")
    try:
        with stream:
            yield stream
        if temporary is not None:
            with _told(target):
                _put(temporary, path)
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _put(temporary: Path, path: Path) -> None:
    if path.exists():
        shutil.copymode(path, temporary)
    temporary.replace(path)


def _open(path: Path, mode: Literal["a", "w", "x"]) -> TextIO:
    return path.open(mode, encoding="utf-8", errors="backslashreplace", newline="\n")


@contextlib.contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise InputError(
            "cannot write the output",
            where=f"{target} (--output)",
            why=problem.strerror or str(problem),
            fix="name a file in a folder that you can write to",
        ) from None
