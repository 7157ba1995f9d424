"""`upsert --check`: the endpoint is asked for what the journal calls stored."""

import contextlib
import re
import sqlite3

import orjson
import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl import sandbox
from tests.conftest import SAMPLES
from tests.talker import reply, talking

MINIMAL = (SAMPLES / "minimal.clr.json").read_bytes()
TOKEN = "a-token-for-tests"


@pytest.fixture(autouse=True)
def token(monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)


@pytest.fixture
def folder(tmp_path):
    inputs = tmp_path / "in"
    inputs.mkdir()
    for number in (1, 2, 3):
        (inputs / f"{number}.json").write_bytes(MINIMAL.replace(b"4e01", b"%04d" % number))
    return inputs


class Server:
    """An endpoint that keeps what it is sent, and lists it as a test wants."""

    def __init__(self):
        self.held = {}
        self.refuses = 0
        self.total = None
        self.listed = 0

    def __call__(self, seen):
        if seen.line.startswith("GET"):
            self.listed += 1
            if self.refuses:
                return reply(self.refuses)
            total = len(self.held) if self.total is None else self.total
            body = orjson.dumps({"credential": list(self.held.values())})
            return reply(200, body, X_Total_Count=str(total))
        data = orjson.loads(seen.body)
        self.held[data["id"]] = data
        return reply(201, seen.body)

    def lose(self, number):
        self.held = {name: data for name, data in self.held.items() if f"{number:04}" not in name}


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def url(server):
    with talking(server) as talker:
        yield talker.url


def outcomes(result):
    return [line.split()[0] for line in result.out.splitlines() if not line.startswith(" ")]


def test_what_the_endpoint_has_lost_is_sent_again(clrctl, folder, server, url):
    clrctl("upsert", folder, "-e", url)
    server.lose(2)
    blind = clrctl("upsert", folder, "-e", url)
    assert (outcomes(blind), server.listed) == (["unchanged"] * 3, 0)
    seeing = clrctl("upsert", folder, "-e", url, "--check")
    assert (seeing.code, sorted(outcomes(seeing))) == (0, ["created", "unchanged", "unchanged"])
    told = "1 credential that the journal calls stored is not at the endpoint: sent again"
    assert told in seeing.err
    assert "2 unchanged, and at the endpoint" in seeing.err
    assert len(server.held) == 3
    again = clrctl("upsert", folder, "-e", url, "--check")
    assert outcomes(again) == ["unchanged"] * 3
    assert "not at the endpoint" not in again.err


def test_what_is_lost_and_not_given_is_left_to_the_next_run(clrctl, folder, server, url):
    clrctl("upsert", folder, "-e", url)
    server.held.clear()
    one = clrctl("upsert", folder / "1.json", "-e", url, "--check")
    assert outcomes(one) == ["created"]
    assert "3 credentials that the journal calls stored are not at the endpoint" in one.err
    assert "1 of them is sent again" in one.err
    assert "clrctl upsert --from-status failed" in one.err
    assert clrctl("status", "-e", url, "--failed").out.count("not at the endpoint") == 2
    assert clrctl("plan", folder, "-e", url).out.count("new  ") == 2
    rest = clrctl("upsert", "--from-status", "failed", "-e", url)
    assert sorted(outcomes(rest)) == ["created", "created"]
    assert len(server.held) == 3


def test_with_keep_going_too(clrctl, folder, server, url):
    clrctl("upsert", folder, "-e", url)
    server.lose(3)
    result = clrctl("upsert", folder, "-e", url, "--check", "--keep-going")
    assert sorted(outcomes(result)) == ["created", "unchanged", "unchanged"]


@pytest.mark.parametrize("status", [404, 405, 501])
def test_an_endpoint_without_a_list_cannot_be_asked(clrctl, folder, server, url, status):
    clrctl("upsert", folder, "-e", url)
    server.refuses = status
    result = clrctl("upsert", folder, "-e", url, "--check", "--quiet")
    assert (result.code, outcomes(result)) == (0, ["unchanged"] * 3)
    assert "nothing could be checked" in result.err
    assert "--force sends all" in result.err
    assert "--check asks" not in clrctl("upsert", folder, "-e", url, "--check").err


@pytest.mark.parametrize(("status", "code"), [(401, 4), (403, 4), (400, 6)])
def test_an_endpoint_that_refuses_to_say_is_an_error(clrctl, folder, server, url, status, code):
    clrctl("upsert", folder, "-e", url)
    server.refuses = status
    result = clrctl("upsert", folder, "-e", url, "--check")
    assert (result.code, result.out) == (code, "")


def test_a_list_that_is_not_whole_is_told(clrctl, folder, server, url):
    clrctl("upsert", folder, "-e", url)
    server.lose(1)
    server.total = 3
    result = clrctl("upsert", folder, "-e", url, "--check")
    assert sorted(outcomes(result)) == ["created", "unchanged", "unchanged"]
    assert "the endpoint listed 2 of 3 credentials" in result.err


def test_nothing_is_asked_where_nothing_was_stored(clrctl, folder, server, url):
    assert outcomes(clrctl("upsert", folder, "-e", url, "--check")) == ["created"] * 3
    assert server.listed == 0


def test_of_a_changed_issuer_the_id_counts(clrctl, folder, server, url):
    clrctl("upsert", folder, "-e", url)
    for data in server.held.values():
        data["id"] = data["id"].replace("urn", "%75rn", 1)
        data["issuer"]["id"] += " "
    result = clrctl("upsert", folder, "-e", url, "--check")
    assert outcomes(result) == ["unchanged"] * 3


def test_without_a_check_doubt_is_said_once_with_the_day(clrctl, folder, url):
    clrctl("upsert", folder, "-e", url)
    result = clrctl("upsert", folder, "-e", url)
    assert re.search(
        r"^3 unchanged by the journal of \d{4}-\d\d-\d\d, not sent again "
        r"\(--check asks the endpoint, --force sends all\)$",
        result.err,
        re.MULTILINE,
    )
    assert result.err.count("--check") == 1
    assert clrctl("upsert", folder, "-e", url, "--quiet").err == ""


@pytest.mark.parametrize("flag", ["--no-journal", "--force", "--dry-run"])
def test_what_makes_a_check_pointless_is_refused(clrctl, folder, url, flag):
    result = clrctl("upsert", folder, "-e", url, "--check", flag)
    assert (result.code, flag in result.err) == (2, True)


def test_pages_are_followed_and_a_sandbox_is_asked_as_well(clrctl, tmp_path):
    inputs = tmp_path / "many.ndjson"
    one = orjson.dumps(orjson.loads(MINIMAL))
    inputs.write_bytes(b"\n".join(one.replace(b"4e01", b"%04d" % n) for n in range(130)))
    with sandbox.start(tmp_path / "a.db", check=lambda _: []) as box:
        (tmp_path / "none").write_text("")
        endpoint = ("-e", box.url, "--input-format", "ndjson")
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("CLRCTL_TOKEN")
            clrctl("upsert", inputs, *endpoint)
            with contextlib.closing(sqlite3.connect(box.store.path)) as db, db:
                db.execute("DELETE FROM record WHERE credential_id LIKE '%0129'")
            result = clrctl("upsert", inputs, *endpoint, "--check")
    assert (outcomes(result).count("created"), outcomes(result).count("unchanged")) == (1, 129)
