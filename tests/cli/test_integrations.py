"""Shells, pre-commit and GitHub Actions: what other programs run or read of this one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from clrctl.cli import options

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "validate" / "action.yml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"
README = (ROOT / "README.md").read_text(encoding="utf-8")
BASH = shutil.which("bash")
needs_bash = pytest.mark.skipif(BASH is None or os.name == "nt", reason="needs a POSIX bash")


def program(*args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, "-m", "clrctl", *args],
        env=environ, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip


def bash(line: str) -> set[str]:
    words = line.split(" ")
    done = program(
        _CLRCTL_COMPLETE="complete_bash",
        COMP_WORDS="\n".join(words),
        COMP_CWORD=str(len(words) - 1),
    )
    return set(done.stdout.splitlines())


def zsh(line: str) -> set[str]:
    done = program(_CLRCTL_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS=line)
    return {
        found.replace("\\\\:", ":") for found in re.findall(r'^[^"]*"([^"]+)"', done.stdout, re.M)
    }


def fish(line: str) -> set[str]:
    done = program(
        _CLRCTL_COMPLETE="complete_fish",
        _TYPER_COMPLETE_FISH_ACTION="get-args",
        _TYPER_COMPLETE_ARGS=line,
    )
    return {found.partition("\t")[0] for found in done.stdout.splitlines()}


COMPLETED = [
    # what is typed, all that is offered
    ("clrctl schema e", {"export"}),
    ("clrctl rules date/o", {"date/order"}),
    ("clrctl rules --format m", {"markdown"}),
    ("clrctl upsert --endpoint timeback-", {"timeback-staging"}),
]


@pytest.mark.parametrize("shell", [bash, zsh, fish])
@pytest.mark.parametrize(("line", "offered"), COMPLETED)
def test_a_shell_is_offered_what_can_be_typed(shell: Any, line: str, offered: set[str]) -> None:
    assert shell(line) == offered


def test_endpoints_of_the_config_file_are_offered(
    clean_environment: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    config = clean_environment / "config.yaml"
    config.write_text("endpoints: {school: {url: https://clr.school.example.edu}}")
    assert list(options.complete_endpoint("sch")) == [("school", "https://clr.school.example.edu")]
    config.write_text("endpoints: [broken]")
    built_in = ["sandbox", "timeback-staging", "timeback"]
    assert [name for name, _ in options.complete_endpoint("")] == built_in
    assert capfd.readouterr() == ("", ""), "a shell shows no errors in the middle of a line"


def test_schemas_are_offered_with_their_titles() -> None:
    assert list(options.complete_schema("clr/p")) == [("clr/profile", "Profile")]


def test_codes_are_offered_with_what_they_ask() -> None:
    assert list(options.complete_code("date/or")) == [
        ("date/order", "A period ends after it begins")
    ]
    ignored = dict(options.complete_ignored("da"))
    assert {"date/*", "date/order"} <= set(ignored)
    assert list(options.complete_ignored("parse/")) == []
    assert "date/order=warning" in dict(options.complete_severity("date/"))
    assert "proof/missing=error" in dict(options.complete_severity("proof/m"))
    assert list(options.complete_severity("document/")) == []


def test_the_hook_takes_the_files_it_promises() -> None:
    (hook,) = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    takes = re.compile(hook["files"])

    assert (hook["id"], hook["language"]) == ("clrctl-validate", "python")
    assert hook["entry"].split()[:1] == ["clrctl"]
    assert program(*hook["entry"].split()[1:], "samples/minimal.clr.json").returncode == 0
    for name in ("a.clr.json", "b/c.clr.yaml", "d.clr.yml"):
        assert takes.search(name)
    for name in ("clr.json", "a.clr.json.bak", "package.json", "a.clr.yaml.j2"):
        assert not takes.search(name)
    assert f"- id: {hook['id']}" in README


def action() -> Any:
    return yaml.safe_load(ACTION.read_text(encoding="utf-8"))


def step(name: str) -> Any:
    (found,) = (one for one in action()["runs"]["steps"] if one.get("name") == name)
    return found


def test_the_action_is_composite_and_its_inputs_are_used_and_described() -> None:
    read = action()
    text = ACTION.read_text(encoding="utf-8")

    assert read["runs"]["using"] == "composite"
    assert all(one.get("shell") == "bash" for one in read["runs"]["steps"] if "run" in one)
    for name, told in read["inputs"].items():
        assert told["description"]
        assert f"${{{{ inputs.{name} }}}}" in text
        assert f"          {name}: " in README
    for one in read["runs"]["steps"]:
        assert "${{" not in one.get("run", ""), "inputs reach the shell as variables only"


def run_step(name: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a step's script as GitHub does."""
    assert BASH
    return subprocess.run(
        [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", step(name)["run"]],
        env={**os.environ, "RUNNER_TEMP": str(folder), **variables},
        capture_output=True, text=True, check=False, cwd=folder,
    )  # fmt: skip


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{BASH}\n{text}\n")
    path.chmod(0o755)


@needs_bash
@pytest.mark.parametrize("scripts", ["bin", "Scripts"])
def test_the_action_installs_the_package_it_came_with(tmp_path: Path, scripts: str) -> None:
    """With a Python that only notes how it is called."""
    made = tmp_path / "clrctl" / scripts / "python"
    script(made, 'printf "%s\\n" "$@" > called.txt')
    script(tmp_path / "python", '[ "$*" = "-m venv $RUNNER_TEMP/clrctl" ]')
    place = ROOT / ".github" / "actions" / "validate"
    done = run_step("Install clrctl", tmp_path, PYTHON=str(tmp_path / "python"), ACTION=str(place))

    assert (done.returncode, done.stderr) == (0, "")
    *_, target = (tmp_path / "called.txt").read_text().splitlines()
    assert (Path(target) / "pyproject.toml").resolve() == ROOT / "pyproject.toml"


@needs_bash
@pytest.mark.parametrize("scripts", ["bin", "Scripts"])
def test_the_action_runs_validate_on_its_inputs(tmp_path: Path, scripts: str) -> None:
    python = f'PYTHONPATH={ROOT} exec {sys.executable} -m clrctl "$@"'
    script(tmp_path / "clrctl" / scripts / "clrctl", python)
    for place in ("one record", "drafts"):
        (tmp_path / place).mkdir()
        shutil.copy(ROOT / "samples" / "minimal.clr.json", tmp_path / place / "a.clr.json")

    def run(paths: str, ruleset: str = "", args: str = "") -> subprocess.CompletedProcess[str]:
        return run_step("Validate", tmp_path, PATHS=paths, RULESET=ruleset, ARGS=args)

    default = run(action()["inputs"]["paths"]["default"])
    assert default.returncode == 0, default.stderr
    assert sorted(re.findall(r"file=([^,]*),", default.stdout)) == [
        "drafts/a.clr.json", "one record/a.clr.json",
    ]  # fmt: skip
    one = run("one record\n\ndrafts/*.json\n", "standard timeback", "--strict --color never")
    assert one.returncode == 1
    assert set(re.findall(r"::warning file=([^,]*),", one.stdout)) == {
        "drafts/a.clr.json", "one record/a.clr.json",
    }  # fmt: skip
    assert "title=proof/missing" in one.stdout
    assert "title=timeback/unlisted" in one.stdout
    assert run("drafts", "unheard").returncode == 2
    assert run("no-such-folder").returncode == 3
