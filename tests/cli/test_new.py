"""Files to start from: they build as they are, and nothing of the user's is lost for them."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Clrctl = Callable[..., Any]
RULESETS = ("--ruleset", "standard", "--ruleset", "timeback")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown(result: Any) -> list[str]:
    """Return the words of the command that is said to come next."""
    (line,) = [one for one in result.err.splitlines() if one.startswith("next: clrctl ")]
    return line.removeprefix("next: clrctl ").split()


@pytest.mark.parametrize(
    ("kind", "built"),
    [
        ("recipe", ["record.clr.json"]),
        ("tables", ["out/0000001.clr.json", "out/0000002.clr.json"]),
    ],
)
def test_what_is_started_builds_as_it_is_and_is_valid(
    kind: str, built: list[str], clrctl: Clrctl
) -> None:
    started = clrctl("new", kind)

    assert started.code == 0, started.err
    done = clrctl(*shown(started))
    assert (done.code, "warning" in done.err) == (0, False), done.err
    checked = clrctl("validate", *built, *RULESETS, "--ignore", "proof/missing", "--json").json
    findings = [found["code"] for file in checked["files"] for found in file["findings"]]
    assert set(findings) <= {"timeback/unlisted"}


def test_a_started_credential_is_valid_and_of_a_record_of_its_own(clrctl: Clrctl) -> None:
    first, second = clrctl("new", "credential"), clrctl("new", "credential", "-")

    assert clrctl(*shown(first)).code == 0
    assert clrctl("validate", "-", stdin=second.out.encode()).code == 0
    assert Path("record.clr.yaml").read_text(encoding="utf-8") != second.out


def test_comments_name_the_files_as_they_are_called(clrctl: Clrctl) -> None:
    clrctl("new", "recipe", "a/wren.yaml")
    clrctl("new", "tables", "b/school")

    assert "clrctl build wren.yaml " in Path("a/wren.yaml").read_text(encoding="utf-8")
    assert "clrctl build b/school " in Path("b/school/mapping.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["recipe", "tables"])
def test_the_secret_is_new_for_its_owner_alone_and_ignored_by_git(
    kind: str, clrctl: Clrctl
) -> None:
    clrctl("new", kind, "one/x")
    clrctl("new", kind, "two/x")

    first, second = (next(Path(top).rglob("id-secret")) for top in ("one", "two"))
    assert len(first.read_text().strip()) == 64
    assert first.read_text() != second.read_text()
    if sys.platform != "win32":
        assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert "id-secret" in (first.parent / ".gitignore").read_text().splitlines()


def test_nothing_is_replaced_unasked(clrctl: Clrctl) -> None:
    Path("school").mkdir()
    Path("school/awards.csv").write_text("mine")

    refused = clrctl("new", "tables", "school")

    assert refused.code == 3
    assert "where: school/awards.csv" in refused.err
    assert "add --force to replace them" in refused.err
    assert [file.name for file in Path("school").iterdir()] == ["awards.csv"]


def test_even_by_force_the_secret_and_what_git_ignores_stay(clrctl: Clrctl) -> None:
    Path("school").mkdir()
    for name in ("awards.csv", "id-secret", ".gitignore"):
        (Path("school") / name).write_text("mine")

    done = clrctl("new", "tables", "school", "--force")

    assert done.code == 0
    assert "school/id-secret is there already, and stays as it is" in done.err
    assert Path("school/id-secret").read_text() == Path("school/.gitignore").read_text() == "mine"
    assert Path("school/awards.csv").read_text() != "mine"


def test_the_paths_are_the_answer(clrctl: Clrctl) -> None:
    done = clrctl("new", "tables", "school", "--quiet")

    assert done.out.splitlines()[0] == "school/mapping.yaml"
    assert all(Path(line).is_file() for line in done.out.splitlines())
    assert done.err == ""


def test_a_recipe_can_go_to_a_pipe(clrctl: Clrctl, here: Path) -> None:
    done = clrctl("new", "recipe", "-")

    assert done.out.startswith("# A record (CLR) of one learner.")
    assert list(here.iterdir()) == []


def test_json_cannot_hold_the_comments(clrctl: Clrctl) -> None:
    refused = clrctl("new", "credential", "record.clr.json")

    assert refused.code == 2
    assert "fix:   name it record.clr.yaml" in refused.err


def test_a_secret_is_for_its_owner_alone_and_never_replaced(clrctl: Clrctl) -> None:
    done = clrctl("new", "secret")

    assert done.out == "id-secret\n"
    assert "--secret-file id-secret" in done.err
    secret = Path("id-secret")
    text = secret.read_text()
    assert len(text.strip()) == 64
    assert secret.stat().st_mode & 0o077 == 0
    refused = clrctl("new", "secret")
    assert refused.code == 3
    assert "a secret is never replaced" in refused.err
    assert secret.read_text() == text
    assert clrctl("new", "secret", "-").out.strip() != text.strip()
