"""Building into files: where records go, what is printed about them, and the report on them all."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson

from clrctl.building import (
    BuildReport,
    BuildResult,
    Built,
    FileState,
    NotBuilt,
    Note,
    Output,
    OutputFile,
    OutputFolder,
    Placed,
    Provenance,
    Skipped,
    Source,
    SourceKind,
    ids,
)
from clrctl.cli.console import Console
from clrctl.cli.output.target import refuse_to_replace
from clrctl.errors import UsageError
from clrctl.util import Secret, atomic, safe

STDOUT = "-"
_EVERY = 25
_FEW = 10


class _Stdout:
    """Standard output: it takes one record."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._taken = False

    def put(self, built: Built) -> Placed:
        if self._taken:
            raise UsageError(
                "standard output takes one record, and there are several", fix="add -o FOLDER"
            )
        self._taken = True
        self._console.answer(built.text.decode().rstrip("\n"))
        return Placed(built, FileState.NEW)

    def missed(self, learner: str) -> None:
        pass

    def finish(self) -> tuple[str, ...]:
        return ()


def placed_at(
    console: Console,
    output: str,
    found: list[tuple[Source, SourceKind]],
    secret: Secret | None,
    *,
    force: bool,
    dry: bool,
) -> Output:
    """Return where the records of these sources go.

    Raises:
        UsageError: there is no room for them, or a source would be replaced.
        InputError: the lock of the folder cannot be read.
    """
    many = len(found) > 1 or found[0][1].many
    if output in ("", STDOUT):
        if many:
            raise UsageError(
                "there may be many records, and each gets a file of its own", fix="add -o FOLDER"
            )
        return _Stdout(console)
    path = Path(output)
    for source, _ in found:
        refuse_to_replace(source.name, output)
    if many or path.is_dir() or output.endswith(("/", os.sep)):
        if path.exists() and not path.is_dir():
            raise UsageError(
                "this is a file, and the records need a folder",
                where=output,
                fix="name a folder; it is made where it is missing",
            )
        return OutputFolder(path, ids.fingerprint(secret), force=force, dry=dry)
    return OutputFile(path, force=force, dry=dry)


def refuse_inside(output: str, flag: str, name: str) -> None:
    """Raise UsageError if something else would lie among the records."""
    if not name or output in ("", STDOUT):
        return
    if Path(name).resolve().is_relative_to(Path(output).resolve()):
        raise UsageError(
            f"{flag} would lie among the records",
            where=name,
            why="whoever checks or uploads the folder would take it for a record",
            fix="name a place beside them",
        )


@dataclass
class BuildRun:
    """One build: records are put in their places, and reported.

    Attributes:
        console: where it is told.
        output: a file, a folder, or `-` or nothing for standard output.
        place: takes the records.
        keeping: where it is kept what each part comes from; None where that is not wanted.
        told: the report.
    """

    console: Console
    output: str
    place: Output
    keeping: Provenance | None
    told: BuildReport

    def all(self, outcomes: Iterable[BuildResult], *, fail_fast: bool, whole: bool) -> None:
        """Put all records where they belong.

        Args:
            outcomes: what became of each.
            fail_fast: stop at the first that could not be built.
            whole: the sources hold all learners, so that those missing are gone.

        Raises:
            InputError: a record, or the lock of the folder, cannot be written.
        """
        try:
            for outcome in outcomes:
                self.told.add(self._put(outcome))
                self._show()
                if fail_fast and not self.told.ok:
                    break
        finally:
            # What was written is known to the next build, however this one ends.
            gone = self.place.finish()
        # Of a source that was not read to its end, nobody knows what is gone from it.
        unread = fail_fast or any(not one.learner for one in self.told.unbuilt)
        self.told.gone = gone if whole and not unread else ()

    def _put(self, outcome: BuildResult) -> Placed | NotBuilt | Skipped | Note:
        result = self.place.put(outcome) if isinstance(outcome, Built) else outcome
        if isinstance(result, NotBuilt) and result.learner:
            self.place.missed(result.learner)
        elif isinstance(outcome, Built) and self.keeping is not None:
            self.keeping.keep(outcome)
        return result

    def _show(self) -> None:
        done = self.told.built + len(self.told.unbuilt)
        if self.console.is_drawing and done % _EVERY == 0:
            self.console.status(f"{done:,} records")

    def end(self) -> None:
        """Print the result: what was not built first, the sum last."""
        console, told = self.console, self.told
        if told.dry:
            self._tell_changes()
        for line in told.problems(all_of_them=console.verbose > 0):
            console.complain(safe(line, limit=None))
        where = "" if self.output in ("", STDOUT) else f" in {self.output}"
        for line in told.summary(where):
            console.say(safe(line, limit=None))
        if where and told.built and told.ok and not told.dry:
            name = shlex.quote(self.output)
            console.suggest(f"clrctl show {name}", f"clrctl plan {name} --endpoint sandbox")

    def _tell_changes(self) -> None:
        console = self.console
        for row in self.told.records:
            if row["state"] != "unchanged" or console.verbose:
                console.say(f"{row['state']:<9} {safe(row['file'], limit=None)}")
            for pointer in row.get("changes", ())[: None if console.verbose else _FEW]:
                console.say(f"          {safe(pointer)}")

    def write(self, file: str) -> None:
        """Write the report as JSON.

        Raises:
            InputError: it cannot be written.
        """
        option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        text = orjson.dumps(self.told.as_json(), option=option)
        atomic.replace(Path(file), text, words=atomic.Words("cannot write the report"))
