"""From the tables of a school to records at an endpoint, by the commands an office would type."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.schooling import SAMPLE

Clrctl = Callable[..., Any]


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the sample, in the working directory, and a secret to build it with."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLRCTL_ID_SECRET", "for the tests alone, and for nobody's record")
    return Path(shutil.copytree(SAMPLE, "school"))


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_the_sample_builds_records_that_are_valid_under_both_rulesets(
    school: Path, clrctl: Clrctl
) -> None:
    done = clrctl("build", school, "-o", "out")

    assert (done.code, done.out) == (0, "")
    assert "built 3 records in out: 3 new" in done.err
    assert "skipped 1 row: 1 POSTED is empty (first school/grades.csv:11)" in done.err
    assert "school/students.csv: not in the mapping, and not used: HOMEROOM" in done.err
    checked = clrctl("validate", "out", "--ruleset", "standard", "--ruleset", "timeback", "--json")
    codes = {found["code"] for file in checked.json["files"] for found in file["findings"]}
    assert (checked.code, codes) == (0, {"proof/missing", "timeback/unlisted"})
    assert clrctl("fmt", "--check", "out").code == 0


def test_a_bad_row_stops_its_learner_alone_and_the_exit_code_tells(
    school: Path, clrctl: Clrctl
) -> None:
    change(school / "grades.csv", "0052350,0102,", "0052350,102,")

    done = clrctl("build", school, "-o", "out")

    assert done.code == 1
    assert sorted(file.name for file in Path("out").glob("*.json")) == [
        "0052114.clr.json",
        "0052207.clr.json",
    ]
    assert 'did you mean "0102"? leading zeros were lost' in done.err
    assert "built 2 records in out: 2 new, 1 not built" in done.err


def test_the_same_mistake_in_many_rows_is_told_once(school: Path, clrctl: Clrctl) -> None:
    text = (school / "grades.csv").read_text(encoding="utf-8")
    for year in ("2023", "2024", "2025", "2026"):
        text = text.replace(f"/{year},", f"-{year},").replace("/", "-")
    (school / "grades.csv").write_text(text, encoding="utf-8")

    done = clrctl("build", school, "-o", "out")

    # Some of the days fit one more format than the others.
    assert done.err.count("is not a date in") == 2
    assert '  and 8 more like this: "06-07-2024", "06-05-2026", "06-06-2025" (0052114, ' in done.err
    assert '  and 1 more like this: "01-17-2025" (0052207)' in done.err


def test_a_table_that_cannot_be_read_makes_no_record_a_lost_one(
    school: Path, clrctl: Clrctl
) -> None:
    clrctl("build", school, "-o", "out")
    (school / "students.csv").write_bytes("STUDENT_ID\n".encode("utf-16"))

    done = clrctl("build", school, "-o", "out")

    assert done.code == 1
    assert "the text is UTF-16" in done.err
    assert "gone" not in done.err


@pytest.fixture
def box(tmp_path_factory: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a sandbox that knows the token in the environment."""
    pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")
    from clrctl import sandbox

    now = datetime.now(UTC)
    with sandbox.start(tmp_path_factory.mktemp("box") / "box.db", check=lambda _: []) as running:
        running.store.add_token("token", now=now, expires=now + timedelta(hours=1))
        monkeypatch.setenv("CLRCTL_TOKEN", "token")
        yield running


def test_the_next_night_sends_what_changed_and_nothing_else(
    school: Path, clrctl: Clrctl, box: Any
) -> None:
    upload = ("upsert", "out", "--endpoint", box.url, "--json")
    clrctl("build", school, "-o", "out")
    first = clrctl(*upload)
    assert (first.code, first.json["summary"]["outcomes"]["created"]) == (0, 3)
    change(school / "grades.csv", ",B-,81,", ",B,84,")
    box.requests.clear()

    built = clrctl("build", school, "-o", "out", "--as-of", "2026-06-09")
    second = clrctl(*upload)

    assert "1 changed, 2 unchanged" in built.err
    assert second.code == 0, second.err
    assert second.json["summary"]["outcomes"] == {"updated": 1, "unchanged": 2}
    (sent,) = [seen for seen in box.requests if seen.method == "POST"]
    assert b'"value": "84"' in sent.body


@pytest.mark.parametrize(
    "surroundings",
    [
        {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "1"},
        {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "2", "LC_ALL": "tr_TR.UTF-8"},
    ],
)
def test_surroundings_do_not_change_a_byte(
    surroundings: dict[str, str], school: Path, clrctl: Clrctl
) -> None:
    clrctl("build", school, "-o", "here")

    subprocess.run(
        [sys.executable, "-m", "clrctl", "build", str(school), "-o", "there"],
        env=os.environ | surroundings,
        check=True,
        capture_output=True,
    )

    for file in Path("here").iterdir():
        assert (Path("there") / file.name).read_bytes() == file.read_bytes()


def test_a_workbook_is_built_by_its_sheets(school: Path, clrctl: Clrctl) -> None:
    openpyxl: Any = pytest.importorskip("openpyxl", reason="needs: pip install 'clrctl[xlsx]'")
    clrctl("build", school, "-o", "from-csv")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for table, name in (
        ("learners", "students"),
        ("achievements", "courses"),
        ("awards", "grades"),
        ("associations", "requirements"),
    ):
        sheet = book.create_sheet(table)
        for row in as_rows(school / f"{name}.csv"):
            sheet.append(row)
        (school / f"{name}.csv").unlink()
        change(school / "mapping.yaml", f"  file: {name}.csv\n", "")
    change(school / "mapping.yaml", "associations:\n", "")
    book.save(school / "export.xlsx")

    done = clrctl("build", school / "export.xlsx", "-o", "from-xlsx")

    assert done.code == 0, done.err
    for file in Path("from-csv").glob("*.clr.json"):
        assert (Path("from-xlsx") / file.name).read_bytes() == file.read_bytes()


def test_a_sheet_can_be_named_with_its_workbook(school: Path, clrctl: Clrctl) -> None:
    openpyxl: Any = pytest.importorskip("openpyxl", reason="needs: pip install 'clrctl[xlsx]'")
    book = openpyxl.Workbook()
    for title in ("Old", "Marks"):
        sheet = book.create_sheet(title)
        for row in as_rows(school / "grades.csv"):
            sheet.append([*row[:4], "ZZ", *row[5:]] if title == "Old" else row)
    book.save(school / "marks.xlsx")
    change(school / "mapping.yaml", "  file: grades.csv\n", "  file: marks.xlsx\n  sheet: Old\n")
    assert clrctl("build", school, "-o", "out").code == 1

    done = clrctl("build", school / "marks.xlsx[Marks]", "-o", "out")

    assert done.code == 0, done.err


def test_workbooks_without_a_mapping_are_told_what_to_do(school: Path, clrctl: Clrctl) -> None:
    openpyxl: Any = pytest.importorskip("openpyxl", reason="needs: pip install 'clrctl[xlsx]'")
    Path("books").mkdir()
    openpyxl.Workbook().save("books/all.xlsx")

    done = clrctl("build", "books", "-o", "out")

    assert done.code == 2
    assert "clrctl map books/all.xlsx -o books/mapping.yaml" in done.err


@pytest.mark.parametrize(
    ("source", "why", "fix"),
    [
        ("school", "there is no mapping.yaml", "clrctl map school/*.csv -o school/mapping.yaml"),
        ("school/grades.csv", "no mapping.yaml beside it", "clrctl map school/*.csv"),
        ("-", "a mapping alone says nothing of its tables", "name the folder they lie in"),
    ],
)
def test_tables_without_their_mapping_are_told_what_to_do(
    source: str, why: str, fix: str, school: Path, clrctl: Clrctl
) -> None:
    mapping = (school / "mapping.yaml").read_bytes()
    (school / "mapping.yaml").unlink()

    done = clrctl("build", source, "-o", "out", stdin=mapping)

    assert done.code == 2
    assert why in done.err
    assert fix in done.err


def test_one_table_of_several_is_told_where_the_others_are(school: Path, clrctl: Clrctl) -> None:
    done = clrctl("build", school / "grades.csv", "-o", "out")

    assert done.code == 2
    assert "fix:   name its folder: clrctl build school" in done.err


def as_rows(file: Path) -> Any:
    import csv

    with file.open(encoding="utf-8", newline="") as stream:
        yield from csv.reader(stream)
