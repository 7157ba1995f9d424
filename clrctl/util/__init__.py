"""What every room may need and no standard defines: files, locks, words, secrets."""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.util import atomic, base64url
    from clrctl.util.html import Layout, Markup, element
    from clrctl.util.lock import Lock, LockHeld
    from clrctl.util.processes import available, workers
    from clrctl.util.secret import HandedOver, Secret
    from clrctl.util.wording import (
        FORMER,
        Part,
        count,
        meant,
        nearest,
        nearest_class,
        nearest_key,
        quoted,
        safe,
        size,
        visible,
    )

__all__ = [
    "FORMER",
    "HandedOver",
    "Layout",
    "Lock",
    "LockHeld",
    "Markup",
    "Part",
    "Secret",
    "atomic",
    "available",
    "base64url",
    "count",
    "element",
    "meant",
    "nearest",
    "nearest_class",
    "nearest_key",
    "quoted",
    "safe",
    "size",
    "visible",
    "workers",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "atomic",
            "base64url",
        ),
        "html": (
            "Layout",
            "Markup",
            "element",
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
            "count",
            "meant",
            "nearest",
            "nearest_class",
            "nearest_key",
            "quoted",
            "safe",
            "size",
            "visible",
        ),
    },
)
