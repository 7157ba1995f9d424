"""Signed tokens whose content went into a record, kept beside it: they alone can be verified."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath

from clrctl import files
from clrctl.builder.wrapping.judging import Judged

FOLDER = "originals"
_WORDS = files.Words("cannot keep the signed token")


def keep(judged: Iterable[Judged], beside: Path, *, force: bool = False) -> list[Path]:
    """Write the tokens to a folder beside the record, and return where they lie.

    Args:
        judged: what went into the record.
        beside: the record's file.
        force: replace others of the same name.

    Raises:
        InputError: one cannot be written, or another file has its name.
    """
    kept = []
    for one in judged:
        if not one.token:
            continue
        folder = beside.parent / FOLDER
        name = "stdin" if one.place.source == "-" else PurePath(one.place.source).stem
        path = folder / f"{name}.jwt"
        contents = one.token.encode()
        with files.told(path, _WORDS):
            folder.mkdir(parents=True, exist_ok=True)
            same = path.is_file() and path.read_bytes() == contents
        if not same:
            (files.replace if force else files.create)(path, contents, words=_WORDS)
        kept.append(path)
    return kept
