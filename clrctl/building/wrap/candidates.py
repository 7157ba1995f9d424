"""What might be wrapped: each credential of the inputs, with its own text and where it stood.

Of a token (JWT) that is its payload, of a CLR that is to be taken apart each of its credentials.
Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from clrctl.building.model import Place
from clrctl.building.wrap.texts import cut, items, without
from clrctl.document import REGISTERED, Carried, Document, parse, types_of
from clrctl.finding import Json

_STANDARD = ("https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One credential that might be wrapped.

    Attributes:
        place: the file, and the line where it is one of several there.
        within: where it stood in a CLR that was taken apart: its JSON Pointer; else empty.
        text: its JSON, as it was read.
        data: the same, parsed.
        document: what was read, with its faults; of a token its payload.
        token: the compact JWS that it is the payload of; empty for others.
        claims: the registered claims of that token.
    """

    place: Place
    within: str
    text: str = field(repr=False)
    data: Json = field(repr=False)
    document: Document = field(repr=False)
    token: str = field(default="", repr=False)
    claims: dict[str, Json] = field(default_factory=dict)

    @property
    def types(self) -> tuple[str, ...]:
        """The values of its `type`."""
        return types_of(self.data)

    @property
    def subject(self) -> dict[str, Json]:
        """Its subject; empty where that is no single object."""
        return _object(self.data, "credentialSubject")

    def text_of(self, member: str) -> str:
        """Return a member's value if it is text, else an empty one."""
        value = self.data.get(member) if isinstance(self.data, dict) else None
        return value if isinstance(value, str) else ""

    @property
    def issuer_id(self) -> str:
        """The id of its issuer, given as an object or by its address."""
        return self.text_of("issuer") or str(_object(self.data, "issuer").get("id", ""))

    @property
    def name(self) -> str:
        """What people call it: its own name, or that of its achievement."""
        name = self.text_of("name") or _object(self.subject, "achievement").get("name")
        return name if isinstance(name, str) else ""

    @property
    def issuer_name(self) -> str:
        """What people call its issuer."""
        name = _object(self.data, "issuer").get("name")
        return name if isinstance(name, str) else self.issuer_id

    @property
    def has_own_terms(self) -> bool:
        """Whether a context beside those of the standard says what its members mean."""
        contexts = self.data.get("@context")
        named = contexts if isinstance(contexts, list) else [contexts]
        return not all(isinstance(one, str) and one.startswith(_STANDARD) for one in named)

    @property
    def proofs(self) -> list[Json]:
        """Its proofs."""
        held = self.data.get("proof") if isinstance(self.data, dict) else None
        return held if isinstance(held, list) else [held] if held else []


def _object(data: Json, member: str) -> dict[str, Json]:
    value = data.get(member) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def of(carried: Carried) -> Candidate:
    """Return what an input holds as a candidate."""
    document = carried.document
    place = Place(document.source, document.first_line if document.first_line > 1 else 0)
    text = document.payload.decode()
    if carried.token and not document.faults:
        text = _payload(text, carried)
    return Candidate(
        place,
        "",
        text,
        _plain(carried),
        document,
        carried.token,
        carried.claims,
    )


def _payload(text: str, carried: Carried) -> str:
    """Return the text of the credential in a token, without the claims that are the token's."""
    if carried.credential is not carried.document.data:
        return cut(text, "vc") or text
    return without(text, frozenset(REGISTERED))


def _plain(carried: Carried) -> Json:
    data = carried.credential
    if carried.token and isinstance(data, dict):
        return {name: value for name, value in data.items() if name not in REGISTERED}
    return data


def apart(candidate: Candidate) -> Iterator[Candidate]:
    """Yield the credentials that a CLR bundles, each as it stands in it."""
    path = ("credentialSubject", "verifiableCredential")
    for index, text in enumerate(items(candidate.text, *path)):
        document = parse(text.encode(), source=candidate.place.source, syntax="json")
        within = f"/{'/'.join(path)}/{index}"
        yield Candidate(candidate.place, within, text, document.data, document)
