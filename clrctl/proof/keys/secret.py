"""Secret keys, and signing with them.

Signatures are deterministic: the same key and bytes always give the same one (Ed25519 by nature,
ECDSA with the nonces of RFC 6979).
"""

from __future__ import annotations

from typing import Any, Final, NoReturn, Protocol

from clrctl.errors import UsageError
from clrctl.finding import Json
from clrctl.proof.keys import multibase
from clrctl.proof.keys.problem import BadKey
from clrctl.proof.keys.public import Kind, PublicKey, member
from clrctl.util import HandedOver, base64url

# Multicodec prefixes of secret keys, as varints.
_PREFIXES: Final[dict[bytes, Kind]] = {
    b"\x80\x26": "Ed25519",
    b"\x86\x26": "P-256",
    b"\x87\x26": "P-384",
}
_WIDTH: Final[dict[Kind, int]] = {"Ed25519": 32, "P-256": 32, "P-384": 48}


class Signer(Protocol):
    """Whatever can sign: a key at hand, or a program that reaches one."""

    @property
    def public(self) -> PublicKey:
        """The key that verifies what this signs."""

    def sign(self, data: bytes) -> bytes:
        """Return the signature over some bytes, in the form that `PublicKey.verify` takes."""


class SecretKey:
    """A secret key; nothing of it is shown when it is printed.

    Attributes:
        public: the public key to it.
    """

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self.public = PublicKey.of_handle(handle.public_key())

    def __repr__(self) -> str:
        return f"SecretKey({self.public.kind})"

    @classmethod
    def generate(cls, kind: Kind) -> SecretKey:
        """Return a new key, from the randomness of the operating system.

        Raises:
            BadKey: keys of this kind are not made here (RSA).
        """
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519

        if kind == "Ed25519":
            return cls(ed25519.Ed25519PrivateKey.generate())
        if kind == "RSA":
            raise BadKey("RSA keys are not made here", "use Ed25519, P-256 or P-384")
        curve = ec.SECP256R1() if kind == "P-256" else ec.SECP384R1()
        return cls(ec.generate_private_key(curve))

    @classmethod
    def of(cls, kind: Kind, raw: bytes) -> SecretKey:
        """Return the key of its bytes: the seed of Ed25519, the number of P-256 and P-384.

        Raises:
            BadKey: there is no such key.
        """
        from cryptography.hazmat.primitives.asymmetric import ec, ed25519

        if kind not in _WIDTH or len(raw) != _WIDTH[kind]:
            raise BadKey(f"these bytes are no secret key of {kind}")
        try:
            if kind == "Ed25519":
                return cls(ed25519.Ed25519PrivateKey.from_private_bytes(raw))
            curve = ec.SECP256R1() if kind == "P-256" else ec.SECP384R1()
            return cls(ec.derive_private_key(int.from_bytes(raw, "big"), curve))
        except ValueError:
            raise BadKey(f"these bytes are no secret key of {kind}") from None

    @classmethod
    def from_multikey(cls, text: str) -> SecretKey:
        """Return the key of a `secretKeyMultibase` value.

        Of Ed25519 also the older form is taken: the seed followed by the public key.

        Raises:
            BadKey: it is none, or its halves belong to different keys.
        """
        try:
            data = multibase.decode(text)
        except ValueError as problem:
            raise BadKey(f"this is no secret Multikey: {problem}") from None
        kind = _PREFIXES.get(data[:2])
        if kind is None:
            raise BadKey(
                "this Multikey is no secret key of a kind that is used here",
                "use a secret key of Ed25519, P-256 or P-384",
            )
        body = data[2:]
        if kind == "Ed25519" and len(body) == 2 * _WIDTH[kind]:
            key = cls.of(kind, body[: _WIDTH[kind]])
            if key.public.raw != body[_WIDTH[kind] :]:
                raise BadKey("the halves of this secret key belong to different keys")
            return key
        return cls.of(kind, body)

    @classmethod
    def from_jwk(cls, jwk: Json) -> SecretKey:
        """Return the key of a JSON Web Key with its secret members.

        Raises:
            BadKey: it is none, or its public and secret members belong to different keys.
        """
        public = PublicKey.from_jwk(jwk)
        key = _rsa(jwk) if public.kind == "RSA" else cls.of(public.kind, member(jwk, "d"))
        if key.public != public:
            raise BadKey("the public and the secret members of this JWK belong to different keys")
        return key

    @classmethod
    def from_pem(cls, pem: bytes, passphrase: bytes | None = None) -> SecretKey:
        """Return the key of a PEM text `PRIVATE KEY` (PKCS #8) or an older form of it.

        Raises:
            BadKey: it is none, the passphrase is wrong, or it is of a kind that is not used.
            NeedsPassphrase: it is encrypted, and no passphrase was given.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        try:
            return cls(load_pem_private_key(pem, passphrase))
        except BadKey:
            raise
        except TypeError:
            if passphrase is None:
                raise NeedsPassphrase from None
            return cls.from_pem(pem)
        except (ValueError, UnsupportedAlgorithm):
            raise BadKey(
                "this PEM text holds no secret key that can be read"
                + (", or the passphrase is wrong" if passphrase else ""),
                "try again" if passphrase else "",
            ) from None

    @property
    def multikey(self) -> str:
        """The key as `secretKeyMultibase`.

        Raises:
            BadKey: it is an RSA key, which has no such form.
        """
        for prefix, kind in _PREFIXES.items():
            if kind == self.public.kind:
                return multibase.encode(prefix + self._raw)
        raise BadKey("an RSA key has no Multikey form", "use JWK or PEM")

    @property
    def jwk(self) -> dict[str, str]:
        """The key as a JSON Web Key with its secret members.

        Raises:
            BadKey: it is an RSA key: those are kept as PEM.
        """
        if self.public.kind == "RSA":
            raise BadKey("RSA keys are kept as PEM", "use PEM")
        return {**self.public.jwk, "d": base64url.encode(self._raw)}

    @property
    def pem(self) -> str:
        """The key as PEM, PKCS #8, not encrypted."""
        from cryptography.hazmat.primitives import serialization

        data: bytes = self._handle.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return data.decode()

    def handed_over(self) -> HandedOver:
        """Return what may go to another process; `taken()` is this key there."""
        return HandedOver(SecretKey.from_pem, self.pem.encode())

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret key is not written out; handed_over() goes to another process")

    @property
    def _raw(self) -> bytes:
        if self.public.kind == "Ed25519":
            data: bytes = self._handle.private_bytes_raw()
            return data
        number: int = self._handle.private_numbers().private_value
        return number.to_bytes(_WIDTH[self.public.kind], "big")

    def sign(self, data: bytes) -> bytes:
        """Return the signature over some bytes, in the form that `PublicKey.verify` takes.

        Raises:
            UsageError: the machine's OpenSSL has no deterministic ECDSA.
        """
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, padding

        kind = self.public.kind
        if kind == "Ed25519":
            signature: bytes = self._handle.sign(data)
        elif kind == "RSA":
            signature = self._handle.sign(data, padding.PKCS1v15(), hashes.SHA256())
        else:
            algorithm = hashes.SHA256() if kind == "P-256" else hashes.SHA384()
            try:
                ecdsa = ec.ECDSA(algorithm, deterministic_signing=True)
            except UnsupportedAlgorithm:
                raise UsageError(
                    f"this machine's OpenSSL is too old to sign with {kind} keys",
                    why="it has no deterministic ECDSA (RFC 6979), which came with OpenSSL 3.2",
                    fix="pip install --upgrade cryptography, or sign with an Ed25519 key",
                ) from None
            signature = from_der(self._handle.sign(data, ecdsa), kind)
        return signature


class NeedsPassphrase(BadKey):
    """The key is encrypted, and no passphrase was given."""

    def __init__(self) -> None:
        super().__init__("this key is encrypted", "give its passphrase")


def from_der(signature: bytes, kind: Kind) -> bytes:
    """Return an ECDSA signature in DER (RFC 3279) as r and s, one after the other.

    Raises:
        ValueError: it is no such signature.
    """
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    width = _WIDTH[kind]
    r, s = decode_dss_signature(signature)
    try:
        return r.to_bytes(width, "big") + s.to_bytes(width, "big")
    except OverflowError:
        raise ValueError("r or s is too large for this curve") from None


def _rsa(jwk: dict[str, Json]) -> SecretKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    n, e, d, p, q, dp, dq, qi = (
        int.from_bytes(member(jwk, name), "big")
        for name in ("n", "e", "d", "p", "q", "dp", "dq", "qi")
    )
    numbers = rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, rsa.RSAPublicNumbers(e, n))
    try:
        return SecretKey(numbers.private_key())
    except BadKey:
        raise
    except ValueError:
        raise BadKey("the members of this JWK are no RSA key") from None
