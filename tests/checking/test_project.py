"""The project file and the flags over it: what is found, merged and refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from clrctl.checking import project
from clrctl.checking.codes import all_codes
from clrctl.checking.project import Checks
from clrctl.errors import InputError, UsageError
from clrctl.finding import Finding, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING


@pytest.fixture
def folder(clean_environment: Path) -> Path:
    """A folder below the home folder, in no repository."""
    made = clean_environment / "work" / "records"
    made.mkdir(parents=True)
    return made


def resolved(folder: Path, text: str, **flags: list[str]) -> Checks:
    (folder / project.NAME).write_text(text, encoding="utf-8")
    return project.resolve(**flags, cwd=folder)


def refusal(folder: Path, text: str, **flags: list[str]) -> UsageError:
    with pytest.raises(UsageError) as caught:
        resolved(folder, text, **flags)
    return caught.value


def verdict(checks: Checks, code: str, own: Severity = ERROR) -> Severity | None:
    """Return what becomes of a finding that is an error by itself."""
    finding = checks.policy.judge(Finding(code, own, "", ""))
    return finding.severity if finding else None


def test_without_file_and_flags_everything_is_as_the_rules_have_it(folder: Path) -> None:
    checks = project.resolve(cwd=folder)

    assert (checks.rulesets, checks.strict, checks.source) == (("standard",), False, "")
    assert all(verdict(checks, entry.code, entry.severity) for entry in all_codes())


def test_the_file_says_what_is_ignored_regraded_and_checked(folder: Path) -> None:
    text = """
ignore: [proof/missing, date/*]
severity:
  association/dangling: error
  id/uri: warning
ruleset: [standard, timeback]
strict: true
"""
    checks = resolved(folder, text)

    assert verdict(checks, "proof/missing") is None
    assert verdict(checks, "date/order") is None
    assert verdict(checks, "association/dangling", WARNING) is ERROR
    assert verdict(checks, "id/uri") is WARNING
    assert verdict(checks, "id/duplicate") is ERROR
    assert (checks.rulesets, checks.strict) == (("standard", "timeback"), True)
    assert checks.source == str(folder / project.NAME)


FILE = "ignore: [date/order, id/*]\nseverity: {proof/missing: error}\nruleset: [timeback]\n"
MERGED = [
    # flags, code, what becomes of it
    ({"ignore": ["image/*"]}, "date/order", None),
    ({"severity": ["date/order=warning"]}, "date/order", WARNING),
    ({"severity": ["id/uri=error"]}, "id/uri", ERROR),
    ({"severity": ["id/uri=error"]}, "id/duplicate", None),
    ({"severity": ["id/*=warning"]}, "id/duplicate", WARNING),
    ({"ignore": ["proof/missing"]}, "proof/missing", None),
    ({"ignore": ["proof/*"], "severity": ["proof/missing=warning"]}, "proof/missing", WARNING),
    ({"severity": ["proof/missing=warning", "proof/*=error"]}, "proof/missing", WARNING),
]


@pytest.mark.parametrize(("flags", "code", "expected"), MERGED)
def test_flags_go_over_the_file_and_codes_over_areas(
    folder: Path, flags: dict[str, list[str]], code: str, expected: Severity | None
) -> None:
    assert verdict(resolved(folder, FILE, **flags), code) is expected


def test_rulesets_of_a_flag_take_the_place_of_those_in_the_file(folder: Path) -> None:
    assert resolved(folder, FILE).rulesets == ("timeback",)
    chosen = resolved(folder, FILE, ruleset=["standard", "standard"])
    assert chosen.rulesets == ("standard",)


def test_either_can_ask_to_be_strict(folder: Path) -> None:
    assert project.resolve(strict=True, cwd=folder).strict
    assert resolved(folder, "strict: true").strict
    assert not resolved(folder, "strict: false").strict


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}\n"])
def test_an_empty_file_changes_nothing(folder: Path, text: str) -> None:
    checks = resolved(folder, text)
    assert checks.rulesets == ("standard",)
    assert checks.source


def test_the_nearest_file_counts_and_the_search_ends_at_the_repository(folder: Path) -> None:
    home = folder.parent.parent
    (home / project.NAME).touch()
    assert project.find(folder) == home / project.NAME
    (folder.parent / project.NAME).touch()
    assert project.find(folder) == folder.parent / project.NAME
    (folder / ".git").mkdir()
    assert project.find(folder) is None
    (folder / project.NAME).touch()
    assert project.find(folder) == folder / project.NAME


def test_above_the_home_folder_and_outside_of_any_repository_others_have_no_say(
    folder: Path, tmp_path: Path
) -> None:
    (folder.parent.parent.parent / project.NAME).touch()
    assert project.find(folder) is None
    inner = tmp_path / "shared" / "mine"
    inner.mkdir(parents=True)
    (inner.parent / project.NAME).touch()
    assert project.find(inner) is None
    assert project.find(inner.parent) == inner.parent / project.NAME


REFUSED = [
    # text, what is said, where (line:column), part of the fix
    ("ignore: [proof/mising]", "there is no code proof/mising", "1:10", "proof/missing"),
    ("ignore: [prof/*]", "there is no code prof/*", "1:10", "proof/*"),
    ("ignore:\n  - nonsense", "there is no code nonsense", "2:5", "clrctl rules"),
    ("ignore: [parse/json]", "parse/json can be neither ignored nor regraded", "1:10", ""),
    ("ignore: [document/*]", "document/* can be neither ignored nor regraded", "1:10", ""),
    (
        "severity:\n  parse/*: warning",
        "parse/* can be neither ignored nor regraded",
        "2:3",
        "",
    ),
    ("severity: {id/uri: warn}", "there is no severity warn", "1:12", "did you mean warning?"),
    ("severity: {id/uri: none}", "there is no severity none", "1:12", "error, warning"),
    ("severity: {id/url: error}", "there is no code id/url", "1:12", "id/uri"),
    ("strict: true\nruleset: [timebak]", "there is no ruleset timebak", "2:11", "timeback"),
    ("ruleset: [x]", "there is no ruleset x", "1:11", "standard, timeback"),
    ("ignored: [id/uri]", "unknown setting ignored", "1:1", "did you mean ignore?"),
    ("x: 1", "unknown setting x", "1:1", "ignore, severity, ruleset, strict"),
    ("strict: true\ntoken: abc", "token must not be in a project file", "2:1", "config file"),
    ("endpoint: timeback", "endpoint must not be in a project file", "1:1", "config file"),
    ("ignore: id/uri", "ignore has to be a list, such as [...]", "1:1", "ignore: ["),
    ("ignore: [1]", "ignore holds something that is no name", "1:10", ""),
    ("severity: [id/uri]", "severity has to be a map from codes", "1:1", ""),
    ('strict: "yes"', "strict has to be true or false", "1:1", ""),
    ("- id/uri", "the project file has to hold settings", "1:1", "ignore: ["),
    ("ignore: [a\nb", "the project file cannot be read as YAML", "", ""),
    ("strict: true\nstrict: false", "the project file cannot be read as YAML", "2:1", ""),
]


@pytest.mark.parametrize(("text", "what", "place", "fix"), REFUSED)
def test_what_cannot_be_used_is_told_with_its_place_and_what_was_meant(
    folder: Path, text: str, what: str, place: str, fix: str
) -> None:
    error = refusal(folder, text)

    assert what in error.what
    assert error.where.startswith(f"{folder / project.NAME}:{place}")
    assert fix in error.fix


BAD_FLAGS = [
    ({"ignore": ["proof/mising"]}, "there is no code proof/mising", "--ignore", "proof/missing"),
    ({"ignore": ["parse/json"]}, "parse/json can be neither", "--ignore", ""),
    ({"severity": ["id/uri"]}, "id/uri names no severity", "--severity", "CODE=warning"),
    ({"severity": ["id/uri=eror"]}, "there is no severity eror", "--severity", "error"),
    ({"severity": ["id/url=error"]}, "there is no code id/url", "--severity", "id/uri"),
    ({"ruleset": ["standrd"]}, "there is no ruleset standrd", "--ruleset", "standard"),
]


@pytest.mark.parametrize(("flags", "what", "where", "fix"), BAD_FLAGS)
def test_a_wrong_flag_is_told_by_its_name(
    folder: Path, flags: dict[str, list[str]], what: str, where: str, fix: str
) -> None:
    error = refusal(folder, "", **flags)

    assert what in error.what
    assert error.where == where
    assert fix in error.fix


def test_a_file_that_vanishes_while_it_is_read_is_an_input_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project, "find", lambda cwd: cwd / "gone.yaml")
    with pytest.raises(InputError, match="cannot read the project file"):
        project.resolve(cwd=folder)
