"""One HTTP exchange: bounded in time and size, never redirected, its failures told in our errors.

The package is the only home of httpx, and knows nothing of credentials, tokens or the API.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.http import tls
    from clrctl.http.answer import RATE_LEFT, RATE_RESET, Answer, LostAnswer, Timeouts
    from clrctl.http.client import Client, origin
    from clrctl.http.link import Link
    from clrctl.http.network import AS_USUAL, KEYS, Network, network_from_config

__all__ = [
    "AS_USUAL",
    "KEYS",
    "RATE_LEFT",
    "RATE_RESET",
    "Answer",
    "Client",
    "Link",
    "LostAnswer",
    "Network",
    "Timeouts",
    "network_from_config",
    "origin",
    "tls",
]

__getattr__ = lazily(
    __name__,
    {
        "": ("tls",),
        "answer": (
            "RATE_LEFT",
            "RATE_RESET",
            "Answer",
            "LostAnswer",
            "Timeouts",
        ),
        "client": (
            "Client",
            "origin",
        ),
        "link": ("Link",),
        "network": (
            "AS_USUAL",
            "KEYS",
            "Network",
            "network_from_config",
        ),
    },
)
