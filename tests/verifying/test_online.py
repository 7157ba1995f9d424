"""Fetching for verification: where it goes, where it never goes, and how long it is kept."""

from __future__ import annotations

import ipaddress
import json
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clrctl.document.parsing import parse
from clrctl.verifying import online
from clrctl.verifying.engine import Verifier
from clrctl.verifying.online import Fetcher, is_public
from clrctl.verifying.trust import NotAvailable, Trust
from tests.certificates import VERSIONS, Authority
from tests.issued import NOW, SCHOOL, badge, signed
from tests.talker import CERTIFICATE, free_port, reply, talking, tunnel


@pytest.fixture
def fetch(tmp_path: Path) -> Fetcher:
    """Return a fetcher that may reach this machine, and trusts its certificate."""
    return Fetcher(
        tmp_path / "fetched",
        NOW,
        trust=ssl.create_default_context(cafile=str(CERTIFICATE)),
        is_allowed=lambda _: True,
    )


@pytest.fixture
def told(fetch: Fetcher) -> list[str]:
    urls: list[str] = []
    fetch.told = urls.append
    return urls


def serving(*replies: Any) -> Any:
    return talking(*replies, tls=True)


def test_a_document_is_fetched_whole_and_named(fetch: Fetcher, told: list[str]) -> None:
    with serving(reply(200, "{}")) as talker:
        assert fetch(f"{talker.url}/did.json?v=1#key") == b"{}"
    (seen,) = talker.seen
    assert seen.line == "GET /did.json?v=1 HTTP/1.1"
    assert seen.headers["accept-encoding"] == "identity"
    assert "cookie" not in seen.headers
    assert told == fetch.fetched == [f"{talker.url}/did.json?v=1"]


def test_what_was_fetched_is_kept_for_a_while(fetch: Fetcher) -> None:
    with serving(reply(200, "1"), reply(200, "2")) as talker:
        url = f"{talker.url}/a"
        assert fetch(url) == fetch(url) == b"1"
        fetch.now = NOW + timedelta(minutes=4, seconds=59)
        assert fetch(url) == b"1"
        fetch.now = NOW + timedelta(minutes=5)
        assert fetch(url) == b"2"
    assert len(talker.seen) == 2


@pytest.mark.parametrize(
    ("headers", "body", "kept"),
    [
        ({}, "x", timedelta(minutes=5)),
        ({"Cache_Control": "public, max-age=60"}, "x", timedelta(seconds=60)),
        ({"Cache_Control": "max-age=999999999"}, "x", timedelta(hours=24)),
        ({"Cache_Control": "no-store"}, "x", timedelta(0)),
        ({"Cache_Control": "max-age=60, no-cache"}, "x", timedelta(0)),
        ({}, json.dumps({"credentialSubject": {"ttl": 2000}}), timedelta(seconds=2)),
        ({}, json.dumps({"credentialSubject": {"ttl": "2000"}}), timedelta(minutes=5)),
        ({}, json.dumps({"credentialSubject": {"ttl": 10**19}}), timedelta(minutes=5)),
    ],
)
def test_how_long_is_for_the_server_and_the_list_to_say(
    fetch: Fetcher, headers: dict[str, str], body: str, kept: timedelta
) -> None:
    with serving(reply(200, body, **headers)) as talker:
        fetch(f"{talker.url}/a")
        for moment in (NOW + kept - timedelta(seconds=1), NOW + kept):
            fetch.now = moment
            fetch(f"{talker.url}/a")
    assert len(talker.seen) == (2 if kept else 3)


def test_what_is_kept_is_for_its_owner_alone_and_damage_does_no_harm(fetch: Fetcher) -> None:
    with serving(reply(200, "1")) as talker:
        fetch(f"{talker.url}/a")
        (kept,) = fetch.folder.iterdir()
        assert kept.stat().st_mode & 0o77 == 0
        kept.write_text('{"url": 5}')
        assert fetch(f"{talker.url}/a") == b"1"
        stolen = json.loads(kept.read_text()) | {"url": "https://elsewhere.example.org/"}
        kept.write_text(json.dumps(stolen))
        assert fetch(f"{talker.url}/a") == b"1"
    assert len(talker.seen) == 3


def test_a_redirect_within_the_origin_is_followed(fetch: Fetcher, told: list[str]) -> None:
    with serving(reply(302, Location="/b"), reply(200, "here")) as talker:
        assert fetch(f"{talker.url}/a") == b"here"
    assert told == [f"{talker.url}/a", f"{talker.url}/b"]


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ([reply(302, Location="https://elsewhere.example.org/")], "redirects to another server"),
        ([reply(302, Location="http://127.0.0.1/")], "only https"),
        ([reply(302, Location="https://127.0.0.1:1/")], "redirects to another server"),
        ([reply(302, Location="/a")], "again and again"),
        ([reply(404)], "answered 404"),
        ([reply(204)], "answered 204"),
        ([reply(200, "x", Content_Encoding="gzip")], "compressed"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"], "cannot be reached"),
        ([b"nonsense\r\n\r\n"], "cannot be reached"),
        ([b""], "cannot be reached"),
    ],
)
def test_whatever_else_is_answered_is_not_taken(
    fetch: Fetcher, replies: list[bytes], said: str
) -> None:
    with serving(*replies) as talker, pytest.raises(NotAvailable, match=said) as caught:
        fetch(f"{talker.url}/a")
    assert caught.value.fix
    assert not fetch.folder.exists()


def test_an_endless_answer_is_cut(fetch: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(online, "MOST_BYTES", 2**20)
    endless = serving(reply(200, b"x" * (2**20 + 1)))
    with endless as talker, pytest.raises(NotAvailable, match="larger than 1 MiB"):
        fetch(f"{talker.url}/a")


def test_a_server_that_drips_is_cut(fetch: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    monkeypatch.setattr(online, "SECONDS", 0.2)
    done = threading.Event()

    def silent(_: object) -> bytes:
        done.wait(3)
        return b""

    with serving(silent) as talker, pytest.raises(NotAvailable, match="cannot be reached"):
        try:
            fetch(f"{talker.url}/a")
        finally:
            done.set()


def test_a_certificate_that_is_not_trusted_ends_it(fetch: Fetcher) -> None:
    fetch.trust = ssl.create_default_context()
    with serving(reply(200)) as talker, pytest.raises(NotAvailable, match="its certificate"):
        fetch(f"{talker.url}/a")


@pytest.mark.parametrize("way", ["directly", "by a proxy"])
@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
def test_a_server_that_wants_a_client_certificate_is_not_asked_again(
    fetch: Fetcher,
    tmp_path: Path,
    version: ssl.TLSVersion,
    way: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority = Authority(tmp_path)
    fetch.trust = ssl.create_default_context(cafile=str(authority.file))
    context = authority.server(version=version, clients=authority)
    with talking(reply(200), tls=context) as talker, tunnel() as proxy:
        if way == "by a proxy":
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(NotAvailable, match="was not fetched") as caught:
            fetch(f"{talker.url}/a")
    assert "later" not in caught.value.fix
    assert proxy.seen == ([talker.url.removeprefix("https://")] if way == "by a proxy" else [])


def test_nobody_there_is_told_as_something_that_may_pass(fetch: Fetcher) -> None:
    with pytest.raises(NotAvailable, match="cannot be reached") as caught:
        fetch(f"https://127.0.0.1:{free_port()}/a")
    assert "later" in caught.value.fix


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://school.example/a", "only https"),
        ("ftp://school.example/a", "only https"),
        ("file:///etc/passwd", "only https"),
        ("https://user@school.example/a", "user name"),
        ("https://school.example:x/a", "no URL"),
        ("https://school.example/ä", "letters that no URL has"),
        ("https://school.example/a b", "blanks"),
        ("https://school.example/a\r\nX: y", "blanks"),
        ("https:///a", "only https"),
        ("https://127.0.0.1/a", "not a public address"),
        ("https://[::1]/a", "not a public address"),
        ("https://2130706433/a", "not a public address"),
        ("https://localhost/a", "not a public address"),
    ],
)
def test_an_url_that_leads_where_it_should_not_is_not_fetched(
    tmp_path: Path, url: str, said: str
) -> None:
    fetch = Fetcher(tmp_path, NOW)
    with pytest.raises(NotAvailable, match=said):
        fetch(url)


def test_a_public_name_that_leads_into_this_network_is_not_fetched(tmp_path: Path) -> None:
    with serving(reply(200)) as talker:
        fetch = Fetcher(tmp_path, NOW, addresses=lambda *_: ["93.184.216.34", "127.0.0.1"])
        with pytest.raises(NotAvailable, match="not a public address"):
            fetch(f"https://school.example:{talker.url.rpartition(':')[2]}/a")
    assert talker.seen == []


def test_the_connection_goes_to_the_address_that_was_looked_at(
    fetch: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def once(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    fetch.addresses = once
    with serving(reply(200)) as talker:
        port = talker.url.rpartition(":")[2]
        # The certificate is checked against the name, not the address.
        with pytest.raises(NotAvailable, match="its certificate"):
            fetch(f"https://school.example:{port}/a")
    assert asked == ["school.example"]


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - not bound to
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "fc00::1",
        "fe80::1%eth0",
        "ff02::1",
        "2001:db8::1",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "::127.0.0.1",
        "fec0::1",
        "2002:a00:1::",
    ],
)
def test_private_addresses_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_public_addresses_are_known(address: str) -> None:
    assert is_public(address)
    assert ipaddress.ip_address(address)


def test_a_proxy_is_used_where_the_environment_names_one(
    fetch: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with talking(reply(502)) as talker:
        monkeypatch.setenv("HTTPS_PROXY", talker.url)
        with pytest.raises(NotAvailable, match="cannot be reached"):
            fetch("https://school.example/a")
        assert talker.seen[0].line.startswith("CONNECT school.example:443")
        fetch.is_allowed = is_public
        for host in ("10.0.0.1", "localhost", "localhost.", "127.1", "2130706433", "[::1]"):
            with pytest.raises(NotAvailable, match="not a public address"):
                fetch(f"https://{host}/a")
    assert len(talker.seen) == 1


def test_an_issuer_is_known_by_what_it_publishes(fetch: Fetcher) -> None:
    document: dict[str, Any] = {}
    with serving(lambda _: reply(200, json.dumps(document))) as talker:
        did = f"did:web:{talker.url.removeprefix('https://').replace(':', '%3A')}"
        method = f"{did}#key-1"
        key = {"id": method, "type": "Multikey", "publicKeyMultibase": SCHOOL.public.multikey}
        document |= {"id": did, "verificationMethod": [key], "assertionMethod": [method]}
        data = json.dumps(signed(badge(did), method=method)).encode()
        verdict = Verifier(Trust(fetch=fetch), now=NOW).verify(parse(data))
    assert verdict.ok
    assert "published by did:web:" in verdict.checks[0].message
    assert fetch.fetched == [f"{talker.url}/.well-known/did.json"]
