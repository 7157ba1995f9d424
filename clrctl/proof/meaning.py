"""What a context means, as one number: whatever its bytes, its order and its abbreviations."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from clrctl import canonical
from clrctl.finding import Json
from clrctl.proof.contexts import Active, Contexts
from clrctl.proof.terms import MISSING


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


def facts(document: Json) -> list[list[Json]]:
    """Return what a context says of each term: the terms around it, its name, then its meaning.

    The meaning is IRI, type of the values, container, whether it is protected, whether it begins
    compact IRIs, language, and a feature that is not read here.

    Raises:
        DataLoss: it is malformed.
        UnknownContext: it names others.
    """
    return list(_facts(Contexts({}), Active({}), document["@context"], ""))


def _facts(contexts: Contexts, active: Active, local: Json, scope: str) -> Iterator[list[Json]]:
    if local is None:
        yield [scope, None]
        return
    within = contexts.apply(active, local, override=True)
    for part in local if isinstance(local, list) else [local]:
        for name in part:
            if name[0] == "@":
                continue
            term = within.terms[name]
            language = "-" if term.language is MISSING else term.language
            flags = [term.protected, term.prefix, language, term.unread]
            yield [scope, name, term.iri, term.type, sorted(term.container), *flags]
            if term.scope is not MISSING:
                yield from _facts(contexts, within, term.scope, f"{scope}/{name}")
