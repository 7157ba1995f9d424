"""The sandbox as an authorization server: what it grants, and what it refuses."""

import base64
import hashlib
import http.client
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl import sandbox
from clrctl.standard.clr_api import CREDENTIALS_PATH

VERIFIER = "v" * 64
CHALLENGE = "w1TpKUdYE9hUAcNSeeSRFioHDxfUxuHho_JHAfZ_vDM"
REDIRECT = "http://127.0.0.1:1/callback"


class Clock:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    clock = Clock()
    path = tmp_path_factory.mktemp("box") / "box.db"
    with sandbox.start(path, check=lambda _: [], clock=clock) as running:
        yield running, clock


@pytest.fixture
def clock(shared):
    shared[1].now = Clock.now
    return shared[1]


@pytest.fixture
def box(shared, clock):
    return shared[0]


def ask(box, method, path, body="", headers=None):
    connection = http.client.HTTPConnection(urlsplit(box.url).netloc, timeout=5)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def register(box, **metadata):
    metadata = {"redirect_uris": [REDIRECT]} | metadata
    return ask(box, "POST", "/oauth2/register", json.dumps(metadata))


@pytest.fixture
def client(box):
    return json.loads(register(box, client_name="test")[2])


def question(client, **changes):
    asked = {
        "response_type": "code",
        "client_id": client["client_id"],
        "redirect_uri": REDIRECT,
        "scope": "read offline_access",
        "state": "a state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | changes
    return "/oauth2/authorize?" + urlencode({k: v for k, v in asked.items() if v})


def click(box, path, button="allow"):
    status, headers, _ = ask(box, "POST", path, f"answer={button}", FORM)
    assert status == 303
    return dict(parse_qsl(urlsplit(headers["Location"]).query))


def token(box, client, path="/oauth2/token", **form):
    pair = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    status, _, body = ask(
        box, "POST", path, urlencode(form), FORM | {"Authorization": f"Basic {pair}"}
    )
    return status, json.loads(body) if body else None


def redeem(box, client, code, **changes):
    form = {"code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER} | changes
    return token(box, client, grant_type="authorization_code", **form)


def test_the_challenge_of_these_tests_is_right():
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == CHALLENGE


def test_from_registration_to_the_list_of_credentials(box, client):
    code = click(box, question(client))["code"]
    status, granted = redeem(box, client, code)
    assert status == 200
    assert granted["scope"] == "read offline_access"
    bearer = {"Authorization": f"Bearer {granted['access_token']}"}
    assert ask(box, "GET", CREDENTIALS_PATH, headers=bearer)[0] == 200
    status, renewed = token(
        box, client, grant_type="refresh_token", refresh_token=granted["refresh_token"]
    )
    assert status == 200
    assert renewed["refresh_token"] != granted["refresh_token"]


def test_there_is_no_refresh_token_that_nobody_asked_for(box, client):
    code = click(box, question(client, scope="read"))["code"]
    assert "refresh_token" not in redeem(box, client, code)[1]


def test_registration_tells_what_was_registered(box):
    status, headers, body = register(box, client_name="test")
    answer = json.loads(body)
    assert status == 201
    assert headers["Cache-Control"] == "no-store"
    assert answer["client_name"] == "test"
    assert answer["redirect_uris"] == [REDIRECT]
    assert answer["client_id_issued_at"] == int(Clock.now.timestamp())
    assert answer["client_secret"]


@pytest.mark.parametrize(
    "uris",
    [
        None,
        [],
        "http://127.0.0.1/",
        ["http://other.example/"],
        ["javascript:alert(1)"],
        ["http://127.0.0.1/#x"],
        ["https://"],
        ["http://[::1/"],
        [7],
    ],
)
def test_codes_are_sent_to_no_other_place(box, uris):
    status, _, body = register(box, redirect_uris=uris)
    assert (status, json.loads(body)["error"]) == (400, "invalid_redirect_uri")


@pytest.mark.parametrize("body", ["", "[]", "{", "[" * 60_000])
def test_registration_is_a_json_object(box, body):
    status, _, answer = ask(box, "POST", "/oauth2/register", body)
    assert (status, json.loads(answer)["error"]) == (400, "invalid_client_metadata")


def test_the_page_asks_and_a_form_answers(box, client):
    status, headers, page = ask(box, "GET", question(client, scope="read <b>"))
    assert status == 200
    assert client["client_id"] in page
    assert "<li>read</li><li>&lt;b&gt;</li>" in page
    assert page.count("<button") == 2
    assert re.search(r'<form method="post" action="/oauth2/authorize\?', page)
    policy = headers["Content-Security-Policy"]
    assert "form-action 'self' http://127.0.0.1:*" in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    "changes", [{"client_id": "unknown"}, {"client_id": ""}, {"redirect_uri": ""},
                {"redirect_uri": "http://127.0.0.1:1/other"}, {"client_id": "sandbox"},
                {"redirect_uri": "https://127.0.0.1:1/callback"}],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_is_sent_to_a_place_that_was_not_registered(box, client, method, changes):
    status, headers, _ = ask(box, method, question(client, **changes), "answer=allow", FORM)
    assert status == 400
    assert "Location" not in headers


def test_the_port_of_this_machine_is_free(box, client):
    path = question(client, redirect_uri="http://127.0.0.1:9/callback")
    assert "code" in click(box, path)
    elsewhere = json.loads(register(box, redirect_uris=["https://a.example/x?y=1"])[2])
    assert ask(box, "GET", question(elsewhere, redirect_uri="https://a.example:8/x?y=1"))[0] == 400
    answer = click(box, question(elsewhere, redirect_uri="https://a.example/x?y=1"))
    assert {"y", "code", "state"} == answer.keys()


FLAWS = [
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"code_challenge": ""}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"state": ""}, "invalid_request"),
]


@pytest.mark.parametrize(("changes", "error"), FLAWS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_flawed_question_goes_back_to_the_program(box, client, method, changes, error):
    status, headers, _ = ask(box, method, question(client, **changes), "answer=allow", FORM)
    told = dict(parse_qsl(urlsplit(headers["Location"]).query))
    assert (status, told["error"]) == (303, error)
    assert "code" not in told
    assert told.get("state") == (None if "state" in changes else "a state")


@pytest.mark.parametrize("button", ["deny", ""])
def test_a_person_may_deny(box, client, button):
    assert click(box, question(client), button) == {"error": "access_denied", "state": "a state"}


def test_a_code_is_good_once_and_for_ten_minutes(box, client, clock):
    code = click(box, question(client))["code"]
    clock.now += timedelta(minutes=10) - timedelta(seconds=1)
    assert redeem(box, client, code)[0] == 200
    assert redeem(box, client, code)[1]["error"] == "invalid_grant"
    late = click(box, question(client))["code"]
    clock.now += timedelta(minutes=10)
    assert redeem(box, client, late)[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "guessed"},
        {"code_verifier": "w" * 64},
        {"code_verifier": ""},
        {"redirect_uri": "http://127.0.0.1:2/callback"},
    ],
)
def test_a_code_needs_its_verifier_and_its_place(box, client, changes):
    code = click(box, question(client))["code"]
    status, answer = redeem(box, client, **({"code": code} | changes))
    assert (status, answer["error"]) == (400, "invalid_grant")


def test_a_code_is_for_its_client_alone(box, client):
    other = json.loads(register(box)[2])
    code = click(box, question(client))["code"]
    assert redeem(box, other, code)[1]["error"] == "invalid_grant"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_token_can_be_revoked(box, client, kind):
    granted = redeem(box, client, click(box, question(client))["code"])[1]
    assert token(box, client, "/oauth2/revoke", token=granted[kind]) == (200, None)
    bearer = {"Authorization": f"Bearer {granted['access_token']}"}
    listed = ask(box, "GET", CREDENTIALS_PATH, headers=bearer)[0]
    renewed, _ = token(
        box, client, grant_type="refresh_token", refresh_token=granted["refresh_token"]
    )
    assert (listed, renewed) == ((401, 200) if kind == "access_token" else (200, 400))


def test_an_unknown_token_counts_as_revoked_but_not_an_unknown_client(box, client):
    assert token(box, client, "/oauth2/revoke", token="x")[0] == 200
    stranger = client | {"client_secret": "x"}
    assert token(box, stranger, "/oauth2/revoke", token="x")[0] == 401
