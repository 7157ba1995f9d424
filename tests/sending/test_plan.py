"""`clrctl plan`: what an upload would send, told from the journal and without a request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from clrctl.document.members import identity
from clrctl.sending import fingerprint
from clrctl.sending.journal.entry import digest
from clrctl.sending.journal.journal import Journal
from clrctl.sending.outcome import UploadOutcome
from tests.conftest import ROOT, SAMPLES

BASE = "https://clr.example.org"
TARGET = ("--endpoint", BASE)
NESTED = "/credentialSubject/verifiableCredential/0"
Run = Callable[..., Any]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    copied = tmp_path / "one.json"
    copied.write_bytes((SAMPLES / "minimal.clr.json").read_bytes())
    return copied


@pytest.fixture
def data_folder(clean_environment: Path) -> Path:
    return clean_environment / "data"


def send(
    data_folder: Path, file: Path, outcome: UploadOutcome = UploadOutcome.CREATED, detail: str = ""
) -> None:
    """Note in the journal what an upload would note."""
    body = file.read_bytes()
    data = orjson.loads(body)
    key, version = identity(data), digest(body)
    with Journal.open(data_folder, base=BASE, client="", clock=lambda: 1.7e9) as journal:
        journal.pending([(key, version, str(file), data["validFrom"])])
        journal.begin(key, version, 1.7e9)
        print_ = fingerprint.of(data)
        journal.finish(key, version, outcome, detail=detail, fingerprint=print_)


def edit(file: Path, change: Callable[[Any], None]) -> None:
    data = orjson.loads(file.read_bytes())
    change(data)
    file.write_bytes(orjson.dumps(data))


def rename(data: Any) -> None:
    data["name"] = "Another name"


def reissue(data: Any) -> None:
    rename(data)
    data["validFrom"] = "2026-07-01T00:00:00Z"


def test_without_a_journal_everything_is_new(clrctl: Run, file: Path, data_folder: Path) -> None:
    result = clrctl("plan", file, *TARGET)
    assert result.code == 0
    assert result.out.splitlines() == [
        f"new        {file}  urn:uuid:0d8f4a3e-5b1c-4e67-9a42-7c1f2b3d4e01"
    ]
    assert "nothing was sent to endpoint clr.example.org from here: everything is new" in result.err
    assert "1 new; 1 credential would be sent to endpoint clr.example.org" in result.err
    assert not data_folder.exists()


def test_what_was_stored_is_unchanged_however_it_is_laid_out(
    clrctl: Run, file: Path, data_folder: Path
) -> None:
    send(data_folder, file)
    edit(file, lambda data: data.update(sorted(data.items())))
    result = clrctl("plan", file, *TARGET, "--exit-code")
    assert result.code == 0
    assert result.out.split()[0] == "unchanged"
    assert "0 credentials would be sent" in result.err
    assert "before" not in result.err


def test_what_changed_is_named_and_the_stale_date_warned_of(
    clrctl: Run, file: Path, data_folder: Path
) -> None:
    send(data_folder, file)
    edit(file, rename)
    result = clrctl("plan", file, *TARGET)
    assert result.code == 0
    first, differs, warning = result.out.splitlines()
    assert first.startswith("changed ")
    assert differs == "  differs: /name"
    assert warning.startswith("  warning plan/valid-from /validFrom ")
    assert "2026-06-12T17:00:00Z" in warning
    assert "raise validFrom" in warning


def test_a_later_date_is_not_warned_of(clrctl: Run, file: Path, data_folder: Path) -> None:
    send(data_folder, file)
    edit(file, reissue)
    result = clrctl("plan", file, *TARGET)
    assert "differs: /name" in result.out
    assert "differs: /validFrom" in result.out
    assert "warning" not in result.out


def test_going_back_to_an_earlier_date_is_warned_of(
    clrctl: Run, file: Path, data_folder: Path
) -> None:
    before = file.read_bytes()
    edit(file, reissue)
    send(data_folder, file)
    file.write_bytes(before)
    assert "plan/valid-from" in clrctl("plan", file, *TARGET).out


def test_many_changes_are_cut_short_unless_all_are_wanted(
    clrctl: Run, file: Path, data_folder: Path
) -> None:
    send(data_folder, file)

    def much(data: Any) -> None:
        reissue(data)
        (nested,) = data["credentialSubject"]["verifiableCredential"]
        data["description"] = nested["name"] = nested["description"] = "Other"
        nested["credentialSubject"]["achievement"]["name"] = "Other"

    edit(file, much)
    short, whole = clrctl("plan", file, *TARGET), clrctl("plan", file, *TARGET, "-v")
    assert short.out.count("differs") == 5
    assert "  and 1 more (-v shows all)" in short.out
    assert whole.out.count("differs") == 6
    assert f"differs: {NESTED}/credentialSubject/achievement/name" in whole.out


DOUBTS = [
    (UploadOutcome.UNCONFIRMED, "in doubt", "what became of it is not known"),
    (UploadOutcome.REFUSED, "new", "refused on 2023-11-14: HTTP 422"),
    (UploadOutcome.FAILED, "new", "failed on 2023-11-14: HTTP 422"),
]


@pytest.mark.parametrize(("outcome", "state", "detail"), DOUBTS)
def test_what_did_not_work_is_told_with_its_reason(
    clrctl: Run, file: Path, data_folder: Path, outcome: UploadOutcome, state: str, detail: str
) -> None:
    send(data_folder, file, outcome, detail="HTTP 422")
    result = clrctl("plan", file, *TARGET, "--exit-code")
    assert result.code == 1
    assert result.out.startswith(f"{state} ")
    assert detail in result.out
    assert "differs" not in result.out


def test_a_run_that_was_killed_leaves_its_requests_in_doubt(
    clrctl: Run, file: Path, data_folder: Path
) -> None:
    send(data_folder, file)
    body = file.read_bytes()
    with Journal.open(data_folder, base=BASE, client="") as journal:
        journal.begin(identity(orjson.loads(body)), digest(body), 2e9)
    assert clrctl("plan", file, *TARGET).out.startswith("in doubt ")


def test_what_is_stored_but_failed_when_sent_again_is_in_doubt(
    clrctl: Run, file: Path, data_folder: Path
) -> None:
    send(data_folder, file)
    send(data_folder, file, UploadOutcome.FAILED)
    assert clrctl("plan", file, *TARGET).out.startswith("in doubt ")


def test_another_endpoint_knows_nothing_of_it(clrctl: Run, file: Path, data_folder: Path) -> None:
    send(data_folder, file)
    result = clrctl("plan", file, "--endpoint", "https://other.example.org")
    assert result.out.startswith("new ")


def test_the_exit_code_tells_only_when_asked(clrctl: Run, file: Path) -> None:
    assert clrctl("plan", file, *TARGET).code == 0
    assert clrctl("plan", file, *TARGET, "--exit-code").code == 1


def test_the_json_form_has_the_plan_of_each_file(
    clrctl: Run, file: Path, data_folder: Path, tmp_path: Path
) -> None:
    send(data_folder, file)
    edit(file, rename)
    other = tmp_path / "two.json"
    other.write_bytes(file.read_bytes().replace(b"4e01", b"4e02"))
    report = clrctl("plan", file, other, *TARGET, "--json").json
    assert report["ok"] is True
    assert report["endpoint"]["url"] == f"{BASE}/ims/clr/v2p0/credentials/"
    assert report["summary"]["plan"] == {"new": 1, "changed": 1, "unchanged": 0, "in doubt": 0}
    changed, new = (each["plan"] for each in report["files"])
    assert (changed["state"], changed["pointers"]) == ("changed", ["/name"])
    assert changed["warning"]["code"] == "plan/valid-from"
    assert (new["state"], new["pointers"], new["warning"]) == ("new", [], None)


def test_errors_are_shown_in_the_place_of_a_plan(clrctl: Run, file: Path) -> None:
    broken = ROOT / "samples" / "broken" / "id.uri.json"
    result = clrctl("plan", file, broken, "missing.json", *TARGET)
    assert result.code == 1
    assert "id/uri" in result.out
    assert "new " not in result.out
    assert "missing.json" in result.err
    assert "nothing would be sent" in result.err
    report = clrctl("plan", file, broken, *TARGET, "--json")
    assert (report.code, report.json["ok"]) == (1, False)
    assert [each["plan"] for each in report.json["files"]] == [None, None]


def test_a_damaged_journal_is_told(clrctl: Run, file: Path, data_folder: Path) -> None:
    send(data_folder, file)
    (journal,) = (data_folder / "journal").glob("*.db")
    journal.write_bytes(b"rubbish" * 1000)
    result = clrctl("plan", file, *TARGET)
    assert result.code == 3
    assert "the journal is damaged" in result.err


def test_one_is_planned_for_an_endpoint_that_is_named(clrctl: Run, file: Path) -> None:
    assert clrctl("plan", file).code == 2


def test_an_input_is_read_again_as_it_was_asked_to_be(clrctl: Run, tmp_path: Path) -> None:
    odd = tmp_path / "record.txt"
    line = orjson.dumps(orjson.loads((SAMPLES / "minimal.clr.json").read_bytes()))
    odd.write_bytes(line + b"\n")
    flags = ("-e", "sandbox", "--input-format", "ndjson")
    assert clrctl("upsert", odd, *flags).code == 0
    odd.write_bytes(line.replace(b"Course record", b"Record of courses") + b"\n")
    result = clrctl("plan", odd, *flags)
    assert (result.code, result.err.count("error")) == (0, 0)
    assert "/name" in result.out
