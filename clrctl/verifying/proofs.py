"""Whether the proofs of a credential hold, and whether its issuer made them.

Source: VC Data Integrity 1.0, sections 4.4 and 4.5; VC Data Model 2.0, section 7.1.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from clrctl.document import text_of
from clrctl.finding import Json
from clrctl.proof import BadKey, DataLoss, PublicKey, TooComplex, UnknownContext, suites
from clrctl.standard import Path, instant, is_stamp
from clrctl.verifying import jwts, renaming
from clrctl.verifying.resolving import KeyCandidate, Resolved, Resolver
from clrctl.verifying.verdict import Aspect, Check, Outcome, invalid, undecided, valid
from clrctl.verifying.walk import CredentialNode

if TYPE_CHECKING:
    from clrctl.proof import Contexts

_SKEW = timedelta(minutes=5)
_PURPOSE = "assertionMethod"
_CANNOT = (DataLoss, UnknownContext, TooComplex, suites.UnsupportedProof)
_INTACT = ("valid", "older-context", "key-unbound", "key-not-pinned", "key-another")
_ADD = "add the key that made it to the trust file, under the issuer"
_SIGN_AGAIN = "ask the issuer to sign it again"
_ANOTHER = "ask the issuer for a new token"


@dataclass(frozen=True)
class Bench:
    """What proofs are checked with.

    Attributes:
        resolver: finds keys.
        contexts: the JSON-LD contexts that are known, and how proofs are read under them; where
            one of them was published in two variants, the newer first.
        now: the moment that counts as today.
        added: those of the contexts that are not built in, by their URL.
    """

    resolver: Resolver
    contexts: tuple[Contexts, ...]
    now: datetime
    added: Mapping[str, Json] = field(default_factory=dict)


def check(held: CredentialNode, bench: Bench) -> list[Check]:
    """Return what the proofs of a credential are worth, each by itself.

    Where one is shown to be the issuer's, others that are intact need not be.
    """
    if held.token:
        return _token(held, bench)
    found = [_embedded(held, path, proof, bench) for path, proof in held.proofs]
    # Only what is intact can mislead; a proof over the text itself covers names and contexts, too.
    if any(each.reason in _INTACT for each in found) and _is_over_rdf(held):
        found += renaming.check(held, bench.added)
    if any(each.outcome is Outcome.VALID for each in found):
        return [_not_needed(each) if each.reason == "key-unbound" else each for each in found]
    return found


def _is_over_rdf(held: CredentialNode) -> bool:
    """Return whether a credential has no proof that covers its text."""
    for _, proof in held.proofs:
        with contextlib.suppress(suites.UnsupportedProof):
            if isinstance(proof, dict) and suites.suite_of(proof).reads_text:
                return False
    return True


def _not_needed(check: Check) -> Check:
    message = f"{check.message}; another proof is shown to be the issuer's"
    return replace(check, outcome=Outcome.VALID, message=message, fix="")


def unsigned(held: CredentialNode) -> Check:
    """Return what is said of a credential without a proof."""
    message = "it is not signed: anybody can have written or changed it"
    if held.parent is None:
        return invalid(Aspect.PROOF, "unsigned", held.path, message, "sign it: clrctl sign")
    fix = "have it signed by its issuer before it is bundled: clrctl sign"
    return invalid(Aspect.PROOF, "unsigned", held.path, message, fix)


def _embedded(held: CredentialNode, path: Path, proof: Json, bench: Bench) -> Check:
    if not isinstance(proof, dict):
        return invalid(Aspect.PROOF, "unreadable", path, "the proof is not an object", _SIGN_AGAIN)
    try:
        suite = suites.suite_of(proof)
    except suites.UnsupportedProof as problem:
        fix = problem.fix or "verify it with software that knows this kind of proof"
        return undecided(Aspect.PROOF, "unsupported", path, problem.what, fix)
    if (fault := _fault(proof, path, bench.now)) is not None:
        return fault
    document = held.data if suite.reads_text else held.readable()

    def holds(key: PublicKey, contexts: Contexts) -> None:
        suite.check(document, proof, key, contexts)

    method, hint = _method(proof.get("verificationMethod"))
    resolved = bench.resolver.resolve(method, held.issuer, hint=hint)
    trial = _Trial(held, path, f"{suite.name} proof", _fitting(resolved, suite.key_kinds))
    return trial.run(holds, bench.contexts)


def _fitting(resolved: Resolved, kinds: Sequence[str]) -> Resolved:
    """Return what is known of the keys of some kinds."""
    fitting = tuple(each for each in resolved.candidates if each.key.kind in kinds)
    if fitting or not resolved.candidates:
        return replace(resolved, candidates=fitting)
    missing = f"the known one is of {resolved.candidates[0].key.kind}, with which it is never made"
    return replace(resolved, candidates=(), missing=missing, fix=resolved.fix or _ADD)


def _fault(proof: dict[str, Json], path: Path, now: datetime) -> Check | None:
    """Return what a proof says of itself that speaks against it."""
    if (purpose := proof.get("proofPurpose")) != _PURPOSE:
        said = f"has the purpose {text_of(purpose) or 'other'}" if purpose else "names no purpose"
        message = f"the proof {said}, not {_PURPOSE}"
        return invalid(Aspect.PROOF, "purpose", path, message, _SIGN_AGAIN)
    for name, passed in (("created", False), ("expires", True)):
        if name not in proof:
            continue
        text = _zoned(proof[name])
        moment = instant(text) if is_stamp(text) else None
        if moment is None:
            message = f"{name} of the proof is no date and time (dateTimeStamp)"
            return invalid(Aspect.PROOF, "unreadable", (*path, name), message, _SIGN_AGAIN)
        if passed and moment < now:
            message = f"the proof expired on {proof[name]}"
            return invalid(Aspect.PROOF, "expired", (*path, name), message, _SIGN_AGAIN)
        if not passed and moment > now + _SKEW:
            message = f"the proof was made on {proof[name]}, which is in the future"
            fix = "check the clock of this machine; else ask the issuer to sign it again"
            return invalid(Aspect.PROOF, "future", (*path, name), message, fix)
    return None


def _zoned(value: Json) -> str:
    """Return a time as text; one without a zone, which proofs may have, is in UTC."""
    if not isinstance(value, str):
        return ""
    return value if re.search(r"([zZ]|[+-][0-9]{2}:?[0-9]{2})$", value) else f"{value}Z"


def _method(value: Json) -> tuple[str, PublicKey | None]:
    """Return the URL of a verification method, and the key that it holds if it is embedded."""
    if not isinstance(value, dict):
        return text_of(value), None
    try:
        if "publicKeyJwk" in value:
            return text_of(value.get("id")), PublicKey.from_jwk(value["publicKeyJwk"])
        return text_of(value.get("id")), PublicKey.from_multikey(
            text_of(value["publicKeyMultibase"])
        )
    except (BadKey, KeyError):
        return text_of(value.get("id")), None


@dataclass
class _Trial:
    """One signature, tried with the keys that may have made it."""

    held: CredentialNode
    path: Path
    what: str
    resolved: Resolved

    def run(
        self, holds: Callable[[PublicKey, Contexts], None], variants: tuple[Contexts, ...]
    ) -> Check:
        if not self.resolved.candidates:
            message = f"the key of its issuer is not known: {self.resolved.missing}"
            return undecided(Aspect.ISSUER, "key-unknown", self.path, message, self.resolved.fix)
        first: Exception | None = None
        for number, contexts in enumerate(variants):
            for candidate in self.resolved.candidates:
                try:
                    holds(candidate.key, contexts)
                except (suites.BrokenProof, *_CANNOT) as problem:
                    first = first or problem
                    if not isinstance(problem, suites.BrokenProof):
                        break
                else:
                    return self._intact(candidate, is_older=number > 0)
        return self._cannot(first) if isinstance(first, _CANNOT) else self._broken(str(first))

    def _intact(self, found: KeyCandidate, *, is_older: bool) -> Check:
        note = ", under the older variant of the Open Badges context" if is_older else ""
        if found.bound:
            reason = "older-context" if is_older else "valid"
            message = f"{self.what} holds{note}; key {found.why}"
            return valid(Aspect.PROOF, self.path, message, reason)
        if self.resolved.forbidden:
            message = f"the issuer does not allow this: {self.resolved.forbidden}"
            return invalid(Aspect.ISSUER, "key-forbidden", self.path, message, _SIGN_AGAIN)
        if self.resolved.pinned:
            message = "it is intact, but made with another key than those pinned for its issuer"
            fix = "if the issuer has published that key, add it to the trust file"
            return invalid(Aspect.ISSUER, "key-not-pinned", self.path, message, fix)
        if any(each.bound for each in self.resolved.candidates):
            message = "intact, but not made with the key that it names, which is the issuer's"
            return invalid(Aspect.ISSUER, "key-another", self.path, message, _SIGN_AGAIN)
        why = self.resolved.missing or found.why
        message = f"intact{note}, but the key is not bound to the issuer: {why}"
        return undecided(Aspect.ISSUER, "key-unbound", self.path, message, self.resolved.fix)

    def _broken(self, why: str) -> Check:
        bound = sum(each.bound for each in self.resolved.candidates)
        tried = (
            " with any of its issuer's pinned keys" if self.resolved.pinned and bound > 1 else ""
        )
        message = f"the {self.what} does not hold{tried}: {why}"
        fix = "get the credential again from its issuer: it was changed after it was signed"
        return invalid(Aspect.PROOF, "broken", self.path, message, fix)

    def _cannot(self, problem: Exception) -> Check:
        if isinstance(problem, DataLoss):
            steps = tuple(_steps(problem.pointer))
            # What a proof says of itself is part of what is signed.
            is_of_proof = bool(steps) and steps[0] not in self.held.data
            path = (*(self.path if is_of_proof else self.held.path), *steps)
            message = f"no proof covers this: {problem.what}"
            return invalid(Aspect.PROOF, "lossy", path, message, problem.fix)
        if isinstance(problem, UnknownContext):
            message = f"the context {problem.url} is not known, so the proof cannot be checked"
            fix = f"get it from a source you trust, and add --context {problem.url}=FILE"
            return undecided(Aspect.PROOF, "context", self.path, message, fix)
        if isinstance(problem, suites.UnsupportedProof):
            return undecided(Aspect.PROOF, "unsupported", self.path, problem.what, problem.fix)
        message = "bringing it into canonical form takes too long; it may be made for that"
        fix = "do not trust it; ask the issuer for one without so many similar parts"
        return undecided(Aspect.PROOF, "too-complex", self.path, message, fix)


def _steps(pointer: str) -> Iterator[str]:
    for step in pointer.split("/")[1:]:
        yield step.replace("~1", "/").replace("~0", "~")


# --- tokens ----------------------------------------------------------------------------------


def _token(held: CredentialNode, bench: Bench) -> list[Check]:
    """Check the signature of a token; `held.data` is filled with what it holds."""
    from clrctl.proof import jwt

    try:
        token = jwt.read(held.token)
    except suites.UnsupportedProof as problem:
        return [invalid(Aspect.PROOF, "unreadable", held.path, problem.what, _ANOTHER)]
    held.data = jwts.credential(token.payload)
    held.context = held.data.get("@context")
    algorithm = text_of(token.header.get("alg"))
    if algorithm in ("", "none") or algorithm.startswith("HS"):
        message = (
            f"this token is not signed with a key pair: its algorithm is {algorithm or 'none'}"
        )
        return [invalid(Aspect.PROOF, "unsigned", held.path, message, _ANOTHER)]
    key_id, hint = text_of(token.header.get("kid")), None
    if "jwk" in token.header:
        try:
            hint = PublicKey.from_jwk(token.header["jwk"])
        except BadKey as problem:
            return [invalid(Aspect.PROOF, "unreadable", held.path, problem.what, _SIGN_AGAIN)]
    issuer = held.issuer or text_of(token.payload.get("iss"))
    kind = jwt.ALGORITHMS.get(algorithm)
    # RFC 7515 leaves the form of a kid open; a fragment alone is one of the issuer's document.
    key_id = issuer + key_id if key_id.startswith("#") else key_id
    if key_id:
        resolved = bench.resolver.resolve(key_id, issuer, hint=hint)
    else:
        resolved = bench.resolver.any_of(issuer, hint=hint)
    if kind is not None:
        resolved = _fitting(resolved, (kind,))

    def holds(key: PublicKey, _: Contexts) -> None:
        jwt.check(token, key)

    first = _Trial(held, held.path, f"{algorithm} token", resolved).run(holds, bench.contexts[:1])
    return [first, *jwts.check(held, token.payload, bench.now)]
