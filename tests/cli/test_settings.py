"""Settings: which source wins, what a config file may say, and secrets that stay secret."""

from __future__ import annotations

import copy
import io
import os
import pickle
import stat
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from clrctl.cli import app
from clrctl.cli.settings import Settings
from clrctl.errors import AuthError, ExitCode, InputError, UsageError
from clrctl.sending.auth.credentials import ClientCredentials, StaticToken
from clrctl.sending.endpoints.endpoint import BUILT_IN, Endpoint
from clrctl.sending.endpoints.habits import TIMEBACK
from clrctl.util.secret import Secret

CANARY = "canary-4e1d9a"
BUILT_IN_NAMES = [each.name for each in BUILT_IN]
Run = Callable[..., Any]

needs_modes = pytest.mark.skipif(os.name == "nt", reason="Windows has no file modes")


class World:
    """An environment and a config file of a test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config.yaml"
        self.warnings: list[str] = []

    def settings(self, config: str | bytes = "", **environ: str) -> Settings:
        self.config.write_bytes(config.encode() if isinstance(config, str) else config)
        return self.read({"CLRCTL_CONFIG": str(self.config), **environ})

    def read(self, environ: Mapping[str, str]) -> Settings:
        return Settings(environ, warn=self.warnings.append)

    def secret_file(self, content: bytes, *, mode: int = 0o600) -> Path:
        file = self.folder / "secret"
        file.write_bytes(content)
        file.chmod(mode)
        return file


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def told(error: Any) -> str:
    return " ".join((error.what, error.where, error.why, error.fix))


SCHOOL = "endpoints: {school: {url: https://clr.example.org}}\n"

# --- the endpoint --------------------------------------------------------------------------------


def test_a_flag_wins_over_the_environment_and_that_over_the_file(world: World) -> None:
    config = "endpoint: sandbox\n"
    in_file = world.settings(config)
    in_both = world.settings(config, CLRCTL_ENDPOINT="timeback")
    assert in_both.endpoint("timeback-staging").name == "timeback-staging"
    assert in_both.endpoint(None).name == "timeback"
    assert in_file.endpoint(None).name == "sandbox"


def test_every_choice_tells_its_source(world: World) -> None:
    settings = world.settings("endpoint: sandbox\n", CLRCTL_ENDPOINT="timeback")
    sources = {
        "--endpoint": settings.chosen("timeback-staging"),
        "CLRCTL_ENDPOINT": settings.chosen(None),
        str(world.config): world.settings("endpoint: sandbox\n").chosen(None),
    }
    for source, choice in sources.items():
        assert choice is not None
        assert choice.source == source


@pytest.mark.parametrize("config", ["", "endpoint: ''\n", SCHOOL])
def test_no_endpoint_is_ever_chosen_silently(world: World, config: str) -> None:
    settings = world.settings(config, CLRCTL_ENDPOINT="")
    assert settings.chosen(None) is None
    with pytest.raises(UsageError) as caught:
        settings.endpoint(None)
    assert caught.value.what == "no endpoint chosen"
    for endpoint in settings.endpoints():
        assert endpoint.name in caught.value.fix


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("timeback-stagin", "timeback-staging"), ("Sandbox", "sandbox"), ("schol", "school")],
)
def test_an_unknown_name_brings_the_nearest(world: World, typed: str, meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        world.settings(SCHOOL).endpoint(typed)
    assert typed in caught.value.what
    assert f"did you mean {meant}?" in caught.value.fix
    assert caught.value.where == "--endpoint"


def test_a_name_like_no_other_brings_all(world: World) -> None:
    with pytest.raises(UsageError) as caught:
        world.settings(SCHOOL, CLRCTL_ENDPOINT="clr.example.org").endpoint(None)
    assert caught.value.where == "CLRCTL_ENDPOINT"
    assert "did you mean" not in caught.value.fix
    assert f"known: {', '.join(BUILT_IN_NAMES)}, school" in caught.value.fix
    assert "https://" in caught.value.fix


def test_an_url_can_be_given_from_any_source(world: World) -> None:
    url = "https://clr.example.org/ims/clr/v2p0/"
    by_flag = world.settings().endpoint(url)
    by_file = world.settings(f"endpoint: {url}\n").endpoint(None)
    assert by_flag.base == by_file.base == "https://clr.example.org"
    assert (by_flag.source, by_file.source) == ("--endpoint", str(world.config))


def test_an_url_that_cannot_be_used_names_its_source(world: World) -> None:
    settings = world.settings(CLRCTL_ENDPOINT=f"https://me:{CANARY}@clr.example.org")
    with pytest.raises(UsageError) as caught:
        settings.endpoint(None)
    assert caught.value.where == "CLRCTL_ENDPOINT"
    assert CANARY not in told(caught.value)


# --- the config file -----------------------------------------------------------------------------


def test_endpoints_of_the_file_come_after_the_built_in_ones(world: World) -> None:
    settings = world.settings(SCHOOL + "endpoint: school\n")
    names = [endpoint.name for endpoint in settings.endpoints()]
    assert names == [*BUILT_IN_NAMES, "school"]
    assert settings.endpoint(None).base == "https://clr.example.org"
    assert settings.endpoint(None).source == str(world.config)


@pytest.mark.parametrize("config", ["", "\n# nothing yet\n", "{}\n", "\ufeffendpoints: {}\n"])
def test_an_empty_file_says_nothing(world: World, config: str) -> None:
    assert [each.name for each in world.settings(config).endpoints()] == BUILT_IN_NAMES


BAD_FILES = [
    # content, what is said, what is proposed
    ("- a\n", "has to hold settings", "such as"),
    ("just text\n", "has to hold settings", "such as"),
    ("endpoins: {}\n", "unknown setting endpoins", "did you mean endpoints?"),
    ("colour: {}\n", "unknown setting colour", "known: endpoint, endpoints"),
    ("endpoints: [a]\n", "endpoints has to map names to settings", "such as"),
    ("endpoints: null\n", "endpoints has to map names to settings", "such as"),
    ("endpoint: [a]\n", "endpoint has to be a name or an URL", ""),
    ("endpoint: 7\n", "endpoint has to be a name or an URL", ""),
    (f"token: {CANARY}\n", "token must not be in the config file", "token_file"),
    (f"endpoints: {{x: {{url: 'https://x.example', password: {CANARY}}}}}\n", "password", "token"),
    (f"endpoints: {{x: {{url: 'https://x.example', scop: {CANARY}}}}}\n", "scop", "scope?"),
]


@pytest.mark.parametrize(("config", "what", "fix"), BAD_FILES)
def test_a_bad_setting_is_named_and_its_value_is_not(
    world: World, config: str, what: str, fix: str
) -> None:
    with pytest.raises(UsageError) as caught:
        world.settings(config)
    assert what in caught.value.what
    assert fix in caught.value.fix
    assert str(world.config) in caught.value.where
    assert CANARY not in told(caught.value)


NOT_YAML = [
    f"token: '{CANARY}\n",
    f"endpoint: sandbox\n\t{CANARY}: x\n",
    f"{CANARY}: 1\n{CANARY}: 2\n",
    f"endpoint: &{CANARY} x\n",
    f"endpoint: *{CANARY}\n",
    f"endpoint: !{CANARY} x\n",
    f"endpoint: a: {CANARY}\n",
    f"endpoint: @{CANARY}\n",
    f'endpoint: "\\q{CANARY}"\n',
    f"endpoint: x\n---\n{CANARY}: x\n",
    f"%{CANARY}\n---\nx: y\n",
    f"endpoint: {CANARY}\xff\n".encode("latin-1"),
    "endpoint: 0123456789012345\n",
]


@pytest.mark.parametrize("config", NOT_YAML)
def test_a_file_that_cannot_be_parsed_is_not_quoted(world: World, config: str | bytes) -> None:
    with pytest.raises(UsageError) as caught:
        world.settings(config)
    assert caught.value.what == "the config file cannot be read as YAML"
    place = caught.value.where.removeprefix(f"{world.config}:")
    assert all(part.isdigit() for part in place.split(":"))
    shown = "".join(traceback.format_exception(caught.value)) + told(caught.value)
    assert CANARY not in shown
    assert "0123456789012345" not in shown


def test_a_config_file_that_was_named_has_to_exist(world: World) -> None:
    missing = world.folder / "missing.yaml"
    with pytest.raises(InputError) as caught:
        world.read({"CLRCTL_CONFIG": str(missing)})
    assert caught.value.where == f"{missing} (CLRCTL_CONFIG)"


def test_the_config_file_at_its_usual_place_may_be_missing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(world.folder / "xdg"))
    settings = world.read({})
    assert settings.config_path.name == "config.yaml"
    assert settings.config_path.parent.name == "clrctl"
    assert len(settings.endpoints()) == 3


def test_a_config_file_that_cannot_be_read_is_an_input_error(world: World) -> None:
    with pytest.raises(InputError) as caught:
        world.read({"CLRCTL_CONFIG": str(world.folder)})
    assert caught.value.where == str(world.folder)
    assert caught.value.why


def test_the_config_file_may_be_named_from_the_home(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(world.folder))
    monkeypatch.setenv("USERPROFILE", str(world.folder))
    world.config.write_text(SCHOOL)
    settings = world.read({"CLRCTL_CONFIG": "~/config.yaml"})
    assert settings.endpoint("school").base == "https://clr.example.org"


def test_the_data_folder_is_named_or_the_users_own(world: World) -> None:
    assert world.settings(CLRCTL_DATA="/somewhere").data_folder() == Path("/somewhere")
    assert world.settings().data_folder().name == "clrctl"


# --- where a token comes from --------------------------------------------------------------------

ALL_SOURCES = """
endpoints:
  school:
    url: https://clr.example.org
    token_url: https://login.example.org/token
    token_env: SCHOOL_TOKEN
    token_file: {folder}/of-endpoint
    client_id: us
"""


def test_the_sources_of_a_token_in_their_order(world: World) -> None:
    for name in ("of-flag", "of-variable", "of-endpoint"):
        (world.folder / name).write_text(f"token-{name}\n")
    environ = {
        "CLRCTL_TOKEN": "token-variable",
        "CLRCTL_TOKEN_FILE": str(world.folder / "of-variable"),
        "SCHOOL_TOKEN": "token-of-endpoints-variable",
        "CLRCTL_CLIENT_SECRET": "secret",
    }
    config = ALL_SOURCES.format(folder=world.folder)

    def first(flag: str | None = None) -> Any:
        settings = world.settings(config, **environ)
        return settings.credentials(settings.endpoint("school"), token_file=flag)

    found = [first(str(world.folder / "of-flag"))]
    for name in ("CLRCTL_TOKEN", "CLRCTL_TOKEN_FILE", "SCHOOL_TOKEN"):
        found.append(first())
        del environ[name]
    found.append(first())
    config = config.replace("token_file:", "client_secret_file:")
    assert [token.token.reveal() for token in found] == [
        "token-of-flag",
        "token-variable",
        "token-of-variable",
        "token-of-endpoints-variable",
        "token-of-endpoint",
    ]
    assert [token.source for token in found] == [
        f"{world.folder / 'of-flag'} (--token-file)",
        "CLRCTL_TOKEN",
        f"{world.folder / 'of-variable'} (CLRCTL_TOKEN_FILE)",
        "SCHOOL_TOKEN",
        f"{world.folder / 'of-endpoint'} (endpoint school)",
    ]
    assert isinstance(first(), ClientCredentials)


def test_without_any_source_the_error_says_what_to_set(world: World) -> None:
    settings = world.settings(CLRCTL_TOKEN="")
    with pytest.raises(AuthError) as caught:
        settings.credentials(settings.endpoint("timeback"))
    assert caught.value.exit_code is ExitCode.AUTH
    assert caught.value.what == "no token for endpoint timeback"
    for name in ("--token-file", "CLRCTL_TOKEN", "CLRCTL_CLIENT_ID", "CLRCTL_CLIENT_SECRET"):
        assert name in caught.value.fix


def test_the_sandbox_gets_its_public_credentials_and_never_a_real_token(world: World) -> None:
    settings = world.settings(CLRCTL_TOKEN=CANARY)
    found = settings.credentials(settings.endpoint("sandbox"), token_file="-")
    assert isinstance(found, ClientCredentials)
    assert found.client_secret.reveal() == "sandbox"
    assert found.token_url == "http://127.0.0.1:8765/oauth2/token"


def test_the_token_of_a_configured_endpoint_stays_with_it(world: World) -> None:
    config = SCHOOL.replace("}}", ", token_env: SCHOOL_TOKEN, token_file: /none}}")
    settings = world.settings(config, SCHOOL_TOKEN=CANARY)
    same_server = settings.endpoint("https://clr.example.org/")
    with pytest.raises(AuthError, match="no token for endpoint"):
        settings.credentials(same_server)


AS_EDITORS_SAVE = [
    b"token-1",
    b"token-1\n",
    b"token-1\r\n",
    b"\xef\xbb\xbftoken-1\r\n",
    "token-1\r\n".encode("utf-16"),
]


@pytest.mark.parametrize("content", AS_EDITORS_SAVE)
def test_what_editors_put_around_a_token_is_no_part_of_it(world: World, content: bytes) -> None:
    file = world.secret_file(content)
    settings = world.settings(CLRCTL_TOKEN_FILE=str(file))
    found = settings.credentials(settings.endpoint("timeback"))
    assert isinstance(found, StaticToken)
    assert found.token.reveal() == "token-1"


JUNK = [
    (b"", "empty"),
    (b"\n", "empty"),
    (f"Bearer {CANARY}".encode(), "blanks"),
    (f"{CANARY}\n\n".encode(), "blanks"),
    (f" {CANARY}".encode(), "blanks"),
    (f"{CANARY}\nX-Admin: 1".encode(), "blanks"),
    (f"{CANARY}\x00".encode(), "blanks"),
    (f"{CANARY}é".encode(), "blanks"),
    (CANARY.encode("utf-16-le"), "blanks"),
    (CANARY.encode() * 10_000, "longer than 64 KiB"),
]


@pytest.mark.parametrize(("content", "why"), JUNK, ids=range(len(JUNK)))
def test_what_no_header_can_carry_is_no_token(world: World, content: bytes, why: str) -> None:
    file = world.secret_file(content)
    settings = world.settings()
    endpoint = settings.endpoint("timeback")
    for arguments in ({"token_file": str(file)}, {"token_file": "-", "stdin": io.BytesIO(content)}):
        with pytest.raises(AuthError) as caught:
            settings.credentials(endpoint, **arguments)
        assert why in caught.value.why
        assert "Bearer" in caught.value.fix
        assert CANARY not in "".join(traceback.format_exception(caught.value)) + told(caught.value)


def test_a_byte_order_mark_before_the_secret_of_ids_is_named(world: World) -> None:
    file = world.secret_file(b"\xef\xbb\xbfa secret of some length\n")
    settings = world.settings()
    secret = settings.id_secret(str(file))
    assert secret is not None
    # Ids that were made with it stay as they are.
    assert secret.reveal() == "\ufeffa secret of some length"
    assert settings.passphrase(str(file), io.BytesIO()) is not None
    assert [text.partition(" (")[0] for text in world.warnings] == [str(file)] * 2
    assert all("begins with a byte order mark" in text for text in world.warnings)


def test_a_token_in_a_variable_is_held_to_the_same(world: World) -> None:
    settings = world.settings(CLRCTL_TOKEN=f"'{CANARY}' x")
    with pytest.raises(AuthError) as caught:
        settings.credentials(settings.endpoint("timeback"))
    assert caught.value.where == "CLRCTL_TOKEN"


def test_a_token_can_come_from_standard_input(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = world.settings(CLRCTL_TOKEN="another")
    endpoint = settings.endpoint("timeback")
    given = settings.credentials(endpoint, token_file="-", stdin=io.BytesIO(b"token-1\n"))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"token-2\n")))
    own = settings.credentials(endpoint, token_file="-")
    assert isinstance(given, StaticToken)
    assert isinstance(own, StaticToken)
    assert (given.token.reveal(), own.token.reveal()) == ("token-1", "token-2")
    assert given.source == "standard input (--token-file)"


def test_a_token_file_that_is_missing_is_an_input_error(world: World) -> None:
    settings = world.settings(CLRCTL_TOKEN_FILE=str(world.folder / "missing"))
    with pytest.raises(InputError) as caught:
        settings.credentials(settings.endpoint("timeback"))
    assert caught.value.where == f"{world.folder / 'missing'} (CLRCTL_TOKEN_FILE)"


@needs_modes
@pytest.mark.parametrize(
    ("mode", "warned"), [(0o600, 0), (0o400, 0), (0o640, 1), (0o604, 1), (0o644, 1)]
)
def test_a_token_file_that_others_can_read_brings_one_warning(
    world: World, mode: int, warned: int
) -> None:
    file = world.secret_file(CANARY.encode(), mode=mode)
    settings = world.settings(CLRCTL_TOKEN_FILE=str(file))
    for name in ("timeback", "timeback-staging", "timeback"):
        settings.credentials(settings.endpoint(name))
    assert len(world.warnings) == warned
    assert all(str(file) in text and "chmod 600" in text for text in world.warnings)
    assert CANARY not in "".join(world.warnings)


@needs_modes
def test_the_warning_reaches_standard_error(
    clrctl: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = world.secret_file(CANARY.encode(), mode=stat.S_IRUSR | stat.S_IROTH)
    monkeypatch.setenv("CLRCTL_TOKEN_FILE", str(file))
    result = clrctl("endpoints", "--json")
    assert f"warning: {file} (CLRCTL_TOKEN_FILE) can be read by other users" in result.err
    assert result.json["ok"]


# --- client credentials --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [("CLRCTL_CLIENT_ID", "CLRCTL_CLIENT_SECRET"), *TIMEBACK.sdk_variables],
    ids=lambda names: names[0],
)
def test_client_credentials_come_from_the_names_that_sdks_use(
    world: World, names: tuple[str, str]
) -> None:
    settings = world.settings(**{names[0]: "us", names[1]: CANARY})
    found = settings.credentials(settings.endpoint("timeback"))
    assert isinstance(found, ClientCredentials)
    assert (found.client_id, found.client_secret.reveal()) == ("us", CANARY)
    assert found.token_url == settings.endpoint("timeback").token_url
    assert found.source == f"client credentials ({names[0]}, {names[1]})"


def test_the_names_that_sdks_use() -> None:
    assert TIMEBACK.sdk_variables == (
        ("TIMEBACK_API_CLIENT_ID", "TIMEBACK_API_CLIENT_SECRET"),
        ("TIMEBACK_CLIENT_ID", "TIMEBACK_CLIENT_SECRET"),
        ("CLR_CLIENT_ID", "CLR_CLIENT_SECRET"),
    )


def test_our_own_names_win_over_those_of_sdks(world: World) -> None:
    settings = world.settings(
        CLR_CLIENT_ID="theirs",
        CLR_CLIENT_SECRET="theirs",
        CLRCTL_CLIENT_ID="ours",
        CLRCTL_CLIENT_SECRET="ours",
    )
    found = settings.credentials(settings.endpoint("timeback"))
    assert isinstance(found, ClientCredentials)
    assert (found.client_id, found.client_secret.reveal()) == ("ours", "ours")


def test_halves_of_two_accounts_are_never_put_together(world: World) -> None:
    settings = world.settings(TIMEBACK_CLIENT_ID="one", CLR_CLIENT_SECRET="other")
    with pytest.raises(AuthError, match="no token"):
        settings.credentials(settings.endpoint("timeback"))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("CLRCTL_CLIENT_ID", "a client id without a client secret"),
        ("CLRCTL_CLIENT_SECRET", "a client secret without a client id"),
    ],
)
def test_half_of_the_client_credentials_is_told(world: World, name: str, why: str) -> None:
    settings = world.settings(**{name: CANARY})
    with pytest.raises(AuthError) as caught:
        settings.credentials(settings.endpoint("timeback"))
    assert why in caught.value.why
    assert CANARY not in told(caught.value)


OF_ENDPOINT = """
endpoints:
  school:
    url: https://clr.example.org
    token_url: https://login.example.org/token
    scope: clr.upsert
    auth_style: body
    client_id: us
    client_secret_file: {file}
"""


def test_an_endpoint_can_bring_its_own_client_credentials(world: World) -> None:
    file = world.secret_file(b"secret-1\n")
    settings = world.settings(OF_ENDPOINT.format(file=file))
    found = settings.credentials(settings.endpoint("school"))
    assert isinstance(found, ClientCredentials)
    assert (found.client_id, found.client_secret.reveal()) == ("us", "secret-1")
    assert (found.scope, found.auth_style) == ("clr.upsert", "body")
    assert found.token_url == "https://login.example.org/token"
    assert str(file) in found.source


def test_variables_that_an_endpoint_names_win(world: World) -> None:
    config = OF_ENDPOINT + "    client_id_env: SCHOOL_ID\n    client_secret_env: SCHOOL_SECRET\n"
    settings = world.settings(
        config.format(file="/none"),
        SCHOOL_ID="from-variable",
        SCHOOL_SECRET="secret-2",
        CLRCTL_CLIENT_ID="general",
        CLRCTL_CLIENT_SECRET="general",
    )
    found = settings.credentials(settings.endpoint("school"))
    assert isinstance(found, ClientCredentials)
    assert (found.client_id, found.client_secret.reveal()) == ("from-variable", "secret-2")


def test_where_a_client_secret_goes_is_never_guessed(world: World) -> None:
    settings = world.settings(CLRCTL_CLIENT_ID="us", CLRCTL_CLIENT_SECRET=CANARY)
    with pytest.raises(AuthError) as caught:
        settings.credentials(settings.endpoint("https://clr.example.org/"))
    assert "has no token URL" in caught.value.what
    assert "token_url" in caught.value.fix
    assert CANARY not in told(caught.value)


# --- clrctl endpoints ----------------------------------------------------------------------------


@pytest.fixture
def configured(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give the program endpoints whose tokens come from everywhere."""
    file = world.secret_file(f"{CANARY}\n".encode())
    world.config.write_text(
        "endpoint: school\n"
        "endpoints:\n"
        "  school: {url: 'https://clr.example.org', token_env: SCHOOL_TOKEN}\n"
        f"  files: {{url: 'https://files.example.org', token_file: '{file.as_posix()}'}}\n"
        "  broken: {url: 'https://broken.example.org', token_file: /nowhere/token}\n"
        "  timeback: {client_id_env: T_ID, client_secret_env: T_SECRET}\n"
    )
    monkeypatch.setenv("CLRCTL_CONFIG", str(world.config))
    for name in ("SCHOOL_TOKEN", "T_ID", "T_SECRET"):
        monkeypatch.setenv(name, CANARY)
    return world


def test_endpoints_as_json(clrctl: Run, configured: World) -> None:
    result = clrctl("endpoints", "--json")
    assert result.code == 0
    assert result.json["ok"]
    rows = {row["name"]: row for row in result.json["endpoints"]}
    file = (configured.folder / "secret").as_posix()
    tokens = dict.fromkeys(BUILT_IN_NAMES, "none") | {
        "sandbox": "built in, public",
        "timeback": "client credentials (T_ID, T_SECRET)",
        "school": "SCHOOL_TOKEN",
        "files": f"{file} (endpoint files)",
        "broken": "unusable: cannot read the file of a secret (/nowhere/token (endpoint broken))",
    }
    assert {name: row["token"] for name, row in rows.items()} == tokens
    assert [name for name, row in rows.items() if row["chosen"]] == ["school"]
    assert rows["timeback"]["source"] == f"built in and {configured.config}"
    assert CANARY not in result.out + result.err


def test_endpoints_in_a_pipe(clrctl: Run, configured: World) -> None:
    result = clrctl("endpoints")
    lines = [line.split("\t") for line in result.out.splitlines()]
    assert [line[0] for line in lines][: len(BUILT_IN)] == BUILT_IN_NAMES
    assert lines[len(BUILT_IN)] == [
        "school",
        "https://clr.example.org",
        str(configured.config),
        "SCHOOL_TOKEN",
    ]
    assert f"config file: {configured.config}\n" in result.err
    assert f"chosen: school (by {configured.config})" in result.err
    assert CANARY not in result.out + result.err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_endpoints_on_a_terminal(configured: World, monkeypatch: pytest.MonkeyPatch) -> None:
    out, err = Terminal(), Terminal()
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setenv("COLUMNS", "80")
    assert app.run(["endpoints", "--color", "never"]) == 0
    lines = out.getvalue().splitlines()
    assert lines[0].split() == ["name", "url", "source", "token"]
    assert max(map(len, lines)) <= 80
    assert "SCHOOL_TOKEN" in out.getvalue()
    assert CANARY not in out.getvalue() + err.getvalue()


def test_without_a_choice_endpoints_says_how_to_make_one(
    clrctl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "name one with --endpoint or CLRCTL_ENDPOINT" in clrctl("endpoints").err
    monkeypatch.delenv("CLRCTL_CONFIG")
    assert "(not there yet)" in clrctl("endpoints").err


def test_a_bad_config_file_ends_every_command_with_2(clrctl: Run, clean_environment: Path) -> None:
    (clean_environment / "config.yaml").write_text(f"token: {CANARY}\n")
    for args in (["endpoints"], ["upsert", "x.json", "--endpoint", "sandbox"]):
        result = clrctl(*args, "--json")
        assert result.code == result.json["error"]["exit_code"] == 2
        assert CANARY not in result.out + result.err


def test_a_missing_token_ends_upsert_with_4(clrctl: Run) -> None:
    sample = Path(__file__).parents[2] / "samples" / "minimal.clr.json"
    result = clrctl("upsert", sample, "--endpoint", "timeback", "--dry-run")
    assert result.code == 4
    assert "error: no token for endpoint timeback" in result.err


# --- a secret ------------------------------------------------------------------------------------


def test_a_secret_shows_itself_to_nobody() -> None:
    secret = Secret(CANARY)
    token = StaticToken(secret, "CLRCTL_TOKEN")
    credentials = ClientCredentials("https://x.example", "us", secret, "", "basic", "test")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!s:>30}", f"{[secret]}"]
    shown += [repr(token), repr(credentials), str(secret.__reduce_ex__)]
    assert CANARY not in "".join(shown)
    assert secret.reveal() == CANARY


@pytest.mark.parametrize(
    "writer", [pickle.dumps, copy.deepcopy, copy.copy, lambda s: asdict(StaticToken(s, ""))]
)
def test_a_secret_cannot_be_written_out(writer: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError, match="a secret is not written out"):
        writer(Secret(CANARY))


def test_a_traceback_with_locals_hides_a_secret() -> None:
    def fail(secret: Secret, token: StaticToken) -> None:
        raise ValueError("x")

    given = Secret(CANARY)
    try:
        fail(given, StaticToken(given, "x"))
    except ValueError as error:
        report = traceback.TracebackException.from_exception(error, capture_locals=True)
    assert "secret = Secret(...)" in "".join(report.format())
    assert CANARY not in "".join(report.format())


def test_an_endpoint_has_room_for_no_secret() -> None:
    fields = set(Endpoint.__dataclass_fields__)
    assert {name for name in fields if "secret" in name or "token" in name} == {
        "token_url",
        "token_file",
        "token_env",
        "client_secret_env",
        "client_secret_file",
    }
