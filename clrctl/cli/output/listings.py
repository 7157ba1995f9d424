"""What an endpoint holds, as it is shown and saved: rows for people, the server's bytes for others.

It asks no server; it is given what `clrctl.sending.client.listing` brought.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

import orjson

from clrctl.cli.console import Console
from clrctl.finding import Json
from clrctl.sending import RemoteCredential
from clrctl.util import atomic

COLUMNS: Final = ("id", "issuer", "valid from", "name")
_LONGEST_STEM: Final = 80
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]+")


def row(held: RemoteCredential) -> list[str]:
    """Return what a list tells of a credential."""
    issuer = held.data.get("issuer")
    named = issuer.get("name") or issuer.get("id") if isinstance(issuer, dict) else issuer
    texts = (held.id, named, held.data.get("validFrom"), held.data.get("name"))
    return [text if isinstance(text, str) else "" for text in texts]


def write(console: Console, held: RemoteCredential) -> None:
    """Write a credential as one line of the answer.

    In a pipe these are the server's bytes, but for line ends and indents; a terminal gets
    characters that could steer it as JSON escapes.
    """
    if console.out.isatty():
        console.answer_json(orjson.Fragment(held.line))
    else:
        console.for_files().answer_bytes(held.line + b"\n")


def write_file(console: Console, held: RemoteCredential) -> None:
    """Write a credential as it came, to the last byte."""
    console.for_files().answer_bytes(held.contents)


def save(folder: Path, held: RemoteCredential) -> Path:
    """Write a credential to a file that is named after its id; return where it lies.

    The next time the same credential replaces it.

    Raises:
        InputError: it cannot be written.
    """
    file = folder / _name(held)
    words = atomic.Words("cannot save the credential", where=f"{file} (--save)")
    with atomic.told(file, words):
        folder.mkdir(parents=True, exist_ok=True)
    atomic.replace(file, held.contents, mode=atomic.PRIVATE, words=words)
    return file


def _name(held: RemoteCredential) -> str:
    """Return a file name: what is readable of the id, and a digest that tells ids apart."""
    stem = _UNFIT.sub("-", held.id)[-_LONGEST_STEM:].strip("-.")
    identity = orjson.dumps([_issuer_id(held.data), held.id]) if held.id else held.raw.strip()
    digest = hashlib.sha256(identity).hexdigest()[:8]
    return f"{stem or 'credential'}-{digest}.{'jwt' if held.is_signed else 'json'}"


def _issuer_id(data: dict[str, Json]) -> str:
    issuer = data.get("issuer") or data.get("iss")
    return str(issuer.get("id") if isinstance(issuer, dict) else issuer)
