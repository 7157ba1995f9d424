"""Checking: what is wrong with a credential, and how to mend it.

`validation` checks one document, `check_all` many. Schemas find most errors; `rules` find what no
schema can say; `explain` turns both into findings that name the place and the fix. The room neither
prints, reads the environment nor sends requests.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.checking import comparison, project, recognise, validation
    from clrctl.checking.codes import Code, all_codes
    from clrctl.checking.comparison import ORDERED, Change, compare
    from clrctl.checking.many import ValidateOptions, check_all
    from clrctl.checking.policy import Policy
    from clrctl.checking.project import FIXED
    from clrctl.checking.rules import CLR_2, EXTENSIONS, OB_3, VC_1, VC_2, Rule, all_rules
    from clrctl.checking.validation import check_data

__all__ = [
    "CLR_2",
    "EXTENSIONS",
    "FIXED",
    "OB_3",
    "ORDERED",
    "VC_1",
    "VC_2",
    "Change",
    "Code",
    "Policy",
    "Rule",
    "ValidateOptions",
    "all_codes",
    "all_rules",
    "check_all",
    "check_data",
    "compare",
    "comparison",
    "project",
    "recognise",
    "validation",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "comparison",
            "project",
            "recognise",
            "validation",
        ),
        "codes": (
            "Code",
            "all_codes",
        ),
        "comparison": (
            "Change",
            "ORDERED",
            "compare",
        ),
        "many": (
            "ValidateOptions",
            "check_all",
        ),
        "policy": ("Policy",),
        "project": ("FIXED",),
        "rules": (
            "CLR_2",
            "EXTENSIONS",
            "OB_3",
            "Rule",
            "VC_1",
            "VC_2",
            "all_rules",
        ),
        "validation": ("check_data",),
    },
)
