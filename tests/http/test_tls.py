"""TLS that fails for good: told at once as a refusal, with the setting that mends it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clrctl import http
from clrctl.errors import ClrctlError, RefusedError
from clrctl.http.answer import LostAnswer, NoConnection, Timeouts
from clrctl.http.direct import Target
from clrctl.http.network import AS_USUAL, Network
from clrctl.sending.auth.credentials import ClientCredentials, StaticToken
from clrctl.sending.auth.session import fetch_token
from clrctl.sending.client.upsert import connector
from clrctl.util.secret import Secret
from tests.certificates import VERSIONS, Authority, Pair
from tests.talker import echo, free_port, reply, talking

SHORT = Timeouts(connect=2.0, read=2.0, exchange=5.0)
BODY = b'{"id": "urn:uuid:91d7b2a4-60cf-4b3e-a5d9-0f2c8e640001"}'


@pytest.fixture(params=["sockets", "httpx"], autouse=True)
def way(request, monkeypatch):
    """Both ways in which a request may go."""
    if request.param == "httpx":
        monkeypatch.setattr(Target, "of", lambda _: None)
    return request.param


@pytest.fixture(params=VERSIONS.values(), ids=VERSIONS)
def version(request):
    return request.param


@pytest.fixture
def authority(tmp_path, monkeypatch):
    """An authority of servers that is trusted."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


ASKED = "the server asks for a client certificate"
NOT_ACCEPTED = "the server does not accept the client certificate"
NO_HANDSHAKE = "the server refused the TLS handshake"
NO_COMMON_GROUND = "the server speaks no TLS that this machine speaks"
# OpenSSL has no alert of its own for it before TLS 1.3.
WANTS_ONE = {ssl.TLSVersion.TLSv1_2: NO_HANDSHAKE, ssl.TLSVersion.TLSv1_3: ASKED}


def post(url: str, body: bytes = BODY, network: Network = AS_USUAL) -> http.Answer:
    with http.Client(SHORT, link=http.Link(network)) as client:
        return client.post(url, {}, body, most=10_000_000)


def ours(pair: Pair, **settings: str) -> Network:
    """Return settings with a certificate of ours."""
    files = {"client_cert": str(pair.certificate), "client_key": str(pair.key)}
    return Network(**files, **settings, source="config.yaml")


def refused(send: Callable[[], object]) -> RefusedError:
    with pytest.raises(ClrctlError) as caught:
        send()
    assert isinstance(caught.value, RefusedError), vars(caught.value)
    return caught.value


# --- the server wants a client certificate ----------------------------------------------------


@pytest.mark.parametrize("body", [BODY, b" " * 3_000_000], ids=["small", "large"])
def test_a_server_that_asks_for_a_client_certificate_has_refused(authority, version, body):
    context = authority.server(version=version, clients=authority)
    with talking(echo(), tls=context) as talker:
        error = refused(lambda: post(talker.url, body))
    assert error.what == WANTS_ONE[version]
    assert error.where == f"POST {talker.url}"
    assert "client_cert and client_key" in error.fix
    assert "config file" in error.fix
    assert talker.seen == []


def test_an_upsert_and_a_token_request_and_a_read_are_refused_alike(authority, version):
    context = authority.server(version=version, clients=authority)
    with talking(echo(), tls=context) as talker:
        grant = ClientCredentials(talker.url, "me", Secret("s" * 20), "", "basic", "here")
        token = StaticToken(Secret("t" * 20), "here")
        with connector(talker.url, token, SHORT)() as client:
            upsert = refused(lambda: client.upsert(BODY))
        with http.Client(SHORT) as client:
            fetched = refused(lambda: fetch_token(grant, client))
            read = refused(lambda: client.get(talker.url, {}, most=1000))
    assert {error.what for error in (upsert, fetched, read)} == {WANTS_ONE[version]}


def test_a_server_gets_the_certificate_that_it_asks_for(authority, version, tmp_path):
    clients = Authority(tmp_path, "clients")
    context = authority.server(version=version, clients=clients)
    with talking(echo(), tls=context) as talker:
        assert post(talker.url, network=ours(clients.pair("client"))).body == BODY


def test_a_certificate_and_its_key_may_lie_in_one_file(authority, tmp_path):
    pair, both = authority.pair("client"), tmp_path / "both.pem"
    both.write_bytes(pair.key.read_bytes() + pair.certificate.read_bytes())
    with talking(echo(), tls=authority.server(clients=authority)) as talker:
        assert post(talker.url, network=Network(client_cert=str(both))).status == 201


@pytest.mark.parametrize("days", [1, -1], ids=["of another authority", "out of date"])
def test_a_certificate_that_the_server_does_not_accept_is_told(authority, version, days, tmp_path):
    clients = Authority(tmp_path, "clients")
    context = authority.server(version=version, clients=clients)
    own = ours((authority if days > 0 else clients).pair("client", days=days))
    with talking(echo(), tls=context) as talker:
        error = refused(lambda: post(talker.url, network=own))
    assert error.what == NOT_ACCEPTED
    assert "client_cert" in error.fix
    assert talker.seen == []


NGINX = (
    "<html>\r\n<head><title>400 {0}</title></head>\r\n<body>\r\n"
    "<center><h1>400 Bad Request</h1></center>\r\n<center>{0}</center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
PAGES = [
    ("No required SSL certificate was sent", ASKED),
    ("The SSL certificate error", NOT_ACCEPTED),
]


@pytest.mark.parametrize(("said", "what"), PAGES)
def test_a_server_that_shakes_hands_first_and_then_answers_so_is_understood(authority, said, what):
    """As nginx does, before it passes anything on."""
    page = reply(400, NGINX.format(said), kind="text/html")
    with talking(page, tls=authority.server()) as talker:
        error = refused(lambda: post(talker.url))
    assert error.what == what
    assert error.where == f"POST {talker.url}"
    assert error.why == f"HTTP 400: {said}"
    assert "client_cert" in error.fix


@pytest.mark.parametrize(
    ("status", "kind"), [(200, "text/html"), (400, "application/json"), (500, "text/html")]
)
def test_other_answers_that_speak_of_certificates_stay_answers(authority, status, kind):
    page = reply(status, NGINX.format(PAGES[0][0]), kind=kind)
    with talking(page, tls=authority.server()) as talker:
        assert post(talker.url).status == status


# --- other alerts -----------------------------------------------------------------------------


@contextlib.contextmanager
def alerting(code: int) -> Iterator[str]:
    """Serve a fatal alert (RFC 8446 section 6) in the place of the first answer to a hello."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(65_536)
                        connection.sendall(struct.pack("!BHHBB", 21, 0x0303, 2, 2, code))
                        connection.shutdown(socket.SHUT_WR)
                        while connection.recv(65_536):
                            pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/"
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


ALERTS = [
    # code, what is said without a client certificate, what is said with one
    (40, NO_HANDSHAKE, NO_HANDSHAKE),
    (42, ASKED, NOT_ACCEPTED),
    (43, ASKED, NOT_ACCEPTED),
    (44, ASKED, NOT_ACCEPTED),
    (45, ASKED, NOT_ACCEPTED),
    (46, ASKED, NOT_ACCEPTED),
    (48, ASKED, NOT_ACCEPTED),
    (49, ASKED, NOT_ACCEPTED),
    (51, ASKED, NOT_ACCEPTED),
    (70, NO_COMMON_GROUND, NO_COMMON_GROUND),
    (71, NO_COMMON_GROUND, NO_COMMON_GROUND),
    (112, "the server does not know the host that the URL names", None),
    (116, ASKED, NOT_ACCEPTED),
    (120, NO_COMMON_GROUND, NO_COMMON_GROUND),
]


@pytest.mark.parametrize(("code", "without", "with_one"), ALERTS)
def test_an_alert_that_no_repetition_mends_is_a_refusal(authority, code, without, with_one):
    own = ours(authority.pair("client"))
    with alerting(code) as url:
        error = refused(lambda: post(url))
        own_error = refused(lambda: post(url, network=own))
    assert (error.what, own_error.what) == (without, with_one or without)
    assert error.why.startswith("it sent the TLS alert: ")
    if without in (ASKED, NO_HANDSHAKE):
        assert "client_cert and client_key" in error.fix
        assert "client_cert and client_key" in own_error.fix


@pytest.mark.parametrize("code", [80, 90], ids=["internal error", "user canceled"])
def test_an_alert_that_may_pass_is_no_refusal(authority, code):
    with alerting(code) as url, pytest.raises(NoConnection):
        post(url)


def test_a_server_of_another_tls_version_is_refused(authority, monkeypatch):
    """It speaks less than this machine asks for."""
    context = authority.server(version=ssl.TLSVersion.TLSv1_2)
    with talking(echo(), tls=context) as talker, monkeypatch.context() as patch:
        make = ssl.create_default_context

        def modern(*args, **kwargs):
            made = make(*args, **kwargs)
            made.minimum_version = ssl.TLSVersion.TLSv1_3
            return made

        patch.setattr(ssl, "create_default_context", modern)
        error = refused(lambda: post(talker.url))
    assert error.what == NO_COMMON_GROUND
    assert talker.seen == []


# --- our own checks ---------------------------------------------------------------------------


def test_plain_http_on_an_https_url_is_refused_and_gets_nothing(authority):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard = []

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        heard.append(connection.recv(65_536))
                        connection.sendall(reply(400))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        error = refused(lambda: post(f"https://127.0.0.1:{listener.getsockname()[1]}/"))
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    assert error.what == "the server does not speak TLS at this port"
    assert "http" in error.fix
    assert "port" in error.fix
    assert b"urn:uuid" not in b"".join(heard)


def test_a_certificate_out_of_date_is_refused_without_a_word_of_authorities(authority, version):
    context = authority.server(authority.pair("old", days=-1), version=version)
    with talking(echo(), tls=context) as talker:
        error = refused(lambda: post(talker.url))
    assert error.what == "the server's certificate is not trusted"
    assert "expired" in error.why
    assert talker.seen == []


def test_an_unknown_authority_is_told_with_the_settings(authority, version, monkeypatch, tmp_path):
    other = Authority(tmp_path, "other")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.file))
    with talking(echo(), tls=authority.server(version=version)) as talker:
        error = refused(lambda: post(talker.url))
    assert "ca_file" in error.fix
    assert "SSL_CERT_FILE" in error.fix


# --- what stays in doubt ----------------------------------------------------------------------


def test_an_alert_on_a_connection_that_has_answered_leaves_doubt(authority, monkeypatch):
    """It is no part of a handshake any more, and the request may have been carried out."""

    def alert(*_):
        problem = ssl.SSLError(1, "alert")
        problem.reason = "SSLV3_ALERT_CERTIFICATE_EXPIRED"
        raise problem

    with (
        _patient(authority.server(version=ssl.TLSVersion.TLSv1_2)) as url,
        http.Client(SHORT) as client,
    ):
        assert client.post(url, {}, BODY, most=1000).status == 200
        monkeypatch.setattr(ssl.SSLSocket, "recv", alert)
        with pytest.raises(LostAnswer):
            client.post(url, {}, BODY, most=1000)
        # On a new connection it is about the handshake: the next attempt ends the doubt.
        error = refused(lambda: client.post(url, {}, BODY, most=1000))
    assert error.what == ASKED


@contextlib.contextmanager
def _patient(context: ssl.SSLContext) -> Iterator[str]:
    """Serve with TLS, and leave each connection open after its answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        answer = reply(200, BODY).replace(b"Connection: close\r\n", b"")

        def serve() -> None:
            kept = []
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    kept.append(context.wrap_socket(connection, server_side=True))
                    kept[-1].read(65_536)
                    kept[-1].sendall(answer)
            for connection in kept:
                connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_nobody_there_stays_temporary(authority):
    with pytest.raises(NoConnection):
        post(f"https://127.0.0.1:{free_port()}/")


def test_a_file_of_certificates_is_read_before_anything_is_sent(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    with pytest.raises(ClrctlError, match="certificate file"):
        http.Client()
