"""How the servers of an endpoint are reached, as plain data from its entry in the config file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Network:
    """Files and a proxy for all connections to one endpoint and its token endpoint.

    Attributes:
        ca_file: certificates of authorities to trust in the place of all others, in PEM form.
        client_cert: our certificate, and those between it and its authority, in PEM form.
        client_key: its private key in PEM form; empty where `client_cert` holds it.
        proxy: URL of the proxy, in the place of the environment's; empty for the environment's.
        source: where these settings came from.
    """

    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""
    proxy: str = field(default="", repr=False)
    source: str = ""


AS_USUAL = Network()
"""Nothing of its own: the environment and the system decide."""
