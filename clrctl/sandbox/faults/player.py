"""When things go wrong: a script of faults, played request by request.

It knows nothing of HTTP: `clrctl.sandbox.faults.kinds` says what can go wrong, and
`clrctl.sandbox.faults.wire` does it on the wire.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from clrctl.sandbox.faults import script
from clrctl.sandbox.faults.kinds import Fault, FaultStep, FaultTarget


@dataclass(slots=True)
class _Played:
    """A step and how far it is played."""

    step: FaultStep
    seen: int = 0
    struck: int = 0

    @property
    def is_used_up(self) -> bool:
        return self.struck == self.step.times

    def strikes(self) -> bool:
        self.seen += 1
        if self.seen % self.step.every:
            return False
        self.struck += 1
        return True


class Faults:
    """A script of faults; may be added to while a sandbox plays it, from any thread.

    A request is struck by the first step that means it and is not used up; a step between two of
    its strikes (`every`) lets it through to the later ones.
    """

    def __init__(self, *steps: FaultStep) -> None:
        self._script = [_Played(step) for step in steps]
        self._lock = threading.Lock()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a script such as `503*2,reset,429:retry-after=1` (see `faults.script`).

        Raises:
            UsageError: it cannot be read; `where` is the step, `fix` names what there is.
        """
        return cls(*script.read(text))

    def add(self, *steps: FaultStep) -> None:
        """Append steps."""
        with self._lock:
            self._script += [_Played(step) for step in steps]

    def clear(self) -> None:
        """Drop all steps: from here on nothing goes wrong."""
        with self._lock:
            self._script.clear()

    @property
    def pending(self) -> bool:
        """Whether any step is not used up."""
        with self._lock:
            return not all(played.is_used_up for played in self._script)

    def take(self, on: FaultTarget, credential_id: Callable[[], str | None]) -> Fault | None:
        """Return the fault that strikes the request at hand, if one does.

        Args:
            on: the kind of request.
            credential_id: returns the credential's `id`; called only where a step asks for one.
        """
        with self._lock:
            for played in self._script:
                step = played.step
                if played.is_used_up or step.on is not on:
                    continue
                if step.credential_id is not None and step.credential_id != credential_id():
                    continue
                if played.strikes():
                    return step.fault
        return None
