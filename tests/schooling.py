"""What the tests of tables share: the sample, and building it in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from clrctl.building.emitter import EmitOptions, Emitter
from clrctl.building.model import Record
from clrctl.building.problems import NotBuilt, Note, Problem, Refused, Skipped
from clrctl.building.tables import source
from clrctl.errors import InputError
from clrctl.util.secret import Secret

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "samples" / "highschool-transcript"
SECRET = Secret("for the tests alone")


@dataclass
class Outcome:
    """What became of a folder of tables."""

    built: dict[str, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: InputError | None = None

    def said(self, folder: Path, ignoring: Iterable[str] = ()) -> str:
        lines = []
        for problem in dict.fromkeys(self.problems):
            text = "\n".join(problem.lines()).replace(f"{folder}/", "")
            if not text.startswith(tuple(ignoring)):
                lines.append(text)
        if self.error:
            where = self.error.where.replace(f"{folder}/", "")
            lines.append(f"{where}: {self.error.what}: {self.error.why}\n  fix: {self.error.fix}")
        return "".join(f"{line}\n" for line in lines)


def records_of(path: Path | str) -> list[Record | NotBuilt | Skipped | Note]:
    """Return all that tables hold."""
    with source.load(str(path)) as tables:
        return list(tables.records())


def build(folder: Path | str) -> Outcome:
    outcome = Outcome()
    emitter = Emitter(EmitOptions(SECRET))
    try:
        for one in records_of(folder):
            if isinstance(one, Note):
                outcome.notes.append(one.text)
                continue
            if isinstance(one, Skipped):
                outcome.skipped.append(one)
                continue
            emitted = one if isinstance(one, NotBuilt) else emitter.emit(one)
            if isinstance(emitted, NotBuilt):
                outcome.problems += emitted.problems
            else:
                outcome.built[emitted.record.learner.key] = emitted.text
    except Refused as refused:
        outcome.problems += refused.problems
    except InputError as error:
        outcome.error = error
    return outcome
