"""Keys in all their forms, and what is refused as a key."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from clrctl.errors import InputError, TemporaryError, UsageError
from clrctl.proof.keys import command as commands
from clrctl.proof.keys import dids, encryption, files, multibase
from clrctl.proof.keys.problem import BadKey
from clrctl.proof.keys.public import Kind, PublicKey
from clrctl.proof.keys.secret import SecretKey
from clrctl.util import base64url

CASES = Path(__file__).parents[1] / "data" / "cases" / "keys"
KNOWN = json.loads((CASES / "known_answers.json").read_text())
KINDS: tuple[Kind, ...] = ("Ed25519", "P-256", "P-384")


def fixed(kind: Kind = "Ed25519") -> SecretKey:
    """Return a key that is the same in every run."""
    return SecretKey.of(kind, bytes([7]) * (48 if kind == "P-384" else 32))


def rsa_pem(bits: int = 2048) -> bytes:
    key = rsa.generate_private_key(65537, bits)
    plain = serialization.NoEncryption()
    return key.private_bytes(Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain)


@pytest.mark.parametrize("case", KNOWN["signatures"], ids=lambda case: case["source"])
def test_signatures_are_those_of_the_standards(case: dict[str, str]) -> None:
    key = SecretKey.of(case["kind"], bytes.fromhex(case["secret"]))  # type: ignore[arg-type]
    signature = key.sign(case["data"].encode())
    assert signature.hex().upper() == case["signature"]
    assert key.public.verify(signature, case["data"].encode())
    assert not key.public.verify(signature, b"other")
    assert not key.public.verify(signature[:-1], case["data"].encode())


def test_the_thumbprint_is_that_of_the_standard() -> None:
    key = SecretKey.from_jwk(KNOWN["thumbprint"]["jwk"])
    assert key.public.thumbprint == KNOWN["thumbprint"]["thumbprint"]
    assert key.jwk == KNOWN["thumbprint"]["jwk"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_form_gives_the_same_key(kind: Kind) -> None:
    key = fixed(kind)
    public = key.public
    assert PublicKey.from_multikey(public.multikey) == public
    assert PublicKey.from_jwk(public.jwk) == public
    assert PublicKey.from_pem(public.pem.encode()) == public
    assert dids.key_of(public.did) == public
    assert dids.key_of(dids.method_for(public.did, public)) == public
    for again in (
        SecretKey.from_multikey(key.multikey),
        SecretKey.from_jwk(key.jwk),
        SecretKey.from_pem(key.pem.encode()),
        SecretKey.generate(kind),
    ):
        signature = again.sign(b"data")
        assert public.verify(signature, b"data") is (again.public == public)
    assert key.public.multikey[:4] in {"z6Mk", "zDna", "z82L"}


def test_a_machine_that_cannot_sign_deterministically_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise UnsupportedAlgorithm("no")

    monkeypatch.setattr(ec, "ECDSA", refuse)
    with pytest.raises(UsageError, match="OpenSSL is too old") as told:
        fixed("P-256").sign(b"data")
    assert "Ed25519" in told.value.fix


def test_a_secret_never_shows_when_a_key_is_printed() -> None:
    assert repr(fixed()) == "SecretKey(Ed25519)"


def test_the_longer_form_of_an_ed25519_secret_is_read() -> None:
    key = fixed()
    seed = bytes([7]) * 32
    long = multibase.encode(b"\x80\x26" + seed + key.public.raw)
    assert SecretKey.from_multikey(long).public == key.public
    with pytest.raises(BadKey, match="different keys"):
        SecretKey.from_multikey(multibase.encode(b"\x80\x26" + seed + seed))


def test_an_rsa_key_verifies_and_is_kept_as_pem() -> None:
    key = SecretKey.from_pem(rsa_pem())
    assert key.public.verify(key.sign(b"data"), b"data")
    assert not key.public.verify(key.sign(b"data"), b"Data")
    assert PublicKey.from_jwk(key.public.jwk) == key.public
    assert key.public.did.startswith("did:jwk:")
    assert dids.key_of(dids.method_for(key.public.did, key.public)) == key.public
    numbers = key._handle.private_numbers()
    jwk = key.public.jwk | {
        name: base64url.encode(number.to_bytes((number.bit_length() + 7) // 8, "big"))
        for name, number in (
            *(("d", numbers.d), ("p", numbers.p), ("q", numbers.q)),
            *(("dp", numbers.dmp1), ("dq", numbers.dmq1), ("qi", numbers.iqmp)),
        )
    }
    assert SecretKey.from_jwk(jwk).public == key.public
    with pytest.raises(BadKey):
        SecretKey.from_jwk(jwk | {"d": jwk["p"]})
    for form in ("multikey", "jwk"):
        with pytest.raises(BadKey, match="RSA"):
            getattr(key, form)
    with pytest.raises(BadKey):
        _ = key.public.multikey
    with pytest.raises(BadKey, match="not made"):
        SecretKey.generate("RSA")
    with pytest.raises(BadKey):
        SecretKey.of("RSA", b"x")


def test_a_short_rsa_key_is_refused() -> None:
    with pytest.raises(BadKey, match="1024 bits"):
        SecretKey.from_pem(rsa_pem(1024))


GOOD_EC = {"kty": "EC", "crv": "P-256", **{m: fixed("P-256").public.jwk[m] for m in ("x", "y")}}
BAD_JWKS: list[tuple[Any, str]] = [
    ("text", "object"),
    ({}, "kind"),
    ({"kty": "OKP", "crv": "X25519", "x": "AAAA"}, "kind"),
    ({"kty": "oct", "k": "AAAA"}, "kind"),
    ({"kty": "OKP", "crv": "Ed25519"}, "no member x"),
    ({"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}, "32 bytes"),
    ({"kty": "OKP", "crv": "Ed25519", "x": "A" * 42 + "="}, "alphabet"),
    ({"kty": "OKP", "crv": "Ed25519", "x": "A" * 42 + "B"}, "belong to no byte"),
    ({"kty": "OKP", "crv": "Ed25519", "x": "A" * 41}, "missing"),
    ({**GOOD_EC, "y": GOOD_EC["x"]}, "no public key of P-256"),
    ({**GOOD_EC, "use": "enc"}, "encryption"),
    ({"kty": "RSA", "n": "AQAB", "e": "AQAB"}, "no RSA key"),
    ({"kty": "RSA", "n": "_" * 1400, "e": "AQAB"}, "8192"),
    ({"kty": "RSA", "n": "_" * 340, "e": "AA"}, "no RSA key"),
]


@pytest.mark.parametrize(("jwk", "why"), BAD_JWKS, ids=lambda value: str(value)[:40])
def test_what_is_no_jwk_is_refused(jwk: Any, why: str) -> None:
    with pytest.raises(BadKey, match=why):
        PublicKey.from_jwk(jwk)


BAD_MULTIKEYS = [
    ("u7QE", "begins with z"),
    ("z0", "alphabet"),
    ("z" + "1" * 3000, "too long"),
    (multibase.encode(b"\xe7\x01" + b"\2" * 33), "kind"),
    (multibase.encode(b"\xed\x01" + b"\2" * 31), "no public key of Ed25519"),
    (multibase.encode(b"\x80\x24" + b"\5" * 33), "no public key of P-256"),
    (fixed().multikey, "kind"),
]


@pytest.mark.parametrize(("text", "why"), BAD_MULTIKEYS)
def test_what_is_no_multikey_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadKey, match=why):
        PublicKey.from_multikey(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x", "neither"),
        (fixed().public.multikey, "no secret key"),
        (multibase.encode(b"\x80\x26" + b"\1" * 30), "no secret key of Ed25519"),
        (multibase.encode(b"\x86\x26" + b"\0" * 32), "no secret key of P-256"),
    ],
)
def test_what_is_no_secret_multikey_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadKey, match=why):
        SecretKey.from_multikey(text)


def test_base58_keeps_leading_zeros() -> None:
    for data in (b"", b"\0", b"\0\0\1", bytes(range(40))):
        assert multibase.decode(multibase.encode(data)) == data


@pytest.mark.parametrize(
    "method",
    [
        "did:key:" + fixed().public.multikey + "#" + fixed("P-256").public.multikey,
        "did:key:zzz",
        "did:key:" + "z" * 5000,
        "did:jwk:e30#1",
        "did:jwk:!",
        "did:jwk:e30",
        "did:web:school.example#k",
    ],
)
def test_a_did_that_does_not_hold_its_key_is_refused(method: str) -> None:
    with pytest.raises(BadKey):
        dids.key_of(method)


PLACES = [
    ("did:web:school.example", "https://school.example/.well-known/did.json"),
    ("did:web:school.example%3A8443:a:b", "https://school.example:8443/a/b/did.json"),
    ("https://school.example/issuers/1", "https://school.example/issuers/1"),
]


@pytest.mark.parametrize(("controller", "place"), PLACES)
def test_a_controller_is_published_in_its_place(controller: str, place: str) -> None:
    assert dids.place(controller) == place
    public = fixed().public
    method = dids.method_for(controller, public)
    found = dids.document(controller, [(method, public)])
    assert found["id"] == controller
    assert found["assertionMethod"] == [method]
    entry = found["verificationMethod"][0]
    assert (entry["controller"], entry["publicKeyMultibase"]) == (controller, public.multikey)


@pytest.mark.parametrize(
    "controller",
    ["did:key:z6Mk", "http://school.example", "did:web:", "https://x/#a", "https://[x", "school"],
)
def test_other_controllers_are_not_published(controller: str) -> None:
    with pytest.raises(BadKey):
        dids.document(controller, [])


def test_the_document_of_an_rsa_key_holds_a_jwk() -> None:
    public = SecretKey.from_pem(rsa_pem()).public
    methods = [(dids.method_for("did:web:a.example", public), public)] * 2
    found = dids.document("did:web:a.example", methods)
    assert found["verificationMethod"][0]["publicKeyJwk"] == public.jwk
    assert found["verificationMethod"][0]["id"].endswith(public.thumbprint)
    assert found["@context"].count("https://w3id.org/security/jwk/v1") == 1


# Encrypted key files


def encrypted(passphrase: bytes = b"long enough") -> bytes:
    return encryption.encrypt(files.as_jwk(fixed()), passphrase, rounds=1000)


def test_an_encrypted_key_opens_with_its_passphrase_alone() -> None:
    text = encrypted()
    assert encryption.is_encrypted(text)
    assert encryption.decrypt(text, b"long enough")["d"] == fixed().jwk["d"]
    with pytest.raises(BadKey, match="passphrase is wrong"):
        encryption.decrypt(text, b"long enough!")
    assert encrypted() != text


def test_an_encrypted_key_asks_for_much_work_by_default() -> None:
    text = encryption.encrypt({}, b"x")
    header = json.loads(multibase.from_base64url(text.split(b".")[0].decode()))
    assert header["p2c"] >= 210_000


def header_changed(**changed: Any) -> bytes:
    protected, *rest = encrypted().decode().split(".")
    header = json.loads(multibase.from_base64url(protected)) | changed
    return ".".join([base64url.encode(json.dumps(header).encode()), *rest]).encode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (header_changed(alg="dir"), "not known"),
        (header_changed(crit=["b64"]), "not known"),
        (header_changed(p2c=10**9), "rounds"),
        (header_changed(p2c="1000"), "rounds"),
        (header_changed(p2s=None), "damaged"),
        (header_changed(p2s="!"), "damaged"),
        (header_changed(enc="A128GCM"), "damaged"),
        (header_changed(x=1), "damaged"),
        (b"AAAA" + encrypted(), "damaged"),
    ],
)
def test_a_damaged_or_strange_encrypted_key_is_refused(text: bytes, why: str) -> None:
    with pytest.raises(BadKey, match=why):
        encryption.decrypt(text, b"long enough")


# Key files


def written(folder: Path, text: bytes | str, mode: int = 0o600) -> Path:
    path = folder / "key"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def opened(path: Path, passphrase: bytes | None = None) -> files.KeyFile:
    return files.read(str(path), stdin=sys.stdin.buffer, passphrase=lambda: passphrase)


METHOD = "did:web:school.example#key-1"
FORMS: list[tuple[str, bytes | str, str]] = [
    ("jwk", json.dumps(files.as_jwk(fixed(), METHOD)), METHOD),
    ("jwks", json.dumps({"keys": [files.as_jwk(fixed())]}), ""),
    ("multikey", files.json_text(files.as_multikey(fixed(), METHOD)), METHOD),
    ("multibase", fixed().multikey + "\n", ""),
    ("pem", "a note\n" + fixed().pem, ""),
    ("encrypted", encrypted(), ""),
]


@pytest.mark.parametrize(("name", "text", "method"), FORMS, ids=[form[0] for form in FORMS])
def test_a_key_file_is_read_in_every_form(
    name: str, text: bytes | str, method: str, tmp_path: Path
) -> None:
    found = opened(written(tmp_path, text), b"long enough")
    assert found.secret is not None
    assert (found.public, found.method) == (fixed().public, method)
    assert found.encrypted is (name == "encrypted")
    assert found.controller == method.partition("#")[0]


def test_a_multikey_without_a_name_is_named_by_its_did() -> None:
    key = fixed()
    assert files.as_multikey(key)["id"] == f"{key.public.did}#{key.public.multikey}"


PUBLIC = fixed().public
PUBLIC_FORMS = [
    json.dumps(PUBLIC.jwk),
    json.dumps({"type": "Multikey", "publicKeyMultibase": PUBLIC.multikey}),
    PUBLIC.multikey,
    PUBLIC.pem,
    PUBLIC.did,
]


@pytest.mark.parametrize("text", PUBLIC_FORMS)
def test_a_public_key_file_may_be_read_by_all(text: str, tmp_path: Path) -> None:
    found = opened(written(tmp_path, text, 0o644))
    assert (found.public, found.secret) == (PUBLIC, None)


def test_a_did_is_a_key_itself() -> None:
    assert opened(Path(PUBLIC.did)).method == f"{PUBLIC.did}#{PUBLIC.multikey}"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are kept elsewhere")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_secret_key_that_others_can_read_is_refused(mode: int, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="other users") as told:
        opened(written(tmp_path, fixed().pem, mode))
    assert "chmod 600" in told.value.fix
    with pytest.raises(InputError, match="other users"):
        opened(written(tmp_path, encrypted(), mode))


BAD_FILES: list[tuple[bytes | str, str]] = [
    ("hello", "no key in a form"),
    (b"\xff\xfe", "no key in a form"),
    ("x" * 70_000, "too large"),
    ('{"kty": 1, "kty": 2}', "no JSON"),
    ("{}", "holds no key"),
    (json.dumps({"keys": []}), "holds no key"),
    ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "no secret key"),
    ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no public key"),
    (json.dumps({**fixed().jwk, "d": "A" * 43}), "different keys"),
    (
        json.dumps(
            {
                "publicKeyMultibase": fixed("P-256").public.multikey,
                "secretKeyMultibase": fixed().multikey,
            }
        ),
        "two keys",
    ),
]


@pytest.mark.parametrize(("text", "why"), BAD_FILES, ids=lambda value: str(value)[:30])
def test_what_holds_no_key_is_refused(text: bytes | str, why: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=why):
        opened(written(tmp_path, text))


def test_openssls_encrypted_keys_are_read(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    locked = serialization.BestAvailableEncryption(b"long enough")
    path.write_bytes(
        fixed()._handle.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)
    )
    path.chmod(0o600)
    found = opened(path, b"long enough")
    assert (found.public, found.encrypted) == (PUBLIC, True)
    with pytest.raises(InputError, match="passphrase is wrong"):
        opened(path, b"other")
    with pytest.raises(UsageError, match="no passphrase was given"):
        opened(path)
    assert SecretKey.from_pem(fixed().pem.encode(), b"not needed").public == PUBLIC


def test_an_encrypted_key_needs_a_passphrase(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no passphrase was given"):
        opened(written(tmp_path, encrypted()))


def test_a_missing_key_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read the key") as told:
        opened(tmp_path / "none")
    assert "clrctl key new" in told.value.fix


def test_a_new_key_file_is_its_owners_alone_and_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "key"
    files.write_new(str(path), b"secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 or sys.platform == "win32"
    with pytest.raises(InputError, match="already"):
        files.write_new(str(path), b"other")
    assert path.read_bytes() == b"secret"
    with pytest.raises(InputError, match="cannot write"):
        files.write_new(str(tmp_path / "no" / "key"), b"other")


# Signing by a program

SIGNER = """
import base64, sys
from clrctl.proof.keys import SecretKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
form, kind, secret = sys.argv[1:]
data = sys.stdin.buffer.read()
answer = SecretKey.of(kind, bytes.fromhex(secret)).sign(data)
half = len(answer) // 2
if form.startswith("der"):
    r, s = (int.from_bytes(part, "big") for part in (answer[:half], answer[half:]))
    answer = encode_dss_signature(r, s)
if form.endswith("base64"):
    answer = base64.b64encode(answer) + b"\\n"
elif form.endswith("base64url"):
    answer = base64.urlsafe_b64encode(answer).rstrip(b"=")
elif form.endswith("hex"):
    answer = answer.hex().encode()
elif form == "wrong":
    answer = b"not a signature"
elif form == "fail":
    sys.exit("the device is locked")
sys.stdout.buffer.write(answer)
"""


def by_program(form: str, kind: Kind, tmp_path: Path) -> commands.CommandSigner:
    program = tmp_path / "signer.py"
    program.write_text(SIGNER)
    secret = (bytes([7]) * (48 if kind == "P-384" else 32)).hex()
    return commands.CommandSigner(
        f"{sys.executable} '{program}' {form} {kind} {secret}", fixed(kind).public
    )


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("raw", "Ed25519"),
        ("base64", "Ed25519"),
        ("raw-hex", "P-256"),
        ("der", "P-256"),
        ("der-base64", "P-384"),
        ("raw-base64url", "P-384"),
    ],
)
def test_a_program_signs_in_any_usual_form(form: str, kind: Kind, tmp_path: Path) -> None:
    assert by_program(form, kind, tmp_path).sign(b"data") == fixed(kind).sign(b"data")


def test_what_is_no_signature_of_the_key_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no signature by this key"):
        by_program("wrong", "P-256", tmp_path).sign(b"data")


def test_why_a_program_failed_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="failed") as told:
        by_program("fail", "Ed25519", tmp_path).sign(b"data")
    assert "the device is locked" in told.value.why


@pytest.mark.parametrize("command", ["", "'open", "/nowhere/at/all"])
def test_a_program_that_cannot_be_started_is_told(command: str) -> None:
    with pytest.raises(UsageError):
        commands.CommandSigner(command, PUBLIC).sign(b"data")


def test_a_program_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "_SECONDS", 0.2)
    with pytest.raises(TemporaryError, match="does not answer"):
        commands.CommandSigner(f"{sys.executable} -c 'import time; time.sleep(9)'", PUBLIC).sign(
            b""
        )


def test_published_keys_have_the_forms_of_their_vectors(reference: Path) -> None:
    folder = reference / "vectors"
    guide = json.loads((folder / "implementation-guide/clrv2p0/key.json").read_text())
    ecdsa = [
        json.loads((folder / f"vc-di-ecdsa/{n}KeyPair.json").read_text()) for n in ("p256", "p384")
    ]
    eddsa = json.loads((folder / "vc-di-eddsa/keyPair.json").read_text())
    for pair in (guide, eddsa, *ecdsa):
        secret = pair.get("secretKeyMultibase") or pair["privateKeyMultibase"]
        assert SecretKey.from_multikey(secret).public.multikey == pair["publicKeyMultibase"]
