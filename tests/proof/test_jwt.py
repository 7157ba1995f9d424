"""Credentials as tokens: what is taken, and what never is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clrctl.proof import jwt
from clrctl.proof.keys.public import Kind, PublicKey
from clrctl.proof.suites.base import BrokenProof, UnsupportedProof
from clrctl.util import base64url
from tests import published
from tests.proof.test_keys import rsa_pem
from tests.signing import BADGE, key_of


def token(header: Any, payload: Any = None, signature: bytes = b"x") -> str:
    def part(value: Any) -> str:
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        return base64url.encode(data)

    return f"{part(header)}.{part(payload or {})}.{base64url.encode(signature)}"


KINDS: tuple[tuple[Kind, str], ...] = (("Ed25519", "EdDSA"), ("P-256", "ES256"), ("P-384", "ES384"))


@pytest.mark.parametrize(("kind", "algorithm"), KINDS)
def test_a_token_is_signed_and_read_again(kind: Kind, algorithm: str) -> None:
    key = key_of(kind)
    text = jwt.sign(BADGE, key, header={"typ": "JWT", "kid": "did:web:a.example#k"})
    found = jwt.read(text)
    assert found.header == {"alg": algorithm, "typ": "JWT", "kid": "did:web:a.example#k"}
    assert found.payload == BADGE
    jwt.check(found, key.public)
    assert jwt.sign(BADGE, key, header={"typ": "JWT", "kid": "did:web:a.example#k"}) == text


@pytest.mark.parametrize(("kind", "_"), KINDS)
def test_no_part_of_a_token_can_be_exchanged(kind: Kind, _: str) -> None:
    key = key_of(kind)
    parts = jwt.sign(BADGE, key, header={}).split(".")
    other = jwt.sign({**BADGE, "name": "x"}, key, header={"typ": "x"}).split(".")
    for place in range(3):
        mixed = [*parts]
        mixed[place] = other[place]
        with pytest.raises(BrokenProof):
            jwt.check(jwt.read(".".join(mixed)), key.public)
    with pytest.raises(BrokenProof):
        jwt.check(jwt.read(".".join(parts)), key_of(kind, 8).public)


def test_an_rsa_token_is_taken() -> None:
    from clrctl.proof.keys.secret import SecretKey

    key = SecretKey.from_pem(rsa_pem())
    found = jwt.read(jwt.sign(BADGE, key, header={}))
    assert found.header["alg"] == "RS256"
    jwt.check(found, key.public)


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "HS256"},
        {"alg": ["EdDSA"]},
        {"alg": "PS256"},
        {"alg": "EdDSA", "crit": ["exp"]},
        {"alg": "EdDSA", "b64": False},
    ],
)
def test_unsafe_algorithms_and_extensions_are_never_taken(header: Any) -> None:
    with pytest.raises(UnsupportedProof):
        jwt.check(jwt.read(token(header, signature=b"")), key_of().public)


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "RS256"])
def test_the_algorithm_is_bound_to_the_key(algorithm: str) -> None:
    with pytest.raises(BrokenProof, match="the key is one of Ed25519"):
        jwt.check(jwt.read(token({"alg": algorithm})), key_of().public)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        "a.b.c.d",
        token({"alg": "EdDSA"}) + "\n",
        token({"alg": "EdDSA"}) + "=",
        token(b"[]"),
        token(b"no json"),
        token(b'{"alg": "none", "alg": "EdDSA"}'),
        token({}, [1]),
        "!" + token({}),
        "A" + token({}),
        token({})[:-1] + "B",
    ],
)
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedProof):
        jwt.read(text)


def test_the_official_validators_token_holds_by_the_key_it_brings() -> None:
    text = published.needed().joinpath("samples/clr20/simple.jwt").read_text().strip()
    found = jwt.read(text)
    jwt.check(found, PublicKey.from_jwk(found.header["jwk"]))
    with pytest.raises(BrokenProof):
        jwt.check(found, key_of().public)
