"""The answers of the interface: JSON, and errors as the TimeBack endpoint writes them.

It knows nothing of what is served; other modules raise a `Refusal` and return responses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from clrctl.finding import Json
from clrctl.sandbox.contract import CheckProblem

JSON: Final = "application/json"

_MINOR_OF: Final[Mapping[int, str]] = {
    401: "unauthorisedrequest",
    403: "forbidden",
    404: "unknownobject",
    405: "not_allowed",
    421: "misdirected_request",
    429: "server_busy",
    500: "internal_server_error",
    503: "server_busy",
}
_STANDARD_MINOR: Final[Mapping[str, str]] = {
    "invaliddata": "invalid_data",
    "unauthorisedrequest": "unauthorizedrequest",
    "unknownobject": "not_found",
}


class Refusal(Exception):
    """A request is refused: the answer to give."""

    def __init__(
        self,
        status: int,
        description: str,
        *,
        minor: str = "",
        problems: Sequence[CheckProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what the answer will say.

        Args:
            status: HTTP status.
            description: what is wrong.
            minor: `imsx_codeMinorFieldValue`; by default the one that suits the status.
            problems: what to list as `imsx_error_details`.
            headers: further headers of the answer.
        """
        super().__init__(description)
        self.status = status
        self.description = description
        self.minor = minor
        self.problems = problems
        self.headers = headers

    def response(self) -> Response:
        """Return the answer."""
        status_info = imsx(self.status, self.description, minor=self.minor)
        if self.problems:
            status_info["imsx_error_details"] = [
                {"pointer": problem.pointer, "message": problem.message}
                for problem in self.problems
            ]
        return json_response(status_info, self.status, self.headers)


def imsx(status: int, description: str, *, minor: str = "") -> dict[str, Json]:
    """Return an `imsx_StatusInfo` that reports a failure, as the TimeBack endpoint spells it."""
    return _status_info(description, "imsx_CodeMinor", minor or _minor_of(status))


def imsx_standard(status: int, description: str) -> dict[str, Json]:
    """Return an `imsx_StatusInfo` that reports a failure, with the names of CLR 2.0."""
    minor = _minor_of(status)
    return _status_info(description, "imsx_codeMinor", _STANDARD_MINOR.get(minor, minor))


def _status_info(description: str, member: str, minor: str) -> dict[str, Json]:
    field = {
        "imsx_codeMinorFieldName": "TargetEndSystem",
        "imsx_codeMinorFieldValue": minor,
    }
    return {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": description,
        member: {"imsx_codeMinorField": [field]},
    }


def _minor_of(status: int) -> str:
    default = "invaliddata" if 400 <= status < 500 else "unknown"  # noqa: PLR2004
    return _MINOR_OF.get(status, default)


def json_response(
    body: Json, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a value as JSON."""
    return Response(json.dumps(body).encode(), status, headers, JSON)


async def read_body(request: Request, limit: int) -> bytes:
    """Return the body of a request.

    Raises:
        Refusal: it is longer than `limit` bytes (413).
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise Refusal(413, f"the body is longer than {limit} bytes")
    return bytes(body)
