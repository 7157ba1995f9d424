"""An upload: all is checked, then sent; joins phase one, the journal, the sender, the proofs.

It owns the order of things: nothing is sent before all is checked, unless that is wanted. It shows
nothing, asks nobody, and takes the clock, the credentials and the journal as arguments.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Self, TypeAlias

from clrctl import http
from clrctl.document import Executor, Piece
from clrctl.errors import ClrctlError, ExitCode, InputError, UsageError
from clrctl.finding import Report
from clrctl.sending import plan, prepare
from clrctl.sending.auth import ClientCredentials, Credentials
from clrctl.sending.client import connector
from clrctl.sending.delivery import Delivery
from clrctl.sending.endpoints import SANDBOX, Endpoint
from clrctl.sending.journal import Journal, Noted
from clrctl.sending.plan import Plan
from clrctl.sending.prepare import Duplicates, Prepared
from clrctl.sending.scheduler import SendOptions
from clrctl.sending.sender import Sender
from clrctl.sending.spool import Bodies, QueuedCredential
from clrctl.util import count
from clrctl.verifying import Signatures

Told: TypeAlias = Delivery | Report | ClrctlError
"""What becomes of an input: it was sent; it has errors and is not; or it could not be read."""


@dataclass(frozen=True, slots=True)
class UpsertOptions:
    """How credentials are stored.

    Attributes:
        send: how requests are made.
        duplicates: what to do with several inputs that are one credential.
        strict: warnings count as errors.
        keep_going: send what is good, even if other inputs have errors.
        streaming: with `keep_going`: send each good input as soon as it is checked.
        verify: verify the proof on what the endpoint returns.
        every: keep the reports of all inputs, warnings included.
    """

    send: SendOptions = field(default_factory=SendOptions)
    duplicates: Duplicates = Duplicates.ERROR
    strict: bool = False
    keep_going: bool = False
    streaming: bool = False
    verify: bool = True
    every: bool = False


class NotSent(ClrctlError):
    """Nothing was sent, because inputs have errors or cannot be read.

    Attributes:
        reports: those of the inputs with errors.
        failures: why the others could not be read.
    """

    exit_code = ExitCode.INVALID

    def __init__(self, reports: Iterable[Report], failures: Iterable[ClrctlError]) -> None:
        self.reports = tuple(reports)
        self.failures = tuple(failures)
        places = [report.place for report in self.reports]
        places += [failure.where for failure in self.failures]
        super().__init__(
            f"nothing was sent: {count(len(places), 'input')} cannot be",
            where=", ".join(places[:3]) + (", …" if len(places) > 3 else ""),  # noqa: PLR2004
            why=self.reports[0].errors[0].message
            if self.reports and self.reports[0].errors
            else next((failure.what for failure in self.failures), "warnings count as errors"),
            fix="correct them; or send what is good with keep_going=True",
        )


class Upload:
    """One upload; a context, at whose end what was kept to be sent is deleted.

    Args:
        inputs: what `clrctl.document.find` yields.
        endpoint: where to; its rulesets are what the inputs are held to.
        credentials: give access.
        journal: folder of the journal that iterating uses; None for no memory.
        options: how.
        signatures: looks at the proofs in what is sent, and on what comes back.
        bodies: where the content of the inputs is to be had again.
        now: the moment that counts as today.
    """

    def __init__(
        self,
        inputs: Iterable[Piece | InputError],
        endpoint: Endpoint,
        *,
        credentials: Credentials,
        journal: Path | None = None,
        options: UpsertOptions,
        signatures: Signatures,
        bodies: Bodies,
        now: datetime,
    ) -> None:
        self.endpoint = endpoint
        self.options = options
        self._bodies = bodies
        self._prepared: Prepared | None = None
        self._inputs = inputs
        self._credentials = credentials
        self._folder = journal
        self._signatures = signatures
        self._now = now
        self._sender: Sender | None = None
        self._journal: Journal | None = None
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Delete what was kept to be sent; calling it twice does no harm."""
        self._is_over = True
        if self._prepared is not None:
            self._prepared.close()
        self._bodies.close()

    @property
    def prepared(self) -> Prepared:
        """The result of `check`."""
        assert self._prepared is not None, "check() comes first"  # noqa: S101 - a mistake of ours
        return self._prepared

    def __iter__(self) -> Iterator[Told]:
        """Send what can be sent, as `send`, with the journal that was given; then close.

        Raises:
            UsageError: it was iterated over before: an upload is sent once.
        """
        if self._is_over:
            raise UsageError(
                "this upload is over",
                fix="call upsert again; keep the results in a list to go over them twice",
            )
        with self, ExitStack() as stack:
            journal = None
            if self._folder is not None:
                access = self._credentials
                client = access.client_id if isinstance(access, ClientCredentials) else ""
                journal = stack.enter_context(
                    Journal.open(
                        self._folder,
                        base=self.endpoint.journal_name,
                        client=SANDBOX if self.endpoint.store else client,
                    )
                )
            yield from self.send(self._credentials, journal=journal)

    # --- phase one --------------------------------------------------------------------------------

    def check(self, executor: Executor | None = None) -> None:
        """Check every input; of a streaming upload that is done while it sends.

        Args:
            executor: spreads the work, as for `look_at_all`.

        Raises:
            ClrctlError: there is no room to keep what is to be sent, or a worker died.
        """
        if self.options.streaming:
            self._prepared = Prepared(self._bodies)
            return
        self._prepared = prepare.prepare(
            self._inputs,
            self.endpoint.rulesets,
            bodies=self._bodies,
            duplicates=self.options.duplicates,
            now=self._now,
            also=self._signatures,
            every=self.options.every or self.options.strict,
            executor=executor,
        )

    def refusals(self) -> list[ExitCode]:
        """Return why not all may be sent, as exit codes; empty when all is well."""
        return prepare.refusals(self.prepared, strict=self.options.strict)

    def plan(self, journal: Journal | None) -> Plan:
        """Return what would be sent, as far as is known from the journal.

        Raises:
            InputError: the journal, or again one of the files, cannot be read.
        """
        return plan.of(self.prepared, journal, self.endpoint)

    def number(self) -> int | None:
        """Return how many can be sent; None where that is not known before."""
        if self.options.streaming:
            return None
        if self.options.strict:
            return sum(1 for _ in self.fit())
        return len(self.prepared.queue)

    def fit(self) -> Iterator[QueuedCredential]:
        """Yield what can be sent."""
        for parcel in self.prepared.queue:
            if not (self.options.strict and parcel.report.warnings):
                yield parcel

    # --- phase two --------------------------------------------------------------------------------

    def send(
        self,
        credentials: Credentials,
        *,
        endpoint: Endpoint | None = None,
        journal: Journal | None = None,
        link: http.Link | None = None,
        tick: Callable[[], None] = lambda: None,
    ) -> Generator[Told, None, None]:
        """Send what can be sent, and yield what becomes of each input as soon as it is known.

        Those of one key are sent one after another, in their order. If the iterator is closed,
        what is under way is cut; the journal knows it as in doubt.

        Args:
            credentials: give access.
            endpoint: where to, where that is another one than at the beginning.
            journal: what was sent before, and where all is recorded; None for no memory.
            link: certificates and proxy, where they are loaded already.
            tick: is called several times a second, in this thread.

        Raises:
            NotSent: not all inputs are good, and `keep_going` is not wanted.
            ClrctlError: the journal cannot be written.
        """
        if not self.options.keep_going and self.refusals():
            bad = [one for one in self.prepared.reports if self._is_unfit(one)]
            raise NotSent(bad, self.prepared.failures)
        target = endpoint or self.endpoint
        self._journal = journal
        told: deque[Told] = deque()
        send = self.options.send
        self._sender = sender = Sender(
            connector(
                target.credentials_url,
                credentials,
                http.Timeouts(exchange=send.deadline),
                link=link or http.Link(target.network),
            ),
            told.append,
            journal=journal,
            options=send,
            tick=tick,
        )
        parcels = self._checked(told) if self.options.streaming else self._ready(told)
        with closing(parcels), closing(sender.steps(parcels)) as steps:
            for _ in steps:
                yield from self._verified(told)
            yield from self._verified(told)

    def stop(self) -> None:
        """Start nothing more, and end soon; takes no lock, so that a signal handler may call it."""
        if self._sender is not None:
            self._sender.stop()

    def fail(self, problem: BaseException) -> None:
        """Start nothing more, and raise this when all is told."""
        if self._sender is not None:
            self._sender.fail(problem)

    @property
    def is_unwanted(self) -> bool:
        """Whether `stop` was called."""
        return self._sender is not None and self._sender.is_unwanted

    def hindrance(self) -> str:
        """Return why hardly anything is sent at the moment, in words; empty when it is."""
        return self._sender.hindrance() if self._sender is not None else ""

    def _verified(self, told: deque[Told]) -> Iterator[Told]:
        while told:
            one = told.popleft()
            if isinstance(one, Delivery) and one.answer and self.options.verify:
                one = replace(one, endpoint_proof=self._signatures.of_answer(one.answer))
            yield one

    def _is_unfit(self, report: Report) -> bool:
        return bool(report.errors or (self.options.strict and report.warnings))

    def _ready(self, told: deque[Told]) -> Generator[QueuedCredential, None, None]:
        """Yield what was checked before; all of it counts as pending from now on."""
        told.extend(report for report in self.prepared.reports if self._is_unfit(report))
        if self._journal:
            self._journal.pending(map(_noted, self.fit()))
        yield from self.fit()

    def _checked(self, told: deque[Told]) -> Generator[QueuedCredential, None, None]:
        """Check the inputs one by one, and yield at once what can be sent."""
        looked = prepare.look(
            self._inputs,
            self.endpoint.rulesets,
            bodies=self.prepared.bodies,
            duplicates=self.options.duplicates,
            now=self._now,
            also=self._signatures,
        )
        with closing(looked):
            for item in looked:
                if isinstance(item, ClrctlError):
                    told.append(item)
                    continue
                if item.left_out:
                    self.prepared.left_out.append(item.report.place)
                elif item.parcel is None or self._is_unfit(item.report):
                    told.append(item.report)
                else:
                    if self._journal:
                        self._journal.pending([_noted(item.parcel)])
                    yield item.parcel
                if self._sender is not None and self._sender.is_stopping:
                    return


def _noted(parcel: QueuedCredential) -> Noted:
    source = parcel.report.source
    # The same command may be given in another folder.
    place = source if source == "-" else os.path.abspath(source)  # noqa: PTH100 - as given
    return parcel.key, parcel.digest, place, parcel.valid_from
