"""RDF Dataset Canonicalization 1.0 (RDFC-1.0): one text for all equal datasets.

A quad is four strings in N-Quads form: subject, predicate, object and graph; the graph is empty
for the default graph. Blank nodes are written `_:name`.

Source: RDF Dataset Canonicalization, W3C Recommendation, section 4. Software reads it in different
ways at two points. Where its numbered steps are silent, on a blank node that one quad after the
other names again, the repetitions are kept here, as its overview says and as rdf-canonize and PyLD
do. And lines are sorted by code points, as it asks, where JavaScript compares UTF-16 code units.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from clrctl.proof.faults import TooComplex

Quad: TypeAlias = tuple[str, str, str, str]
"""Subject, predicate, object and graph as N-Quads terms; an empty graph is the default graph."""

Key: TypeAlias = Callable[[str], bytes] | None
"""What lines are sorted by; None for their code points."""

_POSITIONS: Final = ((0, "s"), (2, "o"), (3, "g"))
_AFTER_SURROGATES: Final = re.compile("[\ue000-\uffff]")
# Honest datasets take one or two steps for each blank node.
_FREE_STEPS = 20_000
_STEPS_EACH = 4
_MOST_LEVELS = 100


class Canonical:
    """A dataset in canonical form.

    Attributes:
        lines: N-Quads, sorted by code points, each with its final newline.
        labels: canonical name of each blank node: `{"_:b0": "_:c14n0"}`.
    """

    def __init__(self, quads: list[Quad], hash_name: str) -> None:
        self._quads = quads
        self._hash_name = hash_name
        naming = _Naming(quads, hash_name)
        self.labels = naming.labels()
        self.lines = _lines(quads, self.labels)
        self._repeated = naming.repeated

    @functools.cached_property
    def others(self) -> dict[str, list[str]]:
        """The lines that other software gets, where they differ; mostly there are none.

        By the reason: `repetitions`, where alike parts are told apart in another way, and
        `order`, where lines are sorted in another one.
        """
        found = {}
        if self._repeated:
            found["repetitions"] = self._read(repetitions=False)
        if _sorts_differently("".join(self.lines)):
            found["order"] = self._read(key=_in_utf16)
        return {reason: lines for reason, lines in found.items() if lines != self.lines}

    @property
    def ambiguous(self) -> bool:
        """Whether a proof over these lines holds for a part of the world only."""
        return bool(self.others)

    def _read(self, *, repetitions: bool = True, key: Key = None) -> list[str]:
        naming = _Naming(self._quads, self._hash_name, repetitions=repetitions, key=key)
        return _lines(self._quads, naming.labels(), key)


def canonicalize(quads: Iterable[Quad], hash_name: str = "sha256") -> Canonical:
    """Bring a dataset into canonical form.

    Args:
        quads: the dataset; quads that occur twice count once.
        hash_name: `sha256`, or `sha384` for proofs with P-384 keys.

    Raises:
        TooComplex: its blank nodes are too much alike to be told apart in reasonable time.
    """
    return Canonical(list(dict.fromkeys(quads)), hash_name)


def _lines(quads: Iterable[Quad], labels: dict[str, str], key: Key = None) -> list[str]:
    """Write quads as sorted N-Quads lines, their blank nodes renamed."""
    if labels:
        new = labels.get
        quads = [(new(s, s), p, new(o, o), new(g, g)) for s, p, o, g in quads]
    lines = [f"{s} {p} {o} {g} .\n" if g else f"{s} {p} {o} .\n" for s, p, o, g in quads]
    lines.sort(key=key)
    return lines


def _in_utf16(line: str) -> bytes:
    return line.encode("utf-16-be")


def _sorts_differently(text: str) -> bool:
    """Return whether some characters of a text sort differently as UTF-16 code units."""
    return not text.isascii() and max(text) > "\uffff" and bool(_AFTER_SURROGATES.search(text))


class _Issuer:
    """Names in the order in which they are first asked for."""

    __slots__ = ("names", "prefix")

    def __init__(self, prefix: str, names: dict[str, str] | None = None) -> None:
        self.prefix = prefix
        self.names = names or {}

    def issue(self, node: str) -> str:
        return self.names.setdefault(node, f"{self.prefix}{len(self.names)}")

    def copy(self) -> _Issuer:
        return _Issuer(self.prefix, self.names.copy())


class _Naming:
    """The canonical names of the blank nodes of one dataset (section 4.4.3)."""

    def __init__(
        self, quads: list[Quad], hash_name: str, *, repetitions: bool = True, key: Key = None
    ) -> None:
        self.hash: Callable[..., hashlib._Hash] = getattr(hashlib, hash_name)
        self.repetitions = repetitions
        self.key = key
        self.repeated = False
        self.steps = 0
        self.canonical = _Issuer("_:c14n")
        self.mentions: defaultdict[str, list[Quad]] = defaultdict(list)
        for quad in quads:
            s, _, o, g = quad
            if s[0] == "_":
                self.mentions[s].append(quad)
            if o[0] == "_" and o != s:
                self.mentions[o].append(quad)
            if g and g[0] == "_" and g not in (s, o):
                self.mentions[g].append(quad)
        self.most_steps = _FREE_STEPS + _STEPS_EACH * len(self.mentions)
        self.first = {node: self._first_degree(node) for node in self.mentions}

    def _digest(self, text: str) -> str:
        return self.hash(text.encode()).hexdigest()

    def labels(self) -> dict[str, str]:
        """Return the canonical name of every blank node."""
        alike: defaultdict[str, list[str]] = defaultdict(list)
        for node, digest in self.first.items():
            alike[digest].append(node)
        for digest in sorted(alike):
            if len(alike[digest]) == 1:
                self.canonical.issue(alike[digest][0])
        for digest in sorted(alike):
            if len(alike[digest]) > 1:
                self._tell_apart(alike[digest])
        return self.canonical.names

    def _tell_apart(self, nodes: list[str]) -> None:
        results = []
        for node in nodes:
            if node not in self.canonical.names:
                issuer = _Issuer("_:b")
                issuer.issue(node)
                results.append(self._n_degree(node, issuer, 0))
        for _, issuer in sorted(results, key=lambda result: result[0]):
            for node in issuer.names:
                self.canonical.issue(node)

    def _first_degree(self, node: str) -> str:
        """Hash what is said of a node, its blank neighbours left open (section 4.6)."""

        def named(term: str) -> str:
            return term if term[:1] != "_" else "_:a" if term == node else "_:z"

        quads = [(named(s), p, named(o), named(g)) for s, p, o, g in self.mentions[node]]
        lines = _lines(quads, {}, self.key)
        return self._digest("".join(lines))

    def _related(self, node: str, quad: Quad, issuer: _Issuer, position: str) -> str:
        """Hash how a neighbour is related (section 4.7)."""
        known = self.canonical.names.get(node) or issuer.names.get(node) or self.first[node]
        return self._digest(position + (quad[1] if position != "g" else "") + known)

    def _neighbours(self, node: str, issuer: _Issuer) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for quad in self.mentions[node]:
            for index, position in _POSITIONS:
                other = quad[index]
                if other[:1] == "_" and other != node:
                    group = found[self._related(other, quad, issuer, position)]
                    if other in group:
                        self.repeated = True
                        if not self.repetitions:
                            continue
                    group.append(other)
        return found

    def _n_degree(self, node: str, issuer: _Issuer, level: int) -> tuple[str, _Issuer]:
        """Hash a node by its neighbours' neighbours (section 4.8)."""
        if level > _MOST_LEVELS:
            raise TooComplex("too many objects without an id look alike")
        text = ""
        neighbours = self._neighbours(node, issuer)
        for digest in sorted(neighbours):
            chosen, chosen_issuer = "", issuer
            for order in _orders(neighbours[digest]):
                self._count_a_step()
                found = self._path(order, issuer, chosen, level)
                if found and (not chosen or found[0] < chosen):
                    chosen, chosen_issuer = found
            text += digest + chosen
            issuer = chosen_issuer
        return self._digest(text), issuer

    def _path(
        self, order: tuple[str, ...], issuer: _Issuer, chosen: str, level: int
    ) -> tuple[str, _Issuer] | None:
        """Return the path through neighbours in one order; None once another one is smaller."""
        issuer = issuer.copy()
        path = ""
        to_follow = []
        for node in order:
            name = self.canonical.names.get(node)
            if name is None:
                if node not in issuer.names:
                    to_follow.append(node)
                name = issuer.issue(node)
            path += name
            if chosen and len(path) >= len(chosen) and path > chosen:
                return None
        for node in to_follow:
            digest, result = self._n_degree(node, issuer, level + 1)
            path += f"{issuer.issue(node)}<{digest}>"
            issuer = result
            if chosen and len(path) >= len(chosen) and path > chosen:
                return None
        return path, issuer

    def _count_a_step(self) -> None:
        self.steps += 1
        if self.steps > self.most_steps:
            raise TooComplex("too many objects without an id look alike")


def _orders(nodes: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield each distinct order of nodes, of which some may be the same, once."""
    if len(nodes) == 1:
        yield (nodes[0],)
        return
    for first in dict.fromkeys(nodes):
        rest = nodes.copy()
        rest.remove(first)
        for order in _orders(rest):
            yield (first, *order)
