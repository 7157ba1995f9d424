"""Upgrading whole files: told apart, made anew, checked, written and reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePath

from clrctl.building import Pool, Upgraded, UpgradeNote, UpgradeOptions, UpgradeProblem, upgrade_all
from clrctl.checking import validation
from clrctl.cli import console as consoles
from clrctl.cli.console import Console
from clrctl.cli.output.findings_json import finding_json
from clrctl.cli.output.findings_text import FindingsText
from clrctl.document import Carried, Piece, carriers
from clrctl.errors import ClrctlError, ExitCode, InputError, UsageError
from clrctl.finding import Json, Report, Severity
from clrctl.util import Part, atomic, count, safe

FORMAT = "clrctl.upgrade/1"
_STDOUT = "-"
_STYLES = {"lost": "yellow", "made": "cyan", "moved": "dim"}


@dataclass(slots=True)
class UpgradeRun:
    """One run over all inputs: what is written, what is told, and what it adds up to.

    Attributes:
        console: where it is told.
        output: a file, a folder, or `-` for standard output.
        force: replace files that exist.
        strict: write nothing of which anything would be lost.
        now: the moment at which what was made is checked.
        codes: the exit codes of what was not upgraded.
    """

    console: Console
    output: str
    force: bool
    strict: bool
    now: datetime
    codes: list[ExitCode] = field(default_factory=list)
    _errors: list[ClrctlError] = field(default_factory=list)
    _answers: list[dict[str, Json]] = field(default_factory=list)
    _several: bool = False
    _written: int = 0
    _lost: int = 0
    _names: set[str] = field(default_factory=set)

    def all(self, pieces: Iterable[Piece | InputError], options: UpgradeOptions) -> None:
        """Upgrade what is in the inputs, pictures and signed tokens too.

        Raises:
            UsageError: there is nothing to upgrade, or there is no room for so many.
        """
        pool = Pool()
        for item in carriers.opened(pieces):
            if isinstance(item, InputError):
                self._fail(item)
            elif item.document.faults:
                self._fail_to_parse(item)
            else:
                pool.add(item.credential, item.document.source, signed=bool(item.token))
        self._expect(len(pool), strange=len(pool.problems))
        for one in upgrade_all(pool, options):
            self._take(one)

    def _expect(self, number: int, *, strange: int) -> None:
        """Take how many there will be, and of how many nothing can be made.

        Raises:
            UsageError: there is nothing to upgrade, or there is no room for so many.
        """
        self._several = number > 1 or (self.output != _STDOUT and Path(self.output).is_dir())
        if number > 1 and self.output == _STDOUT:
            raise UsageError(
                f"there are {number} credentials, and standard output has room for one",
                fix="name a folder for them: -o upgraded",
            )
        if not number and not strange and not self.codes:
            raise UsageError(
                "there is no assertion and no record among the files",
                why="a badge class or an issuer alone is nobody's achievement",
                fix="name the assertion too",
            )

    def _fail(self, error: ClrctlError) -> None:
        """Print why a file cannot be used, and go on."""
        self.codes.append(error.exit_code)
        self._errors.append(error)
        self.console.for_text().error(error)

    def _fail_to_parse(self, carried: Carried) -> None:
        """Print what is not JSON or YAML as it should be, and go on."""
        document = carried.document
        self.codes.append(ExitCode.INVALID)
        report = Report(document.source, findings=document.faults)
        self._tell_findings(report)
        self._answers.append(Upgraded(document.source).as_json() | _outcome("", report))

    def _take(self, one: Upgraded) -> None:
        """Write one credential if it is good, and report it."""
        report = _checked(one, self.now)
        target = ""
        if one.document is None or (report and report.errors) or (self.strict and one.lost):
            self.codes.append(ExitCode.INVALID)
        else:
            try:
                target = self._write(one.document.raw, self._place(one))
                self._written += 1
                self._lost += one.lost
            except InputError as error:
                self._fail(error)
        self._tell(one, report, target)
        self._answers.append(one.as_json() | _outcome(target, report))

    def _place(self, one: Upgraded) -> str:
        """Return where a credential goes; in a folder it is named after its source."""
        if not self._several:
            return self.output
        name = "stdin" if one.source == "-" else PurePath(one.source).name
        stem = name.removesuffix(".json").removesuffix(".clr1").removesuffix(".clr")
        chosen, number = stem + one.suffix, 1
        while chosen.casefold() in self._names:
            number += 1
            chosen = f"{stem}-{number}{one.suffix}"
        self._names.add(chosen.casefold())
        return str(Path(self.output, chosen))

    def _write(self, raw: bytes, target: str) -> str:
        if target == _STDOUT:
            plain = self.console.for_files()
            plain.answer(raw.decode().removesuffix("\n"))
            return target
        path = Path(target)
        if self._several:
            with atomic.told(path.parent, atomic.Words("cannot make the folder")):
                path.parent.mkdir(parents=True, exist_ok=True)
        atomic.put(path, raw, force=self.force)
        return target

    def _tell(self, one: Upgraded, report: Report | None, target: str) -> None:
        state = f"upgraded to {_named(target)}" if target else "not upgraded"
        style = "green" if target else "bold red"
        standard = f"{one.standard}, " if one.standard else ""
        self.console.say((safe(one.source), "bold"), f": {standard}", (state, style))
        for note in one.notes:
            if note.kind != "moved" or self.console.verbose:
                self._tell_note(note)
        for problem in one.problems:
            self._tell_problem(problem)
        if report is not None and report.errors:
            self._tell_findings(_errors_alone(report))
        elif not target and self.strict and one.lost:
            self.console.say("  nothing is written: --strict allows no loss")

    def _tell_note(self, note: UpgradeNote) -> None:
        style = _STYLES[note.kind.value]
        self.console.say(
            "  ", (f"{note.kind:<5}", style), f"  {safe(note.pointer) or '/'}  {safe(note.message)}"
        )

    def _tell_problem(self, problem: UpgradeProblem) -> None:
        place = f"{safe(problem.source)} {safe(problem.pointer)}".rstrip()
        parts: list[Part] = [("error", "bold red"), f": {place}: {safe(problem.message)}"]
        if problem.fix:
            parts.append((f" -> {problem.fix}", "dim"))
        self.console.for_text().say(*parts)

    def _tell_findings(self, report: Report) -> None:
        """Write findings to standard error: the answer may be read by a program."""
        FindingsText(self.console.for_findings()).file(report)

    def end(self, *, as_json: bool) -> None:
        """Print what the run adds up to."""
        ok = not self.codes
        if as_json:
            errors = [consoles.error_json(error) for error in self._errors]
            answer = {"format": FORMAT, "ok": ok, "files": self._answers, "errors": errors}
            self.console.answer_json(answer)
        parts = [f"{self._written:,} upgraded"]
        if failed := len(self.codes):
            parts.append(f"{failed:,} not")
        if self._lost:
            parts.append(f"{count(self._lost, 'member')} lost")
        self.console.say((", ".join(parts), "bold green" if ok else "bold red"))


def _named(target: str) -> str:
    return "standard output" if target == _STDOUT else safe(target, limit=None)


def _checked(one: Upgraded, now: datetime) -> Report | None:
    """Hold a credential to all rules that are for its kind; None where there is none."""
    if one.document is None:
        return None
    # That endpoint takes nothing but CLRs.
    rulesets = ("standard", "timeback") if one.is_record else ("standard",)
    return validation.check(one.document, rulesets, now=now)


def _errors_alone(report: Report) -> Report:
    """Return what stopped an upgrade; it stands in the new form, which has no lines yet."""
    found = [one for one in report.findings if one.severity is Severity.ERROR]
    unplaced = tuple(replace(one, line=None, column=None) for one in found)
    return replace(report, source=f"{report.source}, new form", findings=unplaced)


def _outcome(target: str, report: Report | None) -> dict[str, Json]:
    findings = report.findings if report else ()
    return {"output": target or None, "findings": [finding_json(one) for one in findings]}
