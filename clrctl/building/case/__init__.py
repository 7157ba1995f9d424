"""CASE: frameworks of competencies, and the achievements of a recipe that come from them.

The default is an alignment: an achievement says which item of a framework it is about. Where the
items themselves are awarded, the wanted ones become achievements, with what they are children of.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.building.case.competencies import Frameworks, choose
    from clrctl.building.case.package import Item, Package, framework
    from clrctl.building.case.recipe_part import write

__all__ = [
    "Frameworks",
    "Item",
    "Package",
    "choose",
    "framework",
    "write",
]

__getattr__ = lazily(
    __name__,
    {
        "competencies": (
            "Frameworks",
            "choose",
        ),
        "package": (
            "Item",
            "Package",
            "framework",
        ),
        "recipe_part": ("write",),
    },
)
