"""OneRoster: report cards from the CSV export of a school's gradebook.

An export says who took which course, and with which grade; everything else that a record needs is
said by a recipe beside it, and never guessed.
"""

from __future__ import annotations

from clrctl.building.oneroster import card as cards_recipe
from clrctl.building.oneroster.archive import Archive
from clrctl.building.oneroster.cards import ReportCards
from clrctl.errors import UsageError

_HOW = "clrctl build roster.zip -r report-card.yaml -o records/"


def load(source: str, recipe: str, raw: bytes | None = None) -> ReportCards:
    """Return the records of an export, which are to be closed.

    Args:
        source: a zip or folder; or the recipe, which then names the export as `roster`.
        recipe: the recipe; empty: the source is it.
        raw: what the recipe holds, where that was read.

    Raises:
        UsageError: one of the two is missing.
        Refused: the recipe or the export cannot be used.
        InputError: a file cannot be opened, or is damaged.
    """
    if not recipe:
        card = cards_recipe.load(source, raw)
        if not card.roster:
            raise UsageError(
                "this recipe is for an export, and there is none",
                where=source,
                fix=f"name the export, and this recipe with it: {_HOW}; or say `roster: FILE`",
            )
        return ReportCards(Archive(card.roster), card)
    return ReportCards(Archive(source), cards_recipe.load(recipe))


def wants_recipe(source: str) -> UsageError:
    """Return the error of an export without a recipe."""
    return UsageError(
        "a OneRoster export needs a recipe beside it",
        where=source,
        why="it names neither the issuer nor the results that are final grades",
        fix=f"write one, and name it: {_HOW}",
    )
