"""The published material that CLRCTL_REFERENCE names, and PyLD as a judge beside it."""

from __future__ import annotations

import functools
import importlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_1EDTECH, _W3ID = "https://purl.imsglobal.org/spec/", "https://w3id.org/security/"
CONTEXTS = {
    "https://www.w3.org/ns/credentials/v2": "credentials-v2.jsonld",
    "https://www.w3.org/2018/credentials/v1": "2018-credentials-v1.jsonld",
    "https://www.w3.org/ns/did/v1": "did-v1.jsonld",
    f"{_1EDTECH}clr/v2p0/context-2.0.1.json": "clr-v2p0-2.0.1.json",
    f"{_1EDTECH}clr/v2p0/context.json": "clr-v2p0.json",
    f"{_1EDTECH}ob/v3p0/context-3.0.3.json": "ob-v3p0-3.0.3.json",
    f"{_1EDTECH}ob/v3p0/context-3.0.2.json": "ob-v3p0-3.0.2.json",
    f"{_1EDTECH}ob/v3p0/context-3.0.1.json": "ob-v3p0-3.0.1.json",
    f"{_1EDTECH}ob/v3p0/context.json": "ob-v3p0.json",
    f"{_1EDTECH}ob/v3p0/extensions.json": "ob-v3p0-extensions.json",
    f"{_W3ID}data-integrity/v1": "data-integrity-v1.jsonld",
    f"{_W3ID}suites/ed25519-2020/v1": "security-suites-ed25519-2020-v1.jsonld",
}
"""Address and file of each context; the two that are missing are part of credentials/v2."""
OLDER_OB_303 = "ob-v3p0-3.0.3.with-jwt.json"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
"""A context of W3C's examples, which has one entry."""


def folder() -> Path | None:
    """Return where the material lies; None where the variable is not set."""
    name = os.environ.get("CLRCTL_REFERENCE")
    return Path(name) if name else None


def needed() -> Path:
    """Return where the material lies, or skip the test."""
    found = folder()
    if found is None:
        pytest.skip("CLRCTL_REFERENCE does not name the folder of published material")
    return found


def read(*names: str) -> Any:
    return json.loads(needed().joinpath(*names).read_bytes())


@functools.cache
def contexts() -> dict[str, Any]:
    """Return the published contexts by their address."""
    known = {url: read("contexts", file) for url, file in CONTEXTS.items()}
    known[EXAMPLES] = {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}
    return known


def judge(known: dict[str, Any]) -> Callable[[Any], str]:
    """Return PyLD as a function from a document to canonical N-Quads."""
    try:
        jsonld = importlib.import_module("pyld.jsonld")
    except ImportError:
        pytest.skip("PyLD is not installed")

    def load(url: str, _: Any) -> Any:
        return {
            "contextUrl": None,
            "documentUrl": url,
            "contentType": "application/ld+json",
            "document": known[url],
        }

    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": load,
    }
    return lambda document: str(jsonld.normalize(document, options))
