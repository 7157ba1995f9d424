"""The sandbox of this user: where its records lie, and how it is started for a run.

Joins the sandbox, which knows no schemas, to validation, which knows no servers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from clrctl import sandbox, validation
from clrctl.access import Credentials
from clrctl.document import parse
from clrctl.endpoint import SANDBOX, Endpoint
from clrctl.finding import Severity
from clrctl.sandbox.contract import DEFAULT_PORT, Problem
from clrctl.settings import Settings

HOST = "127.0.0.1"


def database(settings: Settings) -> Path:
    """Return the file in which this user's sandbox keeps its records."""
    return settings.data_folder() / "sandbox.db"


def problems(body: bytes) -> list[Problem]:
    """Return why the sandbox would refuse a body: what its ruleset calls an error."""
    document = parse(body, source="request", syntax="json")
    report = validation.check(document, ["timeback"])
    return [
        Problem(finding.pointer, finding.message)
        for finding in report.findings
        if finding.severity is Severity.ERROR
    ]


@contextmanager
def reachable(
    endpoint: Endpoint, credentials: Credentials, settings: Settings
) -> Iterator[tuple[Endpoint, Credentials, str]]:
    """Make sure that the endpoint can be reached, for the time of the context.

    The sandbox is started where none is running; other endpoints are left as they are.

    Yields:
        The endpoint to talk to, what gives access to it, and a sentence for the user (empty when
        nothing was started).
    """
    if endpoint.name != SANDBOX or sandbox.find(HOST, urlsplit(endpoint.base).port or 80):
        yield endpoint, credentials, ""
        return
    file = database(settings)
    with sandbox.start(file, check=problems) as running:
        started = replace(endpoint, base=running.url, token_url=running.token_url)
        told = f"sandbox: started for this run; `clrctl sandbox` shows its records ({file})"
        yield started, settings.credentials(started), told


def serve(file: Path, *, port: int, faults: str | None, on_ready: Callable[[str], None]) -> None:
    """Run the sandbox in the foreground until Ctrl-C or SIGTERM.

    Raises:
        UsageError: a package is missing, the port is taken, or the script makes no sense.
    """
    script = sandbox.Faults.parse(faults) if faults else None
    sandbox.serve(file, check=problems, port=port, host=HOST, faults=script, on_ready=on_ready)


def explain_faults() -> Iterator[str]:
    """Yield the lines that explain the language of faults."""
    from clrctl.sandbox import language

    return language.lines()


def endpoint_flag(url: str) -> str:
    """Return what to give to `--endpoint` for a sandbox at this URL."""
    return SANDBOX if url.endswith(f":{DEFAULT_PORT}") else url
