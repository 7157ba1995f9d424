"""Contexts: which there are, and what holds where one or several of them apply.

Nothing is ever fetched: a context is built in (`facts`), given by the caller, or unknown. A
processed context (`Active`) is immutable and remembers what came of applying further contexts to
it, so that of many credentials only the first pays for its contexts.

Source: JSON-LD 1.1 Processing Algorithms and API, section 4.1 (context processing).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Hashable, Iterator, Mapping
from typing import Final

from clrctl.finding import Json
from clrctl.proof.faults import Below, ContextFault, DataLoss, TooComplex, UnknownContext
from clrctl.proof.jsonld import facts, literals
from clrctl.proof.jsonld.terms import KEYWORDS, MISSING, Definer, Term

_MOST_NESTED = 10
_MOST_DEFINITIONS = 3_000_000  # copied while reading one document: seconds of work
_MOST_KEPT = 400_000
_VERSION = 1.1
_SETTINGS: Final = frozenset(
    ("@base", "@direction", "@import", "@language", "@propagate", "@protected", "@version")
) | {"@vocab"}


class Active:
    """What holds at a place of a document: the meaning of every term.

    Attributes:
        terms: definitions by name.
        vocab: what undefined terms are appended to; None where they have no meaning.
        language: of strings without one of their own; None for none.
        previous: what holds again inside the values, where this was brought by a type.
        names: every name that stands for a keyword, with the keyword.
        special: the names of `@value`, `@list` and `@set`.
        types: the names of `@type`.
        ids: the names of `@id`.
        prefixes: the terms that can begin compact IRIs.
        known: what came of applying contexts here, by what was applied.
        by_type: what came of types here.
        type_iris: types as they are written, and as N-Quads terms.
    """

    __slots__ = (
        "by_type",
        "ids",
        "known",
        "language",
        "names",
        "prefixes",
        "previous",
        "special",
        "terms",
        "type_iris",
        "types",
        "vocab",
    )

    def __init__(
        self,
        terms: dict[str, Term],
        vocab: str | None = None,
        language: str | None = None,
        previous: Active | None = None,
    ) -> None:
        self.terms = terms
        self.vocab = vocab
        self.language = language
        self.previous = previous
        self.names = {name: name for name in KEYWORDS} | {
            name: term.iri for name, term in terms.items() if term.iri in KEYWORDS
        }
        self.special = self._named("@value", "@list", "@set")
        self.types = self._named("@type")
        self.ids = self._named("@id")
        self.prefixes = frozenset(name for name, term in terms.items() if term.prefix)
        self.known: dict[Hashable, Active] = {}
        self.by_type: dict[tuple[str, ...], Active] = {}
        self.type_iris: dict[str, str] = {}

    def _named(self, *keywords: str) -> frozenset[str]:
        return frozenset(name for name, keyword in self.names.items() if keyword in keywords)

    def iri(self, value: str, *, vocab: bool) -> str:
        """Return what a name or an IRI stands for; what stands for nothing is returned as it is.

        Args:
            value: a term, a compact IRI or an IRI.
            vocab: terms count, too; without, only compact IRIs.
        """
        if vocab:
            if value in KEYWORDS:
                return value
            term = self.terms.get(value)
            if term is not None:
                return term.iri or ""
        prefix, colon, rest = value.partition(":")
        if colon and prefix:
            if prefix in self.prefixes and not rest.startswith("//"):
                return f"{self.terms[prefix].iri}{rest}"
            return value
        return self.vocab + value if vocab and self.vocab is not None else value


class Contexts:
    """An immutable collection of contexts by their address."""

    def __init__(self, documents: Mapping[str, Json]) -> None:
        self._documents = dict(documents)
        self._older: Contexts | None = None
        self._kept = 0
        self.root = Active({})
        self.work = 0

    @staticmethod
    def built_in() -> Contexts:
        """Return the contexts that CLRs, badges and their proofs name; the same object each time.

        Behind the address of Open Badges 3.0.3 is its newer edition; see `reading`.
        """
        return _built_in()

    def plus(self, documents: Mapping[str, Json]) -> Contexts:
        """Return these contexts and others, which take the place of known ones of their address.

        Raises:
            ValueError: one of them is no context: an object with the member `@context`.
        """
        for url, document in documents.items():
            if not isinstance(document, dict) or "@context" not in document:
                raise ValueError(f"{url}: a context is an object with the member @context")
        return Contexts(self._documents | dict(documents))

    def reading(self, ob_variant: str) -> Contexts:
        """Return these contexts with the `newer` or the `older` edition of Open Badges 3.0.3.

        The file behind that address was changed in place: the older one knows neither
        `endorsementJwt` nor `jti`.
        """
        if ob_variant == "newer" or self._documents.get(facts.OB_303) is not facts.context(
            facts.OB_303
        ):
            return self
        if self._older is None:
            older = {facts.OB_303: facts.context(facts.OB_303, "older")}
            self._older = Contexts(self._documents | older)
        return self._older

    def __contains__(self, url: str) -> bool:
        return url in self._documents

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def apply(
        self,
        active: Active,
        local: Json,
        *,
        override: bool = False,
        propagate: bool = True,
        level: int = 0,
    ) -> Active:
        """Return what holds after a local context, the value of `@context`, is applied.

        Args:
            active: what holds before.
            local: an address, an object, null or a list of them.
            override: protected terms may change, as for the context of a property.
            propagate: it holds inside the values, too, unless it says otherwise itself.
            level: how many contexts have named each other to come here.

        Raises:
            ContextFault: it is malformed, or changes the meaning of a protected term.
            UnknownContext: it names a context that is not among these.
            TooComplex: the contexts of the document ask for too much work.
        """
        key = _key(local, override, propagate)
        found = active.known.get(key)
        if found is None:
            found = active.known[key] = self._apply(active, local, override, propagate, level)
        return found

    def scoped(self, active: Active, term: Term) -> Active:
        """Return what holds in the values of a term that brings a context of its own."""
        found = active.known.get(term)
        if found is None:
            found = self._apply(active, term.scope, True, True, 0)
            active.known[term] = found
        return found

    def typed(self, active: Active, types: tuple[str, ...]) -> Active:
        """Return what holds in an object of these types, as they are written there."""
        found = active.by_type.get(types)
        if found is None:
            found = active
            for name in sorted(set(types)):
                term = active.terms.get(name)
                if term is not None and term.scope is not MISSING:
                    found = self._apply(found, term.scope, False, False, 0)
            active.by_type[types] = found
            self._count(1)
        return found

    def _apply(
        self, active: Active, local: Json, override: bool, propagate: bool, level: int
    ) -> Active:
        if isinstance(local, dict) and "@propagate" in local:
            propagate = local["@propagate"]
            if not isinstance(propagate, bool):
                raise ContextFault("this has to be true or false").at("@propagate")
        previous = active.previous
        if not propagate and previous is None:
            previous = active
        result = active
        for index, entry in enumerate(local if isinstance(local, list) else [local]):
            try:
                result = self._entry(result, entry, previous, override, level)
            except DataLoss as loss:
                loss.at(*([index] if isinstance(local, list) else []))
                raise
        return result

    def _entry(
        self, active: Active, entry: Json, previous: Active | None, override: bool, level: int
    ) -> Active:
        if entry is None:
            if not override and any(term.protected for term in active.terms.values()):
                raise ContextFault("null would take away the meaning of protected terms")
            return Active({}, previous=previous)
        if isinstance(entry, str):
            if level > _MOST_NESTED:
                raise ContextFault("these contexts name each other too often")
            found = self._documents.get(entry)
            if found is None:
                raise UnknownContext(entry)
            applied = self.apply(active, found["@context"], override=override, level=level + 1)
            if applied.previous is previous:
                return applied
            return Active(applied.terms, applied.vocab, applied.language, previous)
        if not isinstance(entry, dict):
            raise ContextFault("a context is an address or an object")
        return self._object(active, entry, previous, override)

    def _object(
        self, active: Active, entry: dict[str, Json], previous: Active | None, override: bool
    ) -> Active:
        self._count(len(active.terms) + len(entry))
        vocab, language = _settings(active, entry)
        definer = Definer(active.terms.copy(), vocab, entry, override=override)
        for name in entry:
            if name not in _SETTINGS and name != "@type":
                with Below(name):
                    definer.define(name)
        return Active(definer.terms, vocab, language, previous)

    def _count(self, definitions: int) -> None:
        self.work += definitions
        self._kept += definitions

    def begin(self) -> int:
        """Return the work done so far, before a document; drops what too many have left behind."""
        if self._kept > _MOST_KEPT:
            self.root = Active({})
            self._kept = 0
        return self.work

    def hold(self, begun: int) -> None:
        """Check the work done since `begin`.

        Raises:
            TooComplex: it is more than any honest document needs.
        """
        if self.work - begun > _MOST_DEFINITIONS:
            raise TooComplex("the contexts inside the document ask for too much work")


def _key(local: Json, override: bool, propagate: bool) -> Hashable:
    if isinstance(local, str):
        return local, override, propagate
    if isinstance(local, list) and all(isinstance(entry, str) for entry in local):
        return tuple(local), override, propagate
    return json.dumps(local, sort_keys=True), override, propagate


def _settings(active: Active, entry: dict[str, Json]) -> tuple[str | None, str | None]:
    """Return vocabulary and language as a context leaves them."""
    if entry.get("@version", _VERSION) != _VERSION:
        raise ContextFault("only JSON-LD 1.1 is read").at("@version")
    for name in ("@base", "@direction", "@import"):
        if entry.get(name) is not None:
            raise ContextFault(
                f"{name} is read differently by different software", "leave it out", at_key=True
            ).at(name)
    if not isinstance(entry.get("@protected", False), bool):
        raise ContextFault("this has to be true or false").at("@protected")
    vocab, language = active.vocab, active.language
    if "@vocab" in entry:
        vocab = entry["@vocab"]
        if vocab is not None:
            vocab = active.iri(vocab, vocab=True) if isinstance(vocab, str) else ""
            if not literals.is_absolute(vocab):
                raise ContextFault("a vocabulary is an absolute IRI").at("@vocab")
    if "@language" in entry:
        language = entry["@language"]
        language = None if language is None else literals.language(language)
    return vocab, language


@functools.cache
def _built_in() -> Contexts:
    return Contexts({url: facts.context(url) for url in facts.urls()})
