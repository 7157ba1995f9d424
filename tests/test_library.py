"""The library at work: with executors, over process boundaries, and as its docstrings show it."""

from __future__ import annotations

import dataclasses
import doctest
import inspect
import io
import logging
import pickle
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import clrctl
from clrctl import api
from clrctl.building import run
from clrctl.building.output import Placed
from clrctl.document import parallel
from clrctl.proof.keys import files
from clrctl.proof.keys.secret import SecretKey
from clrctl.signing.binding import IssuerKey
from clrctl.util.secret import HandedOver, Secret

from .conftest import ROOT, Run

NOW = datetime(2026, 12, 1, tzinfo=UTC)
SECRET = "a secret for the tests, long enough"
SAMPLES = ROOT / "samples"
BROKEN = SAMPLES / "broken" / "date.order--validity.json"
TABLES = SAMPLES / "highschool-transcript"
FUNCTIONS = [
    value
    for name in clrctl.__all__
    if inspect.isfunction(value := getattr(clrctl, name)) and name != "__version__"
]


class Pickling:
    """An executor that does at once what it is given, but passes it on as processes would.

    Attributes:
        passed: all that crossed, as bytes.
    """

    def __init__(self) -> None:
        self.passed: list[bytes] = []

    def submit(self, work: Callable[..., Any], /, *given: Any) -> Future[Any]:
        there = pickle.dumps((work, given))
        other, values = pickle.loads(there)
        back = pickle.dumps(other(*values))
        self.passed += [there, back]
        done: Future[Any] = Future()
        done.set_result(pickle.loads(back))
        return done


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give work away from the first piece on."""
    monkeypatch.setattr(parallel, "ALONE", -1)
    monkeypatch.setattr(parallel, "TASK", 1)
    monkeypatch.setattr(run, "ALONE", 0)
    monkeypatch.setattr(run, "TASK", 1)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """Return a key file."""
    path = tmp_path / "issuer.jwk"
    made = SecretKey.of("Ed25519", bytes(range(32)))
    files.write_new(str(path), files.json_text(files.as_jwk(made, "")))
    return path


# --- the docstrings ---------------------------------------------------------------------------


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda one: one.__name__)
def test_the_example_of_a_docstring_runs(
    function: Any, tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "samples").symlink_to(SAMPLES)
    monkeypatch.chdir(tmp_path)
    names = {"clrctl": clrctl, "datetime": datetime, "UTC": UTC}
    (test,) = doctest.DocTestFinder(recurse=False).find(function, globs=names)
    if function.__name__ in ("write_records", "running_sandbox"):
        # They are shown with the functions that they are for.
        assert not test.examples
        return
    assert test.examples
    if "running_sandbox" in test.docstring:
        pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")
    failed = io.StringIO()
    result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=failed.write)
    assert result.failed == 0, failed.getvalue()


def test_every_function_is_called_by_names_but_for_what_it_is_about() -> None:
    for function in FUNCTIONS:
        parameters = inspect.signature(function).parameters.values()
        by_place = [one.name for one in parameters if one.kind is not one.KEYWORD_ONLY]
        assert len(by_place) <= 2, function.__name__
        assert by_place[0] in ("data", "inputs", "sources", "results", "database")


# --- what crosses a process boundary ----------------------------------------------------------


def results() -> Iterator[Any]:
    """Yield results of every function, errors too."""
    yield from clrctl.validate([SAMPLES / "broken", SAMPLES / "nowhere.json"])
    yield from clrctl.verify([SAMPLES / "signed", SAMPLES / "broken"], now=NOW)
    for source in (SAMPLES / "recipe.yaml", SAMPLES / "broken-tables"):
        yield from clrctl.build(source, now=NOW, id_secret=SECRET)
    yield clrctl.transcript(SAMPLES / "transcript.clr.json", now=NOW)
    yield clrctl.transcript(SAMPLES / "minimal.clr.json", now=NOW)


def same(one: Any, other: Any) -> bool:
    if isinstance(one, BaseException):
        return type(one) is type(other) and (one.args, vars(one)) == (other.args, vars(other))
    return bool(one == other)


def test_every_result_pickles_and_comes_back() -> None:
    kinds = set()
    for result in results():
        assert same(pickle.loads(pickle.dumps(result)), result)
        kinds.add(type(result).__name__)
    wanted = {"Report", "InputError", "Verdict", "Built", "NotBuilt", "Skipped", "Transcript"}
    assert wanted <= kinds


def test_the_results_of_signing_and_sending_pickle_too(key: Path, tmp_path: Path) -> None:
    pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")
    inputs = [SAMPLES / "transcript.clr.json", BROKEN]
    signed, refused = clrctl.sign(inputs, [key], created=NOW)
    assert isinstance(signed, clrctl.Signed)
    assert isinstance(refused, clrctl.NotSigned)
    again = pickle.loads(pickle.dumps(refused))
    assert (again.pointer, again.report, again.fix) == (
        "/validUntil", refused.report, refused.fix,
    )  # fmt: skip
    assert pickle.loads(pickle.dumps(signed)) == signed
    with clrctl.running_sandbox(tmp_path / "s.db") as box:
        sent = list(
            clrctl.upsert(
                [SAMPLES / "minimal.clr.json"],
                endpoint=box.endpoint,
                credentials=box.credentials,
                now=NOW,
            )
        )
    assert [one.outcome for one in sent] == ["created"]
    assert pickle.loads(pickle.dumps(sent)) == sent
    assert pickle.loads(pickle.dumps(box.endpoint)) == box.endpoint


def errors(kind: type[clrctl.ClrctlError]) -> Iterator[type[clrctl.ClrctlError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from errors(below)


def test_every_error_of_ours_pickles_whatever_it_is_made_of() -> None:
    import clrctl.cli.app
    import clrctl.cli.commands.derive
    import clrctl.sending.client.upsert
    import clrctl.showing.extract

    found = set(errors(clrctl.ClrctlError))
    assert len(found) > 15
    for kind in found:
        error = kind.__new__(kind, "what")
        clrctl.ClrctlError.__init__(error, "what", where="here", why="so", fix="this")
        error.of_its_own = 3  # type: ignore[attr-defined]
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is kind
        assert (str(again), vars(again)) == (str(error), vars(error))


# --- secrets ----------------------------------------------------------------------------------


def test_a_secret_does_not_pickle_unawares() -> None:
    secret = Secret("hush")
    handed = SecretKey.of("Ed25519", bytes(32))
    for one in (secret, handed, IssuerKey(handed), [secret], {"a": handed}):
        with pytest.raises(TypeError, match="handed_over"):
            pickle.dumps(one)
    assert pickle.loads(pickle.dumps(secret.handed_over())).taken().reveal() == "hush"
    there = pickle.loads(pickle.dumps(handed.handed_over())).taken()
    assert there.sign(b"data") == handed.sign(b"data")
    assert "hush" not in f"{secret} {secret.handed_over()!r} {secret.handed_over()}"


def test_secrets_cross_inside_of_what_shows_nothing(
    key: Path, eager: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    handed: list[str] = []
    make = HandedOver.__init__

    def watched(self: HandedOver, *given: Any) -> None:
        handed.append(repr(self))
        make(self, *given)

    monkeypatch.setattr(HandedOver, "__init__", watched)
    executor = Pickling()
    told = list(clrctl.build(TABLES, now=NOW, id_secret=SECRET, keys=[key], executor=executor))
    told += list(
        clrctl.sign([SAMPLES / "recipe.clr.json", TABLES], [key], created=NOW, executor=executor)
    )
    assert executor.passed
    assert set(handed) == {"HandedOver(...)"}
    secrets = [SECRET.encode(), b"PRIVATE KEY"]
    for secret in secrets:
        crossed = [one for one in executor.passed if secret in one]
        assert crossed, "it has to get there"
        assert all(b"HandedOver" in one for one in crossed)
    shown = f"{told!r} {caplog.text} {executor.passed[-1]!r}"
    assert not any(secret.decode() in shown for secret in secrets)


# --- executors --------------------------------------------------------------------------------


def plain(items: Any) -> list[Any]:
    """Return results as what can be compared: errors have no equality."""
    return [
        (type(one).__name__, str(one), vars(one)) if isinstance(one, BaseException) else one
        for one in items
    ]


CALLS: list[Callable[[Any, Path], Any]] = [
    lambda executor, _: clrctl.validate([SAMPLES], executor=executor),
    lambda executor, _: clrctl.verify([SAMPLES / "signed"], now=NOW, executor=executor),
    lambda executor, key: clrctl.sign([SAMPLES], [key], created=NOW, executor=executor),
    lambda executor, key: clrctl.build(
        [TABLES, SAMPLES / "recipe.yaml", SAMPLES / "broken-tables"],
        now=NOW,
        id_secret=SECRET,
        keys=[key],
        executor=executor,
    ),
]
NAMES = ["validate", "verify", "sign", "build"]


@pytest.mark.parametrize("call", CALLS, ids=NAMES)
def test_an_executor_gives_what_one_process_gives(call: Any, key: Path, eager: None) -> None:
    alone = plain(call(None, key))
    passing = Pickling()
    assert plain(call(passing, key)) == alone
    assert len(passing.passed) > 2
    with ProcessPoolExecutor(2) as executor:
        assert plain(call(executor, key)) == alone


def test_a_build_over_processes_writes_the_same_files(
    clrctl: Run, tmp_path: Path, eager: None, key: Path
) -> None:
    (tmp_path / "secret").write_text(SECRET)
    common = (TABLES, "--secret-file", tmp_path / "secret", "--sign", key, "--json")
    one = clrctl("build", *common, "-o", tmp_path / "one", "--jobs", "1")
    two = clrctl("build", *common, "-o", tmp_path / "two", "--jobs", "2")
    assert (one.code, two.code) == (0, 0)
    assert one.out == two.out.replace(str(tmp_path / "two"), str(tmp_path / "one"))
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_signing_over_processes_writes_the_same_files(
    clrctl: Run, tmp_path: Path, eager: None, key: Path
) -> None:
    for jobs in ("1", "2"):
        given = ("sign", SAMPLES, "-k", key, "--created", "2026-06-12T00:00:00Z", "--jobs", jobs)
        assert clrctl(*given, "-o", f"{tmp_path}/{jobs}/").code in (0, 1)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
    assert len(contents(tmp_path / "1")) > 3


def contents(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*.*")}


def test_the_script_of_the_readme_gives_the_files_of_the_commands(
    clrctl: Run, tmp_path: Path, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    script = re.findall(r"```python\n(.*?)```", text, re.S)[0]
    assert len(script.splitlines()) <= 25
    (tmp_path / "script.py").write_text(script)
    assert clrctl("new", "tables", "transcripts").code == 0
    done = subprocess.run(
        [sys.executable, "script.py"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("created urn:uuid:") == 2
    secret = ("--secret-file", "transcripts/id-secret")
    assert clrctl("build", "transcripts", "-o", "b", *secret).code == 0
    assert clrctl("sign", "b", "-k", key, "--created", "2026-06-12T00:00:00Z", "-o", "s/").code == 0
    assert contents(tmp_path / "records") == contents(tmp_path / "b")
    assert contents(tmp_path / "signed") == contents(tmp_path / "s")


# --- writing and sending ----------------------------------------------------------------------


def test_records_are_written_as_the_command_writes_them(clrctl: Run, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    given = ("build", TABLES, "--secret-file", tmp_path / "secret", "-o", tmp_path / "command")
    assert clrctl(*given).code == 0
    built = api.build(TABLES, now=NOW, id_secret=SECRET)
    placed = list(api.write_records(built, tmp_path / "library", id_secret=SECRET))
    assert {one.state for one in placed if isinstance(one, Placed)} == {"new"}
    assert contents(tmp_path / "command") == contents(tmp_path / "library")
    again = api.build(TABLES, now=NOW, id_secret=SECRET)
    placed = list(api.write_records(again, tmp_path / "library", id_secret=SECRET))
    assert {one.state for one in placed if isinstance(one, Placed)} == {"unchanged"}


def test_nothing_is_sent_while_an_input_has_errors(tmp_path: Path) -> None:
    inputs = [SAMPLES / "transcript.clr.json", BROKEN]
    given = {"endpoint": "http://127.0.0.1:9", "credentials": "token", "now": NOW}
    with pytest.raises(clrctl.NotSent, match="1 input cannot be") as caught:
        list(clrctl.upsert(inputs, **given))
    assert [len(report.errors) for report in caught.value.reports] == [1]
    assert "keep_going" in caught.value.fix
    assert same(pickle.loads(pickle.dumps(caught.value)), caught.value)


def test_what_is_good_is_sent_and_a_journal_remembers_it(tmp_path: Path) -> None:
    pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")
    inputs = [SAMPLES / "transcript.clr.json", BROKEN, b"{"]
    with clrctl.running_sandbox(tmp_path / "s.db") as box:
        for outcome in ("created", "unchanged"):
            for streaming in (False, True) if outcome == "unchanged" else (False,):
                upload = clrctl.upsert(
                    inputs,
                    endpoint=box.endpoint,
                    credentials=box.credentials,
                    now=NOW,
                    journal=tmp_path / "journal",
                    options=clrctl.UpsertOptions(keep_going=True, streaming=streaming),
                )
                told = list(upload)
                sent = [one for one in told if isinstance(one, clrctl.Delivery)]
                assert [one.outcome for one in sent] == [outcome]
                bad = [one for one in told if isinstance(one, clrctl.Report)]
                assert sorted(one.findings[0].code.partition("/")[0] for one in bad) == [
                    "date", "parse",
                ]  # fmt: skip


def test_a_frozen_result_cannot_be_changed() -> None:
    report = clrctl.validate(SAMPLES / "minimal.clr.json")
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.source = "x"  # type: ignore[misc]
