"""How far a long run has come: one line that is drawn over on a terminal, or one now and then.

It is drawn here and not by rich, whose bars need a thread of their own and both streams: the
answer goes to standard output meanwhile. It knows counts, not credentials.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from clrctl.cli.console import Console
from clrctl.sending import STORED, UploadOutcome

Item = TypeVar("Item")

_PATIENCE = 0.5
_REDRAW = 0.1
_RETELL = 10.0


class Progress:
    """The progress of one run.

    Args:
        console: where it is shown: drawn if its conversation goes to a terminal, otherwise told
            every ten seconds with `-v`.
        total: credentials there are; None while nobody knows.
        hindrance: returns why hardly anything happens, or an empty text.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        console: Console,
        total: int | None,
        *,
        hindrance: Callable[[], str] = str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.counts: Counter[UploadOutcome] = Counter()
        self._console = console
        self._total = total
        self._hindrance = hindrance
        self._clock = clock
        self._began = clock()
        self._next = self._began + (_PATIENCE if console.is_drawing else _RETELL)

    @property
    def seconds(self) -> float:
        """How long the run has lasted."""
        return self._clock() - self._began

    def tick(self) -> None:
        """Show how far it has come, if that is due."""
        now = self._clock()
        if now < self._next:
            return
        if self._console.is_drawing:
            self._next = now + _REDRAW
            self._console.status(self.line())
        else:
            self._next = now + _RETELL
            self._console.detail(self.line())

    def line(self) -> str:
        """Return the progress in words."""
        done = self.counts.total()
        of = f" of {self._total:,}" if self._total is not None else ""
        parts = [f"{done:,}{of} done"]
        parts += [
            f"{self.counts[outcome]:,} {outcome}"
            for outcome in UploadOutcome
            if self.counts[outcome] and (outcome not in STORED or outcome is UploadOutcome.ALTERED)
        ]
        rate = done / self.seconds if self.seconds > 0 else 0.0
        parts.append(f"{rate:,.0f}/s")
        if hindrance := self._hindrance():
            parts.append(hindrance)
        elif self._total is not None and rate > 0:
            parts.append(f"{_clock_face((self._total - done) / rate)} left")
        return ", ".join(parts)


def counting(
    items: Iterable[Item],
    console: Console,
    *,
    size: Callable[[Item], int] = lambda _: 1,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Item]:
    """Pass items on, and show on the terminal how many were checked, once that takes a while.

    Args:
        items: what is checked, or is about to be.
        console: where it is shown.
        size: returns how many documents there are in an item.
        clock: seconds that only go forward.
    """
    if not console.is_drawing:
        yield from items
        return
    began = clock()
    due = began + _PATIENCE
    number = 0
    for item in items:
        yield item
        number += size(item)
        if (now := clock()) >= due:
            console.status(f"{number:,} checked, {number / (now - began):,.0f} a second")
            due = now + _REDRAW
    console.status("")


def _clock_face(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
