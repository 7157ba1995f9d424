"""`clrctl discover`, and the service descriptions that servers give."""

import orjson
import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl import sandbox
from tests.talker import reply, talking

TOKEN = "canary-access-token"
SCOPES = "https://purl.imsglobal.org/spec/clr/v2p0/scope/"


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    with sandbox.start(tmp_path_factory.mktemp("box") / "box.db", check=lambda _: []) as running:
        yield running


def described(clrctl, document, *flags):
    """Return what is shown of a document, and what was asked."""
    with talking(reply(200, orjson.dumps(document))) as server:
        return clrctl("discover", "-e", server.url, *flags), server.seen


def test_a_description_in_plain_lines(clrctl, box):
    result = clrctl("discover", "-e", box.url)
    assert result.code == 0
    assert result.err == ""
    lines = [line.split(maxsplit=1) for line in result.out.splitlines()]
    assert lines[0] == ["service", "clrctl sandbox 2.0"]
    assert ["terms", f"{box.url}/"] in lines
    assert [
        "operation",
        f"POST /credentials/  upsertCredential  needs {SCOPES}credential.upsert",
    ] in lines
    assert ["operation", "GET /discovery  getServiceDescription"] in lines
    assert ["sign", f"in     {box.url}/oauth2/authorize"] in lines
    assert ["scope", f"{SCOPES}offline_access"] in lines
    assert ["registration", f"{box.url}/oauth2/register"] in lines
    assert ["revocation", f"{box.url}/oauth2/revoke"] in lines


def test_a_description_as_json(clrctl, box):
    report = clrctl("discover", "-e", box.url, "--json").json
    assert (report["format"], report["ok"]) == ("clrctl.report/1", True)
    service = report["service"]
    assert service["title"] == "clrctl sandbox"
    assert service["url"] == f"{box.url}/ims/clr/v2p0/discovery"
    assert service["flows"]["authorizationCode"] == {
        "authorization_url": f"{box.url}/oauth2/authorize",
        "token_url": box.token_url,
        "refresh_url": box.token_url,
        "scopes": [
            f"{SCOPES}credential.readonly",
            f"{SCOPES}credential.upsert",
            f"{SCOPES}offline_access",
        ],
    }
    assert service["operations"][0] == {
        "id": "getCredentials",
        "method": "GET",
        "path": "/credentials",
        "scopes": [f"{SCOPES}credential.readonly"],
    }


def test_the_sandbox_of_this_user_needs_not_be_running(clrctl):
    result = clrctl("discover", "-e", "sandbox")
    assert result.code == 0
    assert "clrctl sandbox 2.0" in result.out


def test_the_token_stays_here_where_nobody_asks_for_it(clrctl, monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    result, seen = described(clrctl, {"openapi": "3.0.1", "info": {"title": "Open"}})
    assert result.code == 0
    assert TOKEN not in repr(seen)


@pytest.mark.parametrize("status", [401, 403])
def test_an_endpoint_that_asks_for_the_token_gets_it(clrctl, monkeypatch, status):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    document = reply(200, b'{"openapi": "3.1.0", "info": {"title": "Closed"}}')
    with talking(reply(status), document) as server:
        result = clrctl("discover", "-e", server.url)
    assert (result.code, result.out.split()[:2]) == (0, ["service", "Closed"])
    assert [seen.headers.get("authorization") for seen in server.seen] == [None, f"Bearer {TOKEN}"]


def test_without_a_token_it_says_that_one_is_wanted(clrctl):
    with talking(reply(401)) as server:
        result = clrctl("discover", "-e", server.url)
    assert result.code == 4
    assert "only to those with a token" in result.err
    assert "clrctl auth login" in result.err


def test_a_token_that_cannot_be_used_is_told(clrctl, monkeypatch):
    monkeypatch.setenv("CLRCTL_TOKEN", "two words")
    with talking(reply(401)) as server:
        result = clrctl("discover", "-e", server.url)
    assert result.code == 4
    assert "cannot be a token" in result.err
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("said", "code", "what"),
    [
        (reply(404), 6, "does not describe itself"),
        (reply(307, Location="https://other.example/"), 6, "does not describe itself"),
        (reply(503), 5, "busy"),
        (reply(200, "<html>", kind="text/html"), 6, "makes no sense"),
        (reply(200, "[]"), 6, "makes no sense"),
        (reply(200, '{"swagger": "2.0"}'), 6, "makes no sense"),
    ],
)
def test_an_endpoint_that_says_nothing_of_use(clrctl, said, code, what):
    with talking(said) as server:
        result = clrctl("discover", "-e", server.url)
    assert (result.code, result.out) == (code, "")
    assert what in result.err


def test_a_server_that_wants_the_slash_gets_it(clrctl):
    with talking(reply(404), reply(200, '{"openapi": "3.0.1"}')) as server:
        assert clrctl("discover", "-e", server.url).code == 0
    paths = [seen.line.split()[1] for seen in server.seen]
    assert paths == ["/ims/clr/v2p0/discovery", "/ims/clr/v2p0/discovery/"]


EXTENDED = {
    "openapi": "3.0.1",
    "components": {
        "securitySchemes": {
            "OAuth2ACG": {
                "type": "oauth2",
                "x-imssf-privacyPolicyUrl": "https://a.example/privacy",
                "x-imssf-termsOfServiceUrl": "https://a.example/terms",
                "x-imssf-registrationUrl": "https://a.example/register",
                "flows": {"implicit": {"scopes": {"s": "x"}}},
            }
        }
    },
}


def test_the_extensions_are_found_in_either_place(clrctl):
    in_info = {
        "openapi": "3.0.1",
        "info": {
            "termsOfService": "https://a.example/terms",
            "x-imssf-privacyPolicyUrl": "https://a.example/privacy",
            "x-imssf-registrationUrl": "https://a.example/register",
        },
    }
    for document in (EXTENDED, in_info):
        result, _ = described(clrctl, document)
        for name in ("privacy", "terms", "register"):
            assert f"https://a.example/{name}" in result.out
    assert "tokens for" not in result.out


ODD = [
    {"openapi": 3, "info": [], "paths": [], "components": {"securitySchemes": [1]}},
    {"openapi": "3", "info": {"title": 7}, "paths": {"/a": None, "/b": {"get": 1}}},
    {"openapi": "3", "paths": {"/a": {"get": {"operationId": 1, "security": [1, {"a": [2]}]}}}},
    {"openapi": "3", "components": {"securitySchemes": {"a": 1, "b": {"flows": {"x": 1}}}}},
]


@pytest.mark.parametrize("document", ODD)
def test_an_odd_description_does_no_harm(clrctl, document):
    result, _ = described(clrctl, document)
    assert result.code == 0


def test_what_a_server_says_cannot_move_the_terminal(clrctl):
    title = "\x1b[2J\u202e"
    result, _ = described(clrctl, {"openapi": "3", "info": {"title": title}}, "--color", "always")
    assert "\x1b[2J" not in result.out
    assert "\\x1b[2J\\u202e" in result.out
