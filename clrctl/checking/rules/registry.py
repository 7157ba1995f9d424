"""The table of rules, and the one place that runs them."""

from __future__ import annotations

import functools
import importlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from clrctl.finding import Finding, Json, Severity, pointer
from clrctl.standard import Node, Path, Tree

MODULES = (
    "contexts",
    "terms",
    "members",
    "identity",
    "dates",
    "achievements",
    "results",
    "associations",
    "media",
    "profiles",
    "references",
    "proofs",
    "timeback",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What a rule found.

    Attributes:
        path: the place.
        message: what is wrong there.
        fix: what to do about it.
        at_key: the member's name is meant, not its value.
        instead_of: as an error, this fault says all there is to say of the value at this path:
            other findings at and below it are left out.
    """

    path: Path
    message: str
    fix: str = ""
    at_key: bool = False
    instead_of: Path | None = None


Look = Callable[[Node, Tree], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a ruleset.

    Attributes:
        code: stable name, `area/name`.
        on: the classes whose objects it looks at.
        severity: error, or warning where the standard only advises or practice differs.
        ruleset: `standard` or an endpoint's.
        source: the section of the standard, or the page, that asks for it.
        title: the rule itself in one sentence (first line of the function's docstring).
        why: what goes wrong without it (the rest of the docstring).
        good: members of an object of the first of these classes that pass (null: left out).
        bad: members of such an object that are caught.
        look: the function.
    """

    code: str
    on: tuple[str, ...]
    severity: Severity
    ruleset: str
    source: str
    title: str
    why: str
    good: Json
    bad: Json
    look: Look


_rules: dict[str, Rule] = {}


def rule(
    code: str,
    *,
    on: tuple[str, ...],
    source: str,
    good: Json,
    bad: Json,
    severity: Severity = Severity.ERROR,
    ruleset: str = "standard",
) -> Callable[[Look], Look]:
    """Enter a function into the table of rules; its docstring becomes the documentation."""

    def enter(look: Look) -> Look:
        title, _, why = (look.__doc__ or "").partition("\n")
        _rules[code] = Rule(
            code,
            on,
            severity,
            ruleset,
            source,
            title.rstrip("."),
            " ".join(why.split()),
            good,
            bad,
            look,
        )
        return look

    return enter


@functools.cache
def all_rules() -> tuple[Rule, ...]:
    """Return every rule, in the order of their modules."""
    for name in MODULES:
        importlib.import_module(f"clrctl.checking.rules.{name}")
    # Others may have imported one of the modules before.
    return tuple(sorted(_rules.values(), key=_module))


def _module(entry: Rule) -> int:
    return MODULES.index(entry.look.__module__.removeprefix("clrctl.checking.rules."))


def check(
    tree: Tree, ruleset: str, ignores: Callable[[str], bool] = lambda _: False
) -> Iterator[tuple[Finding, Path | None]]:
    """Yield what the rules of a ruleset find, each with the path it speaks for (`instead_of`).

    Args:
        tree: the document.
        ruleset: which rules.
        ignores: returns whether nobody wants the findings of a code.
    """
    for entry in all_rules():
        if entry.ruleset == ruleset and not ignores(entry.code):
            looks = map(entry.look, tree.of(*entry.on), itertools.repeat(tree))
            for fault in itertools.chain.from_iterable(looks):
                yield as_finding(entry, fault), fault.instead_of


def as_finding(entry: Rule, fault: Fault) -> Finding:
    """Return a fault as a finding of the rule."""
    return Finding(
        code=entry.code,
        severity=entry.severity,
        pointer=pointer(fault.path),
        message=fault.message,
        fix=fault.fix,
        at_key=fault.at_key,
    )
