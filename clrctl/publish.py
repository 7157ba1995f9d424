"""Publishing: look at everything first, then send.

Phase one (`prepare`) reads and checks every input and refuses duplicates; nothing is sent while
one of them has an error. Phase two (`send`) sends them one after another and tells of each what
became of it. Neither knows how that is shown.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from clrctl import http, validation
from clrctl.access import Credentials
from clrctl.auth import Session
from clrctl.client import (
    STORED,
    BusyError,
    ClrClient,
    CredentialRefused,
    Forbidden,
    NoService,
    Outcome,
    Receipt,
    Unconfirmed,
)
from clrctl.document import Document
from clrctl.endpoint import Endpoint
from clrctl.errors import ClrctlError, ExitCode, TemporaryError
from clrctl.finding import FileReport, Finding, Json, Severity

Key = tuple[str, str]
"""What makes two credentials the same one: issuer id and credential id."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One checked credential, ready to be sent.

    Attributes:
        report: what was found in it.
        id: its id.
        body: what is sent.
    """

    report: FileReport
    id: str
    body: bytes = field(repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the body, in hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one parcel: a receipt, or the error that stands in its place.

    One that was interrupted, or not sent at all, has neither.
    """

    parcel: Parcel
    outcome: Outcome
    receipt: Receipt | None = None
    error: ClrctlError | None = None

    @property
    def answer(self) -> bytes:
        """The credential as the endpoint returned it; empty when it returned none."""
        return self.receipt.answer if self.receipt else b""

    def exit_code(self, *, strict: bool = False) -> ExitCode:
        """Return the exit code of a run that consists of this alone.

        What the endpoint dropped or changed is a warning, unless it breaks a nested proof.
        """
        if self.error is not None:
            return self.error.exit_code
        broken = self.receipt is not None and self.receipt.breaks_a_proof
        altered = strict and self.outcome is Outcome.ALTERED
        return ExitCode.REFUSED if broken or altered else ExitCode.OK


@dataclass(slots=True)
class Prepared:
    """The result of phase one.

    Attributes:
        parcels: what can be sent, in the order of the inputs.
        reports: the report of every input, those with errors included.
        failures: inputs that could not be read.
    """

    parcels: list[Parcel] = field(default_factory=list)
    reports: list[FileReport] = field(default_factory=list)
    failures: list[ClrctlError] = field(default_factory=list)


def prepare(inputs: Iterable[Document | ClrctlError], rulesets: Sequence[str]) -> Prepared:
    """Check every input, and that no two are the same credential."""
    prepared = Prepared()
    first: dict[Key, FileReport] = {}
    for item in inputs:
        if isinstance(item, ClrctlError):
            prepared.failures.append(item)
            continue
        report = validation.check(item, rulesets)
        key = identity(item.data)
        if key in first:
            report = _with_duplicate(item, report, first[key])
        elif all(key):
            first[key] = report
        prepared.reports.append(report)
        if not report.errors:
            prepared.parcels.append(Parcel(report, item.data["id"], item.payload))
    return prepared


def identity(data: Json) -> Key:
    """Return issuer id and credential id as the standard compares them.

    Percent-decoded and trimmed (Open Badges 3.0, equality and comparison); empty where missing.
    """
    if not isinstance(data, dict):
        return "", ""
    issuer = data.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    return _canonical(issuer), _canonical(data.get("id"))


def _canonical(value: Json) -> str:
    return unquote(value).strip() if isinstance(value, str) else ""


def _with_duplicate(document: Document, report: FileReport, other: FileReport) -> FileReport:
    finding = Finding(
        code="upsert/duplicate",
        severity=Severity.ERROR,
        pointer="/id",
        message=f"{other.place} is the same credential: issuer id and id are equal",
        fix="leave one of them out, or give it its own id",
    )
    findings = [*report.findings, *document.locate([finding])]
    findings.sort(key=lambda each: (each.line or 0, each.column or 0))
    return replace(report, findings=tuple(findings))


def refusals(prepared: Prepared, *, strict: bool) -> list[ExitCode]:
    """Return why nothing may be sent, as exit codes; empty when all is well."""
    codes = [failure.exit_code for failure in prepared.failures]
    if any(report.errors or (strict and report.warnings) for report in prepared.reports):
        codes.append(ExitCode.INVALID)
    return codes


@contextmanager
def connect(endpoint: Endpoint, credentials: Credentials) -> Iterator[ClrClient]:
    """Yield a client of the endpoint; its connections are closed at the end."""
    with http.Client() as client:
        yield ClrClient(endpoint.credentials_url, Session(credentials, client))


def send(
    parcels: Iterable[Parcel],
    client: ClrClient,
    tell: Callable[[Delivery], None],
    *,
    fail_fast: bool = False,
) -> None:
    """Send each parcel, and tell of each exactly once what became of it, in the same order.

    After an error that the others would meet too (token, redirect, no connection), and with
    `fail_fast` after any, the rest is not sent and stays `pending`. So it does when this is
    interrupted, or when `tell` raises; what was under way then is `unconfirmed`.
    """
    waiting = deque(parcels)
    stored_any = False
    try:
        while waiting:
            parcel = waiting.popleft()
            delivery = _deliver(parcel, client, tell)
            tell(delivery)
            stored_any = stored_any or delivery.outcome in STORED
            error = delivery.error
            if error and (fail_fast or _concerns_all(error, stored_any=stored_any)):
                return
    finally:
        for parcel in waiting:
            tell(Delivery(parcel, Outcome.PENDING))


def _deliver(parcel: Parcel, client: ClrClient, tell: Callable[[Delivery], None]) -> Delivery:
    try:
        receipt = client.upsert(parcel.body)
    except (http.LostAnswer, Unconfirmed) as error:
        return Delivery(parcel, Outcome.UNCONFIRMED, error=error)
    except TemporaryError as error:
        return Delivery(parcel, Outcome.FAILED, error=error)
    except ClrctlError as error:
        return Delivery(parcel, Outcome.REFUSED, error=error)
    except BaseException:
        # Ctrl-C, SIGTERM or a fault of ours: the request may have arrived.
        tell(Delivery(parcel, Outcome.UNCONFIRMED))
        raise
    return Delivery(parcel, receipt.outcome, receipt)


def _concerns_all(error: ClrctlError, *, stored_any: bool) -> bool:
    """Tell whether the next parcel would meet the same error."""
    if isinstance(error, Forbidden | NoService):
        return not stored_any
    return not isinstance(error, CredentialRefused | Unconfirmed | http.LostAnswer | BusyError)
