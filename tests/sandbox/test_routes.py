"""The sandbox over real HTTP on loopback: what a client and a browser see of it."""

import base64
import contextlib
import gzip
import hashlib
import html
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode, urlsplit

import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")
pytest.importorskip("uvicorn", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl import sandbox
from clrctl.errors import InputError, UsageError
from clrctl.sandbox import app
from clrctl.sandbox.contract import CheckProblem
from clrctl.sandbox.faults import kinds, script
from clrctl.sandbox.faults.kinds import FaultStep
from clrctl.sandbox.store import Store

CREDENTIALS = "/ims/clr/v2p0/credentials/"
SLASHLESS = CREDENTIALS[:-1]
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def minor(self):
        return self.json["imsx_CodeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"]


class Client:
    """Speaks HTTP to a sandbox, one connection for each request."""

    def __init__(self, url):
        self.address = urlsplit(url).netloc
        self._token = ""

    @property
    def token(self):
        if not self._token:
            self._token = self.ask_token(GRANT).json["access_token"]
        return self._token

    def ask_token(self, form, headers=None):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        form = form if isinstance(form, str) else urlencode(form)
        return self.ask("POST", "/oauth2/token", form.encode(), kind | (headers or {}))

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.address, timeout=5)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path):
        return self.ask("GET", path, headers={"Authorization": f"Bearer {self.token}"})

    def post(self, body, path=CREDENTIALS, **headers):
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("POST", path, body, sent)


GRANT = {
    "grant_type": "client_credentials",
    "client_id": sandbox.CLIENT_ID,
    "client_secret": sandbox.CLIENT_SECRET,
}


def accept(_raw):
    return []


def clr(number=1, **members):
    issuer = {"id": "https://school.example/", "type": ["Profile"], "name": "A school"}
    whole = {
        "id": f"urn:clr:{number}",
        "issuer": issuer,
        "name": f"Transcript {number}",
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:learner"},
    }
    return json.dumps(whole | members).encode()


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One sandbox for most tests: to start and end one takes far longer than a test."""
    clock = Clock()
    path = tmp_path_factory.mktemp("box") / "sandbox.db"
    with sandbox.start(path, check=accept, clock=clock) as running:
        yield running, clock


@pytest.fixture
def box(shared):
    running, clock = shared
    clock.now = START
    running.faults.clear()
    running.requests.clear()
    with contextlib.closing(sqlite3.connect(running.store.path)) as connection, connection:
        connection.execute("DELETE FROM record")
        connection.execute("DELETE FROM token")
    return running


@pytest.fixture
def clock(shared):
    return shared[1]


@pytest.fixture
def own_box(tmp_path):
    """A sandbox that the test itself closes."""
    with sandbox.start(tmp_path / "sandbox.db", check=accept) as running:
        yield running


@pytest.fixture
def client(box):
    return Client(box.url)


# --- tokens -----------------------------------------------------------------------------------


def test_a_token_by_form_or_by_basic_authentication(client):
    by_form = client.ask_token(GRANT)
    secret = base64.b64encode(b"sandbox:sandbox").decode()
    by_basic = client.ask_token(
        {"grant_type": "client_credentials", "scope": "a b"}, {"Authorization": f"Basic {secret}"}
    )
    assert (by_form.status, by_basic.status) == (200, 200)
    assert by_form.json.keys() == {"access_token", "token_type", "expires_in"}
    assert (by_form.json["token_type"], by_form.json["expires_in"]) == ("Bearer", 3600)
    assert by_basic.json["scope"] == "a b"
    assert by_form.json["access_token"] != by_basic.json["access_token"]
    assert by_form.headers["Cache-Control"] == "no-store"


BASIC = {"Authorization": "Basic " + base64.b64encode(b"sandbox:sandbox").decode()}
DENIED = [
    ("wrong secret", GRANT | {"client_secret": "x"}, {}, 401, "invalid_client"),
    ("unknown client", GRANT | {"client_id": "x"}, {}, 401, "invalid_client"),
    ("no client", {"grant_type": "client_credentials"}, {}, 401, "invalid_client"),
    ("not base64", GRANT, {"Authorization": "Basic !"}, 400, "invalid_request"),
    ("bad basic", "grant_type=client_credentials", {"Authorization": "Basic !"}, 401, None),
    ("other scheme", "grant_type=client_credentials", {"Authorization": "X " + "YTph"}, 401, None),
    ("two ways at once", GRANT, BASIC, 400, "invalid_request"),
    ("other grant", GRANT | {"grant_type": "password"}, {}, 400, "unsupported_grant_type"),
    ("no grant", {"client_id": "sandbox"}, {}, 400, "invalid_request"),
    ("twice", urlencode(GRANT) + "&client_id=a", {}, 400, "invalid_request"),
    ("not a form", GRANT, {"Content-Type": "application/json"}, 400, "invalid_request"),
    ("too many", "a=1&" * 200, {}, 400, "invalid_request"),
]


@pytest.mark.parametrize(("form", "headers", "status", "code"), [d[1:] for d in DENIED])
def test_a_token_is_denied_in_the_words_of_rfc_6749(client, form, headers, status, code):
    answer = client.ask_token(form, headers)
    assert (answer.status, answer.json["error"]) == (status, code or "invalid_client")
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


def test_a_token_lasts_an_hour_and_outlives_the_server(tmp_path, clock):
    path = tmp_path / "sandbox.db"
    with sandbox.start(path, check=accept, clock=clock) as running:
        client = Client(running.url)
        assert client.post(clr()).status == 201
    with sandbox.start(path, check=accept, clock=clock) as running:
        client.address = urlsplit(running.url).netloc
        clock.now += timedelta(seconds=3599)
        assert client.post(clr()).status == 200
        clock.now += timedelta(seconds=1)
        assert client.post(clr()).status == 401


@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        (None, 'Bearer realm="clrctl sandbox"'),
        ("Basic eDp4", 'Bearer realm="clrctl sandbox"'),
        ("Bearer nobody", 'Bearer realm="clrctl sandbox", error="invalid_token"'),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_good_token_nothing_is_stored_or_shown(box, method, authorization, challenge):
    headers = {"Content-Type": "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    answer = Client(box.url).ask(method, CREDENTIALS, clr(), headers)
    assert (answer.status, answer.minor) == (401, "unauthorisedrequest")
    assert answer.headers["WWW-Authenticate"] == challenge
    assert box.store.count() == 0


# --- upsert -----------------------------------------------------------------------------------

ODD = (
    b'\r\n{ "id"\t: "urn:clr:odd","issuer":"https://school.example/",'
    b'"gpa":3.50,"big":123456789012345678901234567890,"tiny":1E-400,"n\\u0061me":"\xc3\xa9"  }\n '
)


def test_the_bytes_are_stored_and_answered_as_they_were_sent(box, client):
    answer = client.post(ODD)
    assert (answer.status, answer.body) == (201, ODD)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Clrctl-Sandbox"] == "unsigned"
    assert box.store.raw("https://school.example/", "urn:clr:odd") == ODD
    assert box.requests[-1].body == ODD


def test_created_then_updated_even_by_an_older_or_an_equal_credential(box, client):
    older = clr(validFrom="2020-01-01T00:00:00Z")
    assert [client.post(body).status for body in (clr(), older, older)] == [201, 200, 200]
    assert box.store.raw("https://school.example/", "urn:clr:1") == older


def test_the_same_id_of_another_issuer_is_another_record(box, client):
    other = clr(issuer={"id": "https://other.example/"})
    assert [client.post(body).status for body in (clr(), other)] == [201, 201]
    assert box.store.count() == 2


def test_an_equal_credential_is_not_modified_where_that_was_asked_for(tmp_path):
    with sandbox.start(tmp_path / "a.db", check=accept, answers_304=True) as running:
        client = Client(running.url)
        answers = [client.post(body) for body in (clr(), clr(), clr(name="other"))]
    assert [answer.status for answer in answers] == [201, 304, 200]
    assert answers[1].body == b""


def test_the_request_id_comes_back(client):
    assert client.post(clr(), X_Request_ID="r-1").headers["X-Request-ID"] == "r-1"
    assert "X-Request-ID" not in client.post(clr()).headers


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; charset=utf-8", 201),
        ("Application/VC+LD+JSON", 201),
        ("text/plain", 415),
        ("application/json-seq", 415),
    ],
)
def test_the_content_type_decides(client, content_type, status):
    answer = client.post(clr(), Content_Type=content_type)
    assert answer.status == status
    if status == 415:
        assert answer.minor == "invaliddata"


UNREADABLE = [
    (b"", "", "not JSON"),
    (b"[]", "", "not a JSON object"),
    (b'{"id": "a", "id": "b"}', "", "'id' occurs twice"),
    (b'{"id": NaN}', "", "NaN"),
    (b"\xef\xbb\xbf{}", "", "not JSON"),
    ('{"id": "é"}'.encode("latin-1"), "", "UTF-8"),
    ('{"id": "a"}'.encode("utf-16"), "", "UTF-8"),
    (rb'{"id": "\ud800"}', "", "UTF-8"),
    (b'{"a":' * 100_000, "", "nested too deeply"),
    (b"{}", "/id", "needs an id"),
    (b'{"id": 7, "issuer": "x:"}', "/id", "needs an id"),
    (b'{"id": "a", "issuer": {"name": "x"}}', "/issuer", "needs an id"),
]


@pytest.mark.parametrize(("body", "pointer", "message"), UNREADABLE)
def test_what_is_no_credential_is_refused_with_its_reason(box, client, body, pointer, message):
    answer = client.post(body)
    assert (answer.status, answer.minor) == (400, "invaliddata")
    (detail,) = answer.json["imsx_error_details"]
    assert detail["pointer"] == pointer
    assert message in detail["message"]
    assert box.store.count() == 0


def test_the_problems_of_the_check_are_listed_and_nothing_is_stored(tmp_path):
    seen = []

    def check(raw):
        seen.append(raw)
        return [CheckProblem("/name", "is too short"), CheckProblem("/type", "is missing")]

    with sandbox.start(tmp_path / "a.db", check=check) as running:
        answer = Client(running.url).post(ODD)
        assert running.store.count() == 0
    assert seen == [ODD]
    assert answer.status == 400
    assert answer.json["imsx_error_details"] == [
        {"pointer": "/name", "message": "is too short"},
        {"pointer": "/type", "message": "is missing"},
    ]
    assert answer.json["imsx_description"].endswith("is too short at /name (and 1 more)")


def test_an_error_has_exactly_the_members_of_the_endpoint(client):
    assert client.get("/nowhere").json == {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": "nothing is served at /nowhere",
        "imsx_CodeMinor": {
            "imsx_codeMinorField": [
                {
                    "imsx_codeMinorFieldName": "TargetEndSystem",
                    "imsx_codeMinorFieldValue": "unknownobject",
                }
            ]
        },
    }


def test_a_long_body_is_refused(tmp_path, clock):
    with Store(tmp_path / "a.db") as store:
        small = app.create_app(store, check=accept, clock=clock, body_limit=len(clr()))
        server = sandbox.server._web()[1](small, on_ready=(ready := threading.Event()).set)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            thread = threading.Thread(target=server.run, args=([listener],))
            thread.start()
            ready.wait()
            client = Client(f"http://127.0.0.1:{listener.getsockname()[1]}")
            answers = [client.post(clr()), client.post(clr() + b" " * 500_000)]
            server.should_exit = True
            thread.join()
    assert [answer.status for answer in answers] == [201, 413]
    assert answers[1].minor == "invaliddata"


def test_without_its_slash_the_path_redirects_and_stores_nothing(box, client):
    answer = client.post(clr(), path=SLASHLESS)
    assert (answer.status, answer.headers["Location"]) == (307, CREDENTIALS)
    assert box.store.count() == 0


def test_no_other_path_is_guessed(client):
    assert client.ask("POST", "/oauth2/token/").status == 404
    assert client.ask("GET", "/logo.svg/").status == 404


@pytest.mark.parametrize("path", [CREDENTIALS, SLASHLESS])
def test_another_method_is_not_allowed(client, path):
    answer = client.ask("PUT", path)
    assert (answer.status, answer.minor) == (405, "not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


def test_a_fault_of_the_sandbox_itself_is_a_500(tmp_path, caplog):
    def broken(_raw):
        raise RuntimeError("broken check")

    with sandbox.start(tmp_path / "a.db", check=broken) as running:
        answer = Client(running.url).post(clr())
    assert (answer.status, answer.minor) == (500, "internal_server_error")
    assert "broken check" not in answer.body.decode()
    assert "broken check" in caplog.text


def test_many_threads_leave_one_record_for_each_id(box, client):
    client.token  # noqa: B018 - fetched before the threads start

    def send(version):
        for number in range(10):
            client.post(clr(number, version=version))

    threads = [threading.Thread(target=send, args=(version,)) for version in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = box.store.latest(limit=100)
    assert [record.updates for record in records] == [3] * 10


# --- list -------------------------------------------------------------------------------------


def links(answer):
    return {
        rel: urlsplit(url).query
        for url, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["Link"])
    }


@pytest.mark.parametrize("path", [CREDENTIALS, SLASHLESS])
def test_the_list_holds_the_stored_bytes(client, path):
    client.post(ODD)
    client.post(clr())
    answer = client.get(path)
    assert answer.body == b'{"credential":[' + ODD + b"," + clr() + b"]}"
    assert answer.headers["X-Total-Count"] == "2"
    assert links(answer) == {"first": "limit=100&offset=0", "last": "limit=100&offset=0"}


def test_the_list_is_walked_by_its_links(client):
    for number in range(5):
        client.post(clr(number))
    path, found = f"{CREDENTIALS}?limit=2", []
    while path:
        answer = client.get(path)
        found += [one["id"] for one in answer.json["credential"]]
        following = links(answer).get("next")
        path = following and f"{CREDENTIALS}?{following}"
    assert found == [f"urn:clr:{number}" for number in range(5)]
    assert links(client.get(f"{CREDENTIALS}?limit=2&offset=2")) == {
        "first": "limit=2&offset=0",
        "prev": "limit=2&offset=0",
        "next": "limit=2&offset=4",
        "last": "limit=2&offset=4",
    }
    beyond = client.get(f"{CREDENTIALS}?limit=2&offset=90")
    assert (beyond.json, links(beyond)["prev"]) == ({"credential": []}, "limit=2&offset=3")


def test_a_full_last_page_has_no_next(client):
    for number in range(4):
        client.post(clr(number))
    following = links(client.get(f"{CREDENTIALS}?limit=2&offset=2"))
    assert following.keys() == {"first", "prev", "last"}
    assert following["last"] == "limit=2&offset=2"


def test_since_means_issued_after_that_instant(client):
    client.post(clr(1, validFrom="2026-01-01T01:00:00+01:00"))
    client.post(clr(2, validFrom="2026-01-01T00:00:01Z"))
    client.post(clr(3, validFrom="soon"))
    answer = client.get(f"{CREDENTIALS}?since=2026-01-01T00:00:00Z")
    assert [one["id"] for one in answer.json["credential"]] == ["urn:clr:2"]
    assert answer.headers["X-Total-Count"] == "1"
    assert "since=2026-01-01T00" in links(answer)["first"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        "limit=x",
        "limit=",
        "limit=٣",
        "offset=-1",
        "offset=1.0",
        "since=yesterday",
        "since=2026-01-01T00:00:00",
        "since=",
    ],
)
def test_a_bad_parameter_is_named(client, query):
    name, _, value = query.partition("=")
    answer = client.get(f"{CREDENTIALS}?{urlencode({name: value})}")
    assert (answer.status, answer.minor) == (400, "invalid_query_parameter")
    assert f" {name} " in answer.json["imsx_description"]


# --- discovery, and finding a sandbox ---------------------------------------------------------


@pytest.mark.parametrize("path", ["/ims/clr/v2p0/discovery/", "/ims/clr/v2p0/discovery"])
def test_discovery_tells_where_things_are_without_a_token(box, path):
    client = Client(box.url)
    told = client.ask("GET", path).json
    assert told["openapi"].startswith("3.0")
    assert {"title", "termsOfService", "x-imssf-privacyPolicyUrl"} <= told["info"].keys()
    assert told["servers"] == [{"url": f"{box.url}/ims/clr/v2p0"}]
    (scheme,) = told["components"]["securitySchemes"].values()
    flow = scheme["flows"]["clientCredentials"]
    assert flow["tokenUrl"] == box.token_url == f"{box.url}/oauth2/token"
    assert {scope.rpartition("/")[2] for scope in flow["scopes"]} == {
        "credential.readonly",
        "credential.upsert",
    }
    picture = client.ask("GET", urlsplit(told["info"]["x-imssf-image"]).path)
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/svg+xml")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-x\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\n\r\n[1]",
        b'HTTP/1.0 200 OK\r\n\r\n{"x-clrctl-sandbox": 1}',
        b"HTTP/1.0 200 OK\r\n\r\n\xff",
    ],
)
def test_nothing_else_is_taken_for_a_sandbox(answer):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def reply():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=reply)
        thread.start()
        assert not sandbox.find("127.0.0.1", listener.getsockname()[1])
        thread.join()


def test_a_sandbox_is_found_only_where_it_listens(own_box):
    port = urlsplit(own_box.url).port
    assert sandbox.find("127.0.0.1", port)
    assert sandbox.find("localhost", port)
    own_box.close()
    assert not sandbox.find("127.0.0.1", port)


def test_no_other_machine_is_ever_asked(monkeypatch):
    def connect(*_args, **_options):
        pytest.fail("it went out to look for a sandbox")

    monkeypatch.setattr(http.client, "HTTPConnection", connect)
    assert not sandbox.find("sandbox.example", 80)
    assert not sandbox.find("192.0.2.1", 80)


# --- only this machine ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "", "[::2]"]
)
@pytest.mark.parametrize("path", ["/", CREDENTIALS, "/nowhere"])
def test_a_foreign_host_header_gets_nothing(client, host, path):
    client.post(clr(name="Secret"))
    headers = {"Host": host, "Authorization": f"Bearer {client.token}"}
    answer = client.ask("GET", path, headers=headers)
    assert (answer.status, answer.minor) == (421, "misdirected_request")
    assert b"Secret" not in answer.body


@pytest.mark.parametrize("host", ["localhost", "localhost:1", "127.1.2.3:80", "[::1]:80", "[::1]"])
def test_any_name_of_this_machine_will_do(client, host):
    assert client.ask("GET", "/", headers={"Host": host}).status == 200


def test_no_answer_invites_pages_from_elsewhere(client):
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for method in ("OPTIONS", "GET"):
        answer = client.ask(method, CREDENTIALS, headers=headers)
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", ""])  # noqa: S104
def test_it_binds_to_this_machine_only(tmp_path, host):
    with pytest.raises(UsageError, match="this machine only"):
        sandbox.start(tmp_path / "a.db", check=accept, host=host)
    assert not (tmp_path / "a.db").exists()


def test_a_taken_port_is_a_usage_error_and_leaves_no_file(box, tmp_path):
    with pytest.raises(UsageError, match="cannot listen") as caught:
        sandbox.start(tmp_path / "a.db", check=accept, port=urlsplit(box.url).port)
    assert caught.value.fix
    assert not (tmp_path / "a.db").exists()
    with pytest.raises(UsageError, match="cannot listen"):
        sandbox.start(tmp_path / "a.db", check=accept, port=70_000)


def test_a_foreign_file_frees_the_port_again(tmp_path):
    foreign = tmp_path / "a.db"
    foreign.write_text("something else entirely, and long enough")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(InputError):
        sandbox.start(foreign, check=accept, port=port)
    with sandbox.start(tmp_path / "b.db", check=accept, port=port) as running:
        assert running.url.endswith(f":{port}")


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_it_serves_ipv6(tmp_path):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback address")
    with sandbox.start(tmp_path / "a.db", check=accept, host="::1") as running:
        assert running.url.startswith("http://[::1]:")
        assert Client(running.url).post(clr()).status == 201


# --- what was asked, for tests ----------------------------------------------------------------


def test_requests_are_recorded_as_they_came(box, client):
    client.post(clr(), X_Request_ID="1")
    client.ask("GET", "/no%77here?a=%20b")
    token, post, get = box.requests
    assert (token.method, token.path) == ("POST", "/oauth2/token")
    assert (post.method, post.path, post.body) == ("POST", CREDENTIALS, clr())
    assert post.headers["x-request-id"] == "1"
    assert (get.method, get.path, get.body) == ("GET", "/no%77here?a=%20b", b"")


# --- faults -----------------------------------------------------------------------------------


def play(box, text):
    box.faults.add(*script.read(text))


def test_a_script_plays_in_order_and_then_all_is_well(box, client):
    play(box, "503*2:retry-after=7,404:body=message")
    assert box.faults.pending
    answers = [client.post(clr()) for _ in range(4)]
    assert [answer.status for answer in answers] == [503, 503, 404, 201]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[0].minor == "server_busy"
    assert answers[2].json.keys() == {"message"}
    assert not box.faults.pending


def standard_minor(answer):
    (field,) = answer.json["imsx_codeMinor"]["imsx_codeMinorField"]
    return field["imsx_codeMinorFieldValue"]


BODIES = [
    ("400", lambda answer: answer.minor == "invaliddata"),
    ("404:body=imsx-standard", lambda answer: standard_minor(answer) == "not_found"),
    ("429:body=imsx-standard", lambda answer: standard_minor(answer) == "server_busy"),
    ("200", lambda answer: answer.json["imsx_codeMajor"] == "failure"),
    ("502:body=html", lambda answer: b"<h1>502</h1>" in answer.body),
    ("200:body=empty", lambda answer: answer.body == b""),
    ("200:body=nan", lambda answer: answer.body == b'{"id": NaN}'),
    ("304", lambda answer: answer.body == b""),
    ("307:to=http://127.0.0.1:9/x", lambda a: a.headers["Location"] == "http://127.0.0.1:9/x"),
]


@pytest.mark.parametrize(("text", "holds"), BODIES, ids=[text for text, _ in BODIES])
def test_a_status_comes_instead_of_the_answer_and_nothing_is_stored(box, client, text, holds):
    play(box, text)
    answer = client.post(clr())
    assert answer.status == int(text[:3])
    assert holds(answer)
    assert box.store.count() == 0


@pytest.mark.parametrize("status", [301, 302, 303, 308])
def test_redirects_of_every_kind(box, client, status):
    play(box, f"{status}:to=/elsewhere")
    answer = client.post(clr())
    assert (answer.status, answer.headers["Location"]) == (status, "/elsewhere")


def test_retry_after_as_a_date(box, client, clock):
    play(box, "429:retry-date=90")
    when = parsedate_to_datetime(client.post(clr()).headers["Retry-After"])
    assert when == clock.now + timedelta(seconds=90)


LOST = (ConnectionError, http.client.HTTPException)


@pytest.mark.parametrize("commit", ["no", "yes"])
@pytest.mark.parametrize(
    ("name", "error"), [("reset", ConnectionResetError), ("close", http.client.RemoteDisconnected)]
)
def test_a_connection_is_lost_before_or_after_the_commit(box, client, name, error, commit):
    client.token  # noqa: B018
    play(box, f"{name}:commit={commit}")
    with pytest.raises(error) as caught:
        client.post(clr())
    # RemoteDisconnected, an orderly end, is a kind of ConnectionResetError.
    assert type(caught.value) is error
    assert box.store.count() == (commit == "yes")
    assert client.post(clr()).status == (200 if commit == "yes" else 201)


def test_an_error_after_the_commit(box, client):
    play(box, "500:commit=yes")
    assert client.post(clr()).status == 500
    assert box.store.count() == 1


def test_what_cannot_be_committed_is_refused_as_ever(box, client):
    play(box, "500:commit=yes")
    assert client.post(b"{}").status == 400


def test_no_answer_at_all(box, client):
    client.token  # noqa: B018
    play(box, "hang:commit=yes")
    connection = http.client.HTTPConnection(client.address, timeout=0.2)
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
    connection.request("POST", CREDENTIALS, clr(), headers)
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    assert box.store.count() == 1


def test_closing_cuts_off_whoever_still_waits(own_box):
    box, client = own_box, Client(own_box.url)
    client.token  # noqa: B018
    play(box, "hang")
    failures = []

    def send():
        try:
            client.post(clr())
        except LOST as error:
            failures.append(error)

    thread = threading.Thread(target=send)
    thread.start()
    while box.faults.pending:
        thread.join(0.01)
    box.close()
    thread.join()
    assert len(failures) == 1


def test_a_delayed_answer_still_comes(box, client):
    play(box, "delay:seconds=0.01")
    assert client.post(clr()).status == 201


def test_all_tokens_expire(box, client):
    client.post(clr())
    play(box, "expire")
    assert [client.post(clr()).status for _ in range(2)] == [401, 401]
    client._token = ""
    assert client.post(clr()).status == 200


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_a_truncated_answer_shows_in_its_framing(box, client, framing):
    play(box, f"truncate:framing={framing}")
    with pytest.raises(http.client.IncompleteRead) as caught:
        client.post(clr())
    assert caught.value.partial in (clr()[: len(clr()) // 2], b"")
    assert box.store.count() == 1


def test_a_truncated_answer_without_a_length_looks_whole(box, client):
    play(box, "truncate:framing=none")
    answer = client.post(clr())
    assert (answer.status, answer.body) == (201, clr()[: len(clr()) // 2])


@pytest.mark.parametrize("part", ["all", "body"])
def test_an_answer_drips_and_is_whole_in_the_end(box, client, part):
    play(box, f"drip:seconds=0:part={part}")
    answer = client.post(clr())
    assert (answer.status, answer.body) == (201, clr())
    assert answer.headers["Clrctl-Sandbox"] == "unsigned"


def test_a_drip_ends_with_its_reader(own_box):
    box, client = own_box, Client(own_box.url)
    client.token  # noqa: B018
    play(box, "drip:seconds=60:part=body")
    connection = http.client.HTTPConnection(client.address, timeout=5)
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
    connection.request("POST", CREDENTIALS, clr(), headers)
    answer = connection.getresponse()
    assert answer.read(1) == clr()[:1]
    answer.close()
    connection.close()
    box.close()  # would wait for a minute


def test_a_body_without_end(box, client):
    client.token  # noqa: B018
    play(box, "flood")
    connection = http.client.HTTPConnection(client.address, timeout=5)
    headers = {"Authorization": f"Bearer {client.token}", "Content-Type": "application/json"}
    connection.request("POST", CREDENTIALS, clr(), headers)
    answer = connection.getresponse()
    assert answer.status == 201
    assert len(answer.read(3_000_000)) == 3_000_000
    answer.close()
    connection.close()


def test_a_body_that_expands(box, client):
    play(box, "bomb")
    answer = client.post(clr())
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.body) < 64 * 1024
    assert len(gzip.decompress(answer.body)) == 32 * 1024 * 1024


def test_a_header_beyond_all_limits(box, client):
    play(box, "bloat")
    with pytest.raises(http.client.LineTooLong):
        client.post(clr())


def test_members_are_dropped_from_the_answer_alone(box, client):
    body = clr(list=[{"a/b": 1}, 2], tilde={"~": 1})
    gone = ("/name", "/list/0/a~1b", "/tilde/~0", "/list/9", "/no/where", "/name/x")
    box.faults.add(FaultStep(kinds.Drop(at=gone)))
    answer = client.post(body)
    expected = json.loads(body) | {"list": [{}, 2], "tilde": {}}
    del expected["name"]
    assert answer.json == expected
    assert answer.headers["Clrctl-Sandbox"] == "unsigned"
    assert box.store.raw("https://school.example/", "urn:clr:1") == body


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("alter:at=/id:value=%22urn%3Aother%22", {"id": "urn:other"}),
        ('alter:at=/list/0:value={"x":1}', {"list": [{"x": 1}]}),
        ("alter:at=/new:value=null", {"new": None}),
        ("alter:at=/no/parent:value=1", {}),
    ],
)
def test_one_member_of_the_answer_is_altered(box, client, text, change):
    play(box, text)
    body = clr(list=[1])
    assert client.post(body).json == json.loads(body) | change


def test_an_error_is_not_edited(box, client):
    play(box, "drop:at=/imsx_description,drop:at=/error:on=token")
    assert "imsx_description" in client.post(b"{}").json
    assert client.ask_token({"grant_type": "client_credentials"}).json["error"] == "invalid_client"


def test_faults_strike_the_token_endpoint_too(box, client):
    play(box, "503:on=token:body=html,reset:on=token")
    assert client.ask_token(GRANT).status == 503
    with pytest.raises(ConnectionResetError):
        client.ask_token(GRANT)
    assert client.ask_token(GRANT).status == 200


def test_one_credential_alone_is_struck(box, client):
    play(box, "500*:id=urn:clr:2")
    sent = [clr(1), clr(2), b"{", clr(2)]
    assert [client.post(body).status for body in sent] == [201, 500, 400, 500]
    box.faults.clear()
    assert client.post(clr(2)).status == 201


def test_every_third_request_is_struck(box, client):
    play(box, "500/3")
    assert [client.post(clr()).status for _ in range(7)] == [201, 200, 500, 200, 200, 500, 200]


# --- pages ------------------------------------------------------------------------------------


def test_the_empty_page_says_what_to_type(client):
    answer = client.ask("GET", "/")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "clrctl upsert samples/transcript.clr.json --endpoint sandbox" in answer.body.decode()


EVIL = "<script>alert(1)</script>\"'&\u202e\x1b"


def test_nothing_that_was_sent_becomes_markup(box, client):
    achievement = {
        "name": EVIL,
        "achievementType": EVIL,
        "resultDescription": {"id": "r", "name": EVIL},
    }
    subject = {
        "id": EVIL,
        "achievement": achievement,
        "result": [{"resultDescription": "r", "value": EVIL}],
    }
    body = clr(EVIL, name=EVIL, issuer={"id": EVIL, "name": EVIL}, validFrom=EVIL)[:-1]
    client.post(body + b', "credentialSubject2": ' + json.dumps(subject).encode() + b"}")
    client.post(clr(2, name=EVIL, credentialSubject=subject))
    pages = ["/", *(f"/records/{record.key}" for record in box.store.latest(limit=9))]
    assert len(pages) == 3
    for page in pages:
        text = client.ask("GET", page).body.decode()
        assert "&lt;script&gt;" in text
        assert "<script" not in text
        assert not set(text) & {"\u202e", "\x1b"}
        assert text.count("<title>") == 1


def test_the_pages_may_load_nothing_and_run_nothing(client):
    client.post(clr())
    link = re.search(r'href="(/records/[0-9a-f]{32})"', client.ask("GET", "/").body.decode())[1]
    for page in ("/", link):
        answer = client.ask("GET", page)
        policy = dict(part.split(maxsplit=1) for part in answer.headers[CSP].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy.keys() <= {"default-src", "style-src", "img-src", *NOTHING}
        assert all(policy[name] == "'none'" for name in NOTHING)
        style = re.search(r"<style>(.*)</style>", answer.body.decode(), re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert policy["style-src"] == f"'sha256-{digest}'"
        # The page says the same of itself, for whoever keeps it as a file.
        kept = html.unescape(re.search(f'"{CSP}" content="(.*?)"', answer.body.decode())[1])
        assert f"{kept}; frame-ancestors 'none'" == answer.headers[CSP]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "://" not in re.sub(r"<main>.*</main>", "", answer.body.decode(), flags=re.DOTALL)


CSP = "Content-Security-Policy"
NOTHING = ("base-uri", "form-action", "frame-ancestors")


def test_the_list_of_records_tells_the_last_first(client, clock):
    client.post(clr(1, name="Early"))
    clock.now += timedelta(minutes=1)
    client.post(clr(2, name="Late", issuer="https://plain.example/"))
    text = client.ask("GET", "/").body.decode()
    assert text.index(">Late<") < text.index(">Early<")
    for shown in ("did:example:learner", "A school", "https://plain.example/", "2 credentials"):
        assert shown in text
    assert "2026-03-01 12:01:00 UTC" in text


def test_many_records_are_paged(client):
    for number in range(26):
        client.post(clr(number))
    first, second, beyond = (
        client.ask("GET", f"/?page={page}").body.decode() for page in (1, 2, 900)
    )
    assert (first.count("<tr>"), second.count("<tr>")) == (26, 2)
    assert 'href="/?page=2"' in first
    assert 'href="/?page=1"' in second
    assert 'href="/?page=2"' in beyond
    assert client.ask("GET", "/?page=0").status == 400


def test_a_record_shows_its_achievements_and_every_value_as_received(box, client):
    course = {
        "name": {"en": "Algebra"},
        "achievementType": "Course",
        "resultDescription": [{"id": "urn:r", "name": "Grade"}],
    }
    nested = {
        "credentialSubject": {
            "achievement": course,
            "result": [{"resultDescription": "urn:r", "value": "A-"}, {"status": "Completed"}],
        }
    }
    own = {"id": "urn:a", "type": ["Achievement"]}
    subject = {"id": "did:x", "achievement": [own], "verifiableCredential": [nested, "eyJ"]}
    raw = clr(credentialSubject=subject)[:-1] + b', "gpa": 3.50, "none": {}}'
    client.post(raw)
    (record,) = box.store.latest(limit=1)
    text = client.ask("GET", f"/records/{record.key}").body.decode()
    for shown in ("2 achievements", "Algebra", "Course", "Grade: A-; Completed", "urn:a"):
        assert shown in text
    assert "\n  &quot;gpa&quot;: 3.50,\n  &quot;none&quot;: {}\n}" in text


def test_a_record_without_achievements_says_so(box, client):
    client.post(clr(name=""))
    (record,) = box.store.latest(limit=1)
    text = client.ask("GET", f"/records/{record.key}").body.decode()
    assert "No achievements" in text
    assert "<h1>urn:clr:1</h1>" in text


def test_an_unknown_record_is_not_found(client):
    assert client.ask("GET", "/records/0123").status == 404


# --- in the foreground ------------------------------------------------------------------------

SERVE = """
import pathlib, sys
from clrctl import sandbox
sandbox.serve(pathlib.Path(sys.argv[1]), check=lambda raw: [], port=0,
              on_ready=lambda url: print(url, flush=True))
print("ended")
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal_and_ends_cleanly(tmp_path, number):
    command = [sys.executable, "-c", SERVE, str(tmp_path / "a.db")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        url = process.stdout.readline().strip()
        status = Client(url).post(clr()).status
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
    assert status == 201
    assert (out, err, process.returncode) == ("ended\n", "", 0)
    with Store(tmp_path / "a.db") as store:
        assert store.count() == 1


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_signals_are_as_before_when_it_has_ended(tmp_path):
    former = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    sandbox.serve(
        tmp_path / "a.db",
        check=accept,
        port=0,
        on_ready=lambda _: os.kill(os.getpid(), signal.SIGTERM),
    )
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == former


def test_two_processes_share_one_file(box, client, tmp_path):
    command = [sys.executable, "-c", SERVE, str(box.store.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        other = Client(process.stdout.readline().strip())
        assert [client.post(clr(1)).status, other.post(clr(1)).status] == [201, 200]
        assert other.post(clr(2)).status == 201
        process.terminate()
    assert box.store.count() == 2


MISSING = """
import pathlib, sys
sys.modules[sys.argv[1]] = None
from clrctl import errors, sandbox
try:
    sandbox.start(pathlib.Path("never"), check=lambda raw: [])
except errors.UsageError as error:
    print(error.what, "/", error.fix)
"""


@pytest.mark.parametrize("package", ["starlette", "uvicorn"])
def test_without_the_web_packages_it_says_what_to_install(package):
    command = [sys.executable, "-c", MISSING, package]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = "the sandbox needs the packages starlette and uvicorn / pip install 'clrctl[sandbox]'"
    assert done.stdout.strip() == told


def test_the_package_is_imported_without_the_web_packages():
    code = "import sys; import clrctl.sandbox; print({'starlette', 'uvicorn'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
