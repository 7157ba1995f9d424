"""Keeping what an endpoint returned: one file for each credential, written whole or not at all.

It names files after inputs and never replaces one; it does not look into what it writes.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePath

from clrctl.errors import InputError, UsageError
from clrctl.finding import Report
from clrctl.util import atomic

_LINES = (".ndjson", ".jsonl")
_SUFFIXES = (".json", ".yaml", ".yml", *_LINES)
_UNKEPT = atomic.Words(
    "cannot keep the endpoint's answer",
    fix="the credential is stored at the endpoint; send it again to get it once more",
)


class SavedFolder:
    """A folder that takes returned credentials, named after the inputs they answer.

    Args:
        folder: created where it is missing.
        reports: the inputs of this run.

    Raises:
        UsageError: a file in it would replace an input.
        InputError: it cannot be written.
    """

    def __init__(self, folder: Path, reports: Sequence[Report]) -> None:
        self._folder = folder
        self._names = _names(reports)
        inputs = {_inode(report.source): report.source for report in reports}
        for name in self._names.values():
            if (found := _inode(folder / name)) is not None and found in inputs:
                raise UsageError(
                    "--save would replace an input with the endpoint's answer",
                    where=inputs[found],
                    fix="name another folder",
                )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as problem:
            raise InputError(
                "cannot write to the folder", where=f"{folder} (--save)", why=problem.strerror or ""
            ) from None

    def keep(self, report: Report, answer: bytes) -> Path | None:
        """Write the answer to an input, and return where it lies; nothing if it is empty.

        Raises:
            InputError: it cannot be written; an older file is left as it was.
        """
        if not answer:
            return None
        file = self._folder / self._names[report.key]
        atomic.replace(file, answer, mode=atomic.PRIVATE, words=_UNKEPT)
        return file


def _inode(path: str | Path) -> tuple[int, int] | None:
    """Return what tells a file from all others, however it is spelled; None if there is none."""
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _names(reports: Sequence[Report]) -> dict[tuple[str, int], str]:
    """Return a file name for each input: its own, with its line where there are several in it."""
    names: dict[tuple[str, int], str] = {}
    taken: set[str] = set()
    together = Counter(report.source for report in reports)
    for report in reports:
        stem = "stdin" if report.source == "-" else PurePath(report.source).name
        is_line = stem.endswith(_LINES) or together[report.source] > 1
        for suffix in _SUFFIXES:
            stem = stem.removesuffix(suffix)
        if is_line:
            stem = f"{stem}-{report.first_line}"
        name, number = f"{stem}.json", 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}.json"
        taken.add(name.casefold())
        names[report.key] = name
    return names
