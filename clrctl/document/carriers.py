"""What carries a credential: a JSON file, a signed token, or a picture that either is baked into.

Every way in ends in the credential's own JSON as a `Document`, with what carried it. Nothing is
verified here, and whether it is a good credential is not asked.

Sources: RFC 7515, section 7.1 (compact JWS); VC-JOSE-COSE, section 3.1.1, and VC Data Model 1.1,
section 6.3.1 (JWT claims).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clrctl.document import baking
from clrctl.document.inputs import Piece
from clrctl.document.jws import JWS
from clrctl.document.members import types_of
from clrctl.document.parsing import Document, parse
from clrctl.errors import InputError
from clrctl.finding import Json
from clrctl.util import base64url

REGISTERED = ("iss", "sub", "aud", "exp", "nbf", "iat", "jti")
"""Claims that RFC 7519, section 4.1, registers: they are the token's, not the credential's."""

SUFFIXES = (".1ob", ".jwt", ".jws", ".png", ".svg")
"""What is taken in folders beside JSON, YAML and NDJSON."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A credential and what it came in.

    Attributes:
        document: what was read; of a token its payload.
        raw: the bytes of the whole file, or of its line.
        token: the compact JWS that holds it; empty for plain JSON or YAML.
        picture: what the picture it is baked into says it is; None if there is none.
    """

    document: Document
    raw: bytes
    token: str = ""
    picture: baking.BakedKind | None = None

    @property
    def credential(self) -> Json:
        """The credential: of a token in the manner of VC Data Model 1.1 its claim `vc`."""
        data = self.document.data
        if self.token and isinstance(data, dict) and isinstance(data.get("vc"), dict):
            return data["vc"]
        return data

    @property
    def claims(self) -> dict[str, Json]:
        """The registered claims of the token that holds it."""
        data = self.document.data if self.token else None
        if not isinstance(data, dict):
            return {}
        return {name: data[name] for name in REGISTERED if name in data}

    @property
    def is_signed(self) -> bool:
        """Whether somebody says that it is theirs: it has a proof, or is a signed token."""
        data = self.credential
        return bool(self.token) or (isinstance(data, dict) and bool(data.get("proof")))

    @property
    def place(self) -> str:
        """Where it stands: the source, and the line where it is one of several there."""
        document = self.document
        if document.first_line > 1:
            return f"{document.source}:{document.first_line}"
        return document.source


def opened(pieces: Iterable[Piece | InputError]) -> Iterator[Carried | InputError]:
    """Yield what is carried by each piece, or in its place why it cannot be read."""
    for piece in pieces:
        if isinstance(piece, InputError):
            yield piece
        else:
            yield from _opened(piece)


def _opened(piece: Piece) -> Iterator[Carried | InputError]:
    try:
        raw = piece.read()
        if baking.is_picture(raw):
            yield _from_picture(piece, raw)
            return
        if piece.form != "ndjson" and is_token(raw):
            yield from_token(_trimmed(raw).decode(), source=piece.source, raw=raw)
            return
    except InputError as error:
        yield error
        return
    for found in piece.documents():
        yield found if isinstance(found, InputError) else Carried(found, found.raw)


def _from_picture(piece: Piece, raw: bytes) -> Carried:
    baked = baked_in(raw, source=piece.source)
    if is_token(baked.text):
        token = _trimmed(baked.text).decode()
        return from_token(token, source=piece.source, raw=raw, picture=baked.kind)
    document = parse(baked.text, source=piece.source, syntax="json", limits=piece.limits)
    return Carried(document, raw, picture=baked.kind)


def baked_in(raw: bytes, *, source: str) -> baking.Baked:
    """Return the credential in a picture.

    Raises:
        InputError: there is none that can be read, or no more than its address.
    """
    found = baking.extract(raw, source=source)
    if address := baking.address_in(found.text):
        raise InputError(
            "the picture holds no more than the address of its badge",
            where=source,
            why=address,
            fix="download the assertion from there, and name that file; nothing is fetched here",
        )
    return found


def is_token(raw: bytes) -> bool:
    """Return whether a file is a compact JWS."""
    body = _trimmed(raw)
    return body.isascii() and JWS.fullmatch(body.decode()) is not None


def token_in(raw: bytes) -> str:
    """Return the compact JWS that a file is, without what is around it; empty where it is none."""
    return _trimmed(raw).decode() if is_token(raw) else ""


def _trimmed(raw: bytes) -> bytes:
    """Return a token without what editors put around it, or JSON, where it is a string."""
    return raw.removeprefix(codecs.BOM_UTF8).strip().strip(b'"')


def from_token(
    token: str, *, source: str, raw: bytes = b"", picture: baking.BakedKind | None = None
) -> Carried:
    """Return what a compact JWS holds; its signature is not looked at.

    Args:
        token: three parts with dots between them.
        source: the name to report it by.
        raw: the file that it came in; by default the token itself.
        picture: the kind of picture that it was baked into.

    Raises:
        InputError: the part in the middle is not base64url.
    """
    middle = token.split(".")[1]
    try:
        payload = base64url.decode(middle)
    except ValueError:
        raise InputError(
            "the signed token (JWT) is damaged",
            where=source,
            why="the part between the dots is not base64url",
            fix="take the token again, as a whole and without line breaks",
        ) from None
    document = parse(payload, source=source, syntax="json")
    return Carried(document, raw or token.encode(), token, picture)


def only(found: Iterable[Carried | InputError], name: str) -> Carried:
    """Return the one readable credential of an input.

    Raises:
        InputError: it cannot be read, or holds no or several credentials.
    """
    carried = list(found)
    for one in carried:
        if isinstance(one, InputError):
            raise one
        for fault in one.document.faults[:1]:
            raise InputError(
                "this cannot be read",
                where=f"{one.document.source}:{fault.line}:{fault.column}",
                why=f"{fault.code}: {fault.message}",
                fix=fault.fix,
            )
    if len(carried) != 1:
        raise InputError(
            f"this holds {len(carried)} credentials; one is wanted",
            where=name,
            fix="put it into a file of its own",
        )
    (one,) = (one for one in carried if isinstance(one, Carried))
    return one


def bakeable(carried: Carried) -> tuple[bytes, baking.BakedKind]:
    """Return what of a credential is baked into a picture, and as what.

    Raises:
        InputError: the standards bake no such credential, or not in this form.
    """
    types = types_of(carried.credential)
    kind = next((kind for name, kind in _BAKED_AS.items() if name in types), None)
    if kind is None:
        raise InputError(
            "this is not what is baked into pictures",
            where=carried.place,
            why=f"its type is {', '.join(types) or 'missing'}",
            fix="name a CLR (ClrCredential) or an Open Badge (AchievementCredential)",
        )
    if carried.token:
        return carried.token.encode(), kind
    if carried.document.syntax != "json":
        raise InputError(
            "a picture takes JSON, and this is YAML",
            where=carried.place,
            fix="make JSON of it with clrctl fmt --output, and sign that",
        )
    return carried.document.payload, kind


_BAKED_AS = {
    "ClrCredential": baking.CLR,
    "AchievementCredential": baking.OPEN_BADGES,
    "OpenBadgeCredential": baking.OPEN_BADGES,
}
