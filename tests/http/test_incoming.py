"""Answers as bytes: every framing that servers use, and what is not to be taken for an answer."""

import socket
import threading
import time

import pytest

from clrctl import http
from clrctl.http.incoming import Malformed, receive

OK = b"HTTP/1.1 200 OK\r\n"
MOST = 100


def source(*portions):
    """Return what gives these portions, one after another, and then says that there is no more."""
    waiting = [portion for portion in portions if portion]
    return lambda: waiting.pop(0) if waiting else b""


def dripped(raw):
    return source(*(bytes([byte]) for byte in raw))


WHOLE = [
    # bytes, status, body, whether another may follow
    (OK + b"Content-Length: 2\r\n\r\n{}", 200, b"{}", True),
    (OK + b"content-length:2\r\nConnection: Keep-Alive\r\n\r\n{}", 200, b"{}", True),
    (OK + b"Content-Length: 2, 2\r\n\r\n{}", 200, b"{}", True),
    (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}", True),
    (OK + b"Content-Length: 2\r\nConnection: x, Close\r\n\r\n{}", 200, b"{}", False),
    (OK + b"Content-Length: 2\r\n\r\n{}more", 200, b"{}", False),
    (OK + b"Content-Length: 0\r\n\r\n", 200, b"", True),
    (OK + b"\r\n{}", 200, b"{}", False),
    (b"HTTP/1.1 204 None\r\n\r\n", 204, b"", True),
    (b"HTTP/1.1 304 Same\r\nContent-Length: 99\r\n\r\n", 304, b"", True),
    (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}", False),
    (
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}",
        200,
        b"{}",
        True,
    ),
    (b"HTTP/1.1 201\r\nContent-Length: 2\r\n\r\n{}", 201, b"{}", True),
    (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", 200, b"{}", True),
    (b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\n{}", 200, b"{}", 1),
    (b"HTTP/1.1 101 Other\r\n\r\n", 101, b"", False),
    (
        OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n01 ;x=y\r\n}\r\n0\r\n\r\n",
        200,
        b"{}",
        True,
    ),
    (OK + b"Transfer-Encoding: Chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n", 200, b"{}", True),
    (
        OK + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        200,
        b"{}",
        False,
    ),
]


@pytest.mark.parametrize("cut", [source, dripped])
@pytest.mark.parametrize(("raw", "status", "body", "another"), WHOLE)
def test_a_whole_answer_is_read_however_it_comes(raw, status, body, another, cut):
    answer, is_reusable = receive(cut(raw), MOST)
    assert (answer.status, answer.body, answer.flaw) == (status, body, "")
    # Of what comes too late nobody knows yet.
    assert is_reusable is (bool(another) or (cut is dripped and raw.endswith(b"more")))


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CUT_OFF = "the connection was closed"
BROKEN = [
    # bytes, what is said
    (b"", CUT_OFF),
    (OK, CUT_OFF),
    (OK + b"Content-Length: 3\r\n\r\n{}", CUT_OFF),
    (CHUNKED + b"2\r\n{}\r\n", CUT_OFF),
    (CHUNKED + b"3\r\n{}", CUT_OFF),
    (CHUNKED + b"0\r\n", CUT_OFF),
    (b"SSH-2.0-x\r\n\r\n", "no HTTP/1.1"),
    (b"HTTP/2 200\r\n\r\n", "no HTTP/1.1"),
    (b"HTTP/1.1 99 \r\n\r\n", "no HTTP/1.1"),
    (OK + b"no colon\r\n\r\n", "head is malformed"),
    (OK + b"Name : value\r\n\r\n", "head is malformed"),
    (OK + b": value\r\n\r\n", "head is malformed"),
    (OK + b" folded\r\n\r\n", "head is malformed"),
    (OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "how long it is"),
    (OK + b"Content-Length: -1\r\n\r\n{}", "how long it is"),
    (OK + b"Content-Length: +2\r\n\r\n{}", "how long it is"),
    (OK + b"Content-Length: \xd9\xa2\r\n\r\n{}", "how long it is"),
    (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n", "transfer encoding"),
    (b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "transfer encoding"),
    (CHUNKED + b"x\r\n", "chunks are malformed"),
    (CHUNKED + b"-1\r\n", "chunks are malformed"),
    (CHUNKED + b"\r\n", "chunks are malformed"),
    (CHUNKED + b"1\r\n{}\r\n0\r\n\r\n", "chunks are malformed"),
    (CHUNKED + b"1;" + b"x" * 10_000, "chunks are malformed"),
    (CHUNKED + b"0\r\n" + b"X: y\r\n" * 30_000, "trailer does not end"),
    (OK + b"X: y\r\n" * 30_000, "head does not end"),
]


@pytest.mark.parametrize(("raw", "said"), BROKEN)
def test_what_is_no_whole_answer_is_none(raw, said):
    with pytest.raises(Malformed, match=said):
        receive(source(raw), MOST)


LONG = "it is longer than 100 bytes"
FLAWED = [
    (OK + b"Content-Length: 101\r\n\r\n", LONG),
    (OK + b"\r\n" + b" " * 101, LONG),
    (CHUNKED + b"64\r\n" + b" " * 100 + b"\r\n1\r\n", LONG),
    (OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "compressed"),
]


@pytest.mark.parametrize(("raw", "flaw"), FLAWED)
def test_a_body_that_is_not_wanted_is_not_read_and_nothing_follows_it(raw, flaw):
    answer, is_reusable = receive(source(raw), MOST)
    assert (answer.status, answer.body) == (200, b"")
    assert flaw in answer.flaw
    assert not is_reusable


def test_no_more_is_taken_in_than_is_wanted():
    taken = []

    def endless():
        taken.append(b" " * 10)
        return taken[-1] if len(taken) > 1 else OK + b"\r\n"

    answer, _ = receive(endless, MOST)
    assert answer.flaw == LONG
    assert len(taken) < 15


def test_headers_have_small_names_and_all_their_values():
    raw = OK + b"Link: a\r\nX-Folded: one\r\n  two\r\nLINK: \t b \t\r\nX-Old: Zo\xeb\r\n\r\n"
    answer, _ = receive(source(raw), MOST)
    assert answer.headers == {"link": "a, b", "x-folded": "one two", "x-old": "Zoë"}


# --- connections ------------------------------------------------------------------------------


def test_a_connection_stays_open_and_one_that_the_server_has_closed_is_opened_anew():
    accepted = []
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            for number in (2, 1):
                connection, _ = listener.accept()
                accepted.append(number)
                with connection:
                    for _ in range(number):
                        connection.recv(65_536)
                        connection.sendall(ok)

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with http.Client() as client:
            for at in range(3):
                assert client.post(url, {}, b"{}", most=10).body == b"{}"
                assert len(accepted) == 1 + at // 2
                if at == 1:
                    time.sleep(0.05)
        thread.join()
