"""Signing documents: order, issuers, and that nothing else of the text changes."""

from __future__ import annotations

import copy
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import clrctl as clrctl_library
from clrctl.document.parsing import Document, parse
from clrctl.errors import ClrctlError, ExitCode
from clrctl.proof import jwt
from clrctl.proof.forms import nquads
from clrctl.proof.jsonld.contexts import Contexts
from clrctl.proof.keys import dids, encryption, multibase
from clrctl.proof.keys.public import PublicKey
from clrctl.proof.keys.secret import SecretKey
from clrctl.proof.suites.base import proofs_of
from clrctl.proof.suites.table import suite_of
from clrctl.signing import insertion
from clrctl.signing.binding import IssuerKey
from clrctl.signing.documents import NotSigned, SignOptions, sign
from tests.conftest import SAMPLES
from tests.proof.test_keys import rsa_pem
from tests.signing import BADGE, changes, key_of

MINIMAL = json.loads((SAMPLES / "minimal.clr.json").read_text())
AUTHOR = MINIMAL["issuer"]["id"]
WHEN = "2026-06-13T08:00:00Z"
CONTEXTS = Contexts.built_in()


def document(data: Any, *, indent: int | None = 2, name: str = "a.json") -> Document:
    return parse(json.dumps(data, indent=indent).encode(), source=name, syntax="json")


def options(*keys: IssuerKey, **others: Any) -> SignOptions:
    return SignOptions(keys or (IssuerKey(key_of()),), WHEN, **others)


def children(data: Any) -> list[Any]:
    found: list[Any] = data["credentialSubject"]["verifiableCredential"]
    return found


def holds(credential: Any, key: PublicKey) -> bool:
    proofs = list(proofs_of(credential))
    for proof in proofs:
        suite_of(proof).check(credential, proof, key, CONTEXTS)
    return bool(proofs)


def with_issuer(data: Any, issuer: Any) -> Any:
    return {**data, "issuer": issuer}


@pytest.mark.parametrize("name", ["minimal", "transcript", "mastery", "workforce"])
def test_every_credential_of_a_sample_is_signed_and_holds(name: str) -> None:
    raw = (SAMPLES / f"{name}.clr.json").read_bytes()
    keys = [IssuerKey(key_of())]
    signed = sign(parse(raw), SignOptions(keys, WHEN, allow_unsigned=True))
    data = json.loads(signed.text)
    assert holds(data, key_of().public)
    for child in children(data):
        if child["issuer"]["id"] == data["issuer"]["id"]:
            assert holds(child, key_of().public)
    assert signed.proofs[-1].pointer == ""
    assert sign(parse(raw), SignOptions(keys, WHEN, allow_unsigned=True)) == signed


def test_nothing_but_the_proofs_is_added_to_the_text() -> None:
    raw = (SAMPLES / "transcript.clr.json").read_bytes()
    signed = sign(parse(raw), options()).text.decode()
    lines, rest = raw.decode().splitlines(), iter(signed.splitlines())
    for line in lines:  # in this order, with a comma perhaps
        assert any(other in (line, f"{line},") for other in rest), line
    data = json.loads(signed)
    for one in (data, *children(data)):
        del one["proof"]
    assert data == json.loads(raw)


@pytest.mark.parametrize("indent", [None, 0, 1, 4, "\t"])
def test_proofs_are_laid_out_like_the_text(indent: Any) -> None:
    text = sign(parse(json.dumps(MINIMAL, indent=indent).encode()), options()).text.decode()
    assert text == json.dumps(json.loads(text), indent=indent)
    compact = json.dumps(MINIMAL, separators=(",", ":"))
    text = sign(parse(compact.encode()), options()).text.decode()
    assert text == json.dumps(json.loads(text), separators=(",", ":"))


def test_line_ends_of_windows_stay() -> None:
    raw = json.dumps(MINIMAL, indent=2).replace("\n", "\r\n").encode()
    text = sign(parse(raw), options()).text
    assert text.count(b"\n") == text.count(b"\r\n") > raw.count(b"\n")


def test_numbers_and_escapes_stay_as_they_are_written() -> None:
    raw = json.dumps(MINIMAL).replace('"Brookside', '"\\u0042rookside').encode()
    text = sign(parse(raw), options()).text
    assert text.count(b'"\\u0042rookside') == raw.count(b'"\\u0042rookside') > 0


def test_the_record_covers_the_proofs_of_its_children() -> None:
    data = json.loads(sign(document(MINIMAL), options()).text)
    other = copy.deepcopy(data)
    children(other)[0]["proof"][0]["created"] = "2020-01-01T00:00:00Z"
    with pytest.raises(ValueError, match="not over this content"):
        holds(other, key_of().public)


# What the child says of the issuer too. Who reads the record's RDF finds it there all the same.
STATED_TWICE = {"issuer/type left out", "issuer/type/0 left out", "issuer/name left out"}


def test_every_member_of_a_signed_record_that_is_changed_is_noticed() -> None:
    data = json.loads(sign(document(MINIMAL), options()).text)
    unnoticed = set()
    for what, changed in changes(data):
        try:
            is_signed = all(holds(one, key_of().public) for one in (changed, *children(changed)))
        except (ValueError, LookupError, TypeError):
            continue
        if is_signed:
            unnoticed.add(what)
    assert unnoticed == STATED_TWICE


@pytest.mark.parametrize("name", ["mastery", "workforce"])
def test_what_can_be_changed_unnoticed_in_a_sample_changes_nothing_that_it_says(name: str) -> None:
    raw = (SAMPLES / f"{name}.clr.json").read_bytes()
    data = json.loads(sign(parse(raw), options(allow_unsigned=True)).text)

    def says(credential: Any) -> list[str]:
        unsigned = {name: item for name, item in credential.items() if name != "proof"}
        return nquads(unsigned, CONTEXTS)

    noticed = 0
    for credential in (one for one in (data, *children(data)) if one.get("proof")):
        for what, changed in changes(credential):
            try:
                is_signed = holds(changed, key_of().public)
            except (ValueError, LookupError, TypeError):
                noticed += 1
                continue
            assert not is_signed or says(changed) == says(credential), what
    assert noticed > 500


def test_an_unsigned_child_would_not_be_bound_but_a_signed_one_is() -> None:
    """Why children are signed: the proof around them does not tell which statement is whose."""
    data = json.loads(sign(document(MINIMAL), options()).text)
    child = children(data)[0]
    child["credentialSubject"]["achievement"]["name"] = "Something else"
    with pytest.raises(ValueError):
        holds(child, key_of().public)


def test_children_only_leaves_the_record_to_its_publisher() -> None:
    signed = sign(document(MINIMAL), options(children_only=True))
    data = json.loads(signed.text)
    assert "proof" not in data
    assert holds(children(data)[0], key_of().public)
    assert signed.unsigned == (("", "only what is inside was to be signed"),)


def test_what_is_signed_is_never_signed_again() -> None:
    once = sign(document(MINIMAL), options())
    twice = sign(parse(once.text), options(IssuerKey(key_of("Ed25519", 8))))
    assert twice.text == once.text
    assert len(twice.kept) == 2
    assert twice.proofs == ()


def test_nothing_is_signed_inside_of_what_is_signed() -> None:
    data = json.loads(sign(document(MINIMAL), options()).text)
    del children(data)[0]["proof"]
    signed = sign(document(data), options())
    assert json.loads(signed.text) == data
    assert "would break" in signed.unsigned[0][1]


# Whose key


def test_a_did_key_issuer_signs_with_that_key_alone() -> None:
    key = key_of()
    badge = with_issuer(BADGE, key.public.did)
    (proof,) = proofs_of(json.loads(sign(document(badge), options()).text))
    assert proof["verificationMethod"] == f"{key.public.did}#{key.public.multikey}"
    assert dids.key_of(proof["verificationMethod"]) == key.public
    with pytest.raises(NotSigned, match="another key") as told:
        sign(document(badge), options(IssuerKey(key_of("Ed25519", 8))))
    assert told.value.exit_code is ExitCode.INVALID
    with pytest.raises(NotSigned):
        sign(document(with_issuer(BADGE, "did:key:zNone")), options())


def test_a_key_with_an_address_signs_for_that_issuer_alone() -> None:
    named = IssuerKey(key_of(), "did:web:brookside.example.edu#key-1")
    (proof,) = proofs_of(json.loads(sign(document(BADGE), options(named)).text))
    assert proof["verificationMethod"] == named.method
    with pytest.raises(NotSigned, match="the key belongs to did:web:brookside"):
        sign(document(MINIMAL), options(named))


def test_an_address_on_the_issuers_host_signs_and_says_what_verifiers_ask_for() -> None:
    named = IssuerKey(key_of(), "https://brookside.example.edu/keys/1#k")
    signed = sign(document(MINIMAL), options(named))
    (proof,) = proofs_of(json.loads(signed.text))
    assert proof["verificationMethod"] == named.method
    (note,) = signed.notes
    assert "lists it under assertionMethod" in note
    assert sign(document(MINIMAL), options(IssuerKey(key_of()))).notes == ()
    for other in (
        "http://brookside.example.edu/k#k",
        "https://brookside.example.edu.evil.example/#k",
    ):
        with pytest.raises(NotSigned):
            sign(document(MINIMAL), options(IssuerKey(key_of(), other)))


def two_issuers() -> Any:
    data = copy.deepcopy(MINIMAL)
    children(data)[0]["issuer"] = {"type": ["Profile"], "id": "did:web:other.example"}
    return data


def test_a_child_of_another_issuer_is_not_signed_in_its_name() -> None:
    with pytest.raises(NotSigned, match=r"issued by did:web:other\.example") as told:
        sign(document(two_issuers()), options())
    assert "/credentialSubject/verifiableCredential/0/issuer" in told.value.where
    assert "a.json:" in told.value.where
    assert "--key" in told.value.fix
    signed = sign(document(two_issuers()), options(allow_unsigned=True))
    data = json.loads(signed.text)
    assert "proof" not in children(data)[0]
    assert holds(data, key_of().public)
    assert signed.unsigned[0][0] == "/credentialSubject/verifiableCredential/0"


def test_each_child_is_signed_with_its_own_issuers_key() -> None:
    other = IssuerKey(key_of("P-256"), "did:web:other.example#k")
    data = json.loads(sign(document(two_issuers()), options(IssuerKey(key_of()), other)).text)
    assert holds(data, key_of().public)
    assert holds(children(data)[0], key_of("P-256").public)
    assert children(data)[0]["proof"][0]["cryptosuite"] == "ecdsa-rdfc-2019"


ENDORSEMENT = {
    "@context": BADGE["@context"],
    "type": ["VerifiableCredential", "EndorsementCredential"],
    "id": "urn:uuid:6d0b1a52-07c4-4b8e-8f0e-5c6c2a9b1d09",
    "name": "Well poured",
    "issuer": {"type": ["Profile"], "id": "did:web:other.example"},
    "validFrom": "2026-06-12T17:00:00Z",
    "credentialSubject": {"type": ["EndorsementSubject"], "id": "did:web:x.example"},
}


def test_endorsements_of_others_are_left_to_them() -> None:
    signed = sign(document({**BADGE, "endorsement": [ENDORSEMENT]}), options())
    assert [place for place, _ in signed.unsigned] == ["/endorsement/0"]
    assert len(signed.proofs) == 1


def test_a_member_that_only_the_newer_context_defines_is_told(
    clrctl: Any, key_file: Path, tmp_path: Path
) -> None:
    token = jwt.sign(ENDORSEMENT, key_of(), header={"typ": "JWT", "kid": "did:web:b.example#k"})
    data = changed(lambda _, child: child.update(endorsementJwt=[token]))
    assert "newer edition" in sign(document(data), options()).notes[0]
    assert sign(document(MINIMAL), options()).notes == ()
    file = tmp_path / "a.json"
    file.write_text(json.dumps(data))
    done = clrctl("sign", file, "--key", key_file)
    assert done.code == 0
    assert "newer edition" in done.err


# What cannot be signed


def refused(data: Any, **others: Any) -> NotSigned:
    with pytest.raises(NotSigned) as told:
        sign(document(data), options(**others))
    return told.value


def changed(edit: Any) -> Any:
    data = copy.deepcopy(MINIMAL)
    edit(data, children(data)[0])
    return data


def test_what_would_drop_out_of_the_signed_data_is_refused_with_its_place() -> None:
    told = refused(changed(lambda _, child: child.update(grade="A")))
    assert told.where.endswith("/credentialSubject/verifiableCredential/0/grade")
    assert told.where.startswith("a.json:")
    assert told.why == "nothing was signed"


def test_a_context_that_is_not_known_is_refused_and_can_be_added() -> None:
    url = "https://school.example/context"
    data = changed(lambda _, child: child["@context"].append(url))
    assert "--context" in refused(data).fix
    known = CONTEXTS.plus({url: {"@context": {}}})
    assert len(sign(document(data), options(contexts=known)).proofs) == 2


def test_the_same_part_twice_is_refused() -> None:
    badge = json.loads(sign(document(BADGE), options()).text)
    other = {**badge, "id": "urn:x", "type": ["VerifiableCredential", "EndorsementCredential"]}
    assert "twice" in refused({**BADGE, "endorsement": [badge, other, badge]}).what


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda data, child: child.pop("@context"), "no @context of its own"),
        (lambda data, child: child.update(proof=[]), "proof is empty"),
        (lambda data, child: child.pop("issuer"), "names no issuer"),
        (lambda data, child: child.update(name={"@value": "x", "@direction": "rtl"}), "direction"),
        (
            lambda data, child: child["credentialSubject"].update(creditsEarned=0.1 + 0.2),
            "digits",
        ),
    ],
)
def test_what_others_would_read_differently_is_refused(edit: Any, why: str) -> None:
    assert why in refused(changed(edit)).what


def test_a_key_of_another_kind_than_the_suite_is_refused() -> None:
    assert "P-256" in refused(MINIMAL, suite="ecdsa-rdfc-2019").fix


def test_an_rsa_key_signs_no_credentials() -> None:
    key = IssuerKey(SecretKey.from_pem(rsa_pem()))
    with pytest.raises(NotSigned, match="RSA"):
        sign(document(MINIMAL), options(key))


class Faulty:
    """A device that makes wrong signatures."""

    public = key_of().public

    def sign(self, data: bytes) -> bytes:
        return b"\0" * 64


def test_a_wrong_signature_is_never_written() -> None:
    with pytest.raises(ClrctlError, match="does not hold"):
        sign(document(MINIMAL), options(IssuerKey(Faulty())))


@pytest.mark.parametrize("suite", ["eddsa-jcs-2022", "eddsa-rdfc-2022"])
def test_every_suite_can_be_chosen(suite: str) -> None:
    data = json.loads(sign(document(MINIMAL), options(suite=suite)).text)
    assert holds(data, key_of().public)
    assert data["proof"][0]["cryptosuite"] == suite


def test_members_go_where_they_are_meant_to() -> None:
    text = '{"a": [ {"x" : {"b":1}} , {"c":"}"} ], "d": {"e":2 }\n}'
    made = insertion.insert(
        text,
        [((), "top", 1), (("a", 0, "x"), "p", [True]), (("a", 1), "q", "é"), (("d",), "r", {})],
    )
    assert made == (
        '{"a": [ {"x" : {"b":1,"p":[true]}} , {"c":"}","q":"é"} ], '
        '"d": {"e":2,"r":{} }, "top": 1\n}'
    )


# The command


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "issuer.pem"
    path.write_text(key_of().pem)
    path.chmod(0o600)
    return path


def test_the_command_signs_a_file(clrctl: Any, tmp_path: Path, key_file: Path) -> None:
    out = tmp_path / "signed.json"
    args = ("--key", key_file, "--created", WHEN)
    done = clrctl("sign", SAMPLES / "minimal.clr.json", *args, "-o", out, "-v")
    assert done.code == 0, done.err
    expected = sign(parse((SAMPLES / "minimal.clr.json").read_bytes()), options()).text
    assert out.read_bytes() == expected
    assert "2 credentials signed" in done.err
    assert f"verifiers look for the key at {AUTHOR}" in done.err
    assert "eddsa-rdfc-2022" in done.err
    again = clrctl("sign", "-", *args, stdin=(SAMPLES / "minimal.clr.json").read_bytes())
    assert again.out.encode() == expected
    assert clrctl("validate", out, "--strict").code == 0
    other = clrctl("sign", SAMPLES / "minimal.clr.json", "--key", key_file, "-o", out)
    assert (other.code, out.read_bytes()) == (3, expected)
    assert "--force" in other.err
    assert clrctl("sign", SAMPLES / "minimal.clr.json", *args[:2], "-o", out, "--force").code == 0


def test_the_command_signs_yaml_as_json_and_ndjson_line_by_line(
    clrctl: Any, tmp_path: Path, key_file: Path
) -> None:
    lines = tmp_path / "records.ndjson"
    line = json.dumps(MINIMAL)
    lines.write_text(f"{line}\n\n{line}\n")
    out = tmp_path / "out"
    args = ("--key", key_file, "--created", WHEN, "--allow-unsigned", "-o", out, "--json")
    done = clrctl("sign", lines, SAMPLES / "workforce.clr.yaml", *args)
    assert done.code == 0, done.err
    first, second = (out / "records.ndjson").read_text().splitlines()
    assert first == second == sign(parse(line.encode()), options()).text.decode()
    assert holds(json.loads((out / "workforce.clr.json").read_text()), key_of().public)
    answer = done.json
    assert (answer["format"], answer["ok"]) == ("clrctl.sign/1", True)
    assert [(one["line"], len(one["proofs"])) for one in answer["files"]][:2] == [(1, 2), (3, 2)]
    (unsigned, *_) = answer["files"][2]["unsigned"] or [None]
    assert unsigned is None or unsigned["why"]


def test_a_file_with_errors_is_not_signed_and_the_others_are(
    clrctl: Any, tmp_path: Path, key_file: Path
) -> None:
    broken = SAMPLES / "broken" / "date.order--validity.json"
    other = tmp_path / "other.json"
    other.write_text(json.dumps(two_issuers()))
    out = tmp_path / "out"
    done = clrctl(
        *("sign", broken, other, tmp_path / "none.json", SAMPLES / "minimal.clr.json"),
        *("--key", key_file, "-o", out, "--json"),
    )
    assert done.code == 1
    assert [path.name for path in out.iterdir()] == ["minimal.clr.json"]
    assert "date/order" in done.err
    assert "let that issuer sign it first" in done.err
    assert done.json["ok"] is False
    assert len(done.json["errors"]) == 2


def test_selective_disclosure_is_for_the_record_alone(clrctl: Any, tmp_path: Path) -> None:
    key = tmp_path / "k.pem"
    key.write_text(key_of("P-256").pem)
    key.chmod(0o600)
    badge = tmp_path / "badge.json"
    badge.write_text(json.dumps(BADGE))
    args = ("--suite", "ecdsa-sd-2023", "--mandatory", "/issuer", "--mandatory", "/validFrom")
    done = clrctl("sign", badge, "--key", key, *args)
    assert done.code == 0, done.err
    assert holds(json.loads(done.out), key_of("P-256").public)
    record = clrctl("sign", SAMPLES / "minimal.clr.json", "--key", key, *args[:2])
    data = json.loads(record.out)
    suites = [one["proof"][0]["cryptosuite"] for one in (data, *children(data))]
    assert suites == ["ecdsa-sd-2023", "ecdsa-rdfc-2019"]
    pointer = "/credentialSubject/verifiableCredential/0"
    shown = json.loads(clrctl("derive", "-", "--show", pointer, stdin=record.out.encode()).out)
    assert holds(shown, key_of("P-256").public)
    assert holds(children(shown)[0], key_of("P-256").public)
    both = clrctl("sign", badge, "--key", key, *args[:2], "--children-only")
    assert both.code == 2


def test_a_context_is_added_from_a_file(clrctl: Any, tmp_path: Path, key_file: Path) -> None:
    url = "https://school.example/context?a=b"
    badge = {**BADGE, "@context": [*BADGE["@context"], url]}
    file, context = tmp_path / "badge.json", tmp_path / "context.json"
    file.write_text(json.dumps(badge))
    context.write_text('{"@context": {}}')
    refused = clrctl("sign", file, "--key", key_file)
    assert refused.code == 1
    assert f"--context {url}=FILE" in refused.err
    assert clrctl("sign", file, "--key", key_file, "--context", f"{url}={context}").code == 0
    context.write_text("{")
    assert "parse/" in clrctl("sign", file, "--key", key_file, "--context", f"{url}={context}").err
    context.write_text("{}")
    assert clrctl("sign", file, "--key", key_file, "--context", f"{url}={context}").code == 3
    assert (
        clrctl("sign", file, "--key", key_file, "--context", f"{url}={tmp_path / 'no'}").code == 3
    )
    assert clrctl("sign", file, "--key", key_file, "--context", "context.json").code == 2


def test_a_program_signs(clrctl: Any, tmp_path: Path) -> None:
    import sys

    from tests.proof.test_keys import SIGNER

    program, public = tmp_path / "signer.py", tmp_path / "k.pub.pem"
    program.write_text(SIGNER)
    public.write_text(key_of("P-256").public.pem)
    command = f"{sys.executable} {program} der-base64 P-256 {'07' * 32}"
    args = ("--key", public, "--created", WHEN)
    done = clrctl("sign", SAMPLES / "minimal.clr.json", *args, "--signer-cmd", command)
    assert done.code == 0, done.err
    expected = sign(document(MINIMAL), options(IssuerKey(key_of("P-256")))).text
    assert json.loads(done.out) == json.loads(expected)
    assert clrctl("sign", SAMPLES / "minimal.clr.json", *args).code == 3


@pytest.mark.parametrize(
    ("args", "fix"),
    [
        ((), "clrctl key new"),
        (("--key", "KEY", "--json"), "-o"),
        (("--key", "KEY", "--created", "today"), "2025-06-30T12:00:00Z"),
        (("--key", "KEY", "--mandatory", "/issuer"), "ecdsa-sd-2023"),
        (("--key", "KEY", "--verification-method", "did:web:a.example"), "#key-1"),
        (("--key", "KEY", "--key", "KEY", "--verification-method", "did:web:a#b"), "one --key"),
        (("--key", "-", "--passphrase-file", "-"), "give - once"),
        (("--key", "KEY", str(SAMPLES / "mastery.clr.json")), "-o signed/"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_signed(
    clrctl: Any, key_file: Path, args: tuple[str, ...], fix: str
) -> None:
    words = [str(key_file) if arg == "KEY" else arg for arg in args]
    done = clrctl("sign", SAMPLES / "minimal.clr.json", *words)
    assert done.code == 2
    assert "proof" not in done.out
    assert fix in done.err


def test_two_files_of_one_name_do_not_replace_each_other(
    clrctl: Any, tmp_path: Path, key_file: Path
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.json").write_text(json.dumps(MINIMAL))
    out = tmp_path / "out"
    done = clrctl("sign", tmp_path / "a", tmp_path / "b", "--key", key_file, "-o", out)
    assert done.code == 2
    assert "same name" in done.err
    assert len(list(out.iterdir())) == 1


# The library


NOW = datetime(2026, 6, 13, 10, 0, tzinfo=timezone(timedelta(hours=2)))


def test_the_library_signs_as_the_command_does(key_file: Path, tmp_path: Path) -> None:
    sample = SAMPLES / "minimal.clr.json"
    expected = sign(parse(sample.read_bytes()), options()).text
    assert clrctl_library.sign(sample, [key_file], created=NOW) == expected
    assert clrctl_library.sign(sample.read_bytes(), [str(key_file)], created=NOW) == expected
    only = clrctl_library.sign(MINIMAL, [key_file], created=NOW, children_only=True)
    assert "proof" not in json.loads(only)
    other = clrctl_library.sign(sample, [key_file], created=NOW, suite="eddsa-jcs-2022")
    assert json.loads(other)["proof"][0]["cryptosuite"] == "eddsa-jcs-2022"
    locked = tmp_path / "locked.jwk"
    locked.write_bytes(encryption.encrypt(key_of().jwk, b"word", rounds=1000))
    locked.chmod(0o600)
    assert clrctl_library.sign(sample, [locked], created=NOW, passphrase="word") == expected


def test_the_library_tells_what_cannot_be_signed(key_file: Path, tmp_path: Path) -> None:
    broken = SAMPLES / "broken" / "date.order--validity.json"
    with pytest.raises(clrctl_library.NotSigned, match="before validFrom") as told:
        clrctl_library.sign(broken, [key_file], created=NOW)
    assert told.value.pointer == "/validUntil"
    with pytest.raises(clrctl_library.NotSigned, match="whose key was not given"):
        clrctl_library.sign(MINIMAL, [], created=NOW)
    with pytest.raises(clrctl_library.UsageError, match="no cryptosuite"):
        clrctl_library.sign(MINIMAL, [key_file], created=NOW, suite="eddsa-2022")
    with pytest.raises(TypeError, match="time zone"):
        clrctl_library.sign(MINIMAL, [key_file], created=NOW.replace(tzinfo=None))
    public = tmp_path / "k.pub"
    public.write_text(key_of().public.pem)
    with pytest.raises(clrctl_library.InputError, match="public key"):
        clrctl_library.sign(MINIMAL, [public], created=NOW)


@pytest.mark.parametrize(
    ("suite", "kind"),
    [
        ("eddsa-rdfc-2022", "Ed25519"),
        ("eddsa-jcs-2022", "Ed25519"),
        ("ecdsa-rdfc-2019", "P-256"),
        ("ecdsa-rdfc-2019", "P-384"),
        ("ecdsa-jcs-2019", "P-384"),
    ],
)
def test_what_is_signed_verifies(suite: str, kind: Any) -> None:
    key = key_of(kind)
    issuer = {"type": ["Profile"], "id": key.public.did}
    data = with_issuer(copy.deepcopy(MINIMAL), issuer)
    children(data)[0]["issuer"] = issuer
    text = sign(document(data), options(IssuerKey(key), suite=suite)).text
    assert clrctl_library.verify(text, now=NOW).ok
    changed = text.replace(b"Household", b"Commercial", 1)
    assert not clrctl_library.verify(changed, now=NOW).ok


def test_an_issuer_whose_address_is_none_has_no_key_below_it() -> None:
    from clrctl.signing import binding

    assert not binding._lies_below("https://school.example/keys#1", "https://[half")


def test_lines_are_signed_one_by_one_and_all_or_none_are_written(
    clrctl: Any, tmp_path: Path, key_file: Path
) -> None:
    good, other = json.dumps(MINIMAL), json.dumps(two_issuers())
    file, out = tmp_path / "r.ndjson", tmp_path / "out.ndjson"
    file.write_text(f"{good}\n{other}\n{good}\n")
    args = ("--key", key_file, "--created", WHEN, "-o", out)
    refused = clrctl("sign", file, *args)
    assert refused.code == 1
    assert not out.exists()
    assert f"{file}:2:" in refused.err
    done = clrctl("sign", file, *args, "--allow-unsigned")
    assert done.code == 0
    assert "1 credential left unsigned (line 2 /credentialSubject" in done.err
    assert len(out.read_text().splitlines()) == 3
    assert clrctl("sign", file, *args, "--allow-unsigned").code == 0
    piped = clrctl("sign", file, *args[:-1], "-", "--allow-unsigned")
    assert piped.out == out.read_text()
    assert [path.name for path in tmp_path.glob(".clrctl*")] == []


# Tokens


def as_token(data: Any, key: Any = None, **others: Any) -> Any:
    made = sign(document(data), options(key or IssuerKey(key_of()), token=True, **others))
    return made, jwt.read(made.text.decode())


@pytest.mark.parametrize("kind", ["Ed25519", "P-256", "P-384"])
def test_a_token_holds_the_record_its_claims_and_signed_children(kind: Any) -> None:
    key = key_of(kind)
    until = {**MINIMAL, "validUntil": "2030-06-12T17:00:00.5+01:00"}
    made, token = as_token(until, IssuerKey(key))
    jwt.check(token, key.public)
    payload = token.payload
    assert token.header["kid"] == f"{AUTHOR}#{key.public.multikey}"
    assert (payload["iss"], payload["jti"]) == (AUTHOR, MINIMAL["id"])
    assert payload["sub"] == MINIMAL["credentialSubject"]["id"]
    assert (payload["nbf"], payload["exp"]) == (1781283600, 1907510400)
    assert "proof" not in payload
    assert holds(children(payload)[0], key.public)
    assert made.proofs[-1].suite == f"JWT {token.header['alg']}"
    assert made.unsigned == ()


def test_a_token_is_of_the_very_text_and_verifies() -> None:
    key = key_of()
    data = with_issuer(BADGE, key.public.did)
    made, token = as_token(data)
    text = token.signing_input.partition(b".")[2].decode()
    payload = multibase.from_base64url(text).decode()
    assert payload.startswith(json.dumps(data, indent=2)[:-2])
    assert clrctl_library.verify(made.text, now=NOW).ok


def test_an_rsa_key_signs_tokens_alone() -> None:
    key = SecretKey.from_pem(rsa_pem())
    _, token = as_token(BADGE, IssuerKey(key, f"{BADGE['issuer']['id']}#rsa"))
    assert token.header["alg"] == "RS256"
    jwt.check(token, key.public)
    with pytest.raises(NotSigned, match="RSA"):
        as_token(MINIMAL, IssuerKey(key))


def test_what_is_no_new_token_is_refused(clrctl: Any, tmp_path: Path, key_file: Path) -> None:
    signed = json.loads(sign(document(MINIMAL), options()).text)
    with pytest.raises(NotSigned, match="a proof already"):
        as_token(signed)
    with pytest.raises(NotSigned, match="the key belongs to"):
        as_token(BADGE, IssuerKey(key_of(), "did:web:b.example#k"))
    with_both = ("--key", key_file, "--jwt", "--children-only")
    assert clrctl("sign", SAMPLES / "minimal.clr.json", *with_both).code == 2
    out = tmp_path / "out"
    done = clrctl("sign", SAMPLES / "minimal.clr.json", *with_both[:3], "-o", f"{out}/")
    assert done.code == 0, done.err
    (path,) = out.iterdir()
    assert path.name == "minimal.clr.jwt"
    assert jwt.looks_like(path.read_text().removesuffix("\n"))
