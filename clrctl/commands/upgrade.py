"""`clrctl upgrade`: older badges and records in the form of today's standards."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl import console as consoles
from clrctl.commands import options
from clrctl.console import Color, Console, Part, safe
from clrctl.errors import ClrctlError, ExitCode, InputError, UsageError, worst

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from clrctl.builder.upgrade import Note, Pool, Problem, Upgraded
    from clrctl.carriers import Carried
    from clrctl.document import Limits
    from clrctl.finding import FileReport, Json

FORMAT = "clrctl.upgrade/1"
_STDOUT = "-"
_STYLES = {"lost": "yellow", "made": "cyan", "moved": "dim"}


def upgrade(
    files: options.Files,
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|FOLDER",
            help="Where the new form goes; a folder for several. - is standard output.",
        ),
    ] = _STDOUT,
    force: Annotated[bool, typer.Option("--force", help="Replace files that exist.")] = False,
    timezone: Annotated[
        str | None,
        typer.Option(
            "--timezone",
            metavar="ZONE",
            help="Zone of dates that name none, such as America/Denver.",
            show_default=False,
        ),
    ] = None,
    subject_id: Annotated[
        str,
        typer.Option(
            "--subject-id",
            metavar="URI",
            help="Id of the learner in the new form, where yours is another.",
            show_default=False,
        ),
    ] = "",
    drop_dangling: Annotated[
        bool,
        typer.Option(
            "--drop-dangling", help="Leave out associations with achievements that are not there."
        ),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Write nothing of which anything would be lost.")
    ] = False,
    input_format: options.InputFormatOption = None,
    max_size: options.MaxSize = 64,
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Make Open Badges 3.0 of Open Badges 2.0, and CLR 2.0 of CLR 1.0.

    An assertion, its badge class and its issuer may lie in one file or in several, baked into a
    PNG or SVG picture, or in a signed token: name them all, in any order; nothing is fetched.

    Every member of the old form is carried over or told: what is lost, what was made because the
    new form asks for it, and with -v what stands elsewhere now. The new form is not signed:
    whoever signs it vouches for it.

    Examples:
      clrctl upgrade samples/legacy/record.clr1.json -o record.clr.json
      clrctl upgrade samples/legacy/[abi]*.json
      clrctl upgrade samples/legacy/ -o upgraded --json
    """
    from clrctl.builder.upgrade import Manner
    from clrctl.builder.upgrade import upgrade as upgraded

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=as_json)
    if as_json and output == _STDOUT:
        raise UsageError(
            "the report and the new form would both go to standard output",
            fix="name a file or folder for the new form: -o upgraded",
        )
    manner = Manner(_zone(timezone), subject_id, drop_dangling)
    run = _Run(console, output, force=force, strict=strict)
    pool = _pool(files, run, input_format, options.limits(max_size))
    run.expect(len(pool), strange=len(pool.problems))
    for one in upgraded(pool, manner):
        run.take(one)
    run.end(as_json=as_json)
    raise typer.Exit(worst(run.codes))


def _zone(name: str | None) -> ZoneInfo | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"--timezone {name} is no time zone", fix="write it like America/Denver or UTC"
        ) from None


def _pool(files: list[str], run: _Run, form: options.InputFormat | None, limits: Limits) -> Pool:
    """Read everything that was named, pictures and signed tokens too, and sort it."""
    from clrctl import carriers
    from clrctl.builder.upgrade import Pool
    from clrctl.document import find

    pool = Pool()
    pieces = find(
        files,
        stdin=sys.stdin.buffer,
        limits=limits,
        input_format=form.value if form else None,
        also=carriers.SUFFIXES,
    )
    for item in carriers.opened(pieces):
        if isinstance(item, InputError):
            run.fail(item)
        elif item.document.faults:
            run.fail_to_parse(item)
        else:
            pool.add(item.credential, item.document.source, signed=bool(item.token))
    return pool


@dataclass(slots=True)
class _Run:
    """One run: what is written, what is told, and the exit codes it adds up to."""

    console: Console
    output: str
    force: bool
    strict: bool
    codes: list[ExitCode] = field(default_factory=list)
    _errors: list[ClrctlError] = field(default_factory=list)
    _answers: list[dict[str, Json]] = field(default_factory=list)
    _several: bool = False
    _written: int = 0
    _lost: int = 0
    _names: set[str] = field(default_factory=set)

    def expect(self, number: int, *, strange: int) -> None:
        """Be told how many there will be, and of how many nothing can be made.

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

    def fail(self, error: ClrctlError) -> None:
        """Tell of a file that cannot be used, and go on."""
        self.codes.append(error.exit_code)
        self._errors.append(error)
        Console(color=self.console.color, err=self.console.err).error(error)

    def fail_to_parse(self, carried: Carried) -> None:
        """Tell of what is not JSON or YAML as it should be, and go on."""
        from clrctl import baking
        from clrctl.builder.upgrade import Upgraded
        from clrctl.finding import FileReport

        document = carried.document
        if carried.picture == baking.OPEN_BADGES_2 and document.raw.startswith(b"http"):
            address = document.raw.decode(errors="replace").strip()
            error = InputError(
                "the picture holds no more than the address of its badge",
                where=document.source,
                why=address,
                fix="download the assertion from there, and name that file",
            )
            self.fail(error)
            return
        self.codes.append(ExitCode.INVALID)
        report = FileReport(document.source, findings=document.faults)
        self._tell_findings(report)
        self._answers.append(Upgraded(document.source).as_json() | _outcome("", report))

    def take(self, one: Upgraded) -> None:
        """Write one credential if it is good, and tell of it."""
        report = _checked(one)
        target = ""
        if one.document is None or (report and report.errors) or (self.strict and one.lost):
            self.codes.append(ExitCode.INVALID)
        else:
            try:
                target = self._write(one.document.raw, self._place(one))
                self._written += 1
                self._lost += one.lost
            except InputError as error:
                self.fail(error)
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
        from clrctl import files

        if target == _STDOUT:
            plain = Console(color=Color.NEVER, out=self.console.out)
            plain.answer(raw.decode().removesuffix("\n"))
            return target
        path = Path(target)
        if self._several:
            with files.told(path.parent, files.Words("cannot make the folder")):
                path.parent.mkdir(parents=True, exist_ok=True)
        files.put(path, raw, force=self.force)
        return target

    def _tell(self, one: Upgraded, report: FileReport | None, target: str) -> None:
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

    def _tell_note(self, note: Note) -> None:
        style = _STYLES[note.kind.value]
        self.console.say(
            "  ", (f"{note.kind:<5}", style), f"  {safe(note.pointer) or '/'}  {safe(note.message)}"
        )

    def _tell_problem(self, problem: Problem) -> None:
        place = f"{safe(problem.source)} {safe(problem.pointer)}".rstrip()
        parts: list[Part] = [("error", "bold red"), f": {place}: {safe(problem.message)}"]
        if problem.fix:
            parts.append((f" -> {problem.fix}", "dim"))
        Console(color=self.console.color, err=self.console.err).say(*parts)

    def _tell_findings(self, report: FileReport) -> None:
        """Write findings to standard error: the answer may be read by a program."""
        from clrctl.report import Text

        Text(Console(color=self.console.color, out=self.console.err)).file(report)

    def end(self, *, as_json: bool) -> None:
        """Tell what the run adds up to."""
        from clrctl.words import count

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


def _checked(one: Upgraded) -> FileReport | None:
    """Hold a credential to all rules that are for its kind; None where there is none."""
    from clrctl import validation

    if one.document is None:
        return None
    # That endpoint takes nothing but CLRs.
    rulesets = ("standard", "timeback") if one.is_record else ("standard",)
    return validation.check(one.document, rulesets, now=datetime.now(UTC))


def _errors_alone(report: FileReport) -> FileReport:
    """Return what stopped an upgrade; it stands in the new form, which has no lines yet."""
    from clrctl.finding import Severity

    found = [one for one in report.findings if one.severity is Severity.ERROR]
    unplaced = tuple(replace(one, line=None, column=None) for one in found)
    return replace(report, source=f"{report.source}, new form", findings=unplaced)


def _outcome(target: str, report: FileReport | None) -> dict[str, Json]:
    from clrctl.report.objects import finding_json

    findings = report.findings if report else ()
    return {"output": target or None, "findings": [finding_json(one) for one in findings]}
