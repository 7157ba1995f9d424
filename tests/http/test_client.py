"""One exchange: what goes out, what limits hold, and how each failure is told."""

import socket
import threading

import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl import http, sandbox
from clrctl.errors import ClrctlError, RefusedError, TemporaryError, UsageError
from clrctl.http.answer import LostAnswer, Timeouts
from clrctl.http.direct import Target
from clrctl.sandbox.faults import kinds
from clrctl.sandbox.faults.kinds import FaultStep
from tests.talker import CERTIFICATE, echo, free_port, reply, talking

TARGET_OF = Target.of
PATIENT = Timeouts()
SHORT = Timeouts(connect=2.0, read=2.0, exchange=0.3)


@pytest.fixture(params=["sockets", "httpx"], autouse=True)
def way(request, monkeypatch):
    """Both ways in which a request may go."""
    if request.param == "httpx":
        monkeypatch.setattr(Target, "of", lambda _: None)
    return request.param


def post(url, body=b"{}", timeouts=PATIENT, most=10_000, **headers):
    with http.Client(timeouts) as client:
        return client.post(url, headers, body, most=most)


@pytest.fixture
def box(tmp_path):
    with sandbox.start(tmp_path / "sandbox.db", check=lambda _: []) as running:
        yield running


def struck(box, fault, timeouts=PATIENT):
    """Return what becomes of a token request that meets a fault."""
    box.faults.add(FaultStep(fault, on=kinds.FaultTarget.TOKEN))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    form = b"grant_type=client_credentials&client_id=sandbox&client_secret=sandbox"
    with http.Client(timeouts) as client:
        return client.post(box.token_url, kind, form, most=10_000)


# --- what goes out and comes back -------------------------------------------------------------


def test_the_body_arrives_as_it_is_and_no_more_than_said_is_asked_for():
    with talking(echo(201, Content_Type="application/vc+JSON; charset=utf-8")) as talker:
        answer = post(talker.url + "/a/", b'{"a": 3.50}', **{"X-Own": "1"})
    (seen,) = talker.seen
    assert (seen.line, seen.body) == ("POST /a/ HTTP/1.1", b'{"a": 3.50}')
    assert seen.headers["accept-encoding"] == "identity"
    assert seen.headers["accept"] == "application/json"
    assert seen.headers["user-agent"].startswith("clrctl/")
    assert seen.headers["x-own"] == "1"
    assert (answer.status, answer.body, answer.is_json) == (201, b'{"a": 3.50}', True)


def test_a_large_body_arrives_whole():
    body = b"{" + b" " * 3_000_000 + b"}"
    with talking(echo()) as talker:
        assert post(talker.url, body, most=4_000_000).body == body


def test_what_a_server_says_before_it_has_read_all_is_heard(way):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(reply(413))
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1_000_000):
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        answer = post(f"http://127.0.0.1:{listener.getsockname()[1]}/", b" " * 9_000_000)
        thread.join()
    assert answer.status == 413


def test_cookies_are_not_kept():
    with talking(reply(200, Set_Cookie="a=b")) as talker, http.Client() as client:
        client.post(talker.url, {}, b"", most=10)
        client.post(talker.url, {}, b"", most=10)
    assert [seen.headers.get("cookie") for seen in talker.seen] == [None, None]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_nobody_else_hears_of_it(status):
    with talking(echo()) as other, talking(reply(status, Location=other.url)) as talker:
        answer = post(talker.url)
    assert (answer.status, answer.is_redirect, len(talker.seen)) == (status, True, 1)
    assert other.seen == []


def test_a_body_over_the_limit_is_a_flaw_that_leaves_the_status_readable():
    with talking(reply(401, b" " * 11)) as talker:
        answer = post(talker.url, most=10)
    assert (answer.status, answer.body, answer.flaw) == (401, b"", "it is longer than 10 bytes")


def test_a_body_that_does_not_end_is_not_read_to_the_end(box):
    assert struck(box, kinds.Flood()).flaw == "it is longer than 10,000 bytes"


def test_a_compressed_body_is_not_unpacked(box):
    assert "compressed" in struck(box, kinds.Bomb()).flaw


# --- time -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        kinds.Drip(seconds=0.05),
        kinds.Drip(seconds=0.05, part=kinds.CredentialPart.BODY),
        kinds.Hang(),
    ],
    ids=["head", "body", "silence"],
)
def test_an_exchange_ends_in_time_however_the_server_spins_it_out(box, fault):
    with pytest.raises(LostAnswer, match="takes too long") as caught:
        struck(box, fault, SHORT)
    assert caught.value.why == "not whole after 0.3 seconds"


def test_an_answer_that_only_seems_whole_because_time_was_up_does_not_count():
    stop = threading.Event()

    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}"
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(head)
                stop.wait(5)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            with pytest.raises(LostAnswer, match="takes too long"):
                post(f"http://127.0.0.1:{listener.getsockname()[1]}", timeouts=SHORT)
        finally:
            stop.set()
            thread.join()


def test_the_clock_holds_on_a_connection_that_is_used_again(box):
    box.faults.add(FaultStep(kinds.Status(status=400), on=kinds.FaultTarget.TOKEN))
    box.faults.add(FaultStep(kinds.Drip(seconds=0.05), on=kinds.FaultTarget.TOKEN))
    with http.Client(SHORT) as client:
        assert client.post(box.token_url, {}, b"", most=10_000).status == 400
        with pytest.raises(LostAnswer, match="takes too long"):
            client.post(box.token_url, {}, b"", most=10_000)
        assert client.post(box.token_url, {}, b"", most=10_000).status == 400


def test_silence_ends_with_the_time_for_one_read(box):
    with pytest.raises(LostAnswer, match="takes too long") as caught:
        struck(box, kinds.Hang(), Timeouts(read=0.2))
    assert caught.value.why == "the connection stalled"


def test_no_thread_is_left_behind():
    with talking(reply(200)) as talker:
        before = threading.active_count()
        post(talker.url)
        assert threading.active_count() == before


# --- failures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        kinds.Reset(),
        kinds.Close(),
        kinds.Truncate(),
        kinds.Truncate(framing=kinds.Framing.CHUNKED),
        kinds.Bloat(),
    ],
    ids=repr,
)
def test_a_broken_answer_is_in_doubt(box, fault):
    with pytest.raises(LostAnswer, match="broke before the answer was whole") as caught:
        struck(box, fault)
    assert "may or may not have been carried out" in caught.value.why
    assert caught.value.where == f"POST {box.token_url}"


def test_nobody_there_is_not_in_doubt():
    with pytest.raises(TemporaryError, match="no connection") as caught:
        post(f"http://127.0.0.1:{free_port()}")
    assert not isinstance(caught.value, LostAnswer)
    assert "refused" in caught.value.why


def test_a_connection_that_nobody_accepts_times_out():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        try:
            with pytest.raises(TemporaryError, match="no connection") as caught:
                post(f"http://127.0.0.1:{address[1]}", timeouts=Timeouts(connect=0.2))
        finally:
            for one in waiting:
                one.close()
    assert caught.value.why == "timed out"


@pytest.mark.parametrize(
    "url",
    [
        "https://a..b/",
        f"https://{'a' * 64}.example/",
        "https://256.256.256.256:99/",
        "https://xn--/",
        "ftp://127.0.0.1/",
    ],
)
def test_an_impossible_address_is_told_and_not_reached(url, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", _encode_only)
    with pytest.raises(ClrctlError) as caught:
        post(url)
    assert caught.value.where == f"POST {url}"
    assert isinstance(caught.value, UsageError | TemporaryError)


def _encode_only(host, *_, **__):
    if isinstance(host, str):
        host.encode("idna")
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def test_a_header_that_no_protocol_carries_is_a_usage_error():
    with talking(reply(200)) as talker, pytest.raises(UsageError, match="cannot be sent"):
        post(talker.url, **{"X-Own": "a\r\nb: c"})


def test_the_origin_of_an_url_shows_no_user_name():
    assert http.origin("https://user:secret@h.example:8/p?q=1") == "https://h.example:8"
    assert http.origin("/elsewhere?q=secret") == "elsewhere"


URLS = [
    # url, whether it can be sent as it is
    ("https://clr.example/ims/clr/v2p0/credentials/", True),
    ("http://127.0.0.1:8080/a?b=c&d=%20e", True),
    ("http://[::1]:80/", True),
    ("https://clr.example", True),
    ("https://clr.example?a=b", False),
    ("https://user:secret@clr.example/", False),
    ("https://CLR.example/", False),
    ("https://\u00e9cole.example/", False),
    ("https://clr.example/a b", False),
    ("https://clr.example/a/../b", False),
    ("https://clr.example/./b", False),
    ("https://clr.example/#part", False),
    ("https://clr.example/\r\nX: y", False),
    ("ftp://clr.example/", False),
]


@pytest.mark.parametrize(("url", "plain"), URLS)
def test_only_a_plain_url_is_sent_by_sockets_of_our_own(url, plain):
    assert (TARGET_OF(url) is not None) is plain


# --- TLS and proxies --------------------------------------------------------------------------


def test_a_certificate_that_nobody_vouches_for_is_refused():
    with talking(echo(), tls=True) as talker, pytest.raises(RefusedError) as caught:
        post(talker.url)
    assert caught.value.what == "the server's certificate is not trusted"
    assert "self-signed" in caught.value.why
    assert "SSL_CERT_FILE" in caught.value.fix
    assert talker.seen == []


def test_ssl_cert_file_vouches_for_a_certificate(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with talking(echo(201), tls=True) as talker:
        assert post(talker.url).status == 201


def test_a_certificate_for_another_host_is_refused(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with talking(echo(), tls=True) as talker, pytest.raises(RefusedError) as caught:
        post(talker.url.replace("127.0.0.1", "localhost"))
    assert "localhost" in caught.value.why
    assert talker.seen == []


def test_the_clock_holds_inside_tls(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    stop = threading.Event()

    def late(_):
        stop.wait(5)
        return reply(200)

    with talking(late, tls=True) as talker:
        with pytest.raises(LostAnswer, match="takes too long"):
            post(talker.url, timeouts=SHORT)
        stop.set()


def test_a_server_without_tls_on_an_https_url_gets_nothing():
    with talking(echo()) as talker, pytest.raises(TemporaryError, match="no connection"):
        post(talker.url.replace("http:", "https:"), timeouts=Timeouts(connect=0.5))
    assert talker.seen == []


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_certificate_file_that_cannot_be_used_is_named(tmp_path, monkeypatch, content):
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with pytest.raises(UsageError, match="certificate file") as caught:
        http.Client()
    assert "SSL_CERT_FILE" in caught.value.where


def test_the_keys_of_connections_are_not_written_out(tmp_path, monkeypatch):
    keys = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with talking(echo(201), tls=True) as talker:
        assert post(talker.url).status == 201
    assert not keys.exists() or "SECRET" not in keys.read_text()


@pytest.mark.parametrize(
    "proxy", ["gopher://user:s3cret@h", "http://user:s3cret@h:x", "socks5://h"]
)
def test_a_proxy_that_cannot_be_used_is_told_without_its_password(monkeypatch, proxy):
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(UsageError, match="the proxy cannot be used") as caught:
        http.Client()
    assert "s3cret" not in repr(vars(caught.value))


def test_a_proxy_that_refuses_is_told_without_its_password(monkeypatch):
    with talking(reply(407)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//user:s3cret@"))
        with pytest.raises(TemporaryError, match="the proxy failed") as caught:
            post("https://clr.example/")
    assert "s3cret" not in repr(vars(caught.value))
    assert proxy.seen[0].line.startswith("CONNECT clr.example:443")


def test_what_stays_on_this_machine_passes_no_proxy(monkeypatch):
    with talking(reply(200)) as proxy, talking(reply(201)) as talker:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        assert post(talker.url).status == 201
    assert proxy.seen == []
