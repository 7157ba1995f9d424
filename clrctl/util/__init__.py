"""What every room may need and no standard defines: files, locks, words, secrets."""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.util import atomic, base64url
    from clrctl.util.lock import Lock, LockHeld
    from clrctl.util.processes import available, workers
    from clrctl.util.secret import HandedOver, Secret
    from clrctl.util.wording import (
        FORMER,
        UNSAFE,
        Part,
        count,
        meant,
        nearest,
        nearest_class,
        quoted,
        safe,
        size,
    )

__all__ = [
    "FORMER",
    "UNSAFE",
    "HandedOver",
    "Lock",
    "LockHeld",
    "Part",
    "Secret",
    "atomic",
    "available",
    "base64url",
    "count",
    "meant",
    "nearest",
    "nearest_class",
    "quoted",
    "safe",
    "size",
    "workers",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "atomic",
            "base64url",
        ),
        "lock": (
            "Lock",
            "LockHeld",
        ),
        "processes": (
            "available",
            "workers",
        ),
        "secret": (
            "HandedOver",
            "Secret",
        ),
        "wording": (
            "FORMER",
            "Part",
            "UNSAFE",
            "count",
            "meant",
            "nearest",
            "nearest_class",
            "quoted",
            "safe",
            "size",
        ),
    },
)
