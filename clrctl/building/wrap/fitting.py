"""Whether a credential is valid inside a record, and what of its text may be rewritten for that.

An endpoint may ask for more than the standard: TimeBack wants issuers as objects, and lists where
the standard leaves the choice. What is signed cannot always be made so.
"""

from __future__ import annotations

from dataclasses import replace

from clrctl.building.emitter import CONTEXTS
from clrctl.building.wrap.candidates import Candidate
from clrctl.building.wrap.texts import cut, parts, without
from clrctl.checking import validation
from clrctl.document import parse
from clrctl.finding import Finding, Json, Severity
from clrctl.standard import format_document

STANDARD = "standard"
_AT = "/credentialSubject/verifiableCredential/0"


def errors(candidate: Candidate, ruleset: str) -> list[Finding]:
    """Return the errors that a record would have because of a credential; pointers lead into it.

    Args:
        candidate: an object.
        ruleset: the rules that the record is to be held to.
    """
    if ruleset == STANDARD:
        found = validation.check_data(candidate.data)
        return [one for one in found if one.severity is Severity.ERROR]
    return [
        replace(one, pointer=one.pointer.removeprefix(_AT))
        for one in validation.check_data(_around(candidate.data), (ruleset,))
        if one.severity is Severity.ERROR and one.pointer.startswith(_AT)
    ]


def _around(credential: Json) -> Json:
    """Return a good record that holds one credential."""
    return {
        "@context": list(CONTEXTS),
        "type": ["VerifiableCredential", "ClrCredential"],
        "id": "urn:uuid:00000000-0000-4000-8000-000000000000",
        "name": "Record",
        "issuer": {"type": ["Profile"], "id": "https://school.example", "name": "School"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "type": ["ClrSubject"],
            "id": "urn:uuid:00000000-0000-4000-8000-000000000001",
            "verifiableCredential": [credential],
        },
    }


def with_lists(candidate: Candidate) -> Candidate:
    """Return the candidate with lists where sets are; the same where a proof would notice.

    No proof covers itself, so that a lone one becomes a list in any case.
    """
    text = _in_lists(candidate.text, candidate.place.source)
    proof = parts(text).get("proof")
    if proof is not None and text.startswith("{", proof.start):
        text = f"{text[: proof.start]}[{text[proof.start : proof.end]}]{text[proof.end :]}"
    return replace(candidate, text=text, data=parse(text.encode(), syntax="json").data)


def achievement(candidate: Candidate) -> tuple[bytes, ...]:
    """Return the text of the achievement as the record lists it: in lists, since it is a copy."""
    if candidate.has_own_terms:
        return ()
    unsigned = without(candidate.text, frozenset({"proof"}))
    found = cut(_in_lists(unsigned, candidate.place.source), "credentialSubject", "achievement")
    return (found.encode(),) if found else ()


def _in_lists(text: str, source: str) -> str:
    document = parse(text.encode(), source=source, syntax="json")
    return format_document(document, signed_too=True).text.decode().strip()
