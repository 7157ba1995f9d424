"""Sending: every credential is stored once, reliably, at an endpoint.

`prepare` checks what is to be sent and finds duplicates; `upload` joins it with the journal, the
sender and the endpoint. `client` speaks the API, `auth` gets tokens, `journal` records what was
sent.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.sending import holdings, plan, prepare
    from clrctl.sending.auth import (
        Cache,
        ClientCredentials,
        Credentials,
        Login,
        OAuthClient,
        Session,
        StaticToken,
        header_secret,
        login,
        store,
    )
    from clrctl.sending.client import (
        NoList,
        Page,
        Reader,
        RemoteCredential,
        Service,
        discovery,
        listing,
    )
    from clrctl.sending.delivery import Delivery
    from clrctl.sending.endpoints import (
        BUILT_IN,
        SANDBOX,
        Endpoint,
        check_config,
        endpoint_from_config,
        endpoint_from_url,
    )
    from clrctl.sending.holdings import Checked
    from clrctl.sending.journal import Entry, Journal, path_of, sources
    from clrctl.sending.outcome import STORED, Receipt, UploadOutcome
    from clrctl.sending.own_sandbox import OwnSandbox, problems, running_sandbox
    from clrctl.sending.plan import Plan, PlanState, PlanStep
    from clrctl.sending.prepare import Duplicates, Prepared
    from clrctl.sending.saving import SavedFolder
    from clrctl.sending.scheduler import SendOptions
    from clrctl.sending.spool import Bodies, QueuedCredential
    from clrctl.sending.upload import NotSent, Told, Upload, UpsertOptions

__all__ = [
    "BUILT_IN",
    "SANDBOX",
    "STORED",
    "Bodies",
    "Cache",
    "Checked",
    "ClientCredentials",
    "Credentials",
    "Delivery",
    "Duplicates",
    "Endpoint",
    "Entry",
    "Journal",
    "Login",
    "NoList",
    "NotSent",
    "OAuthClient",
    "OwnSandbox",
    "Page",
    "Plan",
    "PlanState",
    "PlanStep",
    "Prepared",
    "QueuedCredential",
    "Reader",
    "Receipt",
    "RemoteCredential",
    "SavedFolder",
    "SendOptions",
    "Service",
    "Session",
    "StaticToken",
    "Told",
    "Upload",
    "UploadOutcome",
    "UpsertOptions",
    "check_config",
    "discovery",
    "endpoint_from_config",
    "endpoint_from_url",
    "header_secret",
    "holdings",
    "listing",
    "login",
    "path_of",
    "plan",
    "prepare",
    "problems",
    "running_sandbox",
    "sources",
    "store",
]

__getattr__ = lazily(
    __name__,
    {
        "": (
            "holdings",
            "plan",
            "prepare",
        ),
        "auth": (
            "Cache",
            "ClientCredentials",
            "Credentials",
            "Login",
            "OAuthClient",
            "Session",
            "StaticToken",
            "header_secret",
            "login",
            "store",
        ),
        "client": (
            "NoList",
            "Page",
            "Reader",
            "RemoteCredential",
            "Service",
            "discovery",
            "listing",
        ),
        "delivery": ("Delivery",),
        "endpoints": (
            "BUILT_IN",
            "Endpoint",
            "SANDBOX",
            "check_config",
            "endpoint_from_config",
            "endpoint_from_url",
        ),
        "holdings": ("Checked",),
        "journal": (
            "Entry",
            "Journal",
            "path_of",
            "sources",
        ),
        "outcome": (
            "Receipt",
            "STORED",
            "UploadOutcome",
        ),
        "own_sandbox": (
            "OwnSandbox",
            "problems",
            "running_sandbox",
        ),
        "plan": (
            "Plan",
            "PlanState",
            "PlanStep",
        ),
        "prepare": (
            "Duplicates",
            "Prepared",
        ),
        "saving": ("SavedFolder",),
        "scheduler": ("SendOptions",),
        "spool": (
            "Bodies",
            "QueuedCredential",
        ),
        "upload": (
            "NotSent",
            "Told",
            "Upload",
            "UpsertOptions",
        ),
    },
)
