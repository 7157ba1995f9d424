"""What each answer of an endpoint means for the credential that was sent."""

import ssl
import threading

import orjson
import pytest

from clrctl import http
from clrctl.checking.comparison import compare
from clrctl.errors import ClrctlError, ExitCode, RefusedError, TemporaryError
from clrctl.http.answer import LostAnswer
from clrctl.sending.auth.credentials import ClientCredentials, StaticToken
from clrctl.sending.auth.session import Session
from clrctl.sending.client.upsert import (
    BusyError,
    ClrClient,
    CredentialRefused,
    Forbidden,
    NoService,
    Redirected,
    Throttled,
    TokenRefused,
    Unconfirmed,
    connector,
)
from clrctl.sending.outcome import UploadOutcome
from clrctl.util.secret import Secret
from tests.talker import CERTIFICATE, echo, free_port, reply, talking

SENT = {"id": "urn:a", "name": "n", "tag": ["x", "y"]}
BODY = orjson.dumps(SENT)


def upsert(url, body=BODY):
    with http.Client() as client:
        session = Session(StaticToken(Secret("given-token"), "CLRCTL_TOKEN"), client)
        return ClrClient(url, session).upsert(body)


def upserted(said, body=BODY):
    with talking(said) as talker:
        return upsert(talker.url, body)


def refused(said):
    with talking(said) as talker, pytest.raises(ClrctlError) as caught:
        upsert(talker.url)
    return caught.value


def test_the_request():
    with talking(echo(201)) as talker:
        receipt = upsert(talker.url + "/ims/clr/v2p0/credentials/")
    (seen,) = talker.seen
    assert seen.line == "POST /ims/clr/v2p0/credentials/ HTTP/1.1"
    assert seen.body == BODY
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["authorization"] == "Bearer given-token"
    assert seen.headers["x-request-id"] == receipt.request_id


@pytest.mark.parametrize(
    ("status", "outcome"), [(201, UploadOutcome.CREATED), (200, UploadOutcome.UPDATED)]
)
def test_the_credential_as_an_answer_confirms_it(status, outcome):
    receipt = upserted(echo(status))
    assert (receipt.outcome, receipt.status, receipt.changes) == (outcome, status, ())
    assert receipt.answer == BODY


def test_a_304_needs_no_body():
    receipt = upserted(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n")
    assert (receipt.outcome, receipt.answer) == (UploadOutcome.UNCHANGED, b"")


def test_what_the_endpoint_adds_is_not_held_against_it():
    answer = SENT | {"proof": {"type": "DataIntegrityProof"}, "tag": ["y", "x"]}
    receipt = upserted(reply(201, orjson.dumps(answer)))
    assert receipt.outcome is UploadOutcome.CREATED
    assert [(change.pointer, change.kind) for change in receipt.changes] == [("/proof", "added")]


def test_what_is_added_is_told_as_a_full_comparison_tells_it():
    received = SENT | {"proof": {"type": "DataIntegrityProof"}, "a/b~": 1}
    told = upserted(reply(201, orjson.dumps(received))).changes
    assert list(told) == list(compare(SENT, received))
    assert len(told) == 2


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        ("2026-06-12T17:00:00Z", "2026-06-12T17:00:00.000Z"),
        ("2026-06-12T17:00:00Z", "2026-06-12T17:00:00+00:00"),
        ("2026-06-12T17:00:00.120Z", "2026-06-12T12:00:00.12-05:00"),
    ],
)
def test_a_moment_in_another_form_is_no_alteration(sent, received):
    body = orjson.dumps({"id": "urn:a", "validFrom": sent})
    receipt = upserted(reply(200, orjson.dumps({"id": "urn:a", "validFrom": received})), body)
    assert (receipt.outcome, receipt.changes) == (UploadOutcome.UPDATED, ())


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        ("2026-06-12T17:00:00Z", "2026-06-12T17:00:01Z"),
        ("2026-06-12T17:00:00Z", "2026-06-12T17:00:00"),
        ("2026-06-12T17:00:00.1234567Z", "2026-06-12T17:00:00.1234568Z"),
        ("2026-06-12T17:00:00Z", "2026-06-12"),
    ],
)
def test_another_moment_is_an_alteration(sent, received):
    body = orjson.dumps({"id": "urn:a", "validFrom": sent})
    receipt = upserted(reply(200, orjson.dumps({"id": "urn:a", "validFrom": received})), body)
    assert receipt.outcome is UploadOutcome.ALTERED


def test_a_byte_order_mark_before_the_answer_is_passed_over():
    receipt = upserted(reply(201, b"\xef\xbb\xbf" + BODY))
    assert receipt.outcome is UploadOutcome.CREATED
    assert receipt.answer == b"\xef\xbb\xbf" + BODY


def test_what_the_endpoint_loses_or_changes_is_told():
    receipt = upserted(reply(200, orjson.dumps({"id": "urn:a", "name": "m"})))
    assert receipt.outcome is UploadOutcome.ALTERED
    changes = [(change.pointer, change.kind) for change in receipt.changes]
    assert changes == [("/name", "changed"), ("/tag", "lost")]
    assert not receipt.breaks_a_proof


def test_a_loss_inside_a_signed_credential_is_told_apart():
    sent = {"id": "urn:a", "credentialSubject": {"verifiableCredential": [{"proof": {"a": 1}}]}}
    answer = {"id": "urn:a", "credentialSubject": {"verifiableCredential": [{}]}}
    assert upserted(reply(200, orjson.dumps(answer)), orjson.dumps(sent)).breaks_a_proof


FAILURE = orjson.dumps({"imsx_codeMajor": "failure", "imsx_description": "no room"})
NO_CONFIRMATION = [
    (reply(202, BODY), "HTTP 202; only 200 and 201 say that it is stored"),
    (reply(204), "HTTP 204; only 200 and 201 say that it is stored"),
    (reply(200, b""), "it is not JSON"),
    (reply(200, b"<html>", "text/html"), "it is not JSON"),
    (reply(200, BODY, "text/plain"), "it is not JSON"),
    (reply(200, BODY[:-5]), "it is not JSON"),
    (reply(200, b'{"id": NaN}'), "it is not JSON"),
    (reply(200, b"null"), "it is not JSON"),
    (reply(200, b"[]"), "it is not a credential"),
    (reply(200, b"{}"), "it is about another credential"),
    (reply(201, b'{"id": "urn:b", "name": "Juniper"}'), "it is about another credential"),
    (reply(200, FAILURE), "it says: no room"),
    (reply(200, FAILURE, "text/html"), "it says: no room"),
    (reply(200, b'{"imsx_StatusInfo": ' + FAILURE + b"}"), "it says: no room"),
    (reply(200, b'{"id": "urn:a", "x": ' + b"[" * 1000 + b"]" * 1000 + b"}"), "nested too deeply"),
    (
        reply(200, b'{"id": "urn:a", "tag": ' + b"[" * 500 + b"]" * 500 + b"}"),
        "nested too deeply",
    ),
    (reply(200, b" " * 1_100_000), "it is longer than 1,000,0"),
    (reply(200, BODY, Content_Encoding="gzip"), "it is compressed"),
]


@pytest.mark.parametrize(("said", "why"), NO_CONFIRMATION)
def test_a_yes_that_confirms_nothing(said, why):
    error = refused(said)
    assert type(error) is Unconfirmed
    assert (error.exit_code, error.what) == (
        ExitCode.REFUSED,
        "the endpoint's answer does not confirm that the credential is stored",
    )
    assert why in error.why
    assert "Juniper" not in error.why
    assert error.fix


HTML = "a page of HTML, as gateways and proxies send"
REFUSALS = [
    # answer, class, exit code, what, why
    (reply(400, FAILURE), CredentialRefused, 6, "refused the credential", "HTTP 400 no room"),
    (reply(409), CredentialRefused, 6, "refused the credential", "HTTP 409"),
    (reply(413, b"<html>"), CredentialRefused, 6, "takes no body of this size", "HTTP 413"),
    (reply(422, b'{"message": "m"}'), CredentialRefused, 6, "refused the credential", "422 m"),
    (reply(401), TokenRefused, 4, "the endpoint refused the token", "HTTP 401"),
    (reply(401, b"{}", Content_Encoding="br"), TokenRefused, 4, "refused the token", "compressed"),
    (reply(403, b"<html>"), Forbidden, 4, "does not allow storing this here", f"HTTP 403 {HTML}"),
    (reply(404), NoService, 6, "no such service", "HTTP 404"),
    (reply(405), NoService, 6, "no such service", "HTTP 405"),
    (reply(408), BusyError, 5, "busy or failing", "HTTP 408"),
    (reply(425), BusyError, 5, "busy or failing", "HTTP 425"),
    (reply(429), Throttled, 5, "rate limit", "HTTP 429"),
    (
        reply(403, b'{"message": "API rate limit exceeded"}', X_RateLimit_Remaining="0"),
        *(Throttled, 5, "rate limit", "HTTP 403 API rate limit exceeded"),
    ),
    (reply(403, Retry_After="7"), Throttled, 5, "rate limit", "HTTP 403"),
    (reply(403, X_RateLimit_Remaining="7"), Forbidden, 4, "does not allow", "HTTP 403"),
    (reply(500), BusyError, 5, "busy or failing", "HTTP 500"),
    (reply(503, b"<html>"), BusyError, 5, "busy or failing", f"HTTP 503 {HTML}"),
    (b"", LostAnswer, 5, "the connection broke", "the connection was closed"),
]


@pytest.mark.parametrize(("said", "kind", "code", "what", "why"), REFUSALS)
def test_a_refusal(said, kind, code, what, why):
    error = refused(said)
    assert type(error) is kind
    assert error.exit_code == code
    assert what in error.what
    assert why in error.why
    assert error.where.startswith("POST http://127.0.0.1:")


NEXT = [
    # answer, what to do
    (reply(413), "this credential has 41 bytes: ask the endpoint's owner to allow that"),
    (reply(400, FAILURE), "correct what it names, and run the same command again"),
    (reply(400), "it does not say why: ask the endpoint's owner, with the id of the request"),
    (reply(422, b"<html>"), "it does not say why: ask the endpoint's owner"),
    (reply(403, b"{}"), "the scope credential.upsert; `scope` in the entry of the endpoint"),
    (reply(403, b"<html>"), "or whether a firewall in front of it refuses the request"),
    (
        reply(403, WWW_Authenticate='Bearer error="insufficient_scope", scope="clr.write a"'),
        'ask for the scope "clr.write a": `scope` in the entry of the endpoint',
    ),
    (reply(403, X_RateLimit_Remaining="0", X_RateLimit_Reset="7"), "again in 7 seconds"),
]


@pytest.mark.parametrize(("said", "fix"), NEXT)
def test_what_to_do_next_fits_what_was_said(said, fix):
    assert fix in refused(said).fix


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_neither_record_nor_token_follows_a_redirect(status):
    with talking(echo()) as other:
        location = other.url + "/?token=in-the-url"
        error = refused(reply(status, Location=location))
        assert other.seen == []
    assert type(error) is Redirected
    assert isinstance(error, RefusedError)
    assert error.why == f"HTTP {status} to {other.url}"


def test_a_redirect_to_nowhere():
    assert refused(reply(308)).why == "HTTP 308 to elsewhere"


ADVICE = [
    ("7", "in 7 seconds"),
    ("Sun, 01 Mar 2026 12:00:30 GMT", "after Sun, 01 Mar 2026 12:00:30 GMT"),
    ("Sun, 01 Mar 2026 11:00:00 GMT", "later"),
    ("99999999", "later"),
    ("-1", "later"),
    ("1.5", "later"),
    ("soon", "later"),
    ("", "later"),
]


@pytest.mark.parametrize(("retry_after", "when"), ADVICE)
def test_a_busy_endpoint_says_when_to_come_back(retry_after, when):
    error = refused(reply(503, Retry_After=retry_after, Date="Sun, 01 Mar 2026 12:00:00 GMT"))
    assert error.status == 503
    assert error.wait == {"in 7 seconds": 7, "later": error.wait}.get(when, 30)
    assert error.fix == f"run the same command again {when}"


def test_no_connection():
    with pytest.raises(TemporaryError, match="no connection"):
        upsert(f"http://127.0.0.1:{free_port()}")


def test_the_clients_of_one_endpoint_share_the_token_and_the_trusted_certificates(monkeypatch):
    loaded = []
    load = ssl.create_default_context
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setattr(
        ssl, "create_default_context", lambda **given: loaded.append(given) or load(**given)
    )
    granted = orjson.dumps({"access_token": "one-token", "expires_in": 3600})
    with talking(reply(200, granted), tls=True) as issuer, talking(echo(201), tls=True) as api:
        credentials = ClientCredentials(issuer.url, "me", Secret("s"), "", "basic", "here")
        connect = connector(api.url, credentials)
        for _ in range(3):
            with connect() as client:
                assert client.upsert(BODY).outcome is UploadOutcome.CREATED
    assert (len(loaded), len(issuer.seen), len(api.seen)) == (1, 1, 3)


def test_what_is_under_way_can_be_cut():
    waiting, end = threading.Event(), threading.Event()

    def silent(_):
        waiting.set()
        end.wait(10)
        return reply(200)

    with talking(silent) as api:
        with connector(api.url, StaticToken(Secret("t"), "here"))() as client:
            cutter = threading.Thread(target=lambda: waiting.wait(10) and client.cut())
            cutter.start()
            with pytest.raises(LostAnswer):
                client.upsert(BODY)
            cutter.join()
        end.set()


def test_another_form_under_a_proof_is_one_for_the_proof_covers_the_text():
    inner = {"validFrom": "2026-06-12T17:00:00Z", "proof": {"type": "DataIntegrityProof"}}
    sent = SENT | {"credentialSubject": inner}
    other = SENT | {"credentialSubject": inner | {"validFrom": "2026-06-12T17:00:00.000Z"}}
    receipt = upserted(reply(201, orjson.dumps(other)), orjson.dumps(sent))
    assert receipt.outcome is UploadOutcome.ALTERED
