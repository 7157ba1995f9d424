"""Choosing parts of a document by JSON Pointers, and finding their statements in the whole.

A document's blank nodes are named as in the whole document, so that a part of it has the same lines
there. Their names come from a keyed hash (HMAC) of the canonical ones: by themselves those would
tell something of what is hidden.

Source: Data Integrity ECDSA Cryptosuites 1.0, section 3.4.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from clrctl.finding import Json
from clrctl.proof.suites.base import Object, UnsupportedProof
from clrctl.proof.suites.transformed import refuse_ambiguous
from clrctl.util import base64url

if TYPE_CHECKING:
    from clrctl.proof.jsonld import Contexts
    from clrctl.proof.rdfc import Quad

_SKOLEM = "urn:clrctl-blank:"


class NoSuchPart(ValueError):
    """A JSON Pointer leads nowhere, or is none.

    Attributes:
        pointer: the pointer.
    """

    def __init__(self, pointer: str) -> None:
        super().__init__(pointer)
        self.pointer = pointer


def hmac_label(key: bytes, canonical: str) -> str:
    """Return the name of a blank node for its canonical one (`c14n0`, without `_:`)."""
    return "u" + base64url.encode(hmac.digest(key, canonical.encode(), hashlib.sha256))


def lines_of(quads: Iterable[Quad], labels: dict[str, str]) -> list[str]:
    """Return quads as N-Quads, sorted, their blank nodes renamed."""
    new = labels.get
    return sorted(
        f"{new(s, s)} {p} {new(o, o)} {new(g, g)} .\n" if g else f"{new(s, s)} {p} {new(o, o)} .\n"
        for s, p, o, g in set(quads)
    )


@dataclass(frozen=True, slots=True)
class Group:
    """The statements of a part of a document.

    Attributes:
        indexes: their places among the lines of the whole document, in order.
        labels: the canonical names that its blank nodes have when it stands alone, each with its
            name in the whole document.
    """

    indexes: tuple[int, ...]
    labels: dict[str, str]


class Whole:
    """A document of which parts are to be shown.

    Attributes:
        lines: its N-Quads, sorted, with names from the keyed hash.
    """

    def __init__(self, document: Object, contexts: Contexts, hmac_key: bytes) -> None:
        """Bring a document into canonical form.

        Args:
            document: without proofs.
            contexts: the contexts that are known.
            hmac_key: what the names of its blank nodes are made with.

        Raises:
            UnsupportedProof: it holds literal JSON or maps, of which parts cannot be named, or
                the same part twice.
            DataLoss, UnknownContext, TooComplex: as `clrctl.proof` raises them.
        """
        from clrctl.proof.forms import nquads
        from clrctl.proof.jsonld import refuse_doubtful
        from clrctl.proof.rdfc import canonicalize

        refuse_doubtful(document)
        self._contexts = contexts
        self._named = _named(document)
        quads = self._quads(self._named)
        canonical = canonicalize(quads)
        refuse_ambiguous(canonical)
        if canonical.lines != nquads(document, contexts):
            raise indivisible()
        self._labels = {
            node: "_:" + hmac_label(hmac_key, label.removeprefix("_:"))
            for node, label in canonical.labels.items()
        }
        self.lines = lines_of(quads, self._labels)
        self._index = {line: index for index, line in enumerate(self.lines)}

    def group(self, pointers: Iterable[str]) -> Group:
        """Return the statements of a part.

        Raises:
            NoSuchPart: a pointer leads nowhere.
        """
        from clrctl.proof.rdfc import canonicalize

        part = select(self._named, pointers)
        if part is None:
            return Group((), {})
        quads = self._quads(part)
        lines = lines_of(quads, self._labels)
        if not all(line in self._index for line in lines):
            raise indivisible()
        indexes = sorted(self._index[line] for line in lines)
        alone = canonicalize(quads).labels
        labels = {label: self._labels[node] for node, label in alone.items()}
        return Group(tuple(indexes), labels)

    def _quads(self, document: Object) -> list[Quad]:
        from clrctl.proof.jsonld import dataset

        quads = dataset(document, self._contexts)
        names = _names(quads)

        def blank(term: str) -> str:
            if term.startswith(f"<{_SKOLEM}"):
                return f"_:{term[len(_SKOLEM) + 1 : -1]}"
            return names.get(term, term)

        return [(blank(s), p, blank(o), blank(g)) for s, p, o, g in quads]


def indivisible() -> UnsupportedProof:
    """Return the error of a document of which parts cannot be named in the whole."""
    return UnsupportedProof(
        "parts of this document cannot be shown separately",
        "show lists as a whole, leave out literal JSON and maps, or take another cryptosuite",
    )


_RDF = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def _names(quads: list[Quad]) -> dict[str, str]:
    """Return names for the blank nodes that are no objects of the document.

    Those are the cells of lists and the graphs that hold proofs. Their names are made from what
    they belong to, so that they are the same in the whole and in its parts.
    """
    heads: dict[str, tuple[str, str]] = {}
    rest: dict[str, str] = {}
    subjects: dict[str, set[str]] = {}
    objects: dict[str, set[str]] = {}
    for s, p, o, g in quads:
        if p == f"{_RDF}rest>":
            rest[s] = o
        elif o.startswith("_:"):
            heads[o] = s, p
        if g.startswith("_:"):
            subjects.setdefault(g, set()).add(s)
            objects.setdefault(g, set()).add(o)
    names = {}
    for graph, found in subjects.items():
        outermost = sorted(found - objects[graph])
        names[graph] = _name("graph", *outermost)
    for head, owner in heads.items():
        cell, place = head, 0
        while cell in rest:
            names[cell] = _name("list", *owner, str(place))
            cell, place = rest[cell], place + 1
    return names


def _name(*parts: str) -> str:
    return "_:n" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


_NO_NODES = ("@value", "@list", "@set")


def _named(document: Object) -> Object:
    """Return a copy in which every object has an id, so that its parts keep their identity."""
    number = 0

    def copy(value: Json) -> Json:
        nonlocal number
        if isinstance(value, list):
            return [copy(item) for item in value]
        if not isinstance(value, dict):
            return value
        done: Object = {
            name: item if name == "@context" else copy(item) for name, item in value.items()
        }
        if not any(name in value for name in ("id", "@id", *_NO_NODES)):
            done["@id"] = f"{_SKOLEM}o{number}"
            number += 1
        return done

    found: Object = copy(document)
    return found


class _Sparse(dict[int, Any]):
    """A list with gaps."""


def select(document: Object, pointers: Iterable[str]) -> Object | None:
    """Return the parts of a document that JSON Pointers lead to, with what lies on the way.

    Objects on the way keep their id and type; of lists the items that are not chosen drop out.

    Returns:
        The parts as a document, under its contexts; None if there are no pointers.

    Raises:
        NoSuchPart: a pointer leads nowhere.
    """
    pointers = list(pointers)
    if not pointers:
        return None
    found = {name: document[name] for name in ("@context",) if name in document}
    found |= _outline(document)
    for text in pointers:
        _add(found, document, _steps(text), text)
    result: Object = _without_gaps(found)
    return result


def _add(found: Any, value: Json, steps: list[str], text: str) -> None:
    """Add what a pointer leads to; `found` is what has been chosen of `value`."""
    for place, step in enumerate(steps):
        key, child = _child(value, step, text)
        is_last = place == len(steps) - 1
        if is_last:
            found[key] = _whole(child)
        elif key not in found:
            found[key] = _outline(child)
        value, found = child, found[key]
    if not steps:
        found.update(_whole(value))


def _child(value: Json, step: str, text: str) -> tuple[str | int, Json]:
    if isinstance(value, dict) and step in value:
        return step, value[step]
    if isinstance(value, list) and step.isascii() and step.isdecimal():
        index = int(step)
        if index < len(value) and str(index) == step:
            return index, value[index]
    raise NoSuchPart(text)


def _steps(pointer: str) -> list[str]:
    if pointer and not pointer.startswith("/"):
        raise NoSuchPart(pointer)
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _outline(value: Json) -> Any:
    """Return what is kept of a value on the way to a part of it."""
    if isinstance(value, list):
        return _Sparse()
    if not isinstance(value, dict):
        return value
    kept = ("id", "@id", "type", "@type")
    return {
        name: item
        for name, item in value.items()
        if name in kept and not (isinstance(item, str) and item.startswith("_:"))
    }


def _whole(value: Json) -> Any:
    """Return a copy to which nothing can be added by accident."""
    if isinstance(value, list):
        return _Sparse(enumerate(map(_whole, value)))
    if isinstance(value, dict):
        return {name: item if name == "@context" else _whole(item) for name, item in value.items()}
    return value


def _without_gaps(value: Any) -> Any:
    close: Callable[[Any], Any] = _without_gaps
    if isinstance(value, _Sparse):
        return [close(value[index]) for index in sorted(value)]
    if isinstance(value, dict):
        return {name: item if name == "@context" else close(item) for name, item in value.items()}
    return value
