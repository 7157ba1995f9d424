"""Every credential of a document, at every depth, as it is to be verified.

A credential is whatever claims to be one: the document itself, what stands in
`verifiableCredential` or `endorsement`, whatever carries a `proof` or the type
`VerifiableCredential`, and each token in `endorsementJwt` or an envelope. Nothing is verified here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from clrctl.document import id_of, types_of
from clrctl.document import text_of as text
from clrctl.finding import Json
from clrctl.standard import Path

NESTING = ("verifiableCredential", "endorsement")
TOKENS = "endorsementJwt"
_ENVELOPES = ("data:application/vc+jwt,", "data:application/jwt,", "data:application/vc-ld+jwt,")
_KINDS = (
    "ClrCredential",
    "AchievementCredential",
    "OpenBadgeCredential",
    "EndorsementCredential",
    "BitstringStatusListCredential",
    "StatusList2021Credential",
)


@dataclass(slots=True, eq=False)
class CredentialNode:
    """One credential and what stands around it.

    Attributes:
        data: the credential; empty where a token could not be read.
        path: its place in the document; of what a token holds, the token's.
        parent: the credential around it.
        holder: the object that holds it in one of its members, such as an Achievement.
        member: the name of that member; empty for the document itself.
        token: the compact JWS that it came in, or empty.
        context: `@context` to read it under, its own or that of the credential around it.
    """

    data: dict[str, Json]
    path: Path
    parent: CredentialNode | None = None
    holder: dict[str, Json] | None = None
    member: str = ""
    token: str = ""
    context: Json = None

    @property
    def kind(self) -> str:
        """Its class, by `type`."""
        found = types_of(self.data)
        return next((name for name in _KINDS if name in found), "VerifiableCredential")

    @property
    def id(self) -> str:
        """Its id, or empty."""
        return text(self.data.get("id"))

    @property
    def issuer(self) -> str:
        """Its issuer's id, or empty."""
        return id_of(self.data.get("issuer"))

    @property
    def proofs(self) -> list[tuple[Path, Json]]:
        """Its embedded proofs, each with its place."""
        found = self.data.get("proof")
        if isinstance(found, list):
            return [((*self.path, "proof", at), each) for at, each in enumerate(found)]
        return [] if found is None else [((*self.path, "proof"), found)]

    def readable(self) -> dict[str, Json]:
        """Return the credential with the `@context` to read it under."""
        if "@context" in self.data or self.context is None:
            return self.data
        return {"@context": self.context, **self.data}


def inside(outer: CredentialNode) -> Iterator[CredentialNode]:
    """Yield the credentials that stand directly in another one, in document order.

    What a token or an envelope holds has no `data` yet: whoever reads the token gives it.
    """
    waiting: list[tuple[Json, Path, dict[str, Json] | None, str]] = []
    _push(waiting, outer.data, outer.path)
    while waiting:
        value, path, holder, member = waiting.pop()
        if isinstance(value, str):
            if member == TOKENS or (member in NESTING and value.count(".") == len("..")):
                yield CredentialNode({}, path, outer, holder, member, token=value.strip())
        elif isinstance(value, dict):
            if token := enveloped(value):
                yield CredentialNode({}, path, outer, holder, member, token=token)
            elif member in NESTING or _is_credential(value):
                context = value.get("@context", outer.context)
                yield CredentialNode(value, path, outer, holder, member, context=context)
            else:
                _push(waiting, value, path)
        elif isinstance(value, list):
            for at in range(len(value) - 1, -1, -1):
                waiting.append((value[at], (*path, at), holder, member))


def _push(
    waiting: list[tuple[Json, Path, dict[str, Json] | None, str]], node: dict[str, Json], path: Path
) -> None:
    for name in reversed(node):
        value = node[name]
        if name not in ("proof", "@context") and (
            isinstance(value, dict | list) or name in (TOKENS, *NESTING)
        ):
            waiting.append((value, (*path, name), node, name))


def _is_credential(value: dict[str, Json]) -> bool:
    return "proof" in value or "VerifiableCredential" in types_of(value)


def enveloped(value: Json) -> str:
    """Return the token in an EnvelopedVerifiableCredential (VC Data Model 2.0, 4.12.1), or ""."""
    if not isinstance(value, dict) or "EnvelopedVerifiableCredential" not in types_of(value):
        return ""
    found = text(value.get("id"))
    start = next((len(head) for head in _ENVELOPES if found.startswith(head)), 0)
    return found[start:] if start else ""
