"""The scale that the values of a result have, guessed for a mapping to start from.

Marks that are no grades (W, INC, NP) do not become part of a scale, but `marks` with the status
that each of them means. Which value passes decides who earns credits: it is asked for, unless the
values say nothing else than passed and failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from clrctl.building import marks
from clrctl.building.passing import COMPLETED, FAILED
from clrctl.building.recipe import UNFILLED
from clrctl.building.tables.guessing import as_yaml
from clrctl.building.tables.values import UnreadableValue, number

_LETTERS = [f"{letter}{sign}" for letter in "FEDCBA" for sign in ("-", "", "+")]
_HIGHEST_MARK = 20
"""Marks that are no percentages go up to 4, 5, 6, 10, 15 or 20, by country."""
_WIDTH = 33


@dataclass(frozen=True, slots=True)
class ScaleGuess:
    """A scale, as far as its values show it.

    Attributes:
        values: low to high, for a scale of letters or words; empty for one of numbers.
        numbers: what the mapping says of a scale of numbers, by its keys.
        required: the value that passes; empty where it is to be asked for.
        marks: what is no value of the scale, and the status that it means, if that is known.
        doubtful: values that are neither letters nor known marks.
    """

    values: tuple[str, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)
    required: str = ""
    marks: tuple[tuple[str, str], ...] = ()
    doubtful: tuple[str, ...] = ()

    @property
    def says_status(self) -> bool:
        """Whether it decides what was passed, which a result of type Status has to say."""
        return bool(self.values or self.marks)

    def lines(self, key: str, *, ask: bool) -> Iterator[str]:
        """Yield its entry in a mapping.

        Args:
            key: its name there.
            ask: whether nothing else says what was passed, so that even a scale of percentages
                has to.
        """
        if not self.values:
            asked = ask and self.numbers["type"] == "Percent"
            said = {**self.numbers, **({"required": UNFILLED} if asked else {})}
            pairs = [f"{name}: {value}" for name, value in said.items()]
            if self.marks:
                yield from (f"  {key}:", *(f"    {pair}" for pair in pairs))
            else:
                line = f"  {key}: {{{', '.join(pairs)}}}"
                yield f"{line}   # the least that passes" if asked else line
        else:
            yield f"  {key}:"
            yield "    type: LetterGrade"
            doubt = f"{', '.join(self.doubtful)}: no letters; " if self.doubtful else ""
            listed = f"    values: [{', '.join(map(as_yaml, self.values))}]"
            yield f"{listed.ljust(_WIDTH)}# low to high? {doubt}are there more?"
            required = as_yaml(self.required) if self.required else UNFILLED
            why = "# the lowest that passes; below it no credits are earned"
            yield f"    required: {required}".ljust(_WIDTH) + why
        if self.marks:
            yield "    marks:                       # no grades: what status each of them means"
            for mark, status in self.marks:
                known = marks.mark_of(mark)
                line = f"      {as_yaml(mark)}: {status or UNFILLED}"
                yield line.ljust(_WIDTH) + f"# {known.meaning}" if known else line


def guess(name: str, values: Sequence[str]) -> ScaleGuess:
    """Return the scale of a result.

    Args:
        name: of the result.
        values: all that its column has, each once.
    """
    if name == "Cumulative GPA":
        return ScaleGuess(numbers={"type": "GradePointAverage", "min": "0", "max": "4"})
    known = {value: mark for value in values if (mark := marks.mark_of(value))}
    letters = [letter for letter in _LETTERS if letter in values]
    graded = [value for value in values if value not in known]
    if graded and _are_numbers(graded):
        return ScaleGuess(
            numbers=_numeric(name, graded),
            marks=tuple((text, mark.status) for text, mark in known.items()),
        )
    if set(graded) <= {"F"} and (scale := _of_passing(graded, known)):
        return scale
    others = [value for value in graded if value not in letters]
    return ScaleGuess(
        values=(*others, *letters),
        marks=tuple((text, mark.status) for text, mark in known.items()),
        doubtful=tuple(others),
    )


def _of_passing(graded: Sequence[str], known: dict[str, marks.Mark]) -> ScaleGuess | None:
    """Return a scale of passed and failed; None where nothing says that something was passed."""
    good = [text for text, mark in known.items() if mark.status == COMPLETED]
    bad = [*graded, *(text for text, mark in known.items() if mark.status == FAILED)]
    rest = tuple((text, mark.status) for text, mark in known.items() if text not in (*good, *bad))
    if not good:
        return None
    return ScaleGuess(values=(*bad, *good), required=good[0], marks=rest)


def _numeric(name: str, values: Sequence[str]) -> dict[str, str]:
    highest = max((number(value, comma=True) for value in values), default=0)
    if name == "Percent" or (name != "Score" and highest > _HIGHEST_MARK):
        return {"type": "Percent", "min": "0", "max": "100"}
    return {"type": "RawScore"}


def _are_numbers(values: Sequence[str]) -> bool:
    try:
        for value in values:
            number(value, comma=True)
    except UnreadableValue:
        return False
    return True
