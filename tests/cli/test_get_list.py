"""`clrctl list` and `clrctl get`: the real program against a real server on loopback."""

import base64
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import orjson
import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl import sandbox
from clrctl.cli import console
from clrctl.sandbox.store import CredentialEntry
from tests.talker import free_port, reply, talking

TOKEN = "a-token-for-tests"
START = datetime(2026, 1, 1, tzinfo=UTC)


def raw(number):
    """Return a credential in odd but valid JSON."""
    text = (
        '{\n  "id" : "urn:clr:%d", "name":"Caf\\u00e9 é %d", "grade": 1.50e1,\n\t'
        '"issuer": {"id": "https://school.example/", "name": "A school"},\r\n'
        '"validFrom": "%s" }'
    )
    return (text % (number, number, issued(number).isoformat())).encode()


def issued(number):
    return START + timedelta(days=number)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with sandbox.start(tmp_path_factory.mktemp("box") / "box.db", check=lambda _: []) as box:
        for number in range(1, 131):
            entry = CredentialEntry("https://school.example/", f"urn:clr:{number}", *[""] * 4,
                          issued(number).timestamp())  # fmt: skip
            box.store.put(entry, raw(number), datetime.now(UTC))
        now = datetime.now(UTC)
        box.store.add_token(TOKEN, now=now, expires=now + timedelta(hours=1))
        yield box


@pytest.fixture
def box(shared, monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    monkeypatch.setenv("CLRCTL_ENDPOINT", shared.url)
    shared.requests.clear()
    return shared


def numbers(result):
    return [int(line.split("\t")[0].rpartition(":")[2]) for line in result.out.splitlines()]


# --- list -------------------------------------------------------------------------------------


def test_a_list_tells_id_issuer_date_and_name(clrctl, box):
    result = clrctl("list")
    assert result.code == 0
    first = result.out.splitlines()[0].split("\t")
    assert first == ["urn:clr:1", "A school", "2026-01-02T00:00:00+00:00", "Café é 1"]
    assert numbers(result) == list(range(1, 101))
    host = box.url.removeprefix("http://")
    assert result.err == f"100 credentials of 130 at endpoint {host}\n"


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--limit", "3"], [1, 2, 3]),
        (["--limit", "120"], range(1, 121)),
        (["--all"], range(1, 131)),
        (["--offset", "128"], [129, 130]),
        (["--offset", "999"], []),
        (["--since", "2026-05-08"], [128, 129, 130]),
        (["--since", "2026-05-09T00:00:00+00:00"], [129, 130]),
        (["--since", "2026-05-10T01:30:00+02:00"], [129, 130]),
    ],
)
def test_a_part_of_the_list(clrctl, box, args, expected):
    result = clrctl("list", *args)
    assert (result.code, numbers(result)) == (0, list(expected))


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "2026-01-31T12:00:00", "2026"])
def test_a_date_that_is_none_is_told_before_anything_is_asked(clrctl, box, text):
    result = clrctl("list", "--since", text)
    assert result.code == 2
    assert text in result.err
    assert "2026-01-31T12:00:00Z" in result.err
    assert not box.requests


def test_jsonl_has_the_servers_bytes_one_credential_a_line(clrctl, box):
    result = clrctl("list", "--all", "--format", "jsonl", "--color", "always")
    lines = result.out.splitlines()
    assert len(lines) == 130
    one_line = raw(7).decode().replace("\n  ", "").replace("\n\t", "").replace("\r\n", "")
    assert lines[6] == one_line


def test_json_has_all_in_one_report(clrctl, box):
    result = clrctl("list", "--json", "--limit", "2")
    assert result.json["format"] == "clrctl.report/1"
    assert (result.json["ok"], result.json["total"]) == (True, 130)
    assert result.json["credentials"] == [orjson.loads(raw(1)), orjson.loads(raw(2))]
    assert '"grade": 1.50e1' in result.out


def test_a_terminal_gets_harmless_json(clrctl, monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    configure = console.configure

    def on_a_terminal(**flags):
        made = configure(**flags)
        made.out.isatty = lambda: True
        return made

    monkeypatch.setattr(console, "configure", on_a_terminal)
    evil = {"id": "urn:x", "name": "\x9b[1m\u202e"}
    with talking(reply(200, orjson.dumps({"credential": [evil]}))) as server:
        for args in (["list", "--format", "jsonl"], ["get", "--all"], ["get", "urn:x"]):
            result = clrctl(*args, "-e", server.url)
            assert result.json == evil
            assert not set(result.out) & {"\x9b", "\u202e"}


def test_the_sandbox_of_this_user_is_listed_without_more_ado(clrctl, monkeypatch, own_sandbox):
    result = clrctl("list", "-e", "sandbox")
    assert (result.code, result.out) == (0, "")
    assert "sandbox: started for this run" in result.err
    assert "0 credentials of 0 at endpoint sandbox" in result.err
    found = clrctl("get", "urn:x", "-e", "sandbox")
    assert found.code == 6
    assert "sandbox: started for this run" in found.err


@pytest.fixture
def own_sandbox(monkeypatch):
    """Give the built-in sandbox a port of this test's own."""
    from dataclasses import replace

    from clrctl.cli import settings
    from clrctl.sending.endpoints import endpoint

    base = f"http://127.0.0.1:{free_port()}"
    changed = {"base": base, "token_url": base + sandbox.TOKEN_PATH}
    built_in = [
        replace(each, **changed) if each.name == "sandbox" else each for each in endpoint.BUILT_IN
    ]
    monkeypatch.setattr(settings, "BUILT_IN", tuple(built_in))


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize("args", [["list"], ["get", "--all"], ["get", "urn:clr:1"]])
def test_an_endpoint_without_a_list_says_so(clrctl, monkeypatch, status, args):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    with talking(reply(status)) as server:
        result = clrctl(*args, "-e", server.url)
    assert result.code == 6
    assert "error: this endpoint does not list credentials" in result.err
    assert result.out == ""


def test_errors_are_in_the_json_too(clrctl, monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    with talking(reply(401)) as server:
        result = clrctl("list", "--json", "-e", server.url)
    assert result.code == 4
    assert result.json["error"]["what"] == "the endpoint refused the token"


def test_the_token_can_come_from_a_file(clrctl, box, monkeypatch):
    monkeypatch.delenv("CLRCTL_TOKEN")
    for args in (["list", "--limit", "1"], ["get", "urn:clr:1"]):
        assert clrctl(*args, "--token-file", "-", stdin=b"another").code == 4
        assert clrctl(*args, "--token-file", "-", stdin=TOKEN.encode()).code == 0


def test_what_a_server_sends_cannot_move_the_terminal(clrctl, monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    evil = {"id": "\x1b[2J\u202e", "name": "\x9b[1m", "issuer": ["x"], "validFrom": 7}
    body = orjson.dumps({"credential": [evil]})
    with talking(reply(200, body, X_Total_Count="1")) as server:
        text = clrctl("list", "-e", server.url)
        report = clrctl("list", "--json", "-e", server.url)
    assert text.out == "\\x1b[2J\\u202e\t\t\t\\x9b[1m\n"
    assert report.json["credentials"] == [evil]
    assert not set(text.out + report.out) & {"\x1b", "\u202e", "\x9b"}


# --- get --------------------------------------------------------------------------------------


def test_one_credential_comes_byte_for_byte(box):
    done = subprocess.run(
        [sys.executable, "-m", "clrctl", "get", "urn:clr:110"], capture_output=True, check=True
    )
    assert done.stdout == raw(110)
    assert done.stderr == b""
    assert len([seen for seen in box.requests if "credentials" in seen.path]) == 2


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_file_that_was_sent_comes_back_to_the_last_byte(clrctl, monkeypatch, tmp_path, end):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    sent = b'{"id": "urn:x",\r\n"name": "N"}' + end
    body = b'{"credential":[' + b",".join([sent, sent.replace(b"urn:x", b"urn:y")]) + b"]}"
    with talking(reply(200, body)) as server:
        got = clrctl("get", "urn:x", "-e", server.url)
        clrctl("get", "--all", "-e", server.url, "--save", tmp_path)
        lines = clrctl("get", "--all", "-e", server.url).out.splitlines()
    assert got.out.encode() == sent
    assert min(tmp_path.iterdir()).read_bytes() == sent
    assert lines == ['{"id": "urn:x","name": "N"}', '{"id": "urn:y","name": "N"}']


def test_the_indents_of_a_list_are_no_part_of_a_credential(clrctl, monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    body = orjson.dumps({"credential": [{"id": "urn:x"}]}, option=orjson.OPT_INDENT_2)
    with talking(reply(200, body)) as server:
        assert clrctl("get", "urn:x", "-e", server.url).out == '{\n      "id": "urn:x"\n    }'


def test_an_id_that_is_not_there(clrctl, box):
    result = clrctl("get", "urn:clr:131")
    assert (result.code, result.out) == (6, "")
    assert "holds no credential with this id" in result.err
    assert "urn:clr:131" in result.err


@pytest.mark.parametrize("args", [[], ["urn:clr:1", "--all"]])
def test_either_an_id_or_all(clrctl, box, args):
    result = clrctl("get", *args)
    assert result.code == 2
    assert "either an id or --all" in result.err


def test_all_of_them_one_a_line(clrctl, box):
    result = clrctl("get", "--all")
    assert [orjson.loads(line)["id"] for line in result.out.splitlines()] == [
        f"urn:clr:{number}" for number in range(1, 131)
    ]
    assert result.err == "130 credentials\n"


def test_saved_credentials_have_the_servers_bytes_and_a_name_of_their_own(clrctl, box, tmp_path):
    folder = tmp_path / "a" / "held"
    result = clrctl("get", "--all", "--save", folder)
    assert result.code == 0
    assert len(result.out.splitlines()) == len(list(folder.iterdir())) == 130
    (file,) = folder.glob("urn-clr-7-*.json")
    assert file.read_bytes() == raw(7)
    assert f"urn:clr:7  -> {file}" in result.out
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    one = clrctl("get", "urn:clr:7", "--save", folder)
    assert one.out == f"urn:clr:7  -> {file}\n"
    assert len(list(folder.iterdir())) == 130


def test_a_folder_that_cannot_be_written(clrctl, box, tmp_path):
    (tmp_path / "file").touch()
    result = clrctl("get", "urn:clr:7", "--save", tmp_path / "file")
    assert result.code == 3
    assert "cannot save the credential" in result.err


IDS = ["../../evil", "CON", "", "a/b", "a:b", "x" * 500, "...", "é"]


def test_no_id_becomes_a_path(clrctl, monkeypatch, tmp_path):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    body = orjson.dumps({"credential": [{"id": text, "n": n} for n, text in enumerate(IDS)]})
    folder = tmp_path / "held"
    with talking(reply(200, body)) as server:
        assert clrctl("get", "--all", "-e", server.url, "--save", folder).code == 0
    names = [path.name for path in folder.iterdir()]
    assert len(names) == len(IDS)
    assert not [name for name in names if name.startswith(".") or len(name) > 100]
    assert [path.name for path in tmp_path.iterdir()] == ["held"]


def test_the_same_id_of_two_issuers_is_two_files(clrctl, monkeypatch, tmp_path):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    issuers = ["https://a.example", {"id": "https://b.example"}]
    body = orjson.dumps({"credential": [{"id": "urn:x", "issuer": each} for each in issuers]})
    with talking(reply(200, body)) as server:
        clrctl("get", "--all", "-e", server.url, "--save", tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_signed_credential_is_kept_as_its_token(clrctl, monkeypatch, tmp_path):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    payload = base64.urlsafe_b64encode(b'{"id": "urn:x", "name": "Signed"}').rstrip(b"=").decode()
    token = f"eyJhbGciOiJFUzI1NiJ9.{payload}.c2ln"
    with talking(reply(200, orjson.dumps({"compactJwsString": [token]}))) as server:
        assert clrctl("get", "urn:x", "-e", server.url).out == token
        listed = clrctl("list", "--format", "jsonl", "-e", server.url)
        assert listed.out == f'"{token}"\n'
        assert clrctl("list", "-e", server.url).out == "urn:x\t\t\tSigned\n"
        clrctl("get", "--all", "-e", server.url, "--save", tmp_path)
    (file,) = tmp_path.iterdir()
    assert (file.suffix, file.read_text()) == (".jwt", token)
