"""Upgrading: Open Badges 2.0 to Open Badges 3.0, CLR 1.0 to CLR 2.0.

An upgrade keeps every fact that the newer standard has a place for, reports the others one by one,
and never pretends that the old issuer signed the new form. The package reads no files.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from clrctl.building.upgrade.badges import upgrade_badge
from clrctl.building.upgrade.changes import (
    ChangeKind,
    Ledger,
    New,
    Old,
    UpgradeNote,
    UpgradeProblem,
)
from clrctl.building.upgrade.parts import UpgradeOptions
from clrctl.building.upgrade.pool import Pool, PooledPart
from clrctl.building.upgrade.records import upgrade_record
from clrctl.document import Document, parse
from clrctl.finding import Json
from clrctl.standard import format_document

_OB_2 = "Open Badges 2.0"
_CLR_1 = "CLR 1.0"


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What became of one document.

    Attributes:
        source: the file of the assertion or record.
        standard: what it was: `Open Badges 2.0` or `CLR 1.0`; empty of what is neither.
        document: the new form in strict serialization, not validated; None with problems.
        notes: what is lost, stands elsewhere or was made.
        problems: why it cannot be upgraded.
    """

    source: str
    standard: str = ""
    document: Document | None = None
    notes: tuple[UpgradeNote, ...] = ()
    problems: tuple[UpgradeProblem, ...] = ()

    @property
    def is_record(self) -> bool:
        """Whether it became a CLR, and not a single badge."""
        return self.standard == _CLR_1

    @property
    def suffix(self) -> str:
        """The usual ending for a file of the new form."""
        return ".clr.json" if self.is_record else ".ob3.json"

    @property
    def lost(self) -> int:
        """How many members are lost."""
        return sum(note.kind is ChangeKind.LOST for note in self.notes)

    def as_json(self) -> dict[str, Json]:
        """Return it for a report, without the document."""
        return {
            "source": self.source,
            "standard": self.standard or None,
            "notes": [asdict(note) for note in self.notes],
            "problems": [asdict(problem) for problem in self.problems],
        }


def upgrade_all(pool: Pool, options: UpgradeOptions = UpgradeOptions()) -> Iterator[Upgraded]:  # noqa: B008 - immutable
    """Upgrade the records and assertions of a pool, one at a time.

    What is neither comes first, then records, then assertions, each in the order it was added.
    """
    for problem in pool.problems:
        yield Upgraded(problem.source, problems=(problem,))
    for part in pool.records:
        yield _one(part, _CLR_1, lambda old: upgrade_record(old, options))
    for part in pool.assertions:
        yield _one(part, _OB_2, lambda old: upgrade_badge(old, pool, options))


def _one(part: PooledPart, standard: str, make: Callable[[Old], New]) -> Upgraded:
    ledger = Ledger()
    new = make(part.open(ledger))
    document = None if ledger.problems else _laid_out(new, part.source)
    notes, problems = tuple(ledger.notes), tuple(ledger.problems)
    return Upgraded(part.source, standard, document, notes, problems)


def _laid_out(new: New, source: str) -> Document:
    """Return a credential as a document in the standard's strict form."""
    raw = json.dumps(new, ensure_ascii=False).encode()
    strict = format_document(parse(raw, source=source, syntax="json")).text
    return parse(strict, source=source, syntax="json")
