"""Recipes: one learner's record, written by hand in YAML or JSON."""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.building.recipe import load, parts
    from clrctl.building.recipe.parts import Heading
    from clrctl.building.recipe.reader import UNFILLED, Mapping, open_mapping, read_file

__all__ = [
    "UNFILLED",
    "Heading",
    "Mapping",
    "load",
    "open_mapping",
    "parts",
    "read_file",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "load",
            "parts",
        ),
        "parts": ("Heading",),
        "reader": (
            "Mapping",
            "UNFILLED",
            "open_mapping",
            "read_file",
        ),
    },
)
