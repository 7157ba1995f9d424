"""Our verdict on the signatures of 1EdTech's published samples, beside its own validator's.

The samples are read from the folder named by CLRCTL_REFERENCE. Their keys stand in the addresses
of their proofs, where they prove nothing; the trust file that this test makes pins them. Nothing
is fetched. Where the two verdicts differ, the table says why.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from clrctl.document import carriers
from clrctl.document.inputs import find
from clrctl.finding import Json
from clrctl.proof.keys.problem import BadKey
from clrctl.proof.keys.public import PublicKey
from clrctl.verifying import trust_file
from clrctl.verifying.engine import Verifier
from clrctl.verifying.trust import PinnedKey, Trust
from clrctl.verifying.verdict import Outcome, Verdict

NOW = datetime(2025, 7, 1, tzinfo=UTC)
LISTS = "https://raw.githubusercontent.com/1EdTech/digital-credentials-public-validator/"
TEST_LIST = f"{LISTS}refs/heads/main/inspector-vc/src/test/resources/ob30/bit-string-list/testlist"
REVOCATIONS = (
    "https://dc.1edtech.org/wellspring2022/wellspring-portal/api/revocations/"
    "da1e96e9-afcc-4eed-b9a2-2ddf7353214c"
)
REVOKED = (
    "https://dc.1edtech.org/wellspring2022/wellspring-portal/credential/"
    "54418d3f-ec01-4652-800a-861c890a51a1"
)


class Sample(NamedTuple):
    """A line of the table.

    `expected` is what 1EdTech's tests expect (valid, warning, invalid; untested where they have
    none), `reasons` what speaks against it here, in order, and `why` the reason where the verdicts
    differ.
    """

    name: str
    expected: str
    outcome: Outcome
    reasons: tuple[str, ...] = ()
    why: str = ""


GOOD, BAD, OPEN = Outcome.VALID, Outcome.INVALID, Outcome.UNDECIDED
LOSSY = ("proof/lossy",)

# fmt: off
SAMPLES = [
    Sample("clr20/complex.json", "untested", OPEN, ("subject/another",)),
    Sample("clr20/simple-noproof.json", "untested", BAD,
           ("proof/unsigned", "schema/older-model", "proof/lossy", "schema/unknown-type")),
    Sample("clr20/simple.json", "valid", GOOD),
    Sample("clr20/simple.jwt", "untested", BAD,
           ("issuer/key-not-pinned", "schema/schema-missing",
            "issuer/key-not-pinned", "schema/unknown-type")),
    Sample("clr20/simple_old_safesigned.json", "untested", BAD,
           ("proof/context", "schema/schema-missing", "proof/lossy", "schema/unknown-type")),
    Sample("clr20/simple_v1.json", "warning", OPEN, ("subject/another",),
           "a nested badge is about another id than the record, which their validator never asks"),
    Sample("ob30/bit-string-list/credential-status-revoked-blank-nodes.json", "invalid", BAD,
           ("status/revoked",)),
    Sample("ob30/bit-string-list/credential-status-revoked.json", "invalid", BAD,
           ("status/revoked",)),
    Sample("ob30/bit-string-list/testlist", "valid", GOOD),
    Sample("ob30/complete.json", "invalid", BAD, (
        "status/list-missing",
        "proof/unsupported", "time/expired", "status/list-missing", "schema/schema-missing",
        "proof/unsupported", "time/expired", "status/list-missing", "schema/schema-missing",
        "proof/unsupported", "time/expired", "status/list-missing", "schema/schema-missing",
        "proof/unsupported", "time/expired", "status/list-missing", "schema/schema-missing",
        "proof/unsupported", "time/expired", "status/list-missing", "schema/schema-missing")),
    Sample("ob30/credential-status-revoked.json", "invalid", BAD, ("status/revoked",)),
    Sample("ob30/derivedcredential.json", "valid", GOOD),
    Sample("ob30/simple-context-version.json", "warning", GOOD),
    Sample("ob30/simple-did-key-method.json", "valid", GOOD),
    Sample("ob30/simple-err-credential-subject-achievement-result-description-type.json",
           "invalid", BAD, LOSSY),
    Sample("ob30/simple-err-credential-subject-identifier-type.json", "invalid", BAD, LOSSY),
    Sample("ob30/simple-err-credential-subject-profile-type.json", "invalid", BAD, LOSSY),
    Sample("ob30/simple-err-credential-subject-result-type.json", "invalid", BAD, LOSSY),
    Sample("ob30/simple-err-credential-subject-type.json", "invalid", BAD, LOSSY),
    Sample("ob30/simple-err-evidence-type.json", "invalid", BAD, LOSSY),
    Sample("ob30/simple-err-expired.json", "invalid", BAD, ("time/expired",)),
    Sample("ob30/simple-err-issued.json", "invalid", BAD, ("time/future",)),
    Sample("ob30/simple-err-issuer-otheridentifier-type.json", "invalid", BAD, LOSSY),
    Sample("ob30/simple-err-issuer-parentorg-type.json", "invalid", BAD, LOSSY),
    Sample("ob30/simple-err-issuer-type.json", "invalid", BAD, LOSSY),
    Sample("ob30/simple-err-proof-value.json", "invalid", BAD, ("proof/broken",)),
    Sample("ob30/simple-err-type.json", "invalid", BAD, LOSSY),
    Sample("ob30/simple-json.png", "valid", GOOD),
    Sample("ob30/simple-json.svg", "valid", GOOD),
    Sample("ob30/simple-jwt.png", "valid", GOOD),
    Sample("ob30/simple-jwt.svg", "valid", GOOD),
    Sample("ob30/simple-multiple-proofs.json", "invalid", OPEN, ("proof/unsupported",),
           "a proof of an unknown type can neither be shown to hold nor to be wrong"),
    Sample("ob30/simple-noproof.json", "untested", BAD, ("proof/unsigned",)),
    Sample("ob30/simple.json", "valid", GOOD),
    Sample("ob30/simple.jwt", "untested", OPEN, ("issuer/key-unknown",)),
]
# fmt: on


def opened(path: Path) -> Any:
    (found,) = carriers.opened(find([str(path)], stdin=None))  # type: ignore[arg-type]
    return found


def verified(path: Path, trust: Trust) -> Verdict:
    found = opened(path)
    return Verifier(trust, now=NOW).verify(found.document, token=found.token)


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    """Return a trust file's trust: the keys that the samples' proofs name, and two status lists."""
    import os

    if not (folder := os.environ.get("CLRCTL_REFERENCE")):
        pytest.skip("CLRCTL_REFERENCE does not name the folder of published material")
    samples = Path(folder, "samples")
    place = tmp_path_factory.mktemp("trust")
    pinned: dict[str, list[Json]] = {}
    for sample in SAMPLES:
        found = opened(samples / sample.name)
        if sample.name.endswith("simple-err-proof-value.json"):
            continue
        for issuer, key in named_keys(found):
            entry = key if isinstance(key, dict) else {"multikey": key}
            if entry not in pinned.setdefault(issuer, []):
                pinned[issuer].append(entry)
    (place / "revoked.json").write_text(json.dumps({"revokedCredential": [{"id": REVOKED}]}))
    (place / "trust.json").write_text(
        json.dumps(
            {
                "issuers": pinned,
                "documents": {
                    TEST_LIST: str(samples / "ob30" / "bit-string-list" / "testlist"),
                    REVOCATIONS: "revoked.json",
                },
            }
        )
    )
    return trust_file.read([place / "trust.json"])


def named_keys(found: Any) -> Iterator[tuple[str, Json]]:
    """Yield issuer and key of every proof that names its key itself; of tokens only in pictures."""
    import base64

    if found.token:
        head = found.token.partition(".")[0]
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
        if found.picture and "jwk" in header:
            yield found.credential["issuer"]["id"], {"jwk": header["jwk"]}
        return
    yield from keys_in(found.credential)


def keys_in(data: Json) -> Iterator[tuple[str, str]]:
    for value in data if isinstance(data, list) else [data]:
        if not isinstance(value, dict):
            continue
        issuer = value.get("issuer")
        issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
        proofs = value.get("proof", [])
        for proof in proofs if isinstance(proofs, list) else [proofs]:
            key = proof.get("verificationMethod", "").replace("#", ":").rpartition(":")[2]
            try:
                PublicKey.from_multikey(key)
            except BadKey:
                continue
            if issuer:
                yield issuer, key
        for inner in value.values():
            yield from keys_in(inner)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_verdict_is_as_the_table_says(sample: Sample, reference: Path, trust: Trust) -> None:
    verdict = verified(reference / "samples" / sample.name, trust)
    assert tuple(f"{each.aspect}/{each.reason}" for each in verdict.problems) == sample.reasons
    assert verdict.outcome is sample.outcome


def test_every_published_sample_is_in_the_table(reference: Path) -> None:
    folder = reference / "samples"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {sample.name for sample in SAMPLES}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_verdict_that_differs_from_the_official_validators_says_why(sample: Sample) -> None:
    same = {"valid": GOOD, "warning": GOOD, "invalid": BAD}.get(sample.expected, sample.outcome)
    assert (sample.outcome is not same) is bool(sample.why)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_without_trust_nothing_published_is_valid(sample: Sample, reference: Path) -> None:
    verdict = verified(reference / "samples" / sample.name, Trust())
    assert verdict.outcome is not GOOD
    if sample.outcome is BAD and sample.reasons[0] not in (
        "status/revoked",
        "proof/context",
        "issuer/key-not-pinned",
    ):
        assert verdict.outcome is BAD


EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
# The context of the examples gives every name a meaning of its own.
EXAMPLE_TERMS = {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}}
GUIDE, EDDSA, ECDSA = "implementation-guide", "vc-di-eddsa", "vc-di-ecdsa"

# fmt: off
# Published vectors that are whole credentials; `expected` is not told of them: all are good but
# those that are steps on the way to others.
VECTORS = [
    Sample(f"{GUIDE}/clrv2p0/clr-signed-credential-0.json", "valid", GOOD),
    Sample(f"{GUIDE}/obv3p0/ob-signed-credential-0.json", "valid", GOOD),
    Sample(f"{ECDSA}/ecdsa-jcs-2019-p256/signedJCSECDSAP256.json", "valid", GOOD),
    Sample(f"{ECDSA}/ecdsa-jcs-2019-p384/signedJCSECDSAP384.json", "valid", GOOD),
    Sample(f"{ECDSA}/ecdsa-rdfc-2019-p256/signedECDSAP256.json", "valid", GOOD),
    Sample(f"{ECDSA}/ecdsa-rdfc-2019-p384/signedECDSAP384.json", "valid", GOOD),
    Sample(f"{ECDSA}/ecdsa-sd-2023/prc/addSignedSDBase.json", "valid", OPEN, ("proof/context",),
           "its context is not published with it"),
    Sample(f"{ECDSA}/ecdsa-sd-2023/prc/derivedRevealDocument.json", "valid", OPEN,
           ("proof/context",), "its context is not published with it"),
    Sample(f"{EDDSA}/Ed25519Signature2020/signedEdSig.json", "valid", GOOD),
    Sample(f"{EDDSA}/eddsa-jcs-2022/signedJCS.json", "valid", GOOD),
    Sample(f"{EDDSA}/eddsa-rdfc-2022/signedDataInt.json", "valid", GOOD),
    Sample(f"{EDDSA}/proof-set-chain/proofChainTempDoc1.json", "valid", GOOD),
    Sample(f"{EDDSA}/proof-set-chain/proofChainTempDoc2.json", "valid", BAD, ("proof/broken",),
           "a step on the way: of the chain it names a proof that is not in it"),
    Sample(f"{EDDSA}/proof-set-chain/signedProofChain1.json", "valid", GOOD),
    Sample(f"{EDDSA}/proof-set-chain/signedProofChain2.json", "valid", GOOD),
    Sample(f"{EDDSA}/proof-set-chain/signedProofSet1.json", "valid", GOOD),
    Sample(f"{EDDSA}/proof-set-chain/signedProofSet2.json", "valid", GOOD),
]
# fmt: on


@pytest.mark.parametrize("sample", VECTORS, ids=lambda sample: sample.name)
def test_a_vector_comes_out_as_the_table_says(sample: Sample, reference: Path) -> None:
    found = opened(reference / "vectors" / sample.name)
    keys: dict[str, tuple[PinnedKey, ...]] = {}
    for issuer, key in keys_in(found.credential):
        keys[issuer] = (*keys.get(issuer, ()), PinnedKey(PublicKey.from_multikey(key)))
    verdict = Verifier(Trust(keys, contexts={EXAMPLES: EXAMPLE_TERMS}), now=NOW).verify(
        found.document
    )
    assert tuple(f"{each.aspect}/{each.reason}" for each in verdict.problems) == sample.reasons
    assert verdict.outcome is sample.outcome
    assert (sample.outcome is not GOOD) is bool(sample.why)
