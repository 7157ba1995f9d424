"""What a context says of each term, and how a context's entries become such definitions.

Source: JSON-LD 1.1 Processing Algorithms and API, sections 4.2 (create term definition) and 5.2
(IRI expansion). What that standard leaves to the processor, or what software reads in different
ways, is refused where it is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from clrctl.finding import Json
from clrctl.proof.faults import ContextFault
from clrctl.proof.jsonld import literals

KEYWORDS: Final = frozenset((
    "@base", "@container", "@context", "@direction", "@graph", "@id", "@import", "@included",
    "@index", "@json", "@language", "@list", "@nest", "@none", "@prefix", "@propagate",
    "@protected", "@reverse", "@set", "@type", "@value", "@version", "@vocab",
))  # fmt: skip
_LIKE_KEYWORD: Final = re.compile(r"@[A-Za-z]+\Z")
_ALIASED: Final = frozenset(
    ("@id", "@type", "@graph", "@value", "@language", "@list", "@set", "@none", "@index")
)
_GEN_DELIMS: Final = tuple(":/?#[]@")
_MEMBERS: Final = frozenset(
    ("@id", "@type", "@container", "@context", "@language", "@direction", "@protected")
) | {"@prefix", "@nest", "@index", "@reverse"}
_CONTAINERS: Final = frozenset(
    frozenset(names)
    for kind in ("@list", "@language", "@graph", "@set")
    for names in ((), (kind,), (kind, "@set"))
) - {frozenset(("@list", "@set"))}
_UNREAD_CONTAINERS: Final = frozenset(("@id", "@index", "@type"))

MISSING: Final[Any] = object()
"""No value at all, where null is one."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """The definition of a term; two are the same only if they are one object.

    Attributes:
        name: the term.
        iri: what it stands for: an IRI or a keyword; None where a context takes its meaning away.
        type: `@id`, `@vocab`, `@json`, `@none` or a datatype for its values; None where unsaid.
        container: how several values are laid out.
        language: of strings: a tag, None for none, MISSING for that of the context.
        protected: whether later contexts may give it another meaning.
        prefix: whether it can begin compact IRIs.
        scope: the context of its values, or of the objects of this type; MISSING for none.
        unread: the feature of JSON-LD it uses that is not read here.
        predicate: the IRI as an N-Quads term.
        suffix: what follows a string of its datatype; None where it has no datatype.
        plain: whether each of its values is one object of a quad.
    """

    name: str
    iri: str | None
    type: str | None = None
    container: frozenset[str] = frozenset()
    language: Any = MISSING
    protected: bool = False
    prefix: bool = False
    scope: Json = MISSING
    unread: str = ""
    predicate: str = ""
    suffix: str | None = None
    plain: bool = True

    def same_as(self, other: Term) -> bool:
        """Return whether two definitions agree in everything but protection."""
        return (
            self.iri == other.iri
            and self.type == other.type
            and self.container == other.container
            and self.language == other.language
            and self.prefix == other.prefix
            and self.unread == other.unread
            and (self.scope is other.scope or self.scope == other.scope)
        )


class Definer:
    """Turns the entries of one context into definitions, beside those that hold already.

    Attributes:
        terms: all definitions; those of the context replace earlier ones.
        vocab: what undefined terms are appended to; None where they have no meaning.
    """

    def __init__(
        self, terms: dict[str, Term], vocab: str | None, local: dict[str, Json], *, override: bool
    ) -> None:
        self.terms = terms
        self.vocab = vocab
        self._local = local
        self._override = override
        self._protected = local.get("@protected", False)
        self._state: dict[str, bool] = {}

    def define(self, name: str) -> None:
        """Define one term of the context, and first the terms its definition rests on.

        Raises:
            ContextFault: the definition is malformed, circular, or of a protected term.
        """
        if name in self._state:
            if not self._state[name]:
                raise ContextFault(f'the definition of "{name}" leads back to itself')
            return
        if name == "" or name in KEYWORDS or _LIKE_KEYWORD.match(name):
            raise ContextFault(f'"{name}" cannot be defined', "choose another name", at_key=True)
        self._state[name] = False
        value = self._local[name]
        before = self.terms.pop(name, None)
        term = self._read(name, value)
        if before is not None and before.protected and not self._override:
            if not term.same_as(before):
                raise ContextFault(
                    f'"{name}" is protected: an earlier context says what it means',
                    "leave it out, or choose another name",
                    at_key=True,
                )
            term = before
        self.terms[name] = term
        self._state[name] = True

    def expand(self, value: str) -> str:
        """Return the IRI or keyword that a term, a compact IRI or an IRI stands for.

        What stands for nothing is returned as it is.
        """
        if value in KEYWORDS:
            return value
        if value in self._local:
            self.define(value)
        found = self.terms.get(value)
        if found is not None:
            return found.iri or value
        prefix, colon, rest = value.partition(":")
        if colon and prefix:
            if prefix == "_" or rest.startswith("//"):
                return value
            if prefix in self._local:
                self.define(prefix)
            found = self.terms.get(prefix)
            if found is not None and found.iri and found.prefix:
                return found.iri + rest
            return value
        return value if self.vocab is None else self.vocab + value

    def _read(self, name: str, value: Json) -> Term:
        """Return a definition as it is written."""
        simple = isinstance(value, str)
        if value is None or simple:
            value = {"@id": value}
        if not isinstance(value, dict):
            raise ContextFault("a term is defined by an IRI or an object")
        for member in value:
            if member not in _MEMBERS:
                raise ContextFault(f'"{member}" is not part of a definition').at(member)
        iri = self._iri(name, value)
        kind = self._type(value)
        container, unread = self._layout(value)
        if "@prefix" in value and (":" in name or "/" in name or iri in KEYWORDS):
            raise ContextFault("this cannot begin compact IRIs").at("@prefix")
        is_prefix = simple and iri is not None and iri.endswith(_GEN_DELIMS)
        tag = value.get("@language", MISSING)
        if tag is not MISSING and tag is not None:
            tag = literals.language(tag)
        return Term(
            name,
            iri,
            kind,
            container,
            tag if kind is None else MISSING,
            _flag(value, "@protected", self._protected),
            _flag(value, "@prefix", is_prefix and ":" not in name and "/" not in name),
            value.get("@context", MISSING),
            unread,
            f"<{iri}>" if iri and iri not in KEYWORDS else "",
            literals.suffix(kind) if kind and kind[0] != "@" else None,
            not unread and container <= {"@set"} and kind != "@json",
        )

    def _iri(self, name: str, value: dict[str, Json]) -> str | None:
        if "@reverse" in value:
            return name
        written = value.get("@id", name)
        if written is None:
            return None
        if not isinstance(written, str):
            raise ContextFault(f'"{name}" is defined by something other than an IRI')
        if written != name:
            iri = self.expand(written)
        elif ":" in name[1:]:
            iri = self._compact(name)
        else:
            iri = self.vocab + name if self.vocab is not None else name
        if iri not in _ALIASED and not literals.is_absolute(iri):
            raise ContextFault(f'"{name}" is defined by "{iri}", which is not an absolute IRI')
        if ":" in name[1:-1] and iri != self._compact(name):
            raise ContextFault(f'"{name}" looks like an IRI but is defined as another one')
        return iri

    def _compact(self, name: str) -> str:
        prefix, _, rest = name.partition(":")
        if prefix in self._local and prefix != name:
            self.define(prefix)
        found = self.terms.get(prefix)
        return found.iri + rest if found is not None and found.iri else name

    def _type(self, value: dict[str, Json]) -> str | None:
        written = value.get("@type")
        if written is None:
            return None
        kind = self.expand(written) if isinstance(written, str) else ""
        if kind in ("@id", "@vocab", "@json", "@none") or literals.is_absolute(kind):
            return kind
        raise ContextFault(f"{written!r} is not a type of values").at("@type")

    def _layout(self, value: dict[str, Json]) -> tuple[frozenset[str], str]:
        """Return the container, and a feature that is not read here, if the term has one."""
        written = value.get("@container", [])
        names = written if isinstance(written, list) else [written]
        if not all(isinstance(name, str) for name in names):
            raise ContextFault("a container is named by a keyword").at("@container")
        container = frozenset(names)
        unread: list[str] = [name for name in ("@reverse", "@nest", "@index") if name in value]
        unread += [f"@container {name}" for name in sorted(container & _UNREAD_CONTAINERS)]
        unread += ["@direction"] * (value.get("@direction") is not None)
        if not unread and container not in _CONTAINERS:
            raise ContextFault("there is no such container").at("@container")
        return container, unread[0] if unread else ""


def _flag(value: dict[str, Json], name: str, default: bool) -> bool:
    flag = value.get(name, default)
    if not isinstance(flag, bool):
        raise ContextFault("this has to be true or false").at(name)
    return flag
