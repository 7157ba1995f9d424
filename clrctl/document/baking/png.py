"""Credentials in PNG files: an uncompressed iTXt chunk with the keyword of its kind.

Chunks are read here, not by an imaging library: one would decode the picture, which is not asked
for, and none keeps the other chunks as they are.

Sources: Portable Network Graphics, third edition (W3C), sections 5 (chunks) and 11.3.3.4 (iTXt).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from clrctl.document.baking.baked import BAKED, OPEN_BADGES_2, Baked, BakedKind, already, only_one
from clrctl.errors import InputError

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
LARGEST: Final = 20 * 2**20
MOST_CHUNKS: Final = 1000
"""Most chunks beside those of the pixels, of which a large picture has thousands."""

_PIXELS = (b"IDAT", b"fdAT")
_TEXTS = (b"iTXt", b"tEXt", b"zTXt")
_KEYWORDS = {kind.keyword.encode(): kind for kind in BAKED}
_HEAD = struct.Struct(">I4s")
_CHECKSUM = struct.Struct(">I")
_FIXED = _HEAD.size + _CHECKSUM.size


def is_png(raw: bytes) -> bool:
    """Return whether a file begins as PNG files do."""
    return raw.startswith(SIGNATURE)


def extract(raw: bytes, source: str) -> Baked:
    """Return the credential in a PNG file; see `clrctl.document.baking.extract`."""
    return only_one(list(_credentials(_chunks(raw, source), source)), source)


def bake(raw: bytes, text: bytes, kind: BakedKind, source: str) -> bytes:
    """Return a PNG file with a credential in front of its end; see `baking.bake`."""
    chunks = list(_chunks(raw, source))
    for found in _credentials(chunks, source):
        raise already(found, source)
    end = chunks[-1].start
    # Uncompressed, without language and translated keyword.
    body = kind.keyword.encode() + b"\0" * 5 + text
    return raw[:end] + _chunk(b"iTXt", body) + raw[end:]


class _Chunk(NamedTuple):
    start: int
    name: bytes
    body: bytes


def _chunk(name: bytes, body: bytes) -> bytes:
    return _HEAD.pack(len(body), name) + body + _CHECKSUM.pack(zlib.crc32(name + body))


def _chunks(raw: bytes, source: str) -> Iterator[_Chunk]:
    """Yield the chunks of a PNG file, from IHDR to IEND.

    Raises:
        InputError: the file is too large, cut off or damaged.
    """
    if len(raw) > LARGEST:
        raise InputError(
            f"the picture is larger than {LARGEST // 2**20} MiB",
            where=source,
            fix="make the picture smaller; a badge needs no more than a few hundred pixels",
        )
    at, others, name = len(SIGNATURE), 0, b""
    while name != b"IEND":
        if at + _FIXED > len(raw):
            raise _damaged(source, "it ends before its last chunk: the file is cut off")
        length, name = _HEAD.unpack_from(raw, at)
        begin = at + _HEAD.size
        if begin + length + _CHECKSUM.size > len(raw):
            raise _damaged(source, f"the chunk at byte {at} is longer than the file")
        body = raw[begin : begin + length]
        (told,) = _CHECKSUM.unpack_from(raw, begin + length)
        if told != zlib.crc32(body, zlib.crc32(name)):
            raise _damaged(source, f"the checksum of the chunk at byte {at} is wrong")
        if at == len(SIGNATURE) and name != b"IHDR":
            raise _damaged(source, "it does not begin with an IHDR chunk")
        others += name not in _PIXELS
        if others > MOST_CHUNKS:
            raise _damaged(source, f"it has more than {MOST_CHUNKS:,} chunks beside its pixels")
        yield _Chunk(at, name, body)
        at += length + _FIXED


def _damaged(source: str, why: str) -> InputError:
    return InputError(
        "the PNG file is damaged", where=source, why=why, fix="download it again, as a whole"
    )


def _credentials(chunks: Iterable[_Chunk], source: str) -> Iterator[Baked]:
    for chunk in chunks:
        keyword, _, rest = chunk.body.partition(b"\0") if chunk.name in _TEXTS else (b"", b"", b"")
        if keyword in _KEYWORDS:
            kind = _KEYWORDS[keyword]
            # Open Badges 1.0 was baked so.
            older = kind is OPEN_BADGES_2 and chunk.name == b"tEXt"
            yield Baked(kind, rest if older else _text(chunk.name, rest, source))


def _text(name: bytes, rest: bytes, source: str) -> bytes:
    """Return the text of a chunk with a keyword of ours; `rest` is what follows the keyword."""
    if name != b"iTXt":
        raise _unfit(source, f"it is in a {name.decode()} chunk; the standard wants iTXt")
    if rest[:1] != b"\0":
        raise _unfit(source, "it is compressed; the standard wants it plain")
    fields = rest[2:].split(b"\0", 2)
    if len(fields) != 3:  # noqa: PLR2004 - language, translated keyword, text
        raise _unfit(source, "the iTXt chunk lacks its text")
    return fields[2]


def _unfit(source: str, why: str) -> InputError:
    return InputError(
        "the credential in the picture cannot be read",
        where=source,
        why=why,
        fix="ask its issuer for a picture that is baked as the standard says, or for the JSON file",
    )
