"""What the bundled schemas say of a document, and a document of which they say nothing."""

from __future__ import annotations

from pathlib import Path

import orjson

from clrctl.checking import explain
from clrctl.finding import Json
from clrctl.standard import schemas

CLR = "clr/clrcredential.json"

COMPLETE = orjson.loads((Path(__file__).parent / "data" / "complete.clr.json").read_bytes())
"""A valid record that holds every member of every class at least once."""


def found(file: str, document: Json) -> list[tuple[str, str]]:
    """Return pointer and code of every finding that a schema gives for a document."""
    errors = schemas.explaining_validator(file).iter_errors(document)
    return [(f.pointer, f.code) for error in errors for f in explain.findings(error)]
