"""`clrctl fmt`: rewrite credentials in the standard's strict form, their meaning untouched."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import ClrctlError, ExitCode, InputError, UsageError, worst
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.document import Document
    from clrctl.standard import FormattedFile

    _File = tuple[str, list[Document | InputError]]

_STANDARD_STREAM = "-"


def fmt(
    files: options.Files,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit with 1 if a file would be rewritten."),
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; show what would change.")
    ] = False,
    signed_too: Annotated[
        bool,
        typer.Option(
            "--signed-too", help="Also rewrite what carries a proof, where the proof outlives it."
        ),
    ] = False,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the one input to this file instead; - is standard output.",
            show_default=False,
        ),
    ] = None,
    input_format: options.InputFormatOption = None,
    max_size: options.MaxSize = 64,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Rewrite credentials in the standard's strict form: lists, order, indentation.

    Lone values of sets become lists; null and empty members go; members come in one order; two
    blanks indent, and NDJSON keeps its lines. What a credential says to JSON-LD stays the same,
    numbers stay as written, and what carries a proof is left byte for byte.

    The names of changed files go to standard output; the result itself, where - is the input.
    YAML is never rewritten in place: comments and layout are its author's. --output makes JSON
    of it.

    Examples:
      clrctl fmt records/
      clrctl fmt --check --diff samples/
      clrctl fmt samples/workforce.clr.yaml --output workforce.clr.json
      other-program | clrctl fmt -
    """
    from clrctl.document import read

    console = consoles.configure(color=color, quiet=quiet, verbose=verbose)
    _refuse_contradictions(files, output, dry=check or diff)
    inputs = read(
        files,
        stdin=sys.stdin.buffer,
        limits=options.limits(max_size),
        input_format=input_format.value if input_format else None,
    )
    run = _Run(console, input_format, output, signed_too=signed_too, dry=check or diff, diff=diff)
    run.all(inputs)
    codes = [failure.exit_code for failure in run.failures]
    if run.faulty or (check and run.changed):
        codes.append(ExitCode.INVALID)
    run.end(ok=not codes)
    raise typer.Exit(worst(codes))


def _refuse_contradictions(files: list[str], output: str | None, *, dry: bool) -> None:
    if _STANDARD_STREAM in files and len(files) > 1:
        raise UsageError("standard input goes alone", fix="run clrctl fmt - separately")
    if output is not None and dry:
        raise UsageError("--output writes; --check and --diff do not", fix="choose one of them")


@dataclass(slots=True)
class _Run:
    """One run over all inputs, and what it adds up to."""

    console: Console
    input_format: options.InputFormat | None
    output: str | None
    signed_too: bool
    dry: bool
    diff: bool
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    faulty: int = 0
    failures: list[ClrctlError] = field(default_factory=list)

    def all(self, inputs: Iterable[Document | InputError]) -> None:
        """Take the inputs file by file."""
        files = ((name, list(items)) for name, items in groupby(inputs, key=_source))
        for name, items in files if self.output is None else _only_one(files):
            try:
                self._file(name, items)
            except InputError as failure:
                self.failures.append(failure)

    def _file(self, name: str, items: list[Document | InputError]) -> None:
        """Format one file; one that cannot be read to its end is left alone."""
        documents: list[Document] = []
        for item in items:
            if isinstance(item, InputError):
                raise item
            documents.append(item)
        if any(document.faults for document in documents):
            self.faulty += 1
            self._tell_faults(documents)
        elif documents[0].syntax == "yaml" and self._is_in_place(name):
            self.skipped += 1
            self.console.say(f"{safe(name)}: YAML is not rewritten; --output writes it as JSON")
        else:
            self._format(name, documents)

    def _is_in_place(self, name: str) -> bool:
        return self.output is None and name != _STANDARD_STREAM

    def _format(self, name: str, documents: list[Document]) -> None:
        from clrctl.document import suffix_format
        from clrctl.standard import serialization
        from clrctl.util import atomic

        ndjson = (self.input_format or suffix_format(name)) == "ndjson"
        file = serialization.format_file(documents, ndjson=ndjson, signed_too=self.signed_too)
        self._tell_kept(file)
        if self.dry:
            self._show(file)
        elif not self._is_in_place(name):
            self._write(file.after)
        elif file.changed:
            atomic.replace(Path(name), file.after)
            self.console.answer(safe(name, limit=None))
        self.changed += file.changed
        self.unchanged += not file.changed

    def _show(self, file: FormattedFile) -> None:
        if self.diff:
            for line in file.difference():
                self._plain(line)
        elif file.changed:
            self.console.answer(safe(file.name, limit=None))

    def _write(self, contents: bytes) -> None:
        from clrctl.util import atomic

        if self.output in (None, _STANDARD_STREAM):
            self._plain(contents.decode().removesuffix("\n"))
        else:
            atomic.replace(Path(str(self.output)), contents)

    def _plain(self, text: str) -> None:
        """Write text as the answer that must not be changed, not even by colours."""
        self.console.for_files().answer(text)

    def _tell_faults(self, documents: list[Document]) -> None:
        """Write parse faults to standard error: the answer may be read by a program."""
        from clrctl.cli.output import FindingsText
        from clrctl.finding import Report

        errors = FindingsText(self.console.for_findings())
        for document in documents:
            errors.file(Report(document.source, findings=document.faults))

    def _tell_kept(self, file: FormattedFile) -> None:
        from clrctl.util import count

        for why, number in Counter(kept.why for _, kept in file.kept).items():
            self.console.say(f"{safe(file.name)}: {count(number, 'object')} left as written: {why}")
        for line, kept in file.kept:
            self.console.detail(f"  {safe(file.name)}:{line} {safe(kept.pointer) or '/'}")

    def end(self, *, ok: bool) -> None:
        """Print what the run adds up to."""
        from clrctl.util import count

        for failure in self.failures:
            self.console.error(failure)
        done = "would be rewritten" if self.dry else "rewritten"
        parts = [f"{count(self.changed, 'file')} {done}", f"{self.unchanged:,} as they should be"]
        for number, what in (
            (self.skipped, "in YAML skipped"),
            (self.faulty, "with faults"),
            (len(self.failures), "unread or unwritten"),
        ):
            if number:
                parts.append(f"{number:,} {what}")
        self.console.say((", ".join(parts), "bold green" if ok else "bold red"))


def _only_one(files: Iterable[_File]) -> list[_File]:
    found = list(files)
    if len(found) > 1:
        raise UsageError("--output takes one input", fix="leave it out to write in place")
    return found


def _source(item: Document | InputError) -> str:
    """Return the name of the file that an item, or an error in its place, belongs to."""
    return item.where if isinstance(item, InputError) else item.source
