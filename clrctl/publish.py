"""Publishing, phase one: look at everything before anything is sent.

Every input is read and checked, and duplicates are found; what can be sent becomes a `Parcel`,
which holds no content. It knows neither servers nor how anything is shown; `clrctl.sending` is
phase two.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias
from urllib.parse import unquote

from clrctl import fingerprint, journal, validation
from clrctl.bodies import Bodies
from clrctl.document import Document
from clrctl.errors import ClrctlError, ExitCode
from clrctl.finding import FileReport, Finding, Json, Severity

Key: TypeAlias = tuple[str, str]
"""What makes two credentials the same one: issuer id and credential id."""


class Duplicates(enum.StrEnum):
    """What is done with two inputs that are the same credential, with other content."""

    ERROR = "error"
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One checked credential, ready to be sent; its content stays where it was read.

    Attributes:
        report: what was found in it.
        key: issuer id and credential id.
        id: its id as it is written.
        digest: `journal.digest` of its content.
        sha256: digest of the bytes to send.
        size: their number.
        valid_from: its `validFrom`; empty where there is none.
        fingerprint: `fingerprint.of` its content.
    """

    report: FileReport
    key: Key
    id: str
    digest: bytes
    sha256: bytes
    size: int
    valid_from: str
    fingerprint: bytes = field(repr=False, compare=False)
    bodies: Bodies = field(repr=False, compare=False)

    def body(self) -> bytes:
        """Read again what is to be sent.

        Raises:
            InputError: the file is gone, or no longer what was checked.
        """
        return self.bodies.load(self.report.source, self.report.first_line, self.sha256, self.size)


@dataclass(slots=True)
class Prepared:
    """The result of phase one.

    Attributes:
        parcels: what can be sent, in the order of the inputs.
        reports: the report of every input, those with errors included.
        failures: inputs that could not be read.
        warnings: their number, whether or not the reports still hold them.
        left_out: places of inputs that another input is sent in the place of.
    """

    parcels: list[Parcel] = field(default_factory=list)
    reports: list[FileReport] = field(default_factory=list)
    failures: list[ClrctlError] = field(default_factory=list)
    warnings: int = 0
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Looked:
    """One input, looked at.

    Attributes:
        report: what was found in it.
        parcel: what is sent of it; None where it has errors, or is left out.
        left_out: another input is the same credential, and is sent in its place.
    """

    report: FileReport
    parcel: Parcel | None = None
    left_out: bool = False


def prepare(
    inputs: Iterable[Document | ClrctlError],
    rulesets: Sequence[str],
    *,
    bodies: Bodies | None = None,
    duplicates: Duplicates = Duplicates.ERROR,
    now: datetime | None = None,
    also: validation.Also | None = None,
    every: bool = True,
) -> Prepared:
    """Check every input, and that no two are the same credential.

    Args:
        inputs: what was read.
        rulesets: those of the endpoint.
        bodies: where the content is to be had later; by default files are read as they were.
        duplicates: what to do with several inputs that are one credential.
        now: the moment that counts as today, as for `validation.check`.
        also: looks at each document too, as for `validation.check`.
        every: keep warnings in the reports, not only their number.
    """
    prepared = Prepared()
    parcels: dict[Key, Parcel] = {}
    looked = look(inputs, rulesets, bodies=bodies, duplicates=duplicates, now=now, also=also)
    for item in looked:
        if isinstance(item, ClrctlError):
            prepared.failures.append(item)
            continue
        prepared.warnings += item.report.warnings
        prepared.reports.append(item.report if every else without_warnings(item.report))
        if item.left_out:
            prepared.left_out.append(item.report.place)
        if item.parcel is not None:
            if former := parcels.pop(item.parcel.key, None):
                prepared.left_out.append(former.report.place)
            parcels[item.parcel.key] = replace(item.parcel, report=prepared.reports[-1])
    prepared.parcels = list(parcels.values())
    return prepared


def look(
    inputs: Iterable[Document | ClrctlError],
    rulesets: Sequence[str],
    *,
    bodies: Bodies | None = None,
    duplicates: Duplicates = Duplicates.ERROR,
    now: datetime | None = None,
    also: validation.Also | None = None,
) -> Iterator[Looked | ClrctlError]:
    """Check the inputs one by one, as `prepare`.

    An input that repeats an earlier one, content and all, is left out. With `Duplicates.LAST`
    the later of two parcels with one key has to take the place of the earlier one.
    """
    bodies = bodies or Bodies()
    first: dict[Key, tuple[str, bytes]] = {}
    for item in inputs:
        if isinstance(item, ClrctlError):
            yield item
            continue
        report = validation.check(item, rulesets, now=now, also=also)
        key = identity(item.data)
        digest = journal.digest(item.payload) if all(key) else b""
        place, known = first.setdefault(key, (report.place, digest))
        again = all(key) and place != report.place
        if again and (known == digest or duplicates is Duplicates.FIRST) and not report.errors:
            yield Looked(report, left_out=True)
            continue
        if again and duplicates is Duplicates.ERROR:
            report = _with_duplicate(item, report, place)
        if again and duplicates is Duplicates.LAST:
            first[key] = report.place, digest
        yield Looked(report, None if report.errors else _parcel(item, report, key, digest, bodies))


def _parcel(
    document: Document, report: FileReport, key: Key, digest: bytes, bodies: Bodies
) -> Parcel:
    bodies.keep(document)
    data, payload = document.data, document.payload
    sha256 = hashlib.sha256(payload).digest()
    valid_from = data.get("validFrom", "")
    mark = fingerprint.of(data)
    return Parcel(report, key, data["id"], digest, sha256, len(payload), valid_from, mark, bodies)


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


def _with_duplicate(document: Document, report: FileReport, place: str) -> FileReport:
    finding = Finding(
        code="upsert/duplicate",
        severity=Severity.ERROR,
        pointer="/id",
        message=f"{place} is the same credential: issuer id and id are equal",
        fix="leave one of them out, or give it its own id; --on-duplicate takes one of them",
    )
    findings = [*report.findings, *document.locate([finding])]
    findings.sort(key=lambda each: (each.line or 0, each.column or 0))
    return replace(report, findings=tuple(findings))


def without_warnings(report: FileReport) -> FileReport:
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
