"""Base64url without padding, as JOSE, DIDs and status lists write it (RFC 4648, section 5)."""

from __future__ import annotations

import base64


def encode(data: bytes) -> str:
    """Return bytes as text."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str | bytes) -> bytes:
    """Return the bytes of a text.

    Raises:
        ValueError: it holds something else, or ends in the middle of a byte.
    """
    padding = "=" * (-len(text) % 4)
    padded = text + (padding if isinstance(text, str) else padding.encode())  # type: ignore[operator]
    return base64.b64decode(padded, altchars=b"-_", validate=True)
