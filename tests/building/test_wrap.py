"""`clrctl wrap`: what goes into a record untouched, what does not, and what is said of it."""

from __future__ import annotations

import copy
import hashlib
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clrctl import sandbox
from clrctl.building import wrap
from clrctl.building.model import Frame, Identifier, Learner, Organization, Record
from clrctl.building.wrap import texts
from clrctl.building.wrap.judging import Judged, Terms
from clrctl.building.wrap.learner import Known
from clrctl.building.wrap.reasons import WrapOutcome
from clrctl.document import canonical, carriers
from clrctl.document.inputs import Piece
from clrctl.document.limits import Limits
from clrctl.proof.faults import DataLoss
from clrctl.proof.jsonld.contexts import Contexts
from clrctl.proof.keys.public import PublicKey
from clrctl.proof.suites.base import BrokenProof, ProofOptions, proofs_of
from clrctl.proof.suites.table import SUITES, suite_of
from tests import making_badges

ROOT = Path(__file__).parents[2]
BADGES = ROOT / "samples" / "badges"
RECIPE = ROOT / "samples" / "portfolio.yaml"
NOW = datetime(2026, 3, 2, tzinfo=UTC)
TERMS = Terms(NOW)
ISSUER = "https://millstreet.example/careers"
LEARNER = Learner("C-3071", email="Perrin@Example.org", id=making_badges.LEARNER)
RECORD = Record(
    Frame(Organization(ISSUER, "Mill Street")), LEARNER, "portfolio", "Portfolio", date(2026, 3, 2)
)
KNOWN = Known.of(LEARNER, LEARNER.id)

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLRCTL_ID_SECRET", "a-secret-for-these-tests-alone-0123456789")


def badge(**changed: Any) -> dict[str, Any]:
    """A signed badge of the samples, changed; no proof is checked by wrapping."""
    return {**json.loads((BADGES / "throwing.json").read_bytes()), **changed}


def judge(*inputs: Any, known: Known = KNOWN, **terms: Any) -> list[Judged]:
    raws = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in inputs]
    pieces = [
        Piece(f"{number}.json", Limits(), None, len(raw), raw) for number, raw in enumerate(raws, 1)
    ]
    return wrap.judge(carriers.opened(pieces), RECORD, known, replace(TERMS, **terms))


def one(*inputs: Any, **terms: Any) -> Judged:
    (judged,) = judge(*inputs, **terms)
    return judged


def without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


# --- the samples ------------------------------------------------------------------------------


def test_the_samples_are_what_their_script_makes() -> None:
    made = dict(making_badges.files())
    assert {path.name for path in BADGES.iterdir()} == set(made)
    for name, contents in made.items():
        assert (BADGES / name).read_bytes() == contents, f"run {making_badges.__file__}"


def test_each_sample_has_the_outcome_it_is_there_to_show(clrctl: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    done = clrctl("wrap", BADGES, "-r", RECIPE, "-o", out, "--json")
    assert (done.code, done.json["format"], done.json["ok"]) == (1, "clrctl.wrap/1", False)
    outcomes = {Path(each["source"]).name: each["outcome"] for each in done.json["credentials"]}
    assert outcomes == {
        "firing.svg": "wrapped",
        "glazing.png": "wrapped",
        "older.json": "refused",
        "packing.jwt": "refused",
        "safety.json": "wrapped",
        "stranger.json": "refused",
        "throwing.json": "wrapped",
        "throwing2.json": "skipped",
    }
    assert all(each["why"] and each["fix"] for each in done.json["credentials"]
               if each["outcome"] == "refused")  # fmt: skip
    assert done.json["summary"] == {"wrapped": 4, "refused": 3, "skipped": 1}
    record = json.loads(out.read_bytes())
    assert done.json["record"] == {"id": record["id"], "file": str(out), "state": "new"}
    assert clrctl("validate", out, "--ruleset", "standard", "--ruleset", "timeback").code == 0
    assert clrctl("fmt", "--check", out).code == 0
    held = record["credentialSubject"]
    names = [each["credentialSubject"]["achievement"] for each in held["verifiableCredential"]]
    assert held["achievement"] == names


def test_two_runs_write_the_same_bytes_and_the_second_writes_nothing(
    clrctl: Run, tmp_path: Path
) -> None:
    first, second = tmp_path / "1.json", tmp_path / "2.json"
    files = [BADGES / "throwing.json", BADGES / "glazing.png"]
    for out in (first, second):
        assert clrctl("wrap", *files, "-r", RECIPE, "-o", out).code == 0
    assert first.read_bytes() == second.read_bytes()
    before = first.stat().st_mtime_ns
    assert "the record is unchanged" in clrctl("wrap", *files, "-r", RECIPE, "-o", first).err
    assert first.stat().st_mtime_ns == before
    assert clrctl("wrap", *files, "-r", RECIPE).out.encode() == first.read_bytes()


def test_a_credential_stands_in_the_record_character_by_character(
    clrctl: Run, tmp_path: Path
) -> None:
    """Numbers, order, unknown members, escapes and layout: nothing is written anew."""
    raw = json.dumps(UNSIGNED, indent=3).encode().replace(b"1.5", b"1.50")
    odd = raw.replace(b'"name": "T', b'"x-n": [1.0, 1e2, -0.0],\t"name": "\\u0054', 1)
    (tmp_path / "odd.1ob").write_bytes(odd)
    words = ("wrap", tmp_path / "odd.1ob", "-r", RECIPE, "--allow-unsigned")
    record = clrctl(*words).out.encode()
    assert b"\\u0054" in odd
    assert odd.strip() in record
    assert b'"creditsEarned": 1.50' in record


# --- one credential at a time -----------------------------------------------------------------

OTHER = {"credentialSubject": {**badge()["credentialSubject"], "id": "did:example:robin"}}
UNSIGNED = without(badge(), "proof")
BARE = {"evidence": {"type": ["Evidence"], "id": "https://x.example/1"}}
PAST = {"validUntil": "2026-03-01T00:00:00Z"}

REFUSED: dict[str, tuple[Any, str, str]] = {
    # what it is: the input, what is said, what its owner can do
    "not JSON": (b'{"a": ,}', "line 1: ", ""),
    "a web page": (b"<html><body>Log in</body></html>", "this is a web page", "download"),
    "YAML": (b"type: OpenBadgeCredential\n", "this is YAML", "the file its issuer gave"),
    "a list": ([], "an empty list", "one credential in a file"),
    "OB 2.0": ({"type": "Assertion", "badge": "x"}, "Open Badges 2.0", "clrctl upgrade"),
    "VC 1.1": (
        badge(**{"@context": ["https://www.w3.org/2018/credentials/v1"]}),
        "of VC Data Model 1.1",
        "ask its issuer",
    ),
    "a CLR": (badge(type=["VerifiableCredential", "ClrCredential"]), "a CLR does", "--flatten"),
    "endorsement": (badge(type=["EndorsementCredential"]), "its type is Endorsement", "Badges 3.0"),
    "no type": (without(badge(), "type"), "its type is missing", "Badges 3.0"),
    "a token": (making_badges.token(badge()), "a CLR holds JSON", "--jwt unwrap"),
    "unsigned": (without(badge(), "proof"), "not signed", "--allow-unsigned"),
    "somebody else": (badge(**OTHER), "about another subject did:example:robin",
                      "--same-person did:example:robin"),
    "nobody": (badge(credentialSubject=without(badge()["credentialSubject"], "id")),
               "none of the learner's identifiers", "--subject-differs"),
    "invalid": (badge(validFrom="today"), "1 error: /validFrom ", "clrctl validate"),
    "lone values": (badge(**BARE), "1 error: /evidence", "--arrays"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_told_with_the_reason_and_what_to_do(name: str) -> None:
    given, why, fix = REFUSED[name]
    judged = one(given)
    assert judged.outcome is WrapOutcome.REFUSED
    assert why in judged.why
    assert fix in judged.fix
    assert judged.wrapped is None
    assert not judged.notes


PLAIN_ISSUER = making_badges.signed({**UNSIGNED, "issuer": making_badges.STUDIO})
LONE_TYPES = copy.deepcopy(UNSIGNED)
LONE_TYPES["issuer"]["type"] = "Profile"
LONE_TYPES["credentialSubject"]["achievement"]["type"] = "Achievement"


def test_what_the_endpoint_does_not_take_is_refused_alone_or_wrapped_for_others(
    clrctl: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(PLAIN_ISSUER))
    words = ("wrap", tmp_path / "a.json", BADGES / "glazing.png", "-r", RECIPE)
    done = clrctl(*words)
    assert done.code == 1
    assert "1 error under the rules of timeback: /issuer" in done.err
    assert "1 wrapped, 1 refused" in done.err
    other = clrctl(*words, "--ruleset", "standard")
    assert other.code == 0, other.err
    assert json.dumps(PLAIN_ISSUER) in other.out


def test_the_endpoints_lists_are_made_where_the_proof_survives_that(
    clrctl: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(making_badges.signed(LONE_TYPES)))
    words = ("wrap", tmp_path / "a.json", "-r", RECIPE)
    assert "--arrays makes lists" in clrctl(*words).err
    done = clrctl(*words, "--arrays")
    assert done.code == 0, done.err
    (held,) = json.loads(done.out)["credentialSubject"]["verifiableCredential"]
    assert held["issuer"]["type"] == ["Profile"]
    verify(held)


def test_a_lone_proof_becomes_a_list_under_any_suite() -> None:
    """VC Data Integrity, section 4.2: what is signed is the document without its proofs."""
    method = badge()["proof"][0]["verificationMethod"]
    suite = SUITES["eddsa-jcs-2022"]
    contexts = Contexts.built_in()
    options = ProofOptions(method, created="2025-01-14T17:00:00Z")
    signed = {**UNSIGNED, "proof": suite.create(UNSIGNED, options, making_badges.KEY, contexts)}
    assert one(signed).outcome is WrapOutcome.REFUSED
    judged = one(signed, arrays=True)
    assert judged.wrapped is not None
    verify(json.loads(judged.wrapped.text))


def test_what_the_record_lists_of_a_badge_is_in_lists_even_if_the_badge_is_not(
    clrctl: Run, tmp_path: Path
) -> None:
    lone = making_badges.signed(LONE_TYPES)
    (tmp_path / "a.json").write_text(json.dumps(lone))
    done = clrctl("wrap", tmp_path / "a.json", "-r", RECIPE, "--ruleset", "standard")
    subject = json.loads(done.out)["credentialSubject"]
    assert subject["verifiableCredential"] == [lone]
    assert [one["type"] for one in subject["achievement"]] == [["Achievement"]]


AGREED: list[tuple[Any, dict[str, Any], str]] = [
    (UNSIGNED, {"allow_unsigned": True}, "not signed"),
    (badge(**OTHER), {"subject_differs": True}, "about another subject did:example:robin"),
    (badge(**BARE), {"arrays": True}, "lone values were made lists"),
    (making_badges.token(UNSIGNED), {"unwrap_tokens": True}, "its signature is not"),
    (badge(**PAST), {}, "expired on 2026-03-01"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "terms", "note"), AGREED)
def test_what_the_user_agrees_to_goes_in_with_a_note(
    given: Any, terms: dict[str, Any], note: str
) -> None:
    judged = one(given, **terms)
    assert judged.outcome is WrapOutcome.WRAPPED
    assert [each for each in judged.notes if note in each]


def test_a_good_badge_goes_in_without_a_word_and_as_it_is() -> None:
    raw = (BADGES / "throwing.json").read_bytes()
    judged = one(raw)
    assert (judged.outcome, judged.why, judged.notes) == (WrapOutcome.WRAPPED, "", ())
    assert (judged.name, judged.issuer) == ("Throwing on the Wheel", "Ember Row Pottery")
    assert judged.wrapped is not None
    assert judged.wrapped.text == raw


def test_what_has_expired_depends_on_what_counts_as_now(clrctl: Run) -> None:
    words = ("wrap", BADGES / "safety.json", "-r", RECIPE, "--drop-expired", "--dry-run", "--at")
    assert clrctl(*words, "2025-12-01").code == 0
    assert "skipped  expired on 2025-12-31" in clrctl(*words, "2026-01-01").err


def test_what_the_issuer_of_the_record_awards_needs_no_signature_yet() -> None:
    issuer = {"type": ["Profile"], "id": ISSUER, "name": "Mill Street"}
    assert one(without(badge(issuer=issuer), "proof")).outcome is WrapOutcome.WRAPPED


def test_what_has_expired_stays_out_where_that_is_wanted() -> None:
    judged = one(badge(**PAST), drop_expired=True)
    assert (judged.outcome, judged.why) == (WrapOutcome.SKIPPED, "expired on 2026-03-01")
    assert one(badge(validUntil="2026-03-03T00:00:00Z"), drop_expired=True).notes == ()


def test_lists_are_never_made_under_a_proof_that_would_notice() -> None:
    proof = [{**badge()["proof"][0], "cryptosuite": "eddsa-jcs-2022"}]
    judged = one(badge(**BARE, proof=proof), arrays=True)
    assert judged.outcome is WrapOutcome.REFUSED
    assert "only its issuer can correct" in judged.fix


def test_a_proof_over_the_meaning_outlives_the_lists_that_are_made() -> None:
    signed = making_badges.signed(without(badge(**BARE), "proof"))
    judged = one(signed, arrays=True)
    assert judged.wrapped is not None
    verify(json.loads(judged.wrapped.text))


@pytest.mark.parametrize("claim", ["iss", "jti", "sub", "nbf", "exp"])
def test_a_token_that_contradicts_its_credential_is_refused(claim: str) -> None:
    data = without(badge(validUntil="2030-01-01T00:00:00Z"), "proof")
    claims = {"iss": data["issuer"]["id"], "jti": data["id"], "sub": LEARNER.id,
              "nbf": 1736874000, "exp": 1893456000, "iat": 5}  # fmt: skip

    def token(**changed: Any) -> bytes:
        return making_badges.jwt.sign(
            {**data, **claims, **changed}, making_badges.KEY, header={}
        ).encode()

    assert one(token(), unwrap_tokens=True).outcome is WrapOutcome.WRAPPED
    judged = one(token(**{claim: 7}), unwrap_tokens=True)
    assert judged.why.endswith(f"disagree on {claim}")


def test_an_unwrapped_token_leaves_its_digest_in_the_record_and_itself_beside_it(
    clrctl: Run, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    words = ("wrap", BADGES / "packing.jwt", "-r", RECIPE, "--jwt", "unwrap", "-o", out)
    done = clrctl(*words)
    assert done.code == 0
    kept = tmp_path / "originals" / "packing.jwt"
    assert kept.read_bytes() == (BADGES / "packing.jwt").read_bytes().strip()
    record = json.loads(out.read_bytes())
    (related,) = record["relatedResource"]
    assert related["mediaType"] == "application/vc+jwt"
    algorithm, _, digest = related["digestSRI"].partition("-")
    assert b64decode(digest) == hashlib.new(algorithm, kept.read_bytes()).digest()
    (held,) = record["credentialSubject"]["verifiableCredential"]
    assert held["id"] == related["id"]
    assert not {"iss", "jti", "sub", "proof"} & set(held)
    assert clrctl("validate", out).code == 0
    assert clrctl(*words).code == 0
    kept.write_bytes(b"another")
    refused = clrctl(*words, "--force")
    assert refused.code == 0
    kept.write_bytes(b"another")
    refused = clrctl(*words)
    assert (refused.code, kept.read_bytes()) == (3, b"another")


OLD = {
    "@context": [
        "https://www.w3.org/2018/credentials/v1",
        "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
        "https://w3id.org/security/suites/ed25519-2020/v1",
    ],
    **without(UNSIGNED, "@context", "validFrom"),
    "issuanceDate": "2024-01-14T17:00:00Z",
    "expirationDate": "2025-01-14T17:00:00Z",
    "credentialStatus": {"id": "https://x.example/s", "type": "1EdTechRevocationList"},
    "evidence": {"id": "https://x.example/e", "type": "Evidence"},
}


def test_an_older_credential_is_said_anew_and_kept_beside_the_record(
    clrctl: Run, tmp_path: Path
) -> None:
    raw = json.dumps(OLD).encode().replace(b"1.5", b"1.50")
    (tmp_path / "old.json").write_bytes(raw)
    out = tmp_path / "out" / "o.json"
    out.parent.mkdir()
    words = ("--vc1", "upgrade", "--allow-unsigned", "--json")
    done = clrctl("wrap", tmp_path / "old.json", "-r", RECIPE, "-o", out, *words)
    assert done.code == 0, done.err
    notes = done.json["credentials"][0]["notes"]
    assert notes == [
        "rewritten for VC Data Model 2.0, unsigned: the original is kept beside it",
        "expired on 2025-01-14",
    ]
    record = json.loads(out.read_bytes())
    (held,) = record["credentialSubject"]["verifiableCredential"]
    assert held["id"] not in ("", OLD["id"])
    assert (held["validFrom"], held["validUntil"]) == (OLD["issuanceDate"], OLD["expirationDate"])
    assert held["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert not {"issuanceDate", "expirationDate", "credentialStatus", "proof"} & set(held)
    assert [one.get("id") for one in held["evidence"]] == ["https://x.example/e", OLD["id"]]
    assert held["credentialSubject"] == OLD["credentialSubject"]
    assert b"1.50" in out.read_bytes()
    kept = out.parent / "originals" / "old.json"
    assert kept.read_bytes() == raw
    (related,) = record["relatedResource"]
    digest = b64decode(related["digestSRI"].removeprefix("sha384-"))
    assert (related["id"], digest) == (OLD["id"], hashlib.sha384(raw).digest())
    assert record["credentialSubject"]["achievement"] == [held["credentialSubject"]["achievement"]]


def test_of_one_credential_the_signed_form_counts_whatever_the_order() -> None:
    terms = {"renew": True, "allow_unsigned": True, "unwrap_tokens": True}
    for other in (OLD, making_badges.token(UNSIGNED)):
        for inputs, signed in (((other, badge()), 1), ((badge(), other), 0)):
            judged = judge(*inputs, **terms)
            assert judged[signed].outcome is WrapOutcome.WRAPPED
            assert judged[1 - signed].why == f"{signed + 1}.json has it with its signature"


def test_an_older_credential_in_a_token_may_lack_what_the_claims_say() -> None:
    claims = {"iss": OLD["issuer"]["id"], "jti": OLD["id"], "nbf": 1705251600, "vc": OLD}
    token = making_badges.jwt.sign(claims, making_badges.KEY, header={}).encode()
    judged = one(token, renew=True, unwrap_tokens=True)
    assert judged.outcome is WrapOutcome.WRAPPED
    assert judged.original is not None
    assert judged.original.contents == token


def test_two_originals_of_one_name_are_both_kept(clrctl: Run, tmp_path: Path) -> None:
    for number, folder in enumerate(("a", "b")):
        (tmp_path / folder).mkdir()
        token = making_badges.token({**UNSIGNED, "id": f"urn:x:{number}"})
        (tmp_path / folder / "t.jwt").write_bytes(token)
    out = tmp_path / "o.json"
    files = (tmp_path / "a", tmp_path / "b")
    for _ in range(2):
        assert clrctl("wrap", *files, "-r", RECIPE, "--jwt", "unwrap", "-o", out).code == 0
        assert len(list((tmp_path / "originals").iterdir())) == 2


def test_an_older_credential_without_an_id_gets_one_from_its_content() -> None:
    first, second = (
        one(
            without({**OLD, "name": name}, "id", "evidence"), renew=True, allow_unsigned=True
        ).wrapped
        for name in ("A", "B")
    )
    assert first is not None
    assert second is not None
    assert json.loads(first.text)["id"] != json.loads(second.text)["id"]
    assert json.loads(first.text)["evidence"][0].get("id") is None


def test_a_clr_is_taken_apart_and_each_of_its_credentials_judged() -> None:
    clr = {
        "@context": badge()["@context"],
        "type": ["VerifiableCredential", "ClrCredential"],
        "credentialSubject": {
            "verifiableCredential": [badge(), {**UNSIGNED, "id": "urn:x:2"}],
        },
    }
    good, bad = judge(clr, flatten=True)
    assert (good.outcome, bad.outcome) == (WrapOutcome.WRAPPED, WrapOutcome.REFUSED)
    assert good.within == "/credentialSubject/verifiableCredential/0"
    assert good.wrapped is not None
    assert json.loads(good.wrapped.text) == badge()
    alone = {**clr, "credentialSubject": {"verifiableCredential": badge()}}
    assert one(alone, flatten=True).outcome is WrapOutcome.WRAPPED
    assert judge({**clr, "credentialSubject": {}}, flatten=True) == []


# --- signatures -------------------------------------------------------------------------------


def test_a_badge_that_was_changed_after_it_was_signed_is_refused(
    clrctl: Run, tmp_path: Path
) -> None:
    raw = (BADGES / "throwing.json").read_bytes()
    (tmp_path / "a.json").write_bytes(raw.replace(b"1.50", b"15.0"))
    token = (BADGES / "packing.jwt").read_text().strip().split(".")
    token[2] = token[2][::-1]
    (tmp_path / "b.jwt").write_text(".".join(token))
    done = clrctl("wrap", tmp_path, "-r", RECIPE, "--jwt", "unwrap")
    assert done.code == 1
    assert done.err.count("its signature does not hold") == 2


def test_a_signature_that_cannot_be_verified_is_told_and_a_trust_file_helps(
    clrctl: Run, tmp_path: Path
) -> None:
    issuer = {"type": ["Profile"], "id": "https://emberrow.example", "name": "Ember Row"}
    badge_ = making_badges.signed({**UNSIGNED, "issuer": issuer})
    (tmp_path / "a.json").write_text(json.dumps(badge_))
    (done,) = clrctl("wrap", tmp_path / "a.json", "-r", RECIPE, "--json", "--dry-run").json[
        "credentials"
    ]
    assert done["outcome"] == "wrapped"
    assert done["notes"][0].startswith("signed, but not verified: ")
    trust = tmp_path / "trust.yaml"
    method = badge_["proof"][0]["verificationMethod"]
    multikey = making_badges.KEY.public.multikey
    trust.write_text(
        f"issuers:\n  {issuer['id']}:\n    - id: {method}\n      multikey: {multikey}\n"
    )
    words = ("wrap", tmp_path / "a.json", "-r", RECIPE, "--json", "--dry-run", "--trust", trust)
    (done,) = clrctl(*words).json["credentials"]
    assert done["notes"] == []


# --- what a recipe includes -------------------------------------------------------------------


def including(folder: Path, *names: str) -> Path:
    recipe = folder / "portfolio.yaml"
    listed = ", ".join(str(BADGES / name) for name in names)
    recipe.write_text(RECIPE.read_text() + f"include: [{listed}]\n")
    return recipe


def test_a_build_wraps_what_its_recipe_includes_by_the_same_rules(
    clrctl: Run, tmp_path: Path
) -> None:
    recipe = including(tmp_path, "throwing.json", "glazing.png", "throwing2.json")
    done = clrctl("build", recipe)
    assert done.code == 0, done.err
    held = json.loads(done.out)["credentialSubject"]
    assert [one["name"] for one in held["verifiableCredential"]] == [
        "Throwing on the Wheel", "Glazing",
    ]  # fmt: skip
    assert [one["name"] for one in held["achievement"]] == ["Throwing on the Wheel", "Glazing"]
    assert b'"creditsEarned": 1.50' in done.out.encode()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("packing.jwt", "signed as a token"),
        ("stranger.json", "--same-person"),
        ("older.json", "of VC Data Model 1.1"),
    ],
)
def test_a_build_refuses_what_wrap_would_refuse(
    clrctl: Run, tmp_path: Path, name: str, why: str
) -> None:
    done = clrctl("build", including(tmp_path, name))
    assert (done.code, done.out) == (1, "")
    assert f"{BADGES / name}" in done.err
    assert why in done.err


def test_wrap_takes_what_the_recipe_includes_on_its_own_terms(clrctl: Run, tmp_path: Path) -> None:
    recipe = including(tmp_path, "stranger.json", "throwing.json")
    words = ("wrap", BADGES / "throwing2.json", "-r", recipe, "--json", "--dry-run")
    outcomes = [one["outcome"] for one in clrctl(*words, "--subject-differs").json["credentials"]]
    assert outcomes == ["wrapped", "wrapped", "skipped"]
    outcomes = [one["outcome"] for one in clrctl(*words).json["credentials"]]
    assert outcomes == ["refused", "wrapped", "skipped"]


# --- duplicates -------------------------------------------------------------------------------


def test_the_same_credential_goes_in_once() -> None:
    first, second = judge(badge(), json.dumps(badge(), indent=3).encode())
    assert (first.outcome, second.outcome) == (WrapOutcome.WRAPPED, WrapOutcome.SKIPPED)
    assert second.why == "the same as 1.json"
    others = judge(badge(), badge(id="urn:x:2"))
    assert [each.outcome for each in others] == [WrapOutcome.WRAPPED] * 2


def test_a_token_and_the_credential_in_it_are_the_same() -> None:
    inputs = (making_badges.token(UNSIGNED), UNSIGNED)
    judged = judge(*inputs, unwrap_tokens=True, allow_unsigned=True)
    assert [each.outcome for each in judged] == [WrapOutcome.WRAPPED, WrapOutcome.SKIPPED]


def test_of_two_issues_the_newer_counts_whatever_their_order() -> None:
    newer = badge(validFrom="2025-02-01T00:00:00Z")
    for inputs, kept in (((badge(), newer), 1), ((newer, badge()), 0)):
        judged = judge(*inputs)
        assert [each.outcome for each in judged].index(WrapOutcome.WRAPPED) == kept
        assert judged[1 - kept].why == f"{kept + 1}.json is a newer issue of it"
    oldest = badge(validFrom="2024-01-01T00:00:00Z")
    assert [each.outcome for each in judge(oldest, badge(), newer)] == [
        WrapOutcome.SKIPPED, WrapOutcome.SKIPPED, WrapOutcome.WRAPPED,
    ]  # fmt: skip


def test_two_versions_of_one_issue_are_not_chosen_between() -> None:
    first, second = judge(badge(), badge(name="Another"))
    assert (first.outcome, second.outcome) == (WrapOutcome.WRAPPED, WrapOutcome.REFUSED)
    assert "with other content" in second.why


def test_what_the_record_lists_of_a_badge_keeps_its_digits(clrctl: Run, tmp_path: Path) -> None:
    subject = UNSIGNED["credentialSubject"]
    achievement = {**subject["achievement"], "creditsAvailable": 12345.5}
    given = {**UNSIGNED, "credentialSubject": {**subject, "achievement": achievement}}
    raw = json.dumps(given).replace("12345.5", "12345.50")
    (tmp_path / "a.json").write_text(raw)
    out = clrctl("wrap", tmp_path / "a.json", "-r", RECIPE, "--allow-unsigned").out
    assert out.count("12345.50") == 2


@pytest.mark.parametrize("own", [{"level": "https://x.example/level"}, "https://x.example/v1"])
def test_an_achievement_with_terms_of_its_own_stays_where_they_are_defined(own: Any) -> None:
    judged = one(badge(**{"@context": [*badge()["@context"], own]}), rulesets=())
    assert judged.wrapped is not None
    assert judged.wrapped.achievements == ()
    assert "terms of its own" in judged.notes[0]


def test_two_credentials_of_one_id_do_not_stop_the_record(clrctl: Run, tmp_path: Path) -> None:
    other = {**UNSIGNED, "issuer": {**UNSIGNED["issuer"], "id": "https://x.example"}}
    (tmp_path / "z.json").write_text(json.dumps(making_badges.signed(other)))
    done = clrctl("wrap", BADGES / "throwing.json", tmp_path / "z.json", "-r", RECIPE)
    assert "its id is that of" in done.err
    assert "1 wrapped, 1 refused; the record is on standard output" in done.err


def test_an_achievement_of_two_badges_is_listed_once() -> None:
    judged = judge(badge(), badge(id="urn:x:2"))
    assert [len(each.wrapped.achievements) for each in judged if each.wrapped] == [1, 0]


# --- whose badge it is ------------------------------------------------------------------------


def hashed(value: str, salt: str = "grain", **changed: Any) -> dict[str, Any]:
    digest = hashlib.sha256((value + salt).encode()).hexdigest()
    return {"type": "IdentityObject", "hashed": True, "identityHash": f"sha256${digest}",
            "identityType": "emailAddress", "salt": salt, **changed}  # fmt: skip


DIGEST = hashed("perrin@example.org")["identityHash"]


def plain(value: str, kind: str = "emailAddress") -> dict[str, Any]:
    return {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}


@pytest.mark.parametrize(
    ("identity", "same"),
    [
        (hashed("perrin@example.org"), True),
        (hashed("Perrin@Example.org"), True),
        (hashed("perrin@example.org", salt=""), True),
        (hashed("perrin@example.org", identityHash=DIGEST.upper()), True),
        (hashed("perrin@example.org", salt="x", identityHash=DIGEST), False),
        (hashed("perrin@example.org", identityType="sourcedId"), False),
        (hashed("robin@example.org"), False),
        (plain("PERRIN@example.org "), True),
        (plain("C-77", "sourcedId"), True),
        (plain("c-77", "sourcedId"), False),
        (plain("C-77", "studentId"), False),
        (plain("Perrin Sample", "name"), False),
        ({"identityHash": 5}, False),
        ("perrin@example.org", False),
    ],
)  # fmt: skip
def test_an_identifier_of_the_learner_is_recognised_hashed_or_plain(
    identity: Any, same: bool
) -> None:
    learner = replace(LEARNER, name="Perrin Sample", identifiers=(Identifier("C-77", "sourcedId"),))
    known = Known.of(learner, "urn:uuid:other")
    assert known.is_about({"id": "did:example:else", "identifier": [identity]}) is same
    assert known.is_about({"identifier": identity}) is same


def test_the_specification_names_this_digest() -> None:
    """Open Badges 3.0, IdentityHash: a@example.com with the salt Kosher."""
    known = Known(frozenset(), (("emailAddress", "a@example.com"),))
    digest = "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"
    assert known.is_about({"identifier": {"identityHash": digest, "salt": "Kosher"}})


def test_an_id_that_somebody_vouches_for_is_the_learners(clrctl: Run, tmp_path: Path) -> None:
    stranger = BADGES / "stranger.json"
    ids = "did:example:else,did:example:robin-sample"
    done = clrctl("wrap", stranger, "-r", RECIPE, "--same-person", ids, "--json", "--dry-run")
    assert (done.code, done.json["same_person"]) == (0, ids.split(","))
    assert clrctl("wrap", stranger, "-r", RECIPE, "-o", tmp_path / "x").code == 1


def test_what_somebody_vouched_for_is_kept_in_the_provenance(clrctl: Run, tmp_path: Path) -> None:
    badges = (BADGES / "stranger.json", BADGES / "safety.json")
    vouched = ("--same-person", "did:example:robin-sample")
    words = ("wrap", *badges, "-r", RECIPE, "--provenance", tmp_path / "p", *vouched)
    assert clrctl(*words, "--dry-run").code == 0
    assert not (tmp_path / "p").exists()
    assert clrctl(*words).code == 0
    (file,) = (tmp_path / "p").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    told = json.loads(file.read_bytes())
    assert "--same-person: did:example:robin-sample is the learner too" in told["notes"]
    assert f"{BADGES / 'safety.json'}: expired on 2025-12-31" in told["notes"]
    assert str(BADGES / "stranger.json") in [one["file"] for one in told["parts"]]


def test_a_learner_without_an_id_has_the_one_that_the_record_gives(
    clrctl: Run, tmp_path: Path
) -> None:
    recipe = tmp_path / "r.yaml"
    recipe.write_text(RECIPE.read_text().replace(', did: "did:example:perrin-sample"', ""))
    record = json.loads(
        clrctl("wrap", BADGES / "throwing.json", "-r", recipe, "--subject-differs").out
    )
    refused = clrctl("wrap", BADGES / "throwing.json", "-r", recipe)
    assert "write it into the recipe: learner: id: did:example:perrin-sample" in refused.err
    own = record["credentialSubject"]["id"]
    mine = {**UNSIGNED, "credentialSubject": {**badge()["credentialSubject"], "id": own}}
    (tmp_path / "mine.json").write_text(json.dumps(making_badges.signed(mine)))
    assert clrctl("wrap", tmp_path / "mine.json", "-r", recipe).code == 0


# --- to the endpoint and back -----------------------------------------------------------------


def verify(credential: dict[str, Any]) -> None:
    key = PublicKey.from_multikey(making_badges.STUDIO.removeprefix("did:key:"))
    (proof,) = proofs_of(credential)
    suite_of(proof).check(credential, proof, key, Contexts.built_in())


@pytest.fixture
def box(tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A sandbox that knows the token in the environment."""
    with sandbox.start(tmp_path_factory.mktemp("box") / "box.db", check=lambda _: []) as running:
        now = datetime.now(UTC)
        running.store.add_token("token", now=now, expires=now + timedelta(hours=1))
        monkeypatch.setenv("CLRCTL_TOKEN", "token")
        yield running


def test_a_wrapped_badge_comes_back_from_the_endpoint_and_still_verifies(
    clrctl: Run, tmp_path: Path, box: Any
) -> None:
    out, saved = tmp_path / "perrin.json", tmp_path / "saved"
    assert clrctl("wrap", BADGES / "throwing.json", "-r", RECIPE, "-o", out).code == 0
    assert clrctl("upsert", out, "--endpoint", box.url, "--save", saved).code == 0
    (returned,) = saved.iterdir()
    (held,) = json.loads(returned.read_bytes())["credentialSubject"]["verifiableCredential"]
    assert canonical.encode(held) == canonical.encode(badge())
    verify(held)


# What the input model of the platform's own Python SDK (timeback-clr 0.4.0) keeps of a nested
# credential, and of its subject; all other members it drops without a word.
KEPT_BY_SDK = {
    "": {"@context", "id", "type", "issuer", "validFrom", "validUntil", "credentialSubject",
         "proof"},
    "credentialSubject": {"id", "identifier"},
}  # fmt: skip


def test_the_official_sdk_would_have_hollowed_the_badge_out() -> None:
    sent = copy.deepcopy(badge())
    sent = {name: value for name, value in sent.items() if name in KEPT_BY_SDK[""]}
    subject = sent["credentialSubject"]
    sent["credentialSubject"] = {
        name: value for name, value in subject.items() if name in KEPT_BY_SDK["credentialSubject"]
    }
    assert canonical.encode(sent) != canonical.encode(badge())
    verify(badge())
    with pytest.raises((BrokenProof, DataLoss)):
        verify(sent)


# --- the command line -------------------------------------------------------------------------


def test_the_report_is_one_line_for_each_and_refusals_are_told_even_if_quiet(
    clrctl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long names would not stand in columns.
    monkeypatch.chdir(BADGES.parent)
    done = clrctl("wrap", "badges", "-r", RECIPE, "-o", tmp_path / "a")
    lines = done.err.splitlines()
    assert "badges/firing.svg      wrapped  Firing the Kiln, Ember Row Pottery" in lines
    assert "badges/throwing2.json  skipped  the same as badges/throwing.json" in lines
    assert lines[-1] == f"4 wrapped, 3 refused, 1 skipped; the record is new: {tmp_path / 'a'}"
    quiet = clrctl("wrap", BADGES, "-r", RECIPE, "-o", tmp_path / "b", "-q").err
    assert quiet.count("refused") == 3
    assert "wrapped" not in quiet


def test_without_anything_to_wrap_no_record_is_written(clrctl: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    done = clrctl("wrap", BADGES / "packing.jwt", "-r", RECIPE, "-o", out, "--json")
    assert (done.code, out.exists()) == (1, False)
    assert done.json["record"] is None
    assert "no credential can be wrapped" in done.json["problems"][0]["message"]
    assert clrctl("wrap", BADGES / "packing.jwt", "-r", RECIPE).out == ""


def test_a_dry_run_writes_nothing(clrctl: Run, tmp_path: Path) -> None:
    words = ("wrap", BADGES, "-r", RECIPE, "--jwt", "unwrap", "--dry-run")
    done = clrctl(*words, "-o", tmp_path / "out.json")
    assert "the record is new, and was not written" in done.err
    assert list(tmp_path.iterdir()) == []
    assert clrctl(*words).out == ""


def test_another_file_is_not_replaced(clrctl: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    out.write_text("older")
    words = ("wrap", BADGES / "throwing.json", "-r", RECIPE, "-o", out)
    refused = clrctl(*words)
    assert (refused.code, out.read_text()) == (1, "older")
    assert "--force" in refused.err
    assert clrctl(*words, "--force").code == 0


def test_a_bad_recipe_is_told_with_its_line(clrctl: Run, tmp_path: Path) -> None:
    recipe = tmp_path / "r.yaml"
    recipe.write_text(RECIPE.read_text().replace("timezone:", "timezon:"))
    done = clrctl("wrap", BADGES, "-r", recipe)
    assert (done.code, done.out) == (1, "")
    assert "r.yaml:4" in done.err
    assert "timezone" in done.err
    assert clrctl("wrap", BADGES, "-r", tmp_path / "none.yaml").code == 3
    assert clrctl("wrap", BADGES).code == 2
    swapped = clrctl("wrap", RECIPE, "-r", BADGES / "throwing.json")
    assert "this is a credential; a recipe gives" in swapped.err
    assert len(swapped.err.splitlines()) == 4
    assert clrctl("wrap", BADGES, "-r", RECIPE, "--json").code == 2


def test_a_badge_comes_through_a_pipe(clrctl: Run) -> None:
    raw = (BADGES / "throwing.json").read_bytes()
    assert clrctl("wrap", "-", "-r", RECIPE, stdin=raw).code == 0
    token = (BADGES / "packing.jwt").read_bytes()
    assert clrctl("wrap", "-", "-r", RECIPE, "--jwt", "unwrap", stdin=token).code == 0


def test_a_badge_that_arrives_later_calls_for_a_later_record(clrctl: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    words = ("-r", RECIPE, "-o", out)
    assert clrctl("wrap", BADGES / "throwing.json", *words).code == 0
    more = clrctl("wrap", BADGES / "throwing.json", BADGES / "glazing.png", *words)
    assert "raise as_of" in more.err


def test_a_record_that_would_change_a_badge_is_never_written(
    clrctl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clrctl.building.wrap.record.kept", lambda *_: False)
    done = clrctl("wrap", BADGES / "throwing.json", "-r", RECIPE, "-o", tmp_path / "x")
    assert (done.code, list(tmp_path.iterdir())) == (70, [])


def test_the_recipe_may_lie_among_the_badges(clrctl: Run, tmp_path: Path) -> None:
    (tmp_path / "throwing.json").write_bytes((BADGES / "throwing.json").read_bytes())
    recipe = tmp_path / "portfolio.yaml"
    recipe.write_bytes(RECIPE.read_bytes())
    assert clrctl("wrap", tmp_path, "-r", recipe).code == 0


def test_a_file_that_cannot_be_read_is_refused_and_the_others_go_in(
    clrctl: Run, tmp_path: Path
) -> None:
    plain = ROOT / "samples" / "crest.png"
    done = clrctl("wrap", "nowhere.json", plain, BADGES / "throwing.json", "-r", RECIPE)
    assert done.code == 3
    assert clrctl("wrap", "nowhere.json", BADGES / "older.json", "-r", RECIPE).code == 1
    assert "nowhere.json" in done.err
    assert "there is no credential in the picture" in done.err
    assert "1 wrapped, 2 refused; the record is on standard output" in done.err


def test_credentials_of_the_recipes_own_stand_first(clrctl: Run, tmp_path: Path) -> None:
    recipe = tmp_path / "r.yaml"
    recipe.write_text(
        RECIPE.read_text()
        + "achievements:\n  talk: {name: A Talk, type: Award, criteria: Given.}\n"
        + "awards:\n  - {of: talk, on: 2026-02-01}\n"
    )
    record = json.loads(clrctl("wrap", BADGES / "throwing.json", "-r", recipe).out)
    held = record["credentialSubject"]["verifiableCredential"]
    assert [each["name"] for each in held] == ["A Talk", "Throwing on the Wheel"]
    listed = [each["name"] for each in record["credentialSubject"]["achievement"]]
    assert listed == ["A Talk", "Throwing on the Wheel"]
    bare = clrctl("wrap", BADGES / "throwing.json", "-r", recipe, "--mirror", "none")
    assert "achievement" not in json.loads(bare.out)["credentialSubject"]


def test_the_worked_example_comes_out_as_it_should(
    clrctl: Run, tmp_path: Path, reference: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLRCTL_ID_SECRET", "example-secret-keep-the-real-one-out-of-git")
    folder = reference / "build-examples" / "c-wrap"
    out = tmp_path / "out.json"
    done = clrctl("wrap", folder / "in", "-r", folder / "wrap.yaml", "-o", out, "--json")
    outcomes = {Path(each["source"]).name: each["outcome"] for each in done.json["credentials"]}
    assert [name for name, outcome in outcomes.items() if outcome == "wrapped"] == ["teamwork.json"]
    assert len(outcomes) == 6
    wanted = json.loads((folder / "wrapped.clr.json").read_bytes())
    built = json.loads(out.read_bytes())
    # What built records have besides: the context that defines the type of credentialSchema.
    assert [each for each in built["@context"] if each not in wanted["@context"]] == [
        "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
    ]
    built["@context"] = wanted["@context"]
    assert built == wanted


# --- texts ------------------------------------------------------------------------------------


def test_parts_of_a_text_are_cut_out_as_they_are() -> None:
    text = ' {"a": [1.50, {"b\\u0062": "]}"} ,"x"], "c" : -0}'
    assert texts.cut(text) == text.strip()
    assert texts.cut(text, "a", 0) == "1.50"
    assert texts.cut(text, "a", 1, "bb") == '"]}"'
    assert texts.cut(text, "c") == "-0"
    assert texts.cut(text, "a", 9) is None
    assert texts.cut(text, "c", "d") is None
    assert texts.items(text, "a") == ["1.50", '{"b\\u0062": "]}"}', '"x"']
    assert texts.items(text, "c") == ["-0"]
    assert texts.items(text, "z") == []
    assert texts.without(text, frozenset({"a"})) == '{"c" : -0}'


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ('{\n"a":1.50,"b":["x"]}', True),
        ('{"a":1.5,"b":["x"]}', False),
        ('{"b":["x"],"a":1.50}', False),
        ('{"a":1.50,"b":["\\u0078"]}', True),
        ('{"a":1.50,"b":"x"}', False),
        ('{"a":1.50,"b":["x"],"c":null}', False),
    ],
)
def test_texts_are_the_same_when_only_blanks_differ(other: str, same: bool) -> None:
    assert texts.same('{"a": 1.50, "b": ["x"]}', other) is same


def test_a_record_that_lost_something_of_a_credential_is_noticed() -> None:
    raw = (BADGES / "throwing.json").read_bytes()

    def record(*held: bytes) -> bytes:
        inside = b",".join(held)
        return b'{"credentialSubject": {"verifiableCredential": [' + inside + b"]}}"

    assert texts.kept(record(b"{}", raw), [raw])
    assert not texts.kept(record(raw, b"{}"), [raw])
    assert not texts.kept(record(), [raw])
    assert not texts.kept(record(raw.replace(b"1.50", b"1.5")), [raw])
    assert texts.kept(record(b"{}"), [])
