"""Rules of the TimeBack endpoint, beside its schema. Source: the endpoint's reference page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from clrctl.checking.rules.registry import Fault, rule
from clrctl.finding import Severity
from clrctl.standard import CREDENTIALS, Node, Path, Tree, grow, members
from clrctl.util import count

TIMEBACK = "timeback"
SCHEMA = "timeback/clrcredential.json"


@rule(
    "timeback/class",
    on=(*CREDENTIALS, "Profile"),
    ruleset=TIMEBACK,
    source="TimeBack CLR endpoint, upsert",
    good={"type": ["VerifiableCredential", "ClrCredential"]},
    bad={"type": ["VerifiableCredential", "AchievementCredential"]},
)
def clr_only(node: Node, tree: Tree) -> Iterator[Fault]:
    """The endpoint takes CLRs.

    A badge or an endorsement on its own is refused; it travels inside a CLR.
    """
    if node is tree.root and node.cls != "ClrCredential":
        yield Fault(
            (),
            f"this is a document of class {node.cls}; the endpoint takes ClrCredentials",
            "put it into the credentialSubject.verifiableCredential of a CLR",
            instead_of=(),
        )


@rule(
    "timeback/unlisted",
    on=("ClrCredential",),
    ruleset=TIMEBACK,
    severity=Severity.WARNING,
    source="TimeBack CLR endpoint, upsert: members of the request",
    good={"name": "Transcript"},
    bad={"partial": False},
)
def unlisted(node: Node, tree: Tree) -> Iterator[Fault]:
    """The endpoint's page lists each member that is sent.

    Members that it does not list may be dropped without a word. After an upsert the answer is
    compared with what was sent, and what is missing is named. Each is told once, at the first
    place where it stands.
    """
    if node is not tree.root:
        return
    first: dict[tuple[str, str], Path] = {}
    places: Counter[tuple[str, str]] = Counter()
    for listed in grow(node.value, "ClrCredential", SCHEMA).everything():
        known = members(listed.cls, SCHEMA)
        for name in listed.value:
            if name not in known:
                kind = listed.cls, name
                places[kind] += 1
                first.setdefault(kind, (*listed.path, name))
    for (cls, name), path in first.items():
        also = (
            f", nor in {count(places[cls, name] - 1, 'more place')}"
            if places[cls, name] > 1
            else ""
        )
        yield Fault(
            path,
            f'"{name}" is not a member that the endpoint lists here{also}: it may be dropped',
            at_key=True,
        )
