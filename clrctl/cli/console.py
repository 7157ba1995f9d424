"""What reaches the terminal: streams, colour, verbosity, and text made harmless.

The answer goes to standard output, the conversation to standard error. This is the only home of
rich, which is imported only when something is coloured or drawn. It knows nothing of credentials.
"""

from __future__ import annotations

import contextlib
import enum
import io
import json as standard_json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

import orjson

from clrctl.errors import ClrctlError, InputError, UsageError
from clrctl.util import Part, safe, visible

REPORT_FORMAT = "clrctl.report/1"


class Color(enum.StrEnum):
    """When to colour; `auto` looks at the stream, `NO_COLOR`, `FORCE_COLOR` and `TERM`."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Console:
    """The two streams of one run, and how much is said on them.

    A conversation that nobody can read is dropped and the work goes on. Every method that writes
    to standard output, and `flush`, raises InputError when it cannot be written (a full disk),
    BrokenPipeError when its reader has gone.

    Attributes:
        json: errors are also told as a JSON object on standard output.
        answered: something was written to standard output.
    """

    def __init__(
        self,
        *,
        color: Color = Color.AUTO,
        quiet: bool = False,
        verbose: int = 0,
        json: bool = False,
        out: TextIO | None = None,
        err: TextIO | None = None,
    ) -> None:
        self.color = color
        self.quiet = quiet
        self.verbose = verbose
        self.json = json
        self.out = out or sys.stdout
        self.err = err or sys.stderr
        self.answered = False
        self._status = 0
        self._rich: dict[int, Any] = {}

    def for_text(self) -> Console:
        """Return a console for lines of text on standard error, also where JSON is the answer."""
        return Console(color=self.color, err=self.err)

    def for_findings(self) -> Console:
        """Return a console whose answer goes to standard error: findings beside an answer."""
        return Console(color=self.color, out=self.err)

    def for_files(self) -> Console:
        """Return a console for what is written to standard output as a file: never in colour."""
        return Console(color=Color.NEVER, out=self.out)

    def answer(self, *parts: Part) -> None:
        """Write one line of the answer to standard output."""
        self.answered = True
        self._line(self.out, parts)

    def answer_json(self, value: object) -> None:
        """Write one JSON value: indented on a terminal, else on one line."""
        self.answered = True
        self._write(self.out, _as_json(value, indented=self.out.isatty()) + "\n")

    def answer_bytes(self, contents: bytes) -> None:
        """Write a file to standard output, byte for byte.

        On a terminal, text that could steer it is escaped as JSON escapes it.

        Raises:
            UsageError: the file is no text, and standard output is a terminal.
        """
        if self.out.isatty():
            text = _as_text(contents)
            self._write(self.out, text if text.endswith("\n") else text + "\n")
        else:
            self.out.flush()
            with self._writing(self.out):
                self.out.buffer.write(contents)
                self.out.buffer.flush()
        self.answered = True

    def say(self, *parts: Part) -> None:
        """Write one line of conversation to standard error, unless `--quiet`."""
        if not self.quiet:
            self._line(self.err, parts)

    def complain(self, *parts: Part) -> None:
        """Write one line to standard error, with `--quiet` too: something was not done."""
        self._line(self.err, parts)

    def detail(self, *parts: Part, level: int = 1) -> None:
        """Write one line to standard error when as many `-v` were given."""
        if self.verbose >= level:
            self._line(self.err, parts)

    def warn(self, text: str) -> None:
        """Write a warning to standard error, unless `--quiet`."""
        self.say(("warning", "yellow"), f": {text}")

    def suggest(self, *commands: str) -> None:
        """Print what to do next, for a person at a terminal; not for programs."""
        if self.is_drawing:
            self.say(f"next: {safe('; '.join(commands), limit=None)}")

    def error(self, error: ClrctlError) -> None:
        """Print an error in its four parts on standard error, and as JSON where JSON is wanted."""
        self._line(self.err, [("error", "bold red"), f": {safe(error.what, limit=None)}"])
        for name, text in (("where", error.where), ("why", error.why), ("fix", error.fix)):
            if text:
                self._line(self.err, [f"  {name + ':':6} ", safe(text, limit=1000)])
        if self.json and not self.answered:
            self.answer_json({"format": REPORT_FORMAT, "ok": False, "error": error_json(error)})

    @property
    def width(self) -> int | None:
        """Columns of the terminal that the answer goes to; None where it is no terminal."""
        return shutil.get_terminal_size().columns if self.out.isatty() else None

    @property
    def is_drawing(self) -> bool:
        """Whether `status` shows anything: standard error is a terminal, and not `--quiet`."""
        return self.err.isatty() and not self.quiet

    def status(self, text: str) -> None:
        """Draw a passing line on the terminal of standard error, over the one before.

        Whatever is written next takes its place, and so does an empty text.
        """
        if not self.is_drawing:
            return
        shown = safe(text, limit=None)[: shutil.get_terminal_size().columns - 1]
        if not shown and not self._status:
            return
        # Not blanked first, which would be seen to flicker.
        rest = " " * (self._status - len(shown))
        with self._writing(self.err):
            self.err.write(f"\r{shown}{rest}" + ("" if shown else "\r"))
            self.err.flush()
        self._status = len(shown)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Write a table as the answer: drawn on a terminal, tab-separated in a pipe."""
        clean = [[safe(cell) for cell in row] for row in rows]
        if not self.out.isatty():
            for row in clean:
                self.answer("\t".join(row))
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in columns:
            table.add_column(name, overflow="fold")
        for row in clean:
            table.add_row(*map(Text, row))
        self.answered = True
        self._write(self.out, self._drawn(self.out, table))

    def confirm(self, question: str, *, flag: str) -> None:
        """Ask a person to agree.

        Raises:
            UsageError: nobody can be asked; names the flag that agrees beforehand.
            KeyboardInterrupt: the answer was not yes.
        """
        if not (sys.stdin.isatty() and self.err.isatty()) or os.environ.get("CI"):
            raise UsageError("this needs a confirmation", why=question, fix=f"add {flag}")
        self._write(self.err, f"{safe(question, limit=None)} [y/N] ")
        self.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise KeyboardInterrupt

    def ask_secret(self, question: str) -> str | None:
        """Ask a person for a secret, which is not shown while it is typed.

        Returns:
            The answer, or None where nobody can be asked.
        """
        if not (sys.stdin.isatty() and self.err.isatty()) or os.environ.get("CI"):
            return None
        import getpass

        self.flush()
        return getpass.getpass(f"{safe(question, limit=None)} ", stream=self.err)

    def flush(self) -> None:
        """Flush both streams, so that what cannot be written is noticed in time."""
        for stream in (self.out, self.err):
            with self._writing(stream):
                stream.flush()

    def colored(self, stream: TextIO) -> bool:
        """Return whether this stream is to be coloured."""
        if self.color is not Color.AUTO:
            return self.color is Color.ALWAYS
        if os.environ.get("NO_COLOR"):
            return False
        if os.environ.get("FORCE_COLOR"):
            return True
        return stream.isatty() and os.environ.get("TERM") != "dumb"

    def _line(self, stream: TextIO, parts: Iterable[Part]) -> None:
        styled = [part if isinstance(part, tuple) else (part, "") for part in parts]
        if not self.colored(stream):
            self._write(stream, "".join(text for text, _ in styled) + "\n")
            return
        from rich.text import Text

        self._write(stream, self._drawn(stream, Text.assemble(*styled), soft_wrap=True))

    def _drawn(self, stream: TextIO, what: Any, *, soft_wrap: bool = False) -> str:
        """Return what rich makes of something: left to write, it would exit at a closed pipe."""
        rich = self._rich_console(stream)
        with rich.capture() as capture:
            rich.print(what, soft_wrap=soft_wrap)
        return str(capture.get())

    def _rich_console(self, stream: TextIO) -> Any:
        from rich.console import Console as RichConsole

        if id(stream) not in self._rich:
            colored = self.colored(stream)
            self._rich[id(stream)] = RichConsole(
                file=io.StringIO(),
                force_terminal=colored,
                no_color=not colored,
                color_system="standard" if colored else None,
                markup=False,
                emoji=False,
                highlight=False,
                legacy_windows=False,
            )
        return self._rich[id(stream)]

    def _write(self, stream: TextIO, text: str) -> None:
        if self._status:
            self.status("")
        with self._writing(stream):
            stream.write(text)

    @contextlib.contextmanager
    def _writing(self, stream: TextIO) -> Iterator[None]:
        try:
            yield
        except OSError as problem:
            _discard(stream)
            if stream is self.err:
                return
            if isinstance(problem, BrokenPipeError):
                raise
            raise InputError("cannot write the output", why=problem.strerror or "") from None


def _as_json(value: object, *, indented: bool) -> str:
    try:
        text = orjson.dumps(value, option=orjson.OPT_INDENT_2 if indented else 0).decode()
    except orjson.JSONEncodeError:
        # A file's name may hold bytes that are no UTF-8, and a credential any integer.
        return standard_json.dumps(value, indent=2 if indented else None)
    # Of what may steer a terminal JSON escapes only C0; line ends are its own here.
    return visible(text, kept="\n")


def _as_text(contents: bytes) -> str:
    """Return the text of a JSON file as a terminal may have it."""
    try:
        text = contents.decode()
    except UnicodeDecodeError:
        raise UsageError(
            "the answer is no text, and standard output is a terminal",
            fix="name a file with --output, or send it through a pipe",
        ) from None
    return visible(text)


def _discard(stream: TextIO) -> None:
    """Point a stream at the null device: what it still holds would fail again at the exit."""
    with contextlib.suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


_current: Console | None = None


def configure(
    *, color: Color = Color.AUTO, quiet: bool = False, verbose: int = 0, json: bool = False
) -> Console:
    """Set up the console of this run from its flags, and return it."""
    global _current  # noqa: PLW0603 - one process, one terminal
    _current = Console(color=color, quiet=quiet, verbose=verbose, json=json)
    return _current


def current() -> Console:
    """Return the console of this run."""
    return _current or configure()


def error_json(error: ClrctlError) -> dict[str, object]:
    """Return an error as the `error` member of a report."""
    return {
        "what": error.what,
        "where": error.where,
        "why": error.why,
        "fix": error.fix,
        "exit_code": int(error.exit_code),
    }


def use_utf8() -> None:
    """Make what is written UTF-8, and unable to fail on any character (Windows, C locale).

    A stream that was closed by whoever started the process becomes the null device.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for the whole run
        elif name != "stdin" and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def silence_stdout() -> None:
    """Point standard output at the null device, after its reader has gone."""
    _discard(sys.stdout)
