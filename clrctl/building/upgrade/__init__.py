"""Upgrading: Open Badges 2.0 to Open Badges 3.0, CLR 1.0 to CLR 2.0.

An upgrade keeps every fact that the newer standard has a place for, reports the others one by one,
and never pretends that the old issuer signed the new form. The package reads no files.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.building.upgrade.changes import UpgradeNote, UpgradeProblem
    from clrctl.building.upgrade.parts import UpgradeOptions
    from clrctl.building.upgrade.pool import Pool
    from clrctl.building.upgrade.upgrading import Upgraded, upgrade_all

__all__ = [
    "Pool",
    "UpgradeNote",
    "UpgradeOptions",
    "UpgradeProblem",
    "Upgraded",
    "upgrade_all",
]

__getattr__ = lazily(
    __name__,
    {
        "changes": (
            "UpgradeNote",
            "UpgradeProblem",
        ),
        "parts": ("UpgradeOptions",),
        "pool": ("Pool",),
        "upgrading": (
            "Upgraded",
            "upgrade_all",
        ),
    },
)
