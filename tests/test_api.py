"""The library: what `import clrctl` promises to other programs."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

import clrctl

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 12, 1, tzinfo=UTC)
SAMPLE = ROOT / "samples" / "minimal.clr.json"
BROKEN = ROOT / "samples" / "broken" / "date.order--validity.json"
YAML = ROOT / "samples" / "workforce.clr.yaml"


def codes(report: clrctl.Report) -> list[str]:
    return [finding.code for finding in report]


def test_importing_it_loads_nothing_else() -> None:
    code = (
        "import sys; before = set(sys.modules); import clrctl; "
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "['clrctl', 'clrctl._version']\n"


def test_everything_it_lists_is_there_and_nothing_else_is_made_up() -> None:
    assert all(getattr(clrctl, name) for name in clrctl.__all__)
    with pytest.raises(AttributeError, match="no attribute 'upload'"):
        clrctl.upload  # noqa: B018
    from clrctl import errors

    assert clrctl.InputError is errors.InputError


@pytest.mark.parametrize("data", [str(BROKEN), BROKEN, BROKEN.read_bytes()], ids=type)
def test_a_path_and_bytes_give_findings_with_their_places(data: Any) -> None:
    report = clrctl.validate(data)

    (error,) = report.errors
    (warning,) = report.warnings
    assert (error.code, error.pointer, error.line, error.column) == (
        "date/order", "/validUntil", 17, 17,
    )  # fmt: skip
    assert error.message and error.fix and error.severity is clrctl.Severity.ERROR
    assert warning.code == "proof/missing"
    assert list(report) == [error, warning]
    assert len(report) == 2
    assert not report.ok
    assert report, "a report is true whatever it says"


def test_a_dict_is_checked_as_the_json_it_stands_for() -> None:
    data = orjson.loads(BROKEN.read_bytes())
    report = clrctl.validate(data)

    assert codes(report) == ["date/order", "proof/missing"]
    assert all(finding.line is None and finding.column is None for finding in report)
    data["partial"] = 2**60
    data["validUntil"] = float("nan")
    assert codes(clrctl.validate(data)) == ["parse/number", "parse/number"]


def test_yaml_is_read_by_its_suffix_and_by_its_look(tmp_path: Path) -> None:
    assert clrctl.validate(YAML).ok
    assert clrctl.validate(YAML.read_bytes()).ok
    flow = tmp_path / "like-json.yaml"
    flow.write_text("{type: [ClrCredential]}")
    assert "parse/json" in codes(clrctl.validate(flow.read_bytes()))
    assert "schema/required" in codes(clrctl.validate(flow))


def test_rulesets_ignored_codes_and_severities() -> None:
    strict = clrctl.validate(SAMPLE, severity={"proof/missing": "error"})
    assert (strict.ok, codes(strict)) == (False, ["proof/missing"])
    assert codes(clrctl.validate(SAMPLE, ignore=["proof/*"])) == []
    both = clrctl.validate(YAML, rulesets=["standard", "timeback"])
    assert "timeback/unlisted" in codes(both)
    assert "timeback/unlisted" not in codes(clrctl.validate(YAML))
    assert codes(clrctl.validate(SAMPLE, rulesets=[])) == ["proof/missing"]


def test_the_day_matters_only_when_it_is_given() -> None:
    data = orjson.loads(SAMPLE.read_bytes())
    data["validFrom"] = "2030-01-01T00:00:00Z"
    early = clrctl.validate(data, now=datetime(2029, 1, 1, tzinfo=UTC))
    late = clrctl.validate(data, now=datetime(2031, 1, 1, tzinfo=UTC))
    assert set(codes(early)) - set(codes(late))
    assert codes(clrctl.validate(data)) == codes(late)


@pytest.mark.parametrize("path", ["missing.json", ROOT, '{"type": []}', "a\0b", "x" * 5000])
def test_a_file_that_cannot_be_read_is_an_input_error(path: Any) -> None:
    with pytest.raises(clrctl.InputError, match="cannot be read") as caught:
        clrctl.validate(path)
    assert caught.value.where == str(path)
    assert caught.value.why
    assert "as bytes" in caught.value.fix


@pytest.mark.parametrize(
    "options",
    [
        {"rulesets": ["timebak"]},
        {"ignore": ["date/ordr"]},
        {"ignore": ["parse/json"]},
        {"severity": {"date/order": "warn"}},
        {"severity": {"date/ordr": "warning"}},
    ],
    ids=str,
)
def test_what_is_unknown_is_a_usage_error(options: dict[str, Any]) -> None:
    with pytest.raises(clrctl.UsageError):
        clrctl.validate(SAMPLE, **options)


@pytest.mark.parametrize("data", [None, 3, {"name": {1, 2}}, {"a": datetime(2026, 7, 1)}], ids=str)
def test_what_json_cannot_hold_is_a_type_error(data: Any) -> None:
    with pytest.raises(TypeError):
        clrctl.validate(data)


def test_a_moment_without_a_zone_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="time zone"):
        clrctl.validate(SAMPLE, now=datetime(2026, 1, 1))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: clrctl.validate(SAMPLE, now="2026-12-01"), "such as datetime.now(UTC), not str"),
        (lambda: clrctl.validate(SAMPLE, now=datetime(2026, 12, 1)), "not without one"),
        (lambda: clrctl.validate(io.BytesIO(b"{}")), "what its read() returns"),
        (lambda: clrctl.validate(SAMPLE, rulesets=3), "names are text or Path"),
        (lambda: clrctl.build({"recipe": 1}, now=NOW), "names are text or Path"),
        (lambda: clrctl.build(SAMPLE, now=NOW, id_secret=b"0" * 32), "id_secret has to be text"),
    ],
)
def test_an_argument_of_another_kind_is_a_type_error_that_says_what_is_wanted(
    call: Any, says: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(says)):
        call()


@pytest.mark.parametrize("secret", ["", "a", "0" * 15])
def test_a_secret_that_could_be_guessed_is_refused_as_on_the_command_line(secret: str) -> None:
    with pytest.raises(clrctl.UsageError, match="shorter than 16 characters: id_secret"):
        clrctl.build("samples/recipe.yaml", now=NOW, id_secret=secret)


def test_one_name_alone_is_a_list_of_one(tmp_path: Path) -> None:
    report = clrctl.validate(SAMPLE, rulesets="timeback", ignore="proof/*")
    assert report == clrctl.validate(SAMPLE, rulesets=["timeback"], ignore=["proof/*"])
    with clrctl.running_sandbox(tmp_path / "box.db") as box:
        access = {"endpoint": box.endpoint, "credentials": box.credentials, "now": NOW}
        (sent,) = clrctl.upsert(str(SAMPLE), **access)
    assert sent.outcome.value == "created"


def test_an_upload_is_gone_over_once_and_says_so(tmp_path: Path) -> None:
    with clrctl.running_sandbox(tmp_path / "box.db") as box:
        upload = clrctl.upsert(
            [SAMPLE], endpoint=box.endpoint, credentials=box.credentials, now=NOW
        )
        assert len(list(upload)) == 1
        with pytest.raises(clrctl.UsageError, match="this upload is over"):
            list(upload)


def test_an_error_names_its_file_in_its_text() -> None:
    with pytest.raises(clrctl.InputError, match=r"nowhere\.json: No such file"):
        clrctl.validate("nowhere.json")


def test_a_report_cannot_be_changed() -> None:
    report = clrctl.validate(SAMPLE)
    with pytest.raises(AttributeError):
        report.findings = ()  # type: ignore[misc]


def test_it_prints_nothing_and_looks_at_no_project_file_or_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".clrctl.yaml").write_text("nonsense: true")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLRCTL_CONFIG", os.fspath(tmp_path / "missing.yaml"))
    monkeypatch.setenv("CLRCTL_ENDPOINT", "nowhere")
    assert codes(clrctl.validate(SAMPLE)) == ["proof/missing"]
    assert capfd.readouterr() == ("", "")


def test_the_examples_of_the_readme_run(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(ROOT)
    told = []
    whole, *examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert "ProcessPoolExecutor" in whole, "it has a test of its own, in test_library"
    for example in examples:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(example, "README.md", "exec"), {})  # noqa: S102
        told.append(out.getvalue().splitlines())
    (first, last), (outcome, broken, *_) = told
    assert first.startswith("17:17 date/order /validUntil: ")
    assert last == "1 error"
    assert outcome == "invalid"
    assert broken.startswith("223:5 the eddsa-rdfc-2022 proof does not hold")


SIGNED = ROOT / "samples" / "signed"
TRUST = [SIGNED / "trust.yaml"]
THEN = datetime(2026, 7, 1, tzinfo=UTC)


def test_a_signed_file_is_verified_with_a_trust_file() -> None:
    verdict = clrctl.verify(SIGNED / "workforce.clr.json", trust=TRUST, now=THEN)
    assert verdict.ok
    assert verdict.outcome is clrctl.Outcome.VALID
    assert [each.kind for each in verdict.credentials][:2] == [
        "ClrCredential",
        "AchievementCredential",
    ]
    without = clrctl.verify(str(SIGNED / "workforce.clr.json"), now=THEN)
    assert without.outcome is clrctl.Outcome.UNDECIDED
    assert {check.reason for check in without.problems} == {"key-unknown"}


def test_bytes_and_dicts_are_verified_the_latter_without_places() -> None:
    raw = (SIGNED / "changed.clr.json").read_bytes()
    for data, line in ((raw, 223), (orjson.loads(raw), None)):
        verdict = clrctl.verify(data, trust=TRUST, now=THEN)
        first = verdict.problems[0]
        assert (first.outcome, first.reason, first.line) == ("invalid", "broken", line)


def test_what_is_no_credential_is_a_verdict_and_what_cannot_be_read_an_error() -> None:
    assert clrctl.verify(b"{", now=THEN).outcome is clrctl.Outcome.INVALID
    with pytest.raises(clrctl.InputError):
        clrctl.verify("missing.json", now=THEN)
    with pytest.raises(clrctl.InputError):
        clrctl.verify((ROOT / "samples" / "crest.png").read_bytes(), now=THEN)
    with pytest.raises(TypeError, match="zone"):
        clrctl.verify(b"{}", now=datetime(2026, 7, 1))


def test_a_context_can_be_given_by_file(tmp_path: Path) -> None:
    terms = tmp_path / "terms.json"
    terms.write_text('{"@context": {}}')
    verdict = clrctl.verify(SAMPLE, contexts={"https://x.example/": terms}, now=THEN)
    assert {check.reason for check in verdict.problems} == {"unsigned"}
