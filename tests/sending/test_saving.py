"""The folder that takes what an endpoint returned."""

import stat
import sys
from pathlib import Path

import pytest

from clrctl.errors import InputError, UsageError
from clrctl.finding import Report
from clrctl.sending.saving import SavedFolder


def reports(*inputs):
    """Return a report for each input: a source, or a source and a line."""
    pairs = [item if isinstance(item, tuple) else (item, 1) for item in inputs]
    return [Report(source, first_line=line) for source, line in pairs]


def names(folder):
    return sorted(file.name for file in folder.iterdir())


NAMES = [
    # inputs, names
    (["a.json"], ["a.json"]),
    (["x/a.clr.json", "a.yaml", "b.yml"], ["a.clr.json", "a.json", "b.json"]),
    (["x/a.json", "y/A.json", "z/a.yaml"], ["a.json", "A-2.json", "a-3.json"]),
    (["-"], ["stdin.json"]),
    ([("-", 1), ("-", 3)], ["stdin-1.json", "stdin-3.json"]),
    ([("a.ndjson", 1)], ["a-1.json"]),
    ([("a.jsonl", 2), ("a.jsonl", 10)], ["a-2.json", "a-10.json"]),
    ([("a.ndjson", 2), ("a-2.json", 1)], ["a-2.json", "a-2-2.json"]),
    (["noend"], ["noend.json"]),
]


@pytest.mark.parametrize(("inputs", "expected"), NAMES)
def test_files_are_named_after_inputs_and_differ(tmp_path, inputs, expected):
    given = reports(*inputs)
    folder = SavedFolder(tmp_path / "new" / "signed", given)
    kept = [folder.keep(report, report.source.encode()) for report in given]
    assert kept == [tmp_path / "new" / "signed" / name for name in expected]
    assert [file.read_bytes() for file in kept] == [report.source.encode() for report in given]


def test_an_older_answer_is_replaced(tmp_path):
    (report,) = reports("a.json")
    folder = SavedFolder(tmp_path, [report])
    folder.keep(report, b"old")
    folder.keep(report, b"new")
    assert names(tmp_path) == ["a.json"]
    assert (tmp_path / "a.json").read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_others_cannot_read_what_is_kept(tmp_path):
    (report,) = reports("a.json")
    file = SavedFolder(tmp_path, [report]).keep(report, b"{}")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_answer_makes_no_file(tmp_path):
    (report,) = reports("a.json")
    assert SavedFolder(tmp_path, [report]).keep(report, b"") is None
    assert names(tmp_path) == []


def test_no_input_is_replaced_whichever_answer_would(tmp_path):
    (tmp_path / "a.json").write_text("input")
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    same, linked = str(tmp_path / "a.json"), str(tmp_path / "link" / "a.json")
    for inputs in ([same], [linked], ["elsewhere/a.yaml", same], [same, "elsewhere/b.json"]):
        with pytest.raises(UsageError, match="would replace an input") as caught:
            SavedFolder(tmp_path, reports(*inputs))
        assert Path(caught.value.where).name == "a.json"
    assert (tmp_path / "a.json").read_text() == "input"


def test_a_folder_that_cannot_be_written_is_told_beforehand(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write to the folder") as caught:
        SavedFolder(tmp_path / "file", [])
    assert caught.value.where == f"{tmp_path / 'file'} (--save)"


def test_a_full_disk_leaves_the_older_file_and_no_litter(tmp_path, monkeypatch):
    (report,) = reports("a.json")
    folder = SavedFolder(tmp_path, [report])
    folder.keep(report, b"old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InputError, match="cannot keep") as caught:
        folder.keep(report, b"new")
    assert caught.value.why == "No space left on device"
    assert names(tmp_path) == ["a.json"]
    assert (tmp_path / "a.json").read_bytes() == b"old"
