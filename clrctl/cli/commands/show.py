"""`clrctl show`: credentials as transcripts that people read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from clrctl.cli import console as consoles
from clrctl.cli import options
from clrctl.cli.console import Color, Console
from clrctl.errors import ClrctlError, ExitCode, InputError, UsageError, worst
from clrctl.util import safe

if TYPE_CHECKING:
    from clrctl.document import Carried
    from clrctl.finding import Finding, Json
    from clrctl.showing import Transcript


def show(
    files: options.Files,
    tz: Annotated[
        str, typer.Option("--tz", metavar="ZONE", help="Show days as they are in this time zone.")
    ] = "UTC",
    at: options.At = None,
    input_format: options.InputFormatOption = None,
    max_size: options.MaxSize = 64,
    form: options.FormatOption = options.Format.TEXT,
    json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = 0,
    color: options.Color = Color.AUTO,
) -> None:
    """Show what credentials say: learner, issuer, awards with grades and credits, associations.

    CLRs and single badges are shown, of VC Data Model 2.0 and 1.1: JSON, YAML, NDJSON, signed
    tokens, and what is baked into PNG and SVG pictures. What is unsigned, expired, failed or
    withdrawn is said. Nothing is verified and nothing is asked of any server. With -v also ids,
    criteria, alignments and evidence.

    Examples:
      clrctl show samples/transcript.clr.json
      clrctl show samples/workforce.clr.yaml -v --tz America/Los_Angeles
      clrctl show --json samples/mastery.clr.json
    """
    from clrctl.document import carriers, find

    as_json = json or form is options.Format.JSON
    console = consoles.configure(color=color, quiet=quiet, verbose=verbose, json=as_json)
    zone = _zone(tz)
    pieces = find(
        files,
        stdin=sys.stdin.buffer,
        limits=options.limits(max_size),
        input_format=input_format.value if input_format else None,
        also=carriers.SUFFIXES,
    )
    now = datetime.now(UTC) if at is None else options.moment(at)
    shown = _shown(carriers.opened(pieces), now)
    codes = _as_json(console, shown) if as_json else _as_text(console, shown, zone, tz)
    raise typer.Exit(worst(codes))


_Shown = tuple["Carried", "Transcript", list["Finding"]]


def _shown(found: Iterator[Carried | InputError], now: datetime) -> Iterator[_Shown | ClrctlError]:
    """Yield each credential with its facts and its errors, or why it cannot be shown."""
    from clrctl.api import transcript
    from clrctl.checking import check_data
    from clrctl.finding import Severity

    for carried in found:
        if isinstance(carried, InputError):
            yield carried
            continue
        try:
            shown = transcript(carried, now=now)
        except ClrctlError as problem:
            yield problem
            continue
        findings = check_data(carried.credential)
        yield carried, shown, [one for one in findings if one.severity is Severity.ERROR]


def _as_json(console: Console, shown: Iterator[_Shown | ClrctlError]) -> list[ExitCode]:
    from clrctl.showing import FORMAT

    codes: list[ExitCode] = []
    credentials: list[Json] = []
    unread: list[Json] = []
    for one in shown:
        if isinstance(one, ClrctlError):
            codes.append(one.exit_code)
            unread.append(consoles.error_json(one))
            continue
        carried, transcript, errors = one
        credentials.append(
            {
                "source": carried.document.source,
                "line": carried.document.first_line,
                "token": bool(carried.token),
                "picture": carried.picture is not None,
                "errors": len(errors),
                **transcript.as_object(),
            }
        )
    answer = {"format": FORMAT, "ok": not codes}
    console.answer_json(answer | {"credentials": credentials, "unread": unread})
    return codes


def _as_text(
    console: Console, shown: Iterator[_Shown | ClrctlError], zone: tzinfo, zone_name: str
) -> list[ExitCode]:
    from clrctl.showing import TextOptions

    layout = TextOptions(zone, zone_name, console.width, verbose=console.verbose > 0)
    codes: list[ExitCode] = []
    for number, one in enumerate(shown):
        if isinstance(one, ClrctlError):
            codes.append(one.exit_code)
            console.error(one)
            continue
        carried, transcript, errors = one
        if number:
            console.answer()
        for line in transcript.lines(layout, _notes(carried, transcript, errors)):
            console.answer(*line)
    return codes


def _notes(
    carried: Carried, transcript: Transcript, errors: list[Finding]
) -> list[tuple[str, str]]:
    """Return the facts that are not the credential's: what it came in, and whether it is valid."""
    from clrctl.util import count

    kind = transcript.kind
    if transcript.version:
        kind += f", VC Data Model {transcript.version}"
    kind += ", in a signed token (JWT)" if carried.token else ""
    kind += f", baked into a picture as {carried.picture.name}" if carried.picture else ""
    notes = [("file", f"{carried.place}: {kind}")]
    if errors:
        number = count(len(errors), "error")
        how = f"clrctl validate {carried.place}" if carried.raw == carried.document.raw else ""
        first = f"{errors[0].pointer or '/'} {errors[0].message}"
        notes.append(("invalid", f"{number}; {how} tells all" if how else f"{number}: {first}"))
    return notes


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo, available_timezones

    from clrctl.util import nearest

    if name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        hint = nearest(name, available_timezones())
        raise UsageError(
            f"{safe(name)} is no time zone (--tz)",
            fix=f"did you mean {hint}?" if hint else "name one like America/Chicago",
        ) from None
