"""Logins that are kept: where, for whom, how long, and their renewal."""

import os
import stat
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import orjson
import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl import sandbox
from clrctl.errors import AuthError, InputError, TemporaryError
from clrctl.sandbox.faults import kinds
from clrctl.sandbox.faults.kinds import FaultStep, FaultTarget
from clrctl.sending.auth import keyring, oauth, store
from clrctl.sending.auth.store import Cache, Login, Secrets
from clrctl.sending.endpoints.endpoint import Endpoint
from clrctl.util.lock import Lock
from clrctl.util.secret import Secret
from tests.browser import Browser
from tests.talker import free_port, reply, talking

SCHOOL = Endpoint(name="school", base="https://clr.example.org", source="test")
NOW = 1_800_000_000.0
LOGIN = Login(
    base=SCHOOL.base,
    how="authorization code",
    token_url="https://login.example.org/token",
    client_id="us",
    scope="upsert",
    obtained=NOW,
    expires=NOW + 3600,
)
SECRETS = Secrets(Secret("canary-access"), Secret("canary-refresh"), Secret("canary-client"))


@pytest.fixture(autouse=True)
def no_keyring(monkeypatch):
    """The developer's own keyring is left alone."""
    monkeypatch.setitem(sys.modules, "keyring", None)


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path)


def keep(cache, login=LOGIN, secrets=SECRETS):
    with cache.locked():
        return cache.keep(login, secrets)


def texts(secrets):
    given = (secrets.access, secrets.refresh, secrets.client)
    return [secret and secret.reveal() for secret in given]


# --- the file ---------------------------------------------------------------------------------


def test_what_is_kept_comes_back(cache, tmp_path):
    kept = keep(cache)
    assert Cache(tmp_path).logins() == [kept] == [LOGIN]
    assert texts(Cache(tmp_path).secrets(kept)) == texts(SECRETS)


def test_secrets_that_are_not_there_are_none(cache):
    assert texts(cache.secrets(keep(cache, secrets=Secrets(Secret("a"))))) == ["a", None, None]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps its permissions elsewhere")
def test_only_its_owner_can_read_the_file(cache, tmp_path):
    old = os.umask(0)
    try:
        keep(cache)
    finally:
        os.umask(old)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"tokens": 0o700, "logins.json": 0o600, "lock": 0o600}


def test_an_endpoint_has_one_login(cache):
    other = replace(LOGIN, base="https://other.example")
    keep(cache)
    keep(cache, other)
    keep(cache, replace(LOGIN, scope="new"))
    assert {(login.base, login.scope) for login in cache.logins()} == {
        (SCHOOL.base, "new"), (other.base, "upsert"),
    }  # fmt: skip
    with cache.locked():
        cache.remove(LOGIN)
    assert cache.logins() == [other]
    assert cache.secrets(LOGIN) is None


@pytest.mark.parametrize(
    "held",
    [
        b"",
        b"[]",
        b"{}",
        b'{"format": 2, "logins": []}',
        b'{"format": 1, "logins": [{"base": "canary-access"}]}',
        b'{"format": 1, "logins": ["canary-access"]}',
        b'"canary-access',
    ],
)
def test_a_file_of_another_kind_is_told_and_left_alone(cache, held):
    keep(cache)
    cache.path.write_bytes(held)
    for use in (cache.logins, lambda: keep(cache)):
        with pytest.raises(InputError, match="cannot read the kept logins") as caught:
            use()
        assert "delete that file" in caught.value.fix
        assert "canary" not in repr(vars(caught.value))
    assert cache.path.read_bytes() == held


def test_what_cannot_be_read_or_written_is_told(cache, tmp_path):
    keep(cache)
    cache.path.unlink()
    cache.path.mkdir()
    with pytest.raises(InputError, match="cannot read the kept logins"):
        cache.logins()
    cache.path.rmdir()
    with cache.locked():
        cache.path.mkdir()
        (cache.path / "x").touch()
        with pytest.raises(InputError):
            cache.keep(LOGIN, SECRETS)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot keep the login"):
        keep(Cache(tmp_path / "file"))


def test_a_full_disk_leaves_the_older_file(cache, monkeypatch):
    keep(cache)
    before = cache.path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="cannot keep the login") as caught:
        keep(cache, replace(LOGIN, scope="new"))
    assert "No space" in caught.value.why
    assert cache.path.read_bytes() == before


def test_another_process_that_does_not_let_go_is_named(cache, monkeypatch):
    keep(cache)
    monkeypatch.setattr(store, "_PATIENCE", 0.05)
    lock = Lock(cache.path.parent / "lock")
    try:
        with pytest.raises(TemporaryError, match="busy with the logins") as caught:
            keep(cache)
    finally:
        lock.release()
    assert str(os.getpid()) in caught.value.why
    keep(cache)


# --- whom a login is for ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "found"),
    [
        (SCHOOL, True),
        (replace(SCHOOL, name="other"), True),
        (replace(SCHOOL, token_url=LOGIN.token_url, client_id="us", scope="upsert"), True),
        (replace(SCHOOL, base="https://clr.example.org:8443"), False),
        (replace(SCHOOL, token_url="https://login.example.org/other"), False),
        (replace(SCHOOL, client_id="them"), False),
        (replace(SCHOOL, scope="read"), False),
    ],
)
def test_a_token_goes_to_its_own_endpoint_alone(cache, tmp_path, endpoint, found):
    keep(cache)
    token = store.lookup(endpoint, tmp_path, clock=lambda: NOW)
    assert (token is not None) is found
    assert (store.find(endpoint, tmp_path) is not None) is found
    if token:
        assert token.token.reveal() == "canary-access"
        assert token.source == "clrctl auth login (authorization code, until 2027-01-15T09:00:00Z)"


def test_without_a_login_nothing_is_made(tmp_path):
    assert store.lookup(SCHOOL, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_an_expired_login_says_what_to_do(cache, tmp_path):
    keep(cache)
    assert store.lookup(SCHOOL, tmp_path, clock=lambda: NOW + 3599)
    with pytest.raises(AuthError, match="the login at endpoint school has expired") as caught:
        store.lookup(SCHOOL, tmp_path, clock=lambda: NOW + 3600)
    assert caught.value.fix == "run clrctl auth login --endpoint school"


# --- renewal ----------------------------------------------------------------------------------


@pytest.fixture
def box(tmp_path):
    with sandbox.start(tmp_path / "box.db", check=lambda _: []) as running:
        yield running


@pytest.fixture
def signed_in(box, cache):
    """A login at the sandbox that is to be renewed after 45 minutes."""
    base = f"{box.url}/oauth2"
    browser = Browser()
    provider = oauth.Provider(f"{base}/authorize", box.token_url, f"{base}/register")
    client, found = oauth.sign_in(provider, None, "offline_access", browser)
    browser.close()
    box.requests.clear()
    login = replace(LOGIN, base=box.url, client_id=client.id, refresh_url=box.token_url)
    return keep(cache, login, Secrets(found.access, found.refresh, client.secret))


def at(box):
    return Endpoint(name="box", base=box.url, source="test")


def asked(box):
    return [seen.path for seen in box.requests]


def test_a_token_is_renewed_after_three_quarters_of_its_life(box, cache, signed_in, tmp_path):
    before = store.lookup(at(box), tmp_path, clock=lambda: NOW + 2699)
    assert asked(box) == []
    after = store.lookup(at(box), tmp_path, clock=lambda: NOW + 2700)
    assert before.token.reveal() != after.token.reveal()
    (login,) = cache.logins()
    assert (login.obtained, login.expires) == (NOW + 2700, NOW + 2700 + 3600)
    assert "2027-01-15T09:45:00Z" in after.source
    again = store.lookup(at(box), tmp_path, clock=lambda: NOW + 2701)
    assert again.token.reveal() == after.token.reveal()
    assert asked(box) == ["/oauth2/token"]


def test_each_refresh_token_is_used_once(box, signed_in, tmp_path):
    for passed in (3000, 6000, 9000):
        assert store.lookup(at(box), tmp_path, clock=lambda passed=passed: NOW + passed)
    assert len(asked(box)) == 3


def test_a_server_may_leave_the_refresh_token_as_it_is(cache, tmp_path):
    with talking(reply(200, '{"access_token": "new"}')) as server:
        keep(cache, replace(LOGIN, refresh_url=server.url))
        assert store.lookup(SCHOOL, tmp_path, clock=lambda: NOW + 3000).token.reveal() == "new"
    (login,) = cache.logins()
    assert texts(cache.secrets(login)) == ["new", "canary-refresh", "canary-client"]


@pytest.mark.parametrize("status", [400, 503])
def test_while_a_token_lives_a_failed_renewal_does_no_harm(cache, tmp_path, status):
    with talking(reply(status)) as server:
        keep(cache, replace(LOGIN, refresh_url=server.url))
        found = store.lookup(SCHOOL, tmp_path, clock=lambda: NOW + 3000)
        assert found.token.reveal() == "canary-access"
        error = AuthError if status == 400 else TemporaryError
        with pytest.raises(error) as caught:
            store.lookup(SCHOOL, tmp_path, clock=lambda: NOW + 3600)
    assert "canary" not in repr(vars(caught.value))


def test_a_login_that_ends_meanwhile_is_gone(box, cache, signed_in, tmp_path, monkeypatch):
    enter = Cache.locked

    def locked(self):
        monkeypatch.setattr(Cache, "locked", enter)
        with enter(self):
            self.remove(signed_in)
        return enter(self)

    monkeypatch.setattr(Cache, "locked", locked)
    assert store.lookup(at(box), tmp_path, clock=lambda: NOW + 3000) is None
    assert asked(box) == []


RENEW = """
import sys
from pathlib import Path
from clrctl.sending.auth import store as tokens
from clrctl.sending.endpoints.endpoint import Endpoint
print("ready", flush=True)
sys.stdin.readline()
endpoint = Endpoint(name="box", base=sys.argv[1], source="test")
found = tokens.lookup(endpoint, Path(sys.argv[2]), clock=lambda: float(sys.argv[3]))
print(found.token.reveal())
"""


def test_two_processes_renew_once(box, signed_in, tmp_path):
    # Long enough for the other to come while the first is asking.
    box.faults.add(FaultStep(kinds.Delay(seconds=0.5), on=FaultTarget.TOKEN))
    command = [sys.executable, "-c", RENEW, box.url, str(tmp_path), str(NOW + 3000)]
    both = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for one in both:
        assert one.stdout.readline() == "ready\n"
    for one in both:
        one.stdin.write("\n")
        one.stdin.flush()
    first, second = (one.communicate(timeout=30)[0] for one in both)
    assert [one.returncode for one in both] == [0, 0]
    assert first == second
    assert asked(box) == ["/oauth2/token"]


# --- the keyring ------------------------------------------------------------------------------


class Ring:
    """A keyring of the system, or what pretends to be one."""

    def __init__(self, module="keyring.backends.SecretService", *, fails=False):
        self.kept, self.fails = {}, fails
        self.__class__ = type("Ring", (Ring,), {"__module__": module})

    def _try(self):
        if self.fails:
            raise RuntimeError("locked, and here is canary-access")

    def set_password(self, service, name, secret):
        self._try()
        self.kept[service, name] = secret

    def get_password(self, service, name):
        self._try()
        return self.kept.get((service, name))

    def delete_password(self, service, name):
        self._try()
        del self.kept[service, name]


@pytest.fixture
def install(monkeypatch):
    def install(ring):
        monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_keyring=lambda: ring))
        return ring

    return install


@pytest.fixture
def hints(tmp_path):
    said = []
    return Cache(tmp_path, hint=said.append), said


def test_secrets_lie_in_the_keyring_where_there_is_one(install, hints, tmp_path):
    ring, (cache, said) = install(Ring()), hints
    kept = keep(cache)
    assert kept.in_keyring
    assert b"canary" not in cache.path.read_bytes()
    assert orjson.loads(ring.kept["clrctl", SCHOOL.base])["access"] == "canary-access"
    assert store.lookup(SCHOOL, tmp_path, clock=lambda: NOW).token.reveal() == "canary-access"
    with cache.locked():
        cache.remove(kept)
    assert (ring.kept, said) == ({}, [])


@pytest.mark.parametrize(
    "module",
    ["keyring.backends.fail", "keyring.backends.null", "keyrings.alt.file", "somewhere.else"],
)
def test_a_keyring_that_is_none_is_not_used(install, hints, module):
    ring, (cache, said) = install(Ring(module)), hints
    assert not keep(cache).in_keyring
    assert ring.kept == {}
    assert said == [f"{module} is no keyring of the system"]
    assert texts(cache.secrets(LOGIN)) == texts(SECRETS)


def test_a_chain_is_as_weak_as_its_weakest_link(install, hints):
    ring, (cache, _) = install(Ring("keyring.backends.chainer")), hints
    ring.backends = [Ring(), Ring("keyrings.alt.file")]
    assert not keep(cache).in_keyring
    ring.backends = [Ring(), Ring("keyring.backends.kwallet")]
    assert keep(cache).in_keyring


def test_a_keyring_that_fails_is_hinted_at_and_the_file_used(install, hints):
    _, (cache, said) = install(Ring(fails=True)), hints
    assert not keep(cache).in_keyring
    assert said == ["the keyring failed: RuntimeError"]


def test_what_a_failing_keyring_holds_counts_as_no_login(install, hints, tmp_path):
    ring, (cache, said) = install(Ring()), hints
    kept = keep(cache)
    ring.fails = True
    assert cache.secrets(kept) is None
    assert store.lookup(SCHOOL, tmp_path, clock=lambda: NOW) is None
    with cache.locked():
        cache.remove(kept)
    assert said == ["the keyring failed: RuntimeError"] * 2
    assert cache.logins() == []


def test_without_the_package_it_says_how_to_get_it(hints):
    cache, said = hints
    keep(cache)
    assert "pip install 'clrctl[keyring]'" in said[0]
    assert keyring.delete("x") == keyring.read("x")[1] == said[0]


def test_a_renewal_without_its_secrets_is_left_alone(install, cache, tmp_path):
    ring = install(Ring())
    keep(cache, replace(LOGIN, refresh_url=f"http://127.0.0.1:{free_port()}"))
    ring.kept.clear()
    assert store.lookup(SCHOOL, tmp_path, clock=lambda: NOW + 3000) is None
