"""Whatever an endpoint does, an upload ends well: told truly, repeated no more than is good.

Every fault that the sandbox can make strikes one request, every request, or every request after
some that went well. What must be so in any case is asserted for all; the table says the rest.
"""

import functools
import time
from collections import Counter
from typing import NamedTuple

import orjson
import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl import http
from clrctl.sandbox.faults import script
from clrctl.sending.sender import RealTime, Sender
from tests.soaking import TOKEN, Counting, admit, assert_honest, assert_stored, serving, write
from tests.talker import echo, talking

pytestmark = pytest.mark.slow

NUMBER = 12
WELL = 8
STORED = {"stored", "unchanged", "altered"}
TIMES_FASTER = 1000


class Row(NamedTuple):
    """What faults of one kind lead to.

    Attributes:
        faults: as in a script; ELSEWHERE is another server.
        outcomes: what a credential may end as that is struck again and again.
        code: the exit code then.
        passes: a fault that strikes once is not noticed.
        requests: for one credential at the most.
    """

    faults: str
    outcomes: set[str]
    code: int
    passes: bool = False
    requests: int = 1


TABLE = {
    "its own doing": Row("400 413 422:body=imsx-standard 300", {"refused"}, 6),
    "the token": Row("401 403:body=message expire", {"refused", "pending"}, 4),
    "the address": Row(
        "404:body=html 405 301:to=ELSEWHERE 302:to=ELSEWHERE:commit=yes 303:to=ELSEWHERE"
        " 307:to=ELSEWHERE 308:to=ELSEWHERE",
        {"refused", "pending"},
        6,
    ),
    "asks for too long a pause": Row(
        "429:retry-after=99999999 503:retry-after=301 429:retry-date=3600", {"pending"}, 5
    ),
    "busy": Row(
        "408 425 429 429:retry-after=0 429:retry-after=1 429:retry-after=-1"
        " 429:retry-after=soon 429:retry-date=1 502:body=html 503:body=empty 503:retry-after=1"
        " 504 504:commit=yes",
        {"failed", "pending"},
        5,
        passes=True,
        requests=60,
    ),
    "a conflict": Row("409", {"refused", "pending"}, 6, passes=True, requests=3),
    "a fault of the server": Row(
        "500 500:commit=yes 500:body=html 501", {"failed", "pending"}, 5, passes=True, requests=3
    ),
    "a yes that is none": Row(
        "200:body=html 200:body=imsx 200:body=imsx-standard 201:body=empty 201:body=nan"
        " 201:body=message:commit=yes 202:commit=yes 204:commit=yes"
        " truncate:framing=none flood bomb drop:at=/id alter:at=/id:value=1",
        {"unconfirmed", "pending"},
        6,
        passes=True,
        requests=3,
    ),
    "a lost answer": Row(
        "reset reset:commit=yes close close:commit=yes truncate truncate:framing=chunked bloat",
        {"unconfirmed", "pending"},
        5,
        passes=True,
        requests=60,
    ),
    "a late answer": Row(
        "hang hang:commit=yes drip drip:seconds=0.01:part=body delay:seconds=1",
        {"unconfirmed", "pending"},
        5,
        passes=True,
        requests=60,
    ),
    "nothing to speak of": Row(
        "304:commit=yes drop:at=/description alter:at=/name:value=1 delay:seconds=0.05",
        {"stored", "unchanged", "altered"},
        0,
    ),
}


def cases():
    """Yield all cases; of those that begin later only the first of each row is quick enough."""
    for name, row in TABLE.items():
        for number, fault in enumerate(row.faults.split()):
            for mode in ("once", "always", "later"):
                marks = [pytest.mark.soak] if number and mode == "later" else []
                # The sandbox needs too long to pack more than one of these.
                if fault != "bomb" or mode == "once":
                    yield pytest.param(fault, row, mode, id=f"{name}-{fault}-{mode}", marks=marks)


class Hasty(RealTime):
    """A clock that runs fast, so that pauses are short; a request has the time it needs."""

    @staticmethod
    def monotonic():
        return time.monotonic() * TIMES_FASTER

    def wait(self, condition, seconds):
        condition.wait(None if seconds is None else seconds / TIMES_FASTER)


@pytest.fixture(autouse=True)
def impatient(monkeypatch, request):
    """Make clrctl hurry; late answers are given up sooner than others, which may be slow."""
    patience = 0.25 if "late" in request.node.name else 5.0
    limited = functools.partial(http.Timeouts, connect=5.0)
    monkeypatch.setattr(http, "Timeouts", lambda exchange: limited(exchange=patience * exchange))
    monkeypatch.setattr("clrctl.sending.upload.Sender", functools.partial(Sender, time=Hasty()))
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)


def scripted(fault, mode, elsewhere):
    """Return the faults of a case."""
    name, colon, options = fault.replace("ELSEWHERE", elsewhere).partition(":")
    faults = Counting(*script.read(name + ("" if mode == "once" else "*") + colon + options))
    faults.after = WELL if mode == "later" else 0
    return faults


def told(file):
    """Return what a report says: how many ended as what, and the requests for each."""
    rows = orjson.loads(file.read_bytes())["credentials"]
    same = {"created": "stored", "updated": "stored"}
    ends = Counter(same.get(row["outcome"], row["outcome"]) for row in rows)
    return ends, Counter({row["id"]: row["attempts"] for row in rows})


def assert_nothing_leaked(result, *folders):
    assert TOKEN not in result.out + result.err
    for folder in folders:
        for file in folder.rglob("*"):
            assert not file.is_file() or TOKEN.encode() not in file.read_bytes(), file


@pytest.mark.parametrize(("fault", "row", "mode"), [*cases()])
def test_a_fault(clrctl, clean_environment, tmp_path, fault, row, mode):
    records = write(tmp_path / "in", range(NUMBER))
    out, data = tmp_path / "out", clean_environment / "data"
    out.mkdir()
    with talking(echo()) as other:
        faults = scripted(fault, mode, other.url.replace(":", "%3A"))
        with serving(tmp_path / "box.db", faults) as box:
            limits = ["--request-timeout", "1", "--max-outage", "60", "--settle", "0"]
            command = ["upsert", tmp_path / "in", "-e", box.url, "--connections", "4", *limits]
            result = clrctl(*command, "--report", out / "report.json")
            ends, requests = told(out / "report.json")

            assert ends.total() == NUMBER
            assert requests == faults.seen
            assert max(requests.values()) <= row.requests + row.passes
            assert assert_honest(data, box) == sum(map(ends.get, STORED & ends.keys()))
            assert_nothing_leaked(result, out, data)
            if mode == "once" and row.passes:
                assert (result.code, ends.keys()) == (0, {"stored"})
            else:
                assert result.code == row.code
                assert ends.keys() <= row.outcomes | (set() if mode == "always" else {"stored"})
                assert ends["stored"] >= (WELL if mode == "later" else 0)

            faults.clear()
            admit(box)
            assert clrctl(*command).code == 0
            assert_stored(box, records)
    assert other.seen == []
