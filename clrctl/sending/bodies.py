"""Gets the bytes of checked inputs once more, when they are to be sent.

So that a run may be of any size, nothing read is held in memory: files are read again, and what
cannot be (standard input, pipes) is kept in a nameless file that only this process can open. It
does not know what is done with the bytes.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import stat
import tempfile
from collections.abc import Iterator
from typing import NamedTuple, Self

from clrctl.document import (
    READING,
    Document,
    InputFormat,
    Limits,
    Piece,
    find,
)
from clrctl.errors import InputError

_NEVER_FILES = ("/dev/", "/proc/")


class Content(NamedTuple):
    """What is to be sent of one input, and where it is to be had.

    Attributes:
        source: the input, as in its report.
        line: its first line there.
        sha256: digest of the bytes to send.
        size: their number.
        kept_at: what `Bodies.keep` returned; None: it is read again.
    """

    source: str
    line: int
    sha256: bytes
    size: int
    kept_at: int | None = None


class Bodies:
    """What is to be sent of the inputs of one run; for one thread at a time.

    A context; at its end what was kept is gone.

    Args:
        limits: those that the inputs were read with.
        input_format: the one that they were read as.
    """

    def __init__(
        self,
        limits: Limits = Limits(),  # noqa: B008 - immutable
        input_format: InputFormat | None = None,
    ) -> None:
        self._limits = limits
        self._format = input_format
        self._store: io.BufferedRandom | None = None
        self._source = ""
        self._line = 0
        self._pieces: Iterator[Piece | InputError] = iter(())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Delete what was kept; calling it twice does no harm."""
        if self._store is not None:
            self._store.close()

    def keep(self, payload: bytes) -> int:
        """Keep the content of what cannot be read again, and return where.

        Raises:
            InputError: there is no room for it.
        """
        try:
            store = self._opened()
            at = store.seek(0, os.SEEK_END)
            store.write(payload)
        except OSError as problem:
            raise InputError(
                "cannot keep standard input until it is sent",
                where=tempfile.gettempdir(),
                why=problem.strerror or "",
                fix="save it to a file, and name that",
            ) from None
        return at

    def load(self, content: Content) -> bytes:
        """Return what is to be sent of one input; quickest in the order in which it was read.

        Raises:
            InputError: the file cannot be read any more, or is no longer what was checked.
        """
        for body in self._candidates(content):
            if hashlib.sha256(body).digest() == content.sha256:
                return body
        raise InputError(
            "the file changed since it was checked",
            where=content.source,
            fix="run the same command again",
        )

    def document(self, source: str, line: int) -> Document | None:
        """Read one input again; None where it is no longer there.

        Raises:
            InputError: the file cannot be read any more.
        """
        piece = self._found_again(source, line)
        for document in piece.documents() if piece else ():
            if isinstance(document, InputError):
                raise document
            return document
        return None

    def _candidates(self, content: Content) -> Iterator[bytes]:
        """Yield what it may be, the quickest way to get it first."""
        if content.kept_at is not None:
            yield self._take(content.kept_at, content.size)
            return
        if content.line == 1:
            yield _start_of(content.source, content.size)
        piece = self._found_again(content.source, content.line)
        if piece is None:
            return
        # Of JSON that is all; of YAML it has to be made again.
        yield piece.read().removeprefix(codecs.BOM_UTF8).removesuffix(b"\r")
        for document in piece.documents():
            if isinstance(document, InputError):
                raise document
            yield document.payload

    def _opened(self) -> io.BufferedRandom:
        if self._store is None:
            self._store = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this object
        return self._store

    def _take(self, at: int, size: int) -> bytes:
        store = self._opened()
        store.seek(at)
        return store.read(size)

    def _found_again(self, source: str, line: int) -> Piece | None:
        if source != self._source or line <= self._line:
            self._pieces = find(
                [source], stdin=io.BytesIO(), limits=self._limits, input_format=self._format
            )
            self._source = source
        for piece in self._pieces:
            if isinstance(piece, InputError):
                raise piece
            self._line = piece.first_line
            if piece.first_line == line:
                return piece
        return None


def _start_of(source: str, size: int) -> bytes:
    """Return the start of a file, which is all of it if it is a JSON document of this size.

    Nothing but a file gives as much at once; what else may be there by now is read with care.
    """
    try:
        descriptor = os.open(source, READING)
    except OSError:
        return b""
    try:
        return os.read(descriptor, size + 1)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def is_lasting(source: str) -> bool:
    """Return whether a second reading would find the same: not of `-`, pipes and descriptors."""
    if source == "-" or source.startswith(_NEVER_FILES):
        return False
    try:
        return stat.S_ISREG(os.stat(source).st_mode)  # noqa: PTH116 - names stay as given
    except OSError:
        return False
