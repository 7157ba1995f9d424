"""Findings: what is wrong in a credential, and where, as plain data.

Everything that looks at credentials yields `Finding`s; everything that reports them reads
`Report`s. This module imports nothing of ours.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A parsed JSON value: dict, list, str, int, float, bool or None."""


class Severity(enum.StrEnum):
    """How grave a finding is: only an error makes a credential invalid."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend in one document.

    Attributes:
        code: stable name of the rule, `area/name`.
        severity: whether it makes the credential invalid.
        pointer: JSON Pointer (RFC 6901) to the value meant; `""` is the whole document.
        message: what is wrong: small first letter, no full stop.
        fix: what to do about it; may be empty.
        line: line of that place in the source, counted from 1; None where unknown.
        column: column in characters (code points), counted from 1; None where unknown.
        at_key: the place meant is the member's name, not its value.
    """

    code: str
    severity: Severity
    pointer: str
    message: str
    fix: str = ""
    line: int | None = None
    column: int | None = None
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one document; iterating over it yields the findings.

    Attributes:
        source: the name it was given by: a path, or `-` for standard input and for bytes.
        schema: id of the schema it was held to; empty when it could not be parsed, or is no
            credential.
        schema_reason: why that schema.
        findings: in the order of the text, or of the checks where there is no text.
        first_line: line of the source on which the document begins (NDJSON: its line).
        raw: the bytes of the document as read, where many were checked and this one has findings;
            else empty.
    """

    source: str
    schema: str = ""
    schema_reason: str = ""
    findings: tuple[Finding, ...] = field(default=())
    first_line: int = 1
    raw: bytes = field(default=b"", repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """Whether the credential is valid; warnings do not make it invalid."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that make the credential invalid."""
        return tuple(one for one in self.findings if one.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that do not."""
        return tuple(one for one in self.findings if one.severity is Severity.WARNING)

    @property
    def key(self) -> tuple[str, int]:
        """What tells this document from the others of a run: source and first line."""
        return self.source, self.first_line

    @property
    def place(self) -> str:
        """Where it stands: the source, and the line where it is one of several there."""
        return f"{self.source}:{self.first_line}" if self.first_line > 1 else self.source

    def __iter__(self) -> Iterator[Finding]:
        """Iterate over the findings."""
        return iter(self.findings)

    def __len__(self) -> int:
        """Return the number of findings."""
        return len(self.findings)

    def __bool__(self) -> bool:
        """Be true even without findings; what tells whether a credential is valid is `ok`."""
        return True


def pointer(path: tuple[str | int, ...]) -> str:
    """Return the JSON Pointer (RFC 6901) of a path of member names and indices."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
