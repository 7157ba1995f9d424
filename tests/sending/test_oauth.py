"""OAuth 2.0 in the browser, against a real authorization server and made-up ones on loopback."""

import base64
import hashlib
import re
import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote_plus, urlsplit

import orjson
import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl import sandbox
from clrctl.errors import AuthError, RefusedError, TemporaryError, UsageError
from clrctl.sandbox.faults import kinds
from clrctl.sandbox.faults.kinds import FaultStep, FaultTarget
from clrctl.sending.auth import oauth
from clrctl.sending.auth.credentials import OAuthClient
from clrctl.sending.auth.redirect import Redirect
from clrctl.util.secret import Secret
from tests.browser import Browser, altered, ask
from tests.talker import free_port, reply, talking

SCOPE = "https://purl.imsglobal.org/spec/clr/v2p0/scope/offline_access"
CLIENT = OAuthClient("canary-client", Secret("canary+client/secret"))


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with sandbox.start(tmp_path_factory.mktemp("box") / "box.db", check=lambda _: []) as running:
        yield running


@pytest.fixture
def box(shared):
    shared.requests.clear()
    shared.faults.clear()
    return shared


@pytest.fixture
def provider(box):
    base = f"{box.url}/oauth2"
    return oauth.Provider(f"{base}/authorize", box.token_url, f"{base}/register")


@pytest.fixture
def browser():
    browser = Browser()
    yield browser
    browser.close()


def told(error):
    return " ".join((error.what, error.where, error.why, error.fix))


def forms(box, path="/oauth2/token"):
    return [dict(parse_qsl(seen.body.decode())) for seen in box.requests if seen.path == path]


def query(url):
    return dict(parse_qsl(urlsplit(url).query))


def works(box, token):
    return box.store.knows_token(token.reveal(), now=datetime.now(UTC))


def test_a_person_agrees_and_a_token_comes(box, provider, browser):
    client, tokens = oauth.sign_in(provider, None, SCOPE, browser)
    assert works(box, tokens.access)
    assert tokens.life == 3600
    assert tokens.refresh is not None
    assert client.secret is not None
    browser.close()
    assert "close this page" in browser.last


def test_the_question_is_asked_as_the_standard_wants_it(box, provider, browser):
    client, _ = oauth.sign_in(provider, None, SCOPE, browser)
    asked, (form,) = query(browser.opened[0]), forms(box)
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert asked["code_challenge_method"] == "S256"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43,128}", form["code_verifier"])
    assert len(asked["state"]) >= 43
    assert (asked["client_id"], asked["scope"]) == (client.id, SCOPE)
    assert form["redirect_uri"] == asked["redirect_uri"]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/callback", asked["redirect_uri"])
    assert (form["grant_type"], form["scope"]) == ("authorization_code", SCOPE)


def test_each_question_is_another(provider, browser):
    for _ in range(2):
        oauth.sign_in(provider, None, SCOPE, browser)
    first, second = map(query, browser.opened)
    assert all(first[name] != second[name] for name in ("state", "code_challenge"))


def test_registration_says_who_asks_and_how(box, provider, browser):
    oauth.sign_in(provider, None, SCOPE, browser)
    (sent,) = [seen for seen in box.requests if seen.path == "/oauth2/register"]
    metadata = orjson.loads(sent.body)
    assert metadata["client_name"] == metadata["software_id"] == "clrctl"
    assert metadata["redirect_uris"] == [query(browser.opened[0])["redirect_uri"]]
    assert metadata["grant_types"] == ["authorization_code", "refresh_token"]
    assert metadata["token_endpoint_auth_method"] == "client_secret_basic"
    assert metadata["scope"] == SCOPE


def test_a_client_that_is_known_is_not_registered_again(box, provider, browser):
    client, _ = oauth.sign_in(provider, None, SCOPE, browser)
    box.requests.clear()
    again, tokens = oauth.sign_in(replace(provider, registration_url=""), client, SCOPE, browser)
    assert again is client
    assert works(box, tokens.access)


@pytest.mark.parametrize(
    ("changes", "what", "why"),
    [
        ({"state": "forged"}, "another request", "forged"),
        ({"state": ""}, "another request", "forged"),
        ({"state": "é"}, "another request", "forged"),
        ({"code": ""}, "access was not granted", "no code"),
        ({"code": "guessed"}, "refused the login", "HTTP 400"),
    ],
)
def test_an_answer_that_is_not_the_right_one(box, provider, browser, changes, what, why):
    browser.after = altered(**changes)
    with pytest.raises(AuthError, match=what) as caught:
        oauth.sign_in(provider, None, SCOPE, browser)
    assert why in caught.value.why
    assert "clrctl auth login" in caught.value.fix
    assert len(forms(box)) == ("refused" in what)


def test_a_scope_that_is_refused_is_named(box, provider, browser):
    browser.after = altered(code="", error="invalid_scope")
    with pytest.raises(AuthError, match="access was not granted") as caught:
        oauth.sign_in(provider, None, SCOPE, browser)
    assert f'correct scope in the entry of the endpoint, now "{SCOPE}"' in caught.value.fix


def test_a_verifier_that_does_not_fit(provider, browser):
    browser.before = altered(code_challenge="A" * 43)
    with pytest.raises(AuthError, match="refused the login") as caught:
        oauth.sign_in(provider, None, SCOPE, browser)
    assert "verifier" in caught.value.why


def test_a_person_who_denies(box, provider, browser):
    browser.button = "deny"
    with pytest.raises(AuthError, match="access was not granted") as caught:
        oauth.sign_in(provider, None, SCOPE, browser)
    assert caught.value.why == "access_denied"
    assert forms(box) == []


def test_a_server_that_explains_its_error(provider, browser):
    browser.button = "deny"
    browser.after = altered(error_description="only on weekdays")
    with pytest.raises(AuthError) as caught:
        oauth.sign_in(provider, None, SCOPE, browser)
    assert caught.value.why == "access_denied: only on weekdays"


def test_nobody_agrees(provider):
    with pytest.raises(AuthError, match="nobody agreed") as caught:
        oauth.sign_in(provider, None, SCOPE, lambda _: None, patience=0.05)
    assert "0.05 seconds" in caught.value.why


def test_the_port_is_taken(provider):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match="cannot wait for the browser") as caught:
            oauth.sign_in(provider, None, SCOPE, lambda _: None, port=port)
    assert str(port) in caught.value.where
    assert "--port" in caught.value.fix


def test_the_port_can_be_chosen(provider, browser):
    port = free_port()
    oauth.sign_in(provider, None, SCOPE, browser, port=port)
    assert query(browser.opened[0])["redirect_uri"] == f"http://127.0.0.1:{port}/callback"


def test_what_else_a_browser_does_is_not_the_answer():
    with Redirect() as redirect:
        port = urlsplit(redirect.url).port
        statuses = []

        def wander():
            socket.create_connection(("127.0.0.1", port)).close()
            statuses.append(ask("GET", f"http://127.0.0.1:{port}/favicon.ico")[0])
            statuses.append(ask("GET", f"{redirect.url}?code=1&state=2")[0])

        thread = threading.Thread(target=wander, daemon=True)
        thread.start()
        assert redirect.wait(5) == {"code": "1", "state": "2"}
        thread.join(5)
    assert statuses == [404, 200]


def test_the_page_of_the_answer_repeats_nothing_and_loads_nothing(capfd):
    with Redirect() as redirect:
        pages = []
        url = f"{redirect.url}?code=canary-code&error=<script>"
        thread = threading.Thread(target=lambda: pages.append(ask("GET", url)), daemon=True)
        thread.start()
        redirect.wait(5)
        thread.join(5)
    ((_, _, page),) = pages
    assert "canary" not in page
    assert "<script" not in page
    assert capfd.readouterr() == ("", "")


# --- registration, and what servers may answer ------------------------------------------------


@pytest.mark.parametrize(
    ("said", "error", "what"),
    [
        (reply(400, '{"error": "invalid_redirect_uri"}'), AuthError, "refused to register"),
        (reply(503), TemporaryError, "refused to register"),
        (reply(307, Location="https://other.example/"), RefusedError, "secrets do not follow"),
        (reply(201, '{"client_name": "clrctl"}'), AuthError, "without an id"),
        (reply(201, '{"client_id": "a", "client_secret": 1}'), AuthError, "without an id"),
        (reply(201, "[]"), AuthError, "without an id"),
        (reply(201, "<html>"), AuthError, "without an id"),
    ],
)
def test_registration_is_refused(said, error, what):
    with talking(said) as server:
        provider = oauth.Provider(f"{server.url}/a", f"{server.url}/t", f"{server.url}/r")
        with pytest.raises(error, match=what) as caught:
            oauth.sign_in(provider, None, SCOPE, lambda _: pytest.fail("shown"))
    assert caught.value.where == f"POST {server.url}/r"


def test_there_is_no_registration():
    with pytest.raises(AuthError, match="offers no registration") as caught:
        oauth.sign_in(oauth.Provider("a", "t"), None, SCOPE, lambda _: None)
    assert "client_id" in caught.value.fix


GRANTED = reply(200, '{"access_token": "new-access", "refresh_token": "new-refresh"}')


def test_a_client_without_a_secret_names_itself_in_the_form():
    with talking(GRANTED) as server:
        tokens = oauth.refresh(server.url, OAuthClient("public", None), Secret("old"))
    (seen,) = server.seen
    assert "authorization" not in seen.headers
    assert dict(parse_qsl(seen.body.decode())) == {
        "grant_type": "refresh_token", "refresh_token": "old", "client_id": "public",
    }  # fmt: skip
    assert tokens.access.reveal() == "new-access"
    assert tokens.refresh is not None
    assert tokens.refresh.reveal() == "new-refresh"


def test_a_client_with_a_secret_shows_it_in_the_header_alone():
    with talking(GRANTED) as server:
        oauth.refresh(server.url, CLIENT, Secret("old"))
    (seen,) = server.seen
    pair = base64.b64decode(seen.headers["authorization"].removeprefix("Basic ")).decode()
    assert pair == "canary-client:canary%2Bclient%2Fsecret"
    assert b"client" not in seen.body


@pytest.mark.parametrize("refresh", ["", ', "refresh_token": ""', ', "refresh_token": 7'])
def test_an_answer_without_a_refresh_token(refresh):
    with talking(reply(200, f'{{"access_token": "new"{refresh}}}')) as server:
        assert oauth.refresh(server.url, CLIENT, Secret("old")).refresh is None


def test_a_refresh_token_is_good_once(box, provider, browser):
    client, tokens = oauth.sign_in(provider, None, SCOPE, browser)
    renewed = oauth.refresh(box.token_url, client, tokens.refresh)
    assert works(box, renewed.access)
    with pytest.raises(AuthError, match="refused the login"):
        oauth.refresh(box.token_url, client, tokens.refresh)


def test_a_refresh_token_is_good_for_its_client_alone(box, provider, browser):
    _, tokens = oauth.sign_in(provider, None, SCOPE, browser)
    other, _ = oauth.sign_in(provider, None, SCOPE, browser)
    with pytest.raises(AuthError):
        oauth.refresh(box.token_url, other, tokens.refresh)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (kinds.Status(status=503), TemporaryError),
        (kinds.Status(status=307, to="https://other.example/"), RefusedError),
        (kinds.Status(status=400), AuthError),
        (kinds.Status(status=200), AuthError),
        (kinds.Close(), TemporaryError),
    ],
)
def test_a_token_endpoint_that_fails(box, fault, error):
    box.faults.add(FaultStep(fault, on=FaultTarget.TOKEN))
    with pytest.raises(error):
        oauth.refresh(box.token_url, CLIENT, Secret("old"))


def test_revoked_tokens_are_good_no_more(box, provider, browser):
    client, tokens = oauth.sign_in(provider, None, SCOPE, browser)
    for token in (tokens.access, tokens.refresh):
        oauth.revoke(f"{box.url}/oauth2/revoke", client, token)
    assert not works(box, tokens.access)
    with pytest.raises(AuthError):
        oauth.refresh(box.token_url, client, tokens.refresh)


def test_a_revocation_that_fails_is_told():
    with talking(reply(400)) as server, pytest.raises(AuthError, match="not revoked"):
        oauth.revoke(server.url, CLIENT, Secret("old"))


def test_what_a_server_repeats_is_not_told():
    secret = CLIENT.secret.reveal()

    def repeat(seen):
        text = f"{seen.headers} {seen.body.decode()} {secret} canary token+"
        return reply(400, orjson.dumps({"error": "invalid_grant", "error_description": text}))

    with talking(repeat) as server, pytest.raises(AuthError) as caught:
        oauth.refresh(server.url, CLIENT, Secret("canary token+"))
    basic = base64.b64encode(b"canary-client:canary%2Bclient%2Fsecret").decode()
    for canary in (secret, quote_plus(secret), basic, "canary token+", "canary+token%2B"):
        assert canary not in told(caught.value)
    assert "invalid_grant" in told(caught.value) or "HTTP 400" in told(caught.value)
