"""Keys at rest: a JWK encrypted with a passphrase (RFC 7517, section 7 and appendix C).

That is a JWE in compact form (RFC 7516) whose content key is wrapped under the passphrase
(PBES2, RFC 7518, section 4.8), so that other tools read it too. The key files of OpenSSL are
read as well (`SecretKey.from_pem`), but their work factor is too small for new ones.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any, Final

import orjson

from clrctl.finding import Json
from clrctl.proof.keys import multibase
from clrctl.proof.keys.problem import BadKey
from clrctl.util import base64url

_COMPACT = re.compile(rb"[\w-]+(?:\.[\w-]+){4}")
_ROUNDS: Final = 600_000
# Somebody else's file must neither stop the machine nor be as good as open.
_LEAST_ROUNDS: Final = 1_000
_MOST_ROUNDS: Final = 10_000_000
_WRAPPINGS: Final = {
    "PBES2-HS256+A128KW": ("SHA256", 16),
    "PBES2-HS384+A192KW": ("SHA384", 24),
    "PBES2-HS512+A256KW": ("SHA512", 32),
}
_CONTENT_KEYS: Final = {"A128GCM": 16, "A192GCM": 24, "A256GCM": 32}
_NONCE = 12
_TAG = 16


def is_encrypted(text: bytes) -> bool:
    """Return whether a text is in the compact form of JWE."""
    return _COMPACT.fullmatch(text.strip()) is not None


def encrypt(
    jwk: dict[str, str],
    passphrase: bytes,
    *,
    rounds: int = _ROUNDS,
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """Return a JWK encrypted with a passphrase.

    Args:
        jwk: the key.
        passphrase: what it is to be opened with.
        rounds: how much work each guess at the passphrase takes.
        random: gives that many unpredictable bytes.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.keywrap import aes_key_wrap

    salt, content_key, nonce = random(16), random(32), random(_NONCE)
    header = {
        "alg": "PBES2-HS512+A256KW",
        "enc": "A256GCM",
        "cty": "jwk+json",
        "p2s": base64url.encode(salt),
        "p2c": rounds,
    }
    protected = base64url.encode(orjson.dumps(header))
    wrapped = aes_key_wrap(_derived(header, passphrase), content_key)
    sealed = AESGCM(content_key).encrypt(nonce, orjson.dumps(jwk), protected.encode())
    parts = (wrapped, nonce, sealed[:-_TAG], sealed[-_TAG:])
    return ".".join([protected, *map(base64url.encode, parts)]).encode()


def decrypt(text: bytes, passphrase: bytes) -> Json:
    """Return the JWK in an encrypted one.

    Raises:
        BadKey: the passphrase is wrong, or it is encrypted in a way that is not known here.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

    protected, *rest = text.strip().decode("ascii").split(".")
    try:
        header = orjson.loads(multibase.from_base64url(protected))
        wrapped, nonce, sealed, tag = map(multibase.from_base64url, rest)
    except ValueError:
        raise BadKey("this encrypted key is damaged") from None
    _check(header)
    try:
        content_key = aes_key_unwrap(_derived(header, passphrase), wrapped)
        if len(content_key) != _CONTENT_KEYS[header["enc"]]:
            raise BadKey("this encrypted key is damaged")
        plain = AESGCM(content_key).decrypt(nonce, sealed + tag, protected.encode())
        return orjson.loads(plain)
    except (InvalidUnwrap, InvalidTag):
        raise BadKey(
            "the passphrase is wrong, or this encrypted key is damaged", "try again"
        ) from None
    except ValueError as problem:
        if isinstance(problem, BadKey):
            raise
        raise BadKey("this encrypted key is damaged") from None


def _check(header: Any) -> None:
    known = (
        isinstance(header, dict)
        and header.get("alg") in _WRAPPINGS
        and header.get("enc") in _CONTENT_KEYS
        and "crit" not in header
        and "zip" not in header
    )
    if not known:
        raise BadKey(
            "this key is encrypted in a way that is not known here",
            "known are PBES2 with A128GCM, A192GCM or A256GCM; import the key from PEM instead",
        )
    rounds = header.get("p2c")
    if type(rounds) is not int or not _LEAST_ROUNDS <= rounds <= _MOST_ROUNDS:
        raise BadKey("this encrypted key asks for no sensible number of rounds (p2c)")
    if not isinstance(header.get("p2s"), str):
        raise BadKey("this encrypted key is damaged")


def _derived(header: dict[str, Any], passphrase: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

    name, width = _WRAPPINGS[header["alg"]]
    try:
        salt = header["alg"].encode() + b"\0" + multibase.from_base64url(header["p2s"])
    except ValueError:
        raise BadKey("this encrypted key is damaged") from None
    kdf = PBKDF2HMAC(getattr(hashes, name)(), width, salt, header["p2c"])
    return kdf.derive(passphrase)
