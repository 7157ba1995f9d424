"""Findings: what is wrong in a credential, and where, as plain data.

Everything that looks at credentials yields `Finding`s; everything that reports them reads
`FileReport`s. This module imports nothing of ours.
"""

from __future__ import annotations

import enum
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
class FileReport:
    """What was found in one document.

    Attributes:
        source: the name it was given by: a path, or `-` for standard input.
        schema: id of the schema it was held to; empty when it could not be parsed, or is no
            credential.
        schema_reason: why that schema.
        findings: in document order.
        first_line: line of the source on which the document begins (NDJSON: its line).
    """

    source: str
    schema: str = ""
    schema_reason: str = ""
    findings: tuple[Finding, ...] = field(default=())
    first_line: int = 1

    @property
    def key(self) -> tuple[str, int]:
        """What tells this document from the others of a run: source and first line."""
        return self.source, self.first_line

    @property
    def place(self) -> str:
        """Where it stands: the source, and the line where it is one of several there."""
        return f"{self.source}:{self.first_line}" if self.first_line > 1 else self.source

    @property
    def errors(self) -> int:
        """Number of findings that make the document invalid."""
        return sum(f.severity is Severity.ERROR for f in self.findings)

    @property
    def warnings(self) -> int:
        """Number of findings that do not."""
        return len(self.findings) - self.errors


def pointer(path: tuple[str | int, ...]) -> str:
    """Return the JSON Pointer (RFC 6901) of a path of member names and indices."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
