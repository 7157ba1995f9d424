"""Canaries: planted secrets that must not turn up anywhere but at the server they are for."""

import base64
import logging
import traceback
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest

from clrctl.cli import console
from clrctl.sending.client import upsert
from tests.conftest import SAMPLES
from tests.talker import echo, free_port, reply, talking

TOKEN = "canary-access-token-4711"
SECRET = "canary+client/secret-0815"
ID = "canary-client"
PAIR = base64.b64encode(b"canary-client:canary%2Bclient%2Fsecret-0815").decode()
CANARIES = [TOKEN, SECRET, "canary%2Bclient%2Fsecret-0815", PAIR]
SAMPLE = SAMPLES / "minimal.clr.json"


def repeated(status, **headers):
    """Return a reply whose text repeats the secrets that came with the request."""

    def said(seen):
        text = f"you sent {seen.headers.get('authorization')} and {seen.body[:200].decode()}"
        body = {"imsx_codeMajor": "failure", "imsx_description": text}
        return reply(status, orjson.dumps(body), **headers)

    return said


GRANT = reply(200, orjson.dumps({"access_token": TOKEN, "expires_in": 3600}))
API = {
    "success": echo(201),
    "401": repeated(401),
    "403": repeated(403),
    "500": repeated(500),
    "redirect": repeated(307, Location=f"https://other.example/?token={TOKEN}"),
    "false success": repeated(200),
    "lost answer": b"",
}
ISSUER = {
    "400": repeated(400),
    "401": repeated(401),
    "500": repeated(500),
    "redirect": repeated(307, Location="https://other.example/"),
    "no token": repeated(200),
    "odd token": reply(200, orjson.dumps({"access_token": TOKEN + "\n"})),
}


@dataclass
class Witness:
    """Runs commands, and gathers whatever anybody could read afterwards."""

    run: object
    folders: list[Path]
    log: pytest.LogCaptureFixture
    errors: list[str] = field(default_factory=list)

    def upsert(self, *args, stdin=b""):
        """Run the command in both forms; return its exit codes."""
        save = self.folders[0] / "saved"
        codes = []
        for form in ([], ["--json"]):
            flags = [*args, "--save", save, "-vv", "--retries", "0", "--force", *form]
            result = self.run("upsert", SAMPLE, *flags, stdin=stdin)
            codes.append(result.code)
            self.look(result)
        return codes[0] if codes[0] == codes[1] else codes

    def look(self, result):
        read = [result.out, result.err, self.log.text, *self.errors]
        for folder in self.folders:
            read += [
                file.read_bytes().decode("latin-1")
                for file in folder.rglob("*")
                if file.is_file() and not file.name.startswith("secret")
            ]
        for canary in CANARIES:
            assert not [text for text in read if canary in text]


@pytest.fixture
def witness(clrctl, clean_environment, tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.DEBUG)
    seen = Witness(clrctl, [tmp_path, clean_environment], caplog)
    tell = console.Console.error

    def error(self, problem):
        seen.errors += [repr(problem), str(problem), repr(vars(problem))]
        seen.errors += traceback.format_exception(problem)
        tell(self, problem)

    monkeypatch.setattr(console.Console, "error", error)
    return seen


@pytest.fixture(params=["environment", "file", "stdin"])
def given(request, monkeypatch, tmp_path):
    """The token, by each way there is to give it: flags and standard input."""
    if request.param == "environment":
        monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
        return [], b""
    if request.param == "stdin":
        return ["--token-file", "-"], TOKEN.encode() + b"\n"
    file = tmp_path / "secret-token"
    file.write_text(TOKEN)
    file.chmod(0o600)
    return ["--token-file", file], b""


@pytest.mark.parametrize("said", API.values(), ids=API.keys())
def test_a_given_token(witness, given, said):
    flags, stdin = given
    with talking(said) as api:
        witness.upsert("-e", api.url, *flags, stdin=stdin)
    assert TOKEN in repr(api.seen)


@pytest.fixture
def by_client(clean_environment, monkeypatch):
    """Configure an endpoint with client credentials."""
    monkeypatch.setenv("CLRCTL_CLIENT_ID", ID)
    monkeypatch.setenv("CLRCTL_CLIENT_SECRET", SECRET)

    def configure(api, token_url, style="basic"):
        (clean_environment / "config.yaml").write_text(
            f"endpoints:\n  mine:\n    url: {api}\n    token_url: {token_url}\n"
            f"    auth_style: {style}\n"
        )

    return configure


@pytest.mark.parametrize("said", API.values(), ids=API.keys())
def test_a_fetched_token(witness, by_client, said):
    with talking(GRANT) as issuer, talking(said) as api:
        by_client(api.url, issuer.url)
        witness.upsert("-e", "mine")
    assert TOKEN in repr(api.seen)
    assert SECRET not in repr(api.seen)


@pytest.mark.parametrize("style", ["basic", "body"])
@pytest.mark.parametrize("said", ISSUER.values(), ids=ISSUER.keys())
def test_a_client_secret(witness, by_client, said, style):
    with talking(said) as issuer, talking(echo(201)) as api:
        by_client(api.url, issuer.url, style)
        assert witness.upsert("-e", "mine") in (4, 5, 6)
    assert any(canary in repr(issuer.seen) for canary in CANARIES)
    assert api.seen == []


def test_no_connection(witness, by_client, monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    assert witness.upsert("-e", f"http://127.0.0.1:{free_port()}") == 5
    monkeypatch.delenv("CLRCTL_TOKEN")
    with talking(echo(201)) as api:
        by_client(api.url, f"http://127.0.0.1:{free_port()}")
        assert witness.upsert("-e", "mine") == 5


def test_a_certificate_that_is_not_trusted(witness, monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    with talking(echo(201), tls=True) as api:
        assert witness.upsert("-e", api.url) == 6
    assert api.seen == []


CONFIGS = [
    f"endpoints:\n  mine:\n    url: https://a.example\n    token: {TOKEN}\n",
    f"endpoints:\n  mine:\n    url: https://a.example\n    client_secret: {SECRET}\n",
    f"token: {TOKEN}\n",
    f"endpoint: [{TOKEN}\n",
    f"endpoints:\n  mine:\n    url: 'https://user:{TOKEN}@a.example'\n",
]


@pytest.mark.parametrize("text", CONFIGS)
def test_a_config_file_that_holds_what_it_must_not(witness, clean_environment, text, monkeypatch):
    secret = clean_environment / "secret-config.yaml"
    secret.write_text(text)
    monkeypatch.setenv("CLRCTL_CONFIG", str(secret))
    assert witness.upsert("-e", "mine") == 2


@pytest.mark.parametrize("given", [f"Bearer {TOKEN}", f"{TOKEN}\x00", f"{TOKEN}é"])
def test_a_token_that_cannot_be_one(witness, given):
    assert witness.upsert("-e", "https://a.example", "--token-file", "-", stdin=given.encode()) == 4


def test_a_fault_of_our_own(witness, monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)

    def crash(*_):
        raise RuntimeError(f"crashed with {TOKEN}")

    monkeypatch.setattr(upsert, "_confirmed", crash)
    with talking(echo(201)) as api:
        assert witness.upsert("-e", api.url) == 70


def test_the_canaries_would_be_found(witness, clrctl, tmp_path):
    (tmp_path / "leak").write_text(f"token={TOKEN}")
    with pytest.raises(AssertionError):
        witness.look(clrctl("endpoints"))
