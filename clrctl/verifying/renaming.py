"""Whether what is read in a credential is what its proof covers, where that is its RDF.

A proof over RDF covers what members mean, not what they are called, and `@context` is not signed.
So somebody may write `validUntil` as an IRI, give another name its meaning, or move it to another
object of the same id: the proof still holds, and a reader of JSON finds no end to the validity. The
standard asks verifiers to make sure of the contexts they rely on; here that is done by the names.

Source: VC Data Integrity 1.0, sections 2.4.1 and 5.2 (validating contexts, transformations).
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from clrctl.document import each
from clrctl.finding import Json
from clrctl.proof import Contexts, facts
from clrctl.standard import Path
from clrctl.verifying.verdict import Aspect, Check, invalid, undecided
from clrctl.verifying.walk import CredentialNode

_FIX = "do not rely on it; ask the issuer for the credential as it was signed"
_VOCABULARIES = (
    "https://www.w3.org/2018/credentials#",
    "https://www.w3.org/ns/credentials/status#",
)
_OWN = frozenset(
    (
        *("validFrom", "validUntil", "issuanceDate", "expirationDate", "issuer"),
        *("credentialStatus", "credentialSchema", "credentialSubject"),
    )
)
_OF_VALUES = frozenset(("@value", "@type", "@language", "@direction"))
_KEYWORDS = {"@id": "id", "@type": "type"}
_MOST_STEPS = 5


@dataclass
class _SeenNames:
    """What stands in a credential that the standard's own contexts do not account for."""

    definitions: list[tuple[dict[str, Json], Path]] = field(default_factory=list)
    odd: list[tuple[str, Path]] = field(default_factory=list)
    moved: list[Path] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


def check(held: CredentialNode, added: Mapping[str, Json]) -> Iterator[Check]:
    """Yield where a credential gives a member of the standard another name or place.

    Args:
        held: a credential with a proof over its RDF.
        added: contexts that are not built in, by their URL.
    """
    seen = _look(held, added)
    for path in seen.moved:
        message = "this object has the credential's own id, and holds what belongs to that"
        yield invalid(Aspect.PROOF, "moved", path, message, _FIX)
    if not seen.definitions and not seen.odd:
        return
    meanings = _Meanings(seen)
    for name, path in seen.odd:
        yield from _judged(name, meanings.of_key(name), path)
    for definition, path in seen.definitions:
        for name, iris in meanings.of(definition, seen.names):
            yield from _judged(name, iris, path)


def _judged(name: str, iris: set[str], path: Path) -> Iterator[Check]:
    for iri in sorted(iris):
        meant = _KEYWORDS.get(iri) or next(iter(sorted(_known().get(iri, ()))), "")
        if not meant or name in _known().get(iri, ()) or name == meant:
            continue
        message = f'"{name}" has the meaning of "{meant}", which the proof covers under any name'
        is_vital = iri in _KEYWORDS or iri.startswith(_VOCABULARIES)
        kind = invalid if is_vital else undecided
        yield kind(Aspect.PROOF, "renamed", path, message, _FIX)
        return


def _look(held: CredentialNode, added: Mapping[str, Json]) -> _SeenNames:
    seen = _SeenNames()
    root = held.readable()
    waiting: list[tuple[Json, Path]] = [(root, held.path)]
    while waiting:
        value, path = waiting.pop()
        if isinstance(value, list):
            waiting += [(item, (*path, at)) for at, item in enumerate(value)]
        if not isinstance(value, dict):
            continue
        is_root = value is root
        if not is_root and held.id and held.id in (value.get("id"), value.get("@id")):
            seen.moved += [path] * bool(_OWN & value.keys())
        for name in value.keys() - seen.names:
            if name[:1] != "@" and ":" not in name:
                seen.names.add(name)
            elif name != "@context" and not _is_of_value(name, value):
                seen.odd.append((name, path))
        if "@context" in value:
            _contexts(value["@context"], (*path, "@context"), added, seen)
        for name, item in value.items():
            skipped = name == "@context" or (is_root and name == "proof")
            if isinstance(item, dict | list) and not skipped:
                waiting.append((item, (*path, name)))
    return seen


def _is_of_value(name: str, holder: dict[str, Json]) -> bool:
    return name in _OF_VALUES and "@value" in holder


def _contexts(value: Json, path: Path, added: Mapping[str, Json], seen: _SeenNames) -> None:
    """Keep what contexts define that are not built in."""
    for entry in each(value):
        if isinstance(entry, dict):
            seen.definitions.append((entry, path))
        elif entry in added:
            inner = added[entry]
            _contexts(inner.get("@context") if isinstance(inner, dict) else None, path, {}, seen)


class _Meanings:
    """What names stand for under any of the definitions that were found.

    A prefix may be defined in several ways at several places: all of them count.
    """

    def __init__(self, seen: _SeenNames) -> None:
        self._prefixes: dict[str, set[str]] = {}
        for definition, _ in seen.definitions:
            self._gather(definition)

    def _gather(self, definition: dict[str, Json]) -> None:
        for name, value in definition.items():
            if (written := _iri_of(value)) is not None:
                self._prefixes.setdefault(name, set()).add(written)
            if isinstance(value, dict):
                for inner in each(value.get("@context")):
                    if isinstance(inner, dict):
                        self._gather(inner)

    def of_key(self, name: str, steps: int = _MOST_STEPS) -> set[str]:
        """Return every IRI that a member's name, or the IRI of a definition, may stand for."""
        found = {name}
        prefix, colon, rest = name.partition(":")
        if colon and not rest.startswith("//") and steps:
            for iri in {*self._prefixes.get(prefix, ()), *_terms().get(prefix, ())}:
                found |= {whole + rest for whole in self.of_key(iri, steps - 1)}
        return found

    def of(self, definition: dict[str, Json], used: set[str]) -> Iterator[tuple[str, set[str]]]:
        """Yield each name that a context defines and that is used, with what it may stand for."""
        vocabulary = definition.get("@vocab")
        for name, value in definition.items():
            if isinstance(value, dict):
                for inner in each(value.get("@context")):
                    if isinstance(inner, dict):
                        yield from self.of(inner, used)
            # What is defined and not used, such as a prefix, renames nothing.
            if name[:1] == "@" or name not in used:
                continue
            written = _iri_of(value)
            if written is not None:
                # An IRI may be given by the name of another term.
                yield name, self.of_key(written) | _terms().get(written, set())
            elif ":" in name:
                yield name, self.of_key(name)
        if isinstance(vocabulary, str):
            for whole in self.of_key(vocabulary):
                yield from ((name, {whole + name}) for name in used)


def _iri_of(definition: Json) -> str | None:
    if isinstance(definition, dict):
        definition = definition.get("@id", definition.get("@reverse"))
    return definition if isinstance(definition, str) else None


@functools.cache
def _known() -> dict[str, set[str]]:
    """Return each IRI that the built-in contexts give a name, with its names."""
    found: dict[str, set[str]] = {}
    for url in Contexts.built_in():
        for name, iri in _defined(facts.context(url)["@context"]):
            found.setdefault(iri, set()).add(name)
    return found


@functools.cache
def _terms() -> dict[str, set[str]]:
    """Return each name of the built-in contexts with the IRIs it stands for."""
    found: dict[str, set[str]] = {}
    for iri, names in _known().items():
        for name in names:
            found.setdefault(name, set()).add(iri)
    return found


def _defined(context: Json) -> Iterator[tuple[str, str]]:
    for entry in each(context):
        for name, value in entry.items() if isinstance(entry, dict) else ():
            if name[:1] != "@" and (iri := _iri_of(value)) is not None:
                yield name, iri
            if isinstance(value, dict):
                yield from _defined(value.get("@context"))
