"""What became of each credential, as lines and as JSON (`clrctl.wrap/1`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from clrctl.building.wrap.judging import Judged
from clrctl.building.wrap.reasons import WrapOutcome
from clrctl.finding import Json

FORMAT = "clrctl.wrap/1"
_WIDEST = 44
_UNDER = "    "


@dataclass(frozen=True, slots=True)
class WrapRow:
    """Lines about one credential.

    Attributes:
        refused: somebody has to do something about it.
        lines: the first names the source.
    """

    refused: bool
    lines: tuple[str, ...]


def rows(judged: Sequence[Judged]) -> Iterator[WrapRow]:
    """Yield what is printed of each credential, in columns."""
    width = min(max((len(_source(one)) for one in judged), default=0), _WIDEST)
    for one in judged:
        head = f"{_source(one):<{width}}  {one.outcome}  "
        named = ", ".join(filter(None, [one.name, one.issuer]))
        if one.outcome is WrapOutcome.WRAPPED:
            lines = [head + named, *(f"{_UNDER}{note}" for note in one.notes)]
        else:
            lines = [head + one.why]
            lines += [f"{_UNDER}fix: {one.fix}"] if one.fix else []
        yield WrapRow(one.outcome is WrapOutcome.REFUSED, tuple(line.rstrip() for line in lines))


def summary(judged: Iterable[Judged]) -> dict[str, int]:
    """Return how many there are of each outcome."""
    counted = Counter(one.outcome for one in judged)
    return {outcome.value: counted[outcome] for outcome in WrapOutcome}


def as_object(one: Judged) -> dict[str, Json]:
    """Return what became of a credential as JSON."""
    return {
        "source": one.place.source,
        "line": one.place.line or 1,
        "pointer": one.within,
        "outcome": one.outcome.value,
        "why": one.why,
        "fix": one.fix,
        "notes": list(one.notes),
        "id": one.id,
        "name": one.name,
        "issuer": one.issuer,
    }


def _source(one: Judged) -> str:
    return f"{one.place} {one.within}".rstrip()
