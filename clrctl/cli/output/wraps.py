"""Wrapping whole files: what became of each is told, and the record written with its originals."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from clrctl.building import (
    Built,
    FileState,
    Judged,
    NotBuilt,
    OutputFile,
    Placed,
    Problem,
    Provenance,
    Record,
    Refused,
    WrapOutcome,
    ids,
    load,
    originals,
    wrap_report,
)
from clrctl.cli.console import Console
from clrctl.errors import ExitCode, worst
from clrctl.finding import Json
from clrctl.util import Secret, safe

STDOUT = "-"


@dataclass
class WrapRun:
    """One run, and what it adds up to.

    Attributes:
        console: where it is told.
        output: the file of the record, or `-` for standard output.
        force: replace files that exist.
        dry: write nothing.
        judged: what becomes of each credential.
        placed: the record, once it has its place.
        problems: why there is none.
    """

    console: Console
    output: str
    force: bool
    dry: bool
    judged: list[Judged] = field(default_factory=list)
    placed: Placed | None = None
    problems: tuple[Problem, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """What the run adds up to; it is OK if everything went in."""
        refused = [one for one in self.judged if one.outcome is WrapOutcome.REFUSED]
        codes = [ExitCode.INPUT if one.unread else ExitCode.INVALID for one in refused]
        # That nothing is left to write follows from what was refused.
        if not codes and (self.problems or self.placed is None):
            codes = [ExitCode.INVALID]
        return worst(codes)

    def recipe(self, name: str) -> Record | None:
        """Return what a recipe says; None where it cannot be understood."""
        try:
            return load.load(name)
        except Refused as refused:
            self.problems = refused.problems
            return None

    def tell_each(self) -> None:
        """Print what becomes of each credential; refusals even if `--quiet`."""
        for row in wrap_report.rows(self.judged):
            for line in row.lines:
                (self.console.complain if row.refused else self.console.say)(safe(line, limit=None))

    def put(self, built: Built | NotBuilt) -> None:
        """Write the record, and beside it the originals of what went in unsigned."""
        if isinstance(built, NotBuilt):
            self.problems = built.problems
            return
        if self.output == STDOUT:
            if not self.dry:
                self.console.answer_bytes(built.text)
            self.placed = Placed(built, FileState.NEW)
            return
        path = Path(self.output)
        if not self.dry:
            for kept in originals.keep(self.judged, path, force=self.force):
                self.console.say(f"{safe(kept, limit=None)}: the signed original")
        placed = OutputFile(path, force=self.force, dry=self.dry).put(built)
        if isinstance(placed, NotBuilt):
            self.problems = placed.problems
        else:
            self.placed = placed

    def keep(self, folder: str, secret: Secret | None) -> None:
        """Write where each part of the record comes from, and who vouched for what."""
        if self.placed is not None and not self.dry:
            Provenance(Path(folder), ids.fingerprint(secret)).keep(self.placed.built)

    def end(self) -> None:
        """Print what is wrong with the record, and what the run adds up to."""
        for problem in self.problems:
            for line in problem.lines():
                self.console.complain(safe(line, limit=None))
        if self.placed and self.placed.warning:
            self.console.warn(safe(self.placed.warning, limit=None))
        counts = wrap_report.summary(self.judged)
        told = ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number)
        self.console.say(f"{told or 'nothing read'}; {self._written()}")

    def _written(self) -> str:
        if self.placed is None:
            return "no record written"
        if self.dry:
            return f"the record is {self.placed.state}, and was not written"
        if self.output == STDOUT:
            return "the record is on standard output"
        return f"the record is {self.placed.state}: {safe(self.output, limit=None)}"

    def as_json(self) -> dict[str, Json]:
        """Return the run as JSON."""
        record = None
        if self.placed is not None:
            record = {
                "id": self.placed.built.id,
                "file": self.placed.path,
                "state": self.placed.state,
            }
        return {
            "format": wrap_report.FORMAT,
            "ok": self.exit_code is ExitCode.OK,
            "summary": wrap_report.summary(self.judged),
            "record": record,
            "credentials": [wrap_report.as_object(one) for one in self.judged],
            "problems": [
                {"where": one.where, "message": one.message, "fix": one.fix}
                for one in self.problems
            ],
        }
