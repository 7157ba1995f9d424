"""From a JSON-LD document to its quads, in one pass and without losing anything.

What other software drops on the way to the signed data without a word, a member that no context
defines, an IRI that is not absolute, a value of no use, is a `DataLoss` here; so are the few
features of JSON-LD that credentials do not use and that software reads in different ways.

Source: JSON-LD 1.1 Processing Algorithms and API, sections 5.1 (expansion), 7 (node map) and 8
(RDF conversion), which are one step here.
"""

from __future__ import annotations

from typing import Final

from clrctl.finding import Json
from clrctl.proof.faults import Below, DataLoss, TooComplex, Undefined
from clrctl.proof.jsonld import literals
from clrctl.proof.jsonld.contexts import Active, Contexts
from clrctl.proof.jsonld.literals import RDF, is_absolute, quoted
from clrctl.proof.jsonld.terms import MISSING, Term
from clrctl.proof.rdfc import Quad

_TYPE: Final = f"<{RDF}type>"
_FIRST: Final = f"<{RDF}first>"
_REST: Final = f"<{RDF}rest>"
_NIL: Final = f"<{RDF}nil>"
_MOST_LEVELS: Final = 100
_NO_TERM: Final = Term("", "")
_DONE: Final = frozenset(("@id", "@type", "@context"))


def dataset(document: Json, contexts: Contexts) -> list[Quad]:
    """Return the quads of a document, in no particular order; some may occur twice.

    Objects without an id become blank nodes: `_:b0`, `_:b1` and so on.

    Raises:
        DataLoss: something would drop out; with the place.
        UnknownContext: a context is named that is not among these.
        TooComplex: it is nested too deeply, or its contexts ask for too much work.
    """
    walk = Walk(contexts)
    walk.over(document)
    if not walk.quads:
        raise DataLoss("the document says nothing that could be signed")
    return walk.quads


class Walk:
    """One pass through a document, which leaves its quads.

    Attributes:
        quads: what has been found.
    """

    def __init__(self, contexts: Contexts) -> None:
        self.quads: list[Quad] = []
        self._contexts = contexts
        self._begun = contexts.begin()
        self._blank = 0
        self._level = 0
        self._own: dict[str, str] = {}

    def over(self, document: Json) -> None:
        """Enter a whole document.

        Raises:
            DataLoss, UnknownContext, TooComplex: as `dataset`.
        """
        if not isinstance(document, dict):
            raise DataLoss("a document that can be signed is an object")
        try:
            self.node(document, self._contexts.root, _NO_TERM, "")
        except RecursionError:
            raise TooComplex("the document is nested too deeply") from None
        self._contexts.hold(self._begun)
        empty = [quad for quad in self.quads if quad[2] == _NIL and quad[1] != _REST]
        if len(set(empty)) < len(empty):
            raise DataLoss("the same empty list twice is signed differently by different software")

    def lose(self, value: dict[str, Json], loss: DataLoss) -> None:
        """Report what drops out of an object; the path of the loss begins there."""
        raise loss

    def node(self, value: dict[str, Json], active: Active, term: Term, graph: str) -> str:
        """Enter an object that is a value of a term; return what stands for it in quads."""
        if active.previous is not None and _leaves(value, active):
            active = active.previous
        if term.scope is not MISSING:
            active = self._contexts.scoped(active, term)
        if "@context" in value:
            with Below("@context"):
                active = self._contexts.apply(active, value["@context"])
            self._contexts.hold(self._begun)
        if active.special.isdisjoint(value):
            return self._subject(value, active, graph)
        keywords = [active.names.get(name) for name in value]
        if "@set" in keywords:
            raise DataLoss("@set is not read here", "write its values as a plain list")
        if "@list" in keywords:
            term = active.terms.get(term.name, _NO_TERM)
            return self._list_object(value, active, term, graph)
        return _value_object(value, active)

    def _subject(self, value: dict[str, Json], active: Active, graph: str) -> str:
        """Enter an object that stands for something, with members that speak of it."""
        level = self._level = self._level + 1
        if level > _MOST_LEVELS:
            raise TooComplex("the document is nested too deeply")
        types = self._types(value, active)
        scoped = self._contexts.typed(active, types) if types else active
        if not active.types <= scoped.types:
            raise DataLoss("the context of its type takes away the meaning of the type")
        subject = self._identity(value, scoped)
        quads = self.quads
        quads += [(subject, _TYPE, active.type_iris[name], graph) for name in types]
        terms = scoped.terms
        for name, item in value.items():
            term = terms.get(name)
            try:
                if term is None or not term.predicate:
                    self._unusual_member(name, item, scoped, subject, graph)
                elif not term.plain:
                    self._laid_out(item, scoped, term, subject, graph)
                elif type(item) is str:
                    quads.append((subject, term.predicate, self._text(item, scoped, term), graph))
                elif type(item) is dict:
                    quads.append(
                        (subject, term.predicate, self.node(item, scoped, term, graph), graph)
                    )
                else:
                    self._values(item, scoped, term, subject, graph)
            except DataLoss as loss:
                self._level = level
                self.lose(value, loss.at(name))
        self._level = level - 1
        return subject

    def _types(self, value: dict[str, Json], active: Active) -> tuple[str, ...]:
        """Return the types of an object as they are written; each gets its IRI in `type_iris`."""
        found: list[str] = []
        for name in active.types:
            if name in value:
                types = value[name] if isinstance(value[name], list) else [value[name]]
                for index, kind in enumerate(types):
                    try:
                        if not isinstance(kind, str) or kind not in active.type_iris:
                            active.type_iris[kind] = _type_iri(kind, active)
                        found.append(kind)
                    except DataLoss as loss:
                        steps = [name, index] if types is value[name] else [name]
                        self.lose(value, loss.at(*steps))
        return tuple(found)

    def _identity(self, value: dict[str, Json], active: Active) -> str:
        """Return the N-Quads term of an object: its id, or a blank node of its own."""
        names = [name for name in active.ids if name in value]
        if not names:
            return self._new_blank()
        if len(names) > 1:
            raise DataLoss("the object has two ids")
        name = names[0]
        with Below(name):
            if not isinstance(value[name], str):
                raise DataLoss("an id is a string")
            return self._resource(active.iri(value[name], vocab=False), value[name])

    def _new_blank(self) -> str:
        self._blank += 1
        return f"_:b{self._blank - 1}"

    def _resource(self, iri: str, written: str) -> str:
        """Return an IRI, or a blank node of the document's own, as an N-Quads term."""
        if iri.startswith("_:"):
            if iri not in self._own:
                self._own[iri] = self._new_blank()
            return self._own[iri]
        if not is_absolute(iri):
            raise _relative(written)
        return f"<{iri}>"

    def _unusual_member(
        self, name: str, item: Json, active: Active, subject: str, graph: str
    ) -> None:
        """Enter a member whose name is a keyword, an IRI, or nothing that is known."""
        keyword = active.names.get(name)
        if keyword in _DONE:
            return
        if keyword is not None:
            raise DataLoss(f"{keyword} is not read here", "leave it out", at_key=True)
        iri = "" if name in active.terms or name[:1] == "@" else active.iri(name, vocab=True)
        if not is_absolute(iri):
            raise Undefined(name, "member")
        term = Term(name, iri, predicate=f"<{iri}>")
        self._values(item, active, term, subject, graph)

    def _values(self, item: Json, active: Active, term: Term, subject: str, graph: str) -> None:
        """Enter the value of a member, or each of its values."""
        if isinstance(item, list):
            for index, entry in enumerate(item):
                with Below(index):
                    self._values(entry, active, term, subject, graph)
        elif item is not None:
            found = self._object(item, active, term, graph)
            self.quads.append((subject, term.predicate, found, graph))

    def _object(self, item: Json, active: Active, term: Term, graph: str) -> str:
        """Enter one value; return what stands for it in quads."""
        if isinstance(item, str):
            return self._text(item, active, term)
        if isinstance(item, dict):
            return self.node(item, active, term, graph)
        if term.scope is not MISSING:
            active, term = self._inside(active, term)
        kind = None if term.suffix is None else term.type
        return literals.native(item, kind)

    def _inside(self, active: Active, term: Term) -> tuple[Active, Term]:
        """Return what holds in the values of a term, and what the term itself means there."""
        active = self._contexts.scoped(active, term)
        term = active.terms.get(term.name, _NO_TERM)
        if term.iri in active.names:
            raise DataLoss("the context of this member takes away its own meaning", at_key=True)
        return active, term

    def _text(self, text: str, active: Active, term: Term) -> str:
        """Return a string as the literal or the resource that its term makes of it."""
        if term.scope is not MISSING:
            active, term = self._inside(active, term)
        if term.suffix is not None:
            return quoted(text) + term.suffix
        if term.type in ("@id", "@vocab"):
            return self._resource(active.iri(text, vocab=term.type == "@vocab"), text)
        tag = active.language if term.language is MISSING else term.language
        return quoted(text) if tag is None else f"{quoted(text)}@{tag}"

    def _laid_out(self, item: Json, active: Active, term: Term, subject: str, graph: str) -> None:
        """Enter the value of a term with a container, or one that is JSON."""
        if term.unread:
            raise DataLoss(f"{term.unread} of its context is not read here", at_key=True)
        if term.type == "@json":
            if item is None or not term.container <= {"@set"}:
                what = "null" if item is None else "JSON in a container"
                raise DataLoss(f"{what} is signed differently by different software")
            self.quads.append((subject, term.predicate, literals.json_literal(item), graph))
        elif item is None:
            return
        elif "@list" in term.container:
            found = self._listed(item, active, term, graph)
            self.quads.append((subject, term.predicate, found, graph))
        elif "@graph" in term.container:
            self._graphs(item, active, term, subject, graph)
        elif isinstance(item, dict):
            self._by_language(item, active, term, subject, graph)
        else:
            self._values(item, active, term, subject, graph)

    def _listed(self, item: Json, active: Active, term: Term, graph: str) -> str:
        """Enter the value of a list container: a list, one value, or an object with @list."""
        if isinstance(item, dict) and any(active.names.get(name) == "@list" for name in item):
            return self.node(item, active, term, graph)
        return self._list(item if isinstance(item, list) else [item], active, term, graph)

    def _list_object(self, value: dict[str, Json], active: Active, term: Term, graph: str) -> str:
        name, *others = value
        if others:
            raise DataLoss("beside @list there can be no other members", "remove them")
        items = value[name] if isinstance(value[name], list) else [value[name]]
        with Below(name):
            return self._list(items, active, term, graph)

    def _list(self, items: list[Json], active: Active, term: Term, graph: str) -> str:
        """Enter an ordered list; return its first link."""
        links = [self._new_blank() for _ in items]
        for index, (item, link) in enumerate(zip(items, links, strict=True)):
            with Below(index):
                if item is None:
                    raise DataLoss("null drops out of a list", "remove it")
                inner = self._list if isinstance(item, list) else self._object
                if inner == self._list and "@list" not in term.container and _nests(item):
                    raise DataLoss("lists that deep are read differently by different software")
                found = inner(item, active, term, graph)
            rest = links[index + 1] if index + 1 < len(links) else _NIL
            self.quads += [(link, _FIRST, found, graph), (link, _REST, rest, graph)]
        return links[0] if links else _NIL

    def _by_language(
        self, item: dict[str, Json], active: Active, term: Term, subject: str, graph: str
    ) -> None:
        """Enter an object of strings by their language."""
        for key, texts in item.items():
            with Below(key):
                none = active.names.get(key) == "@none"
                end = "" if none else f"@{literals.language(key)}"
                for text in texts if isinstance(texts, list) else [texts]:
                    if not isinstance(text, str):
                        raise DataLoss("only strings have a language")
                    self.quads.append((subject, term.predicate, quoted(text) + end, graph))

    def _graphs(self, item: Json, active: Active, term: Term, subject: str, graph: str) -> None:
        """Enter each value into a graph of its own, as proofs are."""
        if isinstance(item, list):
            for index, entry in enumerate(item):
                with Below(index):
                    self._graphs(entry, active, term, subject, graph)
            return
        inner = self._new_blank()
        self.quads.append((subject, term.predicate, inner, graph))
        before = len(self.quads)
        if isinstance(item, dict):
            self.node(item, active, term, inner)
        if len(self.quads) == before:
            raise DataLoss(
                "this value has no content of its own, so it would drop out",
                "write it as an object with its members",
            )


def _nests(items: list[Json]) -> bool:
    return any(isinstance(item, list) for item in items)


def _leaves(value: dict[str, Json], active: Active) -> bool:
    """Return whether an object is outside what the type of the object around it brought."""
    if len(value) == 1 and not active.ids.isdisjoint(value):
        return False
    return not any(active.names.get(name) == "@value" for name in value)


def _type_iri(kind: Json, active: Active) -> str:
    if not isinstance(kind, str):
        raise DataLoss("a type is a string")
    iri = active.iri(kind, vocab=True)
    if not is_absolute(iri):
        raise Undefined(kind, "type")
    return f"<{iri}>"


def _value_object(value: dict[str, Json], active: Active) -> str:
    """Return the literal that an object with @value stands for."""
    parts: dict[str, Json] = {}
    for name, item in value.items():
        keyword = active.names.get(name)
        if keyword not in ("@value", "@type", "@language", "@context") and item is not None:
            raise DataLoss(f'"{name}" drops out of a value with @value', "remove it", at_key=True)
        parts[str(keyword)] = item
    kind, tag, raw = parts.get("@type"), parts.get("@language"), parts.get("@value")
    if kind is not None and not isinstance(kind, str):
        raise DataLoss("the type of a value is a string")
    datatype = None if kind is None else active.iri(kind, vocab=True)
    if datatype == "@json":
        return literals.json_literal(raw)
    if not isinstance(raw, str | bool | int | float):
        raise DataLoss("@value is a string, a number, true or false")
    if tag is not None:
        if kind is not None or not isinstance(raw, str):
            raise DataLoss("a value with @language is a string without @type")
        return f"{quoted(raw)}@{literals.language(tag)}"
    if datatype is not None and not is_absolute(datatype):
        raise _relative(str(kind))
    if isinstance(raw, str):
        return quoted(raw) + ("" if datatype is None else literals.suffix(datatype))
    return literals.native(raw, datatype)


def _relative(written: str) -> DataLoss:
    return DataLoss(
        f'"{written}" is not an absolute IRI, so it would drop out of the signed data',
        'write it in full, such as "https://..." or "urn:uuid:..."',
    )
