"""The contexts that are built in, as facts: one table of terms, `contexts.tsv`.

Each fact says what a term means in which contexts, and inside which other term. From the facts a
context is made that means the same as the published one; its bytes differ, as its order does.
The table is pinned by the digests of what its contexts mean (`clrctl.proof.jsonld.meaning`).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from importlib import resources
from typing import Final

from clrctl.finding import Json

OB_303: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
"""The address behind which there are two editions, `newer` and `older`."""

_COLUMNS: Final = 7
_ALIASES: Final = {"id": "@id", "type": "@type"}


@dataclass(slots=True)
class Edition:
    """A context as published: an address, and a variant where its file was changed in place.

    Attributes:
        url: its address.
        variant: `newer`, or `older` than what the address leads to now.
        digest: of its meaning (`clrctl.proof.jsonld.meaning`).
        document: the context, made from the facts.
    """

    url: str
    variant: str
    digest: str
    document: dict[str, Json] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The address, and where there are two editions, which."""
        return f"{self.url} ({self.variant} edition)" if self.url == OB_303 else self.url


def urls() -> list[str]:
    """Return the addresses of all built-in contexts."""
    return list(dict.fromkeys(edition.url for edition in editions()))


def context(url: str, variant: str = "newer") -> dict[str, Json]:
    """Return a built-in context: an object with the member `@context`.

    Raises:
        KeyError: there is none.
    """
    for edition in editions():
        if (edition.url, edition.variant) == (url, variant):
            return edition.document
    raise KeyError(url)


@functools.cache
def editions() -> tuple[Edition, ...]:
    """Return every built-in context; the documents are not to be changed."""
    text = (
        resources.files("clrctl.proof.jsonld").joinpath("contexts.tsv").read_text(encoding="utf-8")
    )
    rows = [line.split("\t") for line in text.splitlines() if line and line[0] != "#"]
    spaces = {row[1]: row[2] for row in rows if row[0] == "namespace"}
    made: dict[str, Edition] = {}
    scopes: dict[tuple[str, str], dict[str, Json]] = {}
    for kind, *row in rows:
        if kind == "context":
            name, url, variant, marks, digest_ = row
            scopes[name, ""] = _scope(marks)
            made[name] = Edition(url, variant, digest_, {"@context": scopes[name, ""]})
        elif kind == "fact":
            names, scope, term, *meaning = row + [""] * (_COLUMNS - len(row))
            for name in names.split():
                definition = _definition(meaning, spaces)
                scopes[name, scope][term] = definition
                if isinstance(definition, dict) and isinstance(definition.get("@context"), dict):
                    scopes[name, f"{scope}/{term}".lstrip("/")] = definition["@context"]
    return tuple(made.values())


def _definition(meaning: list[str], spaces: dict[str, str]) -> Json:
    """Return what one row says: IRI, type of the values, container, marks."""
    iri, kind, container, marks = meaning
    if marks == "prefix":
        return _full(iri, spaces)
    definition: dict[str, Json] = {"@id": _full(iri, spaces)}
    if kind:
        definition["@type"] = _full(kind, spaces)
    if container:
        definition["@container"] = container
    if marks == "null":
        definition["@context"] = None
    elif marks:
        definition["@context"] = _scope(marks)
    return definition


def _scope(marks: str) -> dict[str, Json]:
    """Return the beginning of a context: whether it protects, and names id and type."""
    return {
        **({"@protected": True} if "protected" in marks else {}),
        **(_ALIASES if "aliases" in marks else {}),
    }


def _full(short: str, spaces: dict[str, str]) -> str:
    """Return an IRI in full: `space:rest` with a namespace of the table, `=text` as it stands."""
    if short[0] == "@":
        return short
    if short[0] == "=":
        return short[1:]
    space, _, rest = short.partition(":")
    return spaces[space] + rest
