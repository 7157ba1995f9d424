"""Reading the inputs one by one: opening only what is safe, never more than the limit.

`read` streams: of NDJSON one line is held at a time. What a file means is not known here, only
where one document ends and the next begins.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Literal, TypeAlias

from clrctl.document import names
from clrctl.document.limits import Limits
from clrctl.document.parsing import Document, Syntax, parse
from clrctl.errors import InputError, UsageError

InputFormat: TypeAlias = Literal["json", "yaml", "ndjson"]

_STDIN = "-"
_CHUNK = 64 * 2**10
_DESCRIPTOR = re.compile(r"/dev/(?:stdin|fd/[0-9]+)|/proc/self/fd/[0-9]+")
_SYNTAXES: dict[str | None, Syntax] = {"json": "json", "yaml": "yaml"}

# Without O_NONBLOCK opening a FIFO would wait for its writer. Windows has none of these.
_FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY"):
    _FLAGS |= getattr(os, _flag, 0)


def read(
    inputs: Sequence[str],
    *,
    stdin: BinaryIO,
    limits: Limits = Limits(),  # noqa: B008 - immutable
    input_format: InputFormat | None = None,
) -> Iterator[Document | InputError]:
    """Read all documents of the inputs, in the order given, one at a time.

    Args:
        inputs: files, folders, patterns that no shell has expanded, and `-` at most once. A
            folder stands for its files with a known suffix, at any depth, that are not hidden.
        stdin: what `-` reads.
        limits: the bounds of one document. Larger ones have a fault; none is read further.
        input_format: what every input is. By default that is told by the suffix, and where
            there is none by the first character.

    Returns:
        An iterator of documents. An input that cannot be read, or holds nothing, is an
        `InputError` in its place. A file is read once, by however many names it is given.

    Raises:
        UsageError: there are no inputs, or `-` is there twice; before anything is read.
    """
    if not inputs:
        raise UsageError("no input", fix="name a file or folder, or - for standard input")
    if inputs.count(_STDIN) > 1:
        raise UsageError("standard input can be read only once", fix="give - once")
    return _Reader(stdin, limits, input_format).all(inputs)


class _Reader:
    def __init__(self, stdin: BinaryIO, limits: Limits, input_format: str | None) -> None:
        self._stdin = stdin
        self._limits = limits
        self._format = input_format
        self._seen: set[tuple[int, int]] = set()

    def all(self, inputs: Sequence[str]) -> Iterator[Document | InputError]:
        for name in inputs:
            if name == _STDIN:
                yield from self._guarded(name)
                continue
            for path in names.expand(name):
                yield from [path] if isinstance(path, InputError) else self._guarded(path)

    def _guarded(self, source: str) -> Iterator[Document | InputError]:
        try:
            yield from self._documents(source)
        except OSError as error:
            yield names.unreadable(source, error)
        except InputError as error:
            yield error

    def _documents(self, source: str) -> Iterator[Document]:
        if source == _STDIN:
            yield from self._split(source, self._stdin)
            return
        with _open(source) as stream:
            status = os.fstat(stream.fileno())
            identity = status.st_dev, status.st_ino
            if identity not in self._seen:
                self._seen.add(identity)
                yield from self._split(source, stream)

    def _split(self, source: str, stream: BinaryIO) -> Iterator[Document]:
        form = self._format or names.suffix_format(source)
        if form == "ndjson":
            yield from self._lines(source, stream)
            return
        raw = stream.read(self._limits.bytes + 1)
        yield parse(raw, source=source, syntax=_SYNTAXES.get(form), limits=self._limits)

    def _lines(self, source: str, stream: BinaryIO) -> Iterator[Document]:
        number, found = 0, False
        while line := stream.readline(self._limits.bytes + 2):
            number += 1
            raw = line.removesuffix(b"\n").removesuffix(b"\r")
            if len(line) > self._limits.bytes + 1 and not line.endswith(b"\n"):
                raw = line
                _skip_line(stream)
            if raw.removeprefix(codecs.BOM_UTF8).strip(b" \t\r"):
                found = True
                yield parse(
                    raw, source=source, syntax="json", limits=self._limits, first_line=number
                )
        if not found:
            raise InputError("no document in the file", where=source)


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(_CHUNK)) and not rest.endswith(b"\n"):
        pass


def _open(path: str) -> BinaryIO:
    """Open a regular file, or a pipe that is named by its descriptor.

    Raises:
        OSError: the system does not give it.
        InputError: it is something else: reading it might wait for ever, or never end.
    """
    descriptor = os.open(path, _FLAGS)
    mode = os.fstat(descriptor).st_mode
    is_pipe = stat.S_ISFIFO(mode) and _DESCRIPTOR.fullmatch(path)
    if not (stat.S_ISREG(mode) or is_pipe):
        os.close(descriptor)
        raise InputError("not a regular file", where=path, fix="save it to a file, or pipe it to -")
    if is_pipe:
        os.set_blocking(descriptor, True)
    return os.fdopen(descriptor, "rb")
