"""Rules on proofs that can be decided without keys.

Sources: CLR 2.0, ClrSubject; VC Data Integrity 1.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from clrctl.finding import Severity
from clrctl.rules.registry import Fault, rule
from clrctl.tree import CREDENTIALS, Node, Tree

# In a CLR they are nearly always achievement credentials: the example is one.
NESTED_FIRST = tuple(sorted(CREDENTIALS))


@rule(
    "proof/missing",
    on=NESTED_FIRST,
    severity=Severity.WARNING,
    source="CLR 2.0, ClrSubject.verifiableCredential; practice of the 1EdTech validator",
    good={},
    bad={"proof": None},
)
def missing(node: Node, _: Tree) -> Iterator[Fault]:
    """Each nested credential carries its own proof.

    Whoever publishes a CLR signs the outside. That does not bind what is inside unsigned
    credentials, and the official validator refuses a CLR that holds any.
    """
    if node.parent is not None and node.parent.cls == "ClrSubject" and not node.value.get("proof"):
        yield Fault(
            node.path,
            "this nested credential is not signed",
            "sign it before it goes into the CLR",
        )
