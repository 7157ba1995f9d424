"""Trust files: what can stand in them, and how mistakes in them are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from clrctl.errors import InputError, UsageError
from clrctl.proof.keys.public import PublicKey
from clrctl.standard import schemas
from clrctl.verifying import trust_file
from clrctl.verifying.trust import Trust
from tests.issued import CLUB, ISSUER, SCHOOL, STRANGER

URL = "https://brookside.example.edu/status/1"


def written(folder: Path, text: str, name: str = "trust.yaml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def keys(trust: Trust, issuer: str = ISSUER) -> list[tuple[PublicKey, str]]:
    return [(each.key, each.id) for each in trust.keys[issuer]]


def test_a_key_can_be_given_in_every_form(tmp_path: Path) -> None:
    school, club, stranger = SCHOOL.public, CLUB.public, STRANGER.public
    (tmp_path / "keys").mkdir()
    files: dict[str, str] = {
        "club.pem": club.pem,
        "club.jwk": json.dumps(club.jwk),
        "club.jwks": json.dumps({"keys": [club.jwk | {"kid": "1"}, stranger.jwk | {"kid": "2"}]}),
        "club.txt": f"{club.multikey}\n",
        "did.json": json.dumps(
            {
                "id": ISSUER,
                "verificationMethod": [
                    {"id": "#a", "type": "Multikey", "publicKeyMultibase": club.multikey},
                    {"id": "#b", "type": "Multikey", "publicKeyMultibase": stranger.multikey},
                ],
                "assertionMethod": ["#a"],
            }
        ),
    }
    for name, text in files.items():
        (tmp_path / "keys" / name).write_text(text)
    trust = trust_file.read(
        [
            written(
                tmp_path,
                f"""
issuers:
  {ISSUER}:
    - multikey: {school.multikey}
    - id: key-1
      jwk: {json.dumps(school.jwk)}
    - file: keys/club.pem
    - file: keys/club.jwk
    - file: keys/club.jwks
    - file: keys/club.txt
    - file: keys/did.json
""",
            )
        ]
    )
    assert keys(trust) == [
        (school, ""),
        (school, "key-1"),
        (club, ""),
        (club, ""),
        (club, "1"),
        (stranger, "2"),
        (club, ""),
        (club, f"{ISSUER}#a"),
    ]


def test_documents_and_contexts_stand_for_what_is_published(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("{}")
    (tmp_path / "terms.json").write_text('{"@context": {}}')
    (tmp_path / "more.json").write_text('{"@context": {"a": "https://x.example/a"}}')
    context = "https://brookside.example.edu/terms/v1"
    file = written(
        tmp_path,
        f'{{"documents": {{"{URL}": "list.json"}}, "contexts": {{"{context}": "terms.json"}}}}',
        "trust.json",
    )
    trust = trust_file.read([file])
    assert trust.document(f"{URL}#7") == b"{}"
    assert trust.contexts == {context: {"@context": {}}}
    by_flag = trust_file.read([file], [(context, tmp_path / "more.json")])
    assert by_flag.contexts[context]["@context"] == {"a": "https://x.example/a"}


def test_of_two_files_the_keys_add_up(tmp_path: Path) -> None:
    one, two = (
        written(tmp_path, f"issuers: {{'{ISSUER}': [{{multikey: {key.public.multikey}}}]}}", name)
        for key, name in ((SCHOOL, "a.yaml"), (CLUB, "b.yaml"))
    )
    assert [key for key, _ in keys(trust_file.read([one, two]))] == [SCHOOL.public, CLUB.public]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("issuers: [", "1:", ""),
        ("[]", "1:1", ""),
        ("issuer: {}", "1:1", "issuer"),
        (f"issuers: {{'{ISSUER}': []}}", "1:", ""),
        (f"issuers:\n  '{ISSUER}':\n    - key: z6Mk", "3:7", "key"),
        (f"issuers:\n  '{ISSUER}':\n    - id: a", "3:7", "exactly one form"),
        (f"issuers:\n  '{ISSUER}':\n    - multikey: z6Mk", "3:7", "Multikey"),
        (f"issuers:\n  '{ISSUER}':\n    - {{multikey: z6Mk, file: a}}", "3:7", "exactly one form"),
        (f"issuers:\n  '{ISSUER}':\n    - jwk: {{kty: oct}}", "3:7", "JWK"),
        (f"issuers:\n  '{ISSUER}':\n    - jwk: {{kty: OKP, d: s}}", "3:7", "secret key"),
        (f"issuers:\n  '{ISSUER}':\n    - file: secret.pem", "3:7", "secret key"),
        (f"issuers:\n  '{ISSUER}':\n    - file: secret.jwks", "3:7", "secret key"),
        (f"issuers:\n  '{ISSUER}':\n    - file: other.did.json", "3:7", "is of"),
        (f"issuers:\n  '{ISSUER}':\n    - file: empty.json", "3:7", "no key"),
        (f"issuers:\n  '{ISSUER}':\n    - {{file: two.jwks, id: a}}", "3:7", "several keys"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, place: str, said: str) -> None:
    files: dict[str, Any] = {
        "secret.jwks": {"keys": [SCHOOL.jwk]},
        "other.did.json": {"id": "did:web:x", "verificationMethod": []},
        "empty.json": {"id": ISSUER, "verificationMethod": []},
        "two.jwks": {"keys": [SCHOOL.public.jwk, CLUB.public.jwk]},
    }
    for name, data in files.items():
        (tmp_path / name).write_text(json.dumps(data))
    (tmp_path / "secret.pem").write_text(SCHOOL.pem)
    with pytest.raises(UsageError) as caught:
        trust_file.read([written(tmp_path, text)])
    assert caught.value.where.startswith(f"{tmp_path / 'trust.yaml'}:{place}")
    assert said in caught.value.why
    assert caught.value.fix


@pytest.mark.parametrize(
    "text",
    [
        f"documents: {{'{URL}': missing.json}}",
        f"contexts: {{'{URL}': missing.json}}",
        f"issuers: {{'{ISSUER}': [{{file: missing.pem}}]}}",
    ],
)
def test_a_file_that_is_missing_is_named_with_who_names_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as caught:
        trust_file.read([written(tmp_path, text)])
    assert "missing." in caught.value.where
    assert "trust.yaml:1:" in caught.value.where


def test_a_trust_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        trust_file.read([tmp_path / "nowhere.yaml"])
    assert caught.value.where == str(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize("text", ["[]", "{}", "{", '{"@context": {}, "@context": {}}'])
def test_a_file_without_a_context_is_not_taken_for_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "terms.json").write_text(text)
    with pytest.raises(UsageError, match="context"):
        trust_file.read([], [(URL, tmp_path / "terms.json")])


def test_a_file_without_bound_is_not_read(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(trust_file, "MOST_BYTES", 2**20)
    (tmp_path / "big.json").write_bytes(b" " * (2**20 + 1))
    with pytest.raises(InputError, match="larger than 1 MiB"):
        trust_file.read([written(tmp_path, f"documents: {{'{URL}': big.json}}")])


def test_the_schema_for_editors_takes_what_is_taken_here() -> None:
    validator = jsonschema_rs.validator_for(schemas.schema(trust_file.SCHEMA))
    whole = {
        "issuers": {ISSUER: [{"id": "a", "multikey": SCHOOL.public.multikey}]},
        "documents": {URL: "list.json"},
        "contexts": {URL: "terms.json"},
    }
    assert validator.is_valid(whole)
    assert not validator.is_valid({"issuers": {ISSUER: []}})


def test_the_document_that_an_issuer_publishes_pins_its_keys(tmp_path: Path) -> None:
    published = {
        "id": ISSUER,
        "verificationMethod": [
            {"id": "#a", "type": "Multikey", "publicKeyMultibase": SCHOOL.public.multikey}
        ],
        "assertionMethod": ["#a"],
    }

    trust = trust_file.read([written(tmp_path, json.dumps(published), "did.json")])

    assert keys(trust) == [(SCHOOL.public, f"{ISSUER}#a")]


def test_a_published_document_without_keys_to_believe_is_told(tmp_path: Path) -> None:
    published = {"id": ISSUER, "verificationMethod": [{"id": "#a", "type": "Multikey"}]}

    with pytest.raises(UsageError) as raised:
        trust_file.read([written(tmp_path, json.dumps(published), "did.json")])

    assert raised.value.where.endswith("did.json:1:1")
    assert "no key that can be used" in raised.value.why
