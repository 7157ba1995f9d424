"""Reading the inputs one by one: opening only what is safe, never more than the limit.

`find` yields the pieces of the inputs, each of which can be read by itself, perhaps in another
process; `read` reads them here, of NDJSON one line at a time. What a file means is not known
here, only where one document ends and the next begins.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from clrctl.document import names
from clrctl.document.limits import Limits
from clrctl.document.names import InputFormat
from clrctl.document.parsing import Document, Syntax, parse
from clrctl.errors import InputError, UsageError

_STDIN = "-"
_SKIPPED = 64 * 2**10
_SHARE = 8
_DESCRIPTOR = re.compile(r"/dev/(?:stdin|fd/[0-9]+)|/proc/self/fd/[0-9]+")
_SYNTAXES: dict[str | None, Syntax] = {"json": "json", "yaml": "yaml"}

# Without O_NONBLOCK opening a FIFO would wait for its writer. Windows has none of these.
READING = os.O_RDONLY
"""Flags to open with what may be anything."""
for _flag in ("O_NONBLOCK", "O_NOCTTY", "O_BINARY"):
    READING |= getattr(os, _flag, 0)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the inputs that can be read by itself: a file, or some lines of NDJSON.

    Attributes:
        source: the name it was given by: a path, or `-` for standard input.
        limits: the bounds of one document.
        form: what it is; None where that is told by the first character.
        size: its bytes, as far as known.
        raw: the bytes, where finding the piece meant reading it; None: they are in the file.
        first_line: the line of the source on which it begins.
    """

    source: str
    limits: Limits
    form: InputFormat | None
    size: int
    raw: bytes | None = None
    first_line: int = 1

    def documents(self) -> Iterator[Document | InputError]:
        """Yield the documents in it, or in their place why it cannot be read."""
        try:
            raw = self.read()
        except InputError as error:
            yield error
            return
        if self.form != "ndjson":
            yield self._parse(raw, _SYNTAXES.get(self.form), 1)
            return
        for number, line in enumerate(raw.split(b"\n"), self.first_line):
            if not _is_blank(line):
                yield self._parse(line.removesuffix(b"\r"), "json", number)

    def read(self) -> bytes:
        """Return its bytes, of one that is larger than the limit as many as show that.

        Raises:
            InputError: the file cannot be read.
        """
        if self.raw is not None:
            return self.raw
        try:
            with _open(self.source) as stream:
                return stream.read(self.limits.bytes + 1)
        except OSError as error:
            raise names.unreadable(self.source, error) from None

    def _parse(self, raw: bytes, syntax: Syntax | None, line: int) -> Document:
        return parse(raw, source=self.source, syntax=syntax, limits=self.limits, first_line=line)


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
    pieces = find(inputs, stdin=stdin, limits=limits, input_format=input_format)
    return (
        document
        for piece in pieces
        for document in ([piece] if isinstance(piece, InputError) else piece.documents())
    )


def find(
    inputs: Sequence[str],
    *,
    stdin: BinaryIO | None,
    limits: Limits = Limits(),  # noqa: B008 - immutable
    input_format: InputFormat | None = None,
    block: int = 0,
    also: Sequence[str] = (),
) -> Iterator[Piece | InputError]:
    """Find the pieces of the inputs: like `read`, but the files are not read yet.

    Args:
        inputs: as for `read`.
        stdin: as for `read`.
        limits: as for `read`.
        input_format: as for `read`.
        block: bytes of NDJSON in a piece, in whole lines. The first pieces of an input are
            smaller, so that a slow one is not waited for; 0 makes each line a piece.
        also: suffixes that are taken in folders too, such as those of pictures.

    Returns:
        An iterator of pieces, and of an `InputError` in the place of what cannot be found.

    Raises:
        UsageError: as for `read`.
    """
    if not inputs:
        raise UsageError("no input", fix="name a file or folder, or - for standard input")
    if inputs.count(_STDIN) > 1:
        raise UsageError("standard input can be read only once", fix="give - once")
    return _Finder(stdin, limits, input_format, block, also).all(inputs)


class _Finder:
    def __init__(
        self,
        stdin: BinaryIO | None,
        limits: Limits,
        form: InputFormat | None,
        block: int,
        also: Sequence[str],
    ) -> None:
        self._stdin = stdin
        self._limits = limits
        self._form = form
        self._block = block
        self._also = also
        self._seen: set[tuple[int, int]] = set()

    def all(self, inputs: Sequence[str]) -> Iterator[Piece | InputError]:
        for name in inputs:
            for path in [name] if name == _STDIN else names.expand(name, self._also):
                if isinstance(path, InputError):
                    yield path
                else:
                    yield from self._guarded(path)

    def _guarded(self, source: str) -> Iterator[Piece | InputError]:
        try:
            yield from self._pieces(source)
        except OSError as error:
            yield names.unreadable(source, error)
        except InputError as error:
            yield error

    def _pieces(self, source: str) -> Iterator[Piece]:
        form = self._form or names.suffix_format(source)
        if source == _STDIN and self._stdin is not None:
            yield from self._split(source, form, self._stdin)
            return
        status = os.stat(source)  # noqa: PTH116 - names stay as given
        identity = status.st_dev, status.st_ino
        if identity in self._seen:
            return
        self._seen.add(identity)
        # A descriptor belongs to this process: no other can read it.
        if form == "ndjson" or not stat.S_ISREG(status.st_mode) or _DESCRIPTOR.fullmatch(source):
            with _open(source) as stream:
                yield from self._split(source, form, stream)
        else:
            yield Piece(source, self._limits, form, status.st_size)

    def _split(self, source: str, form: InputFormat | None, stream: BinaryIO) -> Iterator[Piece]:
        if form == "ndjson":
            yield from self._blocks(source, stream)
            return
        raw = stream.read(self._limits.bytes + 1)
        yield Piece(source, self._limits, form, len(raw), raw)

    def _blocks(self, source: str, stream: BinaryIO) -> Iterator[Piece]:
        """Gather lines, in blocks that grow with what has been read."""
        first, lines, size, read, found = 1, list[bytes](), 0, 0, False
        for number, line in enumerate(self._lines(stream), 2):
            found = found or not _is_blank(line)
            lines.append(line)
            size += len(line)
            if size >= min(self._block, read // _SHARE):
                yield Piece(source, self._limits, "ndjson", size, b"\n".join(lines), first)
                first, lines, size, read = number, [], 0, read + size
        if lines:
            yield Piece(source, self._limits, "ndjson", size, b"\n".join(lines), first)
        if not found:
            raise InputError("no document in the file", where=source)

    def _lines(self, stream: BinaryIO) -> Iterator[bytes]:
        """Yield the lines without their ends; of one that is too long as much as shows that."""
        while line := stream.readline(self._limits.bytes + 2):
            if len(line) > self._limits.bytes + 1 and not line.endswith(b"\n"):
                _skip_line(stream)
            yield line.removesuffix(b"\n")


def _is_blank(line: bytes) -> bool:
    return not line.removeprefix(codecs.BOM_UTF8).strip(b" \t\r")


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(_SKIPPED)) and not rest.endswith(b"\n"):
        pass


def _open(path: str) -> BinaryIO:
    """Open a regular file, or a pipe that is named by its descriptor.

    Raises:
        OSError: the system does not give it.
        InputError: it is something else: reading it might wait for ever, or never end.
    """
    descriptor = os.open(path, READING)
    mode = os.fstat(descriptor).st_mode
    is_pipe = stat.S_ISFIFO(mode) and _DESCRIPTOR.fullmatch(path)
    if not (stat.S_ISREG(mode) or is_pipe):
        os.close(descriptor)
        raise InputError("not a regular file", where=path, fix="save it to a file, or pipe it to -")
    if is_pipe:
        os.set_blocking(descriptor, True)
    return os.fdopen(descriptor, "rb")
