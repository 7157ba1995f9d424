"""Verification: whether credentials are what their issuers signed, and still valid.

`Verifier` takes documents and gives verdicts. Every credential and endorsement at every depth is
looked at: its proofs and whose keys made them, its dates, its status, the schemas it names, and
whom it is about. Nothing here prints, reads the environment, knows the time or opens sockets;
what is not in the document or built in comes from a `Trust`.
"""

from clrctl.verification.engine import Verifier
from clrctl.verification.trust import NOTHING, NotAvailable, PinnedKey, Trust
from clrctl.verification.verdict import Aspect, Check, CredentialVerdict, Outcome, Verdict

__all__ = [
    "NOTHING",
    "Aspect",
    "Check",
    "CredentialVerdict",
    "NotAvailable",
    "Outcome",
    "PinnedKey",
    "Trust",
    "Verdict",
    "Verifier",
]
