"""Status: what lists say of a credential, and lists that say nothing that counts."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest

from clrctl.document.parsing import parse
from clrctl.proof import jwt
from clrctl.proof.keys.secret import SecretKey
from clrctl.verifying.engine import Verifier
from clrctl.verifying.status import bitstring
from clrctl.verifying.trust import Trust
from tests.issued import CLUB, NOW, SCHOOL, STRANGER, badge, own_method, signed

LIST = "https://brookside.example.edu/status/1"
REVOKED = "https://brookside.example.edu/revoked"
SIZE = bitstring.LEAST_ENTRIES // 8


def status_list(
    bits: bytes = bytes(SIZE), key: SecretKey | None = SCHOOL, **changed: Any
) -> dict[str, Any]:
    """Return a status list credential; members of the list itself by their names."""
    own = {"statusPurpose", "encodedList", "ttl"}
    credential = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": LIST,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": SCHOOL.public.did,
        "validFrom": "2026-06-01T00:00:00Z",
        "credentialSubject": {
            "id": f"{LIST}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": bitstring.pack(bits),
        }
        | {name: value for name, value in changed.items() if name in own},
    } | {name: value for name, value in changed.items() if name not in own}
    return signed(credential, key) if key else credential


def entry(**changed: Any) -> dict[str, Any]:
    return {
        "id": f"{LIST}#7",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": LIST,
    } | changed


def found(status: Any, documents: dict[str, Any] | None = None) -> list[tuple[str, str, str]]:
    """Return outcome, reason and message of the checks of a badge's status."""
    data = signed(badge() | {"credentialStatus": status})
    at_hand = {url: json.dumps(document).encode() for url, document in (documents or {}).items()}
    verdict = Verifier(Trust(documents=at_hand), now=NOW).verify(parse(json.dumps(data).encode()))
    others = [each for each in verdict.problems if each.aspect != "status"]
    assert others == []
    checks = [each for each in verdict.checks if each.aspect == "status"]
    return [(each.outcome.value, each.reason, each.message) for each in checks]


def one(status: Any, **documents: Any) -> tuple[str, str]:
    (check,) = found(status, {LIST: documents["at"]} if "at" in documents else None)
    return check[:2]


def test_a_list_that_is_not_at_hand_leaves_it_undecided() -> None:
    ((outcome, reason, message),) = found(entry())
    assert (outcome, reason) == ("undecided", "list-missing")
    assert LIST in message


SET = bitstring.with_value(bytes(SIZE), 7, 1)


@pytest.mark.parametrize(
    ("purpose", "bits", "expected"),
    [
        ("revocation", bytes(SIZE), ("valid", "valid")),
        ("revocation", SET, ("invalid", "revoked")),
        ("suspension", bytes(SIZE), ("valid", "valid")),
        ("suspension", SET, ("invalid", "suspended")),
        ("refresh", SET, ("valid", "refresh")),
        ("message", SET, ("valid", "message")),
        ("weather", SET, ("undecided", "unknown-purpose")),
    ],
)
def test_the_bit_decides_by_its_purpose(
    purpose: str, bits: bytes, expected: tuple[str, str]
) -> None:
    listing = status_list(bits, statusPurpose=purpose)
    assert one(entry(statusPurpose=purpose), at=listing) == expected


def test_only_the_entrys_own_bit_counts() -> None:
    others = bytes([0b11111110]) + b"\xff" * (SIZE - 1)
    assert one(entry(), at=status_list(others)) == ("valid", "valid")


def test_a_list_may_serve_several_purposes_and_a_credential_have_several_entries() -> None:
    listing = status_list(SET, statusPurpose=["revocation", "suspension"])
    both = [entry(), entry(statusPurpose="suspension", statusListIndex=6)]
    assert [each[:2] for each in found(both, {LIST: listing})] == [
        ("invalid", "revoked"),
        ("valid", "valid"),
    ]


def test_a_message_is_told() -> None:
    bits = bitstring.with_value(bytes(SIZE * 2), 7, 2, 2)
    told = entry(
        statusPurpose="message",
        statusSize=2,
        statusMessage=[
            {"status": "0x1", "message": "on leave"},
            {"status": "0x2", "message": "has returned"},
        ],
    )
    listing = status_list(bits, statusPurpose="message")
    ((_, _, message),) = found(told, {LIST: listing})
    assert message == "the issuer says: has returned"
    del told["statusMessage"]
    ((_, _, message),) = found(told, {LIST: listing})
    assert message == "the issuer gives it the status 0x2"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"statusListIndex": None}, "lacks"),
        ({"statusListIndex": "-1"}, "lacks"),
        ({"statusListIndex": "seven"}, "lacks"),
        ({"statusListIndex": True}, "lacks"),
        ({"statusListIndex": "9" * 40}, "lacks"),
        ({"statusListCredential": None}, "lacks"),
        ({"statusPurpose": None}, "lacks"),
        ({"statusSize": 0}, "lacks"),
        ({"statusSize": "1"}, "lacks"),
        ({"statusListIndex": 131_072}, "no entry 131,072"),
        ({"statusPurpose": "suspension"}, "does not serve the purpose suspension"),
    ],
)
def test_an_entry_that_leads_nowhere_leaves_it_undecided(
    changed: dict[str, Any], said: str
) -> None:
    ((outcome, reason, message),) = found(entry(**changed), {LIST: status_list(SET)})
    assert (outcome, reason) == ("undecided", "list-unusable")
    assert said in message


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        (status_list(encodedList="u"), "cut off"),
        (status_list(encodedList=5), "multibase"),
        (status_list(validUntil="2026-06-30T00:00:00Z"), "fetch it again"),
        (status_list(validFrom="2026-07-02T00:00:00Z"), "not valid before"),
        (status_list(validUntil="2026-06-30"), "its validUntil is no date and time"),
        (status_list(validFrom="2026-06-30T23:59:60Z"), "its validFrom is no date and time"),
        (status_list(validUntil=5), "its validUntil is no date and time"),
        (status_list(key=None), "not signed"),
        (status_list() | {"name": "changed"}, "proof does not hold"),
        (badge(), "not a BitstringStatusListCredential"),
        ([], "not a BitstringStatusListCredential"),
    ],
)
def test_a_list_that_is_not_good_leaves_it_undecided(listing: Any, said: str) -> None:
    ((outcome, reason, message),) = found(entry(), {LIST: listing})
    assert (outcome, reason) == ("undecided", "list-unusable")
    assert said in message


def test_a_list_of_another_issuer_counts_if_its_proof_is_shown_to_hold() -> None:
    other = status_list(SET, CLUB, issuer=CLUB.public.did)
    assert one(entry(), at=other) == ("invalid", "revoked")
    # Signed by a key that is not shown to be that issuer's.
    unknown = status_list(bytes(SIZE), STRANGER, issuer="https://club.example.org")
    assert one(entry(), at=unknown) == ("undecided", "list-unusable")


def test_that_the_issuer_revoked_counts_even_where_the_lists_key_is_not_bound() -> None:
    revoked, good = (
        signed(status_list(bits, None), STRANGER, method=own_method(STRANGER.public))
        for bits in (SET, bytes(SIZE))
    )
    assert one(entry(), at=revoked) == ("invalid", "revoked")
    assert one(entry(), at=good) == ("undecided", "list-undecided")


def test_a_list_may_come_as_a_signed_token() -> None:
    key_id = own_method(SCHOOL.public)
    listing = status_list(SET, None)
    data = json.dumps(signed(badge() | {"credentialStatus": entry()})).encode()
    for signer, reason in ((SCHOOL, "revoked"), (STRANGER, "list-unusable")):
        token = jwt.sign(listing, signer, header={"typ": "vc+jwt", "kid": key_id})
        trust = Trust(documents={LIST: f"{token}\n".encode()})
        verdict = Verifier(trust, now=NOW).verify(parse(data))
        assert [each.reason for each in verdict.problems] == [reason]


@pytest.mark.parametrize("raw", [b"", b"{", b'{"id": 1, "id": 2}', b"<html>"])
def test_a_list_that_cannot_be_read_leaves_it_undecided(raw: bytes) -> None:
    data = json.dumps(signed(badge() | {"credentialStatus": entry()})).encode()
    verdict = Verifier(Trust(documents={LIST: raw}), now=NOW).verify(parse(data))
    assert [each.reason for each in verdict.problems] == ["list-missing"]


def revocations(*entries: Any, **changed: Any) -> dict[str, Any]:
    return {"id": REVOKED, "issuer": SCHOOL.public.did, "revokedCredential": [*entries]} | changed


REVOCATION = {"id": REVOKED, "type": "1EdTechRevocationList"}


@pytest.mark.parametrize(
    ("listing", "expected"),
    [
        (revocations(), ("valid", "valid")),
        (revocations({"id": "urn:x:1"}, "odd"), ("valid", "valid")),
        (revocations({"id": badge()["id"]}), ("invalid", "revoked")),
        (revocations(badge()["id"]), ("invalid", "revoked")),
        (revocations({"id": badge()["id"], "revoked": True}), ("invalid", "revoked")),
        (revocations({"id": badge()["id"], "revoked": False}), ("valid", "valid")),
        (revocations(issuer="https://elsewhere.example.org"), ("undecided", "list-unusable")),
        (revocations(revokedCredential="none"), ("undecided", "list-unusable")),
        ([], ("undecided", "list-unusable")),
    ],
)
def test_the_revocation_list_of_1edtech_names_what_is_revoked(
    listing: Any, expected: tuple[str, str]
) -> None:
    data = badge()
    data["@context"].append("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json")
    data = signed(data | {"credentialStatus": REVOCATION})
    trust = Trust(documents={REVOKED: json.dumps(listing).encode()})
    verdict = Verifier(trust, now=NOW).verify(parse(json.dumps(data).encode()))
    (check,) = (each for each in verdict.checks if each.aspect == "status")
    assert (check.outcome.value, check.reason) == expected


def test_a_credential_without_an_id_cannot_be_looked_up_in_a_list_of_ids() -> None:
    data = badge()
    del data["id"]
    data["@context"].append("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json")
    data = signed(data | {"credentialStatus": REVOCATION})
    for listing, reasons in (
        (revocations({"id": "urn:x:1"}), ["list-unusable"]),
        (revocations(), []),
    ):
        trust = Trust(documents={REVOKED: json.dumps(listing).encode()})
        verdict = Verifier(trust, now=NOW).verify(parse(json.dumps(data).encode()))
        assert [each.reason for each in verdict.problems] == reasons


def test_the_reason_for_a_revocation_is_told() -> None:
    data = badge()
    data["@context"].append("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json")
    data = signed(data | {"credentialStatus": REVOCATION})
    listing = revocations({"id": data["id"], "revocationReason": "issued twice"})
    trust = Trust(documents={REVOKED: json.dumps(listing).encode()})
    verdict = Verifier(trust, now=NOW).verify(parse(json.dumps(data).encode()))
    assert verdict.problems[0].message == "the issuer has revoked it: issued twice"


def test_a_status_of_an_unknown_kind_or_none_at_all_leaves_it_undecided() -> None:
    data = badge()
    data["@context"].append({"Odd": "https://brookside.example.edu/terms#Odd"})
    data = signed(data | {"credentialStatus": {"id": LIST, "type": "Odd"}})
    verdict = Verifier(now=NOW).verify(parse(json.dumps(data).encode()))
    assert [each.reason for each in verdict.problems] == ["unknown-type"]


def test_a_list_is_unpacked_once_however_many_ask_it(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    unpack = bitstring.unpack
    monkeypatch.setattr(bitstring, "unpack", lambda text: calls.append(text) or unpack(text))
    verifier = Verifier(Trust(documents={LIST: json.dumps(status_list()).encode()}), now=NOW)
    raw = json.dumps(signed(badge() | {"credentialStatus": entry()})).encode()
    assert verifier.verify(parse(raw)).ok
    assert verifier.verify(parse(raw)).ok
    assert len(calls) == 1


def test_in_a_short_list_what_is_set_counts_and_what_is_not_is_told_to_be_short() -> None:
    short = bitstring.with_value(bytes(100), 7, 1)
    assert one(entry(), at=status_list(short)) == ("invalid", "revoked")
    ((outcome, reason, message),) = found(entry(statusListIndex="8"), {LIST: status_list(short)})
    assert (outcome, reason) == ("valid", "short-list")
    assert message == "not revoked, by a list of 800 entries, too short to hide who asks"


def in_2021(index: str, **changed: Any) -> tuple[str, str, str]:
    """Return what a list as Status List 2021 has it says of a badge; both are tokens."""
    encoded = base64.b64encode(gzip.compress(SET, mtime=0)).decode()
    kinds = ["VerifiableCredential", "StatusList2021Credential"]
    listing = status_list(key=None, encodedList=encoded, type=kinds, **changed)
    held = badge() | {"credentialStatus": entry(type="StatusList2021Entry", statusListIndex=index)}
    header = {"typ": "vc+jwt", "kid": own_method(SCHOOL.public)}
    tokens = [jwt.sign(each, SCHOOL, header=header) for each in (listing, held)]
    trust = Trust(documents={LIST: tokens[0].encode()})
    verdict = Verifier(trust, now=NOW).verify(parse(b"{}"), token=tokens[1])
    (check,) = [each for each in verdict.checks if each.aspect == "status"]
    return check.outcome.value, check.reason, check.message


def test_a_status_list_of_2021_counts_as_its_successor_does() -> None:
    assert in_2021("7")[:2] == ("invalid", "revoked")
    assert in_2021("8")[:2] == ("valid", "valid")


def test_a_status_list_of_2021_that_is_out_of_date_leaves_it_undecided() -> None:
    outcome, reason, message = in_2021("7", expirationDate="2026-06-30T00:00:00Z")
    assert (outcome, reason) == ("undecided", "list-unusable")
    assert "fetch it again" in message
