"""Checking everything first: what can be sent, what holds it up, and its content once more."""

import contextlib
import hashlib
import io
import pickle
import tempfile
from pathlib import Path

import orjson
import pytest
import yaml

from clrctl.checking.comparison import Change
from clrctl.document.inputs import Piece, find
from clrctl.document.limits import Limits
from clrctl.document.members import identity
from clrctl.errors import AuthError, ExitCode, InputError
from clrctl.sending import prepare as publish
from clrctl.sending.delivery import Delivery
from clrctl.sending.outcome import Receipt, UploadOutcome
from clrctl.sending.prepare import Duplicates, Prepared, look, refusals
from clrctl.sending.spool import Bodies
from tests.conftest import SAMPLES

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


@pytest.fixture
def prepare():
    """Prepare inputs; what is kept of them is deleted at the end of the test."""
    with contextlib.ExitStack() as stack:
        yield lambda *args, **given: stack.enter_context(publish.prepare(*args, **given))


def piece(raw, source="-"):
    return Piece(source, Limits(), None, len(raw), raw)


SAMPLE = (SAMPLES / "minimal.clr.json").read_bytes()
ID = b"urn:uuid:0d8f4a3e-5b1c-4e67-9a42-7c1f2b3d4e01"


def test_preparing_keeps_order_and_names_what_is_wrong(prepare):
    other = SAMPLE.replace(ID, b"urn:uuid:0d8f4a3e-5b1c-4e67-9a42-7c1f2b3d4e0f")
    again = SAMPLE.replace(ID, ID.replace(b"uuid", b"%75uid"))
    lost = InputError("gone")
    inputs = [
        piece(SAMPLE, source="a.json"),
        lost,
        piece(other, source="b.json"),
        piece(again, source="c.json"),
        piece(b"[", source="d.json"),
        piece(b"[]", source="e.json"),
        piece(b"[]", source="f.json"),
    ]
    prepared = prepare(inputs, ["standard"])
    assert prepared.failures == [lost]
    assert [parcel.report.source for parcel in prepared.queue] == ["a.json", "b.json"]
    digests = [hashlib.sha256(body).digest() for body in (SAMPLE, other)]
    assert [parcel.sha256 for parcel in prepared.queue] == digests
    assert [parcel.key[1].encode()[-4:] for parcel in prepared.queue] == [b"4e01", b"4e0f"]
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


def test_warnings_hold_up_a_strict_run_only(prepare):
    prepared = prepare([piece(SAMPLE)], ["standard", "timeback"])
    assert prepared.reports[0].warnings
    assert refusals(prepared, strict=False) == []
    assert refusals(prepared, strict=True) == [ExitCode.INVALID]


def test_a_run_of_many_keeps_errors_and_counts_warnings(prepare):
    broken = SAMPLE.replace(b'"validFrom"', b'"validFrm"')
    inputs = [piece(SAMPLE, source="a.json"), piece(broken, source="b.json")]
    prepared = prepare(inputs, ["standard", "timeback"], every=False)
    assert prepared.warnings >= 2
    assert [(report.source, len(report.warnings)) for report in prepared.reports] == [("b.json", 0)]
    assert prepared.reports[0].errors
    with Prepared(warnings=1) as warned:
        assert refusals(warned, strict=True) == [ExitCode.INVALID]


VERSIONS = {name: SAMPLE.replace(b"Ash", b"Version " + name.encode()) for name in "ab"}
CHOICES = [
    # versions in the order of the inputs, choice, what is sent, what is left out
    ("aa", Duplicates.ERROR, ["0"], ["1"]),
    ("ab", Duplicates.FIRST, ["0"], ["1"]),
    ("ab", Duplicates.LAST, ["1"], ["0"]),
    ("aba", Duplicates.LAST, ["2"], ["0", "1"]),
    ("abb", Duplicates.LAST, ["1"], ["2", "0"]),
]


@pytest.mark.parametrize(("versions", "choice", "sent", "left_out"), CHOICES)
def test_of_one_credential_one_input_is_sent(prepare, versions, choice, sent, left_out):
    inputs = [piece(VERSIONS[name], source=str(at)) for at, name in enumerate(versions)]
    prepared = prepare(inputs, ["standard"], duplicates=choice)
    assert [parcel.report.source for parcel in prepared.queue] == sent
    assert sorted(prepared.left_out) == sorted(left_out)
    assert refusals(prepared, strict=False) == []


def test_what_is_prepared_holds_no_content(prepare, tmp_path):
    (tmp_path / "a.json").write_bytes(SAMPLE)
    prepared = prepare(find([str(tmp_path / "a.json")], stdin=io.BytesIO()), ["standard"])
    (parcel,) = prepared.queue
    held = pickle.dumps(
        (parcel.report, parcel.key, parcel.id, parcel.digest, parcel.sha256, parcel.valid_from)
    )
    assert len(held) < len(SAMPLE) / 2
    assert b"Ash" not in held
    assert parcel.body() == SAMPLE
    assert (parcel.size, parcel.valid_from) == (len(SAMPLE), "2026-06-12T17:00:00Z")


# --- the content, once more -------------------------------------------------------------------


@pytest.fixture
def lines(tmp_path):
    """An NDJSON file with blank lines and Windows line ends."""
    file = tmp_path / "a.ndjson"
    rows = [SAMPLE.replace(ID, ID[:-1] + b"%d" % n).replace(b"\n", b"") for n in range(3)]
    file.write_bytes(b"\r\n\r\n".join(rows) + b"\r\n")
    return file, rows


def test_lines_are_found_again_in_any_order(prepare, lines):
    file, rows = lines
    parcels = prepare(find([str(file)], stdin=io.BytesIO()), ["standard"]).queue
    assert [parcel.body() for parcel in parcels] == rows
    assert [parcel.body() for parcel in reversed(list(parcels))] == rows[::-1]


def test_standard_input_and_pipes_are_kept(prepare, lines):
    _, rows = lines
    stdin = io.BytesIO(b"\n".join(rows))
    bodies = Bodies(input_format="ndjson")
    inputs = find(["-"], stdin=stdin, input_format="ndjson")
    parcels = prepare(inputs, ["standard"], bodies=bodies).queue
    assert [parcel.body() for parcel in parcels] == rows


def test_yaml_is_sent_as_what_was_checked(prepare, tmp_path):
    (tmp_path / "a.yaml").write_text(yaml.safe_dump(orjson.loads(SAMPLE)))
    (parcel,) = prepare(find([str(tmp_path)], stdin=io.BytesIO()), ["standard"]).queue
    assert orjson.loads(parcel.body()) == orjson.loads(SAMPLE)
    assert parcel.sha256 == hashlib.sha256(parcel.body()).digest()


def change(file):
    file.write_bytes(file.read_bytes().replace(b"Ash", b"Oak"))


def shorten(file):
    file.write_bytes(b"\n")


@pytest.mark.parametrize("mischief", [change, shorten, Path.unlink])
def test_what_is_no_longer_what_was_checked_is_not_given_out(prepare, lines, mischief):
    file, _ = lines
    parcels = prepare(find([str(file)], stdin=io.BytesIO()), ["standard"]).queue
    mischief(file)
    for parcel in parcels:
        with pytest.raises(InputError) as caught:
            parcel.body()
        assert str(file) in caught.value.where


def test_no_room_for_standard_input_is_told(prepare, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(InputError, match="cannot keep standard input"):
        prepare([piece(SAMPLE)], ["standard"])


LOSS = Change("/name", "lost")
BROKEN = Change("/credentialSubject/verifiableCredential/0", "lost", breaks_a_proof=True)
CODES = [
    # outcome, changes, error, exit code, with --strict
    (UploadOutcome.CREATED, (), None, 0, 0),
    (UploadOutcome.ALTERED, (LOSS,), None, 0, 6),
    (UploadOutcome.ALTERED, (LOSS, BROKEN), None, 6, 6),
    (UploadOutcome.REFUSED, None, AuthError("401"), 4, 4),
    (UploadOutcome.PENDING, None, None, 0, 0),
]


@pytest.mark.parametrize(("outcome", "changes", "error", "code", "strict"), CODES)
def test_exit_codes(prepare, outcome, changes, error, code, strict):
    receipt = None if changes is None else Receipt(outcome, 200, "r", b"{}", changes)
    (parcel,) = prepare([piece(SAMPLE)], ["standard"]).queue
    delivery = Delivery(parcel, outcome, receipt, error)
    assert delivery.exit_code() == code
    assert delivery.exit_code(strict=True) == strict
    assert delivery.answer == (b"" if receipt is None else b"{}")


@pytest.mark.parametrize("kind", ["json", "ndjson", "yaml"])
def test_a_duplicate_is_found_again_in_its_file(prepare, tmp_path, kind):
    data = orjson.loads(SAMPLE) | {"name": "Another"}
    (tmp_path / "a.json").write_bytes(SAMPLE)
    file = tmp_path / f"b.{kind}"
    if kind == "yaml":
        file.write_text(yaml.safe_dump(data, sort_keys=False))
    else:
        file.write_bytes((b"\n\n" if kind == "ndjson" else b"") + orjson.dumps(data))
    inputs = find([str(tmp_path / "a.json"), str(file)], stdin=io.BytesIO())
    prepared = prepare(inputs, ["standard"], every=False)
    (report,) = prepared.reports
    (finding,) = report.findings
    lines = file.read_text().splitlines()
    assert finding.code == "upsert/duplicate"
    assert lines[finding.line - 1][finding.column - 1 :].strip('"').startswith("urn:uuid:0d8f4a3e")


def test_a_duplicate_that_has_gone_meanwhile_is_still_one(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.json").write_bytes(VERSIONS[name])
    inputs = find([str(tmp_path)], stdin=io.BytesIO())
    looked = look(inputs, ["standard"], bodies=Bodies())
    assert next(looked).parcel

    def gone(*_):
        raise InputError("gone")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Bodies, "document", gone)
        (report,) = [each.report for each in looked]
    assert next((f.code, f.line) for f in report.findings) == ("upsert/duplicate", None)
