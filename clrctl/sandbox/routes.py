"""The credentials of the CLR 2.0 REST binding: upsert as the TimeBack endpoint has it, and list.

It knows neither the pages for people nor how tokens are issued, only whether one is good.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clrctl.sandbox import credential
from clrctl.sandbox.answers import JSON, Refusal, read_body
from clrctl.sandbox.contract import Check, CheckProblem
from clrctl.sandbox.faults import FaultTarget, Mischief
from clrctl.sandbox.store import Store, StoreOutcome
from clrctl.standard import CREDENTIALS_PATH

BODY_LIMIT: Final = 64 * 1024 * 1024
_CONTENT_TYPES: Final = (JSON, "application/vc+ld+json")
_PAGE: Final = 100
_NUMBER: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Slice:
    """Which credentials a list is to show (CLR 2.0, getCredentials)."""

    limit: int
    offset: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class CredentialsApi:
    """The two operations on `/credentials`.

    Attributes:
        store: where credentials and tokens are.
        check: judges what is sent.
        clock: returns the time, in UTC.
        mischief: what is made to go wrong.
        answers_304: answer a credential that is stored already, byte for byte, with 304.
        body_limit: the longest credential that is taken, in bytes.
    """

    store: Store
    check: Check
    clock: Callable[[], datetime]
    mischief: Mischief
    answers_304: bool
    body_limit: int

    async def redirect(self, _: Request) -> Response:
        """Answer a `POST` that lacks the slash as web servers do."""
        return RedirectResponse(CREDENTIALS_PATH, 307)

    async def upsert(self, request: Request) -> Response:
        """Store one credential and answer with it (CLR 2.0, upsertCredential)."""
        body = await read_body(request, self.body_limit)

        async def carry_out() -> Response:
            return await run_in_threadpool(self._upsert, request, body)

        return await self.mischief.play(
            FaultTarget.CREDENTIALS, request, carry_out, lambda: _credential_id(body)
        )

    async def list(self, request: Request) -> Response:
        """Return stored credentials (CLR 2.0, getCredentials)."""
        return await run_in_threadpool(self._list, request)

    def _upsert(self, request: Request, body: bytes) -> Response:
        self._authorise(request)
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type not in _CONTENT_TYPES:
            raise Refusal(415, "the content type must be " + " or ".join(_CONTENT_TYPES))
        try:
            entry = credential.describe(credential.parse(body))
        except credential.UnreadableCredential as unreadable:
            raise _invalid([unreadable.problem]) from None
        if problems := self.check(body):
            raise _invalid(problems)
        outcome = self.store.put(entry, body, self.clock())
        if outcome is StoreOutcome.UNCHANGED and self.answers_304:
            return Response(status_code=304)
        status = 201 if outcome is StoreOutcome.CREATED else 200
        return Response(body, status, {"Clrctl-Sandbox": "unsigned"}, JSON)

    def _list(self, request: Request) -> Response:
        self._authorise(request)
        part = _slice(request)
        total = self.store.count(since=part.since)
        raws = self.store.raws(limit=part.limit, offset=part.offset, since=part.since)
        # Spliced, not parsed: each credential is shown exactly as it was received.
        body = b'{"credential":[' + b",".join(raws) + b"]}"
        headers = {"X-Total-Count": str(total), "Link": _links(request, part, total)}
        return Response(body, 200, headers, JSON)

    def _authorise(self, request: Request) -> None:
        """Let only a valid bearer token pass (RFC 6750, sections 2.1 and 3)."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        challenge = 'Bearer realm="clrctl sandbox"'
        if scheme.lower() != "bearer":
            raise Refusal(401, "a bearer token is needed", headers={"WWW-Authenticate": challenge})
        if not self.store.knows_token(token.strip(), now=self.clock()):
            challenge += ', error="invalid_token"'
            raise Refusal(
                401,
                "the bearer token is unknown or has expired",
                headers={"WWW-Authenticate": challenge},
            )


def _invalid(problems: Sequence[CheckProblem]) -> Refusal:
    first = problems[0]
    where = f" at {first.pointer}" if first.pointer else ""
    rest = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return Refusal(
        400, f"the credential is not valid: {first.message}{where}{rest}", problems=problems
    )


def _credential_id(body: bytes) -> str | None:
    try:
        return credential.describe(credential.parse(body)).credential_id
    except credential.UnreadableCredential:
        return None


def _slice(request: Request) -> Slice:
    limit = _number(request, "limit", default=_PAGE, least=1)
    offset = _number(request, "offset", default=0, least=0)
    text = request.query_params.get("since")
    since = None if text is None else credential.instant(text)
    if text is not None and since is None:
        raise _bad_parameter("since", "a date-time with its offset, such as 2026-01-31T12:00:00Z")
    return Slice(min(limit, _PAGE), offset, since)


def _number(request: Request, name: str, *, default: int, least: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text) or int(text) < least:
        raise _bad_parameter(name, f"a whole number, {least} or more")
    return int(text)


def _bad_parameter(name: str, expected: str) -> Refusal:
    return Refusal(400, f"the parameter {name} must be {expected}", minor="invalid_query_parameter")


def _links(request: Request, part: Slice, total: int) -> str:
    """Return the header `Link` (RFC 8288) of one slice among `total` credentials."""
    last = max(total - 1, 0) // part.limit * part.limit
    offsets = {"first": 0, "last": last}
    if part.offset > 0:
        offsets["prev"] = max(min(part.offset, total) - part.limit, 0)
    if part.offset + part.limit < total:
        offsets["next"] = part.offset + part.limit
    return ", ".join(
        f'<{request.url.include_query_params(limit=part.limit, offset=offset)}>; rel="{rel}"'
        for rel, offset in offsets.items()
    )
