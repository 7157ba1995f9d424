"""The parts of the sandbox that need no web package: its store, and scripts of faults."""

import contextlib
import os
import sqlite3
import stat
import threading
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clrctl.errors import InputError, UsageError
from clrctl.sandbox.faults import kinds, script
from clrctl.sandbox.faults.kinds import FaultStep, FaultTarget
from clrctl.sandbox.faults.player import Faults
from clrctl.sandbox.store import CredentialEntry, Store, StoreOutcome

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(number=1, issued=None):
    return CredentialEntry(
        "https://school.example/", f"urn:{number}", "School", "did:x", "Name", "", issued
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "sandbox.db"


# --- store ------------------------------------------------------------------------------------


def test_records_are_kept_between_runs(path):
    with Store(path) as store:
        assert store.put(entry(), b" {}\r\n", NOW) is StoreOutcome.CREATED
    with Store(path) as store:
        (record,) = store.latest(limit=10)
        assert (record.entry, record.stored, record.size) == (entry(), NOW, 5)
        assert store.get(record.key) == (record, b" {}\r\n")


def test_equal_bytes_leave_a_record_untouched(path):
    later = NOW + timedelta(days=1)
    with Store(path) as store:
        outcomes = [store.put(entry(), raw, NOW) for raw in (b"1", b"2", b"1")]
        assert store.put(entry(), b"1", later) is StoreOutcome.UNCHANGED
        assert outcomes == [StoreOutcome.CREATED, StoreOutcome.UPDATED, StoreOutcome.UPDATED]
        (record,) = store.latest(limit=10)
        assert (record.updates, record.stored) == (2, NOW)


def test_what_is_not_there_is_none(path):
    with Store(path) as store:
        assert store.get("0" * 32) is None
        assert store.raw("https://school.example/", "urn:1") is None


def test_issuer_and_id_do_not_run_into_each_other(path):
    with Store(path) as store:
        store.put(CredentialEntry("ab", "c", "", "", "", "", None), b"1", NOW)
        store.put(CredentialEntry("a", "bc", "", "", "", "", None), b"2", NOW)
        assert (store.raw("ab", "c"), store.raw("a", "bc")) == (b"1", b"2")


@pytest.mark.skipif(os.name == "nt", reason="file modes of POSIX")
def test_learners_data_is_for_its_owner_only(path):
    former = os.umask(0)
    try:
        with Store(path) as store:
            store.put(entry(), b"{}", NOW)
            modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    finally:
        os.umask(former)
    assert "sandbox.db-wal" in modes
    assert set(modes.values()) == {0o600}


def test_tokens_are_kept_as_digests_until_they_expire(path):
    with Store(path) as store:
        store.add_token("tell-no-one", now=NOW, expires=NOW + timedelta(seconds=10))
        assert store.knows_token("tell-no-one", now=NOW + timedelta(seconds=9))
        assert not store.knows_token("tell-no-one", now=NOW + timedelta(seconds=10))
        assert not store.knows_token("other", now=NOW)
        contents = b"".join(one.read_bytes() for one in path.parent.iterdir())
        assert b"tell-no-one" not in contents
        store.expire_tokens()
        assert not store.knows_token("tell-no-one", now=NOW)


def other_database(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()


def future_database(path):
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


FOREIGN = [
    (lambda path: path.write_bytes(b"not a database, but a text of some length"), "cannot be used"),
    (lambda path: path.mkdir(), "cannot be used"),
    (other_database, "not a sandbox's file"),
    (future_database, "another version"),
]


@pytest.mark.parametrize(("make", "what"), FOREIGN)
def test_a_file_that_is_not_ours_is_refused_and_left_alone(tmp_path, make, what):
    path = tmp_path / "file"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(InputError, match=what) as caught:
        Store(path)
    assert caught.value.where == str(path)
    assert caught.value.fix
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_failed_change_leaves_nothing_behind(path):
    with Store(path) as store:
        with pytest.raises(sqlite3.Error):
            store.put(entry(), object(), NOW)
        assert store.count() == 0
        assert store.put(entry(), b"{}", NOW) is StoreOutcome.CREATED


def test_opening_one_new_file_many_times_at_once(path):
    failures = []

    def use(number):
        try:
            with Store(path) as store:
                store.put(entry(number), b"{}", NOW)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with Store(path) as store:
        assert store.count() == 8


# --- scripts of faults ------------------------------------------------------------------------

SCRIPTS = [
    ("", []),
    (" 503 ,, reset ", [FaultStep(kinds.Status(status=503)), FaultStep(kinds.Reset())]),
    ("503*2", [FaultStep(kinds.Status(status=503), times=2)]),
    ("hang*", [FaultStep(kinds.Hang(), times=None)]),
    ("close/10", [FaultStep(kinds.Close(), times=None, every=10)]),
    ("429:retry-after=1", [FaultStep(kinds.Status(status=429, retry_after="1"))]),
    ("429:retry-after=Mon%2C 1", [FaultStep(kinds.Status(status=429, retry_after="Mon, 1"))]),
    ("503:retry-date=2.5", [FaultStep(kinds.Status(status=503, retry_date=2.5))]),
    ("500:commit=yes", [FaultStep(kinds.Status(status=500, commit=True))]),
    ("200:body=nan", [FaultStep(kinds.Status(status=200, body=kinds.Body.NAN))]),
    (
        "307:to=https://a.example:8/b",
        [FaultStep(kinds.Status(status=307, to="https://a.example:8/b"))],
    ),
    ("reset*3:id=urn:uuid:1", [FaultStep(kinds.Reset(), times=3, credential_id="urn:uuid:1")]),
    ("400:on=token", [FaultStep(kinds.Status(status=400), on=FaultTarget.TOKEN)]),
    ("drop:at=/a", [FaultStep(kinds.Drop(at=("/a",)))]),
    ('alter:at=/id:value="x"', [FaultStep(kinds.Alter(at="/id", value="x"))]),
    ("delay:seconds=0.5", [FaultStep(kinds.Delay(seconds=0.5))]),
    ("drip:part=body", [FaultStep(kinds.Drip(part=kinds.CredentialPart.BODY))]),
    ("truncate:framing=none", [FaultStep(kinds.Truncate(framing=kinds.Framing.NONE))]),
    (
        "expire,flood,bomb,bloat",
        [FaultStep(k()) for k in (kinds.Expire, kinds.Flood, kinds.Bomb, kinds.Bloat)],
    ),
]


@pytest.mark.parametrize(("text", "steps"), SCRIPTS, ids=[text or "empty" for text, _ in SCRIPTS])
def test_a_script_is_read(text, steps):
    assert script.read(text) == steps


BAD = [
    ("oops", "no fault named oops", "reset"),
    ("199", "cannot be read", "503"),
    ("600", "cannot be read", "503"),
    ("503*0", "cannot be read", "503"),
    ("503/0", "cannot be read", "503"),
    ("503*2*3", "cannot be read", "503"),
    ("503 x", "cannot be read", "503"),
    ("503:loud", "NAME=VALUE", ""),
    ("503:seconds=1", "503 has no option seconds", "retry-after"),
    ("503:status=200", "503 has no option status", "retry-after"),
    ("reset:colour=red", "reset has no option colour", "commit"),
    ("reset:commit=maybe", "commit must be yes or no", ""),
    ("500:body=xml", "body must be one of imsx", ""),
    ("delay:seconds=nan", "seconds must be a number", ""),
    ("delay:seconds=-1", "seconds must be a number", ""),
    ("delay:seconds=soon", "seconds must be a number", ""),
    ("drop", "drop needs the option at", ""),
    ("drop:at=name", "at must be a JSON Pointer", ""),
    ("alter:at=/a:value={", "value must be a JSON value", ""),
    ("500:on=moon", "on must be one of credentials, token", ""),
]


@pytest.mark.parametrize(("step", "what", "fix"), BAD, ids=[step for step, *_ in BAD])
def test_a_step_that_cannot_be_read_is_named(step, what, fix):
    with pytest.raises(UsageError) as caught:
        Faults.parse(f"reset,{step}")
    assert what in caught.value.what
    assert caught.value.where == step
    assert fix in caught.value.fix


@given(st.text("50*2/,:=%-+ resetatid", max_size=40))
def test_no_text_does_anything_but_parse_or_be_refused(text):
    try:
        script.read(text)
    except UsageError as error:
        assert error.what


def strikes(faults, number, on=FaultTarget.CREDENTIALS):
    return [faults.take(on, lambda: "urn:1") for _ in range(number)]


def test_steps_strike_one_after_the_other():
    reset, close = kinds.Reset(), kinds.Close()
    faults = Faults(FaultStep(reset, times=2), FaultStep(close))
    assert strikes(faults, 4) == [reset, reset, close, None]


def test_a_step_between_its_strikes_lets_later_ones_strike():
    reset, close = kinds.Reset(), kinds.Close()
    faults = Faults(FaultStep(reset, times=1, every=2), FaultStep(close, times=None))
    assert strikes(faults, 4) == [close, reset, close, close]
    assert faults.pending


def test_a_step_waits_for_its_kind_of_request():
    reset = kinds.Reset()
    faults = Faults(FaultStep(reset, on=FaultTarget.TOKEN))
    assert strikes(faults, 2) == [None, None]
    assert strikes(faults, 2, FaultTarget.TOKEN) == [reset, None]
    assert not faults.pending


def test_the_credential_is_looked_at_only_where_a_step_asks():
    faults = Faults(FaultStep(kinds.Reset(), times=None))
    looked = count()
    faults.take(FaultTarget.CREDENTIALS, lambda: str(next(looked)))
    assert next(looked) == 0


def test_a_script_is_played_once_whatever_the_threads():
    faults = Faults(FaultStep(kinds.Reset(), times=100))
    struck = []
    threads = [
        threading.Thread(target=lambda: struck.extend(filter(None, strikes(faults, 50))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(struck) == 100


# --- which store it is ------------------------------------------------------------------------


def test_a_store_has_an_id_of_its_own_that_stays(path, tmp_path):
    with Store(path) as store:
        first = store.id
        store.put(entry(), b"{}", NOW)
        assert store.id == first
    with Store(path) as store, Store(tmp_path / "other.db") as other:
        assert store.id == first
        assert other.id != first
    assert len(first) == 32


def test_a_new_file_in_the_same_place_is_another_store(path):
    with Store(path) as store:
        first = store.id
    for file in path.parent.iterdir():
        file.unlink()
    with Store(path) as store:
        assert store.id != first


def test_a_file_of_before_gets_an_id_when_it_is_opened(path):
    with Store(path) as store:
        store.put(entry(), b"{}", NOW)
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("DROP TABLE meta")
    assert Store.peek(path) == ""
    with Store(path) as store:
        given = store.id
        assert given
        assert store.count() == 1
    assert Store.peek(path) == given


def test_a_look_makes_no_file_and_changes_none(path):
    assert Store.peek(path) == ""
    assert not path.exists()
    path.parent.mkdir()
    path.write_bytes(b"no database at all, but long enough to be looked at")
    assert Store.peek(path) == ""


def test_a_reset_leaves_no_record_and_makes_another_store(path):
    with Store(path) as store, Store(path) as other:
        store.put(entry(), b'{"name": "Secretive"}', NOW)
        first = store.id
        assert store.reset() == 1
        assert (store.count(), other.count()) == (0, 0)
        assert store.id != first
        assert other.id == store.id
    assert b"Secretive" not in path.read_bytes()
