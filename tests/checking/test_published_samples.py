"""Our verdict on 1EdTech's published samples beside that of its own validator.

The samples are read from the folder named by CLRCTL_REFERENCE. Where the two verdicts differ, the
table says why; most often a signature or the network would have to be asked.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from clrctl.checking import validation
from clrctl.document.parsing import parse

NOW = datetime(2025, 7, 1, tzinfo=UTC)


class Sample(NamedTuple):
    """A line of the table.

    `expected` is what 1EdTech's tests expect (valid, warning, invalid; untested where they have
    none), `codes` what we find, in order, and `why` the reason where the verdicts differ.
    """

    name: str
    expected: str
    codes: tuple[str, ...] = ()
    why: str = ""


# fmt: off
SAMPLES = [
    Sample("clr20/complex.json", "untested", ("context/vc11",)),
    Sample("clr20/simple-noproof.json", "untested", ("context/vc11",)),
    Sample("clr20/simple.json", "valid"),
    Sample("clr20/simple.jwt", "untested", ("document/jwt",)),
    Sample("clr20/simple_old_safesigned.json", "untested", ("context/vc11",)),
    Sample("clr20/simple_v1.json", "warning", ("context/vc11",),
           "VC Data Model 1.1 is refused here, for CLR 2.0 builds on 2.0"),
    Sample("ob30/bit-string-list/credential-status-revoked-blank-nodes.json", "invalid", (),
           "only the status list on the network tells that it is revoked"),
    Sample("ob30/bit-string-list/credential-status-revoked.json", "invalid", (),
           "only the status list on the network tells that it is revoked"),
    Sample("ob30/complete.json", "invalid",
           ("result/credits", "identity/exposed", "identity/exposed", "date/expired",
            "proof/suite", "date/expired", "proof/suite", "proof/controller", "date/expired",
            "proof/suite", "result/level", "date/expired", "proof/suite", "date/expired",
            "proof/suite")),
    Sample("ob30/credential-status-revoked.json", "invalid", ("context/vc11",)),
    Sample("ob30/derivedcredential.json", "valid"),
    Sample("ob30/simple-context-version.json", "warning", ("context/version",)),
    Sample("ob30/simple-did-key-method.json", "valid"),
    Sample("ob30/simple-err-credential-subject-achievement-result-description-type.json", "invalid",
           ("type/class", "result/level")),
    Sample("ob30/simple-err-credential-subject-identifier-type.json", "invalid",
           ("type/class", "identity/form")),
    Sample("ob30/simple-err-credential-subject-profile-type.json", "invalid", ("type/class",)),
    Sample("ob30/simple-err-credential-subject-result-type.json", "invalid", ("type/class",)),
    Sample("ob30/simple-err-credential-subject-type.json", "invalid", ("type/class",)),
    Sample("ob30/simple-err-evidence-type.json", "invalid", ("type/class",)),
    Sample("ob30/simple-err-expired.json", "invalid", ("date/order",)),
    Sample("ob30/simple-err-issued.json", "invalid", ("date/future", "schema/required")),
    Sample("ob30/simple-err-issuer-otheridentifier-type.json", "invalid", ("type/class",)),
    Sample("ob30/simple-err-issuer-parentorg-type.json", "invalid", ("type/class",)),
    Sample("ob30/simple-err-issuer-type.json", "invalid", ("type/class",)),
    Sample("ob30/simple-err-proof-value.json", "invalid", (), "only the signature tells"),
    Sample("ob30/simple-err-type.json", "invalid", ("type/class", "schema/required")),
    Sample("ob30/simple-json.png", "valid", ("document/image",),
           "a picture is not opened; the credential has to be taken out"),
    Sample("ob30/simple-json.svg", "valid", ("document/image",),
           "a picture is not opened; the credential has to be taken out"),
    Sample("ob30/simple-jwt.png", "valid", ("document/image",),
           "a picture is not opened; the credential has to be taken out"),
    Sample("ob30/simple-jwt.svg", "valid", ("document/image",),
           "a picture is not opened; the credential has to be taken out"),
    Sample("ob30/simple-multiple-proofs.json", "invalid", ("proof/suite",),
           "a proof of an unknown kind beside a good one only warns here"),
    Sample("ob30/simple-noproof.json", "untested", ("context/vc11",)),
    Sample("ob30/simple.json", "valid"),
    Sample("ob30/simple.jwt", "untested", ("document/jwt",)),
]
# fmt: on

READABLE = (".json", ".jwt", ".png", ".svg")


def verdict(codes: list[tuple[str, str]]) -> str:
    severities = {severity for _, severity in codes}
    if "error" in severities:
        return "invalid"
    return "warning" if severities else "valid"


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_verdict_on_a_sample(sample: Sample, reference: Path) -> None:
    raw = (reference / "samples" / sample.name).read_bytes()

    report = validation.check(parse(raw), now=NOW)

    found = [(finding.code, str(finding.severity)) for finding in report.findings]
    assert tuple(code for code, _ in found) == sample.codes
    agreed = sample.expected in (verdict(found), "untested")
    assert agreed == (sample.why == "")


def test_the_table_leaves_no_sample_out(reference: Path) -> None:
    folder = reference / "samples"
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}

    listed = {sample.name for sample in SAMPLES}
    assert {name for name in there if name.endswith(READABLE)} == listed
