"""What a project makes of findings: which it ignores, and which count more or less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from clrctl.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Policy:
    """Changes to how findings count.

    Attributes:
        ignore: codes that are not reported; `area/*` means all of an area.
        severities: codes with another severity than their own; `area/*` likewise.
    """

    ignore: frozenset[str] = frozenset()
    severities: Mapping[str, Severity] = field(default_factory=dict)

    def ignores(self, code: str) -> bool:
        """Return whether findings of a code are not reported."""
        return bool(self.ignore) and not self.ignore.isdisjoint(_names(code))

    def judge(self, finding: Finding) -> Finding | None:
        """Return the finding as this project sees it, or None when it is ignored."""
        if self.ignores(finding.code):
            return None
        for name in _names(finding.code):
            if name in self.severities:
                return replace(finding, severity=self.severities[name])
        return finding


def _names(code: str) -> tuple[str, str]:
    return code, code.partition("/")[0] + "/*"


AS_IS = Policy()
"""Every finding as its rule has it."""
