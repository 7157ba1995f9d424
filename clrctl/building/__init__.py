"""Building: from what a school has to CLRs.

Every source - a recipe, tables, a roster, a framework, older badges - fills the plain model of
`clrctl.building.model`, and one emitter writes the credentials. A source never writes JSON itself.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.building import dates, ids, sources, starters, wrap
    from clrctl.building.case import Item, Package, choose, framework, write
    from clrctl.building.emitter import EmitOptions, Emitter
    from clrctl.building.images import ImagePolicy
    from clrctl.building.model import Record, When
    from clrctl.building.output import FileState, Output, OutputFile, OutputFolder, Placed
    from clrctl.building.problems import Note, Problem, Refused, Skipped, Unbuilt
    from clrctl.building.provenance import Provenance
    from clrctl.building.recipe import load
    from clrctl.building.report import BuildReport
    from clrctl.building.run import BuildOutcome, Built, build
    from clrctl.building.signing import signed
    from clrctl.building.sources import Source, SourceKind
    from clrctl.building.starters import Starter
    from clrctl.building.tables import Opener, Sketch, sketch
    from clrctl.building.upgrade import (
        Pool,
        Upgraded,
        UpgradeNote,
        UpgradeOptions,
        UpgradeProblem,
        upgrade_all,
    )
    from clrctl.building.wrap import Judged, WrapOutcome, including, originals, record, wrap_report

__all__ = [
    "BuildOutcome",
    "BuildReport",
    "Built",
    "EmitOptions",
    "Emitter",
    "FileState",
    "ImagePolicy",
    "Item",
    "Judged",
    "Note",
    "Opener",
    "Output",
    "OutputFile",
    "OutputFolder",
    "Package",
    "Placed",
    "Pool",
    "Problem",
    "Provenance",
    "Record",
    "Refused",
    "Sketch",
    "Skipped",
    "Source",
    "SourceKind",
    "Starter",
    "Unbuilt",
    "UpgradeNote",
    "UpgradeOptions",
    "UpgradeProblem",
    "Upgraded",
    "When",
    "WrapOutcome",
    "build",
    "choose",
    "dates",
    "framework",
    "ids",
    "including",
    "load",
    "originals",
    "record",
    "signed",
    "sketch",
    "sources",
    "starters",
    "upgrade_all",
    "wrap",
    "wrap_report",
    "write",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "dates",
            "ids",
            "sources",
            "starters",
            "wrap",
        ),
        "case": (
            "Item",
            "Package",
            "choose",
            "framework",
            "write",
        ),
        "emitter": (
            "EmitOptions",
            "Emitter",
        ),
        "images": ("ImagePolicy",),
        "model": (
            "Record",
            "When",
        ),
        "output": (
            "FileState",
            "Output",
            "OutputFile",
            "OutputFolder",
            "Placed",
        ),
        "problems": (
            "Note",
            "Problem",
            "Refused",
            "Skipped",
            "Unbuilt",
        ),
        "provenance": ("Provenance",),
        "recipe": ("load",),
        "report": ("BuildReport",),
        "run": (
            "BuildOutcome",
            "Built",
            "build",
        ),
        "signing": ("signed",),
        "sources": (
            "Source",
            "SourceKind",
        ),
        "starters": ("Starter",),
        "tables": (
            "Opener",
            "Sketch",
            "sketch",
        ),
        "upgrade": (
            "Pool",
            "UpgradeNote",
            "UpgradeOptions",
            "UpgradeProblem",
            "Upgraded",
            "upgrade_all",
        ),
        "wrap": (
            "Judged",
            "WrapOutcome",
            "including",
            "originals",
            "record",
            "wrap_report",
        ),
    },
)
