"""An upload on the command line: what is asked, shown, kept and returned around `clrctl.upsert`.

It owns the meaning of the first Ctrl-C and the files that a run writes. It neither decides about a
request nor draws anything.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from clrctl import http
from clrctl.api import upsert
from clrctl.cli import local_sandbox
from clrctl.cli.console import Console
from clrctl.cli.output import UploadReport, foresee, open_report, uploads
from clrctl.cli.progress import Progress, counting
from clrctl.cli.settings import Settings
from clrctl.document import Executor, InputFormat, Limits, Piece
from clrctl.errors import ClrctlError, ExitCode, InputError, worst
from clrctl.finding import Report
from clrctl.sending import (
    ClientCredentials,
    Credentials,
    Delivery,
    Endpoint,
    Journal,
    NoList,
    SavedFolder,
    Told,
    Upload,
    UpsertOptions,
    holdings,
)
from clrctl.util import count, safe

Inputs = Iterable[Piece | InputError]


@dataclass(frozen=True, slots=True)
class UploadFlags:
    """What the user wants around an upload.

    Attributes:
        options: how credentials are stored.
        limits: those that the inputs are read with.
        input_format: what they are read as.
        now: the moment that counts as today.
        token_file: what was given to `--token-file`.
        as_json: answer by one JSON object.
        dry_run: send nothing, and print what would be.
        check: ask the endpoint for what the journal calls stored.
        no_journal: neither look up nor record what was stored.
        yes: the user agrees beforehand.
        save: folder for what the endpoint returns.
        report: file for what became of each.
    """

    options: UpsertOptions
    limits: Limits
    input_format: InputFormat | None
    now: datetime
    token_file: str | None = None
    as_json: bool = False
    dry_run: bool = False
    check: bool = False
    no_journal: bool = False
    yes: bool = False
    save: Path | None = None
    report: Path | None = None


class UploadRun:
    """One upload of the command line.

    Args:
        endpoint: where to.
        settings: where credentials and the journal are found.
        console: where it is shown.
        flags: what the user wants.
    """

    def __init__(
        self, endpoint: Endpoint, settings: Settings, console: Console, flags: UploadFlags
    ) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._console = console
        self._flags = flags
        self._codes: set[ExitCode] = set()
        self._journal: Journal | None = None
        self._folder: SavedFolder | None = None
        self._report: UploadReport | None = None
        self._is_told_to_stop = False

    def run(self, inputs: Inputs, executor: Executor | None) -> set[ExitCode]:
        """Check the inputs and store them; return the exit codes that adds up to.

        Raises:
            ClrctlError: it cannot be done, or not to the end.
            KeyboardInterrupt: after the first Ctrl-C, once all is shown; other signals as before.
        """
        flags = self._flags
        # Checking may take minutes: what stands in the way of sending is told before.
        self._link = http.Link(self._endpoint.network)
        credentials = self._settings.credentials(
            self._endpoint, token_file=flags.token_file, stdin=sys.stdin.buffer
        )
        if flags.report and not flags.dry_run:
            foresee(flags.report)
        upload = upsert(
            inputs if flags.options.streaming else counting(inputs, self._console, size=_documents),
            endpoint=self._endpoint,
            credentials=credentials,
            now=flags.now,
            options=flags.options,
            limits=flags.limits,
            input_format=flags.input_format,
            trust=self._settings.trust_files(),
            executor=executor,
        )
        with upload:
            self._upload = upload
            return self._go_on(upload, credentials)

    def _go_on(self, upload: Upload, credentials: Credentials) -> set[ExitCode]:
        """Do what comes after checking; of a stream, the inputs are checked here."""
        flags, going_on = self._flags, self._flags.options.keep_going
        self._answer = uploads.form(
            self._console, self._endpoint, upload.prepared, as_json=flags.as_json
        )
        held_up = upload.refusals()
        self._codes.update(held_up)
        self._answer.checked(held_up=bool(held_up) and not going_on)
        if held_up and not going_on:
            return self._codes
        if flags.dry_run:
            journal = local_sandbox.read_journal(self._endpoint, self._settings)
            with journal or nullcontext():
                self._answer.dry_run(upload.plan(journal), credentials.source)
            return self._codes
        self._confirm(upload.number())
        with ExitStack() as stack:
            reaching = local_sandbox.reachable(self._endpoint, credentials, self._settings)
            endpoint, access, told = stack.enter_context(reaching)
            if told:
                self._console.say(told)
            # Only now is it known of which store the journal is.
            self._open_files(stack, endpoint, access)
            self._send(endpoint, access)
        return self._codes

    def _confirm(self, number: int | None) -> None:
        if not self._endpoint.confirm or self._flags.yes:
            return
        what = "all that is good" if number is None else count(number, "credential")
        where = f"{self._endpoint.base} (endpoint {self._endpoint.name})"
        self._console.confirm(f"send {what} to {where}?", flag="--yes")

    def _open_files(self, stack: ExitStack, endpoint: Endpoint, credentials: Credentials) -> None:
        """Open what this run writes to, before anything is sent."""
        if self._flags.save:
            self._folder = SavedFolder(self._flags.save, self._upload.prepared.reports)
        if self._flags.report:
            self._report = open_report(self._flags.report, self._endpoint)
            stack.callback(self._report.close)
        if not self._flags.no_journal:
            client = credentials.client_id if isinstance(credentials, ClientCredentials) else ""
            self._journal = stack.enter_context(
                local_sandbox.open_journal(endpoint, self._settings, client=client)
            )
            checked = self._check(endpoint, credentials)
            day = _day(self._journal)
            self._answer.known_by(day, checked=checked, wanted=self._flags.check)

    def _check(self, endpoint: Endpoint, credentials: Credentials) -> bool:
        """Ask the endpoint for what the journal calls stored, if wanted; return whether it said."""
        if not self._flags.check or self._journal is None:
            return False
        try:
            checked = holdings.check(self._journal, endpoint, credentials)
        except NoList:
            self._console.complain(
                f"endpoint {safe(endpoint.name)} does not list credentials: nothing could be "
                "checked, and what the journal calls stored is not sent (--force sends all)"
            )
            return False
        given = sum(one.key in checked.missing for one in self._upload.fit())
        for line in uploads.about_check(checked, given):
            self._console.say(line)
        return True

    def _send(self, endpoint: Endpoint, credentials: Credentials) -> None:
        upload = self._upload
        self._progress = Progress(self._console, upload.number(), hindrance=upload.hindrance)
        sending = upload.send(
            credentials,
            endpoint=endpoint,
            journal=self._journal,
            link=self._link,
            tick=self._tick,
        )
        with _one_signal_stops(upload), self._added_up(), closing(sending):
            for told in sending:
                # A failure to show one ends the run, but not before all are shown.
                try:
                    self._tell(told)
                except (ClrctlError, OSError) as problem:
                    upload.fail(problem)

    def _tell(self, told: Told) -> None:
        if isinstance(told, ClrctlError):
            self._codes.add(told.exit_code)
            self._console.error(told)
        elif isinstance(told, Report):
            self._codes.add(ExitCode.INVALID)
            self._answer.unfit(told)
        else:
            self._delivered(told)

    def _delivered(self, delivery: Delivery) -> None:
        self._codes.add(delivery.exit_code(strict=self._flags.options.strict))
        self._progress.counts[delivery.outcome] += 1
        kept = None
        try:
            if self._folder:
                kept = self._folder.keep(delivery.credential.report, delivery.answer)
            if self._report:
                self._report.add(delivery)
        finally:
            self._answer.delivery(delivery, kept)

    def _tick(self) -> None:
        if self._upload.is_unwanted and not self._is_told_to_stop:
            self._is_told_to_stop = True
            self._console.say("stopping; what is under way is waited for; once more: leave at once")
        self._progress.tick()
        self._console.flush()

    @contextmanager
    def _added_up(self) -> Iterator[None]:
        """End the answer whatever happens; it is well only if all were sent and none went wrong."""
        ok, error = False, None
        try:
            yield
            ok = worst(self._codes) is ExitCode.OK and not self._upload.is_unwanted
        except ClrctlError as problem:
            error = problem
            raise
        finally:
            self._answer.end(self._progress, ok=ok, error=error)
            if self._upload.is_unwanted:
                self._console.say("resume with the same command")


def _documents(piece: object) -> int:
    """Return about how many documents there are in a piece: lines may be blank."""
    if not isinstance(piece, Piece) or piece.raw is None or piece.form != "ndjson":
        return 1
    return piece.raw.count(b"\n") + 1


def _day(journal: Journal) -> str:
    """Return the day (UTC) on which the upload before began; empty where there was none."""
    began = journal.previous
    return "" if began is None else f"{datetime.fromtimestamp(began, UTC):%Y-%m-%d}"


@contextmanager
def _one_signal_stops(upload: Upload) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM end the run in an orderly way, and the next one at once.

    When all is shown, the first one does what it would have done without this.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []
    previous: dict[int, Any] = {}

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    def stop(number: int, _: FrameType | None) -> None:
        restore()
        caught.append(number)
        upload.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) not in (signal.SIG_IGN, None):
            previous[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        restore()
    for first in caught:
        signal.raise_signal(first)
