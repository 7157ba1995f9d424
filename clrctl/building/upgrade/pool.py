"""Everything that was handed over for upgrading, sorted by what it is.

A badge of Open Badges 2.0 is often three documents that name each other by address: the
assertion, its badge class, and the issuer. They are found here, so that nothing has to be fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from clrctl.building.upgrade.changes import ChangeKind, Ledger, New, Old, UpgradeProblem
from clrctl.document import types_of
from clrctl.finding import Json, pointer
from clrctl.util import quoted

_Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class PooledPart:
    """An object of an older standard, where it stands, and whether it came in a signed token."""

    value: New
    source: str
    path: _Path
    signed: bool = False

    def open(self, ledger: Ledger) -> Old:
        """Return it with accounts that begin anew."""
        old = Old(self.value, self.source, self.path, ledger)
        if self.signed:
            old.tell(ChangeKind.LOST, "", "its signature is one of the old form: keep the file")
        return old


@dataclass(slots=True)
class Pool:
    """Documents of older standards by what they are.

    Attributes:
        assertions: of Open Badges 2.0, each to become a credential.
        records: of CLR 1.0, each to become one.
        definitions: badge classes and issuers by id.
        problems: what is neither.
    """

    assertions: list[PooledPart] = field(default_factory=list)
    records: list[PooledPart] = field(default_factory=list)
    definitions: dict[str, PooledPart] = field(default_factory=dict)
    problems: list[UpgradeProblem] = field(default_factory=list)

    def __len__(self) -> int:
        """Return how many credentials can be made of it."""
        return len(self.records) + len(self.assertions)

    def add(self, data: Json, source: str, *, signed: bool = False) -> None:
        """Sort a document, or the parts of one, into the pool.

        Args:
            data: the document.
            source: the file it stands in.
            signed: it came in a signed token, whose signature is not carried over.
        """
        if not isinstance(data, dict) or not list(
            self._sorted(PooledPart(data, source, (), signed))
        ):
            self.problems.append(_strange(data, source))

    def _sorted(self, part: PooledPart) -> Iterator[PooledPart]:
        """Put a part where it belongs; yield what found a place."""
        value, types = part.value, set(types_of(part.value))
        if "credentialSubject" in value:
            return
        if types & {"Clr", "CLR"} or ("learner" in value and "publisher" in value):
            self.records.append(part)
            yield part
        elif "Assertion" in types or ("recipient" in value and "badge" in value):
            self.assertions.append(part)
            yield part
        elif types & {"BadgeClass", "Issuer", "Profile"} or {"criteria", "issuer"} <= set(value):
            if isinstance(name := value.get("id"), str):
                self.definitions.setdefault(name, part)
            yield part
        else:
            for name in ("assertion", "badge", "issuer", "clrs"):
                inner = value.get(name)
                items = inner if isinstance(inner, list) else [inner]
                for index, item in enumerate(items):
                    if isinstance(item, dict):
                        step = (name, index) if isinstance(inner, list) else (name,)
                        yield from self._sorted(replace(part, value=item, path=(*part.path, *step)))

    def inside(self, old: Old, name: str, noun: str) -> Old | None:
        """Return the object that a member holds, or names by its id; tell where there is none.

        Args:
            old: the object with the member.
            name: the member.
            noun: what it is, for the message.
        """
        value = old.take(name)
        if isinstance(value, dict):
            return old.at((*old.path, name), value)
        if not isinstance(value, str):
            old.refuse(name, f"there is no {noun}", "take the badge from its issuer again")
            return None
        part = self.definitions.get(value)
        if part is None:
            known = quoted(list(self.definitions)[:3])
            old.refuse(
                name,
                f"the {noun} {value} is not among the files"
                + (f"; there are {known}" if known else ""),
                "download it from that address, and name the file too",
            )
            return None
        return part.open(old.ledger)


def _strange(data: Json, source: str) -> UpgradeProblem:
    if isinstance(data, dict) and "credentialSubject" in data:
        return UpgradeProblem(
            source,
            "",
            "this is of the newer form already",
            "validate it with `clrctl validate`, or put it into a CLR with `clrctl wrap`",
        )
    if isinstance(data, dict) and isinstance(data.get("signedClrs"), list):
        return UpgradeProblem(
            source,
            pointer(("signedClrs",)),
            "the records in it are signed tokens",
            "take each out: the part between the dots, base64url, is the JSON to upgrade",
        )
    return UpgradeProblem(
        source,
        "",
        "this is neither Open Badges 2.0 nor CLR 1.0",
        "name an assertion with its badge class and issuer, or a CLR 1.0",
    )
