"""Credentials signed for the tests, with keys that everybody can know."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

from clrctl.proof.jsonld.contexts import Contexts
from clrctl.proof.keys import dids
from clrctl.proof.keys.public import PublicKey
from clrctl.proof.keys.secret import SecretKey
from clrctl.proof.suites.base import ProofOptions
from clrctl.proof.suites.table import SUITES

from .conftest import SAMPLES

NOW = datetime(2026, 7, 1, tzinfo=UTC)
CREATED = "2026-06-12T18:00:00Z"
SCHOOL = SecretKey.of("Ed25519", bytes(range(32)))
CLUB = SecretKey.of("P-256", bytes(range(1, 33)))
STRANGER = SecretKey.of("Ed25519", bytes(range(2, 34)))
ISSUER = "https://brookside.example.edu/profile"
_SUITES = {"Ed25519": "eddsa-rdfc-2022", "P-256": "ecdsa-rdfc-2019"}


def signed(
    credential: dict[str, Any],
    key: SecretKey = SCHOOL,
    *,
    method: str = "",
    suite: str = "",
    contexts: Contexts | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Return a credential with one more proof, by default by the issuer's own did:key."""
    suite = suite or _SUITES[key.public.kind]
    told = ProofOptions(
        method or own_method(key.public), options.pop("created", CREATED), **options
    )
    proof = SUITES[suite].create(credential, told, key, contexts or Contexts.built_in())
    former = credential.get("proof", [])
    proofs = [*former, proof] if isinstance(former, list) else [former, proof]
    return {**credential, "proof": proofs}


def own_method(key: PublicKey) -> str:
    """Return the verification method of a key's own DID."""
    return dids.method_for(key.did, key)


def minimal(issuer: str = "") -> dict[str, Any]:
    """Return the smallest sample, issued by the school's did:key or another issuer."""
    record = json.loads((SAMPLES / "minimal.clr.json").read_bytes())
    issuer = issuer or SCHOOL.public.did
    for credential in (record, child(record)):
        credential["issuer"]["id"] = issuer
    return record


def child(record: dict[str, Any], at: int = 0) -> dict[str, Any]:
    """Return a credential that a record bundles."""
    found: dict[str, Any] = record["credentialSubject"]["verifiableCredential"][at]
    return found


def with_child(record: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return a record that bundles another credential in the place of its first."""
    copied = copy.deepcopy(record)
    copied["credentialSubject"]["verifiableCredential"][0] = new
    return copied


def record(key: SecretKey = SCHOOL, issuer: str = "", *, method: str = "") -> dict[str, Any]:
    """Return the smallest sample, its credential signed and then itself."""
    unsigned = minimal(issuer or key.public.did)
    inner = signed(child(unsigned), key, method=method)
    return signed(with_child(unsigned, inner), key, method=method)


def badge(issuer: str = "") -> dict[str, Any]:
    """Return the credential in the smallest sample, by itself."""
    return child(minimal(issuer))
