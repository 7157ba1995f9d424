"""Signing whole files: what is in them is checked, signed, written and reported, file by file."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, cast

from clrctl.cli import console as consoles
from clrctl.cli.console import Console
from clrctl.cli.output.findings_text import FindingsText
from clrctl.document import InputFormat, suffix_format
from clrctl.errors import ClrctlError, ExitCode, UsageError
from clrctl.finding import Json, Report
from clrctl.proof import dids
from clrctl.signing import NotSigned, Proof, Signed
from clrctl.util import atomic, count, safe

FORMAT = "clrctl.sign/1"
STDIO = "-"
_IN_MEMORY = 8 * 2**20


@dataclass(slots=True)
class _Told:
    """What is to be reported of one file, however many documents it holds."""

    proofs: int = 0
    kept: int = 0
    unsigned: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    issuers: set[str] = field(default_factory=set)
    details: list[Proof] = field(default_factory=list)
    answers: list[dict[str, Json]] = field(default_factory=list)

    def add(self, signed: Signed, *, in_detail: bool) -> None:
        """Take in one document."""
        self.proofs += len(signed.proofs)
        self.kept += len(signed.kept)
        self.notes |= dict.fromkeys(signed.notes)
        self.issuers |= {proof.method.partition("#")[0] for proof in signed.proofs}
        for pointer, why in signed.unsigned:
            if pointer:
                self.unsigned[why] += 1
                self.first.setdefault(why, f"line {signed.first_line} {pointer}")
        if in_detail:
            self.details += signed.proofs
            self.answers.append(_answer(signed))


def _answer(signed: Signed) -> dict[str, Json]:
    return {
        "source": signed.source,
        "line": signed.first_line,
        "proofs": [
            {"pointer": one.pointer, "verification_method": one.method, "cryptosuite": one.suite}
            for one in signed.proofs
        ],
        "kept": list(signed.kept),
        "notes": list(signed.notes),
        "unsigned": [{"pointer": at, "why": why} for at, why in signed.unsigned],
    }


@dataclass(slots=True)
class SignRun:
    """One run over all inputs, and what it adds up to.

    Attributes:
        console: where it is told.
        output: a file, a folder, or `-` for standard output.
        force: replace files that exist.
        form: what every input is; None where that is told by its name.
        into_folder: the output is a folder.
        jwt: tokens are made.
        codes: the exit codes of the files that were not signed.
    """

    console: Console
    output: str
    force: bool
    form: InputFormat | None
    into_folder: bool
    jwt: bool = False
    codes: list[ExitCode] = field(default_factory=list)
    _answers: list[dict[str, Json]] = field(default_factory=list)
    _errors: list[ClrctlError] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)
    _issuers: set[str] = field(default_factory=set)
    _proofs: int = 0
    _files: int = 0

    def all(self, results: Iterable[Signed | ClrctlError]) -> None:
        """Write file by file what was signed; of one that cannot be as a whole, nothing."""
        for name, items in groupby(results, key=_source):
            try:
                self._file(name, items)
            except ClrctlError as error:
                self.codes.append(error.exit_code)
                self._errors.append(error)
                self.console.for_text().error(error)

    def _file(self, name: str, items: Iterable[Signed | ClrctlError]) -> None:
        told, good, syntax = _Told(), True, "json"
        is_lines = (self.form or suffix_format(name)) == "ndjson"
        in_detail = bool(self.console.json or self.console.verbose)
        # A file of lines may be larger than memory.
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
            for item in items:
                if isinstance(item, NotSigned) and item.report is not None:
                    self._show_errors(item.report)
                    good = False
                elif isinstance(item, ClrctlError):
                    raise item
                elif good:
                    spool.write(item.text + (b"\n" if is_lines or self.jwt else b""))
                    told.add(item, in_detail=in_detail)
                    syntax = item.syntax
            if not good:
                self.codes.append(ExitCode.INVALID)
                return
            spool.seek(0)
            target = self._place(name, syntax) if self.into_folder else self.output
            self._write(cast(BinaryIO, spool), target)
        self._files += 1
        self._tell(name, told, target)

    def _show_errors(self, report: Report) -> None:
        FindingsText(self.console.for_findings()).file(report)
        self.console.say(f"{safe(report.place)}: not signed: it has errors")

    def _place(self, name: str, syntax: str) -> str:
        path = Path("stdin.json" if name == STDIO else name)
        chosen = path.with_suffix(".json").name if syntax == "yaml" else path.name
        if self.jwt:
            chosen = path.with_suffix(".jwt").name
        if chosen.casefold() in self._names:
            raise UsageError(
                "two files of the same name would go into one folder",
                where=name,
                fix="sign them in two runs, into two folders",
            )
        self._names.add(chosen.casefold())
        return str(Path(self.output, chosen))

    def _write(self, spool: BinaryIO, target: str) -> None:
        if target == STDIO:
            plain = self.console.for_files()
            for line in spool:
                plain.answer(line.decode().removesuffix("\n"))
            return
        path = Path(target)
        if self.into_folder:
            with atomic.told(path.parent, atomic.Words("cannot make the folder")):
                path.parent.mkdir(parents=True, exist_ok=True)
        atomic.put_stream(path, spool, force=self.force)

    def _tell(self, name: str, told: _Told, target: str) -> None:
        place = safe(name)
        parts = [f"{count(told.proofs, 'credential')} signed"]
        if told.kept:
            parts.append(f"{told.kept:,} signed already")
        self.console.say((place, "bold"), f": {', '.join(parts)}")
        for proof in told.details:
            self.console.detail(
                f"  {safe(proof.pointer) or '/'} {proof.suite} {safe(proof.method)}"
            )
        for why, number in told.unsigned.items():
            left = f"{count(number, 'credential')} left unsigned ({told.first[why]})"
            self.console.warn(f"{place}: {safe(left)}: {safe(why)}")
        for note in told.notes:
            self.console.warn(f"{place}: {note}")
        self._proofs += told.proofs
        self._issuers |= told.issuers
        self._answers += [answer | {"output": target} for answer in told.answers]

    def _tell_to_publish(self, *, new_keys: bool) -> None:
        """Print once what verifiers look for: keys without an address of their own are new."""
        issuers = [one for one in self._issuers if not dids.holds_its_key(one)]
        if issuers and new_keys:
            place = safe(min(issuers), limit=None)
            self.console.say(
                f"verifiers look for the key at {place}: clrctl key document writes what to publish"
            )

    def end(self, *, as_json: bool, new_keys: bool) -> None:
        """Print what the run adds up to.

        Args:
            as_json: print an object, too.
            new_keys: some of the keys have no address of their own, so that they may be new.
        """
        ok = not self.codes
        self._tell_to_publish(new_keys=new_keys)
        if as_json:
            errors = [consoles.error_json(error) for error in self._errors]
            answer = {"format": FORMAT, "ok": ok, "files": self._answers, "errors": errors}
            self.console.answer_json(answer)
        parts = [f"{count(self._files, 'file')} signed, {count(self._proofs, 'proof')}"]
        if failed := len(self.codes):
            parts.append(f"{count(failed, 'file')} not signed")
        self.console.say((", ".join(parts), "bold green" if ok else "bold red"))


def _source(item: Signed | ClrctlError) -> str:
    return item.source or (item.where if isinstance(item, ClrctlError) else "")
