"""The sandboxes of this machine: which one is meant, what it holds, how one is started for a run.

Joins the sandbox, which knows no schemas and no settings, to validation, which knows no servers,
and to the journal, which is of one store and not of whatever has its address later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from clrctl import sandbox
from clrctl.cli import console, sandboxes
from clrctl.cli.sandboxes import Registration
from clrctl.cli.settings import Settings
from clrctl.errors import InputError, TemporaryError
from clrctl.sandbox import CLIENT_ID, CLIENT_SECRET, TOKEN_PATH, is_loopback
from clrctl.sending import SANDBOX, Credentials, Endpoint, Journal, problems

HOST = "127.0.0.1"
PATIENCE = 5.0
"""Seconds to wait for a sandbox that is busy: to pass it over would bypass its faults."""


def database(settings: Settings) -> Path:
    """Return the file in which this user's sandbox keeps its records."""
    return settings.data_folder() / "sandbox.db"


# --- which sandbox is meant ---------------------------------------------------------------------


def located(endpoint: Endpoint, settings: Settings, *, token_file: str | None = None) -> Endpoint:
    """Return the endpoint with the address and the store of the sandbox that it means, if any.

    `sandbox` means the registered one that runs, of several the one started last, which is told;
    else one at the usual port. An URL of this machine may mean a sandbox too: where no token is
    set, or if this user runs it, it gets the public credentials, unless the config file names it.
    Other endpoints, and the sandbox while none runs, are left as they are.

    Args:
        endpoint: what was chosen.
        settings: tell what else gives access to it.
        token_file: what was given to `--token-file`.

    Raises:
        TemporaryError: a registered sandbox does not answer.
    """
    known = sandboxes.registered(settings.data_folder())
    if endpoint.name != SANDBOX:
        return _by_url(endpoint, settings, known, token_file)
    running = [each for each in known if _answers(each)]
    if running:
        meant = running[0]
        if others := ", ".join(each.url for each in running[1:]):
            console.current().say(
                f"sandbox: {meant.url} is meant, which was started last; "
                f"name another by its URL: {others}"
            )
        return _at(endpoint, meant.url, meant.store)
    found = sandbox.find(HOST, urlsplit(endpoint.base).port or 80, seconds=PATIENCE)
    return replace(endpoint, store=found.store) if found else endpoint


def _by_url(
    endpoint: Endpoint, settings: Settings, known: list[Registration], token_file: str | None
) -> Endpoint:
    parts = urlsplit(endpoint.base)
    host, port = parts.hostname or "", parts.port or 80
    if parts.scheme != "http" or parts.path or not is_loopback(host):
        return endpoint
    here = [each for each in known if each.port == port]
    is_own = any(_answers(each) for each in here)
    found = sandbox.find(host, port, seconds=PATIENCE)
    if found is None:
        return endpoint
    # An entry of the config file says itself what gives access to it.
    is_configured = endpoint.name != parts.netloc
    if not (is_configured or token_file) and (is_own or settings.token_source(endpoint) == "none"):
        return _at(endpoint, endpoint.base, found.store)
    return replace(endpoint, store=found.store)


def _at(endpoint: Endpoint, url: str, store: str) -> Endpoint:
    public = (CLIENT_ID, CLIENT_SECRET)
    return replace(
        endpoint, base=url, token_url=url + TOKEN_PATH, store=store, public_credentials=public
    )


def _answers(entry: Registration) -> bool:
    """Return whether a registered sandbox still runs.

    Raises:
        TemporaryError: its process lives, and it does not answer.
    """
    try:
        found = sandbox.ask(HOST, entry.port, seconds=PATIENCE)
    except TimeoutError:
        if not entry.is_process_alive:
            return False
        raise TemporaryError(
            "the sandbox does not answer",
            where=entry.url,
            why=f"process {entry.pid} runs it, or took its number",
            fix=f"end that process, or remove {entry.file}",
        ) from None
    return found is not None and found.store == entry.store


# --- what was sent there ----------------------------------------------------------------------


def journal_name(endpoint: Endpoint, settings: Settings) -> str:
    """Return what the journal of a located endpoint is of: a store, or else a base URL.

    Returns:
        The name; empty for a sandbox that has no store yet.
    """
    store = endpoint.store
    if store is None and endpoint.name == SANDBOX:
        store = sandbox.Store.peek(database(settings))
        return replace(endpoint, store=store).journal_name if store else ""
    return endpoint.journal_name


def read_journal(endpoint: Endpoint, settings: Settings) -> Journal | None:
    """Open the journal of a located endpoint for reading; None where nothing was sent there.

    Raises:
        ClrctlError: as `Journal.read`.
    """
    name = journal_name(endpoint, settings)
    return Journal.read(settings.data_folder(), base=name) if name else None


def open_journal(endpoint: Endpoint, settings: Settings, *, client: str) -> Journal:
    """Open the journal of an endpoint that can be reached, for an upload.

    Args:
        endpoint: as `reachable` yields it.
        settings: know the data folder.
        client: OAuth 2.0 client id; empty where a token was given. To a sandbox all are one.

    Raises:
        ClrctlError: as `Journal.open`.
    """
    name = journal_name(endpoint, settings)
    whose = SANDBOX if endpoint.store else client
    return Journal.open(settings.data_folder(), base=name, client=whose)


# --- running one ------------------------------------------------------------------------------


@contextmanager
def reachable(
    endpoint: Endpoint, credentials: Credentials, settings: Settings
) -> Iterator[tuple[Endpoint, Credentials, str]]:
    """Make sure that a located endpoint can be reached, for the time of the context.

    The sandbox is started where none is running; other endpoints are left as they are.

    Yields:
        The endpoint to talk to, what gives access to it, and a sentence for the user (empty when
        nothing was started).
    """
    if endpoint.name != SANDBOX or endpoint.store is not None:
        yield endpoint, credentials, ""
        return
    file = database(settings)
    with sandbox.start(file, check=problems) as running:
        started = _at(endpoint, running.url, running.store.id)
        told = f"sandbox: started for this run; `clrctl sandbox` shows its records ({file})"
        yield started, settings.credentials(started), told


def serve(
    file: Path,
    settings: Settings,
    *,
    port: int,
    faults: str | None,
    on_ready: Callable[[str, str], None],
) -> None:
    """Run the sandbox in the foreground until Ctrl-C or SIGTERM, registered while it runs.

    Args:
        file: database of its records.
        settings: know the data folder.
        port: TCP port.
        faults: script of what is to go wrong.
        on_ready: called with its URL, and with what to give to `--endpoint` for it.

    Raises:
        UsageError: a package is missing, the port is taken, or the script makes no sense.
        InputError: the file cannot be used.
    """
    script = sandbox.Faults.parse(faults) if faults else None
    folder = settings.data_folder()
    with ExitStack() as stack:

        def ready(url: str) -> None:
            is_alone = not _others(folder, url)
            store = sandbox.Store.peek(file)
            entry = sandboxes.registering(folder, url=url, database=file, store=store)
            try:
                stack.enter_context(entry)
            except InputError as problem:
                is_alone = False
                console.current().warn(
                    f"{problem.what} ({problem.where}: {problem.why}): "
                    f"--endpoint {SANDBOX} does not find it"
                )
            on_ready(url, SANDBOX if is_alone else url)

        sandbox.serve(file, check=problems, port=port, host=HOST, faults=script, on_ready=ready)


def _others(folder: Path, url: str) -> bool:
    """Return whether other sandboxes run than the one at an URL, which is not asked."""
    others = [each for each in sandboxes.registered(folder) if each.url != url]
    try:
        return any(_answers(each) for each in others)
    except TemporaryError:
        return True


def count_records(file: Path) -> int:
    """Return how many records a database of the sandbox has; 0 where there is no file.

    Raises:
        InputError: it is not a sandbox's.
    """
    if not file.exists():
        return 0
    with sandbox.Store(file) as store:
        return store.count()


def reset(file: Path, settings: Settings) -> int:
    """Remove all records of a database, which becomes another store; return their number.

    A sandbox that runs with it goes on, and is still found.

    Raises:
        InputError: the file is not a sandbox's, or cannot be written.
    """
    with sandbox.Store(file) as store:
        number = store.reset()
        sandboxes.renew(settings.data_folder(), file, store.id)
    return number


def explain_faults() -> Iterator[str]:
    """Yield the lines that explain the language of faults."""
    from clrctl.sandbox import language

    return language.lines()
