"""What a context means, as one number: whatever its bytes, its order and its abbreviations."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from clrctl.document import canonical
from clrctl.finding import Json
from clrctl.proof.faults import DataLoss, UnknownContext
from clrctl.proof.jsonld.contexts import Active, Contexts
from clrctl.proof.jsonld.facts import Edition, editions
from clrctl.proof.jsonld.terms import MISSING


def digest(document: Json) -> str:
    """Return the SHA-256 of a context's terms, resolved and in canonical JSON, in hexadecimal.

    Contexts with the same digest give every document the same canonical form.

    Args:
        document: an object with the member `@context`.

    Raises:
        DataLoss: it is malformed.
        UnknownContext: it names others.
    """
    everything = sorted(facts(document), key=repr)
    return hashlib.sha256(canonical.encode(everything)).hexdigest()


def redefines(url: str, document: Json) -> bool:
    """Return whether a document says something else than the built-in context of an address.

    Args:
        url: the address; one that no built-in context has is free.
        document: an object with the member `@context`.
    """
    built_in = [edition for edition in editions() if edition.url == url]
    if not built_in:
        return False
    try:
        found = digest(document)
    except (DataLoss, UnknownContext):
        return True
    return all(found != edition.digest for edition in built_in)


def facts(document: Json) -> list[list[Json]]:
    """Return what a context says of each term: the terms around it, its name, then its meaning.

    The meaning is IRI, type of the values, container, whether it is protected, whether it begins
    compact IRIs, language, and a feature that is not read here.

    Raises:
        DataLoss: it is malformed.
        UnknownContext: it names others.
    """
    return list(_facts(Contexts.built_in(), Active({}), document["@context"], ""))


def _facts(contexts: Contexts, active: Active, local: Json, scope: str) -> Iterator[list[Json]]:
    within = contexts.apply(active, local, override=True)
    for part in local if isinstance(local, list) else [local]:
        if not isinstance(part, dict):  # null, or the address of another context
            yield [scope, None, part]
            continue
        for name, term in ((name, within.terms.get(name)) for name in part):
            if term is None:  # a setting, or what a later null has taken away
                continue
            language = "-" if term.language is MISSING else term.language
            flags = [term.protected, term.prefix, language, term.unread]
            yield [scope, name, term.iri, term.type, sorted(term.container), *flags]
            if term.scope is not MISSING:
                yield from _facts(contexts, within, term.scope, f"{scope}/{name}")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A context beside the built-in one that is most like it.

    Attributes:
        edition: the built-in context.
        differences: what does not agree: a term with those it stands in (`Profile/name`), and
            whether it is `added`, `missing` or `changed`; none where they mean the same.
    """

    edition: Edition
    differences: tuple[tuple[str, str], ...]


def compare(document: Json) -> Comparison | None:
    """Compare a context with those that are built in.

    Args:
        document: an object with the member `@context`.

    Returns:
        The comparison with the one that is most like it; None where none has a term of it.

    Raises:
        DataLoss: it is malformed.
        UnknownContext: it names others.
    """
    mine = _by_term(document)
    found = [
        _beside(mine, theirs, edition)
        for edition in editions()
        if (theirs := _by_term(edition.document)).keys() & mine.keys() - {"id", "type"}
    ]
    return min(found, key=lambda comparison: len(comparison.differences), default=None)


def _beside(
    mine: dict[str, list[Json]], theirs: dict[str, list[Json]], edition: Edition
) -> Comparison:
    added = [(term, "added") for term in mine.keys() - theirs.keys()]
    missing = [(term, "missing") for term in theirs.keys() - mine.keys()]
    both = mine.keys() & theirs.keys()
    changed = [(term, "changed") for term in both if mine[term] != theirs[term]]
    return Comparison(edition, tuple(sorted(added + missing + changed)))


def _by_term(document: Json) -> dict[str, list[Json]]:
    """Return the facts of a context by their place: the terms around one, and its name."""
    return {
        f"{scope}/{'' if name is None else name}".lstrip("/"): meaning
        for scope, name, *meaning in facts(document)
    }
