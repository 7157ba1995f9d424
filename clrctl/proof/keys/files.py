"""Key files: read in whichever form they come, written so that nobody else can read them.

What a file holds is told by its text: PEM, a JWK (also encrypted), a Multikey (as JSON or its text
alone), or a DID that holds its key.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import orjson

from clrctl.document import Limits, names, parse
from clrctl.errors import InputError, UsageError
from clrctl.finding import Json
from clrctl.proof.keys import dids, encryption
from clrctl.proof.keys.problem import BadKey
from clrctl.proof.keys.public import PublicKey
from clrctl.proof.keys.secret import NeedsPassphrase, SecretKey
from clrctl.util import atomic as whole_files

Passphrase = Callable[[], bytes | None]

_LARGEST = 64 * 2**10
_STDIN = "-"
_URL = re.compile(r"[a-z][a-z0-9+.-]*:\S+")


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What a key file holds.

    Attributes:
        source: the name it was given by.
        public: the public key.
        secret: the secret key, where the file holds it.
        method: the verification method that the file names for it; empty without.
        encrypted: a passphrase was needed.
    """

    source: str
    public: PublicKey
    secret: SecretKey | None = None
    method: str = ""
    encrypted: bool = False

    @property
    def controller(self) -> str:
        """Whose key it says it is: the method without its fragment; empty where it names none."""
        return self.method.partition("#")[0]


def read(name: str, *, stdin: BinaryIO, passphrase: Passphrase) -> KeyFile:
    """Read a key file.

    Args:
        name: a path; `-` for standard input; or a public key itself, as a DID.
        stdin: what `-` reads.
        passphrase: asked once, and only if the file is encrypted; None: there is none.

    Raises:
        InputError: it cannot be read, holds no key that can be used here, or holds a secret that
            other users of the machine can read.
        UsageError: it is encrypted, and there is no passphrase.
    """
    return _read(name, *_text(name, stdin), passphrase)


def read_path(name: str, passphrase: Passphrase) -> KeyFile:
    """Read a key file of that very path; raises as `read`."""
    return _read(name, *_bytes_of(name), passphrase)


def _read(name: str, data: bytes, exposed: bool, passphrase: Passphrase) -> KeyFile:
    def refuse() -> bytes | None:
        raise InputError(
            "this secret key can be read by other users",
            where=name,
            why="a key that others may have copied proves nothing",
            fix=f"chmod 600 {name}; if others use this machine, make a new key",
        )

    try:
        # Nobody is asked to type the passphrase of a key that is refused then.
        found = _parsed(name, data, refuse if exposed else passphrase)
    except NeedsPassphrase:
        raise UsageError(
            "this key is encrypted, and no passphrase was given",
            where=name,
            fix="add --passphrase-file FILE, or set CLRCTL_KEY_PASSPHRASE",
        ) from None
    except BadKey as problem:
        raise InputError(problem.what, where=name, fix=problem.fix) from None
    if found.secret is not None and exposed:
        refuse()
    return found


def parsed(source: str, data: bytes, passphrase: Passphrase = lambda: None) -> KeyFile:
    """Return the key that a text holds.

    Raises:
        BadKey: it holds none that can be used here, or is encrypted and there is no passphrase.
    """
    return _parsed(source, data, passphrase)


def _text(name: str, stdin: BinaryIO) -> tuple[bytes, bool]:
    """Return the text of a key, and whether other users can read it."""
    if dids.holds_its_key(name):
        return name.encode(), False
    if name == _STDIN:
        return stdin.read(_LARGEST + 1), False
    return _bytes_of(name)


def _bytes_of(name: str) -> tuple[bytes, bool]:
    try:
        with Path(name).open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            # Windows keeps its permissions elsewhere; a pipe has no readers but its own.
            open_to_all = os.name != "nt" and stat.S_ISREG(mode) and bool(mode & 0o077)
            return stream.read(_LARGEST + 1), open_to_all
    except (OSError, ValueError) as problem:
        raise names.not_fetched(name) or InputError(
            "cannot read the key",
            where=name,
            why=getattr(problem, "strerror", None) or str(problem),
            fix="make one with clrctl key new" if isinstance(problem, FileNotFoundError) else "",
        ) from None


def _parsed(source: str, data: bytes, passphrase: Passphrase) -> KeyFile:
    if len(data) > _LARGEST:
        raise BadKey("this file is too large to hold a key")
    text = data.strip()
    if b"-----BEGIN" in text:
        return _from_pem(source, text + b"\n", passphrase)
    if text.startswith(b"{"):
        return _from_json(source, _strictly(text))
    if encryption.is_encrypted(text):
        given = passphrase()
        if given is None:
            raise NeedsPassphrase
        return _from_json(source, encryption.decrypt(text, given), encrypted=True)
    word = text.decode("ascii", "replace")
    if dids.holds_its_key(word):
        public = dids.key_of(word)
        method = word if "#" in word else dids.method_for(word, public)
        return KeyFile(source, public, method=method)
    if _is_multikey(word):
        return _from_multibase(source, word)
    raise BadKey(
        "this holds no key in a form that is known here",
        "known are PEM, JWK, encrypted JWK, Multikey, did:key and did:jwk",
    )


def _is_multikey(text: str) -> bool:
    return re.fullmatch(r"z[1-9A-HJ-NP-Za-km-z]{40,100}", text) is not None


def _from_multibase(source: str, text: str) -> KeyFile:
    try:
        return KeyFile(source, PublicKey.from_multikey(text))
    except BadKey:
        secret = SecretKey.from_multikey(text)
        return KeyFile(source, secret.public, secret)


def _from_pem(source: str, text: bytes, passphrase: Passphrase) -> KeyFile:
    if b"PRIVATE KEY-----" not in text:
        return KeyFile(source, PublicKey.from_pem(text))
    try:
        secret, encrypted = SecretKey.from_pem(text), False
    except NeedsPassphrase:
        secret, encrypted = SecretKey.from_pem(text, passphrase()), True
    return KeyFile(source, secret.public, secret, encrypted=encrypted)


def _strictly(text: bytes) -> Json:
    document = parse(text, syntax="json", limits=Limits(bytes=_LARGEST, depth=10, nodes=1000))
    if document.faults:
        fault = document.faults[0]
        raise BadKey(f"this is no JSON: {fault.code} on line {fault.line}", "correct that place")
    return document.data


def _from_json(source: str, data: Json, *, encrypted: bool = False) -> KeyFile:
    if isinstance(data, dict) and isinstance(data.get("keys"), list) and len(data["keys"]) == 1:
        data = data["keys"][0]
    if isinstance(data, dict) and "kty" in data:
        method = _method(data.get("kid"))
        if "d" not in data:
            return KeyFile(source, PublicKey.from_jwk(data), method=method, encrypted=encrypted)
        secret = SecretKey.from_jwk(data)
        return KeyFile(source, secret.public, secret, method, encrypted)
    if isinstance(data, dict):
        return _from_multikey(source, data)
    raise BadKey("a key in JSON is an object")


def _from_multikey(source: str, data: dict[str, Json]) -> KeyFile:
    method = _method(data.get("id"))
    hidden = data.get("secretKeyMultibase", data.get("privateKeyMultibase"))
    shown = data.get("publicKeyMultibase")
    public = PublicKey.from_multikey(shown) if isinstance(shown, str) else None
    if isinstance(hidden, str):
        secret = SecretKey.from_multikey(hidden)
        if public not in (None, secret.public):
            raise BadKey("the public and the secret member of this Multikey belong to two keys")
        return KeyFile(source, secret.public, secret, method)
    if public is None:
        raise BadKey(
            "this JSON holds no key",
            "a JWK has kty, a Multikey has publicKeyMultibase and secretKeyMultibase",
        )
    return KeyFile(source, public, method=method)


def _method(value: Json) -> str:
    """Return the name of a key if it is a verification method: an URL with a fragment."""
    is_method = isinstance(value, str) and _URL.fullmatch(value) and "#" in value
    return str(value) if is_method else ""


def as_jwk(secret: SecretKey, method: str = "") -> dict[str, str]:
    """Return a secret key as a JWK that names itself.

    Raises:
        BadKey: it is an RSA key.
    """
    return {**secret.jwk, "kid": method or secret.public.thumbprint}


def as_multikey(secret: SecretKey, method: str = "") -> dict[str, str]:
    """Return a secret key as a Multikey that names itself.

    Raises:
        BadKey: it is an RSA key.
    """
    method = method or dids.method_for(secret.public.did, secret.public)
    return {
        "@context": "https://w3id.org/security/multikey/v1",
        "id": method,
        "type": "Multikey",
        "controller": method.partition("#")[0],
        "publicKeyMultibase": secret.public.multikey,
        "secretKeyMultibase": secret.multikey,
    }


def json_text(value: Json) -> bytes:
    """Return a key in JSON as the text of a file."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


def write_new(name: str, contents: bytes) -> None:
    """Write a new file that only its owner can read (mode 0600).

    Raises:
        InputError: there is such a file already, or it cannot be written.
    """
    path = Path(name)
    if path.exists():
        raise InputError(
            "there is a file of this name already",
            where=name,
            why="a key that is overwritten can never sign again",
            fix="choose another name",
        )
    whole_files.create(path, contents, mode=whole_files.PRIVATE)
