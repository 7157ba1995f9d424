"""Build, check, sign, verify and send Comprehensive Learner Records (1EdTech CLR 2.0).

The library is what `__all__` lists; its functions are those of `clrctl.api`:

    build          records out of what a school has, in an iterator
    write_records  puts them into a folder, one file for each learner
    validate       what is wrong with a credential, and how to mend it
    sign           proofs, inside a record first
    verify         whether credentials are what their issuers signed
    upsert         stored once, reliably, at an endpoint
    transcript     what a credential says

Everything else in this package is the command-line tool's own and may change.
"""

from clrctl._version import __version__

# The name that type checkers know; importing it from typing would take longer than all else here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.api import (
        build,
        running_sandbox,
        sign,
        transcript,
        upsert,
        validate,
        verify,
        write_records,
    )
    from clrctl.building import Built, NotBuilt, Note, Placed, Problem, Skipped
    from clrctl.errors import (
        AuthError,
        ClrctlError,
        InputError,
        RefusedError,
        TemporaryError,
        UsageError,
    )
    from clrctl.finding import Finding, Report, Severity
    from clrctl.sending import (
        ClientCredentials,
        Delivery,
        Duplicates,
        Endpoint,
        NotSent,
        Receipt,
        SendOptions,
        StaticToken,
        Upload,
        UploadOutcome,
        UpsertOptions,
    )
    from clrctl.showing import Transcript
    from clrctl.signing import NotSigned, Signed
    from clrctl.verifying import Check, CredentialVerdict, Outcome, Verdict

__all__ = [
    "AuthError",
    "Built",
    "Check",
    "ClientCredentials",
    "ClrctlError",
    "CredentialVerdict",
    "Delivery",
    "Duplicates",
    "Endpoint",
    "Finding",
    "InputError",
    "NotBuilt",
    "NotSent",
    "NotSigned",
    "Note",
    "Outcome",
    "Placed",
    "Problem",
    "Receipt",
    "RefusedError",
    "Report",
    "SendOptions",
    "Severity",
    "Signed",
    "Skipped",
    "StaticToken",
    "TemporaryError",
    "Transcript",
    "Upload",
    "UploadOutcome",
    "UpsertOptions",
    "UsageError",
    "Verdict",
    "__version__",
    "build",
    "running_sandbox",
    "sign",
    "transcript",
    "upsert",
    "validate",
    "verify",
    "write_records",
]

_HOMES = {
    "building": ("Built", "NotBuilt", "Note", "Placed", "Problem", "Skipped"),
    "errors": (
        "AuthError",
        "ClrctlError",
        "InputError",
        "RefusedError",
        "TemporaryError",
        "UsageError",
    ),
    "finding": ("Finding", "Report", "Severity"),
    "sending": (
        "ClientCredentials",
        "Delivery",
        "Duplicates",
        "Endpoint",
        "NotSent",
        "Receipt",
        "SendOptions",
        "StaticToken",
        "Upload",
        "UploadOutcome",
        "UpsertOptions",
    ),
    "signing": ("NotSigned", "Signed"),
    "showing": ("Transcript",),
    "verifying": ("Check", "CredentialVerdict", "Outcome", "Verdict"),
}


def __getattr__(name: str) -> object:
    # Loaded when first used (PEP 562), so that `import clrctl` costs next to nothing.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    home = next((room for room, names in _HOMES.items() if name in names), "api")
    return getattr(importlib.import_module(f"clrctl.{home}"), name)
