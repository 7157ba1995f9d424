"""Proofs of ours hold elsewhere, and those of others here.

The other side is JavaScript: `npm install` the packages of `tests/interop/package.json`, and name
their node_modules in NODE_PATH. Without, what it signed once is verified here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from clrctl.proof.jsonld.contexts import Contexts
from clrctl.proof.keys import files
from clrctl.proof.keys.public import Kind
from clrctl.proof.keys.secret import SecretKey
from clrctl.proof.suites.base import ProofOptions, proofs_of
from clrctl.proof.suites.ecdsa_sd_2023 import EcdsaSd2023
from clrctl.proof.suites.table import SUITES, suite_of
from clrctl.signing.binding import IssuerKey
from clrctl.signing.documents import SignOptions, sign
from tests import published
from tests.cli.test_sign_command import MINIMAL, WHEN, children, document
from tests.conftest import SAMPLES
from tests.signing import BADGE, CASES, key_of

MODULES = Path(os.environ.get("NODE_PATH", "").partition(os.pathsep)[0])
NODE = shutil.which("node") if (MODULES / "jsonld-signatures").is_dir() else None
SCRIPT = Path(__file__).parents[1] / "data" / "interop" / "proofs.mjs"
CONTEXTS = Contexts.built_in()
ISSUER = "did:web:brookside.example.edu"

elsewhere = pytest.mark.skipif(
    NODE is None, reason="the packages of tests/interop/package.json are not below NODE_PATH"
)
KEYS: list[tuple[str, Kind]] = [
    ("eddsa-rdfc-2022", "Ed25519"),
    ("ecdsa-rdfc-2019", "P-256"),
    ("ecdsa-rdfc-2019", "P-384"),
    ("ecdsa-sd-2023", "P-256"),
    ("eddsa-jcs-2022", "Ed25519"),
]


class Elsewhere:
    """The other implementation, which is given the published contexts."""

    def __init__(self, folder: Path) -> None:
        (folder / "node_modules").symlink_to(MODULES)
        self._script = folder / SCRIPT.name
        shutil.copy(SCRIPT, self._script)

    def __call__(
        self, task: str, data: Any, suite: str, key: SecretKey, issuer: str, **more: Any
    ) -> Any:
        multikey = files.as_multikey(key, f"{issuer}#{key.public.multikey}")
        shown = {name: value for name, value in multikey.items() if name != "secretKeyMultibase"}
        controller = {
            "@context": ["https://www.w3.org/ns/did/v1", multikey["@context"]],
            "id": issuer,
            "assertionMethod": [shown],
        }
        job = {
            "task": task,
            "cryptosuite": suite,
            "document": data,
            "key": multikey,
            "contexts": contexts(),
            "controllers": {multikey["id"]: shown, issuer: controller},
            "date": WHEN,
            **more,
        }
        text = json.dumps(job).encode()
        done = subprocess.run(
            [NODE or "", self._script], input=text, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    def verifies(self, data: Any, suite: str, key: SecretKey, issuer: str = ISSUER) -> bool:
        answer = self("verify", data, suite, key, issuer)
        assert answer["verified"] or answer["error"]
        return bool(answer["verified"])


def contexts() -> dict[str, Any]:
    """Return the published contexts, and our own where no file is at hand."""
    multikey = {"@context": {"id": "@id", "type": "@type", "@vocab": "https://w3id.org/security#"}}
    return published.contexts() | {"https://w3id.org/security/multikey/v1": multikey}


@pytest.fixture
def other(tmp_path: Path) -> Elsewhere:
    published.needed()
    return Elsewhere(tmp_path)


@elsewhere
@pytest.mark.parametrize(
    ("name", "kind"),
    [("transcript", "Ed25519"), ("mastery", "Ed25519"), ("minimal", "P-256"), ("minimal", "P-384")],
)
def test_a_record_signed_here_verifies_there(other: Elsewhere, name: str, kind: Kind) -> None:
    raw = json.loads((SAMPLES / f"{name}.clr.json").read_text())
    key = key_of(kind)
    data = json.loads(sign(document(raw), SignOptions([IssuerKey(key)], WHEN)).text)
    issuer = data["issuer"]["id"]
    suite = data["proof"][0]["cryptosuite"]
    for one in (data, children(data)[0], children(data)[-1]):
        assert other.verifies(one, suite, key, issuer)
    children(data)[0]["name"] = "changed"
    assert not other.verifies(children(data)[0], suite, key, issuer)
    assert not other.verifies({**data, "name": "changed"}, suite, key, issuer)


@elsewhere
@pytest.mark.parametrize(("suite", "kind"), KEYS)
def test_a_badge_signed_here_verifies_there(other: Elsewhere, suite: str, kind: Kind) -> None:
    key = key_of(kind)
    options = ProofOptions(f"{ISSUER}#{key.public.multikey}", WHEN)
    signed = {**BADGE, "proof": SUITES[suite].create(BADGE, options, key, CONTEXTS)}
    if suite == "ecdsa-sd-2023":
        pointers = ["/credentialSubject/achievement/alignment/1/targetName"]
        signed = SUITES[suite].derive(signed, signed["proof"], pointers, CONTEXTS)  # type: ignore[attr-defined]
    assert other.verifies(signed, suite, key)
    assert not other.verifies({**signed, "validFrom": "2020-01-01T00:00:00Z"}, suite, key)


@elsewhere
@pytest.mark.parametrize(("suite", "kind"), KEYS)
def test_a_badge_signed_there_verifies_here(other: Elsewhere, suite: str, kind: Kind) -> None:
    key = key_of(kind)
    signed = other("sign", BADGE, suite, key, ISSUER, pointers=["/issuer"])
    (proof,) = proofs_of(signed)
    suite_of(proof).check(signed, proof, key.public, CONTEXTS)
    if suite in ("eddsa-rdfc-2022", "eddsa-jcs-2022"):
        options = ProofOptions(proof["verificationMethod"], proof["created"])
        made = SUITES[suite].create(BADGE, options, key, CONTEXTS)
        assert made["proofValue"] == proof["proofValue"]


@elsewhere
def test_a_record_signed_there_verifies_here(other: Elsewhere) -> None:
    key, issuer, suite = key_of(), MINIMAL["issuer"]["id"], "eddsa-rdfc-2022"
    child = other("sign", children(MINIMAL)[0], suite, key, issuer)
    subject = {**MINIMAL["credentialSubject"], "verifiableCredential": [child]}
    record = other("sign", {**MINIMAL, "credentialSubject": subject}, suite, key, issuer)
    for one in (record, children(record)[0]):
        (proof,) = proofs_of(one)
        suite_of(proof).check(one, proof, key.public, CONTEXTS)


FOREIGN: list[Any] = json.loads((CASES / "signed_elsewhere.json").read_text())


@pytest.mark.parametrize("case", FOREIGN, ids=lambda case: f"{case['suite']}-{case['kind']}")
def test_a_badge_that_was_signed_elsewhere_holds(case: Any) -> None:
    proof = case["proof"]
    suite_of(proof).check({**BADGE, "proof": proof}, proof, key_of(case["kind"]).public, CONTEXTS)


def test_a_record_that_was_signed_elsewhere_holds() -> None:
    record = json.loads((CASES / "record_signed_elsewhere.json").read_text())
    for one in (record, children(record)[0]):
        (proof,) = proofs_of(one)
        suite_of(proof).check(one, proof, key_of().public, CONTEXTS)


@elsewhere
def test_parts_of_a_record_with_signed_children_verify_there(other: Elsewhere) -> None:
    key, issuer = key_of("P-256"), MINIMAL["issuer"]["id"]
    options = SignOptions([IssuerKey(key)], WHEN, suite="ecdsa-sd-2023")
    whole = json.loads(sign(document(MINIMAL), options).text)
    (proof,) = proofs_of(whole)
    pointers = ["/credentialSubject/verifiableCredential/0"]
    shown = EcdsaSd2023().derive(whole, proof, pointers, CONTEXTS)
    assert other.verifies(shown, "ecdsa-sd-2023", key, issuer)
    assert other.verifies(children(shown)[0], "ecdsa-rdfc-2019", key, issuer)
