"""Output: what the commands print and write, in every format."""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.cli.output import listings, plans, uploads, verdicts
    from clrctl.cli.output.builds import BuildRun, placed_at, refuse_inside
    from clrctl.cli.output.findings import FindingsForm, FindingsSummary
    from clrctl.cli.output.findings_text import FindingsText
    from clrctl.cli.output.formats import form
    from clrctl.cli.output.signings import SignRun
    from clrctl.cli.output.target import answering, refuse_to_replace
    from clrctl.cli.output.upgrades import UpgradeRun
    from clrctl.cli.output.upload_report import LinesFile, ReportFile, foresee, open_report
    from clrctl.cli.output.verdicts import VerdictsJson, VerdictsSummary, VerdictsText
    from clrctl.cli.output.wraps import WrapRun

__all__ = [
    "BuildRun",
    "FindingsForm",
    "FindingsSummary",
    "FindingsText",
    "LinesFile",
    "ReportFile",
    "SignRun",
    "UpgradeRun",
    "VerdictsJson",
    "VerdictsSummary",
    "VerdictsText",
    "WrapRun",
    "answering",
    "foresee",
    "form",
    "listings",
    "open_report",
    "placed_at",
    "plans",
    "refuse_inside",
    "refuse_to_replace",
    "uploads",
    "verdicts",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "listings",
            "plans",
            "uploads",
            "verdicts",
        ),
        "builds": (
            "BuildRun",
            "placed_at",
            "refuse_inside",
        ),
        "findings": (
            "FindingsForm",
            "FindingsSummary",
        ),
        "findings_text": ("FindingsText",),
        "formats": ("form",),
        "signings": ("SignRun",),
        "target": (
            "answering",
            "refuse_to_replace",
        ),
        "upgrades": ("UpgradeRun",),
        "upload_report": (
            "LinesFile",
            "ReportFile",
            "foresee",
            "open_report",
        ),
        "verdicts": (
            "VerdictsJson",
            "VerdictsSummary",
            "VerdictsText",
        ),
        "wraps": ("WrapRun",),
    },
)
