"""CASE: frameworks of competencies, and the achievements of a recipe that come from them.

The default is an alignment: an achievement says which item of a framework it is about. Where the
items themselves are awarded, the wanted ones become achievements, with what they are children of.
"""

from clrctl.builder.case.competencies import Chosen, Frameworks, choose
from clrctl.builder.case.package import Item, Package, framework, read
from clrctl.builder.case.recipe_part import write

__all__ = [
    "Chosen",
    "Frameworks",
    "Item",
    "Package",
    "choose",
    "framework",
    "read",
    "write",
]
