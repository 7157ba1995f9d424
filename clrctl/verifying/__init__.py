"""Verification: whether credentials are what their issuers signed, and still valid.

`Verifier` takes documents and gives verdicts. Every credential and endorsement at every depth is
looked at: its proofs and whose keys made them, its dates, its status, the schemas it names, and
whom it is about. Nothing here prints, reads the environment, knows the time or opens sockets;
what is not in the document or built in comes from a `Trust`.
"""

from clrctl.util.lazy import lazily

# The name that type checkers know; importing it from typing takes time.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.verifying import trust_file
    from clrctl.verifying.engine import Verifier
    from clrctl.verifying.online import Fetcher
    from clrctl.verifying.run import VerifyOptions, verdicts
    from clrctl.verifying.signatures import Signatures
    from clrctl.verifying.status import StatusList, lists
    from clrctl.verifying.trust import offline
    from clrctl.verifying.verdict import Aspect, Check, CredentialVerdict, Outcome, Verdict

__all__ = [
    "Aspect",
    "Check",
    "CredentialVerdict",
    "Fetcher",
    "Outcome",
    "Signatures",
    "StatusList",
    "Verdict",
    "Verifier",
    "VerifyOptions",
    "lists",
    "offline",
    "trust_file",
    "verdicts",
]

__getattr__ = lazily(
    __name__,
    {
        "": ("trust_file",),
        "engine": ("Verifier",),
        "online": ("Fetcher",),
        "run": (
            "VerifyOptions",
            "verdicts",
        ),
        "signatures": ("Signatures",),
        "status": (
            "StatusList",
            "lists",
        ),
        "trust": ("offline",),
        "verdict": (
            "Aspect",
            "Check",
            "CredentialVerdict",
            "Outcome",
            "Verdict",
        ),
    },
)
