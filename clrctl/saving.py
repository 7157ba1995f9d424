"""Keeping what an endpoint returned: one file for each credential, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePath

from clrctl.errors import InputError, UsageError
from clrctl.finding import FileReport

_SUFFIXES = (".json", ".yaml", ".yml", ".ndjson", ".jsonl")


class SavedFolder:
    """A folder that takes returned credentials, named after the inputs they answer.

    Args:
        folder: created where it is missing.
        reports: the inputs of this run.

    Raises:
        UsageError: a file in it would replace an input.
        InputError: it cannot be written.
    """

    def __init__(self, folder: Path, reports: Iterable[FileReport]) -> None:
        self._folder = folder
        self._names = _names(reports)
        for source, name in ((key[0], name) for key, name in self._names.items()):
            if source != "-" and Path(source).resolve() == (folder / name).resolve():
                raise UsageError(
                    "--save would replace an input with the endpoint's answer",
                    where=source,
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

    def keep(self, report: FileReport, answer: bytes) -> Path | None:
        """Write the answer to an input, and return where it lies; nothing if it is empty.

        Raises:
            InputError: it cannot be written; an older file is left as it was.
        """
        if not answer:
            return None
        file = self._folder / self._names[report.key]
        try:
            handle, name = tempfile.mkstemp(dir=self._folder, prefix=".clrctl-")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(answer)
                Path(name).replace(file)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as problem:
            raise InputError(
                "cannot keep the endpoint's answer",
                where=str(file),
                why=problem.strerror or "",
                fix="the credential is stored at the endpoint; send it again to get it once more",
            ) from None
        return file


def _names(reports: Iterable[FileReport]) -> dict[tuple[str, int], str]:
    """Return a file name for each input: its own, or made distinct by line or number."""
    names: dict[tuple[str, int], str] = {}
    taken: set[str] = set()
    for report in reports:
        path = PurePath(report.source)
        stem = "stdin" if report.source == "-" else path.name
        for suffix in _SUFFIXES:
            stem = stem.removesuffix(suffix)
        if path.suffix in (".ndjson", ".jsonl") or report.first_line > 1:
            stem = f"{stem}-{report.first_line}"
        name, number = f"{stem}.json", 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}.json"
        taken.add(name.casefold())
        names[report.key] = name
    return names
