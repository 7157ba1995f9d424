"""Options that several commands share, declared once so that a flag means the same everywhere."""

from __future__ import annotations

import contextlib
import enum
import inspect
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from clrctl.cli.console import Color as ColorChoice
from clrctl.cli.console import Console

if TYPE_CHECKING:
    from clrctl.document import Limits
    from clrctl.sending import Endpoint as EndpointEntry
    from clrctl.util import Secret

_F = TypeVar("_F", bound=Callable[..., Any])


class Format(enum.StrEnum):
    """Forms of the answer."""

    TEXT = "text"
    JSON = "json"


class Ruleset(enum.StrEnum):
    """Sets of rules a credential can be held to."""

    STANDARD = "standard"
    TIMEBACK = "timeback"


class InputFormat(enum.StrEnum):
    """How to read inputs, where the file's suffix does not tell."""

    JSON = "json"
    YAML = "yaml"
    NDJSON = "ndjson"


class Mirror(enum.StrEnum):
    """What a built record itself lists beside its awards."""

    ALL = "all"
    NONE = "none"


def complete_code(incomplete: str) -> Iterator[tuple[str, str]]:
    """Yield the codes that begin like this, each with what it asks."""
    from clrctl.checking import all_codes

    for entry in all_codes():
        if entry.code.startswith(incomplete):
            yield entry.code, entry.title


def complete_ignored(incomplete: str) -> Iterator[tuple[str, str]]:
    """Yield the codes and areas that can be ignored and begin like this."""
    from clrctl.checking import FIXED

    areas: set[str] = set()
    for code, title in complete_code(""):
        area = code.partition("/")[0]
        if area in FIXED:
            continue
        named = [(code, title)]
        if area not in areas:
            areas.add(area)
            named.insert(0, (f"{area}/*", f"all codes of {area}"))
        yield from (one for one in named if one[0].startswith(incomplete))


def complete_severity(incomplete: str) -> Iterator[tuple[str, str]]:
    """Yield CODE=SEVERITY for codes that begin like this, with the severity they do not have."""
    from clrctl.checking import FIXED, all_codes
    from clrctl.finding import Severity

    for entry in all_codes():
        other = Severity.WARNING if entry.severity is Severity.ERROR else Severity.ERROR
        value = f"{entry.code}={other}"
        if value.startswith(incomplete) and entry.code.partition("/")[0] not in FIXED:
            yield value, entry.title


def complete_endpoint(incomplete: str) -> Iterator[tuple[str, str]]:
    """Yield the endpoints that begin like this; of a broken config file only those built in."""
    from clrctl.cli.settings import Settings
    from clrctl.errors import ClrctlError
    from clrctl.sending import BUILT_IN

    endpoints: tuple[EndpointEntry, ...] = BUILT_IN
    with contextlib.suppress(ClrctlError):
        endpoints = Settings(warn=lambda _: None).endpoints()
    for endpoint in endpoints:
        if endpoint.name.startswith(incomplete):
            yield endpoint.name, endpoint.base


def complete_schema(incomplete: str) -> Iterator[tuple[str, str]]:
    """Yield the ids of schemas that begin like this."""
    from clrctl.standard import schemas

    for entry in schemas.entries():
        if entry.id.startswith(incomplete):
            yield entry.id, entry.title


Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        help="Files, folders or globs; - reads standard input.",
        show_default=False,
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", help="Form of the answer.")]
Json = Annotated[bool, typer.Option("--json", help="Same as --format json.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the answer.")]
Verbose = Annotated[
    int, typer.Option("--verbose", "-v", count=True, help="Print more; twice for still more.")
]
Color = Annotated[ColorChoice, typer.Option("--color", help="Colour the output.")]
Strict = Annotated[bool, typer.Option("--strict", help="Count warnings as errors.")]
Ignore = Annotated[
    list[str],
    typer.Option(
        "--ignore",
        metavar="CODE",
        help="Leave out the findings of a code, or of AREA/*; may be given again.",
        show_default=False,
        autocompletion=complete_ignored,
    ),
]
SeverityOption = Annotated[
    list[str],
    typer.Option(
        "--severity",
        metavar="CODE=error|warning",
        help="Count a code, or AREA/*, as this; may be given again.",
        show_default=False,
        autocompletion=complete_severity,
    ),
]
InputFormatOption = Annotated[
    InputFormat | None,
    typer.Option("--input-format", help="Read all inputs as this.", show_default=False),
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs",
        "-j",
        metavar="N",
        min=0,
        help="Processes to spread the work over; 0: as many as can run at once.",
    ),
]
MaxSize = Annotated[
    int, typer.Option("--max-size", metavar="MIB", min=1, help="Largest document to read.")
]
Endpoint = Annotated[
    str | None,
    typer.Option(
        "--endpoint",
        "-e",
        metavar="NAME|URL",
        help="Server to talk to; see `clrctl endpoints`.",
        show_default=False,
        autocompletion=complete_endpoint,
    ),
]
TokenFile = Annotated[
    str | None,
    typer.Option(
        "--token-file",
        metavar="FILE",
        help="File that holds the access token; - reads standard input.",
        show_default=False,
    ),
]
Output = Annotated[
    str,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write to this file; - is standard output."
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a file that exists.")]
PassphraseFile = Annotated[
    str | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="File that holds the passphrase of the key; - reads standard input.",
        show_default=False,
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="Take this date or date-time (RFC 3339) for now.",
        show_default=False,
    ),
]
Context = Annotated[
    list[str],
    typer.Option(
        "--context",
        metavar="URL=FILE",
        help="A JSON-LD context that is not built in; may be given again.",
        show_default=False,
    ),
]
SignerCmd = Annotated[
    str | None,
    typer.Option(
        "--signer-cmd",
        metavar="COMMAND",
        help="Program that signs its standard input; --key is then the public key.",
        show_default=False,
    ),
]
VerificationMethod = Annotated[
    str | None,
    typer.Option(
        "--verification-method",
        metavar="URL",
        help="Address of the key, as the issuer publishes it.",
        show_default=False,
    ),
]
SecretFile = Annotated[
    str,
    typer.Option(
        "--secret-file",
        metavar="FILE",
        help="File with the secret that personal ids depend on; or set CLRCTL_ID_SECRET.",
        show_default=False,
    ),
]
ProvenanceFolder = Annotated[
    str,
    typer.Option(
        "--provenance",
        metavar="FOLDER",
        help="Keep where each part comes from, in files for you alone.",
        show_default=False,
    ),
]
MirrorOption = Annotated[
    Mirror, typer.Option("--mirror", help="List awarded achievements in the record too, or not.")
]


def stdin_once(names: Iterable[str | None]) -> None:
    """Refuse a command line that names standard input, as `-`, in more than one place.

    Raises:
        UsageError: it does.
    """
    from clrctl.errors import UsageError

    if list(names).count("-") > 1:
        raise UsageError("standard input can be read only once", fix="give - once")


EPILOG = "Exit codes: see `clrctl --help`."


def group(text: str) -> typer.Typer:
    """Return an app for the commands of a noun; `text` is its help."""
    return typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        help=_kept(text),
        epilog=EPILOG,
    )


def enter(app: typer.Typer, name: str, short_help: str | None = None) -> Callable[[_F], _F]:
    """Return a decorator that makes a function a command; its docstring is the help."""

    def add(function: _F) -> _F:
        text = _kept(inspect.getdoc(function) or "")
        return app.command(name, help=text, short_help=short_help, epilog=EPILOG)(function)

    return add


def _kept(text: str) -> str:
    """Mark the lines of the examples, so that they are not joined and wrapped."""
    return text.replace("Examples:", "\b\nExamples:")


def limits(max_size: int) -> Limits:
    """Return the limits on documents for a `--max-size`."""
    from clrctl.document import Limits

    return Limits(bytes=max_size * 2**20)


def id_secret(console: Console, file: str) -> Secret | None:
    """Return the secret that personal ids depend on; warn where there is none.

    Raises:
        InputError: the file that should hold it cannot be read.
        UsageError: it is too short to be one.
    """
    from clrctl.cli.settings import Settings

    secret = Settings().id_secret(file)
    if secret is None:
        console.warn(
            "no CLRCTL_ID_SECRET and no --secret-file: ids of learners can be guessed from their "
            "keys; make a secret by `clrctl new secret`, and give it to this and all later builds"
        )
    return secret


def put(console: Console, contents: bytes, output: str, *, force: bool) -> None:
    """Write a file to where `--output` says; `-` is standard output.

    Raises:
        InputError: it cannot be written, or another one exists and is not to be replaced.
        UsageError: it is a picture, and standard output is a terminal.
    """
    from clrctl.util import atomic

    if output == "-":
        console.answer_bytes(contents)
    else:
        atomic.put(Path(output), contents, force=force)


def moment(text: str) -> datetime:
    """Return the moment that `--at` names; a date is its first moment in UTC.

    Raises:
        UsageError: it is neither a date nor a date and time with a zone.
    """
    from clrctl.errors import UsageError
    from clrctl.standard import instant, schemas

    for kind, whole in (("date-time", text), ("date", f"{text}T00:00:00Z")):
        if schemas.format_validator(kind).is_valid(text) and (found := instant(whole)):
            return found
    raise UsageError(
        "--at is neither a date nor a date and time with a zone",
        why=text,
        fix="write it like 2025-06-30 or 2025-06-30T12:00:00Z",
    )
