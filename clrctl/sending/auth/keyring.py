"""The system's keyring, where the extra `keyring` is installed and the system has one.

Every failure means that nothing is kept there: it is told in words, never raised. This is the
only home of the package keyring, which takes long to import.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

SERVICE: Final = "clrctl"
# Others keep secrets in plain text, or in a place that the package's user chose for tests.
_TRUSTED: Final = tuple(
    f"keyring.backends.{name}"
    for name in ("macOS", "Windows", "SecretService", "libsecret", "kwallet")
)


def read(name: str) -> tuple[str, str]:
    """Return the secret of that name, or an empty text and why there is none."""
    return _try(lambda keyring: keyring.get_password(SERVICE, name))


def write(name: str, secret: str) -> str:
    """Keep a secret under a name; return why it is not kept, or an empty text."""
    return _try(lambda keyring: keyring.set_password(SERVICE, name, secret))[1]


def delete(name: str) -> str:
    """Forget a secret; return why it may still be there, or an empty text."""
    return _try(lambda keyring: keyring.delete_password(SERVICE, name))[1]


def _try(action: Callable[[Any], str | None]) -> tuple[str, str]:
    """Return what an action on the keyring returns, and why it was not done."""
    try:
        import keyring

        backend = keyring.get_keyring()
        for each in getattr(backend, "backends", None) or [backend]:
            if not type(each).__module__.startswith(_TRUSTED):
                return "", f"{type(each).__module__} is no keyring of the system"
        return action(backend) or "", ""
    except ImportError:
        return "", "pip install 'clrctl[keyring]' is needed for it"
    except Exception as problem:
        # Its text may hold anything.
        return "", f"the keyring failed: {type(problem).__name__}"
