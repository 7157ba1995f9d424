"""Where the answer goes instead of standard output: a file, written whole or not at all.

It knows what a console is and nothing of what is written.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

from clrctl.cli.console import Console
from clrctl.errors import UsageError
from clrctl.util import atomic

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
    words = atomic.Words("cannot write the output", where=f"{target} (--output)")
    with atomic.replacing(Path(target), words=words) as binary:
        stream = io.TextIOWrapper(binary, "utf-8", errors="backslashreplace", newline="\n")
        previous, console.out = console.out, stream
        try:
            yield
            console.flush()
        finally:
            console.out = previous
            stream.detach()


def refuse_to_replace(source: str, target: str) -> None:
    """Raise UsageError if an input is the very file that the answer would replace."""
    with contextlib.suppress(OSError):
        if target != STDOUT and Path(target).samefile(source):
            raise UsageError(
                "--output would replace an input with the answer",
                where=source,
                fix="give the answer another name",
            )
