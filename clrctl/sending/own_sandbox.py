"""A sandbox of one's own: joins the sandbox, which knows no schemas, to validation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clrctl import sandbox
from clrctl.checking import validation
from clrctl.document import parse
from clrctl.finding import Severity
from clrctl.sandbox import CLIENT_ID, CLIENT_SECRET, CheckProblem
from clrctl.sending.auth import ClientCredentials
from clrctl.sending.endpoints import SANDBOX, Endpoint
from clrctl.util import Secret


@dataclass(frozen=True, slots=True)
class OwnSandbox:
    """A sandbox that runs.

    Attributes:
        endpoint: to send to.
        credentials: what gives access to it; they are public.
    """

    endpoint: Endpoint
    credentials: ClientCredentials


@contextmanager
def running_sandbox(database: Path) -> Iterator[OwnSandbox]:
    """Run a sandbox on any free port of this machine, for the time of the context.

    Args:
        database: file to keep the credentials in; created where needed.

    Raises:
        UsageError: the packages of the extra `sandbox` are missing.
        InputError: the file cannot be used.
    """
    with sandbox.start(database, check=problems) as running:
        endpoint = Endpoint(
            name=SANDBOX,
            base=running.url,
            token_url=running.token_url,
            source="running_sandbox",
            store=running.store.id,
        )
        access = ClientCredentials(
            running.token_url, CLIENT_ID, Secret(CLIENT_SECRET), "", "basic", "public"
        )
        yield OwnSandbox(endpoint, access)


def problems(body: bytes) -> list[CheckProblem]:
    """Return why the sandbox would refuse a body: what its ruleset calls an error."""
    document = parse(body, source="request", syntax="json")
    report = validation.check(document, ["timeback"])
    return [
        CheckProblem(finding.pointer, finding.message)
        for finding in report.findings
        if finding.severity is Severity.ERROR
    ]
