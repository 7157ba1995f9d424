"""What `upsert` prints: findings that hold everything up, what would be sent, what became of it.

Two forms, as everywhere: lines for people, one `clrctl.report/1` object for programs. This module
only renders: it decides nothing and sends nothing.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from clrctl.cli.console import Console, error_json
from clrctl.cli.output import plans
from clrctl.cli.output.findings import FindingsSummary
from clrctl.cli.output.findings_json import file_json, report_json
from clrctl.cli.output.findings_text import FindingsText
from clrctl.cli.progress import Progress
from clrctl.errors import ClrctlError
from clrctl.finding import Json, Report
from clrctl.sending import (
    STORED,
    Checked,
    Delivery,
    Endpoint,
    Plan,
    Prepared,
    QueuedCredential,
    UploadOutcome,
)
from clrctl.util import count, safe

_STYLES = {outcome: "green" if outcome in STORED else "bold red" for outcome in UploadOutcome} | {
    UploadOutcome.ALTERED: "yellow",
    UploadOutcome.PENDING: "dim",
}
_MOST_CHANGES = 10
_FEW = 50
_LONG = 5.0


class UploadsText:
    """One line for each credential, then a summary on standard error.

    On a terminal, of many credentials only those are shown that need attention; `-v` shows all.
    """

    def __init__(self, console: Console, endpoint: Endpoint, prepared: Prepared) -> None:
        self._console = console
        self._endpoint = endpoint
        self._prepared = prepared
        self._findings = FindingsText(console)
        self._known = 0
        self._known_by = ""
        self._unfit = 0
        self._is_terse = console.out.isatty() and not console.verbose and len(prepared.queue) > _FEW

    def _only_source(self) -> str:
        """Return the file that there is, quoted for a shell, or a word for each of several."""
        if len(self._prepared.queue) == 1:
            source = next(iter(self._prepared.queue)).report.source
            return shlex.quote(safe(source, limit=None))
        return "FILE"

    def checked(self, *, held_up: bool) -> None:
        """Print the findings that hold the upload up; of warnings otherwise only the number."""
        if held_up:
            for report in self._prepared.reports:
                self._findings.file(report)
        for failure in self._prepared.failures:
            self._console.error(failure)
        warnings = self._prepared.warnings
        shown = sum(len(report.warnings) for report in self._prepared.reports) if held_up else 0
        if warnings > shown:
            rulesets = " ".join(f"--ruleset {name}" for name in self._endpoint.rulesets)
            self._console.say(
                (count(warnings, "warning"), "yellow"),
                f" (see: clrctl validate {rulesets} {self._only_source()})",
            )
        for place in self._prepared.left_out:
            self._console.detail(
                f"left out: {safe(place, limit=None)} (another input is the same credential)"
            )
        if held_up:
            self._console.say(("nothing was sent", "bold red"))

    def known_by(self, day: str, *, checked: bool, wanted: bool) -> None:
        """Learn how it is known what was stored before.

        Args:
            day: of the upload before; may be empty.
            checked: the endpoint was asked, and said that it is there.
            wanted: whether it was to be asked.
        """
        by = f"by the journal of {day}" if day else "by the journal"
        asks = "" if wanted else "--check asks the endpoint, "
        self._known_by = (
            ", and at the endpoint: not sent again (--force sends all)"
            if checked
            else f" {by}, not sent again ({asks}--force sends all)"
        )

    def unfit(self, report: Report) -> None:
        """Print why one input is not sent while the others are."""
        self._unfit += 1
        self._findings.file(report)

    def dry_run(self, planned: Plan, token_source: str) -> None:
        """Show what would be sent, and with whose token."""
        plans.tell(self._console, planned)
        self._console.say(f"dry run: POST {safe(self._endpoint.credentials_url)}")
        self._console.say(f"token: {safe(token_source)}")

    def delivery(self, delivery: Delivery, saved: Path | None) -> None:
        """Print what became of one credential, at once."""
        self._known += delivery.was_known
        is_well = delivery.outcome in STORED and delivery.outcome is not UploadOutcome.ALTERED
        is_well = is_well and not delivery.has_bad_endpoint_proof
        if self._is_terse and is_well:
            return
        self._console.answer(
            (f"{delivery.outcome:<12}", _STYLES[delivery.outcome]),
            (safe(delivery.credential.report.place, limit=None), "bold"),
            f"  {safe(delivery.credential.id)}",
            f"  after {delivery.attempts} attempts" if delivery.attempts > 1 else "",
            f"  -> {safe(saved, limit=None)}" if saved else "",
        )
        if delivery.error is not None:
            self._console.error(delivery.error)
        if delivery.receipt is not None:
            self._changes(delivery)
        self._endpoint_proof(delivery)

    def end(self, progress: Progress, *, ok: bool, error: ClrctlError | None = None) -> None:
        """Add up: every credential is counted once."""
        counts = progress.counts
        parts = [f"{counts[each]:,} {each}" for each in UploadOutcome if counts[each]]
        if self._prepared.left_out:
            parts.append(f"{len(self._prepared.left_out):,} left out")
        if self._unfit:
            parts.append(f"{self._unfit:,} with errors not sent")
        if self._known:
            self._console.say(f"{self._known:,} unchanged{self._known_by}")
        seconds = progress.seconds
        speed = f" in {seconds:.0f} s" if seconds > _LONG else ""
        self._console.say(
            (", ".join(parts) or "nothing to send", "bold green" if ok else "bold red"),
            f" at endpoint {safe(self._endpoint.name)}{speed}",
        )

    def _endpoint_proof(self, delivery: Delivery) -> None:
        proof = delivery.endpoint_proof
        if proof is None or proof.outcome == "valid":
            return
        if delivery.has_bad_endpoint_proof:
            self._console.answer(
                ("  error", "bold red"),
                f": the endpoint's own proof: {safe(proof.message, limit=400)} -> "
                "tell the endpoint's owner; your file is unchanged",
            )
        else:
            message, fix = safe(proof.message, limit=400), safe(proof.fix)
            self._console.detail(f"  the endpoint's own proof: {message} -> {fix}")

    def _changes(self, delivery: Delivery) -> None:
        receipt = delivery.receipt
        changes = [each for each in receipt.changes if each.kind != "added"] if receipt else []
        for change in changes[:_MOST_CHANGES]:
            self._console.answer(
                "  ", (change.kind, "yellow"), f" by the endpoint: {safe(change.pointer)}"
            )
        if len(changes) > _MOST_CHANGES:
            self._console.answer(f"  and {len(changes) - _MOST_CHANGES:,} more (all: --json)")
        if receipt and receipt.breaks_a_proof:
            self._console.answer(
                ("  error", "bold red"),
                ": a signed credential inside is lost or no longer verifies -> "
                "tell the endpoint's owner; your file is unchanged",
            )


class UploadsJson:
    """The report of `validate`, with a receipt for each credential that was sent."""

    def __init__(self, console: Console, endpoint: Endpoint, prepared: Prepared) -> None:
        self._console = console
        self._endpoint = endpoint
        self._prepared = prepared
        self._receipts: dict[tuple[str, int], Json] = {}

    def checked(self, *, held_up: bool) -> None:
        """Write the report when nothing will be sent."""
        if held_up:
            self._console.answer_json(self._whole(ok=False))

    def known_by(self, day: str, *, checked: bool, wanted: bool) -> None:
        """Do nothing: that is for people."""

    def unfit(self, report: Report) -> None:
        """Do nothing: the report of every input is in the object."""

    def dry_run(self, planned: Plan, token_source: str) -> None:
        """Write the report with what would be sent in the place of receipts."""
        whole = plans.as_json(self._prepared, planned)
        whole["endpoint"] = self._where()
        parcels = {parcel.report.key: parcel for parcel in self._prepared.queue}
        for report, file in zip(self._prepared.reports, whole["files"], strict=True):
            if parcel := parcels.get(report.key):
                file["receipt"] = {
                    "outcome": "dry-run",
                    **_sent(parcel),
                    "token": token_source,
                }
        self._console.answer_json(whole)

    def delivery(self, delivery: Delivery, saved: Path | None) -> None:
        """Keep what became of one credential."""
        self._receipts[delivery.credential.report.key] = receipt_json(delivery, saved)

    def end(self, progress: Progress, *, ok: bool, error: ClrctlError | None = None) -> None:
        """Write the report."""
        whole = self._whole(ok=ok)
        if error is not None:
            whole["error"] = error_json(error)
        whole["summary"]["outcomes"] = {
            outcome.value: number for outcome, number in progress.counts.items()
        }
        self._console.answer_json(whole)

    def _whole(self, *, ok: bool) -> dict[str, Json]:
        summary = FindingsSummary()
        for report in self._prepared.reports:
            summary = summary.plus(report)
        files = [
            file_json(report) | {"receipt": self._receipts.get(report.key)}
            for report in self._prepared.reports
        ]
        failures = self._prepared.failures
        whole = report_json(summary.with_unread(len(failures)), files, failures, ok=ok)
        whole["endpoint"] = self._where()
        whole["summary"]["outcomes"] = {}
        return whole

    def _where(self) -> dict[str, str]:
        url = self._endpoint.credentials_url
        return {"name": self._endpoint.name, "method": "POST", "url": url}


Form = UploadsText | UploadsJson


def form(console: Console, endpoint: Endpoint, prepared: Prepared, *, as_json: bool) -> Form:
    """Return the form that was asked for."""
    return (UploadsJson if as_json else UploadsText)(console, endpoint, prepared)


def about_check(checked: Checked, given: int) -> Iterator[str]:
    """Yield what to print of a check that found something wrong.

    Args:
        checked: what came of it.
        given: how many of those that are missing are among the inputs, as far as they are known.
    """
    if not checked.is_whole:
        yield (
            f"the endpoint listed {checked.listed:,} of {count(checked.total or 0, 'credential')}: "
            "what it did not list is taken for missing"
        )
    number = len(checked.missing)
    if not number:
        return
    are = "is" if number == 1 else "are"
    found = f"{count(number, 'credential')} that the journal calls stored {are} not at the endpoint"
    if given == number:
        yield f"{found}: sent again"
    else:
        sent = (
            f"{given:,} of them {'is' if given == 1 else 'are'} sent again"
            if given
            else ("those among the inputs are sent again")
        )
        yield f"{found}: {sent}; clrctl upsert --from-status failed sends the rest"


def receipt_json(delivery: Delivery, saved: Path | None = None) -> dict[str, Json]:
    """Return what became of one credential as the `receipt` member of a report."""
    receipt = delivery.receipt
    changes = receipt.changes if receipt else ()
    return {
        "outcome": delivery.outcome.value,
        **_sent(delivery.credential),
        "status": delivery.status or None,
        "attempts": delivery.attempts,
        "request_id": receipt.request_id if receipt else None,
        "changes": [{"pointer": change.pointer, "kind": change.kind} for change in changes],
        "breaks_a_proof": bool(receipt and receipt.breaks_a_proof),
        "proof": {
            "outcome": delivery.endpoint_proof.outcome.value,
            "message": delivery.endpoint_proof.message,
        }
        if delivery.endpoint_proof
        else None,
        "saved": str(saved) if saved else None,
        "error": error_json(delivery.error) if delivery.error else None,
    }


def _sent(parcel: QueuedCredential) -> dict[str, Json]:
    return {"id": parcel.id, "bytes": parcel.size, "sha256": parcel.sha256.hex()}
