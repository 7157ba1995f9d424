"""Checking everything first, then sending: what stops a run and what does not."""

import pytest

from clrctl.client import (
    BusyError,
    CredentialRefused,
    Forbidden,
    NoService,
    Outcome,
    Receipt,
    Unconfirmed,
)
from clrctl.compare import Change
from clrctl.document import parse
from clrctl.errors import AuthError, ExitCode, InputError, RefusedError, TemporaryError
from clrctl.finding import FileReport
from clrctl.http import LostAnswer
from clrctl.publish import Delivery, Parcel, identity, prepare, refusals, send

from .conftest import SAMPLES

IDENTITIES = [
    ({"id": "urn:a", "issuer": "https://b"}, ("https://b", "urn:a")),
    ({"id": "urn:a", "issuer": {"id": "https://b"}}, ("https://b", "urn:a")),
    ({"id": " urn:%61 ", "issuer": {"id": "https://b%20"}}, ("https://b", "urn:a")),
    ({"id": 1, "issuer": ["https://b"]}, ("", "")),
    ({}, ("", "")),
    ([], ("", "")),
]


@pytest.mark.parametrize(("data", "key"), IDENTITIES)
def test_what_makes_two_credentials_the_same(data, key):
    assert identity(data) == key


SAMPLE = (SAMPLES / "minimal.clr.json").read_bytes()
ID = b"urn:uuid:0d8f4a3e-5b1c-4e67-9a42-7c1f2b3d4e01"


def test_preparing_keeps_order_and_names_what_is_wrong():
    other = SAMPLE.replace(ID, b"urn:uuid:0d8f4a3e-5b1c-4e67-9a42-7c1f2b3d4e0f")
    again = SAMPLE.replace(ID, ID.replace(b"uuid", b"%75uid"))
    lost = InputError("gone")
    inputs = [
        parse(SAMPLE, source="a.json"),
        lost,
        parse(other, source="b.json"),
        parse(again, source="c.json"),
        parse(b"[", source="d.json"),
        parse(b"[]", source="e.json"),
        parse(b"[]", source="f.json"),
    ]
    prepared = prepare(inputs, ["standard"])
    assert prepared.failures == [lost]
    assert [parcel.report.source for parcel in prepared.parcels] == ["a.json", "b.json"]
    assert [parcel.body for parcel in prepared.parcels] == [SAMPLE, other]
    assert [report.source for report in prepared.reports] == [
        f"{name}.json" for name in ("a", "b", "c", "d", "e", "f")
    ]
    duplicates = [f for f in prepared.reports[2].findings if f.code == "upsert/duplicate"]
    assert [(f.line, f.pointer) for f in duplicates] == [(8, "/id")]
    assert duplicates[0].message.startswith("a.json is the same credential")
    lines = [finding.line for finding in prepared.reports[2].findings]
    assert lines == sorted(lines)
    assert "upsert/duplicate" not in repr(prepared.reports[5].findings)
    assert refusals(prepared, strict=False) == [ExitCode.INPUT, ExitCode.INVALID]


def test_warnings_hold_up_a_strict_run_only():
    prepared = prepare([parse(SAMPLE)], ["standard", "timeback"])
    assert prepared.reports[0].warnings
    assert refusals(prepared, strict=False) == []
    assert refusals(prepared, strict=True) == [ExitCode.INVALID]


class Scripted:
    """Stands for a client: each upsert meets the next thing of a list."""

    def __init__(self, *happenings):
        self.happenings = list(happenings)
        self.sent = []

    def upsert(self, body):
        self.sent.append(body)
        happening = self.happenings.pop(0)
        if isinstance(happening, BaseException):
            raise happening
        return Receipt(happening, 201, "r", b"{}")


def parcels(number):
    return [Parcel(FileReport(f"{n}.json"), f"urn:{n}", b"%d" % n) for n in range(number)]


def outcomes(*happenings, fail_fast=False):
    told = []
    client = Scripted(*happenings, Outcome.CREATED, Outcome.CREATED)
    send(parcels(3), client, told.append, fail_fast=fail_fast)
    assert [delivery.parcel.id for delivery in told] == ["urn:0", "urn:1", "urn:2"]
    assert client.sent == [b"0", b"1", b"2"][: len(client.sent)]
    return [delivery.outcome.value for delivery in told]


GOES_ON = [
    (CredentialRefused("no"), "refused"),
    (Unconfirmed("what"), "unconfirmed"),
    (LostAnswer("cut"), "unconfirmed"),
    (BusyError("busy"), "failed"),
]
STOPS = [
    (AuthError("401"), "refused"),
    (Forbidden("403"), "refused"),
    (NoService("404"), "refused"),
    (RefusedError("redirect"), "refused"),
    (TemporaryError("no connection"), "failed"),
]


@pytest.mark.parametrize(("error", "outcome"), GOES_ON)
def test_the_trouble_of_one_credential_does_not_stop_the_others(error, outcome):
    assert outcomes(error) == [outcome, "created", "created"]


@pytest.mark.parametrize(("error", "outcome"), STOPS)
def test_trouble_that_all_would_meet_stops_the_run(error, outcome):
    assert outcomes(error) == [outcome, "pending", "pending"]


@pytest.mark.parametrize(
    ("error", "last"),
    [(Forbidden("403"), "created"), (NoService("404"), "created"), (AuthError("401"), "pending")],
)
def test_once_something_is_stored_a_403_or_404_is_about_one_credential(error, last):
    assert outcomes(Outcome.CREATED, error) == ["created", "refused", last]


@pytest.mark.parametrize(("error", "outcome"), GOES_ON)
def test_fail_fast_stops_at_any_error(error, outcome):
    assert outcomes(error, fail_fast=True) == [outcome, "pending", "pending"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), RuntimeError("a fault")])
def test_what_an_interruption_leaves_is_told(interruption):
    told = []
    client = Scripted(Outcome.CREATED, interruption)
    with pytest.raises(type(interruption)):
        send(parcels(4), client, told.append)
    assert [delivery.outcome.value for delivery in told] == [
        "created",
        "unconfirmed",
        "pending",
        "pending",
    ]


def test_nothing_more_is_sent_when_it_cannot_be_told():
    told = []

    def tell(delivery):
        told.append(delivery.outcome.value)
        if len(told) == 1:
            raise InputError("disk full")

    client = Scripted(Outcome.CREATED)
    with pytest.raises(InputError):
        send(parcels(3), client, tell)
    assert told == ["created", "pending", "pending"]


LOSS = Change("/name", "lost")
BROKEN = Change("/credentialSubject/verifiableCredential/0", "lost", breaks_a_proof=True)
CODES = [
    # outcome, changes, error, exit code, with --strict
    (Outcome.CREATED, (), None, 0, 0),
    (Outcome.ALTERED, (LOSS,), None, 0, 6),
    (Outcome.ALTERED, (LOSS, BROKEN), None, 6, 6),
    (Outcome.REFUSED, None, AuthError("401"), 4, 4),
    (Outcome.PENDING, None, None, 0, 0),
]


@pytest.mark.parametrize(("outcome", "changes", "error", "code", "strict"), CODES)
def test_exit_codes(outcome, changes, error, code, strict):
    receipt = None if changes is None else Receipt(outcome, 200, "r", b"{}", changes)
    delivery = Delivery(parcels(1)[0], outcome, receipt, error)
    assert delivery.exit_code() == code
    assert delivery.exit_code(strict=True) == strict
    assert delivery.answer == (b"" if receipt is None else b"{}")
