"""One document verified: every credential in it, by every check, into one verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from clrctl.checking import recognise
from clrctl.document import Document, carriers, each, types_of
from clrctl.finding import Json, pointer
from clrctl.verifying import proofs, schemas, subjects, times
from clrctl.verifying.resolving import Resolver
from clrctl.verifying.status import check as status
from clrctl.verifying.trust import NOTHING, Trust
from clrctl.verifying.verdict import (
    Aspect,
    Check,
    CredentialVerdict,
    Outcome,
    Verdict,
    invalid,
    located,
    undecided,
    valid,
    worst,
)
from clrctl.verifying.walk import CredentialNode, enveloped, inside

if TYPE_CHECKING:
    from clrctl.proof import Contexts


class Verifier:
    """Verifies documents under one trust at one moment; what it has found it remembers.

    It fetches nothing by itself: whatever is not built in comes from `trust`.

    Args:
        trust: whom and what is trusted.
        now: the moment that counts as today, with a time zone.
    """

    def __init__(self, trust: Trust = NOTHING, *, now: datetime) -> None:
        self._resolver = Resolver(trust)
        self._bench = proofs.Bench(self._resolver, _contexts(trust), now, trust.contexts)
        self._lists = status.Lists(self._resolver.document, self._verified_list, now)
        self._verified: dict[str, tuple[Json, Outcome, str]] = {}

    def verify(self, document: Document, *, token: str = "") -> Verdict:
        """Verify a document.

        Args:
            document: what was read.
            token: the compact JWS that it came in, whose payload it is; the verdict then has no
                lines and columns.
        """
        if token:
            found = self.credentials(CredentialNode({}, (), token=token))
            return Verdict(document.source, tuple(found), document.first_line)
        if document.faults:
            return _unreadable(document)
        if isinstance(document.data, dict):
            found = self.credentials(_root(document.data))
        else:
            held = CredentialNode({}, ())
            check = _strange_data(document.data) or _nothing(held)
            found = iter([CredentialVerdict("", held.kind, held.id, held.issuer, (check,))])
        verdict = Verdict(document.source, tuple(found), document.first_line)
        return located(verdict, document)

    def credentials(self, root: CredentialNode) -> Iterator[CredentialVerdict]:
        """Yield the verdict on a credential, then on each one in it, in document order."""
        waiting = [(root, frozenset[str]())]
        while waiting:
            held, covering = waiting.pop()
            found = self.checks(held, covering=covering)
            yield CredentialVerdict(
                pointer(held.path), held.kind, held.id, held.issuer, tuple(found)
            )
            covering |= {held.issuer} if _covers(held, found) else set()
            waiting += [(each, covering) for each in reversed(list(inside(held)))]

    def checks(
        self, held: CredentialNode, *, covering: frozenset[str] = frozenset()
    ) -> list[Check]:
        """Return the checks of one credential, without those of what stands in it.

        Args:
            held: the credential.
            covering: the issuers who are shown to have signed the text around it, so that one
                of theirs needs no proof of its own.
        """
        found = proofs.check(held, self._bench)
        if not held.data:
            return found or [_nothing(held)]
        if not found and held.parent is None and (strange := _strange(held)) is not None:
            return [strange]
        if not found:
            found = [
                valid(Aspect.PROOF, held.path, _COVERED, "covered")
                if held.issuer in covering - {""}
                else proofs.unsigned(held)
            ]
        found += _incomplete(held)
        found += times.check(held, self._bench.now)
        found += status.check(held, self._lists)
        found += schemas.check(held, self._resolver.document)
        found += subjects.check(held)
        return found

    def proofs(self, data: dict[str, Json]) -> Iterator[Check]:
        """Yield what the proofs of a credential, and of each one in it, are worth; nothing else."""
        waiting = [_root(data)]
        while waiting:
            held = waiting.pop()
            yield from proofs.check(held, self._bench)
            waiting += reversed(list(inside(held)))

    def own_proofs(self, data: dict[str, Json]) -> list[Check]:
        """Return what the proofs of a credential itself are worth; of one without, nothing."""
        return proofs.check(_root(data), self._bench)

    def _verified_list(self, url: str) -> tuple[Json, Outcome, str]:
        """Return a status list credential, how its own proof comes out, and why.

        Raises:
            NotAvailable: it is not at hand.
        """
        if (known := self._verified.get(url)) is not None:
            return known
        raw = self._resolver.raw(url)
        if token := carriers.token_in(raw):
            held = CredentialNode({}, (), token=token)
        else:
            held = _root(self._resolver.document(url))
        found = proofs.check(held, self._bench) or [proofs.unsigned(held)]
        gravest = worst(check.outcome for check in found)
        told = next(check.message for check in found if check.outcome is gravest)
        self._verified[url] = held.data, gravest, told
        return self._verified[url]


_COVERED = "covered by the signature of the credential around it, of the same issuer"


def _root(data: Json) -> CredentialNode:
    if token := enveloped(data):
        return CredentialNode({}, (), token=token)
    if not isinstance(data, dict):
        return CredentialNode({}, ())
    return CredentialNode(data, (), context=data.get("@context"))


def _covers(held: CredentialNode, checks: Iterable[Check]) -> bool:
    """Return whether a valid signature is over the very text of a credential, not its RDF.

    RDF knows no order and no borders: what stands in one unsigned credential can be moved into
    another without a change of what is signed.
    """
    from clrctl.proof import suites

    valid_at = {
        check.pointer
        for check in checks
        if check.aspect is Aspect.PROOF and check.outcome is Outcome.VALID
    }
    if held.token:
        return pointer(held.path) in valid_at
    return any(
        isinstance(proof, dict) and suites.suite_of(proof).reads_text
        for path, proof in held.proofs
        if pointer(path) in valid_at
    )


def _strange(held: CredentialNode) -> Check | None:
    """Return what a document without a proof is, where it is no credential at all.

    A presentation is signed by whoever shows it, for one occasion; what it holds is verified.
    """
    found = recognise.of_data(held.data)
    if found is None or held.kind in status.LISTS:
        return None
    code, message, fix = found
    if code == "document/presentation":
        return undecided(Aspect.READING, "presentation", held.path, message, fix)
    return invalid(Aspect.READING, code.partition("/")[2], held.path, message, fix)


def _strange_data(data: Json) -> Check | None:
    """Return what a document is that is no object, in the words of `validate`."""
    found = recognise.of_data(data)
    return invalid(Aspect.READING, "unreadable", (), *found[1:]) if found else None


def _incomplete(held: CredentialNode) -> Iterator[Check]:
    """Yield that something is no credential, whatever its proof: it lacks what each has to have.

    Source: VC Data Model 2.0, section 4, and 1.1, section 4.
    """
    subjects_there = [one for one in each(held.data.get("credentialSubject")) if one]
    there = {
        "@context": held.data.get("@context") or held.context,
        "type VerifiableCredential": "VerifiableCredential" in types_of(held.data),
        "issuer": held.issuer,
        "credentialSubject": subjects_there,
    }
    if lacking := [name for name, value in there.items() if not value]:
        message = f"this is no verifiable credential: it lacks {' and '.join(lacking)}"
        fix = "ask its issuer for a whole credential"
        yield invalid(Aspect.READING, "incomplete", held.path, message, fix)


def _nothing(held: CredentialNode) -> Check:
    message = "this is no credential"
    return invalid(Aspect.READING, "unreadable", held.path, message, "name a file that holds one")


def _unreadable(document: Document) -> Verdict:
    """Return the verdict on what cannot be parsed."""
    checks = tuple(
        Check(
            Aspect.READING,
            Outcome.INVALID,
            fault.code,
            fault.pointer,
            fault.message,
            fault.fix,
            fault.line,
            fault.column,
        )
        for fault in document.faults
    )
    held = CredentialVerdict("", "", "", "", checks)
    return Verdict(document.source, (held,), document.first_line)


def _contexts(trust: Trust) -> tuple[Contexts, ...]:
    """Return the contexts, and again with the older edition of what was changed in place."""
    from clrctl.proof import Contexts

    newer = Contexts.built_in()
    if trust.contexts:
        newer = newer.plus(trust.contexts)
    older = newer.reading("older")
    return (newer,) if older is newer else (newer, older)
