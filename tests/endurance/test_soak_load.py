"""A large upload through all kinds of trouble: all of it arrives, in little memory."""

import contextlib
import subprocess
from collections import Counter
from pathlib import Path

import orjson
import pytest

pytest.importorskip("starlette", reason="needs the extra: pip install 'clrctl[sandbox]'")

from clrctl.sandbox.faults import script
from tests.soaking import (
    TOKEN,
    Counting,
    assert_honest,
    assert_stored,
    credential,
    id_of,
    serving,
    started,
)

pytestmark = pytest.mark.slow

# Of 200 requests ten are struck.
TROUBLE = (
    "503/200,503/199:retry-after=0,429/193:retry-after=1,429/197:retry-after=0,reset/191,"
    "reset/181:commit=yes,close/179:commit=yes,500/173:commit=yes,truncate/167,502/163:body=html,"
    "200/157:body=html"
)


def lines(file, number):
    """Write credentials into one file, one a line; return their bytes by id."""
    records = {id_of(each): credential(each) for each in range(number)}
    file.write_bytes(b"".join(record + b"\n" for record in records.values()))
    return records


def peak(process):
    """Wait for a process to end; return its exit code and the most memory it had, in MB."""
    status, most = Path(f"/proc/{process.pid}/status"), 0
    while process.poll() is None:
        found = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        most = max([most, *(int(line.split()[1]) for line in found)])
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    return process.returncode, most / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells so easily")
@pytest.mark.parametrize(
    ("few", "many"), [(200, 2_000), pytest.param(1_000, 10_000, marks=pytest.mark.soak)]
)
def test_all_of_a_large_upload_arrives(clean_environment, tmp_path, monkeypatch, few, many):
    monkeypatch.setenv("CLRCTL_TOKEN", TOKEN)
    data, memory = clean_environment / "data", []
    for number in (few, many):
        faults = Counting(*script.read(TROUBLE))
        records = lines(tmp_path / f"{number}.ndjson", number)
        with serving(tmp_path / f"{number}.db", faults) as box:
            report = tmp_path / f"{number}.jsonl"
            flags = ["-e", box.url, "--connections", "16", "--report", report, "--keep-going"]
            code, most = peak(started("upsert", tmp_path / f"{number}.ndjson", *flags))
            assert code == 0
            assert_stored(box, records)
            assert assert_honest(data, box) == number
        rows = [orjson.loads(line) for line in report.read_bytes().splitlines()]
        assert {row["outcome"] for row in rows} == {"created", "updated"}
        assert Counter({row["id"]: row["attempts"] for row in rows}) == faults.seen
        assert faults.seen.total() <= 1.2 * number
        memory.append(most)
    print("memory, MB:", memory)  # noqa: T201 - shown by -rP
    print("requests:", faults.seen.total())  # noqa: T201 - shown by -rP
    assert memory[1] <= 1.2 * memory[0]
