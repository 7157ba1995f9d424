"""Options that several commands share, declared once so that a flag means the same everywhere."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.console import Color as ColorChoice

if TYPE_CHECKING:
    from clrctl.document import Limits


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
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but the answer.")]
Verbose = Annotated[
    int, typer.Option("--verbose", "-v", count=True, help="Say more; twice for still more.")
]
Color = Annotated[ColorChoice, typer.Option("--color", help="Colour the output.")]
Strict = Annotated[bool, typer.Option("--strict", help="Count warnings as errors.")]
InputFormatOption = Annotated[
    InputFormat | None,
    typer.Option("--input-format", help="Read all inputs as this.", show_default=False),
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


def limits(max_size: int) -> Limits:
    """Return the limits on documents for a `--max-size`."""
    from clrctl.document import Limits

    return Limits(bytes=max_size * 2**20)
