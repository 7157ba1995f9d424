"""Deciding about each credential: what goes in as it is, what does not, and what to do then."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from clrctl.building.model import Place, Record, RelatedResource, Wrapped
from clrctl.building.wrap import candidates, fitting, reasons, renewing
from clrctl.building.wrap.candidates import Candidate
from clrctl.building.wrap.learner import Known
from clrctl.building.wrap.reasons import No, WrapOutcome
from clrctl.document import Carried, canonical, parse
from clrctl.errors import InputError
from clrctl.standard import instant
from clrctl.verifying import Aspect, Check
from clrctl.verifying import Outcome as Checked

if TYPE_CHECKING:
    from clrctl.verifying import Verifier


@dataclass(frozen=True, slots=True)
class Terms:
    """What the user agrees to beyond the usual, and what counts as now.

    Attributes:
        now: the moment that counts as today.
        allow_unsigned: unsigned credentials of other issuers go in too.
        unwrap_tokens: what a JWT says goes in, without its signature.
        renew: what a credential of VC Data Model 1.1 says goes in, without its signature.
        subject_differs: credentials about others go in too.
        drop_expired: what has expired stays out.
        arrays: lone values of sets become lists, where every proof survives that.
        flatten: of a CLR its credentials go in.
        rulesets: what the record is held to beside the standard.
    """

    now: datetime
    allow_unsigned: bool = False
    unwrap_tokens: bool = False
    renew: bool = False
    subject_differs: bool = False
    drop_expired: bool = False
    arrays: bool = False
    flatten: bool = False
    rulesets: tuple[str, ...] = ("timeback",)


@dataclass(frozen=True, slots=True)
class Original:
    """A signed credential that a record holds in another form.

    Attributes:
        contents: the token, or the JSON.
        suffix: of a file for it.
        media_type: what it is.
    """

    contents: bytes
    suffix: str
    media_type: str

    @classmethod
    def of(cls, candidate: Candidate) -> Original:
        """Return the original of what a token or an older credential says."""
        if candidate.token:
            return cls(candidate.token.encode(), ".jwt", "application/vc+jwt")
        return cls(candidate.text.encode(), ".json", "application/ld+json")

    @property
    def digest(self) -> str:
        """Its digest as Subresource Integrity writes it."""
        return "sha384-" + b64encode(hashlib.sha384(self.contents).digest()).decode()


@dataclass(frozen=True, slots=True)
class Judged:
    """What was decided about one credential.

    Attributes:
        place: where it came from.
        within: its JSON Pointer in a CLR that was taken apart; else empty.
        outcome: whether it goes in.
        why: why not; empty where it does.
        fix: what its owner can do about it.
        notes: what to know of one that goes in.
        name: what it is called.
        issuer: who issued it, by name.
        id: its id.
        unread: it is a file that cannot be read.
        wrapped: what goes into the record.
        original: what it was made of, where its signature could not go in; to be kept beside the
            record.
    """

    place: Place
    outcome: WrapOutcome
    why: str = ""
    fix: str = ""
    within: str = ""
    notes: tuple[str, ...] = ()
    name: str = ""
    issuer: str = ""
    id: str = ""
    unread: bool = False
    wrapped: Wrapped | None = field(default=None, repr=False)
    original: Original | None = field(default=None, repr=False)


def goes_in(judged: Iterable[Judged]) -> list[Wrapped]:
    """Return what goes into the record."""
    return [one.wrapped for one in judged if one.wrapped is not None]


def judge(
    inputs: Iterable[Carried | InputError],
    record: Record,
    known: Known,
    terms: Terms,
    verifier: Verifier | None = None,
) -> list[Judged]:
    """Decide about every credential of the inputs, in their order.

    Args:
        inputs: what was read, and what could not be.
        record: the record they are to go into.
        known: what its learner is known by.
        terms: what the user agrees to.
        verifier: what checks their proofs; None: they are not checked.
    """
    return list(_Judge(record, known, terms, verifier).all(inputs))


class _Judge:
    def __init__(
        self, record: Record, known: Known, terms: Terms, verifier: Verifier | None
    ) -> None:
        self._issuer = record.frame.issuer.id
        self._has_id = bool(record.learner.id)
        self._known = known
        self._terms = terms
        self._verifier = verifier
        self._taken: dict[tuple[str, str], tuple[int, Candidate]] = {}
        self._ids: dict[str, Place] = {}
        self._mirrored: set[str] = set()

    def all(self, inputs: Iterable[Carried | InputError]) -> list[Judged]:
        judged: list[Judged] = []
        for one in inputs:
            if isinstance(one, InputError):
                why = f"{one.what}: {one.why}" if one.why else one.what
                place = Place(one.where)
                judged.append(Judged(place, WrapOutcome.REFUSED, why, one.fix, unread=True))
                continue
            for candidate in self._apart(candidates.of(one)):
                judged.append(self._one(candidate))
                self._settle(candidate, judged)
        return [self._last_look(one) for one in judged]

    def _apart(self, candidate: Candidate) -> Iterator[Candidate]:
        is_clr = not candidate.document.faults and "ClrCredential" in candidate.types
        if self._terms.flatten and is_clr and not reasons.is_old(candidate):
            yield from candidates.apart(candidate)
        else:
            yield candidate

    def _one(self, candidate: Candidate) -> Judged:
        checks: tuple[Callable[[Candidate], No | None], ...] = (
            reasons.unreadable,
            reasons.something_else,
            self._old,
            reasons.other_class,
            self._signed_as_token,
            self._unsigned,
            self._somebody_else,
            self._expired,
            self._broken,
        )
        no = next(filter(None, (check(candidate) for check in checks)), None)
        judged = Judged(
            candidate.place,
            WrapOutcome.WRAPPED,
            within=candidate.within,
            name=candidate.name,
            issuer=candidate.issuer_name,
            id=candidate.text_of("id"),
        )
        if no is not None:
            return replace(judged, outcome=no.outcome, why=no.why, fix=no.fix)
        is_old = reasons.is_old(candidate)
        given = renewing.renewed(candidate) if is_old else candidate
        fitted, notes, no = self._fitted(given)
        if no is not None:
            return replace(judged, outcome=no.outcome, why=no.why, fix=no.fix)
        original = Original.of(candidate) if is_old or candidate.token else None
        return replace(
            judged,
            notes=(*notes, *self._notes(candidate, fitted)),
            wrapped=_wrapped(fitted, original, judged.id),
            original=original,
        )

    def _old(self, candidate: Candidate) -> No | None:
        return None if self._terms.renew else reasons.old(candidate)

    def _signed_as_token(self, candidate: Candidate) -> No | None:
        if not candidate.token:
            return None
        if not self._terms.unwrap_tokens:
            return No(
                "signed as a token (JWT); a CLR holds JSON",
                "ask its issuer for a signed JSON, or --jwt unwrap takes it in, unsigned",
            )
        if differing := reasons.differing_claims(candidate):
            return No(
                f"the token and the credential in it disagree on {', '.join(differing)}",
                "ask its issuer for a good one",
            )
        return None

    def _unsigned(self, candidate: Candidate) -> No | None:
        if candidate.proofs or candidate.token or self._terms.allow_unsigned:
            return None
        if candidate.issuer_id == self._issuer:
            return None
        return No(
            "not signed, so nothing shows that its issuer said this",
            "ask its issuer for a signed one, or vouch for it with --allow-unsigned",
        )

    def _somebody_else(self, candidate: Candidate) -> No | None:
        if self._terms.subject_differs or self._known.is_about(candidate.subject):
            return None
        subject = candidate.subject.get("id")
        if isinstance(subject, str):
            fix = (
                f"if that is the learner too, add --same-person {subject}"
                if self._has_id
                else f"if that is the learner, write it into the recipe: learner: id: {subject}"
            )
            return No(f"about another subject {subject}", fix)
        return No(
            "about a subject that none of the learner's identifiers matches",
            "give the learner's email or identifiers in the recipe, or add --subject-differs",
        )

    def _expired(self, candidate: Candidate) -> No | None:
        until = self._terms.drop_expired and reasons.expired_on(candidate, self._terms.now)
        return No(f"expired on {until}", outcome=WrapOutcome.SKIPPED) if until else None

    def _broken(self, candidate: Candidate) -> No | None:
        for check in self._checks(candidate):
            if check.outcome is Checked.INVALID:
                return No(
                    f"its signature does not hold: {check.message}",
                    "take the file again as its issuer gave it; clrctl verify explains more",
                )
        return None

    def _checks(self, candidate: Candidate) -> list[Check]:
        """Return what its proofs are worth, as far as that can be told without asking anybody."""
        if self._verifier is None:
            return []
        if not candidate.token:
            return self._verifier.own_proofs(candidate.data)
        verdict = self._verifier.verify(candidate.document, token=candidate.token)
        return [one for one in verdict.credentials[0].checks if one.aspect is Aspect.PROOF]

    def _fitted(self, candidate: Candidate) -> tuple[Candidate, tuple[str, ...], No | None]:
        """Return the candidate as it can go in, or why it cannot."""
        no = self._unfit(candidate)
        if no is None or not self._terms.arrays:
            return candidate, (), no
        listed = fitting.with_lists(candidate)
        no = self._unfit(listed)
        if no is not None:
            return candidate, (), no
        return listed, ("lone values were made lists, which its proof does not notice",), None

    def _unfit(self, candidate: Candidate) -> No | None:
        for ruleset in (fitting.STANDARD, *self._terms.rulesets):
            if errors := fitting.errors(candidate, ruleset):
                tried = self._terms.arrays
                return reasons.invalid(errors, ruleset, arrays=not tried)
        return None

    def _notes(self, candidate: Candidate, fitted: Candidate) -> Iterator[str]:
        if reasons.is_old(candidate):
            yield "rewritten for VC Data Model 2.0, unsigned: the original is kept beside it"
        elif candidate.token:
            yield "its signature is not in the record: the token is kept beside it"
        elif not candidate.proofs:
            yield "not signed"
        for check in self._checks(candidate):
            if check.outcome is Checked.UNDECIDED:
                yield f"signed, but not verified: {check.message}"
        if fitted.has_own_terms:
            yield "its achievement is not listed in the record too: it has terms of its own"
        if until := reasons.expired_on(candidate, self._terms.now):
            yield f"expired on {until}"
        if self._terms.subject_differs and not self._known.is_about(candidate.subject):
            yield f"about another subject {candidate.subject.get('id', '')}".rstrip()

    def _settle(self, candidate: Candidate, judged: list[Judged]) -> None:
        """Keep one of two issues of a credential: the newer, by `validFrom`."""
        newest = judged[-1]
        if newest.outcome is not WrapOutcome.WRAPPED:
            return
        key = candidate.issuer_id, candidate.text_of("id")
        index, first = self._taken.setdefault(key, (len(judged) - 1, candidate))
        if first is candidate:
            return
        signed = _keeps_its_proof(candidate, newest)
        if signed != _keeps_its_proof(first, judged[index]):
            self._settle_signed(candidate, judged, index, newest_is_signed=signed)
            return
        if canonical.encode(first.data) == canonical.encode(candidate.data):
            judged[-1] = _out(newest, WrapOutcome.SKIPPED, f"the same as {first.place}")
            return
        mine, theirs = (instant(one.text_of("validFrom")) for one in (candidate, first))
        if mine is None or theirs is None or mine == theirs:
            judged[-1] = _out(
                newest,
                WrapOutcome.REFUSED,
                f"the same credential as {first.place}, with other content",
                "of one issue there cannot be two versions: keep the right file",
            )
        elif mine < theirs:
            judged[-1] = _out(newest, WrapOutcome.SKIPPED, f"{first.place} is a newer issue of it")
        else:
            why = f"{candidate.place} is a newer issue of it"
            judged[index] = _out(judged[index], WrapOutcome.SKIPPED, why)
            self._taken[key] = len(judged) - 1, candidate

    def _settle_signed(
        self, candidate: Candidate, judged: list[Judged], index: int, *, newest_is_signed: bool
    ) -> None:
        """Keep of two the one that goes in with its signature."""
        if not newest_is_signed:
            signed = judged[index].place
            judged[-1] = _out(
                judged[-1], WrapOutcome.SKIPPED, f"{signed} has it with its signature"
            )
            return
        why = f"{candidate.place} has it with its signature"
        judged[index] = _out(judged[index], WrapOutcome.SKIPPED, why)
        self._taken[candidate.issuer_id, candidate.text_of("id")] = len(judged) - 1, candidate

    def _last_look(self, judged: Judged) -> Judged:
        """Let an id stand for one credential, and the record list each achievement once."""
        if judged.wrapped is None:
            return judged
        place = self._ids.setdefault(parse(judged.wrapped.text).data["id"], judged.place)
        if place is not judged.place:
            return _out(
                judged,
                WrapOutcome.REFUSED,
                f"its id is that of {place}, which is another credential",
                "in a record an id means one credential: wrap one of the two",
            )
        new = []
        for text in judged.wrapped.achievements:
            name = str(parse(text).data.get("id"))
            if name not in self._mirrored:
                self._mirrored.add(name)
                new.append(text)
        return replace(judged, wrapped=replace(judged.wrapped, achievements=tuple(new)))


def _keeps_its_proof(candidate: Candidate, judged: Judged) -> bool:
    return bool(candidate.proofs) and judged.original is None


def _out(judged: Judged, outcome: WrapOutcome, why: str, fix: str = "") -> Judged:
    return replace(judged, outcome=outcome, why=why, fix=fix, notes=(), wrapped=None, original=None)


def _wrapped(candidate: Candidate, original: Original | None, name: str) -> Wrapped:
    related = (RelatedResource(name, original.media_type, original.digest),) if original else ()
    return Wrapped(
        candidate.text.encode(),
        candidate.place,
        decided=True,
        achievements=fitting.achievement(candidate),
        related=related,
    )
