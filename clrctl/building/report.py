"""What became of a build: gathered record by record, told as text or as JSON.

The text groups what is alike, because a school that misspells one word does so in four hundred
rows. Names of learners are not told; their keys are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from clrctl.building.output import FileState, Placed
from clrctl.building.problems import NotBuilt, Note, Problem, Skipped
from clrctl.finding import Json
from clrctl.util import count

FORMAT = "clrctl.build/1"
_MOST_GROUPS = 20
_FEW = 5
_VALUE = re.compile(r'"[^"]*"')


@dataclass(slots=True)
class BuildReport:
    """What became of a build so far.

    Attributes:
        dry: nothing was written.
        detailed: every record is told, not only what is wrong.
        states: number of records in each state.
        unbuilt: learners whose record was not built.
        gone: files of learners whom the source does not have any more.
        records: what is reported of each record, where that was asked for.
    """

    dry: bool = False
    detailed: bool = False
    states: Counter[FileState] = field(default_factory=Counter)
    unbuilt: list[NotBuilt] = field(default_factory=list)
    gone: tuple[str, ...] = ()
    records: list[dict[str, Json]] = field(default_factory=list)
    _skipped: Counter[str] = field(default_factory=Counter)
    _claims: int = 0
    _notes: Counter[str] = field(default_factory=Counter)
    _skipped_first: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether every record was built."""
        return not self.unbuilt

    @property
    def built(self) -> int:
        """Number of records that were built."""
        return self.states.total()

    def add(self, outcome: Placed | NotBuilt | Skipped | Note) -> None:
        """Take in what became of one record or row."""
        if isinstance(outcome, Note):
            self._notes[outcome.text] += 1
        elif isinstance(outcome, Skipped):
            self._skipped[outcome.reason] += 1
            self._skipped_first.setdefault(outcome.reason, str(outcome.place))
        elif isinstance(outcome, NotBuilt):
            self.unbuilt.append(outcome)
        else:
            self.states[outcome.state] += 1
            self._claims += not outcome.built.partial
            self._notes.update(outcome.built.notes)
            self._notes.update(
                f"{finding.code}: {finding.message}" for finding in outcome.built.warnings
            )
            if outcome.warning:
                self._notes[outcome.warning] += 1
            if self.detailed:
                self.records.append(_record(outcome))

    def problems(self, *, all_of_them: bool = False) -> Iterator[str]:
        """Yield the lines that tell why records were not built, alike ones together."""
        groups: dict[tuple[str, str], list[tuple[str, Problem]]] = {}
        for unbuilt in self.unbuilt:
            for problem in unbuilt.problems:
                # One sentence about another value, with the same thing to do, is no other kind.
                alike = _VALUE.sub('""', problem.message, count=1), problem.fix
                groups.setdefault(alike, []).append((unbuilt.learner, problem))
        shown = len(groups) if all_of_them else _MOST_GROUPS
        for members in list(groups.values())[:shown]:
            learner, problem = members[0]
            yield from problem.lines() if problem.subject else _about(learner, problem)
            if len(members) > 1 and not all_of_them:
                yield f"  and {len(members) - 1:,} more like this{_others(problem, members[1:])}"
            elif all_of_them:
                for name, other in members[1:]:
                    value = "" if _value(other) == _value(problem) else _value(other)
                    told = other.where, other.subject or name, value
                    yield f"  also {'  '.join(filter(None, told))}"
        if len(groups) > shown:
            yield f"and {count(len(groups) - shown, 'more kind')} of problems: add -v"

    def summary(self, place: str) -> Iterator[str]:
        """Yield the lines that sum it up.

        Args:
            place: where the records went, for people.
        """
        parts = [f"{self.states[state]:,} {state}" for state in FileState if self.states[state]]
        if self.unbuilt:
            learners = len({unbuilt.learner or id(unbuilt) for unbuilt in self.unbuilt})
            parts.append(f"{learners:,} not built")
        verb = "would build" if self.dry else "built"
        told = f"{verb} {count(self.built, 'record')}{place}"
        yield f"{told}: {', '.join(parts)}" if parts else told
        if self._skipped and self._claims:
            told = count(self._claims, "record")
            yield f"  note: rows were skipped, and {told} claim by partial: false to lack nothing"
        if self._skipped:
            reasons = "; ".join(
                f"{number:,} {reason} (first {self._skipped_first[reason]})"
                for reason, number in self._skipped.most_common()
            )
            yield f"  skipped {count(self._skipped.total(), 'row')}: {reasons}"
        for note, number in self._notes.most_common():
            yield f"  note: {note}" + (f" ({number:,} times)" if number > 1 else "")
        if self.gone:
            some = ", ".join(self.gone[:3]) + (", …" if len(self.gone) > 3 else "")  # noqa: PLR2004
            yield f"  gone from the source, files left as they are: {len(self.gone):,} ({some})"
            if self.states[FileState.NEW]:
                yield "  note: some are gone and some new: whose key changed gets a second record"

    def as_json(self) -> dict[str, Json]:
        """Return it as the JSON answer."""
        return {
            "format": FORMAT,
            "ok": self.ok,
            "dry_run": self.dry,
            "summary": {
                **{str(state): self.states[state] for state in FileState},
                "not_built": len(self.unbuilt),
                "skipped": self._skipped.total(),
                "gone": len(self.gone),
            },
            "records": self.records,
            "not_built": [
                {"learner": one.learner, "problems": [_problem(each) for each in one.problems]}
                for one in self.unbuilt
            ],
            "skipped": [
                {"reason": reason, "rows": number, "first": self._skipped_first[reason]}
                for reason, number in self._skipped.most_common()
            ],
            "notes": [
                {"note": note, "records": number} for note, number in self._notes.most_common()
            ],
            "gone": list(self.gone),
        }


def _value(problem: Problem) -> str:
    """Return the value that a problem is about, as it is quoted in its message."""
    found = _VALUE.search(problem.message)
    return found[0] if found else ""


def _others(first: Problem, members: list[tuple[str, Problem]]) -> str:
    """Return the other values that the same is wrong with, and whose records they are in."""
    values = dict.fromkeys(_value(problem) for _, problem in members)
    values.pop(_value(first), None)
    learners = dict.fromkeys(name for name, _ in members if name)
    told = f": {_few(values)}" if values else ""
    return told + (f" ({_few(learners)})" if learners else "")


def _few(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:_FEW]) + (", …" if len(names) > _FEW else "")


def _about(learner: str, problem: Problem) -> Iterator[str]:
    first, *rest = problem.lines()
    if not problem.where:
        yield f"learner {learner}" if learner else "the source"
        yield f"  {first}"
    else:
        yield f"{first}  learner {learner}" if learner else first
    yield from rest


def _record(placed: Placed) -> dict[str, Json]:
    built = placed.built
    told = {
        "learner": built.learner,
        "id": built.id,
        "validFrom": built.valid_from,
        "file": placed.path or None,
        "state": str(placed.state),
        "notes": [*built.notes, *filter(None, [placed.warning])],
    }
    return {**told, "changes": list(placed.pointers)} if placed.pointers else told


def _problem(problem: Problem) -> dict[str, Json]:
    return {
        "message": problem.message,
        "fix": problem.fix,
        "source": problem.place.source or None,
        "line": problem.place.line or None,
        "subject": problem.subject or None,
        "also": [str(place) for place in problem.also],
    }
