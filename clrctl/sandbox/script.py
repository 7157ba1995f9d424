"""Reads a script of faults from one line of text.

It only translates: the words are here, their meaning is in `clrctl.sandbox.kinds`.

A script is a list of steps with commas between them:

    NAME [*TIMES | * | /EVERY] [:OPTION=VALUE]...

    503*2,reset,429:retry-after=1    two 503, then a reset, then a 429, then nothing more
    500/10:commit=yes                every tenth credential is stored and answered with 500
    hang*:id=urn:uuid:1              no answer to this one credential, ever
    400:on=token                     the next request for a token fails

A comma, a colon before an option's name, or a percent sign inside a value is written as `%2C`,
`%3A` or `%25`.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from clrctl.errors import UsageError
from clrctl.sandbox.kinds import (
    Alter,
    Bloat,
    Body,
    Bomb,
    Close,
    Delay,
    Drip,
    Drop,
    Expire,
    Fault,
    Flood,
    Framing,
    Hang,
    Part,
    Reset,
    Status,
    Step,
    Target,
    Truncate,
)

_NAMED: Final[Mapping[str, type[Fault]]] = {
    kind.__name__.lower(): kind
    for kind in (
        *(Reset, Close, Hang, Delay, Expire, Truncate),
        *(Drip, Flood, Bomb, Bloat, Drop, Alter),
    )
}
_STEP = re.compile(
    r"(?P<name>[a-z]+|[2-5]\d\d)(?:\*(?P<times>[1-9]\d*|)|/(?P<every>[1-9]\d*))?(?=:|$)"
)
_OPTION = re.compile(r":(?=[a-z-]+=)")


def _yes(text: str) -> bool:
    return {"yes": True, "no": False}[text]


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 86_400:  # noqa: PLR2004 - a day
        raise ValueError
    return seconds


def _pointer(text: str) -> str:
    if not text.startswith("/"):
        raise ValueError
    return text


_READERS: Final[Mapping[str, tuple[Callable[[str], Any], str]]] = {
    "body": (Body, "one of " + ", ".join(Body)),
    "commit": (_yes, "yes or no"),
    "framing": (Framing, "one of " + ", ".join(Framing)),
    "part": (Part, "one of " + ", ".join(Part)),
    "retry-after": (str, "any text"),
    "retry-date": (_seconds, "a number of seconds"),
    "seconds": (_seconds, "a number of seconds"),
    "to": (str, "an URL"),
    "at": (_pointer, "a JSON Pointer such as /name"),
    "value": (json.loads, "a JSON value"),
    "id": (str, "the id of a credential"),
    "on": (Target, "one of " + ", ".join(Target)),
}


def read(text: str) -> list[Step]:
    """Return the steps of a script.

    Raises:
        UsageError: it cannot be read; `where` is the step, `fix` names what there is.
    """
    return [_step(part) for part in map(str.strip, text.split(",")) if part]


def _step(step: str) -> Step:
    match = _STEP.match(step)
    if match is None:
        raise UsageError("a fault cannot be read", where=step, fix=_NAMES_HINT)
    options = _options(step, step[match.end() :])
    on = options.pop("on", Target.CREDENTIALS)
    credential_id = options.pop("id", None)
    fault = _fault(step, match["name"], options)
    is_endless = match["times"] == "" or match["every"] is not None
    times = None if is_endless else int(match["times"] or 1)
    every = int(match["every"] or 1)
    return Step(fault=fault, times=times, every=every, credential_id=credential_id, on=on)


def _options(step: str, text: str) -> dict[str, Any]:
    first, *rest = _OPTION.split(text)
    if first:
        raise UsageError("an option is written NAME=VALUE", where=step, why=f"found {first!r}")
    options: dict[str, Any] = {}
    for option in rest:
        name, _, value = option.partition("=")
        reader, expected = _READERS.get(name, (str, ""))
        try:
            options[name] = reader(unquote(value))
        except (ValueError, KeyError):
            raise UsageError(
                f"{name} must be {expected}", where=step, why=f"found {value!r}"
            ) from None
    return options


def _fault(step: str, name: str, options: dict[str, Any]) -> Fault:
    kind = Status if name.isdigit() else _NAMED.get(name)
    if kind is None:
        raise UsageError(f"there is no fault named {name}", where=step, fix=_NAMES_HINT)
    if kind is Drop and "at" in options:
        options["at"] = (options["at"],)
    fields = {field.name.replace("_", "-"): field for field in dataclasses.fields(kind)}
    fields.pop("status", None)  # is the step's name
    for option in options:
        if option not in fields:
            known = ", ".join(sorted({*fields, "id", "on"}))
            raise UsageError(f"{name} has no option {option}", where=step, fix=f"options: {known}")
    for option, field in fields.items():
        if field.default is dataclasses.MISSING and option not in options:
            raise UsageError(f"{name} needs the option {option}", where=step)
    values = {option.replace("-", "_"): value for option, value in options.items()}
    return Status(status=int(name), **values) if kind is Status else kind(**values)


_NAMES_HINT: Final = "faults: a status such as 503, " + ", ".join(sorted(_NAMED))
