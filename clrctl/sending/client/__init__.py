"""The client of the CLR API: upsert, list, discover, and what the answers say."""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.sending.client import discovery, imsx, listing
    from clrctl.sending.client.discovery import Flow, Service
    from clrctl.sending.client.listing import NoList, Page, Reader, RemoteCredential
    from clrctl.sending.client.upsert import (
        Answered,
        BusyError,
        ClrClient,
        Connect,
        Forbidden,
        NoService,
        Redirected,
        Throttled,
        TokenRefused,
        Unconfirmed,
        connector,
    )

__all__ = [
    "Answered",
    "BusyError",
    "ClrClient",
    "Connect",
    "Flow",
    "Forbidden",
    "NoList",
    "NoService",
    "Page",
    "Reader",
    "Redirected",
    "RemoteCredential",
    "Service",
    "Throttled",
    "TokenRefused",
    "Unconfirmed",
    "connector",
    "discovery",
    "imsx",
    "listing",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "discovery",
            "imsx",
            "listing",
        ),
        "discovery": (
            "Flow",
            "Service",
        ),
        "listing": (
            "NoList",
            "Page",
            "Reader",
            "RemoteCredential",
        ),
        "upsert": (
            "Answered",
            "BusyError",
            "ClrClient",
            "Connect",
            "Forbidden",
            "NoService",
            "Redirected",
            "Throttled",
            "TokenRefused",
            "Unconfirmed",
            "connector",
        ),
    },
)
