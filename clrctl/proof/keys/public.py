"""Public keys: Multikey, JWK, PEM and DID forms of one key, and what it verifies.

Sources: Controlled Identifiers 1.0, section 2.2 (Multikey); RFC 7517, 7518, 8037 (JWK); RFC 7638
(thumbprint); RFC 5280 SubjectPublicKeyInfo; did:key; did:jwk.
"""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from clrctl.finding import Json
from clrctl.proof.keys import multibase
from clrctl.proof.keys.problem import BadKey
from clrctl.util import base64url

Kind: TypeAlias = Literal["Ed25519", "P-256", "P-384", "RSA"]

# Multicodec prefixes of public keys, as varints.
_PREFIXES: Final[dict[bytes, Kind]] = {
    b"\xed\x01": "Ed25519",
    b"\x80\x24": "P-256",
    b"\x81\x24": "P-384",
}
_WIDTH: Final = {"P-256": 32, "P-384": 48}
_LEAST_RSA_BITS: Final = 2048
_MOST_RSA_BITS: Final = 8192


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key.

    Attributes:
        kind: what it is.
        raw: its bytes: of Ed25519 the 32 of RFC 8032; of P-256 and P-384 the compressed point
            (SEC 1, section 2.3.3); of RSA the DER of its SubjectPublicKeyInfo.
    """

    kind: Kind
    raw: bytes

    @classmethod
    def from_multikey(cls, text: str) -> PublicKey:
        """Return the key of a `publicKeyMultibase` value (`z6Mk…`, `zDn…`, `z82…`).

        Raises:
            BadKey: it is none, or of a kind that is not used for signing credentials.
        """
        if not text.startswith("z"):
            raise BadKey("a Multikey begins with z")
        try:
            data = multibase.decode(text)
        except ValueError as problem:
            raise BadKey(f"this is no Multikey: {problem}") from None
        kind = _PREFIXES.get(data[:2])
        if kind is None:
            raise BadKey(
                "this Multikey is of a kind that is not used here",
                "use a key of Ed25519 (z6Mk...), P-256 (zDn...) or P-384 (z82...)",
            )
        return cls.of(kind, data[2:])

    @classmethod
    def from_jwk(cls, jwk: Json) -> PublicKey:
        """Return the key of a JSON Web Key; its secret members are not looked at.

        Raises:
            BadKey: it is none, or of a kind that is not used for signing credentials.
        """
        if not isinstance(jwk, dict):
            raise BadKey("a JWK is a JSON object")
        if jwk.get("use", "sig") != "sig":
            raise BadKey("this JWK is for encryption, not for signatures")
        kty, crv = jwk.get("kty"), jwk.get("crv")
        if (kty, crv) == ("OKP", "Ed25519"):
            return cls.of("Ed25519", _member(jwk, "x", 32))
        if kty == "EC" and crv in ("P-256", "P-384"):
            width = _WIDTH[crv]
            return cls.of(crv, b"\4" + _member(jwk, "x", width) + _member(jwk, "y", width))
        if kty == "RSA":
            return _rsa(_number(jwk, "n"), _number(jwk, "e"))
        raise BadKey(
            "this JWK is of a kind that is not used here",
            "use kty OKP with crv Ed25519, kty EC with crv P-256 or P-384, or kty RSA",
        )

    @classmethod
    def from_pem(cls, pem: bytes) -> PublicKey:
        """Return the key of a PEM text `PUBLIC KEY` (SubjectPublicKeyInfo).

        Raises:
            BadKey: it is none, or of a kind that is not used for signing credentials.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        try:
            return cls.of_handle(load_pem_public_key(pem))
        except (ValueError, UnsupportedAlgorithm) as problem:
            if isinstance(problem, BadKey):
                raise
            raise BadKey("this PEM text holds no public key that can be read") from None

    @classmethod
    def of(cls, kind: Kind, raw: bytes) -> PublicKey:
        """Return a key of its bytes; a point may also be given uncompressed.

        Raises:
            BadKey: there is no such key, such as a point that is not on the curve.
        """
        handle = _handle(kind, raw)
        # The other kinds take longer to load than one of these takes to verify.
        return cls(kind, raw) if kind == "Ed25519" else cls.of_handle(handle)

    @classmethod
    def of_handle(cls, handle: Any) -> PublicKey:
        """Return the key that an object of `cryptography` stands for.

        Raises:
            BadKey: it is of a kind that is not used for signing credentials.
        """
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        if isinstance(handle, Ed25519PublicKey):
            return cls("Ed25519", handle.public_bytes_raw())
        if isinstance(handle, EllipticCurvePublicKey) and handle.curve.key_size in (256, 384):
            curves: dict[str, Kind] = {"secp256r1": "P-256", "secp384r1": "P-384"}
            if kind := curves.get(handle.curve.name):
                point = handle.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
                return cls(kind, point)
        if isinstance(handle, RSAPublicKey):
            if not _LEAST_RSA_BITS <= handle.key_size <= _MOST_RSA_BITS:
                raise BadKey(
                    f"an RSA key of {handle.key_size} bits is not used here",
                    f"use one of {_LEAST_RSA_BITS} to {_MOST_RSA_BITS} bits",
                )
            der = handle.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            return cls("RSA", der)
        raise BadKey(
            "this key is of a kind that is not used here",
            "use a key of Ed25519, P-256, P-384 or RSA",
        )

    @property
    def multikey(self) -> str:
        """The key as `publicKeyMultibase`.

        Raises:
            BadKey: it is an RSA key, which has no such form.
        """
        for prefix, kind in _PREFIXES.items():
            if kind == self.kind:
                return multibase.encode(prefix + self.raw)
        raise BadKey("an RSA key has no Multikey form", "use JWK or PEM")

    @property
    def jwk(self) -> dict[str, str]:
        """The key as a JSON Web Key with its required members alone."""
        if self.kind == "Ed25519":
            return {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(self.raw)}
        numbers = self.handle.public_numbers()
        if self.kind == "RSA":
            return {
                "kty": "RSA",
                "n": _base64url_number(numbers.n),
                "e": _base64url_number(numbers.e),
            }
        width = _WIDTH[self.kind]
        x, y = (base64url.encode(n.to_bytes(width, "big")) for n in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": self.kind, "x": x, "y": y}

    @property
    def thumbprint(self) -> str:
        """The JWK thumbprint with SHA-256 (RFC 7638)."""
        text = json.dumps(self.jwk, sort_keys=True, separators=(",", ":"))
        return base64url.encode(hashlib.sha256(text.encode()).digest())

    @property
    def pem(self) -> str:
        """The key as PEM, SubjectPublicKeyInfo."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        data: bytes = self.handle.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return data.decode()

    @property
    def did(self) -> str:
        """The key as a DID: `did:key`, or `did:jwk` for RSA."""
        if self.kind == "RSA":
            text = json.dumps(self.jwk, separators=(",", ":"))
            return f"did:jwk:{base64url.encode(text.encode())}"
        return f"did:key:{self.multikey}"

    @property
    def handle(self) -> Any:
        """The key as an object of `cryptography`."""
        return _handle(self.kind, self.raw)

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Return whether a signature over some bytes was made with this key.

        Args:
            signature: of Ed25519 as in RFC 8032; of P-256 (with SHA-256) and P-384 (SHA-384) r
                and s, one after the other; of RSA PKCS #1 v1.5 with SHA-256.
            data: what was signed.
        """
        from cryptography.exceptions import InvalidSignature

        try:
            self._verify(signature, data)
        except InvalidSignature:
            return False
        return True

    def _verify(self, signature: bytes, data: bytes) -> None:
        from cryptography.exceptions import InvalidSignature

        if self.kind == "Ed25519":
            self.handle.verify(signature, data)
            return
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

        if self.kind == "RSA":
            self.handle.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
            return
        if len(signature) != 2 * _WIDTH[self.kind]:
            raise InvalidSignature
        r, s = (int.from_bytes(part, "big") for part in halves(signature))
        algorithm = hashes.SHA256() if self.kind == "P-256" else hashes.SHA384()
        self.handle.verify(utils.encode_dss_signature(r, s), data, ec.ECDSA(algorithm))


def halves(data: bytes) -> tuple[bytes, bytes]:
    """Return both halves of some bytes, such as r and s."""
    middle = len(data) // 2
    return data[:middle], data[middle:]


# Credentials of one file are mostly signed with one key, and making a point takes longer than
# looking it up.
@functools.lru_cache(maxsize=256)
def _handle(kind: Kind, raw: bytes) -> Any:
    try:
        if kind == "Ed25519":
            from cryptography.hazmat.primitives.asymmetric import ed25519

            return ed25519.Ed25519PublicKey.from_public_bytes(raw)
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import load_der_public_key

        if kind == "RSA":
            return load_der_public_key(raw)
        curve = ec.SECP256R1() if kind == "P-256" else ec.SECP384R1()
        return ec.EllipticCurvePublicKey.from_encoded_point(curve, raw)
    except ValueError:
        raise BadKey(f"these bytes are no public key of {kind}") from None


def _rsa(modulus: int, exponent: int) -> PublicKey:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    if modulus.bit_length() > _MOST_RSA_BITS:
        raise BadKey(f"an RSA key of more than {_MOST_RSA_BITS} bits is not used here")
    try:
        return PublicKey.of_handle(RSAPublicNumbers(exponent, modulus).public_key())
    except BadKey:
        raise
    except ValueError:
        raise BadKey("the members n and e of this JWK are no RSA key") from None


def _member(jwk: dict[str, Json], name: str, width: int) -> bytes:
    data = member(jwk, name)
    if len(data) != width:
        raise BadKey(f"the member {name} of this JWK has to hold {width} bytes")
    return data


def member(jwk: dict[str, Json], name: str) -> bytes:
    """Return the bytes of a member of a JWK.

    Raises:
        BadKey: it is missing, or no base64url.
    """
    text = jwk.get(name)
    if not isinstance(text, str):
        raise BadKey(f"this JWK has no member {name}")
    try:
        return multibase.from_base64url(text)
    except ValueError as problem:
        raise BadKey(f"the member {name} of this JWK is {problem}") from None


def _number(jwk: dict[str, Json], name: str) -> int:
    return int.from_bytes(member(jwk, name), "big")


def _base64url_number(number: int) -> str:
    return base64url.encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))
