"""Build, validate and upload Comprehensive Learner Records (1EdTech CLR 2.0).

The library is what `__all__` lists: `clrctl.validate(data)` returns a `Report`,
`clrctl.verify(data, now=...)` a `Verdict`, `clrctl.sign(data, keys, created=...)` the signed
document. Everything else in this package is the command-line
tool's own and may change.
"""

from clrctl._version import __version__

__all__ = [
    "Check",
    "ClrctlError",
    "CredentialVerdict",
    "Finding",
    "InputError",
    "NotSigned",
    "Outcome",
    "Report",
    "Severity",
    "UsageError",
    "Verdict",
    "__version__",
    "sign",
    "validate",
    "verify",
]

# The name that type checkers know; importing it from typing would take longer than all else here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from clrctl.api import (
        Report,
        sign,
        validate,
        verify,
    )
    from clrctl.errors import ClrctlError, InputError, UsageError
    from clrctl.finding import Finding, Severity
    from clrctl.signing import NotSigned
    from clrctl.verifying import (
        Check,
        CredentialVerdict,
        Outcome,
        Verdict,
    )


def __getattr__(name: str) -> object:
    # Loaded when first used (PEP 562), so that `import clrctl` costs next to nothing.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from clrctl import api

    value = globals()[name] = getattr(api, name)
    return value
