"""Accounts of an older credential: every member is carried over, or told.

`Old` hands out the members of an object one by one and knows which nobody has asked for; what is
left at the end is told as lost. This module knows no standard.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from clrctl.finding import Json, pointer

New: TypeAlias = dict[str, Json]
"""An object of the newer standard."""

_Path = tuple[str | int, ...]


class ChangeKind(enum.StrEnum):
    """What became of a member."""

    LOST = "lost"
    MOVED = "moved"
    MADE = "made"


@dataclass(frozen=True, slots=True)
class UpgradeNote:
    """One thing to know about an upgrade.

    Attributes:
        kind: whether something of the old document is lost, stands elsewhere now, or was made
            by a rule because the new form asks for it.
        source: the file.
        pointer: JSON Pointer (RFC 6901) into the old document.
        message: what became of it.
    """

    kind: ChangeKind
    source: str
    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class UpgradeProblem:
    """Why a document cannot be upgraded.

    Attributes:
        source: the file.
        pointer: JSON Pointer (RFC 6901) into the old document.
        message: what is wrong: small first letter, no full stop.
        fix: what to do about it.
    """

    source: str
    pointer: str
    message: str
    fix: str = ""


@dataclass(slots=True)
class Ledger:
    """What is to be reported of one upgrade, in the order it was found."""

    notes: list[UpgradeNote] = field(default_factory=list)
    problems: list[UpgradeProblem] = field(default_factory=list)


class Old:
    """An object of an older standard, of which every member is accounted for.

    Null and empty lists count as absent, as they do in JSON-LD.

    Args:
        value: the object.
        source: the file it stands in.
        path: its place there.
        ledger: where to tell what becomes of its members.
    """

    def __init__(self, value: New, source: str, path: _Path, ledger: Ledger) -> None:
        self.source = source
        self.path = path
        self.ledger = ledger
        self._value = value
        self._left = [name for name, item in value.items() if item is not None and item != []]

    def __contains__(self, name: str) -> bool:
        """Return whether a member is there."""
        return self._value.get(name) is not None and self._value[name] != []

    def look(self, name: str) -> Json:
        """Return a member, or None, without taking it."""
        return self._value.get(name) if name in self else None

    def take(self, *names: str) -> Json:
        """Return the first of these members that is there, or None; it counts as carried over."""
        for name in names:
            if name in self:
                self._left = [other for other in self._left if other != name]
                return self._value[name]
        return None

    def text(self, *names: str) -> str:
        """Return a member that has to be text, or an empty one; anything else is a problem."""
        name = next((one for one in names if one in self), "")
        value = self.take(name)
        if value is None or isinstance(value, str):
            return value or ""
        self.refuse(name, f"{name} is not text", "write it as text, in double quotes")
        return ""

    def list_of(self, *names: str) -> list[tuple[_Path, Json]]:
        """Return the values of a set, each with its path; a lone one is a set of one."""
        name = next((one for one in names if one in self), "")
        value = self.take(name)
        if isinstance(value, list):
            return [((*self.path, name, index), item) for index, item in enumerate(value)]
        return [] if value is None else [((*self.path, name), value)]

    def objects(self, *names: str) -> Iterator[Old]:
        """Yield the objects of a set; anything else in it is a problem."""
        for path, item in self.list_of(*names):
            if isinstance(item, dict):
                yield self.at(path, item)
            else:
                self._problem(path, "this is not an object", "")

    def object(self, *names: str) -> Old | None:
        """Return the one object of a member, or None; several are a problem."""
        found = list(self.objects(*names))
        if len(found) > 1:
            self._problem(found[1].path, "there can be only one", "leave one of them out")
        return found[0] if found else None

    def at(self, path: _Path, value: New) -> Old:
        """Return an object inside this one, or inside another of the same file."""
        return Old(value, self.source, path, self.ledger)

    def lose(self, name: str, why: str) -> None:
        """Report a member as lost, if it is there and has not been taken."""
        if name in self._left:
            self.take(name)
            self.tell(ChangeKind.LOST, name, why)

    def lose_rest(self, standard: str) -> None:
        """Report as lost whatever has not been taken; `standard` is the one that lacks it."""
        for name in self._left:
            self.tell(ChangeKind.LOST, name, f"{standard} has no place for it")
        self._left = []

    def tell(self, kind: ChangeKind, name: str, message: str) -> None:
        """Note what became of a member; an empty name is the object itself."""
        self.ledger.notes.append(UpgradeNote(kind, self.source, self._pointer(name), message))

    def refuse(self, name: str, message: str, fix: str) -> None:
        """Note why this cannot be upgraded."""
        self._problem((*self.path, name) if name else self.path, message, fix)

    def _problem(self, path: _Path, message: str, fix: str) -> None:
        self.ledger.problems.append(UpgradeProblem(self.source, pointer(path), message, fix))

    def _pointer(self, name: str) -> str:
        return pointer((*self.path, name) if name else self.path)


def copy(old: Old, new: New, names: dict[str, str]) -> None:
    """Copy members as they are, under their new names; a changed name is not worth a note."""
    for name, new_name in names.items():
        value = old.take(name)
        if value is not None:
            new[new_name] = value


def put(new: New, name: str, value: Json) -> None:
    """Set a member, unless its value says nothing."""
    if value not in (None, "", [], {}):
        new[name] = value
