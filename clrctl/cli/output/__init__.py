"""Output: what the commands print and write, in every format."""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.cli.output import listings, plans, uploads
    from clrctl.cli.output.builds import BuildRun, placed_at, refuse_inside
    from clrctl.cli.output.findings import FindingsForm, FindingsSummary
    from clrctl.cli.output.findings_text import FindingsText
    from clrctl.cli.output.formats import OutputKind, findings_form, suffixes, verdicts_form
    from clrctl.cli.output.signings import SignRun
    from clrctl.cli.output.target import answering, refuse_to_replace
    from clrctl.cli.output.upgrades import UpgradeRun
    from clrctl.cli.output.upload_files import UploadReport
    from clrctl.cli.output.upload_report import foresee, open_report
    from clrctl.cli.output.verdicts import VerdictsForm, VerdictsSummary
    from clrctl.cli.output.wraps import WrapRun

__all__ = [
    "BuildRun",
    "FindingsForm",
    "FindingsSummary",
    "FindingsText",
    "OutputKind",
    "SignRun",
    "UpgradeRun",
    "UploadReport",
    "VerdictsForm",
    "VerdictsSummary",
    "WrapRun",
    "answering",
    "findings_form",
    "foresee",
    "listings",
    "open_report",
    "placed_at",
    "plans",
    "refuse_inside",
    "refuse_to_replace",
    "suffixes",
    "uploads",
    "verdicts_form",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "listings",
            "plans",
            "uploads",
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
        "formats": (
            "OutputKind",
            "findings_form",
            "suffixes",
            "verdicts_form",
        ),
        "signings": ("SignRun",),
        "target": (
            "answering",
            "refuse_to_replace",
        ),
        "upgrades": ("UpgradeRun",),
        "upload_files": ("UploadReport",),
        "upload_report": (
            "foresee",
            "open_report",
        ),
        "verdicts": (
            "VerdictsForm",
            "VerdictsSummary",
        ),
        "wraps": ("WrapRun",),
    },
)
