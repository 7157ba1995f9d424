"""Rules on what contexts make of a document: what they define, and where they contradict.

Sources: JSON-LD 1.1, section 4.1 (protected terms); VC Data Integrity 1.0, section 2.4.2 (context
validation); Open Badges 3.0, extending and profiling the standard.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Final

from clrctl.checking.rules.contexts import (
    CLR_2,
    EXPECTED,
    EXTENSION_TYPES,
    OB_3,
    VC_2,
    WITHOUT_MEMBERS,
)
from clrctl.checking.rules.members import OPEN, unknown_members
from clrctl.checking.rules.registry import Fault, rule
from clrctl.finding import Json, Severity
from clrctl.standard import CREDENTIALS, NESTED_CLASSES, Node, Path, Tree, links, members

if TYPE_CHECKING:
    from clrctl.proof import DataLoss

# What the standard's contexts define of the classes whose members depend on their type.
_DEPENDENT: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "Proof": {
        "DataIntegrityProof": (
            "challenge", "created", "cryptosuite", "domain", "expires", "nonce", "previousProof",
            "proofPurpose", "proofValue", "verificationMethod",
        ),
    },
    "CredentialStatus": {
        "BitstringStatusListEntry": ("statusListCredential", "statusListIndex", "statusPurpose"),
    },
    "CredentialSchema": {},
    "RefreshService": {},
    "TermsOfUse": {},
}  # fmt: skip
_NEEDED: Final = {"cryptosuite", "proofPurpose", "proofValue", "verificationMethod"}
_VC: Final = "VerifiableCredential"
_ALWAYS: Final = frozenset(("@context", "id", "type", "name", "description"))


@rule(
    "context/conflict",
    on=CREDENTIALS,
    source="JSON-LD 1.1, section 4.1.11",
    good={"@context": [VC_2, CLR_2, OB_3, {"house": "https://school.example.edu/terms#house"}]},
    bad={"@context": [VC_2, CLR_2, OB_3, {"name": "https://school.example.edu/terms#name"}]},
)
def conflict(node: Node, tree: Tree) -> Iterator[Fault]:
    """A context of one's own can be read, and leaves the terms of earlier ones alone.

    The standard's terms are protected: software that meets another definition refuses the whole
    credential, and a proof cannot be made.
    """
    if node is not tree.root or not any(map(_own_contexts, tree.of(*CREDENTIALS))):
        return
    from clrctl.proof import ContextFault

    for loss in _losses(tree):
        if isinstance(loss, ContextFault):
            yield Fault(tuple(loss.path), loss.what, loss.fix, at_key=loss.at_key)


@rule(
    "context/undefined",
    on=CREDENTIALS,
    severity=Severity.WARNING,
    source="VC Data Integrity 1.0, section 2.4.2; Open Badges 3.0, extending and profiling",
    good={"type": ["VerifiableCredential", "ClrCredential"]},
    bad={"type": ["VerifiableCredential", "ClrCredential", "Transcript"]},
)
def undefined(node: Node, tree: Tree) -> Iterator[Fault]:
    """What a credential says is defined by its contexts: every type, and every member.

    The rest has no meaning and drops out of what a proof covers: anyone can change it unseen, and
    careful software refuses to sign the credential, or to accept it.
    """
    if node is not tree.root:
        return
    losses = _losses(tree)
    if not losses:
        return
    from clrctl.proof import Undefined

    told = set(_told(tree))
    without_meaning: set[Path] = set()
    for loss in losses:
        path = tuple(loss.path)
        around = [path[:end] for end in range(len(path) + 1)]
        if not isinstance(loss, Undefined) or not told.isdisjoint(around):
            continue
        if loss.kind == "type":
            without_meaning.add(path[:-2] if isinstance(path[-1], int) else path[:-1])
        elif not without_meaning.isdisjoint(around):
            continue  # by its type it might have a meaning
        yield Fault(path, loss.what, loss.fix, at_key=loss.at_key)


def _losses(tree: Tree) -> tuple[DataLoss, ...]:
    """Return what would drop out of a document; nothing where its contexts are to be mended first.

    Nor is anything told where a context is not known here: it may define all of it.
    """
    if not _is_suspicious(tree) or not all(map(_has_expected, tree.of(*CREDENTIALS))):
        return ()
    from clrctl.proof import Contexts, TooComplex, UnknownContext, find_losses

    try:
        return tuple(find_losses(tree.root.value, Contexts.built_in()))
    except (UnknownContext, TooComplex):
        return ()


def _is_suspicious(tree: Tree) -> bool:
    """Return whether anything is beyond what the standard's contexts are known to define.

    It is asked of every document, so it has to be quick; of nearly all the answer is no.
    """
    try:
        for cls, nodes in tree.nodes.items():
            known = _known(cls)
            for node in nodes:
                value = node.value
                kind = value.get("type")
                if type(kind) is list:
                    kind = kind[0] if len(kind) == 1 else tuple(kind)
                if kind not in known or not known[kind].issuperset(value):
                    return True
    except TypeError:  # a type that is no text
        return True
    return any(map(_has_others, tree.of(*CREDENTIALS)))


@functools.cache
def _known(cls: str) -> dict[Hashable, frozenset[str]]:
    """Return the types that an object of a class has by the standard, with what they define."""
    if cls in _DEPENDENT:
        # Whether these types are defined is the business of another rule: context/extensions.
        known: dict[Hashable, frozenset[str]] = dict.fromkeys((None, *EXTENSION_TYPES), _ALWAYS)
        known |= {kind: _ALWAYS | set(names) for kind, names in _DEPENDENT[cls].items()}
        return known
    defined = _ALWAYS | members(cls).keys()
    if cls not in CREDENTIALS:
        return {None: defined, cls: defined}
    pairs = [(_VC, name) for name in _names(cls)]
    if cls == _VC:
        return {None: defined, cls: defined}
    kinds = (None, *pairs, *(pair[::-1] for pair in pairs))
    return dict.fromkeys(kinds, defined)


def _further(node: Node) -> list[Json] | None:
    """Return the contexts after the standard's; None where it does not begin with those."""
    found = node.value.get("@context")
    expected = EXPECTED[node.cls]
    if not isinstance(found, list) or tuple(found[: len(expected)]) != expected:
        return None
    return found[len(expected) :]


def _has_expected(node: Node) -> bool:
    return _further(node) is not None


def _has_others(node: Node) -> bool:
    further = _further(node)
    return further is None or any(context not in WITHOUT_MEMBERS for context in further)


def _own_contexts(node: Node) -> bool:
    return any(isinstance(context, dict) for _, context in node.items("@context"))


def _told(tree: Tree) -> Iterator[Path]:
    """Yield the places of which other rules, or the schemas, say what is wrong with them."""
    for cls, nodes in tree.nodes.items():
        for node in nodes:
            kinds = {str(kind) for _, kind in node.items("type")}
            if cls == "Proof" and not (
                "DataIntegrityProof" in kinds and node.value.keys() >= _NEEDED
            ):
                yield node.path
            if cls in _DEPENDENT:
                yield from (path for path, kind in node.items("type") if kind in EXTENSION_TYPES)
                continue
            if kinds.isdisjoint(_names(cls)) or (cls in CREDENTIALS and _VC not in kinds):
                yield node.path
            if cls in OPEN:
                yield from ((*node.path, name) for name, _ in unknown_members(node, tree))
            else:
                yield from ((*node.path, name) for name in node.value.keys() - members(cls).keys())
            texts = members(cls).keys() - links(cls).keys()
            yield from (path for name in texts for path, _ in node.objects(name))


def _names(cls: str) -> list[str]:
    """Return the types by which an object is of a class."""
    return [name for name, target in NESTED_CLASSES.items() if target == cls] or [cls]
