"""Encodings of text: which ones can be named, and which one a file probably has.

UTF-8 and UTF-16 are told for certain by their bytes. Of those with a byte for each letter one can
only say which gives words: that is a proposal, and somebody has to accept it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

ENCODINGS = {
    "utf-8": "utf-8-sig",
    "utf-16": "utf-16",
    "windows-1252": "cp1252",
    "windows-1250": "cp1250",
    "iso-8859-1": "latin-1",
    "iso-8859-15": "iso8859-15",
    "mac-roman": "mac-roman",
    "cp850": "cp850",
    "cp437": "cp437",
}
"""Encodings a mapping can name, and their names in Python."""

WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CANDIDATES = ("windows-1252", "mac-roman", "cp850", "windows-1250")
_WORTH = {
    **dict.fromkeys("êëâãåòôõøùûìîïæœÊÂÅÔÕØÛÎÆ«»°ºª\u2019", 2),
    **dict.fromkeys("éèàáäçñóöúüíßÉÀÁÄÇÑÓÖÚÜ", 3),
}
"""How much a letter speaks for an encoding: those that names have most, and those they have too."""
_ENOUGH = 200
_SAMPLE = re.compile(rb"[^\r\n,;\t|\"]*[\x80-\xff][^\r\n,;\t|\"]*")


@dataclass(frozen=True, slots=True)
class Guess:
    """What a file is probably written in.

    Attributes:
        encoding: a name of `ENCODINGS`.
        certain: whether its bytes leave no doubt.
        line: the first line that is not UTF-8; 0: all are.
        sample: a cell of that line, read so.
    """

    encoding: str
    certain: bool = True
    line: int = 0
    sample: str = ""


def guess(stream: BinaryIO) -> Guess:
    """Return what a file is probably written in."""
    head = stream.read(4)
    stream.seek(0)
    if head.startswith(WIDE) or b"\0" in head:
        return Guess("utf-16")
    first = 0
    cells: list[bytes] = []
    for number, line in enumerate(stream, 1):
        if line.isascii():
            continue
        try:
            line.decode()
        except UnicodeDecodeError:
            first = first or number
            cells += _SAMPLE.findall(line)
            if len(cells) >= _ENOUGH:
                break
    if not first:
        return Guess("utf-8")
    best = max(_CANDIDATES, key=lambda name: _score(cells, name))
    return Guess(best, False, first, cells[0].decode(ENCODINGS[best], "replace").strip())


def _score(cells: list[bytes], encoding: str) -> int:
    """Return how much these look like words when they are read so; of equals the first is taken."""
    return sum(_worth(cell.decode(ENCODINGS[encoding], "replace")) for cell in cells)


def _worth(text: str) -> int:
    return sum(_value(before, char) for before, char in _pairs(text) if not char.isascii())


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    return zip(" " + text, text, strict=False)


def _value(before: str, char: str) -> int:
    if before.islower() and char.isupper():
        return -3
    return _WORTH.get(char, 1 if char.isalpha() else -3)
