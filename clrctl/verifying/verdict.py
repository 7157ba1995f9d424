"""Verdicts: what was checked of a credential, and how it came out, as plain data.

Three outcomes are kept apart. *Invalid* is what can be shown to be wrong. *Undecided* is what
cannot be judged with what is at hand; it says what is missing, and is never taken for valid.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from clrctl.document import Document
from clrctl.finding import Finding, Severity, pointer
from clrctl.standard import Path


class Outcome(enum.StrEnum):
    """How a check came out; the order is from best to worst."""

    VALID = "valid"
    UNDECIDED = "undecided"
    INVALID = "invalid"


_GRAVITY = {outcome: place for place, outcome in enumerate(Outcome)}


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of some outcomes; of none, valid."""
    return max(outcomes, key=_GRAVITY.__getitem__, default=Outcome.VALID)


class Aspect(enum.StrEnum):
    """What a check looks at."""

    READING = "reading"
    PROOF = "proof"
    ISSUER = "issuer"
    TIME = "time"
    STATUS = "status"
    SCHEMA = "schema"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        aspect: what was looked at.
        outcome: how it came out.
        reason: a stable word for it, such as `broken`, `key-unbound` or `revoked`.
        pointer: JSON Pointer (RFC 6901) to the place in the document.
        message: what was found: small first letter, no full stop.
        fix: what is missing or to be done; empty when all is well.
        line: line of that place in the source, counted from 1; None where unknown.
        column: column in characters, counted from 1; None where unknown.
    """

    aspect: Aspect
    outcome: Outcome
    reason: str
    pointer: str
    message: str
    fix: str = ""
    line: int | None = None
    column: int | None = None


def invalid(aspect: Aspect, reason: str, path: Path, message: str, fix: str) -> Check:
    """Return a check that shows something to be wrong."""
    return Check(aspect, Outcome.INVALID, reason, pointer(path), message, fix)


def undecided(aspect: Aspect, reason: str, path: Path, message: str, fix: str) -> Check:
    """Return a check that cannot be made with what is at hand."""
    return Check(aspect, Outcome.UNDECIDED, reason, pointer(path), message, fix)


def valid(aspect: Aspect, path: Path, message: str, reason: str = "valid") -> Check:
    """Return a check that came out well."""
    return Check(aspect, Outcome.VALID, reason, pointer(path), message)


@dataclass(frozen=True, slots=True)
class CredentialVerdict:
    """What was found of one credential, wherever in the document it stands.

    Attributes:
        pointer: where it stands; `""` is the document itself.
        kind: its class by `type`, such as `ClrCredential`.
        id: its id, or empty.
        issuer: its issuer's id, or empty.
        checks: in the order they were made.
    """

    pointer: str
    kind: str
    id: str
    issuer: str
    checks: tuple[Check, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of its checks."""
        return worst(check.outcome for check in self.checks)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of a document and of every credential in it.

    Attributes:
        source: the name it was given by: a path, or `-` for standard input.
        credentials: the outermost first, then in document order.
        first_line: line of the source on which the document begins.
        fetched: every URL that was fetched for it, in order.
    """

    source: str = "-"
    credentials: tuple[CredentialVerdict, ...] = ()
    first_line: int = 1
    fetched: tuple[str, ...] = field(default=())

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of all credentials; of no credential at all, invalid."""
        if not self.credentials:
            return Outcome.INVALID
        return worst(credential.outcome for credential in self.credentials)

    @property
    def ok(self) -> bool:
        """Whether everything in it is shown to be valid."""
        return self.outcome is Outcome.VALID

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks of all credentials."""
        return tuple(check for credential in self.credentials for check in credential.checks)

    @property
    def problems(self) -> tuple[Check, ...]:
        """The checks that did not come out valid."""
        return tuple(check for check in self.checks if check.outcome is not Outcome.VALID)

    def without_places(self) -> Verdict:
        """Return the verdict without lines and columns, for what has no text."""
        return replace(
            self,
            credentials=tuple(
                replace(
                    each,
                    checks=tuple(replace(one, line=None, column=None) for one in each.checks),
                )
                for each in self.credentials
            ),
        )

    @property
    def place(self) -> str:
        """Where it stands: the source, and the line where it is one of several there."""
        return f"{self.source}:{self.first_line}" if self.first_line > 1 else self.source


def located(verdict: Verdict, document: Document) -> Verdict:
    """Return a verdict whose problems have the lines and columns of the document."""
    problems = verdict.problems
    if not problems:
        return verdict
    unplaced = [Finding("", Severity.ERROR, check.pointer, "") for check in problems]
    placed = {
        id(check): replace(check, line=found.line, column=found.column)
        for check, found in zip(problems, document.locate(unplaced), strict=True)
    }
    return replace(
        verdict,
        credentials=tuple(
            replace(each, checks=tuple(placed.get(id(check), check) for check in each.checks))
            for each in verdict.credentials
        ),
    )
