"""Which sandbox `--endpoint sandbox` means, and what the journal says of which database."""

import asyncio
import contextlib
import json
import os
import re
import shlex
import signal
import socket
import sqlite3
import subprocess
import sys
from dataclasses import dataclass

import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl import sandbox
from clrctl.cli import local_sandbox
from clrctl.sandbox.discovery import DiscoveryApi
from clrctl.sandbox.store import Store
from clrctl.standard.clr_api import CREDENTIALS_PATH
from tests.conftest import SAMPLES
from tests.talker import free_port, reply, talking

MINIMAL = SAMPLES / "minimal.clr.json"


@dataclass
class Served:
    """A `clrctl sandbox` in a process of its own."""

    process: subprocess.Popen
    port: int
    told: str

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def command(self):
        return shlex.split(re.search(r"send to it: clrctl (.*)", self.told)[1])

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(10)
        self.process.stderr.close()


@pytest.fixture
def serve():
    """Start `clrctl sandbox` as often as wanted; all are ended after the test."""
    with contextlib.ExitStack() as stack:

        def start(*flags, port=None):
            port = port or free_port()
            command = [sys.executable, "-m", "clrctl", "sandbox", "--port", str(port)]
            process = subprocess.Popen(
                [*command, *map(str, flags)], stderr=subprocess.PIPE, text=True
            )
            stack.callback(process.stderr.close)
            stack.callback(process.wait, 10)
            stack.callback(process.kill)
            told = ""
            for line in process.stderr:
                told += line
                if "send to it" in line:
                    break
            return Served(process, port, told)

        yield start


@pytest.fixture(autouse=True)
def nothing_at_the_usual_port(monkeypatch):
    """Let no sandbox of the developer be found: look for it at a free port."""
    from tests import own_port

    own_port.give(monkeypatch, free_port())


@pytest.fixture
def data(clean_environment):
    return clean_environment / "data"


def registrations(data):
    return sorted((data / "sandboxes").glob("*.json"))


def remove(database):
    for file in database.parent.glob(f"{database.name}*"):
        file.unlink()


def outcome(clrctl, endpoint="sandbox", *flags):
    result = clrctl("upsert", MINIMAL, "-e", endpoint, *flags)
    return result.out.split()[0] if result.out else result.err


def held(database):
    with Store(database) as store:
        return store.count()


# --- the journal belongs to a store ------------------------------------------------------------


def test_what_a_removed_database_held_is_not_unchanged(clrctl, data):
    assert [outcome(clrctl), outcome(clrctl)] == ["created", "unchanged"]
    remove(data / "sandbox.db")
    plan = clrctl("plan", MINIMAL, "-e", "sandbox", "--exit-code")
    assert (plan.code, plan.out.split()[0]) == (1, "new")
    assert "database" in plan.err
    status = clrctl("status", "-e", "sandbox")
    assert (status.code, status.out) == (0, "")
    assert "database" in status.err
    dry = clrctl("upsert", MINIMAL, "-e", "sandbox", "--dry-run")
    assert dry.out.split()[0] == "new"
    assert not (data / "sandbox.db").exists()
    assert [outcome(clrctl), outcome(clrctl)] == ["created", "unchanged"]
    assert clrctl("list", "-e", "sandbox").out.count("\n") == 1


@pytest.mark.parametrize("by_url", [False, True], ids=["by name", "by url"])
def test_each_database_has_a_journal_of_its_own(clrctl, serve, tmp_path, by_url):
    found = []
    port = free_port()
    for name in ("a.db", "b.db", "a.db"):
        served = serve("--data", tmp_path / name, port=port)
        endpoint = served.url if by_url else "sandbox"
        found.append((outcome(clrctl, endpoint), outcome(clrctl, endpoint)))
        plan = clrctl("plan", MINIMAL, "-e", endpoint)
        assert plan.out.split()[0] == "unchanged"
        served.end()
    new = ("created", "unchanged")
    assert found == [new, new, ("unchanged", "unchanged")]
    assert held(tmp_path / "b.db") == 1


def test_by_name_and_by_url_it_is_one_journal(clrctl, serve, tmp_path):
    served = serve("--data", tmp_path / "a.db")
    assert outcome(clrctl) == "created"
    assert outcome(clrctl, served.url) == "unchanged"
    counts = clrctl("status", "-e", served.url.replace("127.0.0.1", "localhost")).out
    assert counts.split()[:2] == ["created", "1"]


def test_what_is_unfinished_and_forgotten_is_asked_of_the_same_journal(clrctl, data):
    outcome(clrctl)
    again = clrctl("upsert", "--from-status", "failed", "-e", "sandbox")
    assert "everything that was given before is stored" in again.err
    assert "1 credential forgotten" in clrctl("status", "-e", "sandbox", "--purge", "0").err
    remove(data / "sandbox.db")
    again = clrctl("upsert", "--from-status", "failed", "-e", "sandbox")
    assert (again.code, "nothing was sent" in again.err) == (2, True)
    assert "0 credentials forgotten" in clrctl("status", "-e", "sandbox", "--purge", "0").err


# --- which one is meant -------------------------------------------------------------------------


def test_a_running_one_is_meant_whatever_its_port(clrctl, serve, tmp_path):
    serve("--faults", "400", "--data", tmp_path / "a.db")
    result = clrctl("upsert", MINIMAL, "-e", "sandbox")
    assert (result.code, result.out.split()[0]) == (6, "refused")
    assert "started for this run" not in result.err


def test_the_printed_line_works_as_printed(clrctl, serve, tmp_path, monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", "of-another-endpoint")
    first = serve("--data", tmp_path / "a.db")
    assert first.command == ["upsert", "FILE", "--endpoint", "sandbox"]
    second = serve("--data", tmp_path / "b.db")
    assert second.command == ["upsert", "FILE", "--endpoint", second.url]
    for served in (second, first):
        command = [MINIMAL if word == "FILE" else word for word in served.command]
        result = clrctl(*command)
        assert result.code == 0, result.err
        second.end() if served is second else None
    assert (held(tmp_path / "a.db"), held(tmp_path / "b.db")) == (1, 1)


def test_of_two_the_one_started_last_is_meant_and_told(clrctl, serve, tmp_path):
    first = serve("--data", tmp_path / "a.db")
    second = serve("--data", tmp_path / "b.db")
    result = clrctl("upsert", MINIMAL, "-e", "sandbox")
    assert held(tmp_path / "b.db") == 1
    assert second.url in result.err
    assert first.url in result.err
    second.end()
    result = clrctl("upsert", MINIMAL, "-e", "sandbox")
    assert held(tmp_path / "a.db") == 1
    assert "http" not in result.err


def test_who_sends_to_both_can_name_each_by_its_url(clrctl, serve, tmp_path):
    first, second = (serve("--data", tmp_path / name) for name in ("a.db", "b.db"))
    assert [outcome(clrctl, served.url) for served in (first, second)] == ["created"] * 2
    listed = clrctl("list", "-e", first.url)
    assert (listed.code, listed.out.count("\n")) == (0, 1)


def test_endpoints_shows_the_one_that_runs(clrctl, serve):
    served = serve()
    rows = clrctl("endpoints", "--json").json["endpoints"]
    assert served.url in [row["url"] for row in rows if row["name"] == "sandbox"]


def test_it_is_registered_while_it_runs_for_its_owner_only(serve, data, tmp_path):
    served = serve("--data", tmp_path / "a.db")
    (file,) = registrations(data)
    noted = json.loads(file.read_bytes())
    assert (noted["url"], noted["pid"]) == (served.url, served.process.pid)
    assert noted["database"] == str(tmp_path / "a.db")
    assert noted["store"] == Store.peek(tmp_path / "a.db")
    if os.name != "nt":
        assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    served.end()
    assert registrations(data) == []


def test_where_it_cannot_be_registered_it_is_named_by_its_url(serve, data, tmp_path, clrctl):
    data.mkdir(parents=True)
    (data / "sandboxes").write_text("in the way")
    served = serve("--data", tmp_path / "a.db")
    assert "--endpoint sandbox does not find it" in served.told
    assert served.command[-1] == served.url
    assert outcome(clrctl, served.url) == "created"


# --- registrations that are stale -----------------------------------------------------------------


def test_one_that_was_killed_is_passed_over_and_replaced(clrctl, serve, data, tmp_path):
    served = serve("--data", tmp_path / "a.db")
    served.end(signal.SIGKILL)
    assert len(registrations(data)) == 1
    result = clrctl("upsert", MINIMAL, "-e", "sandbox")
    assert (result.code, "started for this run" in result.err) == (0, True)
    again = serve("--data", tmp_path / "b.db", port=served.port)
    assert again.command[-1] == "sandbox"
    assert outcome(clrctl) == "created"
    assert held(tmp_path / "b.db") == 1


def register(data, url, **members):
    folder = data / "sandboxes"
    folder.mkdir(parents=True, exist_ok=True)
    noted = {"url": url, "pid": os.getpid(), "database": "x.db", "store": "0" * 32, "since": 1.0}
    (folder / "1.json").write_text(json.dumps(noted | members))


def test_another_program_at_its_port_is_not_taken_for_it(clrctl, data):
    with talking(reply(200, "{}")) as talker:
        register(data, talker.url)
        assert outcome(clrctl) == "created"


def test_another_store_at_its_port_is_not_taken_for_it(clrctl, data, tmp_path):
    with sandbox.start(tmp_path / "a.db", check=local_sandbox.problems) as running:
        register(data, running.url)
        result = clrctl("upsert", MINIMAL, "-e", "sandbox")
        assert running.store.count() == 0
    assert "started for this run" in result.err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "\xff{",
        '{"url": "http://sandbox.example:80", "pid": 1, "store": "", "database": "", "since": 1}',
        '{"url": "http://127.0.0.1:x", "pid": 1, "store": "", "database": "", "since": 1}',
        '{"url": 7, "pid": "1", "store": [], "database": {}, "since": "never"}',
    ],
)
def test_a_registration_that_makes_no_sense_is_passed_over(clrctl, data, text):
    register(data, "")
    (data / "sandboxes" / "1.json").write_bytes(text.encode("latin-1"))
    assert outcome(clrctl) == "created"


@pytest.mark.skipif(os.name == "nt", reason="there no process can be asked whether it lives")
@pytest.mark.parametrize("by_url", [False, True], ids=["by name", "by url"])
def test_one_that_is_alive_but_silent_is_not_replaced_by_another(clrctl, data, monkeypatch, by_url):
    monkeypatch.setattr(local_sandbox, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        register(data, url)
        result = clrctl("upsert", MINIMAL, "-e", url if by_url else "sandbox")
    assert result.code == 5
    assert f"process {os.getpid()}" in result.err
    assert str(data / "sandboxes" / "1.json") in result.err
    assert not (data / "sandbox.db").exists()


@pytest.mark.parametrize("is_registered", [True, False], ids=["registered", "unknown"])
def test_one_that_is_slow_is_still_taken_for_a_sandbox(
    clrctl, data, tmp_path, monkeypatch, is_registered
):
    discover = DiscoveryApi.discover

    async def slow(self, request):
        await asyncio.sleep(1)
        return await discover(self, request)

    monkeypatch.setattr(DiscoveryApi, "discover", slow)
    with sandbox.start(tmp_path / "a.db", check=local_sandbox.problems) as running:
        if is_registered:
            register(data, running.url, store=running.store.id)
        assert [outcome(clrctl, running.url) for _ in range(2)] == ["created", "unchanged"]
        running.store.reset()
        if is_registered:
            register(data, running.url, store=running.store.id)
        assert outcome(clrctl, running.url) == "created"


@pytest.mark.skipif(os.name == "nt", reason="there no process can be asked whether it lives")
def test_a_silent_port_of_a_process_that_has_ended_is_passed_over(clrctl, data, monkeypatch):
    monkeypatch.setattr(local_sandbox, "PATIENCE", 0.2)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        register(data, f"http://127.0.0.1:{listener.getsockname()[1]}", pid=ended.pid)
        assert outcome(clrctl) == "created"


# --- access by URL ----------------------------------------------------------------------------


def test_a_sandbox_of_somebody_else_opens_to_the_public_secret(clrctl, tmp_path):
    with sandbox.start(tmp_path / "a.db", check=local_sandbox.problems) as running:
        assert outcome(clrctl, running.url) == "created"
        assert outcome(clrctl, running.url + CREDENTIALS_PATH) == "unchanged"


def test_a_token_that_is_named_on_the_spot_is_used(clrctl, serve, tmp_path):
    served = serve("--data", tmp_path / "a.db")
    (tmp_path / "token").write_text("unknown-here")
    result = clrctl("upsert", MINIMAL, "-e", served.url, "--token-file", tmp_path / "token")
    assert result.code == 4


def test_what_is_no_sandbox_gets_no_public_secret(clrctl):
    with talking(reply(404)) as talker:
        result = clrctl("upsert", MINIMAL, "-e", talker.url)
    assert (result.code, talker.seen) == (4, [])
    assert "no token for endpoint" in result.err


# --- reset -------------------------------------------------------------------------------------


def test_a_reset_empties_the_database_and_the_next_upload_sends_all(clrctl, data):
    outcome(clrctl)
    result = clrctl("sandbox", "--reset", "--yes")
    assert (result.code, result.out) == (0, "")
    assert "1 record removed" in result.err
    assert str(data / "sandbox.db") in result.err
    assert held(data / "sandbox.db") == 0
    assert outcome(clrctl) == "created"


def test_a_reset_is_seen_by_the_sandbox_that_runs(clrctl, serve, tmp_path):
    database = tmp_path / "a.db"
    serve("--data", database)
    assert outcome(clrctl) == "created"
    clrctl("sandbox", "--reset", "--yes", "--data", database)
    assert held(database) == 0
    result = clrctl("upsert", MINIMAL, "-e", "sandbox")
    assert (result.out.split()[0], "started" in result.err) == ("created", False)
    assert held(database) == 1


def test_a_reset_has_to_be_agreed_to(clrctl, data):
    outcome(clrctl)
    result = clrctl("sandbox", "--reset")
    assert (result.code, held(data / "sandbox.db")) == (2, 1)
    assert "remove 1 record" in result.err
    assert "--yes" in result.err


def test_a_reset_of_what_is_not_there_makes_no_file(clrctl, data, tmp_path):
    result = clrctl("sandbox", "--reset", "--data", tmp_path / "none.db")
    assert (result.code, (tmp_path / "none.db").exists()) == (0, False)
    assert "nothing to remove" in result.err


def test_a_reset_leaves_the_file_of_something_else_alone(clrctl, tmp_path):
    other = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(other)) as db, db:
        db.execute("CREATE TABLE record (x)")
    before = other.read_bytes()
    result = clrctl("sandbox", "--reset", "--yes", "--data", other)
    assert (result.code, other.read_bytes()) == (3, before)


def test_a_reset_starts_nothing(clrctl):
    result = clrctl("sandbox", "--reset", "--yes", "--faults", "reset")
    assert (result.code, "--reset" in result.err) == (2, True)
