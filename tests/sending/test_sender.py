"""Sending with many threads: order, the journal, tokens, faults on the wire, ends of all kinds."""

import contextlib
import hashlib
import io
import threading
import time
from collections import Counter, defaultdict
from dataclasses import replace
from types import SimpleNamespace

import orjson
import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl import sandbox
from clrctl.document.inputs import read
from clrctl.errors import InputError
from clrctl.finding import Report
from clrctl.http.answer import LostAnswer, Timeouts
from clrctl.sandbox.faults import kinds, script
from clrctl.sandbox.faults.kinds import FaultStep
from clrctl.sending.auth.credentials import ClientCredentials
from clrctl.sending.client.upsert import BusyError, CredentialRefused, TokenRefused, connector
from clrctl.sending.journal.entry import digest
from clrctl.sending.journal.journal import Journal
from clrctl.sending.outcome import Receipt, UploadOutcome
from clrctl.sending.scheduler import SendOptions
from clrctl.sending.sender import Sender
from clrctl.sending.spool import Bodies, Content, QueuedCredential
from clrctl.standard.clr_api import CREDENTIALS_PATH
from clrctl.util.secret import Secret
from tests.talker import free_port

PATIENT = Timeouts()
BASE = "https://clr.example"
ISSUER = "https://issuer.example"


class Hurry:
    """Lets time pass a thousand times as fast."""

    FACTOR = 1000.0

    def monotonic(self):
        return time.monotonic() * self.FACTOR

    def wall(self):
        return time.time() * self.FACTOR

    def wait(self, condition, seconds):
        condition.wait(None if seconds is None else seconds / self.FACTOR)


class Held(Bodies):
    """Content that a test holds in memory."""

    def __init__(self):
        super().__init__()
        self.loaded = 0
        self.missing = set()

    def load(self, content):
        source = content.source
        self.loaded += 1
        if source in self.missing:
            raise InputError("the file changed since it was checked", where=source)
        return orjson.dumps({"id": source.partition("#")[0], "version": source})


def parcels(number, *, versions=1, bodies=None):
    bodies = bodies or Held()
    made = []
    for version in range(versions):
        for at in range(number):
            source = f"urn:{at}#{version}"
            body = Held().load(Content(source, 1, b"", 0))
            sha256 = hashlib.sha256(body).digest()
            key = (ISSUER, f"urn:{at}")
            report = Report(source)
            made.append(
                QueuedCredential(
                    report, key, key[1], digest(body), sha256, len(body), "", b"f", bodies
                )
            )
    return made


class Server:
    """Stands for an endpoint, shared by the clients of all threads: `answer` decides."""

    def __init__(self, answer=lambda _, __: UploadOutcome.CREATED):
        self.answer = answer
        self.sent = []
        self.under_way = Counter()
        self.overlaps = 0
        self.most = 0
        self.lock = threading.Lock()
        self.cut = threading.Event()

    @contextlib.contextmanager
    def connect(self):
        yield self.Client(self)

    class Client:
        def __init__(self, server):
            self.server = server

        def cut(self):
            self.server.cut.set()

        def upsert(self, body):
            server, data = self.server, orjson.loads(body)
            with server.lock:
                server.sent.append(data["version"])
                number = server.sent.count(data["version"])
                server.overlaps += server.under_way[data["id"]] > 0
                server.under_way[data["id"]] += 1
                server.most = max(server.most, server.under_way.total())
            try:
                time.sleep(0.001)
                what = server.answer(data["version"], number)
                if isinstance(what, BaseException):
                    raise what
                return Receipt(what, 200, "r", b"")
            finally:
                with server.lock:
                    server.under_way[data["id"]] -= 1


def deliver(server, given, *, journal=None, time=None, **options):
    """Send parcels; return the deliveries by source."""
    told = []
    sender = Sender(
        server.connect,
        told.append,
        journal=journal,
        options=SendOptions(**{"connections": 16, **options}),
        time=time or Hurry(),
    )
    sender.run(given)
    by_source = {each.credential.report.source: each for each in told}
    assert len(told) == len(by_source) == len(given)
    return by_source


def outcomes(told):
    return Counter(each.outcome.value for each in told.values())


@pytest.fixture
def journal(tmp_path):
    with Journal.open(tmp_path, base=BASE, client="") as opened:
        yield opened


# --- all of it, in order ----------------------------------------------------------------------


def test_everything_is_sent_once_by_no_more_connections_than_allowed():
    server = Server()
    told = deliver(server, parcels(300), connections=5)
    assert outcomes(told) == {"created": 300}
    assert Counter(server.sent).most_common(1)[0][1] == 1
    assert 1 < server.most <= 5


def test_two_versions_of_each_never_overlap_and_the_newer_stays():
    faults = (BusyError("busy", status=503), LostAnswer("cut"))
    left = defaultdict(lambda: 1)

    def answer(version, _):
        at = int(version.partition("#")[0].removeprefix("urn:"))
        if at % 10 == 0 and left[version]:
            left[version] = 0
            return faults[at % 20 // 10]
        return UploadOutcome.CREATED

    server = Server(answer)
    told = deliver(server, parcels(100, versions=2))
    assert outcomes(told) == {"created": 200}
    assert server.overlaps == 0
    last = {version.partition("#")[0]: version for version in server.sent}
    assert all(version.endswith("#1") for version in last.values())


def test_content_is_held_only_while_it_is_under_way():
    bodies, ahead = Held(), []
    server = Server(
        lambda *_: ahead.append(bodies.loaded - len(server.sent)) or UploadOutcome.CREATED
    )
    deliver(server, parcels(500, bodies=bodies), connections=4)
    assert max(ahead) <= 4 * 3


def test_an_input_that_is_gone_is_refused_and_the_others_are_sent():
    bodies = Held()
    bodies.missing = {"urn:3#0"}
    told = deliver(Server(), parcels(5, bodies=bodies))
    assert outcomes(told) == {"created": 4, "refused": 1}
    assert told["urn:3#0"].error.what == "the file changed since it was checked"


# --- the journal ------------------------------------------------------------------------------


def test_what_is_stored_is_known_and_sent_again_only_if_wanted(journal):
    deliver(Server(), parcels(20), journal=journal)
    again = Server()
    told = deliver(again, parcels(20), journal=journal)
    assert (outcomes(told), again.sent) == ({"unchanged": 20}, [])
    assert all(each.was_known for each in told.values())
    assert outcomes(deliver(again, parcels(20), journal=journal, force=True)) == {"created": 20}
    newer = parcels(20, versions=2)[20:]
    assert outcomes(deliver(again, newer, journal=journal)) == {"created": 20}


@pytest.mark.parametrize(
    ("error", "outcome", "status"),
    [
        (CredentialRefused("no", status=422), "refused", 422),
        (BusyError("busy", status=500), "failed", 500),
        (LostAnswer("cut"), "unconfirmed", 0),
    ],
)
def test_what_is_not_stored_is_noted_and_sent_again(journal, error, outcome, status):
    deliver(Server(lambda *_: error), parcels(1), journal=journal)
    (entry,) = journal.entries()
    assert (entry.outcome, entry.status, entry.detail) == (outcome, status, error.what)
    assert entry.in_doubt is (outcome == "unconfirmed")
    assert outcomes(deliver(Server(), parcels(1), journal=journal)) == {"created": 1}


def test_a_request_is_noted_before_it_is_made(journal):
    noted = []

    def answer(*_):
        noted.append(journal.lookup((ISSUER, "urn:0")).inflight_digest)
        return UploadOutcome.CREATED

    (only,) = parcels(1)
    deliver(Server(answer), [only], journal=journal)
    assert noted == [only.digest]
    entry = journal.lookup(only.key)
    assert (entry.outcome, entry.inflight_digest) == ("created", None)
    assert journal.fingerprint(only.key)


@pytest.mark.parametrize(("version", "wait"), [(1, 60.0), (0, 0.0)])
def test_a_newer_version_waits_for_what_a_killed_run_left(journal, version, wait):
    old, new = parcels(1, versions=2)
    clock = Hurry()
    journal.begin(old.key, old.digest, clock.wall() + 1e6)
    began, sent = clock.monotonic(), []
    server = Server(lambda *_: sent.append(clock.monotonic()) or UploadOutcome.CREATED)
    deliver(server, [(old, new)[version]], journal=journal, time=clock)
    assert sent[0] - began >= wait
    assert journal.lookup(old.key).outcome == "created"


def test_a_journal_that_cannot_be_written_stops_before_the_next_request(journal, monkeypatch):
    def full(*_, **__):
        raise InputError("the journal cannot be written")

    server, told = Server(), []
    monkeypatch.setattr(Journal, "begin", full)
    sender = Sender(
        server.connect, told.append, journal=journal, options=SendOptions(connections=2)
    )
    with pytest.raises(InputError, match="cannot be written"):
        sender.run(parcels(20))
    assert server.sent == []
    assert [each.outcome.value for each in told] == ["pending"] * 20


def test_what_was_confirmed_is_told_even_if_it_cannot_be_noted(journal, monkeypatch):
    def full(*_, **__):
        raise InputError("the journal cannot be written")

    told = []
    monkeypatch.setattr(Journal, "finish", full)
    sender = Sender(
        Server().connect, told.append, journal=journal, options=SendOptions(connections=1)
    )
    with pytest.raises(InputError):
        sender.run(parcels(5))
    assert sorted(each.outcome.value for each in told) == ["created"] + ["pending"] * 4


def test_a_journal_that_cannot_be_read_stops_the_run(journal, monkeypatch):
    def damaged(*_):
        raise InputError("the journal is damaged")

    told, server = [], Server()
    monkeypatch.setattr(Journal, "lookup", damaged)
    with pytest.raises(InputError, match="damaged"):
        Sender(server.connect, told.append, journal=journal).run(parcels(3))
    assert (len(told), server.sent) == (3, [])


# --- ends -------------------------------------------------------------------------------------


def test_trouble_of_all_is_told_once_and_the_rest_is_pending():
    server = Server(lambda *_: TokenRefused("401", status=401))
    told = deliver(server, parcels(100))
    assert outcomes(told) == {"refused": 1, "pending": 99}
    assert [each.error.what for each in told.values() if each.error] == ["401"]


def test_one_failure_is_enough_where_that_is_wanted():
    no = CredentialRefused("no", status=400)
    server = Server(lambda version, _: no if version == "urn:2#0" else UploadOutcome.CREATED)
    told = deliver(server, parcels(50), fail_fast=True, connections=1)
    assert outcomes(told) == {"created": 2, "refused": 1, "pending": 47}


def test_a_changed_file_is_a_failure_as_well():
    bodies = Held()
    bodies.missing = {"urn:0#0"}
    told = deliver(Server(), parcels(9, bodies=bodies), fail_fast=True)
    assert outcomes(told) == {"refused": 1, "pending": 8}


def test_who_cannot_be_told_stops_the_run_but_not_the_count():
    told = []

    def tell(delivery):
        told.append(delivery.outcome.value)
        if len(told) == 1:
            raise InputError("disk full")

    with pytest.raises(InputError, match="disk full"):
        Sender(Server().connect, tell, options=SendOptions(connections=1)).run(parcels(50))
    assert len(told) == 50
    assert set(told) == {"created", "pending"}


def test_a_fault_of_ours_is_raised_and_leaves_what_it_met_in_doubt():
    told = []
    server = Server(lambda *_: RuntimeError("a fault"))
    with pytest.raises(RuntimeError, match="a fault"):
        Sender(server.connect, told.append, options=SendOptions(connections=1)).run(parcels(3))
    assert sorted(each.outcome.value for each in told) == ["pending", "pending", "unconfirmed"]


def test_a_client_that_cannot_be_opened_stops_the_run():
    @contextlib.contextmanager
    def connect():
        raise InputError("no certificates")
        yield

    told = []
    with pytest.raises(InputError, match="no certificates"):
        Sender(connect, told.append).run(parcels(3))
    assert [each.outcome.value for each in told] == ["pending"] * 3


def stopped(server, *, grace):
    told = []
    sender = Sender(server.connect, told.append, options=SendOptions(connections=2, grace=grace))
    stopper = threading.Timer(0.1, sender.stop)
    stopper.start()
    sender.run(parcels(10))
    stopper.join()
    assert sender.is_stopping
    return Counter(each.outcome.value for each in told)


def test_whoever_wants_it_to_stop_waits_for_what_is_under_way():
    server = Server(lambda *_: time.sleep(0.4) or UploadOutcome.CREATED)
    assert stopped(server, grace=10) == {"created": 2, "pending": 8}


def test_what_takes_longer_is_cut():
    server = Server(lambda *_: server.cut.wait(10) and LostAnswer("cut"))
    assert stopped(server, grace=0.1) == {"unconfirmed": 2, "pending": 8}


def test_what_cannot_be_cut_is_left_behind(monkeypatch):
    end = threading.Event()
    monkeypatch.setattr("clrctl.sending.sender._LAST_WORD", 0.1)
    server = Server(lambda *_: end.wait(10) and UploadOutcome.CREATED)
    assert stopped(server, grace=0.1) == {"unconfirmed": 2, "pending": 8}
    end.set()


def test_a_run_says_what_holds_it_up():
    said = []
    server = Server(
        lambda _, n: BusyError("b", status=429, wait=200) if n == 1 else UploadOutcome.CREATED
    )
    sender = Sender(
        server.connect,
        lambda _: None,
        options=SendOptions(connections=1),
        time=Hurry(),
        tick=lambda: said.append(sender.hindrance()),
    )
    sender.run(parcels(1))
    assert any(text.startswith("the endpoint asks for a pause, ") for text in said)
    sender._schedule.circuit.open()
    assert "does not answer" in sender.hindrance()


# --- against a server on loopback -------------------------------------------------------------


@pytest.fixture
def box(tmp_path):
    with sandbox.start(tmp_path / "sandbox.db", check=lambda _: []) as running:
        yield running


def credential(at):
    return orjson.dumps(
        {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "id": f"urn:{at}",
            "type": ["VerifiableCredential", "ClrCredential"],
            "issuer": {"id": ISSUER, "type": ["Profile"]},
        }
    )


def on_the_wire(box, folder, number, *, timeouts=PATIENT, **options):
    file = folder / "all.ndjson"
    file.write_bytes(b"\n".join(map(credential, range(number))))
    bodies, given = Bodies(), []
    for at, document in enumerate(read([str(file)], stdin=io.BytesIO())):
        key = (ISSUER, f"urn:{at}")
        sha256 = hashlib.sha256(document.payload).digest()
        report = Report(str(file), first_line=document.first_line)
        given.append(
            QueuedCredential(
                report, key, key[1], digest(document.payload), sha256, 1, "", b"f", bodies
            )
        )
    client = ClientCredentials(
        box.token_url, sandbox.CLIENT_ID, Secret(sandbox.CLIENT_SECRET), "", "basic", "here"
    )
    told = []
    connect = connector(box.url + CREDENTIALS_PATH, client, timeouts)
    Sender(connect, told.append, options=SendOptions(**options), time=Hurry()).run(given)
    assert len(told) == number
    return told


def requests(box, path):
    return [seen for seen in box.requests if seen.path == path]


def test_a_token_that_expires_is_renewed_once_for_all(box, tmp_path):
    box.faults.add(FaultStep(kinds.Expire(), credential_id="urn:100"))
    told = on_the_wire(box, tmp_path, 200, connections=16)
    assert Counter(each.outcome for each in told) == {UploadOutcome.CREATED: 200}
    assert len(requests(box, sandbox.TOKEN_PATH)) == 2


ROWS = [
    # fault once, the same always, attempts then (None: as many as time allows), outcome then
    ("reset", "reset*", 8, "unconfirmed"),
    ("reset:commit=yes", "reset*:commit=yes", 8, "unconfirmed"),
    ("close:commit=yes", "close*", 8, "unconfirmed"),
    ("truncate", "truncate*", 8, "unconfirmed"),
    ("truncate:framing=none", "truncate*:framing=none", 3, "unconfirmed"),
    ("bloat", "bloat*", 8, "unconfirmed"),
    ("flood", "flood*", 3, "unconfirmed"),
    ("bomb", "bomb*", 3, "unconfirmed"),
    ("hang:commit=yes", "hang*", None, "unconfirmed"),
    ("drip:seconds=0.1", "drip*:seconds=0.1", None, "unconfirmed"),
    ("429:retry-after=5", "429*:retry-after=5", None, "failed"),
    ("429:retry-date=30", "429*:retry-date=30", None, "failed"),
    ("503:retry-after=soon", "503*:retry-after=-1", 8, "failed"),
    ("500", "500*", 3, "failed"),
    ("502:body=html", "504*:body=empty", 8, "failed"),
    ("200:body=html", "200*:body=html", 3, "unconfirmed"),
    ("200:body=imsx", "200*:body=imsx", 3, "unconfirmed"),
    ("alter:at=/id:value=7", "alter*:at=/id:value=7", 3, "unconfirmed"),
    ("409", "409*", 3, "refused"),
    ("408", "425*", 8, "failed"),
]
SHORT = Timeouts(read=0.3, exchange=0.3)


def patience(fault):
    """Return for how long to wait where a fault is that nothing comes."""
    return SHORT if fault.startswith(("hang", "drip")) else PATIENT


@pytest.mark.parametrize("fault", [once for once, *_ in ROWS])
def test_a_fault_that_happens_once_is_survived(box, tmp_path, fault):
    box.faults.add(*script.read(fault))
    told = on_the_wire(box, tmp_path, 8, timeouts=patience(fault), connections=4)
    assert {each.outcome for each in told} <= {UploadOutcome.CREATED, UploadOutcome.UPDATED}
    assert sorted(each.attempts for each in told) == [1] * 7 + [2]
    assert not box.faults.pending


@pytest.mark.parametrize(("fault", "attempts", "outcome"), [row[1:] for row in ROWS])
def test_a_fault_of_one_credential_does_not_hurt_the_others(
    box, tmp_path, fault, attempts, outcome
):
    box.faults.add(*(replace(step, credential_id="urn:1") for step in script.read(fault)))
    told = on_the_wire(box, tmp_path, 3, timeouts=patience(fault), connections=2)
    struck = [each for each in told if each.credential.id == "urn:1"]
    (only,) = struck
    assert (only.outcome, only.attempts) == (outcome, attempts or only.attempts)
    assert only.attempts > 1
    assert {each.outcome for each in told if each not in struck} == {UploadOutcome.CREATED}


@pytest.mark.parametrize("fault", ["401*", "403*", "404*", "308*:to=https://other.example/"])
def test_a_fault_that_all_would_meet_is_met_once(box, tmp_path, fault):
    box.faults.add(*script.read(fault))
    told = on_the_wire(box, tmp_path, 20, connections=1)
    assert Counter(each.outcome for each in told) == {
        UploadOutcome.REFUSED: 1,
        UploadOutcome.PENDING: 19,
    }
    assert len(requests(box, CREDENTIALS_PATH)) == 1


def test_without_a_token_nothing_is_sent(box, tmp_path):
    box.faults.add(*script.read("500*:on=token"))
    told = on_the_wire(box, tmp_path, 20, connections=4)
    assert {each.outcome for each in told} == {UploadOutcome.PENDING}
    assert sum(each.error is not None for each in told) == 1
    assert requests(box, CREDENTIALS_PATH) == []


def test_nobody_there_ends_the_run_at_once(tmp_path):
    nobody = SimpleNamespace(url="http://127.0.0.1:1", token_url=f"http://127.0.0.1:{free_port()}")
    told = on_the_wire(nobody, tmp_path, 20, connections=4)
    assert {each.outcome for each in told} == {UploadOutcome.PENDING}
    (error,) = [each.error for each in told if each.error]
    assert error.what == "no connection to the server"


def test_what_no_thread_took_was_not_tried(journal):
    begun = threading.Event()

    class Late(Server):
        @contextlib.contextmanager
        def connect(self):
            begun.wait(5)
            raise InputError("no certificates")
            yield

    told, sender = [], None

    def tick():
        if sender._workers.under_way:
            sender.stop()

    sender = Sender(Late().connect, told.append, journal=journal, tick=tick)
    ender = threading.Timer(0.3, begun.set)
    ender.start()
    with contextlib.suppress(InputError):
        sender.run(parcels(1))
    ender.join()
    assert [(each.outcome.value, each.attempts) for each in told] == [("pending", 0)]
    (entry,) = journal.entries()
    assert (entry.outcome, entry.inflight_digest) == ("pending", None)
