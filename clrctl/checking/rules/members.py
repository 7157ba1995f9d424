"""Rules on the names of members.

Sources: CLR 2.0 data model; Open Badges 3.0, extending and profiling the standard.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from clrctl.checking.rules.contexts import foreign_contexts
from clrctl.checking.rules.registry import Fault, rule
from clrctl.finding import Severity
from clrctl.standard import CREDENTIALS, NESTED_CLASSES, Node, Tree, members
from clrctl.util import FORMER, meant, nearest_class

# The open classes of the model. Left out: those whose further members depend on their type
# (proofs, statuses, schemas, services, terms), and the closed ones, which the schemas hold.
OPEN = (
    "Achievement",
    "AchievementCredential",
    "AchievementSubject",
    "Address",
    "Alignment",
    "ClrCredential",
    "ClrSubject",
    "Criteria",
    "EndorsementCredential",
    "EndorsementSubject",
    "Evidence",
    "GeoCoordinates",
    "Profile",
    "Related",
    "Result",
    "ResultDescription",
    "RubricCriterionLevel",
    "VerifiableCredential",
)
# What VC Data Model 2.0 defines beside the model, and JSON-LD for every object.
_DEFINED = frozenset(
    {
        "@context",
        "id",
        "type",
        "name",
        "description",
        "relatedResource",
        "confidenceMethod",
        "renderMethod",
        "digestSRI",
        "digestMultibase",
    }
)


@rule(
    "member/misspelt",
    on=OPEN,
    source="CLR 2.0 and Open Badges 3.0, data model",
    good={"description": "What it is about."},
    bad={"fieldOfstudy": "Mathematics"},
)
def misspelt(node: Node, tree: Tree) -> Iterator[Fault]:
    """A member is spelt as the standard spells it.

    Classes are open, so a misspelt member is no error for a schema; it is just not read, and
    what it says is lost.
    """
    for name, intended in unknown_members(node, tree):
        if intended:
            yield Fault(
                (*node.path, name),
                f'"{name}" is not a member of {node.cls}',
                f'did you mean "{intended}"?'
                if intended not in node.value
                else f'"{intended}" is there as well: remove the wrong one',
                at_key=True,
                instead_of=(*node.path, name),
            )


@rule(
    "member/unknown",
    on=OPEN,
    severity=Severity.WARNING,
    source="Open Badges 3.0, extending and profiling the standard",
    good={"description": "What it is about."},
    bad={"favouriteColour": "blue"},
)
def unknown(node: Node, tree: Tree) -> Iterator[Fault]:
    """A member that the standard does not have is defined by a context of its own.

    Without one it has no meaning, is left out of what a proof covers, and may be dropped on the
    way. Name the context after the standard's, and its schema in credentialSchema.
    """
    for name, intended in unknown_members(node, tree):
        if not intended:
            yield Fault(
                (*node.path, name),
                f'"{name}" is not a member of {node.cls}, and no context here defines it',
                "remove it, or add the context that defines it after the standard's",
                at_key=True,
            )


@rule(
    "member/old-name",
    on=CREDENTIALS,
    source="VC Data Model 2.0, section 4.9",
    good={"validFrom": "2024-06-01T00:00:00Z"},
    bad={"issuanceDate": "2024-06-01T00:00:00Z"},
)
def old_name(node: Node, _: Tree) -> Iterator[Fault]:
    """A credential has validFrom and validUntil, not the dates of earlier standards.

    issuanceDate and expirationDate (VC Data Model 1.1), issuedOn and expires (Open Badges 2.0)
    have no meaning under version 2.0.
    """
    for old, new in FORMER.items():
        if old in node.value:
            yield Fault(
                (*node.path, old),
                f'"{old}" is what an earlier standard calls "{new}"',
                f'call it "{new}"' if new not in node.value else "remove it",
                at_key=True,
                instead_of=(*node.path, old),
            )


def unknown_members(node: Node, tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield each member that nothing here defines, with the known name it resembles, if any."""
    expected = expected_members(node.cls)
    if expected.issuperset(node.value):
        return
    known = members(node.cls)
    strange = node.value.keys() - expected
    foreign = foreign_contexts(node) + foreign_contexts(tree.root)
    # What lies behind the address of a context is not known here: it may define anything.
    if any(isinstance(context, str) for context in foreign):
        return
    defined = {term for context in foreign if isinstance(context, dict) for term in context}
    for name in strange - defined:
        if not (node.cls in CREDENTIALS and name in FORMER):
            yield name, meant(name, known.keys() - node.value.keys())


_TYPES = (*NESTED_CLASSES, "VerifiableCredential", "EnvelopedVerifiableCredential")


@rule(
    "type/misspelt",
    on=("AchievementCredential", "VerifiableCredential"),
    source="CLR 2.0, ClrSubject.verifiableCredential; VC Data Model 2.0, section 4.5",
    good={"type": ["VerifiableCredential", "OpenBadgeCredential"]},
    bad={"type": ["VerifiableCredential", "AchievmentCredential"]},
)
def misspelt_type(node: Node, _: Tree) -> Iterator[Fault]:
    """The type of a nested credential is spelt as the standard spells it.

    With a misspelt type it counts as a credential of a kind that nobody knows: its achievement is
    neither looked for nor found.
    """
    for path, name in node.items("type"):
        hint = nearest_class(name, _TYPES) if isinstance(name, str) and name not in _TYPES else ""
        if hint:
            message = f'"{name}" is not a type of the standard'
            yield Fault(path, message, f'did you mean "{hint}"?', instead_of=path)


@functools.cache
def expected_members(cls: str) -> frozenset[str]:
    """Return the members that the standard or VC Data Model 2.0 gives a class."""
    return _DEFINED | members(cls).keys()
