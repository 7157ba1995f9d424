"""Publishing, phase one: look at everything before anything is sent.

Every input is read and checked, perhaps in several processes, and duplicates are found; what can be
sent becomes a `Parcel`, which holds no content. It knows neither servers nor how anything is shown;
`clrctl.sending.sender` is phase two.
"""

from __future__ import annotations

import contextlib
import enum
import hashlib
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Self

from clrctl.checking import validation
from clrctl.document import Document, Executor, Key, Piece, Syntax, identity, parallel, parse
from clrctl.errors import ClrctlError, ExitCode, InputError
from clrctl.finding import Finding, Report, Severity
from clrctl.sending import fingerprint, journal
from clrctl.sending.spool import Bodies, FirstSeen, Queue, QueuedCredential, is_lasting


class Duplicates(enum.StrEnum):
    """What is done with two inputs that are the same credential, with other content."""

    ERROR = "error"
    FIRST = "first"
    LAST = "last"


@dataclass(slots=True)
class Prepared:
    """The result of phase one; a context, at whose end the queue and its content are gone.

    Attributes:
        bodies: where the content of the parcels is to be had.
        queue: what can be sent, in the order of the inputs.
        reports: the reports of inputs with errors, or of all of them if that was wanted.
        failures: inputs that could not be read.
        warnings: their number, whether or not the reports hold them.
        left_out: places of inputs that another input is sent in the place of.
    """

    bodies: Bodies = field(default_factory=Bodies)
    queue: Queue = field(default_factory=Queue)
    reports: list[Report] = field(default_factory=list)
    failures: list[ClrctlError] = field(default_factory=list)
    warnings: int = 0
    left_out: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Delete what was kept to be sent; calling it twice does no harm."""
        self.queue.close()
        self.bodies.close()


@dataclass(frozen=True, slots=True)
class Looked:
    """One input, looked at.

    Attributes:
        report: what was found in it.
        parcel: what is sent of it; None where it has errors, or is left out.
        left_out: another input is the same credential, and is sent in its place.
        warnings: their number, whether or not the report holds them.
    """

    report: Report
    parcel: QueuedCredential | None = None
    left_out: bool = False
    warnings: int = 0


@dataclass(frozen=True, slots=True)
class _Inspection:
    """What one process tells another of a document.

    Attributes:
        report: what was found in it, perhaps without the warnings.
        warnings: their number.
        parcel: what is to be sent of it, not yet with `bodies`; None where it has errors.
        key: issuer id and credential id.
        digest: `journal.digest` of its content.
        raw: the bytes as read, where they cannot be read again.
        syntax: what they were read as.
        payload: what is to be sent, likewise.
    """

    report: Report
    warnings: int
    parcel: QueuedCredential | None
    key: Key
    digest: bytes
    raw: bytes
    syntax: Syntax
    payload: bytes


def prepare(
    inputs: Iterable[Piece | InputError],
    rulesets: Sequence[str],
    *,
    bodies: Bodies | None = None,
    duplicates: Duplicates = Duplicates.ERROR,
    now: datetime | None = None,
    also: validation.Also | None = None,
    every: bool = True,
    executor: Executor | None = None,
) -> Prepared:
    """Check every input, and that no two are the same credential.

    Memory stays flat, however many there are, as long as not `every` report is wanted.

    Args:
        inputs: what `clrctl.document.find` yields.
        rulesets: those of the endpoint.
        bodies: where the content is to be had later; by default files are read as they were. It is
            closed together with what is returned, or when an error is raised.
        duplicates: what to do with several inputs that are one credential.
        now: the moment that counts as today, as for `validation.check`.
        also: looks at each document too, as for `validation.check`; it is pickled.
        every: keep the reports of all inputs, warnings included.
        executor: spreads the work, as for `look_at_all`.

    Returns:
        What can be sent, which is to be closed.

    Raises:
        ClrctlError: there is no room to keep what is to be sent, or a process died.
    """
    prepared = Prepared(bodies or Bodies())
    looked = look(
        inputs,
        rulesets,
        bodies=prepared.bodies,
        duplicates=duplicates,
        now=now,
        also=also,
        every=every,
        executor=executor,
    )
    with contextlib.ExitStack() as on_error, contextlib.closing(looked):
        on_error.push(prepared)
        for item in looked:
            if isinstance(item, ClrctlError):
                prepared.failures.append(item)
                continue
            prepared.warnings += item.warnings
            if every or item.report.errors:
                prepared.reports.append(item.report)
            if item.left_out:
                prepared.left_out.append(item.report.place)
            if item.parcel is not None and (former := prepared.queue.add(item.parcel)):
                prepared.left_out.append(former)
        on_error.pop_all()
    return prepared


def look(
    inputs: Iterable[Piece | InputError],
    rulesets: Sequence[str],
    *,
    bodies: Bodies,
    duplicates: Duplicates = Duplicates.ERROR,
    now: datetime | None = None,
    also: validation.Also | None = None,
    every: bool = True,
    executor: Executor | None = None,
) -> Generator[Looked | ClrctlError, None, None]:
    """Check the inputs one by one, as `prepare`.

    An input that repeats an earlier one, content and all, is left out. With `Duplicates.LAST`
    the later of two parcels with one key has to take the place of the earlier one.
    """
    inspect = partial(_inspected, rulesets=tuple(rulesets), now=now, also=also, every=every)
    every_seen = contextlib.closing(parallel.look_at_all(inputs, inspect, executor=executor))
    with FirstSeen() as firsts, every_seen as all_seen:
        for seen in all_seen:
            if isinstance(seen, InputError):
                yield seen
                continue
            report = seen.report
            place, known = firsts.first(seen.key, report.place, seen.digest)
            again = all(seen.key) and place != report.place
            is_left_out = known == seen.digest or duplicates is Duplicates.FIRST
            if again and is_left_out and not report.errors:
                yield Looked(report, left_out=True, warnings=seen.warnings)
                continue
            if again and duplicates is Duplicates.ERROR:
                report = _with_duplicate(seen, place, bodies)
            if again and duplicates is Duplicates.LAST:
                firsts.renew(seen.key, report.place, seen.digest)
            parcel = None if report.errors else _packed(seen, bodies)
            yield Looked(report, parcel, warnings=seen.warnings)


def _inspected(
    document: Document,
    *,
    rulesets: Sequence[str],
    now: datetime | None,
    also: validation.Also | None,
    every: bool,
) -> _Inspection:
    report = validation.check(document, rulesets, now=now, also=also, placed=every)
    warnings = len(report.warnings)
    if not every:
        errors = without_warnings(report).findings
        # Those of a document that cannot be read have their places.
        placed = document.locate(errors) if errors else []
        report = replace(report, findings=tuple(validation.in_order(placed)))
    key = identity(document.data)
    digest = journal.digest(document.payload) if all(key) else b""
    parcel = None if report.errors else _parcel(document, report, key, digest)
    lasting = is_lasting(document.source)
    raw, payload = (b"", b"") if lasting else (document.raw, document.payload)
    return _Inspection(report, warnings, parcel, key, digest, raw, document.syntax, payload)


def _parcel(document: Document, report: Report, key: Key, digest: bytes) -> QueuedCredential:
    data, payload = document.data, document.payload
    return QueuedCredential(
        report,
        key,
        data["id"],
        digest,
        hashlib.sha256(payload).digest(),
        len(payload),
        data.get("validFrom", ""),
        fingerprint.of(data),
    )


def _packed(seen: _Inspection, bodies: Bodies) -> QueuedCredential | None:
    if seen.parcel is None:
        return None
    kept_at = bodies.keep(seen.payload) if seen.payload else None
    return replace(seen.parcel, bodies=bodies, kept_at=kept_at)


def _with_duplicate(seen: _Inspection, place: str, bodies: Bodies) -> Report:
    report = seen.report
    finding = Finding(
        code="upsert/duplicate",
        severity=Severity.ERROR,
        pointer="/id",
        message=f"{place} is the same credential: issuer id and id are equal",
        fix="leave one of them out, or give it its own id; --on-duplicate takes one of them",
    )
    document = None
    if seen.raw:
        line = report.first_line
        document = parse(seen.raw, source=report.source, syntax=seen.syntax, first_line=line)
    else:
        # Where it has gone meanwhile, the place is told without a line.
        with contextlib.suppress(InputError):
            document = bodies.document(report.source, report.first_line)
    findings = [*report.findings, *(document.locate([finding]) if document else [finding])]
    return replace(report, findings=tuple(validation.in_order(findings)))


def without_warnings(report: Report) -> Report:
    """Return a report with its errors alone."""
    if not report.warnings:
        return report
    errors = tuple(each for each in report.findings if each.severity is Severity.ERROR)
    return replace(report, findings=errors)


def refusals(prepared: Prepared, *, strict: bool) -> list[ExitCode]:
    """Return why nothing may be sent, as exit codes; empty when all is well."""
    codes = [failure.exit_code for failure in prepared.failures]
    if any(report.errors for report in prepared.reports) or (strict and prepared.warnings):
        codes.append(ExitCode.INVALID)
    return codes
