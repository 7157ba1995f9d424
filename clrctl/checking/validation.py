"""Validation: a parsed document in, findings out.

Two tiers: jsonschema-rs gives the verdict; only a document that it refuses goes to jsonschema,
which is some hundred times slower, for its findings. Then the rules look at what no schema can
say. Nothing here prints, reads the environment, knows the time or opens sockets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from clrctl.checking import explain, recognise, rules
from clrctl.checking.policy import AS_IS, Policy
from clrctl.document import Document
from clrctl.finding import Finding, Json, Report, Severity, pointer
from clrctl.standard import classes, schemas

STANDARD = "standard"

Also: TypeAlias = Callable[[Document, Sequence[Finding]], Iterable[Finding]]
"""Finds more in a document, given what was found before."""


def check(
    document: Document,
    rulesets: Sequence[str] = (STANDARD,),
    *,
    policy: Policy = AS_IS,
    now: datetime | None = None,
    also: Also | None = None,
    placed: bool = True,
) -> Report:
    """Hold a document to the schema of its class and to the rules.

    Args:
        document: what was read; its parse faults are its findings, and so is what it is when it
            is no credential.
        rulesets: `standard` (CLR 2.0), `timeback` (what that endpoint takes), or both.
        policy: what is ignored or counts differently; parse faults are always errors.
        now: the moment that counts as today; None leaves out the rules that look at it.
        also: looks at the document too, and is told what was found before.
        placed: find the places of the findings in the text, which may take longer than to find
            them; without, they have neither line nor order.

    Returns:
        The report of this document, its findings placed and in the order of the text.
    """
    if faults := _unfit(document):
        return Report(document.source, findings=faults, first_line=document.first_line)
    entry, reason = schemas.select(document.data)
    found = check_data(document.data, rulesets, policy=policy, now=now)
    if also is not None:
        found += filter(None, map(policy.judge, also(document, found)))
    if placed and found:
        found = in_order(document.locate(found))
    return Report(document.source, entry.id, reason, tuple(found), document.first_line)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return placed findings in the order of the text."""
    return sorted(findings, key=lambda finding: (finding.line or 0, finding.column or 0))


def _unfit(document: Document) -> tuple[Finding, ...]:
    """Return why a document cannot be checked at all: it is something else, or unreadable."""
    strange = recognise.of_bytes(document.raw)
    if strange is None and not document.faults:
        strange = recognise.of_data(document.data)
    return tuple(document.locate([recognise.as_finding(strange)])) if strange else document.faults


def check_data(
    data: Json,
    rulesets: Sequence[str] = (STANDARD,),
    *,
    policy: Policy = AS_IS,
    now: datetime | None = None,
) -> list[Finding]:
    """Return the findings of a parsed document, not yet placed; each once."""
    if strange := recognise.of_data(data):
        return [recognise.as_finding(strange)]
    found: list[Finding] = []
    told: dict[str, Finding] = {}
    grown = classes.grow(data, schemas.select(data)[0].types[0], now=now)
    for ruleset in rulesets:
        entry, _ = schemas.select(data, ruleset)
        found += filter(None, map(policy.judge, schema_findings(data, entry.file)))
        for raw, instead_of in rules.check(grown, ruleset, policy.ignores):
            finding = policy.judge(raw)
            if finding is None:
                continue
            found.append(finding)
            if instead_of is not None and finding.severity is Severity.ERROR:
                told.setdefault(pointer(instead_of), finding)
    return _distinct(finding for finding in found if not _told(finding, told))


def schema_findings(data: Json, file: str) -> list[Finding]:
    """Return what a bundled schema, by its place in the folder, finds in data."""
    fast = schemas.fast_validator(file)
    if fast.is_valid(data):
        return []
    found = [
        finding
        for error in schemas.explaining_validator(file).iter_errors(data)
        for finding in explain.findings(error)
    ]
    return found or [explain.refused(error) for error in fast.iter_errors(data)]


def _told(finding: Finding, told: Mapping[str, Finding]) -> bool:
    """Return whether another finding says all there is to say about this one's place.

    Where several speak for a place, the one with the widest scope does, of equals the first.
    """
    path = finding.pointer
    ends = [0, *(at for at, char in enumerate(path) if char == "/" and at), len(path)]
    better = next((told[path[:end]] for end in ends if path[:end] in told), finding)
    return better is not finding


def _distinct(findings: Iterable[Finding]) -> list[Finding]:
    """Drop what two rulesets both say of one place."""
    return list({(f.code, f.pointer, f.message): f for f in findings}.values())
