"""Building: from what a school has to CLRs.

Every source - a recipe, tables, a roster, a framework, older badges - fills the plain model of
`clrctl.building.model`, and one emitter writes the credentials. A source never writes JSON itself.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.building import dates, ids, starters, wrap
    from clrctl.building.case import Item, Package, choose, framework, write
    from clrctl.building.emitter import EmitOptions
    from clrctl.building.images import ImagePolicy
    from clrctl.building.model import Record, When
    from clrctl.building.output import FileState, Output, OutputFile, OutputFolder, Placed
    from clrctl.building.problems import NotBuilt, Note, Problem, Refused, Skipped
    from clrctl.building.provenance import Provenance
    from clrctl.building.recipe import load
    from clrctl.building.report import BuildReport
    from clrctl.building.run import BuildOptions, BuildResult, Built, build_sources
    from clrctl.building.sources import Source, SourceKind, kind_of, opened
    from clrctl.building.starters import Starter
    from clrctl.building.tables import Sketch, looking, sketch
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
    "BuildOptions",
    "BuildReport",
    "BuildResult",
    "Built",
    "EmitOptions",
    "FileState",
    "ImagePolicy",
    "Item",
    "Judged",
    "NotBuilt",
    "Note",
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
    "UpgradeNote",
    "UpgradeOptions",
    "UpgradeProblem",
    "Upgraded",
    "When",
    "WrapOutcome",
    "build_sources",
    "choose",
    "dates",
    "framework",
    "ids",
    "including",
    "kind_of",
    "load",
    "looking",
    "opened",
    "originals",
    "record",
    "sketch",
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
        "emitter": ("EmitOptions",),
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
            "NotBuilt",
            "Note",
            "Problem",
            "Refused",
            "Skipped",
        ),
        "provenance": ("Provenance",),
        "recipe": ("load",),
        "report": ("BuildReport",),
        "run": (
            "BuildOptions",
            "BuildResult",
            "Built",
            "build_sources",
        ),
        "sources": (
            "Source",
            "SourceKind",
            "kind_of",
            "opened",
        ),
        "starters": ("Starter",),
        "tables": (
            "Sketch",
            "looking",
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
