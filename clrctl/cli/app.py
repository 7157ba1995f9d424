"""The command line: the list of commands, and the one place where exceptions become exit codes.

A command's module is imported when that command runs, or is listed in the help.
"""

from __future__ import annotations

import functools
import importlib
import signal
from types import FrameType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from clrctl._version import version_line
from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.errors import ClrctlError, ExitCode, InputError

# What the help lists, in its order: make records, look at them, sign, verify, send.
COMMANDS = {
    "new": "Write files to start from.",
    "map": "Guess what the columns of exports are.",
    "build": "Build CLRs from tables, recipes and gradebooks.",
    "case": "Take achievements out of a framework of competencies.",
    "wrap": "Wrap badges that somebody holds into a CLR.",
    "upgrade": "Convert older badges and records to today's form.",
    "validate": "Check credentials; nothing is sent.",
    "show": "Show what credentials say.",
    "diff": "Compare two credentials by meaning.",
    "fmt": "Rewrite credentials in strict serialization.",
    "rules": "List or explain the codes of findings.",
    "schema": "List, show and export the JSON Schemas.",
    "key": "Make and publish the keys to sign with.",
    "sign": "Sign credentials, those inside a record first.",
    "derive": "Show parts of a credential, still signed.",
    "verify": "Verify signatures, issuers, dates and status.",
    "status-list": "Maintain lists of revoked or suspended credentials.",
    "context": "List, show and compare the JSON-LD contexts.",
    "bake": "Put a credential into a picture.",
    "extract": "Take the credential out of a picture.",
    "plan": "Show what an upload would send.",
    "upsert": "Store CLRs at an endpoint.",
    "status": "Show the results of uploads.",
    "list": "List the credentials at an endpoint.",
    "get": "Fetch credentials from an endpoint.",
    "endpoints": "List the endpoints that can be named.",
    "auth": "Log in at an endpoint, and out again.",
    "discover": "Show how an endpoint describes itself.",
    "sandbox": "Run a CLR endpoint on this machine.",
}


class Terminated(BaseException):
    """SIGTERM arrived."""


class Commands(TyperGroup):
    """Finds the commands, runs one, and turns whatever it raises into words and an exit code."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        names: dict[str, Any] = dict.fromkeys(COMMANDS)
        self.commands = names

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of that name, or None; the others are not imported for it."""
        return _command(cmd_name) if cmd_name in COMMANDS else None

    def invoke(self, ctx: Any) -> Any:
        """Run the command; every way out of it is an exit code of `ExitCode`."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                # Commands end by an exception too: however they end, what they wrote is out.
                consoles.current().status("")
                consoles.current().flush()
        except ClrctlError as error:
            consoles.current().error(error)
            raise typer.Exit(error.exit_code) from None
        except BrokenPipeError:
            consoles.silence_stdout()
            raise typer.Exit(ExitCode.BROKEN_PIPE) from None
        except (KeyboardInterrupt, typer.Abort):
            consoles.current().say("cancelled")
            raise typer.Exit(ExitCode.CANCELLED) from None
        except Terminated:
            consoles.current().say("terminated")
            raise typer.Exit(ExitCode.TERMINATED) from None
        except Exception as fault:
            if type(fault).__module__.startswith("typer"):
                raise
            _internal(fault)
            raise typer.Exit(ExitCode.INTERNAL) from None


def _internal(fault: Exception) -> None:
    console = consoles.current()
    # The text of an unknown exception may hold a learner's data or a secret: only its kind is told.
    error = ClrctlError(
        "clrctl has failed: this is a fault in clrctl itself",
        where=version_line(),
        why=type(fault).__name__ + _origin(fault),
        fix="please report it with the lines above; your files and records are unchanged",
    )
    console.error(error)


def _origin(fault: Exception) -> str:
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    module = trace.tb_frame.f_globals.get("__name__", "?")
    return f" in {module}:{trace.tb_lineno}"


# The mark keeps the lines as they are.
EXIT_CODES = "\b\nExit codes:\n" + "\n".join(f"{code:5} {code.__doc__}" for code in ExitCode)

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)


def _version(wanted: bool) -> None:
    if wanted:
        consoles.current().answer(version_line())
        raise typer.Exit


@app.callback()
def root(
    _: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Build, check, sign, verify and send Comprehensive Learner Records (1EdTech CLR 2.0).

    Begin with `clrctl new tables`, or with `clrctl validate FILE`.
    """


@functools.cache
def _command(name: str) -> Any:
    """Return `commands.NAME.NAME`, a function or an app of further commands, for Typer."""
    module = name.replace("-", "_")
    command = getattr(importlib.import_module(f"clrctl.cli.commands.{module}"), module)
    if isinstance(command, typer.Typer):
        group = typer.main.get_command(command)
        group.short_help = COMMANDS[name]
        return group
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    options.enter(alone, name, COMMANDS[name])(command)
    return typer.main.get_command(alone)


def run(args: list[str] | None = None) -> int:
    """Run one command line (the process's own by default) and return its exit code."""
    consoles.use_utf8()
    consoles.configure()
    previous = signal.signal(signal.SIGTERM, _terminate)
    try:
        # Without arguments, Typer takes the process's own and expands globs on Windows.
        app(args, prog_name="clrctl", standalone_mode=True)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(ExitCode.OK)
    except OSError as problem:
        # Typer writes the help itself.
        consoles.silence_stdout()
        unwritten = InputError("cannot write the output", why=problem.strerror or "")
        consoles.current().error(unwritten)
        return int(unwritten.exit_code)
    finally:
        signal.signal(signal.SIGTERM, previous)
    return int(ExitCode.OK)


def _terminate(_: int, __: FrameType | None) -> None:
    raise Terminated
