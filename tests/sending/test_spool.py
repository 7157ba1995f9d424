"""What a run is going to send: in its order, once for each credential, and not in memory."""

import dataclasses
import gc
import tracemalloc

import pytest

from clrctl.document.inputs import Piece
from clrctl.document.limits import Limits
from clrctl.errors import InputError
from clrctl.finding import Finding, Report, Severity
from clrctl.sending.journal.journal import Journal
from clrctl.sending.prepare import prepare
from clrctl.sending.spool import Bodies, FirstSeen, Queue, QueuedCredential
from tests.conftest import SAMPLES

SAMPLE = (SAMPLES / "minimal.clr.json").read_bytes()
ID = b"urn:uuid:0d8f4a3e-5b1c-4e67-9a42-7c1f2b3d4e01"


def parcel(name, source="a.json", **given):
    report = Report(source, findings=(Finding("a/b", Severity.WARNING, "", "told"),))
    rest = (b"digest", b"sha256", 7, "2026-01-01T00:00:00Z", b"print")
    return QueuedCredential(report, ("urn:issuer", name), name, *rest, **given)


@pytest.fixture
def held():
    with Queue() as held:
        yield held


@pytest.fixture
def firsts():
    with FirstSeen() as firsts:
        yield firsts


def test_parcels_come_back_as_they_were_in_their_order(held):
    bodies = Bodies()
    given = [parcel(f"urn:{at}", f"{at}.json", bodies=bodies, kept_at=at) for at in range(600)]
    assert [held.add(each) for each in given] == [""] * 600
    assert len(held) == 600
    assert list(held) == given
    for back, each in zip(held, given, strict=True):
        assert back.bodies is bodies
        assert back.fingerprint == each.fingerprint


def test_several_readers_do_not_disturb_each_other(held):
    for at in range(300):
        held.add(parcel(f"urn:{at}"))
    assert sum(1 for each, other in zip(held, held, strict=True) if each == other) == 300


def test_a_later_one_of_the_same_credential_takes_the_place_of_the_former(held):
    for name, source in (("urn:a", "1"), ("urn:b", "2"), ("urn:a", "3")):
        former = held.add(parcel(name, source))
    assert former == "1"
    assert [each.report.source for each in held] == ["2", "3"]
    assert len(held) == 2


def test_the_first_of_each_credential_is_remembered_until_another_takes_its_place(firsts):
    key = ("urn:issuer", "urn:a")
    assert firsts.first(key, "x\udcff.json", b"1") == ("x\udcff.json", b"1")
    assert firsts.first(key, "y.json", b"2") == ("x\udcff.json", b"1")
    assert firsts.first(("urn:issuer:urn", "a"), "z.json", b"3") == ("z.json", b"3")
    firsts.renew(key, "y.json", b"2")
    assert firsts.first(key, "z.json", b"3") == ("y.json", b"2")


def test_a_name_that_is_no_unicode_is_kept(held):
    held.add(parcel("urn:a", "x\udcff.json"))
    (back,) = held
    assert back.report.source == "x\udcff.json"


def test_no_room_is_told(held, firsts):
    for each in (held, firsts):
        each._db.execute("PRAGMA max_page_count = 1")
    with pytest.raises(InputError, match="cannot keep a list") as caught:
        for at in range(100):
            held.add(parcel(f"urn:{at}" * 100))
    assert "full" in caught.value.why
    with pytest.raises(InputError, match="cannot keep a list"):
        for at in range(100):
            firsts.first(("", f"{at}"), "x" * 1000, b"")


def pieces(number):
    for at in range(number):
        raw = SAMPLE.replace(ID, b"urn:example:%d" % at)
        yield Piece("records.ndjson", Limits(), "ndjson", len(raw), raw.replace(b"\n", b""), at + 1)


def alive():
    """Return how many parcels and reports are in memory."""
    gc.collect()
    return sum(isinstance(each, QueuedCredential | Report) for each in gc.get_objects())


def test_however_many_there_are_memory_stays_flat(tmp_path):
    before = alive()
    with prepare(pieces(200), ["standard"], every=False) as prepared:
        assert len(prepared.queue) == 200
        assert alive() - before < 5
        with Journal.open(tmp_path, base="https://a.example", client="") as journal:
            journal.pending([])
            most = 0

            def noted():
                nonlocal most
                for each in prepared.queue:
                    most = max(most, tracemalloc.get_traced_memory()[0])
                    yield each.key, each.digest, "a" * 1000, ""

            tracemalloc.start()
            journal.pending(noted())
            tracemalloc.stop()
    assert most < 100_000


def test_a_parcel_holds_no_content():
    with prepare(pieces(1), ["standard"]) as prepared:
        (only,) = prepared.queue
    held = repr(dataclasses.replace(only, bodies=None)).encode() + only.fingerprint
    assert b"Ash" not in held
    assert len(held) < len(SAMPLE)
