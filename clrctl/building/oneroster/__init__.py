"""OneRoster: report cards from the CSV export of a school's gradebook.

An export says who took which course, and with which grade; everything else that a record needs is
said by a recipe beside it, and never guessed.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.building.oneroster.source import load, wants_recipe

__all__ = [
    "load",
    "wants_recipe",
]

__getattr__ = lazily(
    __name__,
    {
        "source": (
            "load",
            "wants_recipe",
        )
    },
)
