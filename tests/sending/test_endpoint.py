"""The endpoints that can be named, and the URLs that may be given instead."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import pytest

from clrctl.errors import UsageError
from clrctl.sending.endpoints.endpoint import (
    BUILT_IN,
    RULESETS,
    Endpoint,
    checked_url,
    endpoint_from_config,
    endpoint_from_url,
)
from clrctl.sending.endpoints.habits import TIMEBACK

KNOWN = {endpoint.name: endpoint for endpoint in BUILT_IN}
TIMEBACKS = ("timeback-staging", "timeback")


def test_the_addresses_that_uploads_go_to() -> None:
    assert {name: KNOWN[name].credentials_url for name in ("sandbox", *TIMEBACKS)} == {
        "sandbox": "http://127.0.0.1:8765/ims/clr/v2p0/credentials/",
        "timeback-staging": "https://api.staging.alpha-1edtech.ai/ims/clr/v2p0/credentials/",
        "timeback": "https://api.alpha-1edtech.ai/ims/clr/v2p0/credentials/",
    }


def test_staging_and_production_share_no_server() -> None:
    staging, production = KNOWN["timeback-staging"], KNOWN["timeback"]
    assert staging.token_url.startswith("https://staging-beyond-timeback-api-2-idp.auth.")
    assert production.token_url.startswith("https://prod-beyond-timeback-api-2-idp.auth.")
    assert "staging" not in production.base + production.token_url


@pytest.mark.parametrize("name", ["sandbox", *TIMEBACKS])
def test_records_for_timeback_and_the_sandbox_pass_every_ruleset(name: str) -> None:
    assert KNOWN[name].rulesets == RULESETS


def test_built_in_endpoints_say_so() -> None:
    assert {endpoint.source for endpoint in BUILT_IN} == {"built in"}


def test_only_the_sandbox_has_credentials_that_everybody_may_know() -> None:
    assert [name for name, endpoint in KNOWN.items() if endpoint.public_credentials] == ["sandbox"]


ACCEPTED = [
    # what is given, the base it means
    ("https://clr.example.org", "https://clr.example.org"),
    ("https://clr.example.org/", "https://clr.example.org"),
    ("https://clr.example.org:8443", "https://clr.example.org:8443"),
    ("https://clr.example.org/ims/clr/v2p0", "https://clr.example.org"),
    ("https://clr.example.org/ims/clr/v2p0/", "https://clr.example.org"),
    ("https://clr.example.org/ims/clr/v2p0/credentials", "https://clr.example.org"),
    ("https://clr.example.org/ims/clr/v2p0/credentials/", "https://clr.example.org"),
    ("https://clr.example.org//ims/clr/v2p0/", "https://clr.example.org"),
    ("https://example.org/school/ims/clr/v2p0/", "https://example.org/school"),
    ("https://example.org/credentials/", "https://example.org/credentials"),
    ("https://[2001:db8::1]/", "https://[2001:db8::1]"),
    ("https://203.0.113.7", "https://203.0.113.7"),
    ("http://127.0.0.1:8765/", "http://127.0.0.1:8765"),
    ("http://127.8.4.2", "http://127.8.4.2"),
    ("http://[::1]:8765", "http://[::1]:8765"),
    ("http://localhost:8765/ims/clr/v2p0", "http://localhost:8765"),
    ("HTTP://LOCALHOST", "HTTP://LOCALHOST"),
]


@pytest.mark.parametrize(("url", "base"), ACCEPTED)
def test_an_url_may_go_on_to_the_api(url: str, base: str) -> None:
    endpoint = endpoint_from_url(url, source="--endpoint")
    assert endpoint.base == base
    assert endpoint.credentials_url == f"{base}/ims/clr/v2p0/credentials/"
    assert endpoint.source == "--endpoint"


def test_an_url_brings_no_token_settings_and_is_named_by_its_host() -> None:
    endpoint = endpoint_from_url("https://clr.example.org:8443/x", source="--endpoint")
    assert endpoint == Endpoint(
        name="clr.example.org:8443", base="https://clr.example.org:8443/x", source="--endpoint"
    )


REFUSED = [
    ("http://clr.example.org", "only https"),
    ("http://128.0.0.1", "only https"),
    ("http://10.0.0.1", "only https"),
    ("http://127.1", "only https"),
    ("http://localhost.example.org", "only https"),
    ("ftp://clr.example.org", "only https"),
    ("//clr.example.org", "only https"),
    ("https://canary:canary@clr.example.org", "user name or password"),
    ("https://canary@clr.example.org", "user name or password"),
    ("https://@clr.example.org", "user name or password"),
    ("https://127.0.0.1@evil.example", "user name or password"),
    ("https://clr.example.org/?token=canary", "a query"),
    ("https://clr.example.org/?", "a query"),
    ("https://clr.example.org/#canary", "a fragment"),
    ("https://clr.example.org#", "a fragment"),
    ("https://good.example\\@evil.example/", "programs read differently"),
    ("https://clr.example.org\\", "programs read differently"),
    ("https://clr.example.org/a b", "programs read differently"),
    (" https://clr.example.org", "programs read differently"),
    ("https://clr.example.org\n", "programs read differently"),
    ("https://clr.exa\tmple.org", "programs read differently"),
    ("https://clr.example.org/\x7f", "programs read differently"),
    ("https://clr.ex\u0430mple.org", "programs read differently"),
    ("https://clr\uff0eexample.org", "programs read differently"),
    ("https://clr.example.org/schüler", "programs read differently"),
    ("https://clr%2eexample.org", "neither a name nor an address"),
    ("https://clr..example.org", "neither a name nor an address"),
    ("https://<clr>/", "neither a name nor an address"),
    ("https://", "no URL with a host"),
    ("https:///ims/clr/v2p0", "no URL with a host"),
    ("https://:8443", "no URL with a host"),
    ("clr.example.org/ims", "no URL with a host"),
    ("/etc/passwd", "no URL with a host"),
    ("", "no URL with a host"),
    ("https://clr.example.org:0", "no URL with a host"),
    ("https://clr.example.org:99999", "host or port makes no sense"),
    ("https://clr.example.org:https", "host or port makes no sense"),
    ("https://clr.example.org:-1", "host or port makes no sense"),
    ("https://[::1", "host or port makes no sense"),
    ("https://[::g]/", "host or port makes no sense"),
]


@pytest.mark.parametrize(("url", "why"), REFUSED)
def test_an_url_that_could_lead_astray_is_refused(url: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked_url(url, where="--endpoint")
    error = caught.value
    assert why in error.why
    assert error.where == "--endpoint"
    assert "canary" not in " ".join((error.what, error.why, error.fix))


def test_an_entry_sets_everything_it_names() -> None:
    entry = {
        "url": "https://clr.example.org/ims/clr/v2p0/",
        "token_url": "https://login.example.org/token",
        "scope": "clr.upsert",
        "auth_style": "body",
        "token_file": "~/token",
        "token_env": "SCHOOL_TOKEN",
        "client_id": "us",
        "client_id_env": "SCHOOL_ID",
        "client_secret_env": "SCHOOL_SECRET",
        "client_secret_file": "~/secret",
        "rulesets": ["standard"],
        "confirm": True,
    }
    endpoint = endpoint_from_config("school", entry, None, source="config.yaml")
    assert endpoint == Endpoint(
        **{key: value for key, value in entry.items() if key not in ("url", "rulesets")},
        name="school",
        base="https://clr.example.org",
        source="config.yaml",
        habits=dataclasses.replace(TIMEBACK, rulesets=("standard",)),
    )


def test_an_entry_under_a_built_in_name_changes_only_what_it_names() -> None:
    entry = {"confirm": True, "token_file": "~/token"}
    known = KNOWN["timeback"]
    endpoint = endpoint_from_config("timeback", entry, known, source="config.yaml")
    assert (endpoint.confirm, endpoint.token_file) == (True, "~/token")
    assert (endpoint.base, endpoint.token_url) == (known.base, known.token_url)
    assert endpoint.rulesets == RULESETS
    assert endpoint.source == "built in and config.yaml"


BAD_ENTRIES = [
    # entry, what is said, what is proposed
    (None, "endpoint school has to hold settings", "url"),
    ([], "endpoint school has to hold settings", "url"),
    ({}, "endpoint school has no url", "add url"),
    (
        {"url": "https://x.example", "tokenfile": "canary"},
        "unknown setting tokenfile",
        "token_file?",
    ),
    ({"url": "https://x.example", "zzz": "canary"}, "unknown setting zzz", "known: url"),
    ({"url": 7}, "url has to be text", "quotes"),
    ({"url": "https://x.example", "scope": ["canary"]}, "scope has to be text", "quotes"),
    ({"url": "https://x.example", "token_env": None}, "token_env has to be text", "quotes"),
    ({"url": "https://x.example", "confirm": "yes"}, "confirm has to be true or false", ""),
    (
        {"url": "https://x.example", "auth_style": "canary"},
        "auth_style has to be basic or body",
        "",
    ),
    ({"url": "https://x.example", "rulesets": "standard"}, "rulesets has to be a list", ""),
    ({"url": "https://x.example", "rulesets": []}, "rulesets has to be a list", ""),
    ({"url": "https://x.example", "rulesets": ["canary"]}, "rulesets has to be a list", ""),
    ({"url": "https://x.example", "rulesets": [{}]}, "one or more of: standard, timeback", ""),
    ({"url": "http://x.example"}, "this URL cannot be used", "https://clr.example.org"),
    (
        {"url": "https://x.example", "token_url": "http://canary@x.example"},
        "this URL cannot be used",
        "https://clr.example.org",
    ),
]


@pytest.mark.parametrize(("entry", "what", "fix"), BAD_ENTRIES)
def test_a_bad_entry_is_refused_by_its_setting(entry: object, what: str, fix: str) -> None:
    with pytest.raises(UsageError) as caught:
        endpoint_from_config("school", entry, None, source="config.yaml")
    error = caught.value
    assert what in error.what
    assert fix in error.fix
    assert error.where.startswith("config.yaml: endpoints.school")
    assert "canary" not in " ".join((error.what, error.where, error.why, error.fix))


@pytest.mark.parametrize("key", ["token", "access_token", "client_secret", "secret", "password"])
def test_a_secret_does_not_belong_into_the_config_file(key: str) -> None:
    entry = {"url": "https://x.example", key: "canary"}
    with pytest.raises(UsageError) as caught:
        endpoint_from_config("school", entry, None, source="config.yaml")
    error = caught.value
    assert error.what == f"{key} must not be in the config file"
    assert "token_file" in error.fix
    assert "canary" not in " ".join((error.what, error.where, error.why, error.fix))


@pytest.mark.parametrize("name", ["", "a b", "https://x.example", "-x", "a\tb", "é", "a\x1b"])
def test_a_name_that_could_be_mistaken_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot name an endpoint"):
        endpoint_from_config(name, {"url": "https://x.example"}, None, source="config.yaml")


@pytest.mark.parametrize("key", ["url", "token_url"])
def test_the_server_of_a_built_in_endpoint_stays(key: str) -> None:
    with pytest.raises(UsageError, match="its server cannot be changed"):
        endpoint_from_config(
            "timeback", {key: "https://evil.example"}, KNOWN["timeback"], source="config.yaml"
        )


# --- habits -----------------------------------------------------------------------------------


def entered(**settings: object) -> Endpoint:
    entry = {"url": "https://clr.example.org", **settings}
    return endpoint_from_config("school", entry, None, source="config.yaml")


def test_an_entry_names_the_habits_of_its_platform() -> None:
    usual, standard = entered(), entered(habits="clr2")
    assert usual.credentials_url == "https://clr.example.org/ims/clr/v2p0/credentials/"
    assert usual.rulesets == ("standard", "timeback")
    assert standard.credentials_url == "https://clr.example.org/ims/clr/v2p0/credentials"
    assert standard.list_url == "https://clr.example.org/ims/clr/v2p0/credentials"
    assert standard.rulesets == ("standard",)
    assert standard.habits.sdk_variables == ()


def test_an_entry_changes_what_is_different_about_its_platform() -> None:
    endpoint = entered(
        habits="clr2",
        upsert_path="/api/clr/records/",
        list_path="/api/clr/records",
        discovery_path="/api/about",
        rulesets=["standard", "timeback"],
        signs=True,
    )
    assert endpoint.credentials_url == "https://clr.example.org/api/clr/records/"
    assert endpoint.list_url == "https://clr.example.org/api/clr/records"
    assert endpoint.discovery_urls == ("https://clr.example.org/api/about",)
    assert endpoint.rulesets == ("standard", "timeback")
    assert endpoint.habits.signs


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"habits": "timebak"}, "did you mean timeback? known: clr2, timeback, sandbox"),
        ({"habits": 3}, "put it in quotes"),
        ({"upsert_path": "credentials"}, "such as /ims/clr/v2p0/credentials"),
        ({"list_path": "https://elsewhere.example/x"}, "such as /ims"),
        ({"discovery_path": "/a?b=c"}, "such as /ims"),
        ({"upsert_paths": "/a"}, "did you mean upsert_path?"),
        ({"signs": "yes"}, ""),
    ],
    ids=str,
)
def test_habits_that_make_no_sense_are_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        entered(**settings)
    assert said in caught.value.fix
    assert "school" in caught.value.where


def test_no_other_module_knows_a_platform_by_name() -> None:
    """What is particular about one stands in the table of habits, or is a ruleset."""
    import clrctl

    package = Path(clrctl.__file__).parent
    knows = {
        str(file.relative_to(package))
        for file in package.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in ("timeback", "clr2", "TIMEBACK")
    }
    assert knows == {
        "sending/endpoints/endpoint.py",  # the address of the platform
        "sending/endpoints/habits.py",
        # The ruleset of that name: where it is defined, and where records are held to it.
        "checking/rules/registry.py",
        "checking/rules/timeback.py",
        "building/run.py",
        "building/wrap/judging.py",
        "cli/options.py",
        "cli/output/upgrades.py",
        "sending/own_sandbox.py",
    }
