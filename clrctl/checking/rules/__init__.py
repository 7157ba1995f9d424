"""What the standard asks and no schema can say: rules, each a function with a name.

A rule looks at the objects of one or more classes and yields a `Fault` for each thing that is
wrong. To add one: write a function in the module of its subject and decorate it with `@rule`;
the list of codes, its documentation and the test of its examples follow from that.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.checking.rules.contexts import CLR_2, EXTENSIONS, OB_3, VC_1, VC_2
    from clrctl.checking.rules.registry import Rule, all_rules, check

__all__ = [
    "CLR_2",
    "EXTENSIONS",
    "OB_3",
    "VC_1",
    "VC_2",
    "Rule",
    "all_rules",
    "check",
]

__getattr__ = lazily(
    __name__,
    {
        "contexts": (
            "CLR_2",
            "EXTENSIONS",
            "OB_3",
            "VC_1",
            "VC_2",
        ),
        "registry": (
            "Rule",
            "all_rules",
            "check",
        ),
    },
)
