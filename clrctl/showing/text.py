"""A transcript laid out for people: a terminal of any width, or a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo

from clrctl.showing import relations
from clrctl.showing.facts import (
    AwardFacts,
    Identity,
    LinkFacts,
    Party,
    Period,
    ProofFacts,
    Result,
    TranscriptFacts,
)
from clrctl.showing.layout import GAP, Line, columns, shown, width_of, wrapped
from clrctl.standard import instant
from clrctl.util import count

_LABEL = 11
_INDENT = "    "
_UNDER = " " * 16
_NONE = "—"
_STYLES = {"Failed": "red", "Withdrew": "yellow"}
_CREDITS = 4
_LONG = 2000


@dataclass(frozen=True, slots=True)
class TextOptions:
    """How a transcript is laid out.

    Attributes:
        zone: the zone that days are told in.
        zone_name: what people call it.
        width: columns of the terminal; None for a pipe, where nothing is wrapped.
        verbose: ids, criteria, alignments and evidence are told too.
    """

    zone: tzinfo
    zone_name: str
    width: int | None = None
    verbose: bool = False


def lines(
    transcript: TranscriptFacts, options: TextOptions, notes: list[tuple[str, str]]
) -> Iterator[Line]:
    """Yield the lines of a transcript.

    Args:
        transcript: what is shown.
        options: how.
        notes: further facts, each with its label, such as the file or that it is invalid.
    """
    yield from _Layout(transcript, options).all(notes)


class _Layout:
    def __init__(self, transcript: TranscriptFacts, options: TextOptions) -> None:
        self._it = transcript
        self._options = options
        self._alone = transcript.kind != "CLR"

    def all(self, notes: list[tuple[str, str]]) -> Iterator[Line]:
        it = self._it
        yield [(shown(it.name) or "(without a name)", "bold")]
        for label, text in [*self._facts(), *notes]:
            yield from self._labelled(label, text)
        groups: dict[str, list[AwardFacts]] = {}
        for award in it.awards:
            groups.setdefault(award.kind, []).append(award)
        for kind, awards in groups.items():
            yield []
            yield ["  ", (shown(kind), "bold")]
            yield from self._group(awards)
        if not self._alone:
            yield []
            yield [f"  {self._totals()}"]
            yield from self._relations()

    def _labelled(self, label: str, text: str) -> Iterator[Line]:
        first = f"  {label:<{_LABEL}}"
        rest = " " * len(first)
        limit = _LONG if self._options.verbose else 300
        for line in wrapped(shown(text, limit=limit), self._options.width, first=first, rest=rest):
            yield [(line[: len(first)], "dim"), line[len(first) :]]

    def _facts(self) -> Iterator[tuple[str, str]]:
        it, verbose = self._it, self._options.verbose
        yield "learner", it.learner.name or it.learner.id or "not named"
        for identity in it.learner.identities:
            yield "", _identity(identity)
        if it.learner.name and it.learner.id and verbose:
            yield "", it.learner.id
        yield "issuer", _party(it.issuer)
        yield "issued", self._dates(it.period)
        if it.partial is not None:
            yield "partial", _PARTIAL[it.partial]
        yield "id", it.id or _NONE
        if verbose and it.description:
            yield "about", it.description
        for proof in it.proofs:
            yield "proof", self._proof(proof)
        if not it.proofs:
            yield "proof", "none: it is not signed"
        can = ", ".join(it.revocable)
        yield "status", f"has a list for {can}; not asked here" if can else "no status list"
        if it.endorsed_by:
            yield "endorsed", "by " + ", ".join(map(_party, it.endorsed_by))

    def _dates(self, period: Period) -> str:
        begins = self._day(period.valid_from)
        issued = self._day(period.awarded) if period.awarded else begins
        ends = self._day(period.valid_until) + ("  EXPIRED" if period.expired else "")
        begins += "  NOT YET VALID" if period.future else ""
        zone = self._options.zone_name
        return f"{issued}, valid from {begins}, until {ends} (days in {zone})"

    def _day(self, text: str) -> str:
        """Return the day of a moment; what is none as it is written."""
        moment = instant(text)
        if moment is None:
            return text or _NONE
        try:
            return f"{moment.astimezone(self._options.zone):%Y-%m-%d}"
        except OverflowError:
            return text

    def _proof(self, proof: ProofFacts) -> str:
        parts = [proof.kind or "of an unknown kind"]
        parts += [f"key {proof.key}"] if proof.key else []
        parts += [f"made {self._day(proof.created)}"] if proof.created else []
        return ", ".join(parts) + " (clrctl verify checks it)"

    def _totals(self) -> str:
        it = self._it
        parts = [count(len(it.awards), "award")]
        if it.credits:
            parts.append(f"{it.credits} credits earned")
        if it.attempted and it.attempted != it.credits:
            parts.append(f"{it.attempted} attempted")
        parts.append(count(len(it.achievements), "achievement"))
        parts.append(count(len(it.relations), "association"))
        return ", ".join(parts)

    def _group(self, awards: list[AwardFacts]) -> Iterator[Line]:
        rows = [self._cells(award) for award in awards]
        told = [_INDENT + line for line in columns(rows, frozenset({_CREDITS}))]
        width = self._options.width
        fits = width is None or all(width_of(line) <= width for line in told)
        for award, row, line in zip(awards, rows, told, strict=True):
            for one in [line] if fits else _stacked(row, width):
                yield _marked(one, award)
            if self._options.verbose:
                yield from self._details(award)

    def _cells(self, award: AwardFacts) -> list[str]:
        period = award.period
        credits = award.credits
        if award.offered and credits and award.offered != credits:
            credits += f" of {award.offered}"
        results = ", ".join(map(self._result, award.results))
        flags = GAP.join(f"·{shown(flag)}" for flag in self._flags(award))
        cells = [award.term, award.code, award.name, credits, results]
        day = self._day(period.awarded or period.valid_from)
        return [shown(day), *map(shown, cells), flags]

    def _result(self, result: Result) -> str:
        value = result.value
        if result.scale and (self._options.verbose or result.scale.startswith("level")):
            value += f" ({result.scale})" if value else result.scale
        if not value:
            return f"{result.name} {result.status}".strip()
        hidden = result.status in ("", "Completed")
        return f"{result.name} {value}" + ("" if hidden else f" ({result.status})")

    def _flags(self, award: AwardFacts) -> Iterator[str]:
        if award.period.expired and not self._alone:
            yield f"expired {self._day(award.period.valid_until)}"
        elif award.period.valid_until and not self._alone:
            yield f"until {self._day(award.period.valid_until)}"
        if award.period.future and not self._alone:
            yield "not yet valid"
        if award.issuer:
            yield f"by {award.issuer.name or award.issuer.id}"
        if award.source:
            yield f"from {award.source.name or award.source.id}"
        if award.unearned and award.credits.strip("0."):
            yield "credits not counted"
        if not award.proofs and not self._alone:
            yield "unsigned"

    def _details(self, award: AwardFacts) -> Iterator[Line]:
        begins, ends = map(self._day, award.activity)
        facts = [
            ("role", award.role),
            ("license", award.license),
            ("activity", f"{begins} to {ends}" if any(award.activity) else ""),
            ("about", award.description),
            ("criteria", award.criteria),
            ("narrative", award.narrative),
            ("field", award.field_of_study),
            ("tags", ", ".join(award.tags)),
            *(("alignment", _link(one)) for one in award.alignments),
            *(("evidence", _link(one)) for one in award.evidence),
            *(("endorsed", f"by {_party(one)}") for one in award.endorsed_by),
            *(("proof", self._proof(one)) for one in award.proofs if not self._alone),
            ("credential", "" if self._alone else award.id),
            ("achievement", award.achievement),
        ]
        for label, text in facts:
            if text:
                first = f"{_INDENT}  {label:<{_LABEL + 1}}"
                for line in wrapped(
                    shown(text, limit=_LONG),
                    self._options.width,
                    first=first,
                    rest=" " * len(first),
                ):
                    yield [(line[: len(first)], "dim"), line[len(first) :]]

    def _relations(self) -> Iterator[Line]:
        it = self._it
        branches, others = relations.tree(it)
        roles = {branch.role for branch in branches if branch.role}
        alike = len(roles) == 1
        if alike:
            yield []
            yield [f"  each is a {roles.pop()} of the one it is listed under"]
        elif branches:
            yield []
        for branch in branches:
            yield self._branch(branch, alike=alike)
        if others:
            yield []
        for one in others:
            source, target = (
                shown(it.achievements.get(end, end)) for end in (one.source, one.target)
            )
            yield [f"{_INDENT}{source}  —{shown(one.type)}→  {target}"]

    def _branch(self, branch: relations.Branch, *, alike: bool) -> Line:
        name = shown(self._it.achievements.get(branch.id, branch.id))
        notes = [] if alike or not branch.role else [branch.role]
        if branch.id not in self._it.awarded:
            notes.append("not awarded" if branch.id in self._it.achievements else "not in this CLR")
        if branch.again:
            notes.append("its parts see above")
        told = f"  ({', '.join(notes)})" if notes else ""
        return [_INDENT, branch.stem, name, (told, "dim")]


_PARTIAL = {
    True: "yes: the issuer knows more than is written here",
    False: "no: the issuer says that this is all it knows",
}


def _identity(identity: Identity) -> str:
    kind = identity.kind or "identifier"
    if identity.hashed:
        return f"{kind}: hashed, {'salted' if identity.salted else 'without salt'}"
    return f"{kind}: {identity.value}"


def _party(party: Party) -> str:
    if not party.name:
        return party.id or "not named"
    return f"{party.name}  <{party.id}>" if party.id else party.name


def _link(link: LinkFacts) -> str:
    named = GAP.join(filter(None, [link.name, f"<{link.url}>" if link.url else "", link.detail]))
    return named or _NONE


def _stacked(row: list[str], width: int | None) -> Iterator[str]:
    """Yield an award in lines that fit: what it is, and below it what was reached."""
    day, *what, credits, results, flags = row
    what += [f"credits {credits}"] if credits else []
    head = GAP.join(filter(None, what))
    first = f"{_INDENT}{day:<10}{GAP}"
    yield from wrapped(head, width, first=first, rest=_UNDER)
    if tail := GAP.join(filter(None, [results, flags])):
        yield from wrapped(tail, width, first=_UNDER, rest=_UNDER)


def _marked(line: str, award: AwardFacts) -> Line:
    style = next((_STYLES[one.status] for one in award.results if one.status in _STYLES), "")
    return [(line, style)] if style else [line]
