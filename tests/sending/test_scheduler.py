"""Which credential is sent when, and what each failure means for it and for the run."""

import math

import pytest

from clrctl.errors import AuthError, RefusedError, TemporaryError, UsageError
from clrctl.finding import Report
from clrctl.http.answer import LostAnswer, NoConnection
from clrctl.sending.client.upsert import (
    BusyError,
    CredentialRefused,
    Forbidden,
    NoService,
    Redirected,
    Throttled,
    TokenRefused,
    Unconfirmed,
)
from clrctl.sending.outcome import Receipt, UploadOutcome
from clrctl.sending.scheduler import Schedule, SendOptions
from clrctl.sending.spool import QueuedCredential


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def make(clock):
    def schedule(number=0, **options):
        made = Schedule(SendOptions(**options), clock, lambda: 1.0)
        for at in range(number):
            made.add(parcel(at), b"%d" % at)
        return made

    return schedule


def parcel(at, version=b"1"):
    key = ("https://issuer.example", f"urn:{at}")
    return QueuedCredential(Report(f"{at}.json"), key, key[1], version, b"", 1, "", b"", None)


def receipt(outcome=UploadOutcome.CREATED):
    return Receipt(outcome, 201, "r", b"{}")


def ended(schedule, job, what):
    """End a request; return what is told of it, if anything."""
    if isinstance(what, UploadOutcome):
        told = schedule.stored(job, receipt(what))
    else:
        told = schedule.failed(job, what)
    if told is not None:
        schedule.close(job, told.outcome)
    return told


def taken(schedule, clock):
    """Return the next job, however long it takes to come."""
    for _ in range(100):
        job = schedule.take()
        if not isinstance(job, float):
            return job
        assert math.isfinite(job)
        clock.now += job
    raise AssertionError


def through(schedule, clock, *happenings):
    """Send one job after another, each meeting the next thing; return what is told."""
    told = []
    for what in happenings:
        if schedule.is_stopping or not schedule.open:
            break
        told.append(ended(schedule, taken(schedule, clock), what))
    return [each.outcome.value for each in told if each]


def reached(schedule, clock):
    """Let the endpoint answer once, so that it is known to be there."""
    schedule.add(parcel("first"), b"")
    assert through(schedule, clock, UploadOutcome.CREATED) == ["created"]
    return schedule


LOST = LostAnswer("cut")
NOBODY = NoConnection("refused")
HOLLOW = Unconfirmed("what", status=200)
NO = CredentialRefused("no", status=400)


def busy(status, wait=0.0):
    return BusyError("busy", status=status, wait=wait)


ALWAYS = [
    # what always happens, attempts, outcome
    (LOST, 8, "unconfirmed"),
    (NOBODY, 8, "pending"),
    (TemporaryError("no token"), 8, "pending"),
    (busy(408), 8, "failed"),
    (busy(425), 8, "failed"),
    (Throttled("429", status=429), 20, "failed"),
    (Throttled("403 of a rate limit", status=403), 20, "failed"),
    (busy(500), 3, "failed"),
    (busy(502), 8, "failed"),
    (busy(503), 8, "failed"),
    (busy(504), 8, "failed"),
    (HOLLOW, 3, "unconfirmed"),
    (CredentialRefused("conflict", status=409), 3, "refused"),
    (NO, 1, "refused"),
    (CredentialRefused("too large", status=413), 1, "refused"),
    (Forbidden("403", status=403), 1, "refused"),
    (NoService("404", status=404), 1, "refused"),
]


@pytest.mark.parametrize(("error", "attempts", "outcome"), ALWAYS, ids=repr)
def test_what_always_fails_is_given_up(make, clock, error, attempts, outcome):
    schedule = reached(make(), clock)
    schedule.add(parcel(1), b"")
    for at in range(1, attempts + 1):
        told = ended(schedule, taken(schedule, clock), error)
        assert (told is not None) is (at == attempts)
    assert (told.outcome, told.error, told.attempts) == (outcome, error, attempts)
    assert not schedule.is_stopping
    assert schedule.open == 0


@pytest.mark.parametrize(
    "error",
    [
        LOST,
        busy(408),
        busy(425),
        Throttled("429", status=429),
        busy(500),
        busy(502),
        busy(503),
        busy(504),
        HOLLOW,
    ],
    ids=repr,
)
def test_what_passes_is_forgotten(make, clock, error):
    assert through(make(1), clock, error, UploadOutcome.UPDATED) == ["updated"]


@pytest.mark.parametrize("last", [busy(503), NOBODY], ids=repr)
def test_what_may_have_been_stored_stays_in_doubt(make, clock, last):
    schedule = make(1, retries=2)
    assert through(schedule, clock, LOST, last, last) == ["unconfirmed"]


def test_a_plain_no_after_a_lost_answer_is_a_no(make, clock):
    assert through(make(1), clock, LOST, NO) == ["refused"]


STOPS = [
    (TokenRefused("401", status=401), "refused"),
    (AuthError("no client"), "refused"),
    (Forbidden("403", status=403), "refused"),
    (NoService("404", status=404), "refused"),
    (NoService("405", status=405), "refused"),
    (Redirected("308", status=308), "refused"),
    (RefusedError("certificate"), "refused"),
    (UsageError("url"), "refused"),
    (NOBODY, "pending"),
    (TemporaryError("no token"), "pending"),
]


@pytest.mark.parametrize(("error", "outcome"), STOPS, ids=repr)
def test_trouble_that_all_would_meet_stops_the_run_and_is_told_once(make, error, outcome):
    schedule = make(3)
    first, second = schedule.take(), schedule.take()
    told = ended(schedule, first, error)
    assert (told.outcome, told.error, schedule.is_stopping) == (outcome, error, True)
    again = ended(schedule, second, error)
    assert (again.outcome, again.error) == ("pending", None)


def test_an_answer_to_another_ends_well_while_the_run_stops(make):
    schedule = make(3)
    jobs = [schedule.take() for _ in range(3)]
    ended(schedule, jobs[0], TokenRefused("401", status=401))
    assert ended(schedule, jobs[1], UploadOutcome.CREATED).outcome == "created"
    lost = ended(schedule, jobs[2], LOST)
    assert (lost.outcome, lost.error) == ("unconfirmed", LOST)


@pytest.mark.parametrize("error", [Forbidden("403", status=403), NoService("404", status=404)])
def test_twenty_in_a_row_are_about_the_endpoint(make, clock, error):
    schedule = reached(make(19), clock)
    assert through(schedule, clock, *[error] * 19) == ["refused"] * 19
    assert not schedule.is_stopping
    reached(schedule, clock)
    for at in range(100, 120):
        schedule.add(parcel(at), b"")
    through(schedule, clock, *[error] * 20)
    assert schedule.is_stopping


@pytest.mark.parametrize("error", [NO, HOLLOW, busy(500)], ids=repr)
def test_fail_fast_stops_at_any_error(make, clock, error):
    schedule = make(3, fail_fast=True, retries=0)
    through(schedule, clock, error)
    assert schedule.is_stopping


# --- pauses -----------------------------------------------------------------------------------


def test_a_pause_that_is_asked_for_is_kept_by_all(make, clock):
    schedule = make(3)
    jobs = [schedule.take(), schedule.take()]
    assert ended(schedule, jobs[0], Throttled("429", status=429, wait=5)) is None
    assert schedule.take() == 5
    ended(schedule, jobs[1], UploadOutcome.CREATED)
    assert schedule.take() == 5
    clock.now += 5
    assert schedule.pace.limit == 4
    assert schedule.take().parcel.id == "urn:0"


def test_a_pause_that_is_too_long_ends_the_run(make, clock):
    schedule = make(2)
    long = busy(503, wait=301)
    told = ended(schedule, schedule.take(), long)
    assert (told.outcome, told.error, schedule.is_stopping) == ("pending", long, True)


def test_others_are_sent_while_one_waits(make, clock):
    schedule = make(3, connections=1)
    order = []
    for what in (busy(500), UploadOutcome.CREATED, UploadOutcome.CREATED, UploadOutcome.CREATED):
        job = taken(schedule, clock)
        order.append(job.parcel.id)
        ended(schedule, job, what)
    assert order == ["urn:0", "urn:1", "urn:2", "urn:0"]


# --- outages ----------------------------------------------------------------------------------


def outage(schedule, clock, error):
    """Let requests fail until the run gives up; return what is told, and when each was made."""
    told, times = [], []
    while not schedule.is_stopping:
        job = taken(schedule, clock)
        times.append(clock.now - 1000)
        told.append(ended(schedule, job, error))
    return [each for each in told if each], times


@pytest.mark.parametrize(
    ("error", "outcome"), [(NOBODY, "pending"), (LOST, "unconfirmed"), (busy(503), "pending")]
)
@pytest.mark.parametrize("number", [30, 3])
def test_an_outage_fails_nothing(make, clock, error, outcome, number):
    schedule = reached(make(number), clock)
    told, times = outage(schedule, clock, error)
    assert [(each.outcome, each.error) for each in told] == [(outcome, error)]
    assert 600 <= times[-1] - times[0] < 700
    assert len(times) < 45
    rest = []
    while (job := schedule.drop()) is not None:
        rest.append(schedule.dropped(job).outcome)
        schedule.close(job, rest[-1])
    assert (len(rest), schedule.open) == (number - 1, 0)
    assert set(rest) <= {"pending", "unconfirmed"}


def test_after_an_outage_all_goes_on_as_before(make, clock):
    schedule = reached(make(30), clock)
    for _ in range(25):
        ended(schedule, taken(schedule, clock), NOBODY)
    assert schedule.circuit.is_open
    assert through(schedule, clock, *[UploadOutcome.CREATED] * 30) == ["created"] * 30
    assert not schedule.circuit.is_open


def test_an_empty_budget_pauses_and_fails_nothing(make, clock):
    schedule = reached(make(200), clock)
    told, opened = [], 0
    while schedule.open:
        job = taken(schedule, clock)
        what = UploadOutcome.CREATED if job.attempts > 1 else busy(500)
        was_open = schedule.circuit.is_open
        told.append(ended(schedule, job, what))
        opened += schedule.circuit.is_open and not was_open
    assert sum(each is not None for each in told) == 200
    assert 1 < opened < 10
    assert all(each.outcome == "created" for each in told if each)


def test_fewer_attempts_hold_in_an_outage_too(make, clock):
    schedule = reached(make(30, retries=0), clock)
    assert through(schedule, clock, *[LOST] * 25) == ["unconfirmed"] * 25


# --- versions of one credential ---------------------------------------------------------------


def test_versions_of_one_credential_are_sent_one_after_another(make, clock):
    schedule = make()
    for version in (b"1", b"2", b"3"):
        schedule.add(parcel(0, version), version)
    job = schedule.take()
    assert schedule.take() == math.inf
    assert ended(schedule, job, busy(500)) is None
    assert taken(schedule, clock) is job
    ended(schedule, job, UploadOutcome.CREATED)
    assert schedule.take().body == b"2"
    assert schedule.open == 2


@pytest.mark.parametrize(("follower", "wait"), [(b"2", 60.0), (b"1", 0.0)])
def test_a_newer_version_waits_while_the_older_may_be_under_way(make, clock, follower, wait):
    schedule = make(retries=0)
    schedule.add(parcel(0, b"1"), b"")
    schedule.add(parcel(0, follower), b"")
    assert through(schedule, clock, LOST) == ["unconfirmed"]
    at = clock.now
    assert taken(schedule, clock).parcel.digest == follower
    assert clock.now - at == wait


def test_a_job_may_be_added_for_later(make, clock):
    schedule = make()
    schedule.add(parcel(0), b"", pause=60)
    assert schedule.take() == 60
    schedule.add(parcel(1), b"")
    assert schedule.ready == 1
    assert schedule.take().parcel.id == "urn:1"
