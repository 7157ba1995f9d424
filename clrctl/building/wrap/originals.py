"""What is in a record without its signature, kept beside it: the originals can be verified."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path, PurePath

from clrctl.building.wrap.judging import Judged
from clrctl.util import atomic

FOLDER = "originals"
_WORDS = atomic.Words("cannot keep the signed original")


def keep(judged: Iterable[Judged], beside: Path, *, force: bool = False) -> list[Path]:
    """Write the originals to a folder beside the record, and return where they lie.

    Args:
        judged: what went into the record.
        beside: the record's file.
        force: replace others of the same name.

    Raises:
        InputError: one cannot be written, or another file has its name.
    """
    kept: list[Path] = []
    for one in judged:
        if one.original is None:
            continue
        folder = beside.parent / FOLDER
        contents = one.original.contents
        name = "stdin" if one.place.source == "-" else PurePath(one.place.source).stem
        path = folder / f"{name}{one.original.suffix}"
        if path in kept:
            path = path.with_stem(f"{name}-{hashlib.sha256(contents).hexdigest()[:8]}")
        with atomic.told(path, _WORDS):
            folder.mkdir(parents=True, exist_ok=True)
            same = path.is_file() and path.read_bytes() == contents
        if not same:
            (atomic.replace if force else atomic.create)(path, contents, words=_WORDS)
        kept.append(path)
    return kept
