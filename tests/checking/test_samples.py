"""The samples hold what they promise: the good ones pass, each broken one shows its own fault."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clrctl.document.inputs import read
from clrctl.document.parsing import Document

SAMPLES = Path(__file__).parents[2] / "samples"
GOOD = sorted(SAMPLES.glob("*.clr.*"))
BROKEN = sorted((SAMPLES / "broken").iterdir())

# Faults that only warn: the credential stays valid.
WARNINGS = {"context/version", "id/conflict", "association/dangling", "proof/missing"}
# Unsigned nested credentials are in every sample, for nobody here has a key to sign with.
EVERYWHERE = {"proof/missing"}
# Files whose fault takes two places: an alias needs an anchor, and both have to go.
TOLD_TWICE = {"parse.alias.yaml"}

Clrctl = Callable[..., Any]
Finding = dict[str, Any]


def code_of(path: Path) -> str:
    """The rule a broken sample is named after: `date.order--validity.json` -> `date/order`."""
    return path.stem.partition("--")[0].replace(".", "/", 1)


def name_of(path: Path) -> str:
    return path.name


def validate(clrctl: Clrctl, path: Path, *options: str) -> tuple[int, list[Finding]]:
    result = clrctl("validate", str(path), "--format", "json", *options)
    (report,) = json.loads(result.out)["files"]
    return result.code, report["findings"]


def codes(findings: list[Finding], severity: str) -> set[str]:
    return {finding["code"] for finding in findings if finding["severity"] == severity}


@pytest.mark.parametrize("path", GOOD, ids=name_of)
def test_a_good_sample_has_no_errors_under_any_ruleset(path: Path, clrctl: Clrctl) -> None:
    code, findings = validate(clrctl, path, "--ruleset", "standard", "--ruleset", "timeback")

    assert codes(findings, "error") == set()
    assert code == 0


@pytest.mark.parametrize("path", GOOD, ids=name_of)
def test_a_good_sample_lacks_nothing_but_proofs(path: Path, clrctl: Clrctl) -> None:
    _, findings = validate(clrctl, path, "--ruleset", "standard")

    assert codes(findings, "warning") == EVERYWHERE


@pytest.mark.parametrize("path", BROKEN, ids=name_of)
def test_a_broken_sample_shows_the_fault_it_is_named_after(path: Path, clrctl: Clrctl) -> None:
    code, findings = validate(clrctl, path, "--ruleset", "standard")

    named = code_of(path)
    errors, warnings = codes(findings, "error"), codes(findings, "warning")
    if named in WARNINGS:
        assert errors == set()
        assert warnings == {named} | EVERYWHERE
        assert code == 0
    else:
        assert errors == {named}
        assert warnings <= EVERYWHERE
        assert code == 1


@pytest.mark.parametrize("path", BROKEN, ids=name_of)
def test_a_broken_sample_is_told_once_and_with_its_place(path: Path, clrctl: Clrctl) -> None:
    _, findings = validate(clrctl, path, "--ruleset", "standard")

    told = [finding for finding in findings if finding["code"] == code_of(path)]
    assert len(told) == (2 if path.name in TOLD_TWICE else 1)
    for finding in told:
        assert finding["line"] >= 1
        assert finding["column"] >= 1
        assert finding["message"]


def test_the_workforce_record_says_the_same_in_json_and_in_yaml() -> None:
    paths = [str(SAMPLES / f"workforce.clr.{suffix}") for suffix in ("json", "yaml")]

    as_json, as_yaml = read(paths, stdin=io.BytesIO())

    assert isinstance(as_json, Document)
    assert isinstance(as_yaml, Document)
    assert json.dumps(as_yaml.data) == json.dumps(as_json.data)


def test_the_readme_tells_of_every_good_sample() -> None:
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")

    assert [path.name for path in GOOD if f"`{path.name}`" not in readme] == []


def test_the_transcript_identifies_the_learner_as_the_readme_says() -> None:
    """Open Badges 3.0, IdentityHash: the digest of the identifier followed by the salt."""
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    told = re.search(r"digest of `(.+)`\s+followed by the salt `(.+)`", readme)
    transcript = json.loads((SAMPLES / "transcript.clr.json").read_bytes())
    identities = transcript["credentialSubject"]["identifier"]

    assert told is not None
    address, salt = told.groups()
    digest = hashlib.sha256((address + salt).encode()).hexdigest()
    assert [(each["identityHash"], each["salt"]) for each in identities if each["hashed"]] == [
        (f"sha256${digest}", salt)
    ]


def test_the_samples_are_formatted(clrctl: Clrctl) -> None:
    result = clrctl("fmt", "--check", *GOOD)

    assert (result.code, result.out) == (0, "")
