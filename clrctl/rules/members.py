"""Rules on the names of members.

Sources: CLR 2.0 data model; Open Badges 3.0, extending and profiling the standard.
"""

from __future__ import annotations

from collections.abc import Iterator

from clrctl.finding import Severity
from clrctl.rules.contexts import foreign_contexts
from clrctl.rules.registry import Fault, rule
from clrctl.tree import CREDENTIALS, Node, Tree, members
from clrctl.words import nearest

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
# Members that only data of VC Data Model 1.1 has, and what they are called now.
_OLD_NAMES = {"issuanceDate": "validFrom", "expirationDate": "validUntil"}


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
    for name, meant in _unknown(node, tree):
        if meant:
            yield Fault(
                (*node.path, name),
                f'"{name}" is not a member of {node.cls}',
                f'did you mean "{meant}"?',
                at_key=True,
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
    for name, meant in _unknown(node, tree):
        if not meant:
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
    """A credential has validFrom and validUntil, not the dates of VC Data Model 1.1.

    issuanceDate and expirationDate have no meaning under version 2.0.
    """
    for old, new in _OLD_NAMES.items():
        if old in node.value:
            yield Fault(
                (*node.path, old),
                f'"{old}" is a name of VC Data Model 1.1',
                f'call it "{new}"' if new not in node.value else "remove it",
                at_key=True,
            )


def _unknown(node: Node, tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield each member that nothing here defines, with the known name it resembles, if any."""
    known = members(node.cls)
    strange = node.value.keys() - known.keys() - _DEFINED
    if not strange:
        return
    foreign = foreign_contexts(node) + foreign_contexts(tree.root)
    # What lies behind the address of a context is not known here: it may define anything.
    if any(isinstance(context, str) for context in foreign):
        return
    defined = {term for context in foreign if isinstance(context, dict) for term in context}
    for name in strange - defined:
        if not (node.cls in CREDENTIALS and name in _OLD_NAMES):
            yield name, nearest(name.removeprefix("@"), known.keys() - node.value.keys())
