"""Gives the built-in sandbox a port of a test's own."""

from __future__ import annotations

import dataclasses
from typing import Any

from clrctl import sandbox
from clrctl.cli import settings
from clrctl.sending.endpoints import endpoint


def give(monkeypatch: Any, port: int) -> None:
    """Let the built-in endpoint `sandbox` be at this port."""
    base = f"http://127.0.0.1:{port}"
    built_in = tuple(
        dataclasses.replace(each, base=base, token_url=base + sandbox.TOKEN_PATH)
        if each.name == "sandbox"
        else each
        for each in endpoint.BUILT_IN
    )
    monkeypatch.setattr(settings, "BUILT_IN", built_in)
