"""The answer of `verify` in its forms: lines for people, and an object for programs.

This module only renders: it decides nothing. Whatever a credential says is shown as text alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Protocol

from clrctl.cli.console import Console, error_json
from clrctl.errors import ClrctlError
from clrctl.finding import Json
from clrctl.util import Part, count, safe
from clrctl.verifying import Check, CredentialVerdict, Outcome, Verdict

FORMAT = "clrctl.verify/1"
_INDEX = re.compile(r"/\d+(?=/|$)")
_INDENT = "    "
_STYLES = {Outcome.VALID: "green", Outcome.UNDECIDED: "yellow", Outcome.INVALID: "bold red"}
_NAMES = {
    "ClrCredential": "CLR",
    "AchievementCredential": "achievement",
    "OpenBadgeCredential": "badge",
    "EndorsementCredential": "endorsement",
    "BitstringStatusListCredential": "status list",
}


@dataclass(frozen=True, slots=True)
class VerdictsSummary:
    """What a run adds up to.

    Attributes:
        documents: documents looked at.
        valid: those of them that are valid.
        invalid: those that are not.
        undecided: those that could not be decided.
        unread: inputs that could not be read.
    """

    documents: int = 0
    valid: int = 0
    invalid: int = 0
    undecided: int = 0
    unread: int = 0

    def plus(self, verdict: Verdict) -> VerdictsSummary:
        """Return the summary with one more document in it."""
        return replace(
            self,
            documents=self.documents + 1,
            valid=self.valid + (verdict.outcome is Outcome.VALID),
            invalid=self.invalid + (verdict.outcome is Outcome.INVALID),
            undecided=self.undecided + (verdict.outcome is Outcome.UNDECIDED),
        )


class VerdictsForm(Protocol):
    """One form of the answer of `verify`."""

    def document(self, verdict: Verdict) -> None:
        """Take what was found of one document."""

    def end(
        self,
        summary: VerdictsSummary,
        failures: Sequence[ClrctlError],
        *,
        fetched: Sequence[str],
        at: datetime,
    ) -> None:
        """Finish the answer.

        Args:
            summary: what the run adds up to.
            failures: the inputs that could not be read.
            fetched: the URLs of the documents that were fetched.
            at: the moment for which the verdicts hold.
        """


class VerdictsText:
    """A line for each check that matters and one for each document; the sum on standard error."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def document(self, verdict: Verdict) -> None:
        """Write what was found of one document; like problems once, unless `-v`."""
        every = self._console.verbose > 0
        for check, others in _grouped(verdict.checks if every else verdict.problems, every=every):
            self._check(verdict, check, others)
        self._conclusion(verdict)
        self._console.flush()

    def end(
        self,
        summary: VerdictsSummary,
        failures: Sequence[ClrctlError],
        *,
        fetched: Sequence[str],
        at: datetime,
    ) -> None:
        """Print what could not be read, and the sum."""
        for failure in failures:
            self._console.error(failure)
        parts = [count(summary.documents, "document") + " verified"]
        for name in ("valid", "invalid", "undecided"):
            if number := getattr(summary, name):
                parts.append(f"{number:,} {name}")
        if summary.unread:
            parts.append(count(summary.unread, "input") + " unread")
        ok = summary.documents == summary.valid and not summary.unread
        self._console.say((", ".join(parts), "bold green" if ok else "bold red"))

    def _check(self, verdict: Verdict, check: Check, others: int) -> None:
        place = safe(verdict.source, limit=None)
        if check.line is not None:
            place += f":{check.line}:{check.column}"
        headline: tuple[Part, ...] = (
            (place, "bold"),
            ": ",
            (check.outcome.value, _STYLES[check.outcome]),
            f" {check.aspect}/{check.reason} {safe(check.pointer) or '/'}",
        )
        message, fix = safe(check.message, limit=400), safe(check.fix, limit=400)
        advice = (f"-> {fix}" if fix else "", "cyan")
        more = (f" (and {others:,} more like it: -v shows all)" if others else "", "dim")
        if not self._console.out.isatty():
            self._console.answer(*headline, f" {message}{' ' * bool(fix)}", advice, more)
            return
        # Wrapped by the terminal, one line would be hard to read.
        self._console.answer(*headline, more)
        self._console.answer(f"{_INDENT}{message}")
        if fix:
            self._console.answer(_INDENT, advice)

    def _conclusion(self, verdict: Verdict) -> None:
        style = _STYLES[verdict.outcome]
        place = (safe(verdict.place, limit=None), "bold")
        self._console.answer(place, ": ", (verdict.outcome.value, style), _about(verdict))


def _about(verdict: Verdict) -> str:
    """Return in brackets what a verdict is about; empty where nothing could be read."""
    if not verdict.credentials or not verdict.credentials[0].kind:
        return ""
    outer, *inner = verdict.credentials
    told = f"{_NAMES.get(outer.kind, 'credential')} of {safe(outer.issuer) or 'nobody'}"
    if inner:
        told += f", {count(len(inner), 'credential')} in it"
        for outcome in (Outcome.INVALID, Outcome.UNDECIDED):
            if number := sum(each.outcome is outcome for each in inner):
                told += f", {number:,} {outcome}"
    return f" ({told})"


def _grouped(checks: Sequence[Check], *, every: bool) -> list[tuple[Check, int]]:
    """Return the first of each kind of check, with the number of those like it."""
    if every:
        return [(check, 0) for check in checks]
    kinds: dict[tuple[str, ...], list[Check]] = {}
    for check in checks:
        # Where something is wrong is worth more lines than where something is missing.
        is_wrong = check.outcome is Outcome.INVALID
        place = _INDEX.sub("/*", check.pointer) if is_wrong else ""
        key = (check.aspect, check.reason, place, check.message, check.fix)
        kinds.setdefault(key, []).append(check)
    return [(alike[0], len(alike) - 1) for alike in kinds.values()]


class VerdictsJson:
    """One object with everything in it: `clrctl.verify/1`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._files: list[Json] = []

    def document(self, verdict: Verdict) -> None:
        """Keep what was found of one document."""
        self._files.append(verdict_json(verdict))

    def end(
        self,
        summary: VerdictsSummary,
        failures: Sequence[ClrctlError],
        *,
        fetched: Sequence[str],
        at: datetime,
    ) -> None:
        """Write the object."""
        from clrctl.cli.output.findings_json import encodable

        ok = summary.documents == summary.valid and not failures
        self._console.answer_json(
            {
                "format": FORMAT,
                "ok": ok,
                "at": at.isoformat(),
                "summary": asdict(summary),
                "files": self._files,
                "fetched": [encodable(url) for url in fetched],
                "error": error_json(failures[0]) if failures else None,
                "unread": [error_json(failure) for failure in failures],
            }
        )


def verdict_json(verdict: Verdict) -> dict[str, Json]:
    """Return what was found of one document as JSON."""
    from clrctl.cli.output.findings_json import encodable

    return {
        "source": encodable(verdict.source),
        "line": verdict.first_line,
        "outcome": verdict.outcome.value,
        "credentials": [_credential_json(each) for each in verdict.credentials],
    }


def _credential_json(credential: CredentialVerdict) -> dict[str, Json]:
    from clrctl.cli.output.findings_json import encodable

    return {
        "pointer": encodable(credential.pointer),
        "type": credential.kind,
        "id": encodable(credential.id),
        "issuer": encodable(credential.issuer),
        "outcome": credential.outcome.value,
        "checks": [_check_json(check) for check in credential.checks],
    }


def _check_json(check: Check) -> dict[str, Json]:
    from clrctl.cli.output.findings_json import encodable

    return {
        "check": check.aspect.value,
        "outcome": check.outcome.value,
        "reason": check.reason,
        "pointer": encodable(check.pointer),
        "message": encodable(check.message),
        "line": check.line,
        "column": check.column,
        "fix": encodable(check.fix),
    }
