"""`clrctl auth`: the real program, a browser, and a real server on loopback."""

import base64
import os
import re
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import orjson
import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl import sandbox
from clrctl.cli import console
from clrctl.sandbox.contract import CLIENT_ID, CLIENT_SECRET
from clrctl.sandbox.faults import kinds
from clrctl.sandbox.faults.kinds import FaultStep, FaultTarget
from clrctl.sending.auth import oauth
from clrctl.standard.clr_api import CREDENTIALS_PATH
from tests.browser import Browser, altered
from tests.conftest import SAMPLES
from tests.talker import free_port, reply, talking

SAMPLE = SAMPLES / "minimal.clr.json"


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch):
    """The developer's own keyring is left alone."""
    monkeypatch.setitem(sys.modules, "keyring", None)


@pytest.fixture
def box(tmp_path_factory):
    with sandbox.start(tmp_path_factory.mktemp("box") / "box.db", check=lambda _: []) as running:
        yield running


@pytest.fixture
def browser(monkeypatch):
    """A browser that opens whatever URL the program prints."""
    browser, answer = Browser(), console.Console.answer

    def answer_and_open(self, *parts):
        answer(self, *parts)
        if str(parts[0]).startswith("http"):
            self.flush()
            browser(parts[0])

    monkeypatch.setattr(console.Console, "answer", answer_and_open)
    yield browser
    browser.close()


@pytest.fixture
def school(clean_environment, box):
    """Configure an endpoint `school`, by what is given beside its URL; return how."""

    def configure(**settings):
        lines = "".join(f"    {name}: {value}\n" for name, value in settings.items())
        config = f"endpoint: school\nendpoints:\n  school:\n    url: {box.url}\n{lines}"
        (clean_environment / "config.yaml").write_text(config)

    configure()
    return configure


@pytest.fixture
def kept(clean_environment):
    return clean_environment / "data" / "tokens" / "logins.json"


def secrets_in(kept):
    (login,) = orjson.loads(kept.read_bytes())["logins"]
    return login["secrets"]


def aged(kept, seconds):
    """Make the login so much older."""
    held = orjson.loads(kept.read_bytes())
    for login in held["logins"]:
        login["obtained"] -= seconds
        login["expires"] -= seconds
    kept.write_bytes(orjson.dumps(held))


def asked(box, path="/oauth2/token"):
    return [seen for seen in box.requests if seen.path == path]


# --- the way it should be ---------------------------------------------------------------------


def test_login_status_use_logout(clrctl, box, browser, school, kept):
    login = clrctl("auth", "login")
    assert login.code == 0
    assert login.out.startswith(f"{box.url}/oauth2/authorize?response_type=code&")
    assert "logged in at endpoint school, until 20" in login.err
    assert f"kept in {kept}" in login.err
    if os.name != "nt":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700

    shown = clrctl("auth", "status")
    (row,) = [line.split("\t") for line in shown.out.splitlines() if line.startswith("school")]
    assert row[1] == box.url
    assert re.fullmatch(r"clrctl auth login \(authorization code, until 20.*Z\)", row[2])

    assert clrctl("list").code == 0
    (token,) = {s.headers.get("authorization") for s in box.requests if "credentials" in s.path}
    assert token == f"Bearer {secrets_in(kept)['access']}"

    box.requests.clear()
    logout = clrctl("auth", "logout")
    assert (logout.code, logout.out) == (0, "")
    assert logout.err == "logged out at endpoint school\n"
    assert orjson.loads(kept.read_bytes())["logins"] == []
    assert len(asked(box, "/oauth2/revoke")) == 2
    assert clrctl("list").code == 4
    assert clrctl("auth", "logout").err == "not logged in at endpoint school\n"


def test_upsert_uses_the_login(clrctl, box, browser, school, kept):
    clrctl("auth", "login")
    result = clrctl("upsert", SAMPLE)
    assert result.code == 0
    (sent,) = [seen for seen in box.requests if seen.path == CREDENTIALS_PATH]
    assert sent.headers["authorization"] == f"Bearer {secrets_in(kept)['access']}"
    assert sent.body == SAMPLE.read_bytes()


def test_a_login_is_renewed_when_it_is_used(clrctl, box, browser, school, kept):
    clrctl("auth", "login")
    before = secrets_in(kept)
    aged(kept, 3000)
    assert clrctl("list").code == 0
    after = secrets_in(kept)
    assert before["access"] != after["access"]
    assert before["refresh"] != after["refresh"]
    assert before["client"] == after["client"]


def test_a_login_that_cannot_be_renewed_any_more(clrctl, box, browser, school, kept):
    clrctl("auth", "login")
    aged(kept, 3600)
    box.faults.add(FaultStep(kinds.Status(status=400), on=FaultTarget.TOKEN))
    result = clrctl("list")
    assert result.code == 4
    assert "the token endpoint refused the login" in result.err
    assert "run clrctl auth login again" in result.err
    assert secrets_in(kept)


def test_the_whole_program_waits_for_the_browser(box, school, kept):
    command = [sys.executable, "-m", "clrctl", "auth", "login", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        browser = Browser()
        browser(program.stdout.readline().decode().strip())
        out, err = program.communicate(timeout=30)
        browser.close()
    assert (program.returncode, out) == (0, b"")
    assert b"logged in at endpoint school" in err
    assert secrets_in(kept)["refresh"]


@pytest.mark.parametrize(
    ("terminal", "flags", "opened"), [(True, [], 1), (True, ["--no-browser"], 0), (False, [], 0)]
)
def test_a_browser_is_opened_on_a_terminal_alone(
    clrctl, browser, school, monkeypatch, terminal, flags, opened
):
    urls = []
    monkeypatch.setattr("webbrowser.open", urls.append)
    monkeypatch.setattr("clrctl.cli.commands.auth._is_attended", lambda _: terminal)
    result = clrctl("auth", "login", *flags)
    assert result.code == 0
    assert len(urls) == opened
    assert all(url in result.out for url in urls)


# --- client credentials -----------------------------------------------------------------------


def test_client_credentials_need_no_browser(clrctl, box, school, kept, monkeypatch):
    school(token_url=box.token_url, scope="upsert")
    monkeypatch.setenv("CLRCTL_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("CLRCTL_CLIENT_SECRET", CLIENT_SECRET)
    result = clrctl("auth", "login")
    assert (result.code, result.out) == (0, "")
    assert "another token before this one: client credentials" in result.err
    assert list(secrets_in(kept)) == ["access"]
    monkeypatch.delenv("CLRCTL_CLIENT_ID")
    monkeypatch.delenv("CLRCTL_CLIENT_SECRET")
    box.requests.clear()
    assert clrctl("list").code == 0
    assert asked(box) == []
    aged(kept, 3600)
    late = clrctl("list")
    assert late.code == 4
    assert "the login at endpoint school has expired" in late.err
    assert "clrctl auth login --endpoint school" in late.err
    school(token_url=box.token_url, scope="read")
    assert "no token for endpoint" in clrctl("list").err


def test_half_of_the_client_credentials(clrctl, box, school, monkeypatch):
    monkeypatch.setenv("CLRCTL_CLIENT_SECRET", CLIENT_SECRET)
    result = clrctl("auth", "login")
    assert result.code == 4
    assert "a client secret without a client id" in result.err
    assert not box.requests


def test_the_sandbox_needs_no_login(clrctl):
    result = clrctl("auth", "login", "-e", "sandbox")
    assert (result.code, result.out) == (0, "")
    assert "needs no login" in result.err


def test_a_client_of_the_endpoints_entry_signs_in(clrctl, box, browser, school, monkeypatch):
    school(client_id="registrar")
    signed_in = []

    def sign_in(provider, client, scope, show, *, port, network):
        signed_in.append((client.id, client.secret and client.secret.reveal(), scope))
        raise KeyboardInterrupt

    monkeypatch.setattr(oauth, "sign_in", sign_in)
    assert clrctl("auth", "login").code == 130
    school(client_id="registrar", scope="own")
    monkeypatch.setenv("CLRCTL_CLIENT_SECRET", "shh")
    assert clrctl("auth", "login").code == 130
    scopes = "https://purl.imsglobal.org/spec/clr/v2p0/scope/"
    every = [f"{scopes}{name}" for name in ("credential.readonly", "credential.upsert")]
    assert signed_in == [
        ("registrar", None, " ".join([*every, f"{scopes}offline_access"])),
        ("registrar", "shh", "own"),
    ]


# --- what may go wrong ------------------------------------------------------------------------


def test_a_forged_state(clrctl, box, browser, school, kept):
    browser.after = altered(state="forged")
    result = clrctl("auth", "login")
    assert result.code == 4
    assert "an answer to another request" in result.err
    assert asked(box) == []
    assert not kept.exists()


def test_a_wrong_verifier(clrctl, box, browser, school, kept):
    browser.before = altered(code_challenge="A" * 43)
    result = clrctl("auth", "login")
    assert result.code == 4
    assert "the code verifier is wrong" in result.err
    assert not kept.exists()


def test_a_person_who_denies(clrctl, browser, school, kept):
    browser.button = "deny"
    result = clrctl("auth", "login")
    assert result.code == 4
    assert "access was not granted" in result.err
    assert "access_denied" in result.err
    assert not kept.exists()


def test_nobody_comes(clrctl, school, monkeypatch, kept):
    wait = oauth.Redirect.wait
    monkeypatch.setattr(oauth.Redirect, "wait", lambda self, _: wait(self, 0.05))
    result = clrctl("auth", "login")
    assert result.code == 4
    assert "nobody agreed in the browser" in result.err
    assert not kept.exists()


def test_the_port_is_taken(clrctl, box, school):
    port = box.url.rpartition(":")[2]
    result = clrctl("auth", "login", "--port", port)
    assert result.code == 2
    assert f"127.0.0.1 port {port}" in result.err


def description(base, **urls):
    """Return a service description whose URLs lie at a server, save those given."""
    flow = {
        "authorizationUrl": f"{base}/authorize",
        "tokenUrl": f"{base}/token",
        "scopes": {"offline_access": ""},
    }
    flow |= {name: url for name, url in urls.items() if name in ("authorizationUrl", "tokenUrl")}
    info = {name: url for name, url in urls.items() if name not in flow}
    scheme = {"type": "oauth2", "flows": {"authorizationCode": flow}}
    document = {"openapi": "3.0.1", "info": info}
    return orjson.dumps(document | {"components": {"securitySchemes": {"a": scheme}}})


@pytest.mark.parametrize(
    ("said", "what"),
    [
        (b'{"openapi": "3.0.1"}', "does not say where people sign in"),
        (description("https://a.example", tokenUrl=""), "does not say where people sign in"),
        (description("https://a.example", authorizationUrl=""), "does not say where"),
    ],
)
def test_an_endpoint_where_nobody_signs_in(clrctl, said, what):
    with talking(reply(200, said)) as server:
        result = clrctl("auth", "login", "-e", server.url)
    assert result.code == 4
    assert what in result.err
    assert "CLRCTL_CLIENT_ID" in result.err


@pytest.mark.parametrize(
    "url",
    ["http://a.example/token", "javascript:alert(1)", "https://u:p@a.example/", "file:///etc"],
)
@pytest.mark.parametrize("name", ["authorizationUrl", "tokenUrl", "x-imssf-registrationUrl"])
def test_an_url_that_nobody_should_use(clrctl, name, url):
    with talking(reply(200, description("https://a.example", **{name: url}))) as server:
        result = clrctl("auth", "login", "--yes", "-e", server.url)
    assert result.code == 2
    assert "this URL cannot be used" in result.err
    assert len(server.seen) == 1


def test_another_server_has_to_be_confirmed(clrctl, box, monkeypatch):
    described = description(f"{box.url}/oauth2", **{"x-imssf-registrationUrl": f"{box.url}/r"})
    with talking(reply(200, described)) as server:
        result = clrctl("auth", "login", "-e", server.url)
    assert result.code == 2
    assert f"tokens:       {box.url}/oauth2/token" in result.err
    assert f"why:   sign in at {box.url}?" in result.err
    assert "add --yes" in result.err
    assert not box.requests


def test_another_server_that_was_confirmed(clrctl, box, browser, school, kept):
    base, ours = f"{box.url}/oauth2", {"x-imssf-registrationUrl": f"{box.url}/oauth2/register"}
    with talking(reply(200, description(base, **ours))) as server:
        result = clrctl("auth", "login", "--yes", "-e", server.url)
        status = clrctl("auth", "status", "--json")
    assert result.code == 0
    (login,) = orjson.loads(kept.read_bytes())["logins"]
    assert (login["base"], login["token_url"]) == (server.url, f"{base}/token")
    # The token goes to the endpoint that it was fetched for, not to where it came from.
    assert clrctl("list").code == 4
    named = [row for row in status.json["endpoints"] if row["login"]]
    assert [(row["name"], row["url"]) for row in named] == [("", server.url)]


def test_a_token_url_of_the_settings_is_known(clrctl, box, browser, clean_environment):
    base, ours = f"{box.url}/oauth2", {"x-imssf-registrationUrl": f"{box.url}/oauth2/register"}
    with talking(reply(200, description(base, **ours))) as server:
        (clean_environment / "config.yaml").write_text(
            f"endpoints:\n  school:\n    url: {server.url}\n    token_url: {box.token_url}\n"
        )
        assert clrctl("auth", "login", "-e", "school").code == 0


def test_a_token_url_that_is_another_than_the_settings(clrctl, box, school):
    school(token_url=f"{box.url}/other")
    result = clrctl("auth", "login")
    assert result.code == 2
    assert "token_url" in result.err


def test_registration_is_refused(clrctl, box, browser, school):
    with talking(reply(403, '{"error": "access_denied"}')) as server:
        document = description(server.url, **{"x-imssf-registrationUrl": f"{server.url}/r"})
        server.replies.insert(0, reply(200, document))
        result = clrctl("auth", "login", "-e", server.url)
    assert result.code == 4
    assert "refused to register" in result.err
    assert browser.opened == []


def test_a_revocation_that_fails_is_told_and_the_login_gone(clrctl, box, browser, school, kept):
    clrctl("auth", "login")
    box.close()
    result = clrctl("auth", "logout")
    assert result.code == 0
    assert "may accept the forgotten token until 20" in result.err
    assert orjson.loads(kept.read_bytes())["logins"] == []


def test_a_cache_that_cannot_be_read(clrctl, school, kept):
    kept.parent.mkdir(parents=True)
    kept.write_text('{"format": 1, "logins": "canary-token"}')
    for args in (["auth", "status"], ["auth", "logout"], ["list"]):
        result = clrctl(*args)
        assert result.code == 3
        assert "cannot read the kept logins" in result.err
        assert "canary" not in result.err + result.out
    assert "unusable: cannot read the kept logins" in clrctl("endpoints").out


# --- status -----------------------------------------------------------------------------------


def test_status_as_json(clrctl, box, browser, school, monkeypatch):
    clrctl("auth", "login")
    rows = {row["name"]: row for row in clrctl("auth", "status", "--json").json["endpoints"]}
    assert rows["timeback"] == {
        "name": "timeback",
        "url": "https://api.alpha-1edtech.ai",
        "token": "none",
        "login": None,
    }
    assert rows["sandbox"]["token"] == "built in, public"
    login = rows["school"]["login"]
    assert (login["how"], login["renews"], login["in_keyring"]) == (
        "authorization code", True, False,
    )  # fmt: skip
    until = datetime.fromisoformat(login["until"])
    assert timedelta(minutes=50) < until - datetime.now(UTC) < timedelta(minutes=61)
    monkeypatch.setenv("CLRCTL_TOKEN", "x")
    (row,) = [
        row
        for row in clrctl("auth", "status", "--json").json["endpoints"]
        if row["name"] == "school"
    ]
    assert row["token"] == "CLRCTL_TOKEN"
    assert row["login"] == login


def test_status_asks_nobody(clrctl, box, browser, school, kept):
    clrctl("auth", "login")
    aged(kept, 5000)
    box.requests.clear()
    assert clrctl("auth", "status").code == clrctl("endpoints").code == 0
    assert not box.requests


# --- canaries ---------------------------------------------------------------------------------


def everything(clean_environment, kept):
    """Return what anybody could read afterwards, the cache left out."""
    files = [file for file in clean_environment.rglob("*") if file.is_file() and file != kept]
    return [file.read_bytes().decode("latin-1") for file in files]


@pytest.mark.parametrize("ending", ["well", "refused", "busy", "repeats"])
def test_no_secret_is_shown_or_left_lying(
    clrctl, box, browser, school, kept, clean_environment, caplog, ending
):
    caplog.set_level(0)
    results = [clrctl("auth", "login", "-vv")]
    canaries = set(secrets_in(kept).values())
    if ending != "well":
        aged(kept, 5000)
        status = {"refused": 400, "busy": 503, "repeats": 200}[ending]
        box.faults.add(FaultStep(kinds.Status(status=status), on=FaultTarget.TOKEN, times=None))
    commands = (
        ["list", "--json"], ["get", "--all"], ["auth", "status"], ["auth", "status", "--json"],
        ["endpoints", "--json"], ["discover"], ["auth", "logout", "-vv"],
    )  # fmt: skip
    results += [clrctl(*args) for args in commands]
    canaries |= {
        value
        for seen in box.requests
        for value in re.findall(r"(?:code|code_verifier|refresh_token)=([^&]+)", seen.body.decode())
    }
    pairs = {
        seen.headers["authorization"].removeprefix("Basic ")
        for seen in asked(box)
        if "authorization" in seen.headers
    }
    assert all(":" in base64.b64decode(pair).decode() for pair in pairs)
    canaries |= pairs | {
        seen.headers["authorization"].removeprefix("Bearer ")
        for seen in box.requests
        if seen.headers.get("authorization", "").startswith("Bearer ")
    }
    assert len(canaries) >= 6
    read = [result.out + result.err for result in results]
    read += [caplog.text, browser.last, *everything(clean_environment, kept)]
    for canary in canaries:
        assert not [text for text in read if canary in text]


def test_a_server_that_is_gone(clrctl, kept):
    result = clrctl("auth", "login", "-e", f"http://127.0.0.1:{free_port()}")
    assert result.code == 5
    assert not kept.exists()
