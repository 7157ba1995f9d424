"""Whose key it is: a credential is signed only with a key that belongs to its issuer.

Verifiers hold the key's address against the issuer's id, so a proof by another key is worth
nothing. Source: VC Data Integrity 1.0, section 4.2; Controlled Identifiers 1.0, section 2.2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from clrctl.errors import InputError
from clrctl.proof import BadKey, KeyFile, PublicKey, SecretKey, Signer, dids
from clrctl.util import HandedOver


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A key to sign with.

    Attributes:
        signer: the key.
        method: its verification method, where that is known: an URL with a fragment.
        source: the name it was given by.
    """

    signer: Signer
    method: str = ""
    source: str = ""

    def handed_over(self) -> HandedKey:
        """Return what may go to another process; `taken()` is this key there."""
        signer = self.signer
        if isinstance(signer, SecretKey):
            return HandedKey(signer.handed_over(), self.method, self.source)
        return HandedKey(signer, self.method, self.source)


@dataclass(frozen=True, slots=True)
class HandedKey:
    """An `IssuerKey` on its way to another process."""

    signer: HandedOver | Signer = field(repr=False)
    method: str
    source: str

    def taken(self) -> IssuerKey:
        """Return the key."""
        given = self.signer
        return IssuerKey(
            given.taken() if isinstance(given, HandedOver) else given, self.method, self.source
        )


def key_of(file: KeyFile) -> IssuerKey:
    """Return the key of a key file, ready to sign with.

    Raises:
        InputError: the file holds a public key alone.
    """
    if file.secret is None:
        raise InputError(
            "this is a public key",
            where=file.source,
            fix="give the secret key, or add --signer-cmd",
        )
    return IssuerKey(file.secret, file.method, file.source)


class NoKey(ValueError):
    """None of the keys belongs to the issuer.

    Attributes:
        what: whose key is missing.
        fix: what to do about it.
    """

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


def choose(issuer: str, author: str, keys: Iterable[IssuerKey]) -> tuple[IssuerKey, str]:
    """Return the key that an issuer's credential is signed with, and its verification method.

    A key that names its verification method belongs to that address alone. Any other belongs to
    its own DID, and to the issuer of the whole document, who was named with it.

    Args:
        issuer: the issuer's id.
        author: the id of the issuer of the whole document.
        keys: those that there are.

    Raises:
        NoKey: none of them is the issuer's.
    """
    keys = list(keys)
    if not issuer:
        raise NoKey("this credential names no issuer", "give its issuer an id")
    for key in keys:
        if key.method and _lies_below(key.method, issuer):
            return key, key.method
    plain = [key for key in keys if not key.method]
    for key in plain:
        if dids.holds_its_key(issuer):
            if _own_key(issuer) == key.signer.public:
                return key, dids.method_for(issuer, key.signer.public)
        elif issuer == author:
            return key, dids.method_for(issuer, key.signer.public)
    named = next((key for key in keys if key.method), None)
    if named is not None and issuer == author:
        raise NoKey(
            f"the key belongs to {named.method.partition('#')[0]}, the credential to {issuer}",
            "sign with the issuer's key, or name that key's place with --verification-method",
        )
    if dids.holds_its_key(issuer):
        raise NoKey(f"the issuer is another key than the one given: {issuer}", _ADD)
    raise NoKey(f"this credential was issued by {issuer}, whose key was not given", _ADD)


_ADD = "let that issuer sign it first, or add the issuer's key with another --key"


def note_on(method: str, issuer: str) -> str:
    """Return what has to be published for verifiers to take a key for its issuer's.

    Args:
        method: the key's verification method.
        issuer: the issuer's id.

    Returns:
        The words; empty where the issuer's own document, or its DID, is the key's address.
    """
    if method.partition("#")[0] == issuer:
        return ""
    return (
        f"the key's address {method} is not the issuer's: verifiers accept its proofs only if the "
        f"document at {issuer} lists it under assertionMethod"
    )


def _own_key(did: str) -> PublicKey | None:
    try:
        return dids.key_of(did)
    except BadKey:
        return None


def _lies_below(method: str, issuer: str) -> bool:
    """Return whether a key's address is the issuer's, or on the same https host."""
    controller = method.partition("#")[0]
    if controller == issuer:
        return True
    try:
        place, home = urlsplit(controller), urlsplit(issuer)
    except ValueError:
        return False
    return place.scheme == home.scheme == "https" and place.netloc == home.netloc
