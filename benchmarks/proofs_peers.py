"""One turn of one program of proofs.py, in an environment of its own.

Arguments: the program, what to do (`verify` or `sign`), the folder, numbers of credentials.
Prints a JSON object: number to seconds and the value of the outer proof. The first of them is
done once before anything is measured.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

Work = Callable[[bytes], Any]
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def clrctl(task: str, folder: Path) -> Work:
    """Return all of `clrctl verify` or `clrctl sign` but the reading and writing of files."""
    from datetime import UTC

    from clrctl.document.parsing import parse
    from clrctl.proof.keys.secret import SecretKey
    from clrctl.signing.binding import IssuerKey
    from clrctl.signing.documents import SignOptions, sign
    from clrctl.verifying.engine import Verifier
    from clrctl.verifying.verdict import Outcome

    key = IssuerKey(SecretKey.from_pem((folder / "key.pem").read_bytes()))
    sign_options = SignOptions([key], created=options(folder)["created"])

    def verify(raw: bytes) -> Any:
        document = parse(raw)
        verdict = Verifier(now=datetime.now(UTC)).verify(document)
        if verdict.outcome is not Outcome.VALID:
            raise ValueError(verdict)
        return value_of(document.data)

    def secure(raw: bytes) -> Any:
        return value_of(json.loads(sign(parse(raw), sign_options).text))

    return verify if task == "verify" else secure


def pyld(task: str, folder: Path) -> Work:
    """Return the textbook's way: PyLD for the canonical form, cryptography for the signature."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from pyld import jsonld

    contexts = read(folder, "contexts.json")
    key = load_pem_private_key((folder / "key.pem").read_bytes(), None)

    def load(url: str, _: Any) -> Any:
        kind = "application/ld+json"
        return {
            "contextUrl": None,
            "documentUrl": url,
            "document": contexts[url],
            "contentType": kind,
        }

    form = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": load,
    }

    def digest(document: Any) -> bytes:
        return hashlib.sha256(jsonld.normalize(document, form).encode()).digest()

    def data(document: Any, config: Any) -> bytes:
        return digest({"@context": document["@context"], **config}) + digest(document)

    def check(credential: Any) -> None:
        document = {name: value for name, value in credential.items() if name != "proof"}
        config = dict(proof_of(credential))
        value = config.pop("proofValue")
        key.public_key().verify(from_base58(value), data(document, config))

    def secure(document: Any) -> Any:
        config = {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-rdfc-2022",
            "proofPurpose": "assertionMethod",
            **options(folder),
        }
        value = base58(key.sign(data(document, config)))
        return {**document, "proof": {**config, "proofValue": value}}

    return over(check) if task == "verify" else into(secure)


def openbadgeslib(task: str, folder: Path) -> Work:
    """Return the functions of openbadgeslib, their limits of size lifted."""
    from openbadgeslib.ob3 import _canon_guard, clr, ldp

    _canon_guard.MAX_CANON_WORK = 2**60
    _canon_guard.MAX_CANON_SECONDS = 3600
    ldp.MAX_LDP_DOCUMENT_BYTES = 2**30
    ldp._screen_structure = lambda *_, **__: None
    contexts = clr.bundled_clr_contexts()
    key = (folder / "key.pem").read_bytes()
    public = (folder / "public.pem").read_bytes()
    said = options(folder)
    created = datetime.fromisoformat(said["created"].replace("Z", "+00:00"))

    def check(credential: Any) -> None:
        ldp.verify_data_integrity_proof(credential, public, extra_contexts=contexts)

    def secure(document: Any) -> Any:
        return ldp.add_data_integrity_proof(
            document, key, said["verificationMethod"], created=created, extra_contexts=contexts
        )

    return over(check) if task == "verify" else into(secure)


def over(check: Callable[[Any], None]) -> Work:
    def work(raw: bytes) -> Any:
        clr = json.loads(raw)
        for credential in clr["credentialSubject"]["verifiableCredential"]:
            check(credential)
        check(clr)
        return value_of(clr)

    return work


def into(secure: Callable[[Any], Any]) -> Work:
    def work(raw: bytes) -> Any:
        clr = json.loads(raw)
        subject = clr["credentialSubject"]
        subject["verifiableCredential"] = [secure(one) for one in subject["verifiableCredential"]]
        return value_of(secure(clr))

    return work


def proof_of(credential: Any) -> Any:
    proof = credential["proof"]
    return proof[0] if isinstance(proof, list) else proof


def value_of(credential: Any) -> Any:
    return proof_of(credential)["proofValue"]


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_bytes())


def options(folder: Path) -> dict[str, str]:
    return dict(read(folder, "options.json"))


def base58(data: bytes) -> str:
    number, text = int.from_bytes(data), ""
    while number:
        number, rest = divmod(number, 58)
        text = ALPHABET[rest] + text
    return "z" + "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def from_base58(text: str) -> bytes:
    number = 0
    for letter in text[1:]:
        number = number * 58 + ALPHABET.index(letter)
    return number.to_bytes(64)


def main() -> None:
    program, task, place, *numbers = sys.argv[1:]
    work = {"clrctl": clrctl, "PyLD": pyld, "openbadgeslib": openbadgeslib}[program](
        task, Path(place)
    )
    found = {}
    for turn, number in enumerate(["40", *numbers]):
        raw = Path(place, f"{task}-{number}.json").read_bytes()
        start = time.perf_counter()
        value = work(raw)
        if turn:
            found[number] = (time.perf_counter() - start, value)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
