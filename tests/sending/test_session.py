"""Tokens: how they are asked for, kept, renewed, and what becomes of a refusal."""

import base64

import orjson
import pytest

from clrctl import http
from clrctl.errors import AuthError, RefusedError, TemporaryError
from clrctl.sending.auth.credentials import ClientCredentials, StaticToken
from clrctl.sending.auth.session import Session
from clrctl.util.secret import Secret
from tests.talker import free_port, reply, talking

SECRET = "s3cret"


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def token(text="token-one", **members):
    whole = {"access_token": text, "token_type": "Bearer", "expires_in": 3600} | members
    return reply(200, orjson.dumps(whole))


def by_client(url, *, scope="", style="basic", client_id="me", secret=SECRET):
    return ClientCredentials(url, client_id, Secret(secret), scope, style, "client credentials")


OK = reply(200, b"{}")
UNAUTHORIZED = reply(401, b'{"message": "expired"}')


@pytest.fixture
def post():
    """Post something twice with one session; return the statuses."""

    def run(credentials, url, times=1, clock=None, wait=0.0):
        clock = clock or Clock()
        with http.Client() as client:
            session = Session(credentials, client, clock=clock)
            answers = []
            for _ in range(times):
                answers.append(session.post(url, {}, b"{}", most=1000))
                clock.now += wait
            return answers

    return run


def bearers(talker):
    return [seen.headers["authorization"] for seen in talker.seen]


def test_a_token_that_was_given_goes_to_the_endpoint(post):
    with talking(OK) as api:
        post(StaticToken(Secret("given-token"), "CLRCTL_TOKEN"), api.url)
    assert bearers(api) == ["Bearer given-token"]


def test_a_given_token_that_is_refused_is_not_tried_again(post):
    with talking(OK, UNAUTHORIZED) as api:
        answers = post(StaticToken(Secret("given-token"), "CLRCTL_TOKEN"), api.url, times=2)
    assert [answer.status for answer in answers] == [200, 401]
    assert len(api.seen) == 2


def test_client_credentials_by_basic_are_form_encoded_first(post):
    with talking(token()) as issuer, talking(OK) as api:
        post(by_client(issuer.url, client_id="a:b c", secret="p+/%:é"), api.url)
    (seen,) = issuer.seen
    pair = base64.b64decode(seen.headers["authorization"].removeprefix("Basic ")).decode()
    assert pair == "a%3Ab+c:p%2B%2F%25%3A%C3%A9"
    assert seen.body == b"grant_type=client_credentials"
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert bearers(api) == ["Bearer token-one"]


def test_client_credentials_in_the_body_with_a_scope(post):
    with talking(token()) as issuer, talking(OK) as api:
        post(by_client(issuer.url, scope="a b", style="body", secret="p&=q"), api.url)
    (seen,) = issuer.seen
    assert "authorization" not in seen.headers
    assert seen.body == (
        b"grant_type=client_credentials&scope=a+b&client_id=me&client_secret=p%26%3Dq"
    )


def test_a_fetched_token_is_used_for_three_quarters_of_its_life(post):
    with talking(token("t-one"), token("t-two")) as issuer, talking(OK) as api:
        post(by_client(issuer.url), api.url, times=4, wait=1000.0)
    assert bearers(api) == ["Bearer t-one"] * 3 + ["Bearer t-two"]


@pytest.mark.parametrize("life", [None, 0, -5, "3600", "nan", "soon", {}])
def test_a_life_that_makes_no_sense_is_taken_for_an_hour(post, life):
    with talking(token(expires_in=life)) as issuer, talking(OK) as api:
        post(by_client(issuer.url), api.url, times=3, wait=1000.0)
    assert len(issuer.seen) == 1


def test_a_401_to_a_token_that_served_renews_it_once(post):
    with (
        talking(token("t-one"), token("t-two")) as issuer,
        talking(OK, UNAUTHORIZED, OK) as api,
    ):
        answers = post(by_client(issuer.url), api.url, times=3)
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert bearers(api) == ["Bearer t-one", "Bearer t-one", "Bearer t-two", "Bearer t-two"]


def test_a_401_to_a_token_that_served_before_other_refusals_renews_it_too(post):
    with (
        talking(token("t-one"), token("t-two")) as issuer,
        talking(OK, reply(400), UNAUTHORIZED, OK) as api,
    ):
        answers = post(by_client(issuer.url), api.url, times=3)
    assert [answer.status for answer in answers] == [200, 400, 200]


def test_a_401_to_a_fresh_token_stands(post):
    with talking(token()) as issuer, talking(UNAUTHORIZED) as api:
        answers = post(by_client(issuer.url), api.url)
    assert (answers[0].status, len(api.seen), len(issuer.seen)) == (401, 1, 1)


def test_a_401_to_a_token_renewed_in_time_stands(post):
    with talking(token()) as issuer, talking(OK, UNAUTHORIZED) as api:
        answers = post(by_client(issuer.url), api.url, times=2, wait=3000.0)
    assert (answers[1].status, len(api.seen), len(issuer.seen)) == (401, 2, 2)


def test_a_401_to_the_renewed_token_stands(post):
    with talking(token()) as issuer, talking(OK, UNAUTHORIZED) as api:
        answers = post(by_client(issuer.url), api.url, times=2)
    assert (answers[1].status, len(api.seen), len(issuer.seen)) == (401, 3, 2)


def test_an_answer_never_repeats_the_token(post):
    with talking(reply(401, b'{"message": "token given-token is unknown"}')) as api:
        (answer,) = post(StaticToken(Secret("given-token"), "CLRCTL_TOKEN"), api.url)
    assert answer.body == b'{"message": "token ... is unknown"}'


@pytest.mark.parametrize(
    ("token", "body"),
    [("x", b'{"@context": "x"}'), ("0123456789abcdef", b'{"name": "..."}')],
)
def test_a_record_is_changed_for_a_token_only_if_it_cannot_be_chance(post, token, body):
    sent = body.replace(b"...", token.encode())
    with talking(reply(200, sent)) as api:
        (answer,) = post(StaticToken(Secret(token), "CLRCTL_TOKEN"), api.url)
    assert answer.body == body


REFUSALS = [
    # answer of the token endpoint, error, what, why
    (
        reply(400, b'{"error": "invalid_client", "error_description": "no s3cret here"}'),
        AuthError,
        "the token endpoint refused the client credentials",
        "HTTP 400 no ... here",
    ),
    (
        reply(401, b'{"error": "invalid_client"}'),
        AuthError,
        "the token endpoint refused the client credentials",
        "HTTP 401 invalid_client",
    ),
    (reply(403), AuthError, "the token endpoint refused the client credentials", "HTTP 403"),
    (reply(429), TemporaryError, "the token endpoint is busy", "HTTP 429"),
    (
        reply(500, b"<html>"),
        TemporaryError,
        "the token endpoint is busy",
        "HTTP 500 a page of HTML, as gateways and proxies send",
    ),
    (reply(200, b"<html>"), AuthError, "the token endpoint answered without an access token", ""),
    (reply(200, b"[1]"), AuthError, "the token endpoint answered without an access token", ""),
    (reply(200, b"{}"), AuthError, "the token endpoint answered without an access token", ""),
    (token(""), AuthError, "the token endpoint answered without an access token", ""),
    (token(7), AuthError, "the token endpoint answered without an access token", ""),
    (token("a\r\nb"), AuthError, "the token endpoint answered without an access token", ""),
    (token("tökén"), AuthError, "the token endpoint answered without an access token", ""),
    (
        reply(200, b" " * 1_000_001),
        AuthError,
        "the token endpoint answered without an access token",
        "it is longer than 1,000,000 bytes",
    ),
    (b"", TemporaryError, "the token endpoint gives no answer", "the connection was closed"),
]


@pytest.mark.parametrize(("said", "kind", "what", "why"), REFUSALS)
def test_without_a_token_nothing_is_posted(post, said, kind, what, why):
    with talking(said) as issuer, talking(OK) as api, pytest.raises(kind) as caught:
        post(by_client(issuer.url), api.url)
    error = caught.value
    assert (type(error), error.what) == (kind, what)
    assert error.why.startswith(why) if why else error.why == ""
    assert f"POST {issuer.url}" in error.where
    assert "s3cret" not in repr(vars(error))
    assert api.seen == []


def error_body(code, text=""):
    return orjson.dumps({"error": code, "error_description": text})


ADVICE = [
    # answer of the token endpoint, what was set, what to do
    (reply(400, error_body("invalid_scope")), {}, "set scope in the entry of the endpoint"),
    (
        reply(400, error_body("invalid_request", "Scope required")),
        {},
        "set scope in the entry of the endpoint",
    ),
    (
        reply(400, error_body("invalid_scope")),
        {"scope": "a.b"},
        'correct scope in the entry of the endpoint, now "a.b"',
    ),
    (reply(401, error_body("invalid_client")), {}, "set auth_style: body"),
    (reply(401, error_body("invalid_client")), {"style": "body"}, "set auth_style: basic"),
    (reply(400, error_body("unauthorized_client")), {}, "the grant client_credentials"),
    (reply(400, error_body("unsupported_grant_type")), {}, "run clrctl auth login"),
    (reply(400, error_body("invalid_request")), {}, "check scope, auth_style and token_url"),
    (reply(404, b"<html>"), {}, "check token_url"),
    (reply(401, b"no"), {}, "check the client id and secret"),
]


@pytest.mark.parametrize(("said", "given", "fix"), ADVICE)
def test_a_refusal_names_the_setting_that_mends_it(post, said, given, fix):
    with talking(said) as issuer, pytest.raises(AuthError) as caught:
        post(by_client(issuer.url, **given), "http://127.0.0.1:9")
    assert fix in caught.value.fix


def test_a_byte_order_mark_before_a_token_answer_is_passed_over(post):
    raw = b"\xef\xbb\xbf" + orjson.dumps({"access_token": "token-one", "expires_in": 3600})
    with talking(reply(200, raw)) as issuer, talking(OK) as api:
        post(by_client(issuer.url), api.url)
        assert bearers(api) == ["Bearer token-one"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_secrets_do_not_follow_a_redirect_of_the_token_endpoint(post, status):
    with talking(token()) as other, talking(reply(status, Location=other.url)) as issuer:
        with pytest.raises(RefusedError, match="secrets do not follow"):
            post(by_client(issuer.url), other.url)
        assert other.seen == []


def test_no_connection_to_the_token_endpoint_is_temporary(post):
    with talking(OK) as api, pytest.raises(TemporaryError, match="no connection") as caught:
        post(by_client(f"http://127.0.0.1:{free_port()}"), api.url)
    assert not isinstance(caught.value, http.LostAnswer)
    assert api.seen == []


def test_each_secret_goes_to_its_own_server_only(post):
    with talking(token("the-token")) as issuer, talking(OK) as api:
        post(by_client(issuer.url), api.url)
    assert "the-token" not in repr(issuer.seen)
    assert "s3cret" not in repr(api.seen)
    basic = base64.b64encode(b"me:s3cret").decode()
    assert basic in repr(issuer.seen)
    assert basic not in repr(api.seen)
