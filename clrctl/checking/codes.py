"""Every code that a finding can have, with what it asks and why: the source of all listings.

Rules and schemas document their own codes; the rest (reading a file, telling what it is, the
plain keywords of a schema) stands here. This module finds nothing and prints nothing.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from clrctl.checking import rules
from clrctl.finding import Severity
from clrctl.standard import schemas as catalog


@dataclass(frozen=True, slots=True)
class Code:
    """One code of findings.

    Attributes:
        code: stable name, `area/name`.
        severity: how grave its findings are by themselves.
        title: what is asked, in one sentence without full stop.
        why: what goes wrong without it.
        source: the standard, its section, or the page that asks for it.
    """

    code: str
    severity: Severity
    title: str
    why: str
    source: str


@functools.cache
def all_codes() -> tuple[Code, ...]:
    """Return every code once, by area: reading, documents, schemas, rules, uploading.

    A code that a schema and a rule share is described by the rule.
    """
    own = [
        Code(code, Severity.WARNING if code in _WARNINGS else Severity.ERROR, *words)
        for code, words in _OWN.items()
    ]
    entries = catalog.schema_rules().items()
    schemas = [
        Code(code, Severity.ERROR, entry["title"], entry["why"], entry["source"])
        for code, entry in entries
    ]
    ruled = [
        Code(rule.code, rule.severity, rule.title, rule.why, rule.source)
        for rule in rules.all_rules()
    ]
    found = {entry.code: entry for entry in [*schemas, *ruled, *own]}
    areas = list(dict.fromkeys(map(_area, found)))
    return tuple(
        sorted(found.values(), key=lambda entry: (_rank(entry), areas.index(_area(entry.code))))
    )


_AREAS = ("parse", "document", "schema")
_LAST = ("upsert", "plan")
_WARNINGS = ("plan/valid-from", "proof/undecided")


def _area(code: str) -> str:
    return code.partition("/")[0]


def _rank(entry: Code) -> int:
    area = _area(entry.code)
    if area in _AREAS:
        return _AREAS.index(area)
    return len(_AREAS) + (_LAST.index(area) + 1 if area in _LAST else 0)


_JSON = "RFC 8259"
_YAML = "YAML 1.1 and 1.2, as far as they agree with JSON"
_ONE = "CLR 2.0, serialization: one credential in each document"

# code: title, why, source.
_OWN: dict[str, tuple[str, str, str]] = {
    "parse/json": (
        "The text is JSON",
        "Readers that forgive a slip forgive different ones, so that each would see another "
        "credential.",
        _JSON,
    ),
    "parse/yaml": (
        "The text is YAML",
        "What no parser accepts can only be guessed at.",
        _YAML,
    ),
    "parse/empty": (
        "There is a document",
        "An empty file most often was not saved, or its download failed.",
        _JSON,
    ),
    "parse/many": (
        "A file holds one document; one on each line is NDJSON",
        "Readers take the first and drop the rest without a word.",
        _ONE,
    ),
    "parse/encoding": (
        "The text is UTF-8",
        "In any other encoding names lose their accents, and signatures no longer hold.",
        "RFC 8259, section 8.1",
    ),
    "parse/duplicate-key": (
        "A name occurs once in an object",
        "Of two values some readers keep the first and others the last.",
        "RFC 7493, section 2.3",
    ),
    "parse/number": (
        "A number is one that every reader holds exactly",
        "Beyond 2^53 digits are lost silently; NaN and the infinities are not JSON at all.",
        "RFC 7493, section 2.2",
    ),
    "parse/text": (
        "Text is made of Unicode characters that can be sent and stored",
        "Databases cut at U+0000, and half a surrogate pair is no character.",
        "RFC 7493, section 2.1",
    ),
    "parse/size": (
        "A document keeps within the limits of size",
        "A file without bound can stop any program that reads it.",
        "RFC 8259, section 9",
    ),
    "parse/depth": (
        "A document is not nested without bound",
        "Deep nesting exhausts the stack of many readers.",
        "RFC 8259, section 9",
    ),
    "parse/alias": (
        "YAML has no anchors, aliases or merge keys",
        "JSON has nothing like them, and a few lines of aliases can grow into gigabytes.",
        _YAML,
    ),
    "parse/tag": (
        "YAML has no tags",
        "JSON has no types of one's own, and some tags run code in careless readers.",
        _YAML,
    ),
    "parse/ambiguous": (
        "A YAML value means the same to every reader",
        "Without quotes some words and numbers are text to one reader and not to another: a "
        "country NO becomes false.",
        _YAML,
    ),
    "document/kind": (
        "The document is a credential",
        "Another kind of file cannot be checked as one; its findings would say nothing.",
        "CLR 2.0, data model",
    ),
    "document/version": (
        "The credential follows CLR 2.0 or Open Badges 3.0",
        "CLR 1.0 and Open Badges 2.0 are other data models; their members mean other things.",
        "CLR 2.0, relation to earlier versions",
    ),
    "document/several": (
        "A document holds one credential, and nothing around it",
        "Each credential is issued, signed and kept alone.",
        _ONE,
    ),
    "document/presentation": (
        "The document is a credential, not a presentation of credentials",
        "A presentation is made for one verifier on one occasion; a record is kept.",
        "VC Data Model 2.0, verifiable presentations",
    ),
    "document/jwt": (
        "The credential is JSON, not a signed token",
        "In a token the credential is encoded: its members cannot be seen without taking it out.",
        "CLR 2.0, VC-JWT proof format; RFC 7515",
    ),
    "document/image": (
        "The credential is JSON, not a picture that carries it",
        "A baked badge is a picture to everybody who does not take the credential out.",
        "Open Badges 3.0, baking",
    ),
    "schema/required": (
        "What a class requires is there",
        "Readers rely on these members; without them the object cannot be used.",
        "CLR 2.0, data model",
    ),
    "schema/type": (
        "A value is of the kind that its member holds",
        'To a program the text "3" is no number, and one value is no list.',
        "CLR 2.0, strict serialization",
    ),
    "schema/enum": (
        "A value is one of its vocabulary, in the same letters",
        "Programs compare letter by letter; to them another spelling is an unknown value.",
        "CLR 2.0 and Open Badges 3.0, enumerations",
    ),
    "schema/format": (
        "A date is a date, and a date and time names its zone",
        "Without a zone a moment can be a day off; other ways to write dates are misread.",
        "CLR 2.0, data model, DateTimeZ; RFC 3339",
    ),
    "schema/pattern": (
        "A text has the form that its member asks for",
        "A text of another form cannot be taken apart by those who read it.",
        "CLR 2.0, data model",
    ),
    "schema/minItems": (
        "A list that has to hold something is not empty",
        "A record without a credential in it records nothing.",
        "CLR 2.0, ClrSubject.verifiableCredential",
    ),
    "schema/additionalProperties": (
        "A closed class has no members but its own",
        "Associations, images, identities and the like take no extensions; readers refuse them.",
        "CLR 2.0, data model",
    ),
    "schema/refused": (
        "The schema accepts the document",
        "The two validators behind clrctl disagree: please report it.",
        "CLR 2.0, JSON Schema",
    ),
    "proof/broken": (
        "A proof holds, and its issuer's key made it",
        "Somebody changed the credential after it was signed, or signed it in the issuer's place; "
        "whoever verifies it will refuse it.",
        "VC Data Integrity 1.0, section 4.4; `clrctl upsert` and `clrctl verify`",
    ),
    "proof/undecided": (
        "A proof can be checked with what is at hand",
        "Without the issuer's key nobody here knows whether it holds: name a trust file in the "
        "config file, as for `clrctl verify`.",
        "VC Data Integrity 1.0, section 4.4; `clrctl upsert` and `clrctl verify`",
    ),
    "upsert/duplicate": (
        "A run holds each credential once",
        "The endpoint keeps one of two with the same issuer and id, and which is a matter of luck.",
        "TimeBack CLR endpoint, upsert",
    ),
    "plan/valid-from": (
        "A changed credential has a later validFrom than the one sent before",
        "Of two versions with one id the later validFrom is the current one; equal dates leave "
        "readers without an answer.",
        "Open Badges 3.0, equality and comparison",
    ),
}
