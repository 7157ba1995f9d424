"""An upload from its inputs to its exit code: joins checking, sending, the journal and the answer.

It owns the order of things - nothing is sent before all is checked, unless that is wanted - and
the meaning of the first Ctrl-C. It neither decides about a request nor draws anything.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from clrctl import http
from clrctl.cli import local_sandbox
from clrctl.cli.console import Console
from clrctl.cli.output import (
    LinesFile,
    ReportFile,
    foresee,
    open_report,
    uploads,
)
from clrctl.cli.progress import Progress, counting
from clrctl.cli.settings import Settings
from clrctl.document import Piece
from clrctl.errors import (
    ClrctlError,
    ExitCode,
    InputError,
    worst,
)
from clrctl.sending import (
    Bodies,
    ClientCredentials,
    Credentials,
    Delivery,
    Duplicates,
    Endpoint,
    Journal,
    NoList,
    Noted,
    Prepared,
    QueuedCredential,
    SavedFolder,
    Sender,
    SendOptions,
    connector,
    holdings,
    plan,
    prepare,
)
from clrctl.util import count, safe
from clrctl.verifying import Signatures

Inputs = Iterable[Piece | InputError]


@dataclass(frozen=True, slots=True)
class UpsertOptions:
    """What the user wants of an upload.

    Attributes:
        manner: how to send.
        bodies: where the content of the inputs is to be had again; closed at the end.
        duplicates: what to do with several inputs that are one credential.
        now: the moment that counts as today.
        token_file: what was given to `--token-file`.
        as_json: answer by one JSON object.
        strict: warnings count as errors.
        dry_run: send nothing, and tell what would be.
        jobs: processes to check the inputs in; where each is sent at once, it is this one.
        keep_going: send each good input as soon as it is checked.
        check: ask the endpoint for what the journal calls stored, and send what it has lost.
        no_journal: neither look up nor note what was stored.
        no_verify: do not look at the proof on what the endpoint returns.
        yes: the user agrees beforehand.
        save: folder for what the endpoint returns.
        report: file for what became of each.
    """

    manner: SendOptions
    bodies: Bodies
    duplicates: Duplicates
    now: datetime
    token_file: str | None = None
    as_json: bool = False
    strict: bool = False
    dry_run: bool = False
    jobs: int = 1
    keep_going: bool = False
    check: bool = False
    no_journal: bool = False
    no_verify: bool = False
    yes: bool = False
    save: Path | None = None
    report: Path | None = None


def upload(
    inputs: Inputs, endpoint: Endpoint, settings: Settings, console: Console, wishes: UpsertOptions
) -> set[ExitCode]:
    """Check the inputs and store them at an endpoint; return the exit codes that adds up to.

    Raises:
        ClrctlError: it cannot be done, or not to the end.
        KeyboardInterrupt: after the first Ctrl-C, once all is told; other signals as before.
    """
    return _Upload(endpoint, settings, console, wishes).run(inputs)


class _Upload:
    def __init__(
        self, endpoint: Endpoint, settings: Settings, console: Console, wishes: UpsertOptions
    ) -> None:
        self._endpoint = endpoint
        self._settings = settings
        self._console = console
        self._wishes = wishes
        self._codes: set[ExitCode] = set()
        self._journal: Journal | None = None
        self._folder: SavedFolder | None = None
        self._report: ReportFile | LinesFile | None = None
        self._is_told_to_stop = False
        self._signatures = Signatures.under(settings.trust_files(), wishes.now)

    def run(self, inputs: Inputs) -> set[ExitCode]:
        wishes = self._wishes
        # Checking may take minutes: what stands in the way of sending is told before.
        self._link = http.Link(self._endpoint.network)
        credentials = self._settings.credentials(
            self._endpoint, token_file=wishes.token_file, stdin=sys.stdin.buffer
        )
        if wishes.report and not wishes.dry_run:
            foresee(wishes.report)
        # Names for what is saved, plans and the JSON object want all inputs at once.
        is_stream = wishes.keep_going and not (wishes.save or wishes.dry_run or wishes.as_json)
        with Prepared(wishes.bodies) if is_stream else self._all_checked(inputs) as prepared:
            self._prepared = prepared
            return self._go_on(inputs, credentials, is_stream=is_stream)

    def _go_on(self, inputs: Inputs, credentials: Credentials, *, is_stream: bool) -> set[ExitCode]:
        """Do what comes after checking; of a stream, the inputs are checked here."""
        wishes = self._wishes
        self._answer = uploads.form(
            self._console, self._endpoint, self._prepared, as_json=wishes.as_json
        )
        held_up = prepare.refusals(self._prepared, strict=wishes.strict)
        self._codes.update(held_up)
        self._answer.checked(held_up=bool(held_up) and not wishes.keep_going)
        if held_up and not wishes.keep_going:
            return self._codes
        if wishes.dry_run:
            self._show_plan(credentials)
            return self._codes
        self._confirm(is_stream=is_stream)
        with ExitStack() as stack:
            reaching = local_sandbox.reachable(self._endpoint, credentials, self._settings)
            endpoint, access, told = stack.enter_context(reaching)
            if told:
                self._console.say(told)
            # Only now is it known of which store the journal is.
            self._open_files(stack, endpoint, access)
            if is_stream:
                with closing(self._checked(inputs)) as parcels:
                    self._send(parcels, None, endpoint, access)
            else:
                self._send(self._ready(), self._number_fit(), endpoint, access)
        return self._codes

    def _all_checked(self, inputs: Inputs) -> Prepared:
        wishes = self._wishes
        return prepare.prepare(
            counting(inputs, self._console, size=_documents),
            self._endpoint.rulesets,
            bodies=wishes.bodies,
            duplicates=wishes.duplicates,
            now=wishes.now,
            also=self._signatures,
            every=self._wants_every_report,
            jobs=wishes.jobs,
        )

    @property
    def _wants_every_report(self) -> bool:
        wishes = self._wishes
        is_named = wishes.as_json or wishes.save is not None
        return is_named or wishes.strict or self._console.verbose > 0

    def _show_plan(self, credentials: Credentials) -> None:
        journal = local_sandbox.read_journal(self._endpoint, self._settings)
        with journal or nullcontext():
            planned = plan.of(self._prepared, journal, self._endpoint)
        self._answer.dry_run(planned, credentials.source)

    def _confirm(self, *, is_stream: bool) -> None:
        if not self._endpoint.confirm or self._wishes.yes:
            return
        number = "all that is good" if is_stream else count(self._number_fit(), "credential")
        where = f"{self._endpoint.base} (endpoint {self._endpoint.name})"
        self._console.confirm(f"send {number} to {where}?", flag="--yes")

    def _open_files(self, stack: ExitStack, endpoint: Endpoint, credentials: Credentials) -> None:
        """Open what this run writes to, before anything is sent."""
        if self._wishes.save:
            self._folder = SavedFolder(self._wishes.save, self._prepared.reports)
        if self._wishes.report:
            self._report = open_report(self._wishes.report, self._endpoint)
            stack.callback(self._report.close)
        if not self._wishes.no_journal:
            client = credentials.client_id if isinstance(credentials, ClientCredentials) else ""
            self._journal = stack.enter_context(
                local_sandbox.open_journal(endpoint, self._settings, client=client)
            )
            checked = self._check(endpoint, credentials)
            day = _day(self._journal)
            self._answer.known_by(day, checked=checked, wanted=self._wishes.check)

    def _check(self, endpoint: Endpoint, credentials: Credentials) -> bool:
        """Ask the endpoint for what the journal calls stored, if wanted; return whether it said."""
        if not self._wishes.check or self._journal is None:
            return False
        try:
            checked = holdings.check(self._journal, endpoint, credentials)
        except NoList:
            self._console.complain(
                f"endpoint {safe(endpoint.name)} does not list credentials: nothing could be "
                "checked, and what the journal calls stored is not sent (--force sends all)"
            )
            return False
        given = sum(parcel.key in checked.missing for parcel in self._fit())
        for line in uploads.about_check(checked, given):
            self._console.say(line)
        return True

    # --- what is sent -------------------------------------------------------------------------

    def _ready(self) -> Iterator[QueuedCredential]:
        """Yield what was checked before; all of it counts as pending from now on."""
        for report in self._prepared.reports:
            if report.errors or (self._wishes.strict and report.warnings):
                self._answer.unfit(report)
        if self._journal:
            self._journal.pending(map(_noted, self._fit()))
        yield from self._fit()

    def _number_fit(self) -> int:
        return sum(1 for _ in self._fit()) if self._wishes.strict else len(self._prepared.parcels)

    def _fit(self) -> Iterator[QueuedCredential]:
        for parcel in self._prepared.parcels:
            if not (self._wishes.strict and parcel.report.warnings):
                yield parcel

    def _checked(self, inputs: Inputs) -> Generator[QueuedCredential, None, None]:
        """Check the inputs one by one, and yield at once what can be sent."""
        wishes, prepared = self._wishes, self._prepared
        looked = prepare.look(
            inputs,
            self._endpoint.rulesets,
            bodies=wishes.bodies,
            duplicates=wishes.duplicates,
            now=wishes.now,
            also=self._signatures,
        )
        with closing(looked):
            for item in looked:
                if isinstance(item, ClrctlError):
                    self._codes.add(item.exit_code)
                    self._console.error(item)
                    continue
                if item.left_out:
                    prepared.left_out.append(item.report.place)
                elif item.parcel is None or (wishes.strict and item.report.warnings):
                    self._codes.add(ExitCode.INVALID)
                    self._answer.unfit(item.report)
                else:
                    if self._journal:
                        self._journal.pending([_noted(item.parcel)])
                    yield item.parcel
                if self._sender.is_stopping:
                    return

    def _send(
        self,
        parcels: Iterable[QueuedCredential],
        total: int | None,
        endpoint: Endpoint,
        credentials: Credentials,
    ) -> None:
        manner = self._wishes.manner
        timeouts = http.Timeouts(exchange=manner.deadline)
        self._sender = Sender(
            connector(endpoint.credentials_url, credentials, timeouts, link=self._link),
            self._tell,
            journal=self._journal,
            manner=manner,
            tick=self._tick,
        )
        self._progress = Progress(self._console, total, hindrance=self._sender.hindrance)
        with _one_signal_stops(self._sender), self._added_up():
            self._sender.run(parcels)

    # --- what is told -------------------------------------------------------------------------

    def _tell(self, delivery: Delivery) -> None:
        if delivery.answer and not self._wishes.no_verify:
            delivery = replace(delivery, seal=self._signatures.of_answer(delivery.answer))
        self._codes.add(delivery.exit_code(strict=self._wishes.strict))
        self._progress.counts[delivery.outcome] += 1
        kept = None
        try:
            if self._folder:
                kept = self._folder.keep(delivery.parcel.report, delivery.answer)
            if self._report:
                self._report.add(delivery)
        finally:
            self._answer.delivery(delivery, kept)

    def _tick(self) -> None:
        if self._sender.is_unwanted and not self._is_told_to_stop:
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
            ok = worst(self._codes) is ExitCode.OK and not self._sender.is_unwanted
        except ClrctlError as problem:
            error = problem
            raise
        finally:
            self._answer.end(self._progress, ok=ok, error=error)
            if self._sender.is_unwanted:
                self._console.say("resume with the same command")


def _documents(piece: Piece | InputError) -> int:
    """Return about how many documents there are in a piece: lines may be blank."""
    if isinstance(piece, InputError) or piece.raw is None or piece.form != "ndjson":
        return 1
    return piece.raw.count(b"\n") + 1


def _day(journal: Journal) -> str:
    """Return the day (UTC) on which the upload before began; empty where there was none."""
    began = journal.previous
    return "" if began is None else f"{datetime.fromtimestamp(began, UTC):%Y-%m-%d}"


def _noted(parcel: QueuedCredential) -> Noted:
    source = parcel.report.source
    # The same command may be given in another folder.
    place = source if source == "-" else os.path.abspath(source)  # noqa: PTH100 - as given
    return parcel.key, parcel.digest, place, parcel.valid_from


@contextmanager
def _one_signal_stops(sender: Sender) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM end the run in an orderly way, and the next one at once.

    When all is told, the first one does what it would have done without this.
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
        sender.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) not in (signal.SIG_IGN, None):
            previous[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        restore()
    for first in caught:
        signal.raise_signal(first)
