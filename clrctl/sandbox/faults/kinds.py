"""The kinds of faults: what can be made to go wrong with one request, as plain data.

It knows neither when they strike (`clrctl.sandbox.faults.player`) nor how they are done on the wire
(`clrctl.sandbox.faults.wire`).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from clrctl.finding import Json


class Body(enum.StrEnum):
    """The bodies of a `Status`."""

    IMSX = "imsx"  # imsx_StatusInfo in the endpoint's spelling: imsx_CodeMinor
    IMSX_STANDARD = "imsx-standard"  # in that of CLR 2.0: imsx_codeMinor
    MESSAGE = "message"  # {"message": …}, as gateways have it
    HTML = "html"
    EMPTY = "empty"
    NAN = "nan"  # not JSON, though Python reads it


class Framing(enum.StrEnum):
    """How a `Truncate` announces the length that it then does not send."""

    LENGTH = "length"
    CHUNKED = "chunked"
    NONE = "none"  # ends with the connection, so that the loss shows in the body alone


class CredentialPart(enum.StrEnum):
    """What a `Drip` sends byte by byte."""

    ALL = "all"
    BODY = "body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Answer with a status of choice, redirects and false successes included.

    Attributes:
        status: HTTP status, 200 to 599.
        body: what to send with it; a 304 has none.
        retry_after: header `Retry-After` as given, well-formed or not.
        retry_date: `Retry-After` as an HTTP date so many seconds ahead.
        to: header `Location`.
        commit: carry out the request before.
    """

    status: int
    body: Body = Body.IMSX
    retry_after: str = ""
    retry_date: float | None = None
    to: str = ""
    commit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Reset the connection (TCP RST) instead of an answer.

    Attributes:
        commit: carry out the request before.
    """

    commit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Close the connection (TCP FIN) instead of an answer.

    Attributes:
        commit: carry out the request before.
    """

    commit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hang:
    """Give no answer at all until the client leaves.

    Attributes:
        commit: carry out the request before.
    """

    commit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Wait, then carry out the request and answer, whether or not the client is still there.

    Attributes:
        seconds: how long.
    """

    seconds: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Expire:
    """Let all tokens expire, the one of this request included; the answer is a 401."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncate:
    """Carry out the request, send half of the answer's body and close the connection.

    Attributes:
        framing: how the whole length was announced.
    """

    framing: Framing = Framing.LENGTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Drip:
    """Carry out the request and send the answer byte by byte.

    Attributes:
        seconds: pause after each byte.
        part: all of the answer, or the body after a head that comes at once.
    """

    seconds: float = 0.25
    part: CredentialPart = CredentialPart.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """Carry out the request and send a body that does not end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bomb:
    """Carry out the request and send 32 KiB of gzip that expand to 32 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bloat:
    """Carry out the request and answer with a header of 1 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Carry out the request and leave members out of a successful answer.

    Attributes:
        at: JSON Pointers (RFC 6901); one that leads nowhere is passed over.
    """

    at: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alter:
    """Carry out the request and set one member of a successful answer.

    Attributes:
        at: JSON Pointer (RFC 6901) to a member, new or not; nothing happens without its parent.
        value: its new value.
    """

    at: str
    value: Json


Fault: TypeAlias = (
    Status
    | Reset
    | Close
    | Hang
    | Delay
    | Expire
    | Truncate
    | Drip
    | Flood
    | Bomb
    | Bloat
    | Drop
    | Alter
)


class FaultTarget(enum.StrEnum):
    """The requests that a fault can strike: `POST` to one of two places."""

    CREDENTIALS = "credentials"
    TOKEN = "token"  # noqa: S105 - a place


@dataclass(frozen=True, slots=True)
class FaultStep:
    """One step of a script.

    Attributes:
        fault: what is to happen.
        times: how often; None is for ever.
        every: strike every so manieth of the requests that come to this step.
        credential_id: strike only the credential with this `id`; None is any.
        on: the kind of request to strike.
    """

    fault: Fault
    times: int | None = 1
    every: int = 1
    credential_id: str | None = None
    on: FaultTarget = FaultTarget.CREDENTIALS
