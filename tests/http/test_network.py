"""Certificates and a proxy of one endpoint: from its entry in the config file to the server."""

from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
import truststore

from clrctl import http
from clrctl.errors import ClrctlError, InputError, UsageError
from clrctl.http.answer import NoConnection, Timeouts
from clrctl.http.network import Network
from clrctl.sending.auth.store import Cache, Login, Secrets
from clrctl.sending.endpoints.endpoint import endpoint_from_config
from clrctl.util.secret import Secret
from tests.certificates import VERSIONS, Authority, Pair
from tests.conftest import SAMPLES
from tests.talker import Seen, Talker, echo, free_port, reply, talking, tunnel

MINIMAL = SAMPLES / "minimal.clr.json"
GRANTED = orjson.dumps({"access_token": "a-token-that-was-granted", "expires_in": 3600})
SHORT = Timeouts(connect=2.0, read=2.0, exchange=5.0)


@pytest.fixture
def home(clean_environment: Path) -> Path:
    """The folder of the config file, in which the files that it names are looked for."""
    return clean_environment


@pytest.fixture
def authority(home: Path) -> Authority:
    return Authority(home)


def server(seen: Seen) -> bytes:
    """Answer as an endpoint and its token endpoint do."""
    if "/token" in seen.line:
        return reply(200, GRANTED)
    if "/discovery" in seen.line:
        return reply(200, orjson.dumps({"openapi": "3.0.1", "info": {"title": "School"}}))
    if seen.line.startswith("GET"):
        return reply(200, orjson.dumps({"credential": [orjson.loads(MINIMAL.read_bytes())]}))
    return reply(201, seen.body)


def configure(home: Path, url: str, **settings: object) -> None:
    entry = {"url": url, "token_url": f"{url}/token", "rulesets": ["standard"], **settings}
    (home / "config.yaml").write_bytes(orjson.dumps({"endpoints": {"school": entry}}))


def names(pair: Pair) -> dict[str, str]:
    return {"client_cert": pair.certificate.name, "client_key": pair.key.name}


# --- every command goes to the endpoint by its settings ---------------------------------------


COMMANDS = [
    ("upsert", MINIMAL, "--no-verify"),
    ("list",),
    ("get", orjson.loads(MINIMAL.read_bytes())["id"]),
    ("discover",),
    ("auth", "login"),
]


@pytest.fixture(params=COMMANDS, ids=lambda command: command[0])
def command(request: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """One command that needs a server, with client credentials for its token."""
    monkeypatch.setenv("CLRCTL_CLIENT_ID", "registrar")
    monkeypatch.setenv("CLRCTL_CLIENT_SECRET", "a-secret-for-tests")
    return (*request.param, "-e", "school")


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
def test_the_files_of_an_entry_open_the_server(clrctl, home, authority, command, version) -> None:
    context = authority.server(version=version, clients=authority)
    with talking(server, tls=context) as talker:
        configure(home, talker.url, ca_file="authority.pem", **names(authority.pair("client")))
        done = clrctl(*command)
    assert done.code == 0, done.err
    assert talker.seen


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
def test_without_a_client_certificate_the_command_is_refused(
    clrctl, home, authority, command, version
) -> None:
    context = authority.server(version=version, clients=authority)
    with talking(server, tls=context) as talker:
        configure(home, talker.url, ca_file="authority.pem")
        done = clrctl(*command)
    assert done.code == 6, done.err
    assert "client_cert and client_key" in " ".join(done.err.split())
    assert "run the same command again" not in done.err
    assert "unconfirmed" not in done.out + done.err
    assert talker.seen == []


def test_the_proxy_of_an_entry_is_used_before_that_of_the_environment(
    clrctl, home, authority, command, monkeypatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "*")
    with talking(server, tls=authority.server(clients=authority)) as talker, tunnel() as proxy:
        own = {"ca_file": "authority.pem", "proxy": proxy.url}
        configure(home, talker.url, **own, **names(authority.pair("client")))
        done = clrctl(*command)
    assert done.code == 0, done.err
    assert set(proxy.seen) == {talker.url.removeprefix("https://")}


def test_by_a_proxy_too_the_command_is_refused(clrctl, home, authority, command) -> None:
    with talking(server, tls=authority.server(clients=authority)) as talker, tunnel() as proxy:
        configure(home, talker.url, ca_file="authority.pem", proxy=proxy.url)
        done = clrctl(*command)
    assert done.code == 6, done.err
    assert "the server asks for a client certificate" in done.err
    assert talker.seen == []


def test_an_upsert_without_a_certificate_is_sent_once_and_is_not_in_doubt(
    clrctl, home, authority, monkeypatch
) -> None:
    monkeypatch.setenv("CLRCTL_TOKEN", "a-token-for-tests")
    with talking(server, tls=authority.server(clients=authority)) as talker:
        configure(home, talker.url, ca_file="authority.pem")
        done = clrctl("upsert", MINIMAL, "-e", "school", "--json")
        status = clrctl("status", "-e", "school", "--json")
    (file,) = done.json["files"]
    assert done.code == 6
    assert file["receipt"]["outcome"] == "refused", file
    assert file["receipt"]["attempts"] == 1
    assert "unconfirmed" not in status.out


def test_a_login_is_renewed_and_revoked_by_the_settings(
    clrctl, home, authority, monkeypatch
) -> None:
    with talking(server, tls=authority.server(clients=authority)) as talker:
        configure(home, talker.url, ca_file="authority.pem", **names(authority.pair("client")))
        cache = Cache(home / "data")
        login = Login(
            base=talker.url,
            how="authorization code",
            token_url=f"{talker.url}/token",
            client_id="registrar",
            scope="",
            obtained=0.0,
            expires=1.0,
            refresh_url=f"{talker.url}/token",
            revocation_url=f"{talker.url}/token",
        )
        with cache.locked():
            cache.keep(login, Secrets(Secret("old"), Secret("again")))
        listed = clrctl("list", "-e", "school")
        left = clrctl("auth", "logout", "-e", "school")
    assert (listed.code, left.code) == (0, 0), listed.err + left.err
    assert "warning" not in left.err
    posts = [seen for seen in talker.seen if seen.line.startswith("POST /token")]
    assert len(posts) == 3  # renewed, and both tokens revoked


# --- whom to trust ----------------------------------------------------------------------------


def reached(talker: Talker, network: Network) -> bool:
    with http.Client(SHORT, link=http.Link(network)) as client:
        return client.post(talker.url, {}, b"{}", most=100).status == 201


def test_ca_file_goes_before_the_environment_and_that_before_the_system(
    tmp_path, monkeypatch
) -> None:
    mine, other, system = (Authority(tmp_path, name) for name in ("mine", "other", "system"))
    monkeypatch.setattr(
        ssl.SSLContext,
        "load_default_certs",
        lambda self, *_: self.load_verify_locations(system.file),
    )
    own = Network(ca_file=str(mine.file), source="config.yaml")
    with (
        talking(echo(), tls=mine.server()) as of_mine,
        talking(echo(), tls=other.server()) as of_other,
        talking(echo(), tls=system.server()) as of_system,
    ):
        assert reached(of_system, Network())
        assert reached(of_mine, own)
        monkeypatch.setenv("SSL_CERT_FILE", str(other.file))
        assert reached(of_other, Network())
        assert reached(of_mine, own)
        for talker, network in ((of_system, Network()), (of_other, own), (of_system, own)):
            with pytest.raises(ClrctlError, match="not trusted"):
                reached(talker, network)


def test_ssl_cert_dir_names_a_folder_of_certificates(authority, tmp_path, monkeypatch) -> None:
    """Their names are hashes, as OpenSSL makes them."""
    folder = tmp_path / "certificates"
    folder.mkdir()
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    with talking(echo(), tls=authority.server()) as talker:
        with pytest.raises(ClrctlError, match="not trusted"):
            reached(talker, Network())
        (folder / f"{authority.hash}.0").write_bytes(authority.file.read_bytes())
        assert reached(talker, Network())


def test_a_proxy_that_speaks_tls_is_trusted_as_the_server_is(authority, monkeypatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    with (
        talking(echo(), tls=authority.server()) as talker,
        tunnel(authority.server(authority.pair("proxy"))) as proxy,
    ):
        assert reached(talker, Network(ca_file=str(authority.file), proxy=proxy.url))
    assert proxy.seen == [talker.url.removeprefix("https://")]


@pytest.mark.parametrize("fault", ["nobody there", "it refuses"])
def test_a_proxy_of_the_config_file_that_fails_is_told_by_its_setting(fault) -> None:
    with talking(reply(407)) as refusing:
        url = refusing.url if fault == "it refuses" else f"http://127.0.0.1:{free_port()}"
        link = http.Link(Network(proxy=url, source="c.yaml"))
        with http.Client(SHORT, link=link) as client, pytest.raises(NoConnection) as caught:
            client.post("https://clr.example.org/", {}, b"{}", most=100)
    assert "proxy in the config file" in caught.value.fix
    assert "HTTPS_PROXY" not in caught.value.fix


@pytest.mark.parametrize("way", ["no file", "macOS and Windows"])
def test_stores_that_openssl_does_not_know_are_left_to_truststore(authority, monkeypatch, way):
    if way == "no file":
        nowhere = ssl.DefaultVerifyPaths(None, None, "A", "/no/a", "B", "/no/b")
        monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: nowhere)
    else:
        monkeypatch.setattr(sys, "platform", "win32")
    link = http.Link()
    assert isinstance(link.context(), truststore.SSLContext)
    # One such context makes one handshake after the other.
    assert link.context() is not link.context()
    with (
        talking(echo(), tls=authority.server()) as talker,
        pytest.raises(ClrctlError, match="not trusted"),
    ):
        reached(talker, Network())


def test_on_this_machine_without_tls_no_certificates_are_loaded(monkeypatch) -> None:
    monkeypatch.setattr(ssl, "create_default_context", lambda **_: pytest.fail("loaded"))
    with talking(echo()) as talker:
        assert reached(talker, Network())


# --- files that cannot be used ----------------------------------------------------------------


def bad(folder: Path, authority: Authority) -> dict[str, tuple[dict[str, str], str, str]]:
    """Return entries that cannot be used: the settings, what is said, and where."""
    good, other = authority.pair("good"), authority.pair("other")
    sealed = authority.pair("sealed", password=b"canary")
    (folder / "empty.pem").write_text("")
    (folder / "broken.key").write_text(
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    )
    (folder / "text.pem").write_text("canary")
    (folder / "folder").mkdir()
    certificate = {"client_cert": good.certificate.name}
    return {
        "no ca_file": ({"ca_file": "none.pem"}, "ca_file cannot be used", "none.pem"),
        "a text": ({"ca_file": "text.pem"}, "ca_file cannot be used", "text.pem"),
        "an empty file": ({"ca_file": "empty.pem"}, "ca_file cannot be used", "empty.pem"),
        "a folder": ({"ca_file": "folder"}, "ca_file cannot be used", "folder"),
        "no certificate": (
            {"client_cert": "none.pem", "client_key": good.key.name},
            "client_cert cannot be used",
            "none.pem",
        ),
        "no key": (
            {**certificate, "client_key": "none.key"},
            "client_key cannot be used",
            "none.key",
        ),
        "no key in the file": (certificate, "there is no client_key", "good.pem"),
        "no PEM": (
            {**certificate, "client_key": "text.pem"},
            "client_key cannot be used",
            "text.pem",
        ),
        "only a key": (
            {"client_cert": good.key.name},
            "client_cert cannot be used",
            "good.key",
        ),
        "a broken key": (
            {**certificate, "client_key": "broken.key"},
            "the client certificate cannot be used",
            "broken.key",
        ),
        "another key": (
            {**certificate, "client_key": other.key.name},
            "the client certificate and the key do not belong together",
            "good.pem",
        ),
        "a passphrase": (
            {"client_cert": sealed.certificate.name, "client_key": sealed.key.name},
            "the key of the client certificate is encrypted",
            "sealed.key",
        ),
    }


CASES = [
    "no ca_file",
    "a text",
    "an empty file",
    "a folder",
    "no certificate",
    "no key",
    "no key in the file",
    "no PEM",
    "only a key",
    "a broken key",
    "another key",
    "a passphrase",
]


@pytest.mark.parametrize("case", CASES)
def test_a_file_that_cannot_be_used_is_told_before_anything_is_looked_at(
    clrctl, home, authority, monkeypatch, case
) -> None:
    monkeypatch.setenv("CLRCTL_TOKEN", "a-token-for-tests")
    settings, what, where = bad(home, authority)[case]
    with talking(server, tls=authority.server()) as talker:
        configure(home, talker.url, **settings)
        done = clrctl("upsert", home / "no-such-input.json", "-e", "school")
    said = " ".join(done.err.split())
    assert done.code == 3
    assert what in said
    assert where in said
    assert "config.yaml" in said
    assert "why:" in said
    assert "fix:" in said
    assert "no-such-input" not in said
    assert "canary" not in said
    assert talker.seen == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_key_that_may_not_be_read_is_told(home, authority) -> None:
    pair = authority.pair("client")
    pair.key.chmod(0)
    with pytest.raises(InputError, match="client_key cannot be used"):
        http.Link(Network(client_cert=str(pair.certificate), client_key=str(pair.key)))


# --- the entry --------------------------------------------------------------------------------


URL = "https://clr.example.org"


def test_names_are_relative_to_the_folder_of_the_config_file(tmp_path) -> None:
    entry = {
        "url": URL,
        "ca_file": "ca.pem",
        "client_cert": "~/client.pem",
        "client_key": str(tmp_path / "elsewhere" / "client.key"),
        "proxy": "http://proxy.example.org:3128",
    }
    source = str(tmp_path / "config.yaml")
    assert endpoint_from_config("school", entry, None, source=source).network == Network(
        ca_file=str(tmp_path / "ca.pem"),
        client_cert=str(Path("~/client.pem").expanduser()),
        client_key=str(tmp_path / "elsewhere" / "client.key"),
        proxy="http://proxy.example.org:3128",
        source=source,
    )


BAD = [
    ({"client_key": "client.key"}, "there is a client_key without a client_cert"),
    ({"ca_file": ["a"]}, "ca_file has to be text"),
    ({"client_cert": ""}, "client_cert is empty"),
    ({"proxy": 3128}, "proxy has to be text"),
    ({"proxy": "proxy.example.org:3128"}, "this proxy cannot be used"),
    ({"proxy": "socks5://proxy.example.org:1080"}, "this proxy cannot be used"),
    ({"proxy": "http://proxy.example.org:x"}, "this proxy cannot be used"),
    ({"proxy": "http://"}, "this proxy cannot be used"),
    ({"proxy": "http://me:canary@proxy.example.org:3128"}, "this proxy cannot be used"),
    ({"client_crt": "a"}, "unknown setting client_crt"),
]


@pytest.mark.parametrize(("entry", "what"), BAD)
def test_a_bad_setting_is_refused_by_its_name(entry, what) -> None:
    with pytest.raises(UsageError) as caught:
        endpoint_from_config("school", {"url": URL, **entry}, None, source="config.yaml")
    error = caught.value
    assert error.what == what
    assert error.where.startswith("config.yaml: endpoints.school")
    assert error.fix
    assert "canary" not in " ".join((error.what, error.where, error.why, error.fix))
