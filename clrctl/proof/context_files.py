"""JSON-LD contexts that a command line adds to those that are built in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from clrctl.document import Document, names, parse
from clrctl.errors import InputError, UsageError
from clrctl.finding import Json
from clrctl.proof.jsonld import Contexts, meaning

_EXAMPLE = "such as --context https://school.example/contexts/v1=context.json"


def load(given: Iterable[str]) -> Contexts:
    """Return the contexts that are built in, and those that `--context URL=FILE` adds.

    Raises:
        UsageError: one is not of that form.
        InputError: a file cannot be read, or holds no context.
    """
    known = {url: _read(name).data for url, name in map(address_and_file, given)}
    try:
        contexts = Contexts.built_in().plus(known)
    except ValueError as problem:
        raise InputError("this is no JSON-LD context", why=str(problem)) from None
    refuse_redefinitions(known)
    return contexts


def address_and_file(given: str) -> tuple[str, str]:
    """Return the address of a context and the name of its file, from the text `URL=FILE`.

    Raises:
        UsageError: it is not of that form.
    """
    # An URL may hold "=" itself; a file's name seldom does.
    url, _, name = given.rpartition("=")
    if not url or not name:
        raise UsageError("--context is not URL=FILE", why=given, fix=_EXAMPLE)
    return url, name


def refuse_redefinitions(contexts: Mapping[str, Json]) -> None:
    """Refuse contexts that would give what the standard defines another meaning.

    Args:
        contexts: objects with the member `@context`, by their address.

    Raises:
        UsageError: one of them does.
    """
    for url, document in contexts.items():
        if meaning.redefines(url, document):
            raise UsageError(
                "a context that is built in cannot be replaced",
                where=url,
                why="the file that is given for it means something else",
                fix="leave it out; clrctl context compare FILE tells how it differs",
            )


def _read(name: str) -> Document:
    try:
        raw = Path(name).read_bytes()
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or str(problem)
        unread = InputError("cannot read the context", where=name, why=why)
        raise names.not_fetched(name) or unread from None
    return parse(raw, source=name, syntax="json").readable("this context cannot be read")
