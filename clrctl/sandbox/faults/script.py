"""Reads a script of faults from one line of text.

It only translates: the words are here, their meaning is in `clrctl.sandbox.faults.kinds`.

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
from clrctl.sandbox.faults.kinds import (
    Alter,
    Bloat,
    Body,
    Bomb,
    Close,
    CredentialPart,
    Delay,
    Drip,
    Drop,
    Expire,
    Fault,
    FaultStep,
    FaultTarget,
    Flood,
    Framing,
    Hang,
    Reset,
    Status,
    Truncate,
)
from clrctl.util import nearest

_NAMED: Final[Mapping[str, type[Fault]]] = {
    kind.__name__.lower(): kind
    for kind in (
        *(Reset, Close, Hang, Delay, Expire, Truncate),
        *(Drip, Flood, Bomb, Bloat, Drop, Alter),
    )
}
NAMES: Final = ("503", *_NAMED)
"""All faults; a status stands for all statuses."""

# What people call a fault: the words that they try first.
_MEANT: Final[Mapping[str, tuple[str, ...]]] = {
    "abort": ("reset", "close"),
    "auth": ("expire", "401"),
    "break": ("reset", "close"),
    "cut": ("truncate", "reset"),
    "disconnect": ("close", "reset"),
    "drop": ("reset", "close"),
    "error": ("500",),
    "fail": ("500", "reset"),
    "fin": ("close",),
    "kill": ("reset", "close"),
    "latency": ("delay",),
    "lose": ("reset", "close"),
    "partial": ("truncate",),
    "ratelimit": ("429",),
    "refuse": ("400", "reset"),
    "rst": ("reset",),
    "silent": ("hang",),
    "sleep": ("delay",),
    "slow": ("drip", "delay"),
    "stall": ("hang", "drip"),
    "throttle": ("429", "drip"),
    "timeout": ("hang", "delay"),
    "unauthorized": ("expire", "401"),
    "unavailable": ("503",),
    "wait": ("delay",),
}
_STEP = re.compile(
    r"(?P<name>[a-z]+|[2-5]\d\d)(?:\*(?P<times>[1-9]\d*|)|/(?P<every>[1-9]\d*))?(?=:|$)"
)
_WORD = re.compile(r"[A-Za-z][A-Za-z_-]*")
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
    "part": (CredentialPart, "one of " + ", ".join(CredentialPart)),
    "retry-after": (str, "any text"),
    "retry-date": (_seconds, "a number of seconds"),
    "seconds": (_seconds, "a number of seconds"),
    "to": (str, "an URL"),
    "at": (_pointer, "a JSON Pointer such as /name"),
    "value": (json.loads, "a JSON value"),
    "id": (str, "the id of a credential"),
    "on": (FaultTarget, "one of " + ", ".join(FaultTarget)),
}


def read(text: str) -> list[FaultStep]:
    """Return the steps of a script.

    Raises:
        UsageError: it cannot be read; `where` is the step, `fix` names what there is.
    """
    return [_step(part) for part in map(str.strip, text.split(",")) if part]


def _step(step: str) -> FaultStep:
    match = _STEP.match(step)
    if match is None:
        raise UsageError("a fault cannot be read", where=step, fix=_hint(step))
    options = _options(step, step[match.end() :])
    on = options.pop("on", FaultTarget.CREDENTIALS)
    credential_id = options.pop("id", None)
    fault = _fault(step, match["name"], options)
    is_endless = match["times"] == "" or match["every"] is not None
    times = None if is_endless else int(match["times"] or 1)
    every = int(match["every"] or 1)
    return FaultStep(fault=fault, times=times, every=every, credential_id=credential_id, on=on)


def _options(step: str, text: str) -> dict[str, Any]:
    first, *rest = _OPTION.split(text)
    if first:
        raise UsageError(
            "an option is written NAME=VALUE", where=step, why=f"found {first!r}", fix=_LIST
        )
    options: dict[str, Any] = {}
    for option in rest:
        name, _, value = option.partition("=")
        reader, expected = _READERS.get(name, (str, ""))
        try:
            options[name] = reader(unquote(value))
        except (ValueError, KeyError):
            raise UsageError(
                f"{name} must be {expected}", where=step, why=f"found {value!r}", fix=_LIST
            ) from None
    return options


def options(name: str) -> tuple[str, ...]:
    """Return the options of a fault's own, those that it needs first."""
    kind = Status if name.isdigit() else _NAMED[name]
    # A status is the name of its step.
    fields = [field for field in dataclasses.fields(kind) if field.name != "status"]
    fields.sort(key=lambda field: field.default is not dataclasses.MISSING)
    return tuple(field.name.replace("_", "-") for field in fields)


def _fault(step: str, name: str, given: dict[str, Any]) -> Fault:
    kind = Status if name.isdigit() else _NAMED.get(name)
    if kind is None:
        raise UsageError(f"there is no fault named {name}", where=step, fix=_hint(name))
    if kind is Drop and "at" in given:
        given["at"] = (given["at"],)
    known = options(name)
    for option in given:
        if option not in known:
            every = ", ".join(sorted({*known, "id", "on"}))
            fix = f"options: {every}; {_LIST}"
            raise UsageError(f"{name} has no option {option}", where=step, fix=fix)
    values = {option.replace("-", "_"): value for option, value in given.items()}
    for field in dataclasses.fields(kind):
        if field.default is dataclasses.MISSING and field.name not in {*values, "status"}:
            raise UsageError(
                f"{name} needs the option {field.name}", where=step, fix=_need(name, field.name)
            )
    return Status(status=int(name), **values) if kind is Status else kind(**values)


def _need(name: str, option: str) -> str:
    if name == "drop":
        return (
            "to lose the connection: reset or close; to leave a member out of the answer: "
            f"drop:at=/id; {_LIST}"
        )
    return f"such as {name}:at=/id:value=1; {_LIST}" if name == "alter" else f"{option}; {_LIST}"


def _hint(text: str) -> str:
    """Return the faults that an unknown one was meant for, or all there are."""
    found = _WORD.match(text)
    word = found[0] if found else ""
    plain = word.lower().replace("-", "").replace("_", "")
    close = (*filter(None, [nearest(word, _NAMED) if word else ""]),)
    likely = _MEANT.get(plain) or close or _MEANT.get(nearest(plain, _MEANT) if plain else "", ())
    if likely:
        return f"did you mean {' or '.join(likely)}? {_LIST}"
    return f"faults: a status such as 503, {', '.join(sorted(_NAMED))}; {_LIST}"


_LIST: Final = "all are explained by: clrctl sandbox --faults list"
