"""Rules on `@context`: the ordered list that gives every member its meaning.

Sources: CLR 2.0 and Open Badges 3.0, JSON-LD serialization; VC Data Model 2.0 section 4.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from clrctl.checking.rules.registry import Fault, rule
from clrctl.finding import Json, Severity
from clrctl.standard import Node, Tree
from clrctl.util import FORMER

VC_2 = "https://www.w3.org/ns/credentials/v2"
VC_1 = "https://www.w3.org/2018/credentials/v1"
CLR_2 = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
OB_3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"

EXPECTED = {
    "ClrCredential": (VC_2, CLR_2, OB_3),
    "AchievementCredential": (VC_2, OB_3),
    "EndorsementCredential": (VC_2, OB_3),
    "VerifiableCredential": (VC_2,),
}
_OTHER_VERSIONS = {
    CLR_2: "https://purl.imsglobal.org/spec/clr/v2p0/context",
    OB_3: "https://purl.imsglobal.org/spec/ob/v3p0/context",
}


# Types that only the context of 1EdTech's extensions defines.
EXTENSION_TYPES = (
    "1EdTechJsonSchemaValidator2019",
    "1EdTechRevocationList",
    "1EdTechCredentialRefresh",
)
# Contexts after the expected ones that define nothing but proofs and these types.
WITHOUT_MEMBERS = (
    EXTENSIONS,
    "https://w3id.org/security/suites/ed25519-2020/v1",
    "https://w3id.org/security/data-integrity/v1",
    "https://w3id.org/security/data-integrity/v2",
    "https://w3id.org/security/multikey/v1",
)


def foreign_contexts(node: Node) -> list[Json]:
    """Return the contexts that may define members of their own, of the credential around a node."""
    credential: Node | None = node
    while credential is not None and credential.cls not in EXPECTED:
        credential = credential.parent
    found = credential.value.get("@context") if credential else None
    if credential is None or not isinstance(found, list):
        return []
    extra = found[len(EXPECTED[credential.cls]) :]
    if credential.cls == "VerifiableCredential":
        extra = [item for item in extra if not _fits(OB_3, item) and not _fits(CLR_2, item)]
    return [item for item in extra if item not in WITHOUT_MEMBERS]


def is_vc_1(node: Node) -> bool:
    """Return whether a credential was written for VC Data Model 1.1."""
    contexts = [item for _, item in node.items("@context")]
    return VC_1 in contexts[:1] and VC_2 not in contexts


def _renamings(node: Node) -> list[str]:
    return [f"call {old} {new}" for old, new in FORMER.items() if old in node.value]


def _bare(url: object) -> str:
    """Return an address without what is most often mistyped of it: scheme, end, version."""
    return re.sub(r"^https?://(www\.)?|(-[0-9.]+)?(\.jsonl?d?)?/?$", "", str(url))


def _fits(expected: str, found: object) -> bool:
    return found == expected or _other_version(expected, found)


def _other_version(expected: str, found: object) -> bool:
    stem = _OTHER_VERSIONS.get(expected)
    return (
        stem is not None
        and isinstance(found, str)
        and found != expected
        and found.startswith(stem)
        and found.endswith(".json")
    )


@rule(
    "context/vc11",
    on=tuple(EXPECTED),
    source="CLR 2.0, conformance: VC Data Model 2.0",
    good={"@context": [VC_2, CLR_2, OB_3]},
    bad={"@context": [VC_1, CLR_2, OB_3]},
)
def vc11(node: Node, _: Tree) -> Iterator[Fault]:
    """A CLR 2.0 credential follows VC Data Model 2.0.

    Data written for version 1.1 names its dates differently (issuanceDate, expirationDate).
    The final CLR 2.0 does not allow it, and renaming members would break its proofs.
    """
    if is_vc_1(node):
        what = "CLR" if node.cls == "ClrCredential" else "credential"
        what = what if node.parent is None else f"nested {what}"
        yield Fault(
            (*node.path, "@context"),
            f"this {what} was written for VC Data Model 1.1; CLR 2.0 builds on version 2.0",
            "ask its issuer for a version 2.0 credential"
            if "proof" in node.value
            else ", and ".join([f"begin @context with {VC_2}", *_renamings(node)]),
            instead_of=node.path,
        )


@rule(
    "context/order",
    on=tuple(EXPECTED),
    source="CLR 2.0, ClrCredential.@context; Open Badges 3.0, AchievementCredential.@context",
    good={"@context": [VC_2, CLR_2, OB_3]},
    bad={"@context": [VC_2, OB_3, CLR_2]},
)
def order(node: Node, _: Tree) -> Iterator[Fault]:
    """`@context` is a list that begins with the standard's contexts in their order.

    Contexts are read from first to last and may not redefine each other's terms, so another
    order gives members another meaning, or none.
    """
    if "@context" not in node.value or is_vc_1(node):
        return
    expected = EXPECTED[node.cls]
    path = (*node.path, "@context")
    found = node.value["@context"]
    fix = "begin @context with " + ", ".join(f'"{url}"' for url in expected)
    if not isinstance(found, list):
        yield Fault(path, "@context has to be a list", fix, instead_of=path)
        return
    for index, (wanted, given) in enumerate(zip_longest(expected, found[: len(expected)])):
        if not _fits(wanted, given):
            if _bare(given) == _bare(wanted):
                yield Fault(
                    (*path, index),
                    f'"{given}" is not quite a context of the standard',
                    f'write "{wanted}"',
                    instead_of=path,
                )
                return
            elsewhere = any(_fits(wanted, other) for other in found)
            problem = "is in the wrong place" if elsewhere else "is missing"
            yield Fault(
                (*path, index) if index < len(found) else path,
                f"the context {wanted} {problem}: it has to be number {index + 1}",
                fix,
                instead_of=path,
            )
            return


@rule(
    "context/version",
    on=tuple(EXPECTED),
    severity=Severity.WARNING,
    source="CLR 2.0, ClrCredential.@context; practice of the 1EdTech validator",
    good={"@context": [VC_2, CLR_2, OB_3]},
    bad={"@context": [VC_2, "https://purl.imsglobal.org/spec/clr/v2p0/context.json", OB_3]},
)
def version(node: Node, _: Tree) -> Iterator[Fault]:
    """The contexts are named with the version that belongs to the final standard.

    Files behind unversioned and older names differ: the unversioned CLR context lacks `partial`
    and the subject's `identifier`, which then drop out of what a proof covers.
    """
    found = node.value.get("@context")
    if not isinstance(found, list):
        return
    for index, (wanted, given) in enumerate(zip(EXPECTED[node.cls], found, strict=False)):
        if _other_version(wanted, given):
            yield Fault(
                (*node.path, "@context", index),
                "this is another version of a context than the one of the final standard",
                f'use "{wanted}"'
                + (" (and sign again: the proof covers it)" if "proof" in node.value else ""),
            )


@rule(
    "context/extensions",
    on=("RefreshService", "CredentialSchema", "CredentialStatus"),
    source="Open Badges 3.0, extensions context; practice of the 1EdTech validator",
    good={"type": "SomeOtherRefresh"},
    bad={"type": "1EdTechCredentialRefresh"},
)
def extensions(node: Node, tree: Tree) -> Iterator[Fault]:
    """Types of 1EdTech's extensions come with the context that defines them.

    Without it the type is an undefined term: the official validator refuses it, and software
    that signs strictly does too.
    """
    types = [kind for _, kind in node.items("type")]
    used = next((kind for kind in types if kind in EXTENSION_TYPES), None)
    if used is None or node.parent is None:
        return
    around = [item for scope in (node.parent, tree.root) for _, item in scope.items("@context")]
    if EXTENSIONS not in around:
        yield Fault(
            (*node.path, "type"),
            f"{used} is defined by a context that is not named here",
            f'add "{EXTENSIONS}" at the end of @context',
        )
