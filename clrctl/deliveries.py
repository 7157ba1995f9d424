"""What `upsert` tells: findings that hold everything up, what would be sent, what became of it.

Two forms, as everywhere: lines for people, one `clrctl.report/1` object for programs. This module
only renders: it decides nothing and sends nothing.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from clrctl import report as reports
from clrctl.client import STORED, Outcome, Receipt
from clrctl.console import Console, error_json, safe
from clrctl.endpoint import Endpoint
from clrctl.errors import ClrctlError
from clrctl.finding import Json
from clrctl.publish import Delivery, Parcel, Prepared
from clrctl.words import count

_STYLES = {outcome: "green" if outcome in STORED else "bold red" for outcome in Outcome} | {
    Outcome.ALTERED: "yellow",
    Outcome.PENDING: "dim",
}
_MOST_CHANGES = 10


class Text:
    """One line for each credential, then a summary on standard error."""

    def __init__(self, console: Console, endpoint: Endpoint, prepared: Prepared) -> None:
        self._console = console
        self._endpoint = endpoint
        self._prepared = prepared
        self._counts: Counter[Outcome] = Counter()

    def checked(self, *, held_up: bool) -> None:
        """Tell the findings that hold the upload up; of warnings otherwise only the number."""
        show_all = reports.Text(self._console)
        warnings = 0
        for report in self._prepared.reports:
            if held_up:
                show_all.file(report)
            warnings += report.warnings
        for failure in self._prepared.failures:
            self._console.error(failure)
        if held_up:
            self._console.say(("nothing was sent", "bold red"))
        elif warnings:
            rulesets = " ".join(f"--ruleset {name}" for name in self._endpoint.rulesets)
            self._console.say(
                (count(warnings, "warning"), "yellow"),
                f" (see: clrctl validate {rulesets} FILE)",
            )

    def dry_run(self, token_source: str) -> None:
        """Show what would be sent, and with whose token."""
        url = safe(self._endpoint.credentials_url)
        for parcel in self._prepared.parcels:
            self._console.answer(
                "would send  ",
                (safe(parcel.report.place, limit=None), "bold"),
                f"  {safe(parcel.id)}  {len(parcel.body):,} bytes  sha256:{parcel.digest}",
            )
        number = count(len(self._prepared.parcels), "credential")
        self._console.say(f"dry run: {number} to POST {url} (endpoint {self._name()})")
        self._console.say(f"token: {safe(token_source)}")

    def delivery(self, delivery: Delivery, saved: Path | None) -> None:
        """Tell what became of one credential, at once."""
        self._counts[delivery.outcome] += 1
        self._console.answer(
            (f"{delivery.outcome:<12}", _STYLES[delivery.outcome]),
            (safe(delivery.parcel.report.place, limit=None), "bold"),
            f"  {safe(delivery.parcel.id)}",
            f"  -> {safe(saved, limit=None)}" if saved else "",
        )
        if delivery.error is not None:
            self._console.error(delivery.error)
        if delivery.receipt is not None:
            self._changes(delivery.receipt)
        self._console.flush()

    def end(self, *, ok: bool, error: ClrctlError | None = None) -> None:
        """Add up: every credential is counted once."""
        parts = [f"{self._counts[each]:,} {each}" for each in Outcome if self._counts[each]]
        self._console.say(
            (", ".join(parts), "bold green" if ok else "bold red"), f" at endpoint {self._name()}"
        )

    def _changes(self, receipt: Receipt) -> None:
        changes = [change for change in receipt.changes if change.kind != "added"]
        for change in changes[:_MOST_CHANGES]:
            self._console.answer(
                "  ", (change.kind, "yellow"), f" by the endpoint: {safe(change.pointer)}"
            )
        if len(changes) > _MOST_CHANGES:
            self._console.answer(f"  and {len(changes) - _MOST_CHANGES:,} more (all: --json)")
        if receipt.breaks_a_proof:
            self._console.answer(
                ("  error", "bold red"),
                ": a signed credential inside is lost or no longer verifies -> "
                "tell the endpoint's owner; your file is unchanged",
            )

    def _name(self) -> str:
        return safe(self._endpoint.name)


class JsonObject:
    """The report of `validate`, with a receipt for each credential that was sent."""

    def __init__(self, console: Console, endpoint: Endpoint, prepared: Prepared) -> None:
        self._console = console
        self._endpoint = endpoint
        self._prepared = prepared
        self._receipts: dict[tuple[str, int], Json] = {}

    def checked(self, *, held_up: bool) -> None:
        """Write the report when nothing will be sent."""
        if held_up:
            self._write(ok=False)

    def dry_run(self, token_source: str) -> None:
        """Write the report with what would be sent in the place of receipts."""
        for parcel in self._prepared.parcels:
            self._receipts[parcel.report.key] = {
                "outcome": "dry-run",
                **_sent(parcel),
                "token": token_source,
            }
        self._write(ok=True)

    def delivery(self, delivery: Delivery, saved: Path | None) -> None:
        """Keep what became of one credential."""
        receipt = delivery.receipt
        changes = receipt.changes if receipt else ()
        self._receipts[delivery.parcel.report.key] = {
            "outcome": delivery.outcome.value,
            **_sent(delivery.parcel),
            "status": receipt.status if receipt else None,
            "request_id": receipt.request_id if receipt else None,
            "changes": [{"pointer": change.pointer, "kind": change.kind} for change in changes],
            "breaks_a_proof": bool(receipt and receipt.breaks_a_proof),
            "saved": str(saved) if saved else None,
            "error": error_json(delivery.error) if delivery.error else None,
        }

    def end(self, *, ok: bool, error: ClrctlError | None) -> None:
        """Write the report."""
        self._write(ok=ok, error=error)

    def _write(self, *, ok: bool, error: ClrctlError | None = None) -> None:
        files = [
            reports.file_json(report) | {"receipt": self._receipts.get(report.key)}
            for report in self._prepared.reports
        ]
        failures = self._prepared.failures
        whole = reports.report_json(_summary(self._prepared), files, failures, ok=ok)
        if error is not None:
            whole["error"] = error_json(error)
        whole["endpoint"] = {
            "name": self._endpoint.name,
            "method": "POST",
            "url": self._endpoint.credentials_url,
        }
        outcomes = Counter(receipt["outcome"] for receipt in self._receipts.values())
        whole["summary"]["outcomes"] = dict(outcomes)
        self._console.answer_json(whole)


Form = Text | JsonObject


def form(console: Console, endpoint: Endpoint, prepared: Prepared, *, as_json: bool) -> Form:
    """Return the form that was asked for."""
    return (JsonObject if as_json else Text)(console, endpoint, prepared)


def _sent(parcel: Parcel) -> dict[str, Json]:
    return {"id": parcel.id, "bytes": len(parcel.body), "sha256": parcel.digest}


def _summary(prepared: Prepared) -> reports.Summary:
    summary = reports.Summary()
    for report in prepared.reports:
        summary = summary.plus(report)
    return summary.with_unread(len(prepared.failures))
