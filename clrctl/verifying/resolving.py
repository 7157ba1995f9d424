"""Whose key made a proof: from a verification method to keys, and whether they are the issuer's.

A key that came along with what it signed - in the fragment of an URL, in a JWT's header, as a
did:key that is not the issuer - shows that nothing was changed, not who made it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from clrctl.document import parse
from clrctl.finding import Json
from clrctl.proof import BadKey, PublicKey, dids
from clrctl.verifying import controllers
from clrctl.verifying.trust import NotAvailable, Trust


@dataclass(frozen=True, slots=True)
class KeyCandidate:
    """A key that may have made a proof.

    Attributes:
        key: the key.
        bound: it is shown to be the issuer's.
        why: where it is from; of a key that is not bound, why it is not.
    """

    key: PublicKey
    bound: bool
    why: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """What is known of the keys that may have made a proof.

    Attributes:
        candidates: to be tried in this order; those that are bound come first.
        pinned: keys are pinned for the issuer, so that no others are believed to be its own.
        forbidden: the issuer's own document does not allow this key to make assertions, in words.
        missing: why the issuer's key is not known, in words.
        fix: how to supply it.
    """

    candidates: tuple[KeyCandidate, ...] = ()
    pinned: bool = False
    forbidden: str = ""
    missing: str = ""
    fix: str = ""


class Resolver:
    """Finds keys; what was found once is remembered for the run."""

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._known: dict[tuple[str, str], Resolved] = {}
        self._read: dict[str, Json] = {}

    def resolve(self, method: str, issuer: str, *, hint: PublicKey | None = None) -> Resolved:
        """Return the keys that may have made a proof of an issuer.

        Args:
            method: the proof's `verificationMethod`, or a JWT's `kid`; may be empty.
            issuer: the issuer's id.
            hint: a key that came along with the signature.
        """
        if (method, issuer) not in self._known:
            self._known[method, issuer] = self._resolve(method, issuer)
        return _beside(hint, self._known[method, issuer])

    def any_of(self, issuer: str, *, hint: PublicKey | None = None) -> Resolved:
        """Return all keys of an issuer, for a token that does not say which of them made it.

        Its header may leave the `kid` out (RFC 7515, section 4.1.4).

        Args:
            issuer: the issuer's id.
            hint: a key that came along with the signature.
        """
        if pinned := self._trust.keys.get(issuer):
            keys = [KeyCandidate(each.key, bound=True, why=_PINNED) for each in pinned]
            return _beside(hint, Resolved(tuple(keys), pinned=True))
        if dids.holds_its_key(issuer):
            return self.resolve(issuer, issuer, hint=hint)
        try:
            keys = list(self._assertion_keys(issuer))
            why, fix = f"the document of {issuer} lists no key for assertions", _PIN
        except NotAvailable as absent:
            keys, why, fix = [], absent.why, f"{_PIN}; or {absent.fix}"
        except BadKey:
            keys, why, fix = [], "its issuer has no address at which keys are published", _PIN
        missing = "" if keys else f"the token names none (kid), and {why}"
        return _beside(hint, Resolved(tuple(keys), missing=missing, fix=fix))

    def _assertion_keys(self, issuer: str) -> Iterator[KeyCandidate]:
        """Yield the keys that the document of an issuer lists as its own for assertions.

        Raises:
            BadKey: the issuer's id is no address of a document.
            NotAvailable: the document is not at hand, or another's.
        """
        url = dids.place(issuer)
        document = self.document(url)
        if not isinstance(document, dict) or document.get("id") != issuer:
            raise NotAvailable(f"the document at {url} is not that of {issuer}", "check the file")
        for each in controllers.methods(document, base=issuer):
            if each.key is not None and each.asserts and each.controller in ("", issuer):
                yield KeyCandidate(each.key, bound=True, why=f"published by {issuer}")

    def document(self, url: str) -> Json:
        """Return the JSON that lies at an URL.

        Raises:
            NotAvailable: it is not at hand, or no JSON.
        """
        if url not in self._read:
            found = parse(self._trust.document(url), source=url, syntax="json")
            for fault in found.faults:
                raise NotAvailable(
                    f"what lies at {url} cannot be read as JSON: {fault.message}",
                    "check the file, or the URL",
                )
            self._read[url] = found.data
        return self._read[url]

    def raw(self, url: str) -> bytes:
        """Return the bytes that lie at an URL.

        Raises:
            NotAvailable: they are not at hand.
        """
        return self._trust.document(url)

    def _resolve(self, method: str, issuer: str) -> Resolved:
        enclosed = tuple(self._enclosed(method, issuer))
        if pinned := self._trust.keys.get(issuer):
            fitting = [each for each in pinned if each.id in ("", method)]
            chosen = tuple(KeyCandidate(each.key, bound=True, why=_PINNED) for each in fitting)
            unbound = tuple(each for each in enclosed if not each.bound)
            return Resolved(
                (*chosen, *unbound),
                pinned=True,
                missing="" if chosen else f"no key is pinned for {issuer} under the name {method}",
                fix="" if chosen else "add it to the issuer's keys in the trust file",
            )
        if any(each.bound for each in enclosed):
            return Resolved(enclosed)
        return self._published(method, issuer, enclosed)

    def _enclosed(self, method: str, issuer: str) -> Iterator[KeyCandidate]:
        """Yield the key that a verification method holds itself."""
        if dids.holds_its_key(method):
            did = method.partition("#")[0]
            try:
                key = dids.key_of(method)
            except BadKey:
                return
            bound = did == issuer
            yield KeyCandidate(
                key, bound, "the issuer's own DID" if bound else "it is named by a DID"
            )
        elif "#" in method:
            try:
                key = PublicKey.from_multikey(method.rpartition("#")[2])
            except BadKey:
                return
            yield KeyCandidate(key, bound=False, why="it is in the address of the key itself")

    def _published(self, method: str, issuer: str, enclosed: tuple[KeyCandidate, ...]) -> Resolved:
        """Look the method up in the document that publishes it."""
        if not method:
            return Resolved(enclosed, missing="no key is named", fix=_PIN)
        if dids.holds_its_key(method):
            if not enclosed:
                return Resolved(missing=f"{method} holds no key that can be read", fix=_PIN)
            return Resolved(enclosed, missing="the key is not the issuer's DID", fix=_PIN)
        try:
            url = dids.place(method.partition("#")[0])
        except BadKey:
            missing = f"the key {method} has no address at which it could be looked up"
            return Resolved(enclosed, missing=missing, fix=_PIN)
        try:
            found = self._look_up(method, url)
            if found is None:
                missing = f"what lies at {url} does not list the key {method}"
                return Resolved(enclosed, missing=missing, fix=_PIN)
            return self._judged(found, method, issuer, enclosed)
        except NotAvailable as absent:
            return Resolved(enclosed, missing=absent.why, fix=f"{_PIN}; or {absent.fix}")

    def _look_up(self, method: str, url: str) -> controllers.Method | None:
        document = self.document(url)
        owner = method.partition("#")[0]
        declared = document.get("id") if isinstance(document, dict) else None
        if owner.startswith("did:") and declared != owner:
            raise NotAvailable(f"the document at {url} is not that of {owner}", "check the file")
        fragment = method.rpartition("#")[2]
        listed = list(controllers.methods(document, base=owner))
        for names in ((method,), (fragment,)):
            for each in listed:
                if each.id in names or (each.id == owner == method):
                    return each
        return None

    def _judged(
        self,
        found: controllers.Method,
        method: str,
        issuer: str,
        enclosed: tuple[KeyCandidate, ...],
    ) -> Resolved:
        """Return whether a published key is the issuer's, and may make assertions."""
        if found.key is None:
            missing = f"the key {method} cannot be used: {found.why}"
            return Resolved(enclosed, missing=missing, fix=_PIN)
        if not found.asserts:
            return Resolved(
                (KeyCandidate(found.key, bound=False, why=""),),
                forbidden=f"{method} is not listed under assertionMethod of its controller",
            )
        owner = method.partition("#")[0]
        # A key set or a JWK names no controller; what lies below an issuer's address, or on its
        # host, may be anybody's.
        controller = found.controller or issuer or owner
        missing, fix = "", _PIN
        try:
            if controller != owner and not self._is_confirmed(controller, method):
                missing = f"the document of {controller} does not list it under assertionMethod"
        except NotAvailable as absent:
            missing, fix = (
                f"{controller} is to confirm it: {absent.why}",
                f"{_PIN}; or {absent.fix}",
            )
        if not missing and controller == issuer:
            return Resolved(
                (KeyCandidate(found.key, bound=True, why=f"published by {controller}"),)
            )
        missing = missing or f"the key belongs to {controller}, not to the issuer"
        return Resolved(
            (KeyCandidate(found.key, bound=False, why=missing),), missing=missing, fix=fix
        )

    def _is_confirmed(self, controller: str, method: str) -> bool:
        """Return whether a controller's own document lists a key for assertions.

        Raises:
            NotAvailable: the document is not at hand.
        """
        try:
            url = dids.place(controller)
        except BadKey:
            return False
        document = self.document(url)
        if not isinstance(document, dict) or document.get("id") != controller:
            return False
        named = [
            item if isinstance(item, str) else item.get("id", "")
            for item in document.get(controllers.ASSERTIONS, [])
            if isinstance(item, str | dict)
        ]
        return method in named


def _beside(hint: PublicKey | None, found: Resolved) -> Resolved:
    """Return what was found with a key that came along beside it."""
    if hint is None:
        return found
    unbound = KeyCandidate(hint, bound=False, why="the key came along with the signature")
    return replace(found, candidates=(*found.candidates, unbound))


_PINNED = "pinned by the trust file"
_PIN = "pin the issuer's key in a trust file, or name its did.json by --trust"
