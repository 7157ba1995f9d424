"""Endpoints: where records are sent, and what is particular about each platform."""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.sending.endpoints.endpoint import (
        BUILT_IN,
        SANDBOX,
        Endpoint,
        check_config,
        checked_url,
        endpoint_from_config,
        endpoint_from_url,
    )

__all__ = [
    "BUILT_IN",
    "SANDBOX",
    "Endpoint",
    "check_config",
    "checked_url",
    "endpoint_from_config",
    "endpoint_from_url",
]

__getattr__ = lazily(
    __name__,
    {
        "endpoint": (
            "BUILT_IN",
            "Endpoint",
            "SANDBOX",
            "check_config",
            "checked_url",
            "endpoint_from_config",
            "endpoint_from_url",
        )
    },
)
