"""The REST binding of CLR 2.0: paths below the base URL of a server."""

from __future__ import annotations

from typing import Final

API_PATH: Final = "/ims/clr/v2p0"


CREDENTIALS_PATH: Final = f"{API_PATH}/credentials/"


DISCOVERY_PATH: Final = f"{API_PATH}/discovery/"
