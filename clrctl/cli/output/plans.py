"""The answer of `plan` in its forms: lines for people, and a report for programs.

This module only renders: it decides nothing.
"""

from __future__ import annotations

from clrctl.cli.console import Console
from clrctl.cli.output.findings import FindingsSummary
from clrctl.cli.output.findings_json import file_json, finding_json, report_json
from clrctl.cli.output.findings_text import FindingsText
from clrctl.finding import Finding, Json
from clrctl.sending import Plan, PlanState, PlanStep, Prepared
from clrctl.util import count, safe

_STYLES = {
    PlanState.NEW: "green",
    PlanState.CHANGED: "yellow",
    PlanState.UNCHANGED: "dim",
    PlanState.IN_DOUBT: "bold red",
}
_MOST_POINTERS = 5


def tell(console: Console, plan: Plan) -> None:
    """Write a line for each credential, and the sum to standard error."""
    for step in plan.steps:
        _line(console, step)
    endpoint = f"endpoint {safe(plan.endpoint.name)}"
    if not plan.known:
        console.say(f"{safe(plan.endpoint.nothing_sent)}: everything is new")
    counts = plan.counts
    sums = ", ".join(f"{counts[state]:,} {state}" for state in PlanState if counts[state])
    sending = f"{count(plan.to_send, 'credential')} would be sent to {endpoint}"
    console.say((f"{sums}; {sending}" if sums else sending, "bold"))


def held_up(console: Console, prepared: Prepared) -> None:
    """Print the errors for which nothing would be sent."""
    findings = FindingsText(console)
    for report in prepared.reports:
        findings.file(report)
    for failure in prepared.failures:
        console.error(failure)
    console.say(("nothing would be sent while these are there", "bold red"))


def as_json(prepared: Prepared, plan: Plan | None) -> dict[str, Json]:
    """Return a `clrctl.report/1` object: the report of `validate`, and a `plan` for each file.

    Args:
        prepared: the checked inputs.
        plan: None where nothing would be sent at all, because of errors.
    """
    summary = FindingsSummary()
    for report in prepared.reports:
        summary = summary.plus(report)
    summary = summary.with_unread(len(prepared.failures))
    steps = {step.report.key: _step_json(step) for step in plan.steps} if plan else {}
    files = [file_json(report) | {"plan": steps.get(report.key)} for report in prepared.reports]
    whole = report_json(summary, files, prepared.failures, ok=plan is not None)
    if plan is not None:
        whole["endpoint"] = {"name": plan.endpoint.name, "url": plan.endpoint.credentials_url}
        whole["summary"]["plan"] = {state.value: plan.counts[state] for state in PlanState}
    return whole


def _line(console: Console, step: PlanStep) -> None:
    console.answer(
        (f"{step.state:<11}", _STYLES[step.state]),
        (safe(step.report.place, limit=None), "bold"),
        f"  {safe(step.id)}",
    )
    every = console.verbose > 0
    shown = step.pointers if every else step.pointers[:_MOST_POINTERS]
    for pointer in shown:
        console.answer("  ", ("differs", "yellow"), f": {safe(pointer) or 'not known where'}")
    if len(shown) < len(step.pointers):
        console.answer(f"  and {len(step.pointers) - len(shown):,} more (-v shows all)")
    if step.detail:
        console.answer(f"  {safe(step.detail)}")
    if step.warning:
        _warning(console, step.warning)


def _warning(console: Console, found: Finding) -> None:
    told = f" {found.code} {found.pointer} {safe(found.message)} -> {found.fix}"
    console.answer("  ", (found.severity.value, "yellow"), told)


def _step_json(step: PlanStep) -> dict[str, Json]:
    return {
        "id": step.id,
        "state": step.state.value,
        "pointers": list(step.pointers),
        "detail": step.detail,
        "warning": finding_json(step.warning) if step.warning else None,
    }
