"""The strict form of a document: what changes, in which order, and what is never touched.

Changed are lone values of sets, which become lists; members that mean nothing, which go; and the
order of members. This module does not know how text is broken into lines.

Sources: Open Badges 3.0 and CLR 2.0, strict serialization; JSON-LD 1.1 API, section 5.1.2
(expansion); VC Data Integrity 1.0, section 4.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from clrctl.document import NUMBER, Document, types_of
from clrctl.finding import Json, pointer
from clrctl.standard import classes as tree
from clrctl.standard import schemas
from clrctl.standard.classes import Path
from clrctl.standard.serialization.layout import Style, Verbatim, Written, json_text, lay_out
from clrctl.standard.serialization.spans import Span, spans

SIGNED = "signed"
SIGNED_AS_TEXT = "signed in a way that even a change of layout may break"
UNKNOWN = "not a credential or profile of the standard"


@dataclass(frozen=True, slots=True)
class Kept:
    """An object that was left exactly as it is.

    Attributes:
        pointer: JSON Pointer (RFC 6901) to it; `""` is the whole document.
        why: one of `SIGNED`, `SIGNED_AS_TEXT` and `UNKNOWN`.
    """

    pointer: str
    why: str


@dataclass(frozen=True, slots=True)
class Formatted:
    """A document after formatting.

    Attributes:
        text: the whole document, UTF-8; it ends with a line feed unless it was left as it is.
        kept: the objects that were left as they are, in the order of the text.
    """

    text: bytes
    kept: tuple[Kept, ...] = ()


def format_document(
    document: Document, *, style: Style = Style.LINES, signed_too: bool = False
) -> Formatted:
    """Return a document in the standard's strict form; of YAML, the same as JSON.

    In every object of a class of the standard, lone values of sets become lists, null members
    and empty lists go, and the members are put in the order of `order`. Objects of other classes
    are only laid out anew. Numbers stay as they are written, texts keep every character.

    Args:
        document: one without faults.
        style: how it is laid out.
        signed_too: also rewrite objects with a proof, where every proof of theirs is known to
            cover the RDF alone. All others are kept byte for byte, with all that they hold.
    """
    cls = _class_of(document.data)
    if cls is None:
        return Formatted(_unchanged(document), (Kept("", UNKNOWN),))
    text = document.payload.decode()
    classes = {id(node.value): node.cls for node in tree.grow(document.data, cls).everything()}
    writer = _Writer(text, classes, signed_too=signed_too)
    written = writer.value(document.data, spans(text), (), foreign=False)
    if isinstance(written, Verbatim):
        return Formatted(_unchanged(document), tuple(writer.kept))
    return Formatted(f"{lay_out(written, style)}\n".encode(), tuple(writer.kept))


def _class_of(data: Json) -> str | None:
    """Return the class that a document says it is of, None where the standard has none such."""
    entry, _ = schemas.select(data)
    return entry.types[0] if set(entry.types) & set(types_of(data)) else None


def _unchanged(document: Document) -> bytes:
    return document.raw if document.syntax == "json" else document.payload + b"\n"


class _Writer:
    """Decides the text of every value of one document."""

    def __init__(self, text: str, classes: dict[int, str], *, signed_too: bool) -> None:
        self.kept: list[Kept] = []
        self._text = text
        self._classes = classes
        self._signed_too = signed_too

    def value(self, value: Json, span: Span, path: Path, *, foreign: bool) -> Written:
        """Return what is to be written for a value; `foreign` contexts may speak around it."""
        if isinstance(value, dict):
            return self._object(value, span, path, foreign=foreign)
        if isinstance(value, list):
            return [
                self.value(item, span.below[index], (*path, index), foreign=foreign)
                for index, item in enumerate(value)
            ]
        number = NUMBER.match(self._text, span.start) if type(value) in {int, float} else None
        return number[0] if number else json_text(value)

    def _object(self, value: dict[str, Json], span: Span, path: Path, *, foreign: bool) -> Written:
        why = self._reason_to_keep(value)
        if why:
            self.kept.append(Kept(pointer(path), why))
            return Verbatim(self._text[span.start : span.end])
        foreign = foreign or _has_foreign_context(value)
        cls = self._classes.get(id(value))
        written = {
            name: self.value(value[name], span.below[name], (*path, name), foreign=foreign)
            for name in _ordered(value, cls)
        }
        if cls is None or (foreign and not _says_its_class(value, cls)):
            return written
        return {
            name: [item] if name in sets(cls) and _is_lone(value[name]) else item
            for name, item in written.items()
            if not _means_nothing(name, value[name], cls)
        }

    def _reason_to_keep(self, value: dict[str, Json]) -> str:
        proofs = value.get("proof")
        if not proofs:
            return ""
        if not self._signed_too:
            return SIGNED
        proofs = proofs if isinstance(proofs, list) else [proofs]
        return "" if all(map(_covers_meaning_alone, proofs)) else SIGNED_AS_TEXT


# Suites that sign canonical RDF. Those named *-jcs-* sign the JSON; those for selective
# disclosure also hold JSON Pointers, which lists in the place of lone values would break.
_RDF_SUITE = re.compile(r"[a-z0-9]+-rdfc-[0-9]{4}|eddsa-2022")
_RDF_TYPES = ("Ed25519Signature2018", "Ed25519Signature2020", "JsonWebSignature2020")


def _covers_meaning_alone(proof: Json) -> bool:
    if not isinstance(proof, dict):
        return False
    if proof.get("type") == "DataIntegrityProof":
        return _RDF_SUITE.fullmatch(str(proof.get("cryptosuite"))) is not None
    return proof.get("type") in _RDF_TYPES


# What these define, contexts that follow cannot give another meaning. Others might say that a
# member is literal JSON or a map, which makes a lone value and a list of one differ.
_STANDARD_CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://www.w3.org/2018/credentials/v1",
    "https://purl.imsglobal.org/spec/clr/",
    "https://purl.imsglobal.org/spec/ob/",
    "https://w3id.org/security/",
)


def _has_foreign_context(value: dict[str, Json]) -> bool:
    contexts = value.get("@context", [])
    contexts = contexts if isinstance(contexts, list) else [contexts]
    return not all(
        isinstance(item, str) and item.startswith(_STANDARD_CONTEXTS) for item in contexts
    )


def _says_its_class(value: dict[str, Json], cls: str) -> bool:
    return any(tree.NESTED_CLASSES.get(name, name) == cls for name in types_of(value))


def _is_lone(item: Json) -> bool:
    return item is not None and not isinstance(item, list)


# Null has a meaning of its own in a context, and is an error in the other two.
_KEYWORDS = ("@context", "id", "type")
# An RDF list: empty, it says something else than absent.
_LISTS = ("allowedValue",)


def _means_nothing(name: str, item: Json, cls: str) -> bool:
    """Return whether a member says no more than its absence, and may be absent."""
    if name in _KEYWORDS or name not in tree.members(cls) or name in required(cls):
        return False
    return item is None or (item == [] and name not in _LISTS)


_FIRST = ("@context", "type", "id")
_FIRST_IN_CREDENTIALS = (
    *_FIRST,
    "name",
    "description",
    "image",
    "issuer",
    "validFrom",
    "validUntil",
    "awardedDate",
)
_LAST = ("proof",)


@functools.cache
def order(cls: str) -> tuple[str, ...]:
    """Return the members of a class in the order they are written in.

    Context, type and id come first, in credentials followed by what else a reader asks first;
    a proof comes last; all others stand as in the class's schema.
    """
    first = _FIRST_IN_CREDENTIALS if cls in tree.CREDENTIALS else _FIRST
    others = [name for name in tree.members(cls) if name not in first and name not in _LAST]
    return (*first, *others, *_LAST)


def _ordered(value: dict[str, Json], cls: str | None) -> list[str]:
    """Return the names of an object's members in order, unknown ones last as they stand."""
    known = [name for name in order(cls) if name in value] if cls else []
    return known + [name for name in value if name not in known]


@functools.cache
def sets(cls: str) -> frozenset[str]:
    """Return the members of a class that are sets: a list, in the strict form."""
    return frozenset(
        name
        for schema in _schemas(cls)
        for name, part in schema.get("properties", {}).items()
        if _takes_lists(part)
    )


@functools.cache
def required(cls: str) -> frozenset[str]:
    """Return the members that an object of a class has to have."""
    return frozenset(name for schema in _schemas(cls) for name in schema.get("required", ()))


def _schemas(cls: str) -> Iterator[Json]:
    """Yield a class's schema and those that it builds on."""
    schema: Json = _definitions()[cls]
    while schema:
        yield schema
        schema = _base(schema)


def _takes_lists(schema: Json) -> bool:
    while schema and "type" not in schema:
        schema = _base(schema)
    return bool(schema) and "array" in schema["type"]


def _base(schema: Json) -> Json:
    """Return the definition that a schema builds on, None where there is none."""
    return _definitions().get(str(schema.get("$ref", "")).rpartition("/")[2])


def _definitions() -> dict[str, Json]:
    definitions: dict[str, Json] = schemas.schema(tree.CLASSES)["$defs"]
    return definitions
