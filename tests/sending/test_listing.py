"""Reading what an endpoint holds: pages, links, and credentials byte for byte."""

import base64
import json
import re
from urllib.parse import parse_qsl, urlsplit

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clrctl.errors import AuthError, RefusedError, TemporaryError
from clrctl.http.answer import Answer
from clrctl.sending.client.listing import NoList, Reader, RemoteCredential

URL = "https://clr.example.org/ims/clr/v2p0/credentials"


class Session:
    """Gives prepared answers, and remembers what was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def get(self, url, *, most):
        assert most > 0
        self.asked.append(url)
        return self.answers.pop(0)


def answer(body=b"{}", status=200, flaw="", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, body if isinstance(body, bytes) else orjson.dumps(body), flaw)


def page(*numbers, **headers):
    return answer({"credential": [{"id": f"urn:clr:{n}"} for n in numbers]}, **headers)


def to(query, rel="next"):
    return f'<{URL}?{query}>; rel="{rel}"'


def read(*answers, **wanted):
    """Return the ids of each page, and what was asked."""
    session = Session(*answers)
    found = [[held.id for held in each.held] for each in Reader(URL, session).pages(**wanted)]
    return found, session.asked


def first(body):
    (found,) = Reader(URL, Session(answer(body))).pages()
    return found.held


# --- pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "query"),
    [
        ({}, {"limit": "100", "offset": "0"}),
        ({"limit": 3, "offset": 7}, {"limit": "3", "offset": "7"}),
        ({"limit": 1000}, {"limit": "100", "offset": "0"}),
        ({"limit": None}, {"limit": "100", "offset": "0"}),
        (
            {"since": "2026-01-31T12:00:00+01:00"},
            {"limit": "100", "offset": "0", "since": "2026-01-31T12:00:00+01:00"},
        ),
    ],
)
def test_what_is_wanted_is_asked_for(wanted, query):
    _, (asked,) = read(page(), **wanted)
    assert asked.partition("?")[0] == URL
    assert dict(parse_qsl(urlsplit(asked).query)) == query


def test_the_links_are_followed_to_the_end():
    found, asked = read(page(1, 2, link=to("a")), page(3, link=to("b")), page(4), limit=None)
    assert found == [["urn:clr:1", "urn:clr:2"], ["urn:clr:3"], ["urn:clr:4"]]
    assert asked[1:] == [f"{URL}?a", f"{URL}?b"]


@pytest.mark.parametrize(("limit", "requests"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 2)])
def test_no_more_is_read_than_wanted(limit, requests):
    found, asked = read(page(1, 2, link=to("a")), page(3, 4), limit=limit)
    assert sum(map(len, found)) == min(limit, 4)
    assert len(asked) == requests


LINKS = [
    ('<?a>; rel="next"', "a"),
    ("<?a>; rel=next", "a"),
    ("<?a>;rel=NEXT", "a"),
    ('<?a>; title="x"; rel="prev next"', "a"),
    ('<?a>; rel="last", <?b>; rel="next"', "b"),
    ('<?a,b;c>; rel="next"', "a,b;c"),
    (f'<{URL}?a>; rel="next"; type="application/json"', "a"),
    ('<?a>; rel="first"', None),
    ('<?a>; rel="nextish"', None),
    ('<?a>; title="rel=next"', None),
    ("?a; rel=next", None),
    ("<?a", None),
    ("", None),
]


@pytest.mark.parametrize(("header", "query"), LINKS)
def test_a_link_is_read_as_rfc_8288_has_it(header, query):
    _, asked = read(page(1, link=header), page(2))
    assert asked[1:] == ([] if query is None else [f"{URL}?{query}"])


@pytest.mark.parametrize(
    "link",
    [
        "https://other.example/ims/clr/v2p0/credentials?a",
        "https://clr.example.org:8443/?a",
        "http://clr.example.org/?a",
        "https://clr.example.org@other.example/?a",
        "//other.example/?a",
    ],
)
def test_the_token_goes_to_no_other_server(link):
    session = Session(page(1, link=f'<{link}>; rel="next"'))
    pages = Reader(URL, session).pages()
    assert len(next(pages).held) == 1
    with pytest.raises(RefusedError, match="another server"):
        next(pages)
    assert len(session.asked) == 1


@pytest.mark.parametrize("last", [page(2, link=to("a")), page(link=to("b"))])
def test_a_list_without_end_is_left(last):
    with pytest.raises(RefusedError, match="never ends"):
        read(page(1, link=to("a")), last, limit=None)


@pytest.mark.parametrize(
    ("header", "total"),
    [("7", 7), ("0", 0), ("", None), ("-1", None), ("many", None), ("9" * 30, None)],
)
def test_the_total_is_taken_where_it_is_a_number(header, total):
    (found,) = Reader(URL, Session(page(1, x_total_count=header))).pages()
    assert found.total == total


@pytest.mark.parametrize("status", [301, 308, 404])
def test_a_server_that_wants_the_slash_gets_it(status):
    found, asked = read(answer(status=status), page(1))
    assert found == [["urn:clr:1"]]
    assert [urlsplit(url).path[-12:] for url in asked] == ["/credentials", "credentials/"]


@pytest.mark.parametrize(
    ("status", "error", "what"),
    [
        (404, NoList, "this endpoint does not list credentials"),
        (405, NoList, "this endpoint does not list credentials"),
        (501, NoList, "this endpoint does not list credentials"),
        (401, AuthError, "refused the token"),
        (403, AuthError, "does not allow reading here, or"),
        (400, RefusedError, "refused to list"),
        (307, RefusedError, "refused to list"),
        (429, TemporaryError, "busy"),
        (500, TemporaryError, "busy"),
    ],
)
def test_every_refusal_is_told_in_its_own_words(status, error, what):
    session = Session(*[answer(b'{"message": "so it is"}', status=status)] * 2)
    with pytest.raises(error, match=what) as caught:
        list(Reader(URL, session).pages())
    assert (f"HTTP {status}" in caught.value.why) and "so it is" in caught.value.why
    assert caught.value.where.startswith(f"GET {URL}")


def test_a_refusal_on_a_later_page_is_told_too():
    with pytest.raises(TemporaryError):
        read(page(1, link=to("a")), answer(status=503), limit=None)


# --- what a page holds ------------------------------------------------------------------------

ODD = (
    b'{"id" : "urn:clr:1",\n "n": 1.50e1, "big": 123456789012345678901,'
    b' "t": "\xc3\xa9 \\u00e9 \\/"}'
)


def test_the_bytes_are_the_servers_own():
    found = first(b'{ "credential" : [ ' + ODD + b" ,\r\n" + b'{"id":"2"}' + b" ] }")
    assert [held.raw for held in found] == [ODD, b'{"id":"2"}']
    assert found[0].contents == ODD
    assert found[0].line == ODD.replace(b"\n ", b"")


def jws(payload):
    middle = base64.urlsafe_b64encode(payload).rstrip(b"=").decode()
    return f"eyJhbGciOiJFUzI1NiJ9.{middle}.c2ln"


@pytest.mark.parametrize("name", ["compactJwsString", "compactJwsStrings"])
def test_signed_credentials_are_known_by_their_payload(name):
    tokens = [jws(b'{"id": "urn:a"}'), jws(b'{"jti": "urn:b"}'), jws(b"[]"), "x", "a.b.c", "a.!.c"]
    found = first({name: tokens, "credential": []})
    assert [held.id for held in found] == ["urn:a", "urn:b", "", "", "", ""]
    assert all(held.is_signed for held in found)
    assert found[0].contents == tokens[0].encode()
    assert found[0].line == orjson.dumps(tokens[0])


@pytest.mark.parametrize("body", [b"{}", b'{"credential":[]}', b' { "compactJwsString" : [ ] } '])
def test_a_page_may_be_empty(body):
    assert first(body) == ()


def test_members_of_other_names_are_passed_over():
    (held,) = first(b'{"a": [{"id": "no"}], "credential": [{"id": "yes"}], "b": null}')
    assert held.id == "yes"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"canary",
        b"[]",
        b"{",
        b'{"credential"}',
        b'{"credential": {}}',
        b'{"credential": [1]}',
        b'{"credential": [{}',
        b'{"credential": [{} {}]}',
        b'{"credential": [{}] "a": 1}',
        b'{"credential": ["canary"]}',
        b'{"compactJwsString": [{}]}',
        b'{"imsx_codeMajor": "failure", "imsx_description": "canary"}',
        b"\xff\xfe",
        b'{"credential": [' + b"[" * 100_000,
    ],
    ids=repr,
)
def test_what_is_no_page_is_refused_and_not_quoted(body):
    with pytest.raises(RefusedError, match="no list of credentials") as caught:
        list(Reader(URL, Session(answer(body))).pages())
    assert "canary" not in repr(vars(caught.value))
    assert caught.value.__cause__ is None


def test_an_answer_that_was_not_read_says_why():
    with pytest.raises(RefusedError) as caught:
        list(Reader(URL, Session(answer(b"", flaw="it is longer than 5 bytes"))).pages())
    assert caught.value.why == "it is longer than 5 bytes"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
TEXTS = st.builds(
    lambda members, indent, ascii_: json.dumps(members, indent=indent, ensure_ascii=ascii_),
    st.dictionaries(st.text(), VALUES, max_size=4),
    st.sampled_from([None, 1, "\t"]),
    st.booleans(),
)


@given(st.lists(TEXTS, max_size=4), st.sampled_from(["", " ", "\r\n", "\t "]))
def test_any_credentials_come_out_as_they_went_in(texts, blank):
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    inside = f"{blank},{blank}".join(texts)
    body = f'{blank}{{"credential"{blank}:{blank}[{blank}{inside}{blank}]{blank}}}'.encode()
    found = first(body)
    # A line end behind one is its own, as that of a file.
    own = blank if blank == "\r\n" else ""
    assert [held.raw.decode() for held in found] == [text + own for text in texts]
    for held in found:
        assert not re.search(rb"[\t\r\n]", held.line)
        assert json.loads(held.line) == json.loads(held.raw)


# --- one of them ------------------------------------------------------------------------------


def test_the_search_stops_where_the_credential_is():
    session = Session(page(1, link=to("a")), page(2, 3, link=to("b")))
    assert Reader(URL, session).find("urn:clr:2") == RemoteCredential(
        b'{"id":"urn:clr:2"}', {"id": "urn:clr:2"}
    )
    assert len(session.asked) == 2


def test_what_is_not_there_is_looked_for_everywhere():
    session = Session(page(1, link=to("a")), page(2))
    assert Reader(URL, session).find("urn:clr:9") is None
    assert len(session.asked) == 2


def test_the_members_of_odd_types_are_no_id():
    (held,) = first(b'{"credential": [{"id": 7}]}')
    assert held.id == ""
